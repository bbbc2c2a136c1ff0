//! `callboard rooms discover`: the rooms that Exchange knows, as blocks for the configuration.

mod block;
mod directory;

use crate::{
    cli::{Discover, Exit},
    closest::did_you_mean,
    command::Terminal,
    config::{Config, ServerConfig},
    locating::{self, Located},
    site,
};
use block::Blocks;
use directory::{Directory, Told};
use meeting_model::{id::ServerId, observed::Protocol};
use subscriber::Subscriber;

/// Asks each server for its rooms, and prints what would have to be typed.
///
/// # Errors
/// Where a password or a certificate cannot be used, or it cannot be written.
pub fn discover(asked: &Discover, config: &Config, terminal: &mut Terminal<'_>) -> anyhow::Result<Exit> {
    if let Some(name) = &asked.server
        && !config.servers.contains_key(&ServerId::new(name))
    {
        let meant = did_you_mean(name, config.servers.keys().map(ServerId::as_str));
        writeln!(terminal.err, "callboard: expected the name of a configured server, found `{name}`{meant}")?;
        return Ok(Exit::Usage);
    }
    let runtime = super::runtime()?;
    let mut blocks = Blocks::beside(config);
    let mut failed = false;
    let wanted = |id: &ServerId| asked.server.as_deref().is_none_or(|name| name == id.as_str());
    for (id, server) in config.servers.iter().filter(|(id, _)| wanted(id)) {
        if server.protocol == Protocol::Webdav {
            writeln!(
                terminal.err,
                "callboard: server `{id}`: WebDAV tells no rooms: list them as `[[room]]`"
            )?;
            failed |= asked.server.is_some();
            continue;
        }
        let subscriber = site::connection(id, server)?;
        let told = runtime.block_on(async {
            let located = locate(config, id, server, &subscriber).await?;
            let mut directory = Directory::new(&subscriber, located.of(id), server.dialect);
            Ok(directory.rooms(asked.matching.as_deref()).await)
        });
        let told = told.unwrap_or_else(Told::failed);
        for sentence in &told.complaints {
            writeln!(terminal.err, "callboard: {sentence}")?;
        }
        failed |= told.failed;
        for room in &told.rooms {
            write!(terminal.out, "{}", blocks.block(id, room))?;
        }
        terminal.out.flush()?;
    }
    Ok(if failed { Exit::Failed } else { Exit::Done })
}

/// Where a server is: where a mailbox of it is, else where the account's own address leads.
async fn locate(
    config: &Config,
    id: &ServerId,
    server: &ServerConfig,
    subscriber: &Subscriber,
) -> Result<Located, String> {
    let of_room = config.room_on(id).map(|room| room.mailbox);
    let address = of_room.as_deref().unwrap_or(server.sign_in.account());
    let located = locating::locate(id, server, subscriber, address).await;
    located.map_err(|error| format!("server `{id}`: {}", error.verdict().sentence))
}
