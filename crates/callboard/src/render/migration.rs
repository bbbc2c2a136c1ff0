//! What became of rooms that were to be read elsewhere.

use super::{
    Page, Tint, of_this_room,
    table::{Cell, table},
    time::{age, moment, span},
};
use crate::config::Config;
use chrono::{DateTime, TimeDelta, Utc};
use control::{Migration, MigrationOutcome, MigrationReport, Mismatch, MismatchKind, StoodIn};
use meeting_model::zone::RoomZone;
use std::io;

/// Writes what became of one room: what matches on the server `to`, and each meeting that does not.
///
/// # Errors
/// When it cannot be written.
pub fn migration(page: &mut Page<'_>, report: &MigrationReport, to: &str) -> io::Result<()> {
    let room = page.paint(Tint::Heading, &report.room);
    let zone = page.zone(&report.room);
    match &report.result {
        Err(sentence) => {
            let sentence = page.paint(Tint::Bad, of_this_room(&report.room, None, sentence));
            page.line(&format!("{room}: stays on {}: {sentence}", report.from))
        }
        Ok(migration) => {
            let sum = sum(page, migration, &report.from, to);
            let mirror = migration.mirror.as_ref().map(|mirror| stood_in(mirror, &report.from));
            let rows: Vec<_> = migration.mismatches.iter().map(|one| row(one, to, zone)).collect();
            page.line(&format!("{room}: {sum}"))?;
            if let Some(mirror) = mirror {
                page.line(&format!("  {mirror}"))?;
            }
            table(page, "  ", &rows)
        }
    }
}

/// Writes what is to be changed in the configuration after a migration: nothing where nothing is.
///
/// # Errors
/// When it cannot be written.
pub fn lines_to_change(
    page: &mut Page<'_>,
    config: &Config,
    to: &str,
    reports: &[MigrationReport],
) -> io::Result<()> {
    let is_there = |report: &&MigrationReport| {
        report.result.as_ref().is_ok_and(|migration| {
            matches!(migration.outcome, MigrationOutcome::Switched | MigrationOutcome::Already)
        })
    };
    let there: Vec<&str> = reports.iter().filter(is_there).map(|report| report.room.as_str()).collect();
    let otherwise = |room: &str| {
        let room = config.rooms.iter().find(|configured| configured.id.as_str() == room);
        room.is_some_and(|room| room.server.as_str() != to)
    };
    let rooms: Vec<&str> = there.into_iter().filter(|room| otherwise(room)).collect();
    if rooms.is_empty() {
        return Ok(());
    }
    let file = config.file.as_ref().map_or_else(String::new, |file| format!(" in {}", file.display()));
    page.line(&format!(
        "\nNow change the line `exchange` of these rooms{file} to `exchange = \"{to}\"`; until then `status` reminds you, and they \
         are read from {to} all the same: {}",
        rooms.join(", ")
    ))
}

/// `23 of 24 meetings match on hq; read from there now`.
fn sum(page: &Page<'_>, migration: &Migration, from: &str, to: &str) -> String {
    let Migration { matched, soft, mismatches, outcome, .. } = migration;
    let (tint, done) = match outcome {
        MigrationOutcome::Already => {
            return page.paint(Tint::Good, &format!("is read from {to} already"));
        }
        MigrationOutcome::WouldSwitch => (Tint::Good, format!("dry run: it would be read from {to}")),
        MigrationOutcome::Switched => (Tint::Good, format!("read from {to} now")),
        MigrationOutcome::Refused => {
            (Tint::Bad, format!("stays on {from}: more differ than `--tolerate` allows"))
        }
    };
    let softly = if *soft == 0 { String::new() } else { format!(" ({soft} by what they say)") };
    let total = matched + mismatches.len();
    format!("{matched} of {total} meetings match on {to}{softly}; {}", page.paint(tint, &done))
}

fn stood_in(mirror: &StoodIn, from: &str) -> String {
    let (as_of, old) = (moment(mirror.as_of, None), age(TimeDelta::seconds(mirror.age_seconds)));
    let why = mirror.because.as_ref().map_or_else(String::new, |because| format!(": {because}"));
    format!("held against what was mirrored of {from} as of {as_of}, {old} old{why}")
}

fn row(mismatch: &Mismatch, to: &str, zone: Option<&RoomZone>) -> [Cell; 4] {
    let time = |side: &str, times: Option<(DateTime<Utc>, DateTime<Utc>)>| {
        times.map_or_else(String::new, |(start, end)| format!("{side}{}", span(start, end, zone)))
    };
    let (tint, sign) = match mismatch.kind {
        MismatchKind::Missing => (Tint::Bad, format!("- not on {to}")),
        MismatchKind::Extra => (Tint::Notice, format!("+ only on {to}")),
        MismatchKind::Differs => (Tint::Notice, "~ differs".to_owned()),
    };
    let called = |title: &Option<String>| title.clone().unwrap_or_else(|| "(not shown)".to_owned());
    let titles = match (mismatch.kind, &mismatch.title, &mismatch.title_after) {
        (MismatchKind::Extra, _, there) => called(there),
        (MismatchKind::Differs, here, there) if here != there => {
            format!("{} → {}", called(here), called(there))
        }
        (_, here, _) => called(here),
    };
    let after = mismatch.after.filter(|after| mismatch.before != Some(*after));
    let arrow = if mismatch.before.is_some() { "→ " } else { "" };
    [
        Cell::new(tint, sign),
        Cell::plain(time("", mismatch.before)),
        Cell::plain(time(arrow, after)),
        Cell::plain(titles),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::tests::page_in_berlin;
    use insta::assert_snapshot;

    fn times(start: &str, end: &str) -> (DateTime<Utc>, DateTime<Utc>) {
        (start.parse().unwrap(), end.parse().unwrap())
    }

    fn report(result: Result<Migration, String>) -> MigrationReport {
        MigrationReport { room: "boardroom-9".into(), from: "legacy".into(), result }
    }

    fn found(outcome: MigrationOutcome) -> Migration {
        Migration { matched: 23, soft: 0, mismatches: Vec::new(), mirror: None, outcome }
    }

    #[test]
    fn what_matches_and_what_was_done_takes_one_line() {
        assert_snapshot!(page_in_berlin(|page| {
            migration(page, &report(Ok(found(MigrationOutcome::Switched))), "hq")?;
            migration(page, &report(Ok(Migration { soft: 2, ..found(MigrationOutcome::WouldSwitch) })), "hq")?;
            migration(page, &report(Ok(found(MigrationOutcome::Already))), "hq")?;
            migration(page, &report(Err("room `boardroom-9`: no such mailbox".into())), "hq")
        }), @"
        boardroom-9: 23 of 23 meetings match on hq; read from hq now
        boardroom-9: 23 of 23 meetings match on hq (2 by what they say); dry run: it would be read from hq
        boardroom-9: is read from hq already
        boardroom-9: stays on legacy: no such mailbox
        ");
    }

    #[test]
    fn each_meeting_that_does_not_match_is_listed_and_a_mirror_says_its_age() {
        let before = Some(times("2026-11-24T08:00:00Z", "2026-11-24T09:00:00Z"));
        let later = Some(times("2026-11-24T08:30:00Z", "2026-11-24T09:30:00Z"));
        let title = || Some("Design review".to_owned());
        let mismatch =
            |kind, before, after, title, title_after| Mismatch { kind, before, after, title, title_after };
        let mismatches = vec![
            mismatch(MismatchKind::Missing, before, None, title(), None),
            mismatch(MismatchKind::Extra, None, before, None, title()),
            mismatch(MismatchKind::Differs, before, later, title(), title()),
            mismatch(MismatchKind::Differs, before, before, title(), None),
        ];
        let mirror = StoodIn {
            as_of: "2026-11-24T06:00:00Z".parse().unwrap(),
            age_seconds: 900,
            because: Some("legacy: expected an answer within `1m`, found none".into()),
        };
        let migrated = Migration { mismatches, mirror: Some(mirror), ..found(MigrationOutcome::Refused) };
        assert_snapshot!(page_in_berlin(|page| migration(page, &report(Ok(migrated.clone())), "hq")), @"
        boardroom-9: 23 of 27 meetings match on hq; stays on legacy: more differ than `--tolerate` allows
          held against what was mirrored of legacy as of 2026-11-24 06:00 UTC, 15m old: legacy: expected an answer within `1m`, found none
          - not on hq   09:00–10:00 Tue 24 Nov                            Design review
          + only on hq                          09:00–10:00 Tue 24 Nov    Design review
          ~ differs     09:00–10:00 Tue 24 Nov  → 09:30–10:30 Tue 24 Nov  Design review
          ~ differs     09:00–10:00 Tue 24 Nov                            Design review → (not shown)
        ");
    }
}
