//! What a complete read of one room changed.

use super::{
    Page, Tint, named, of_this_room,
    table::{Cell, table},
    time::span,
};
use chrono::{DateTime, Utc};
use control::{Compared, DiffKind, DiffLine, Differing, Resynced, RoomReport};
use meeting_model::zone::RoomZone;
use std::io;

/// Writes what became of one room: each difference with the rule that decided it, and a sum.
///
/// # Errors
/// When it cannot be written.
pub fn diff(page: &mut Page<'_>, report: &RoomReport) -> io::Result<()> {
    let room = page.paint(Tint::Heading, &named(&report.room, report.mailbox.as_deref()));
    match &report.result {
        Err(sentence) => {
            let sentence =
                page.paint(Tint::Bad, of_this_room(&report.room, report.mailbox.as_deref(), sentence));
            page.line(&format!("{room}: {sentence}"))
        }
        Ok(resynced) => {
            let sum = sum(resynced);
            let zone = page.zone(&report.room);
            let utc = if zone.is_none() && !resynced.lines.is_empty() { " (times in UTC)" } else { "" };
            let rows: Vec<_> = resynced.lines.iter().map(|line| row(line, zone)).collect();
            let differing = comparison(page, resynced, zone);
            page.line(&format!("{room}{utc}: {sum}"))?;
            table(page, "  ", &rows)?;
            match differing {
                Ok(rows) => table(page, "  ", &rows),
                Err(sentence) => page.line(&sentence),
            }
        }
    }
}

/// Where the mirror differs from the server, or why that is not known.
fn comparison(
    page: &Page<'_>,
    resynced: &Resynced,
    zone: Option<&RoomZone>,
) -> Result<Vec<[Cell; 4]>, String> {
    match &resynced.comparison {
        None => Ok(Vec::new()),
        Some(Ok(compared)) => {
            Ok(compared.differences.iter().map(|differing| differing_row(differing, zone)).collect())
        }
        Some(Err(sentence)) => {
            Err(format!("  not compared with the server: {}", page.paint(Tint::Bad, sentence)))
        }
    }
}

fn differing_row(differing: &Differing, zone: Option<&RoomZone>) -> [Cell; 4] {
    let time = |side: &str, times: Option<(DateTime<Utc>, DateTime<Utc>)>| match times {
        Some((start, end)) => format!("{side} {}", span(start, end, zone)),
        None => format!("{side} none"),
    };
    [
        Cell::new(Tint::Notice, format!("! {}", differing.kind)),
        Cell::plain(time("mirrored", differing.mirrored)),
        Cell::plain(time("on the server", differing.served)),
        Cell::plain(differing.title.clone().unwrap_or_default()),
    ]
}

fn row(line: &DiffLine, zone: Option<&RoomZone>) -> [Cell; 3] {
    let (sign, tint) = match line.kind {
        DiffKind::Added => ("+", Tint::Good),
        DiffKind::Changed => ("~", Tint::Notice),
        DiffKind::Removed => ("-", Tint::Bad),
    };
    let rule = line.rule.as_ref().map_or_else(String::new, |rule| format!("{rule} "));
    [
        Cell::new(tint, format!("{sign} {}", span(line.start, line.end, zone))),
        Cell::plain(&line.title),
        Cell::plain(format!("{rule}{}", line.why)),
    ]
}

/// `1 added, 2 removed; 5 shown, revision 12`.
fn sum(resynced: &Resynced) -> String {
    let count = |kind| resynced.lines.iter().filter(|line| line.kind == kind).count();
    let counts = [
        (count(DiffKind::Added), "added"),
        (count(DiffKind::Changed), "changed"),
        (count(DiffKind::Removed), "removed"),
    ];
    let parts: Vec<_> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    let differing = resynced.comparison.as_ref().and_then(|comparison| comparison.as_ref().ok());
    if let Some(compared) = differing.filter(|_| !resynced.applied && resynced.lines.is_empty()) {
        let Compared { compared, differences } = compared;
        let shown = resynced.shown;
        return match differences.len() {
            0 => format!("as on the server; {compared} compared, {shown} shown, revision {}", resynced.rev),
            count => format!("{count} of {compared} differ from the server; revision {}", resynced.rev),
        };
    }
    let dry_run = if resynced.applied { "" } else { "dry run: " };
    let what = if parts.is_empty() { "no difference".to_owned() } else { parts.join(", ") };
    format!("{dry_run}{what}; {} shown, revision {}", resynced.shown, resynced.rev)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::tests::{page_in_berlin, page_without_zones};
    use insta::assert_snapshot;

    fn report(applied: bool) -> RoomReport {
        let line = |kind, start: &str, end: &str, title: &str, rule: Option<&str>, why: &str| DiffLine {
            kind,
            start: start.parse().unwrap(),
            end: end.parse().unwrap(),
            title: title.into(),
            rule: rule.map(Into::into),
            why: why.into(),
        };
        let lines = vec![
            line(
                DiffKind::Added,
                "2026-11-24T08:00:00Z",
                "2026-11-24T09:00:00Z",
                "Design review",
                Some("A6"),
                "the room accepted it",
            ),
            line(
                DiffKind::Changed,
                "2026-11-24T10:00:00Z",
                "2026-11-24T10:30:00Z",
                "Budget\u{1b}[2J",
                Some("A3"),
                "booked directly",
            ),
            line(
                DiffKind::Removed,
                "2026-11-24T23:00:00Z",
                "2026-11-25T23:00:00Z",
                "Away day",
                None,
                "its item is gone",
            ),
        ];
        let result = Ok(Resynced { rev: 12, applied, shown: 5, lines, comparison: None });
        RoomReport { room: "boardroom-9".into(), mailbox: None, result }
    }

    #[test]
    fn a_difference_names_its_rule_and_stands_in_the_room_s_zone() {
        assert_snapshot!(page_in_berlin(|page| diff(page, &report(true))), @"
        boardroom-9: 1 added, 1 changed, 1 removed; 5 shown, revision 12
          + 09:00–10:00 Tue 24 Nov  Design review  A6 the room accepted it
          ~ 11:00–11:30 Tue 24 Nov  Budget [2J     A3 booked directly
          - 00:00–24:00 Wed 25 Nov  Away day       its item is gone
        ");
    }

    #[test]
    fn without_a_zone_times_are_told_in_utc() {
        assert_snapshot!(page_without_zones(|page| diff(page, &report(false))), @"
        boardroom-9 (times in UTC): dry run: 1 added, 1 changed, 1 removed; 5 shown, revision 12
          + 08:00–09:00 Tue 24 Nov               Design review  A6 the room accepted it
          ~ 10:00–10:30 Tue 24 Nov               Budget [2J     A3 booked directly
          - 23:00 Tue 24 Nov – 23:00 Wed 25 Nov  Away day       its item is gone
        ");
    }

    #[test]
    fn a_quiet_room_and_a_failed_room_take_one_line_each() {
        let quiet = Resynced { rev: 12, applied: true, shown: 5, lines: vec![], comparison: None };
        let quiet = RoomReport { room: "boardroom-9".into(), mailbox: None, result: Ok(quiet) };
        let failed = Err("hq: expected an answer within `1m`, found none: is the server up?".into());
        let failed = RoomReport { room: "cellar".into(), mailbox: None, result: failed };
        assert_snapshot!(page_in_berlin(|page| {
            diff(page, &quiet)?;
            diff(page, &failed)
        }), @"
        boardroom-9: no difference; 5 shown, revision 12
        cellar: hq: expected an answer within `1m`, found none: is the server up?
        ");
    }
}
