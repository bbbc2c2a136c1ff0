//! One server, tried by a running daemon.

use super::{
    report::Level,
    room::{Asked, Asking},
};
use crate::{config::Config, site, system_clock::SystemClock};
use control::{Tested, TestedStep};
use meeting_model::{id::ServerId, zone::ZoneDatabase};

/// Signs in to a server and looks at the first of its rooms, with the password as it is now.
///
/// # Errors
/// With a sentence, where there is no such server or nothing to look at.
pub(crate) async fn connection(
    config: &Config,
    server: &str,
    zones: &ZoneDatabase,
) -> Result<Tested, String> {
    let id = ServerId::new(server);
    let settings = config.servers.get(&id).ok_or_else(|| format!("no server is called `{server}`"))?;
    let room = config.room_on(&id);
    let room =
        room.ok_or_else(|| format!("no room is on server `{server}`, so that there is nothing to look at"))?;
    let subscriber = site::connection(&id, settings).map_err(|error| format!("{error:#}"))?;
    let asking = Asking {
        id,
        server: settings.clone(),
        subscriber,
        dialect: settings.dialect,
        located: crate::locating::Located::default(),
        room,
        zones: zones.clone(),
        clock: SystemClock::start(),
    };
    Ok(Tested { steps: steps(asking.ask().await) })
}

fn steps(Asked { found, findings, failure, .. }: Asked) -> Vec<TestedStep> {
    let step = |is_well, sentence| TestedStep { is_well, sentence };
    let version = found.exchange.map(|version| step(true, format!("Exchange {version} answers")));
    let items = found.items.map_or_else(String::new, |items| format!(", which holds {items} items"));
    let read = || step(true, format!("signed in, and read the calendar of room `{}`{items}", found.room));
    let all_well = failure.is_none().then(read);
    let findings = findings.into_iter().map(|finding| step(finding.level != Level::Wrong, finding.sentence));
    version.into_iter().chain(all_well).chain(findings).collect()
}
