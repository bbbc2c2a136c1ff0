//! `callboard status`.

use crate::{
    cli::{Exit, Status},
    command::{Terminal, zones_of},
    config::Config,
    control_client, render,
    state_dir::StateDir,
};
use control::{Message, Request};
use std::io;

/// Asks the daemon how everything is, and shows it.
///
/// # Errors
/// Where it cannot be written.
pub fn run(asked: &Status, config: &Config, terminal: &mut Terminal<'_>) -> anyhow::Result<Exit> {
    let socket = StateDir::new(&config.state_dir).control_socket();
    let mut health = None;
    let answer = control_client::ask(&socket, &Request::Status, |message| {
        if let Message::Status(told) = message {
            health = Some(told);
        }
    });
    let health = match (answer, health) {
        (Ok(()), Some(health)) => health,
        (Ok(()), None) => {
            anyhow::bail!("control socket `{}`: the daemon is of another version", socket.display())
        }
        (Err(error), _) => {
            let remedy = match error.kind() {
                io::ErrorKind::PermissionDenied => "run it as the user that runs the daemon",
                _ => "start one with `callboard daemon`",
            };
            let socket = socket.display();
            writeln!(terminal.err, "callboard: no daemon answers at `{socket}` ({error}); {remedy}")?;
            return Ok(Exit::Unreachable);
        }
    };
    if asked.json {
        writeln!(terminal.out, "{}", serde_json::to_string(&health)?)?;
    } else {
        let zones = zones_of(config);
        render::status(&mut terminal.page(&zones), &health, control_client::now(&socket).wall)?;
    }
    Ok(Exit::Done)
}
