//! `callboard reload`.

use crate::{
    cli::{Exit, Reload},
    command::{Terminal, complaint::Complaint},
    config::Config,
    control_client,
    state_dir::StateDir,
};
use anyhow::Context;
use control::{Changed, Message, Reloaded, Request};
use std::io::{self, Write};

/// Has the daemon read its configuration again, and tells what that has changed.
///
/// # Errors
/// Where it cannot be written, or the daemon is of another version.
pub fn run(asked: &Reload, config: &Config, terminal: &mut Terminal<'_>) -> anyhow::Result<Exit> {
    let socket = StateDir::new(&config.state_dir).control_socket();
    let (request, mut told) = (Request::Reload { dry_run: asked.dry_run }, None);
    if let Err(error) = control_client::ask(&socket, &request, |message| told = Some(message)) {
        let remedy = match error.kind() {
            io::ErrorKind::PermissionDenied => "run it as the user that runs the daemon",
            _ => "start one with `callboard daemon`",
        };
        terminal.refuse(&format!("no daemon answers at `{}` ({error}); {remedy}", socket.display()))?;
        return Ok(Exit::Unreachable);
    }
    let told = told.with_context(|| format!("control socket `{}`: no answer", socket.display()))?;
    match told {
        Message::Reloaded(reloaded) => {
            if asked.json {
                writeln!(terminal.out, "{}", serde_json::to_string(&reloaded)?)?;
            } else {
                write(terminal.out, &reloaded)?;
            }
            Ok(Exit::Done)
        }
        Message::Mistaken { mistakes } => {
            for mistake in &mistakes {
                writeln!(terminal.err, "{mistake}")?;
            }
            let complaints: Vec<_> = mistakes.into_iter().map(Complaint::new).collect();
            terminal.in_place_of_an_answer(&complaints)?;
            Ok(Exit::Config)
        }
        Message::Refused { sentence, .. } => anyhow::bail!("{sentence}"),
        _ => anyhow::bail!("control socket `{}`: the daemon is of another version", socket.display()),
    }
}

/// One line for each thing that has changed.
fn write(out: &mut (dyn Write + Send), reloaded: &Reloaded) -> io::Result<()> {
    let Reloaded { servers, rooms, devices, sections, passwords, switches, warnings, applied } = reloaded;
    for (kind, Changed { added, changed, removed }) in
        [("server", servers), ("room", rooms), ("device", devices)]
    {
        for (what, names) in [("added", added), ("changed", changed), ("removed", removed)] {
            for name in names {
                writeln!(out, "{kind} {name}: {what}")?;
            }
        }
    }
    for section in sections {
        writeln!(out, "{section}: changed")?;
    }
    for whose in passwords {
        writeln!(out, "password of {whose}: changed")?;
    }
    for switched in switches {
        writeln!(out, "room {}: {}", switched.room, switched.sentence())?;
    }
    for warning in warnings {
        writeln!(out, "warning: {warning}")?;
    }
    match (reloaded.is_anything(), applied) {
        (true, true) => Ok(()),
        (true, false) => writeln!(out, "nothing was changed: this is what a reload would change"),
        (false, true) => writeln!(out, "nothing has changed"),
        (false, false) => writeln!(out, "a reload would change nothing"),
    }
}
