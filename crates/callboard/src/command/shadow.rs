//! `callboard shadow`: what devices would have got of a daemon that tells them nothing.

use super::resync_room::chosen;
use crate::{
    cli::{self, Exit},
    command::{Terminal, zones_of},
    config::Config,
    control_client, render,
    state_dir::StateDir,
};
use control::{Message, Request};

/// Asks the daemon, and shows it.
///
/// # Errors
/// Where no daemon answers, or it cannot be written.
pub fn run(asked: &cli::Shadow, config: &Config, terminal: &mut Terminal<'_>) -> anyhow::Result<Exit> {
    let rooms = match chosen(&asked.rooms, false, config, terminal)? {
        Ok(rooms) => rooms,
        Err(exit) => return Ok(exit),
    };
    let socket = StateDir::new(&config.state_dir).control_socket();
    let mut told = None;
    let answer = control_client::ask(&socket, &Request::Shadow { rooms }, |message| told = Some(message));
    if let Err(error) = answer {
        let socket = socket.display();
        terminal.refuse(&format!(
            "no daemon answers at `{socket}` ({error}); start one with `callboard daemon --shadow`"
        ))?;
        return Ok(Exit::Unreachable);
    }
    match told {
        Some(Message::Shadow(shadow)) if asked.json => {
            writeln!(terminal.out, "{}", serde_json::to_string(&shadow)?)?;
            Ok(Exit::Done)
        }
        Some(Message::Shadow(shadow)) => {
            render::shadow(&mut terminal.page(&zones_of(config)), &shadow)?;
            Ok(Exit::Done)
        }
        Some(Message::Refused { sentence, .. }) => {
            terminal.refuse(&sentence)?;
            Ok(Exit::Failed)
        }
        _ => anyhow::bail!("control socket `{}`: the daemon is of another version", socket.display()),
    }
}
