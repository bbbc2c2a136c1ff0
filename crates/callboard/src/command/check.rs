//! `callboard check`: what can be found out before the daemon starts, without changing anything. Phones are not asked.

use crate::{
    cli::{Check, Exit},
    command::Terminal,
    config::{Config, RoomConfig},
    site,
    state_dir::StateDir,
    system_clock::SystemClock,
};
use exchange_wire::ews::{
    Mailbox,
    get_folder::{self, Folder},
    server_version::{self, ServerVersion},
};
use meeting_model::{clock::Clock, id::ServerId, zone::ZoneDatabase};
use std::{collections::BTreeMap, net::TcpListener, os::unix::net::UnixStream};
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
        writeln!(terminal.out, "warning: {warning}")?;
    }
    let mut wrong = this_machine(config);
    let servers = connections(config, &mut wrong);
    for sentence in &wrong {
        writeln!(terminal.out, "wrong: {sentence}")?;
    }
    let mut wrong = wrong.len();
    if !asked.offline {
        wrong += ask_exchange(config, &servers, terminal)?;
    }
    Ok(if wrong == 0 { Exit::Done } else { Exit::Failed })
}

/// What is wrong with the state directory, the address to listen on and the devices' passwords.
fn this_machine(config: &Config) -> Vec<String> {
    let mut wrong = Vec::new();
    let state = StateDir::new(&config.state_dir);
    if let Err(error) = state.probe() {
        wrong.push(format!("`state_dir` `{}`: {error:#}", state.path().display()));
    }
    let listen = config.feed.listen;
    let daemon_runs = UnixStream::connect(state.control_socket()).is_ok();
    if !daemon_runs && let Err(error) = TcpListener::bind(listen) {
        wrong.push(format!(
            "`listen` `{listen}`: it cannot be listened on; name another, or stop what listens there: {error}"
        ));
    }
    for device in config.rooms.iter().flat_map(|room| &room.devices) {
        if let Err(error) = device.password.read() {
            wrong.push(format!("device `{}`: {:#}", device.id, anyhow::Error::new(error)));
        }
    }
    wrong
}

/// A connection to each server whose password and certificates can be read, and what is wrong with the others.
fn connections(config: &Config, wrong: &mut Vec<String>) -> BTreeMap<ServerId, Subscriber> {
    let mut servers = BTreeMap::new();
    for (id, server) in &config.servers {
        match (site::connection(id, server), &server.ca_file) {
            (Ok(subscriber), _) => {
                servers.insert(id.clone(), subscriber);
            }
            (Err(error), Some(file)) if error.is::<subscriber::Error>() => {
                wrong.push(format!("`ca_file` `{}`: {error:#}", file.display()));
            }
            (Err(error), _) => wrong.push(format!("{error:#}")),
        }
    }
    servers
}

/// Opens every room's calendar, one after the other. A server that fails as a whole is not asked for its other rooms: with
/// a wrong password each attempt would count towards a lock-out.
fn ask_exchange(
    config: &Config,
    servers: &BTreeMap<ServerId, Subscriber>,
    terminal: &mut Terminal<'_>,
) -> anyhow::Result<usize> {
    let runtime = super::runtime()?;
    let mut failed = BTreeMap::new();
    let mut wrong = 0;
    for room in &config.rooms {
        let (id, server) = (&room.id, &room.server);
        let opened = match (servers.get(server), failed.get(server)) {
            (None, _) => {
                Err(format!("room `{id}`: not asked, as its server `{server}` cannot be signed in to"))
            }
            (_, Some(first)) => {
                Err(format!("room `{id}`: not asked, as its server `{server}` failed for room `{first}`"))
            }
            (Some(subscriber), None) => runtime.block_on(open(config, subscriber, room)).map_err(|verdict| {
                if verdict.scope == Scope::Server {
                    failed.insert(server, id);
                }
                next_step::of_room(id, &verdict.sentence)
            }),
        };
        match opened {
            Ok(sentence) => writeln!(terminal.out, "{sentence}")?,
            Err(sentence) => {
                wrong += 1;
                writeln!(terminal.out, "wrong: {sentence}")?;
            }
        }
        terminal.out.flush()?;
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
        let reply = reply.as_wire();
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
