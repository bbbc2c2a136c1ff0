//! `callboard rooms discover`: the rooms that Exchange knows, as blocks for the configuration.

mod block;
mod directory;

use super::complaint::Complaint;
use crate::{
    cli::{Discover, Exit},
    closest::did_you_mean,
    command::Terminal,
    config::{Begun, ServerConfig},
    locating::{self, Located},
    site,
};
use block::{Blocks, Found};
use directory::{Directory, Told};
use meeting_model::{id::ServerId, observed::Protocol};
use serde::Serialize;
use std::io;
use subscriber::Subscriber;

/// What was found, as JSON.
#[derive(Debug, Default, Serialize)]
struct Discovered {
    rooms: Vec<Found>,
    /// What did not go well, or deserves to be known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Complaint>,
}

/// Asks each server for its rooms, and prints what would have to be typed. Of the configuration nothing but servers must be there.
///
/// # Errors
/// Where a password or a certificate cannot be used, or it cannot be written.
pub fn discover(asked: &Discover, terminal: &mut Terminal<'_>) -> anyhow::Result<Exit> {
    let config = match Begun::load(&asked.file.config) {
        Ok(config) => config,
        Err(mistakes) => return Ok(terminal.mistaken(&mistakes)?),
    };
    if let Some(name) = &asked.server
        && !config.servers.contains_key(&ServerId::new(name))
    {
        let meant = did_you_mean(name, config.servers.keys().map(ServerId::as_str));
        terminal.refuse(&format!("expected the name of a configured server, found `{name}`{meant}"))?;
        return Ok(Exit::Usage);
    }
    if config.servers.is_empty() {
        terminal.refuse("expected a server to ask as `[exchange.NAME]`, found none")?;
        return Ok(Exit::Failed);
    }
    let runtime = super::runtime()?;
    let mut blocks = Blocks::beside(&config);
    let mut discovered = Discovered::default();
    // a server of several may tell no rooms, but one must
    let (mut failed, mut any) = (false, false);
    let wanted = |id: &ServerId| asked.server.as_deref().is_none_or(|name| name == id.as_str());
    for (id, server) in config.servers.iter().filter(|(id, _)| wanted(id)) {
        let told = runtime.block_on(ask(&config, id, server, asked))?;
        failed |= told.failed;
        any |= !told.rooms.is_empty();
        for sentence in &told.complaints {
            writeln!(terminal.err, "callboard: {sentence}")?;
        }
        discovered.errors.extend(told.complaints.into_iter().map(Complaint::new));
        let found = told.rooms.iter().map(|room| blocks.found(id, room));
        show(found.collect(), &mut discovered, terminal)?;
    }
    if terminal.json {
        writeln!(terminal.out, "{}", serde_json::to_string(&discovered)?)?;
    }
    Ok(if failed || !any { Exit::Failed } else { Exit::Done })
}

/// Prints what was found as it comes, or keeps it for the one object.
fn show(found: Vec<Found>, discovered: &mut Discovered, terminal: &mut Terminal<'_>) -> io::Result<()> {
    if terminal.json {
        discovered.rooms.extend(found);
        return Ok(());
    }
    for room in &found {
        write!(terminal.out, "{}", room.block())?;
    }
    terminal.out.flush()
}

/// What a server's directory knows.
async fn ask(config: &Begun, id: &ServerId, server: &ServerConfig, asked: &Discover) -> anyhow::Result<Told> {
    if server.protocol == Protocol::Webdav {
        let sentence = format!("server `{id}`: WebDAV tells no rooms: list them as `[[room]]`");
        return Ok(Told { failed: false, ..Told::failed(sentence) });
    }
    let subscriber = site::connection(id, server)?;
    Ok(match locate(config, id, server, &subscriber).await {
        Ok(located) => {
            let mut directory = Directory::new(&subscriber, located.of(id), server.dialect);
            directory.rooms(asked.matching.as_deref()).await
        }
        Err(sentence) => Told::failed(sentence),
    })
}

/// Where a server is: where a mailbox of it is, else where the account's own address leads.
async fn locate(
    config: &Begun,
    id: &ServerId,
    server: &ServerConfig,
    subscriber: &Subscriber,
) -> Result<Located, String> {
    let address = config.mailbox_on(id).unwrap_or(server.sign_in.account());
    let located = locating::locate(id, server, subscriber, address).await;
    located.map_err(|error| format!("server `{id}`: {}", error.verdict().sentence))
}
