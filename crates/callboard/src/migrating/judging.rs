//! Whether a room shows the same when it is read elsewhere.

use crate::planning::Planning;
use chrono::{DateTime, Utc};
use control::{Migration, MigrationOutcome, Mismatch, MismatchKind, StoodIn};
use meeting_model::{
    clock::{Now, Window},
    id::RoomId,
    known::Known,
    migration::{self, Joined},
    observed::Observed,
    plan::{self, PlannedOccurrence, Site},
};

/// What both servers say of a room, one perhaps by its mirror.
#[derive(Clone, Copy)]
pub(super) struct Said<'a> {
    /// What the old one says; absent where what is known stands in for it.
    pub(super) here: Option<&'a Observed>,
    pub(super) there: &'a Observed,
    /// As of when the old one says so.
    pub(super) as_of: DateTime<Utc>,
}

/// Joins what a room shows with what it would show.
pub(super) fn join(
    planning: &Planning,
    room: &RoomId,
    known: Known,
    said: Said<'_>,
    now: Now,
) -> Result<Joined, String> {
    let gone = || "it is not configured any more".to_owned();
    let settings = planning.settings.get(room).ok_or_else(gone)?;
    let site = Site { secret: &planning.secret, zones: &planning.zones };
    let number = planning.calendars.of(room).ok_or_else(gone)?.number;
    let read = |mut known: Known, observed: &Observed| {
        let observed = observed.clone().of_calendar(number);
        let plan = plan::plan(room, &known, Some(&observed), settings, site, now);
        let believed = !plan.suspicious;
        known.carry_out(&plan);
        believed.then_some(known)
    };
    let before = match said.here {
        Some(observed) => read(known, observed)
            .ok_or("its calendar came back empty from the old server while meetings are shown; ask again")?,
        None => known,
    };
    let after = read(before.clone(), said.there)
        .ok_or("its calendar is empty on the new server while meetings are shown; is the mailbox there the right one?")?;
    // a mirror knows nothing of days that had not come into its window
    let within = Window { start: now.wall - settings.back, end: said.as_of + settings.ahead };
    Ok(migration::join(&before.occurrences, &after.occurrences, within))
}

/// What an operator is told.
pub(super) fn told(joined: &Joined, mirror: Option<StoodIn>, tolerate: u32) -> Migration {
    let is_within = joined.is_within(tolerate);
    Migration {
        matched: joined.matched,
        soft: joined.soft,
        mismatches: joined.mismatches.iter().map(mismatch).collect(),
        mirror,
        outcome: if is_within { MigrationOutcome::WouldSwitch } else { MigrationOutcome::Refused },
    }
}

fn mismatch(mismatch: &migration::Mismatch) -> Mismatch {
    let span = |one: &PlannedOccurrence| (one.start, one.end);
    let title = |one: &PlannedOccurrence| one.displayed.as_ref().map(|shown| shown.title().to_owned());
    let (before, after) = (mismatch.before.as_ref(), mismatch.after.as_ref());
    let kind = match (before, after) {
        (_, None) => MismatchKind::Missing,
        (None, _) => MismatchKind::Extra,
        (Some(_), Some(_)) => MismatchKind::Differs,
    };
    Mismatch {
        kind,
        before: before.map(span),
        after: after.map(span),
        title: before.and_then(title),
        title_after: after.and_then(title),
    }
}
