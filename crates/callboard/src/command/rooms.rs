//! `callboard rooms discover`: the rooms that Exchange knows, as blocks for the configuration.

mod block;
mod directory;

use crate::{
    cli::{Discover, Exit},
    closest::did_you_mean,
    command::Terminal,
    config::Config,
    site,
};
use block::Blocks;
use directory::Directory;
use meeting_model::{id::ServerId, observed::Protocol};

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
            writeln!(terminal.err, "callboard: server `{id}`: WebDAV tells no rooms: list them as `[[room]]`")?;
            failed |= asked.server.is_some();
            continue;
        }
        let subscriber = site::connection(id, server)?;
        let mut directory = Directory::new(&subscriber, id, server.dialect);
        let told = runtime.block_on(directory.rooms(asked.matching.as_deref()));
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
