//! `callboard status`.

use crate::{
    cli::{Exit, Status},
    command::Terminal,
    config::{self, Config},
    control_client, render,
    state_dir::StateDir,
};
use meeting_model::zone::ZoneDatabase;
use std::{collections::BTreeMap, io};

/// Asks the daemon how everything is, and shows it: also where the configuration has got mistakes since it was started.
///
/// # Errors
/// Where it cannot be written.
pub fn run(asked: &Status, terminal: &mut Terminal<'_>) -> anyhow::Result<Exit> {
    let file = &asked.file.config;
    let (state_dir, mistakes) = match Config::load(file, &ZoneDatabase::system()) {
        Ok(config) => (config.state_dir, None),
        Err(mistakes) => (config::state_dir(file), Some(mistakes)),
    };
    let socket = StateDir::new(&state_dir).control_socket();
    let health = match control_client::status(&socket) {
        Ok(Some(health)) => health,
        Ok(None) => {
            anyhow::bail!("control socket `{}`: the daemon is of another version", socket.display())
        }
        Err(_) if let Some(mistakes) = &mistakes => return Ok(terminal.mistaken(mistakes)?),
        Err(error) => {
            let remedy = match error.kind() {
                io::ErrorKind::PermissionDenied => "run it as the user that runs the daemon",
                _ => "start one with `callboard daemon`",
            };
            let socket = socket.display();
            terminal.refuse(&format!("no daemon answers at `{socket}` ({error}); {remedy}"))?;
            return Ok(Exit::Unreachable);
        }
    };
    if asked.json {
        writeln!(terminal.out, "{}", serde_json::to_string(&health)?)?;
    } else {
        let zones = BTreeMap::new();
        render::status(&mut terminal.page(&zones), &health, control_client::now(&socket).wall)?;
    }
    if mistakes.is_some() {
        let file = file.display();
        writeln!(
            terminal.err,
            "callboard: `{file}` cannot be used: `callboard check` says why; the daemon goes by what it read before"
        )?;
    }
    Ok(Exit::Done)
}
