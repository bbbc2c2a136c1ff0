//! `callboard check`: everything that can be found out before the daemon starts.

use crate::{
    cli::{Check, Exit},
    command::Terminal,
    config::{Config, RoomConfig},
    site,
    system_clock::SystemClock,
};
use exchange_wire::{
    Reply,
    ews::{
        Mailbox,
        get_folder::{self, Folder},
        server_version::{self, ServerVersion},
    },
};
use meeting_model::{clock::Clock, zone::ZoneDatabase};
use std::{collections::BTreeMap, io};
use subscriber::Subscriber;
use sync_engine::{
    NextStep, Scope,
    next_step::{self, Verdict},
};

/// Tells what is wrong on this machine, then signs in to every server and opens every room's calendar. Changes nothing.
///
/// # Errors
/// Where it cannot be written.
pub fn run(
    asked: &Check,
    config: &Config,
    zones: &ZoneDatabase,
    terminal: &mut Terminal<'_>,
) -> anyhow::Result<Exit> {
    let (rooms, servers) = (count(config.rooms.len(), "room"), count(config.servers.len(), "server"));
    writeln!(terminal.out, "configuration: no mistakes; {rooms} on {servers}")?;
    writeln!(terminal.out, "time zones: rules of {}", zones.release().unwrap_or("an unknown release"))?;
    for warning in &site::warnings(config, zones, SystemClock::start().now().wall) {
        let about = warning.about.as_ref().map(|about| format!(" ({about})")).unwrap_or_default();
        writeln!(terminal.out, "warning: {}{about}: {}; {}", warning.id, warning.sentence, warning.remedy)?;
    }
    let mut wrong = 0;
    if config.state_dir.exists() && !config.state_dir.is_dir() {
        wrong += 1;
        let path = config.state_dir.display();
        writeln!(
            terminal.out,
            "wrong: `state_dir` `{path}`: expected a directory, found a file; name another"
        )?;
    }
    for (about, secret) in config.secrets() {
        if let Err(error) = secret.read() {
            wrong += 1;
            writeln!(terminal.out, "wrong: {about}: {:#}", anyhow::Error::new(error))?;
        }
    }
    if wrong == 0 && !asked.offline {
        wrong = ask_exchange(config, terminal)?;
    }
    Ok(if wrong == 0 { Exit::Done } else { Exit::Failed })
}

/// Opens every room's calendar, one after the other. A server that fails as a whole is not asked for its other rooms: with
/// a wrong password each attempt would count towards a lock-out.
fn ask_exchange(config: &Config, terminal: &mut Terminal<'_>) -> anyhow::Result<usize> {
    let runtime = super::runtime()?;
    let subscriber = site::subscriber(config)?;
    let mut failed = BTreeMap::new();
    let mut wrong = 0;
    for room in &config.rooms {
        if let Some(first) = failed.get(&room.server) {
            wrong += 1;
            writeln!(
                terminal.out,
                "wrong: room `{}`: not asked, as its server `{}` failed for room `{first}`",
                room.id, room.server
            )?;
            continue;
        }
        match runtime.block_on(open(config, &subscriber, room)) {
            Ok(sentence) => writeln!(terminal.out, "{sentence}")?,
            Err(verdict) => {
                wrong += 1;
                writeln!(terminal.out, "wrong: {}", next_step::of_room(&room.id, &verdict.sentence))?;
                if verdict.scope == Scope::Server {
                    failed.insert(room.server.clone(), room.id.clone());
                }
            }
        }
        flush(terminal)?;
    }
    Ok(wrong)
}

/// Opens one room's calendar, in an older schema version where the server refuses a newer one, as the daemon does.
async fn open(config: &Config, subscriber: &Subscriber, room: &RoomConfig) -> Result<String, Verdict> {
    let mut dialect = config.servers.get(&room.server).map(|server| server.dialect).unwrap_or_default();
    loop {
        let request = get_folder::request(dialect, &Mailbox::new(&room.mailbox));
        let reply = subscriber.exchange(&room.server, &request).await;
        let reply = reply.map_err(|silence| next_step::of_silence(&silence))?;
        let reply = Reply { status: reply.status, headers: &reply.headers, body: &reply.body };
        match get_folder::parse(&reply).and_then(Folder::readable) {
            Ok(folder) => return Ok(opened(room, &folder, server_version::parse(&reply))),
            Err(error) => {
                let verdict = next_step::of_error(&error);
                match dialect.version.older().filter(|_| verdict.step == NextStep::SpeakOlder) {
                    Some(older) => dialect.version = older,
                    None => return Err(verdict),
                }
            }
        }
    }
}

fn opened(room: &RoomConfig, folder: &Folder, version: Option<ServerVersion>) -> String {
    let version = version.map(|version| format!(", Exchange {version}")).unwrap_or_default();
    let items =
        folder.total_count.map(|items| format!(", {}", count(items as usize, "item"))).unwrap_or_default();
    format!("room `{}`: its calendar on `{}` can be read{items}{version}", room.id, room.server)
}

/// `1 room`, `2 rooms`.
fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn flush(terminal: &mut Terminal<'_>) -> io::Result<()> {
    terminal.out.flush()
}
