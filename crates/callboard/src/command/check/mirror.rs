//! What the mirror knows that the configuration does not say: where rooms were migrated to, and what a changed way of accepting
//! would do to what is mirrored (rule A5). It is looked into and left as it is, whether a daemon runs or not.

use super::report::{Finding, Report};
use crate::{config::Config, state_dir::StateDir, switching};
use meeting_model::{clock::Now, plan::Site, privacy::SiteSecret, zone::ZoneDatabase};
use store::ReadOnlyStore;
use sync_engine::next_step;

/// The configuration as the daemon goes by it: rooms are read where they were migrated to. One that cannot be looked into says
/// so in what [`check`] finds.
pub(super) fn followed(config: &Config) -> Config {
    let mut config = config.clone();
    if let Ok(Some(mirror)) = ReadOnlyStore::open(&StateDir::new(&config.state_dir).database()) {
        config.follow(|room| mirror.room(room).ok()?.source);
    }
    config
}

/// Tells of every room how many meetings would disappear or appear.
pub(super) fn check(config: &Config, zones: &ZoneDatabase, now: Now, report: &mut Report) {
    if let Err(error) = look(config, zones, now, report) {
        let sentence = format!("{error}; what a change of `acceptance` would hide is not known");
        report.findings.push(Finding::hint(sentence));
    }
}

fn look(config: &Config, zones: &ZoneDatabase, now: Now, report: &mut Report) -> Result<(), store::Error> {
    let Some(mirror) = ReadOnlyStore::open(&StateDir::new(&config.state_dir).database())? else {
        return Ok(());
    };
    // Names that leave the program are made with it; none does here.
    let secret = SiteSecret::new([0; 32]);
    for room in &config.rooms {
        let stored = match mirror.room(&room.id) {
            Err(store::Error::UnknownRoom { .. }) => continue,
            stored => stored?,
        };
        // What was planned with these settings shows what they make of it.
        if stored.planned_with == Some(room.settings.digest()) {
            continue;
        }
        let (known, site) = (mirror.known(&room.id)?, Site { secret: &secret, zones });
        if let Some(switched) = switching::switched(&room.id, &known, &room.settings, site, now) {
            let sentence = next_step::of_room(&room.id, &switched.sentence());
            let finding =
                if switched.hides > 0 { Finding::warning(sentence) } else { Finding::hint(sentence) };
            report.findings.push(finding.about(room));
        }
    }
    Ok(())
}
