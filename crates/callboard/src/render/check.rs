//! What a check found.

use super::{
    Page, Tint,
    table::{Cell, heading, table},
};
use crate::command::check::{Answers, Finding, Level, Report, RoomFound};
use std::{collections::BTreeMap, io};

/// So many rooms that share a cause are named.
const NAMED: usize = 10;

/// The configuration, a line for every room that was asked, then what deserves attention, each cause once.
///
/// # Errors
/// Where it cannot be written.
pub fn check(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    let rooms = count(report.configured_rooms, "room");
    let servers = count(report.configured_servers, "server");
    let mistakes = if report.misconfigured { "mistakes, as told below" } else { "no mistakes" };
    page.line(&format!("configuration: {mistakes}; {rooms} on {servers}"))?;
    let release = report.zone_rules.as_deref().unwrap_or("an unknown release");
    page.line(&format!("time zones: rules of {release}"))?;
    if report.configured_devices > 0 {
        let devices = count(report.configured_devices, "device");
        page.line(&format!("{devices}: not asked; `callboard status` says how each answers"))?;
    }
    let asked: Vec<&RoomFound> = report.rooms.iter().filter(|room| room.asked).collect();
    if !asked.is_empty() {
        page.line("")?;
        let titles =
            ["room", "server", "Exchange", "calendar", "right", "subscriptions", "items", "invitations"];
        let rows: Vec<_> = [heading(titles)].into_iter().chain(asked.into_iter().map(row)).collect();
        table(page, "", &rows)?;
        page.line("")?;
    }
    for (level, sentence) in sentences(&report.findings) {
        let (word, tint) = match level {
            Level::Wrong => ("wrong", Tint::Bad),
            Level::Warning => ("warning", Tint::Notice),
            Level::Hint => ("hint", Tint::Plain),
        };
        page.line(&format!("{}: {}", page.paint(tint, word), super::plain(&sentence)))?;
    }
    Ok(())
}

/// What deserves attention, each cause once: where rooms share one they are counted, and the first of them named.
fn sentences(findings: &[Finding]) -> Vec<(Level, String)> {
    let cause = |finding: &Finding| finding.cause.clone().map(|cause| (finding.level, cause));
    let mut sharing: BTreeMap<(Level, String), Vec<&str>> = BTreeMap::new();
    for finding in findings {
        if let (Some(cause), Some(room)) = (cause(finding), finding.room.as_deref()) {
            sharing.entry(cause).or_default().push(room);
        }
    }
    let sentence = |finding: &Finding| {
        let shared = cause(finding).and_then(|cause| sharing.remove_entry(&cause));
        match (&finding.cause, shared) {
            (Some(_), None) => None,
            (Some(_), Some(((level, cause), rooms))) if rooms.len() > 1 => {
                Some((level, format!("{}: {cause}", listed(&rooms))))
            }
            _ => Some((finding.level, finding.sentence.clone())),
        }
    };
    findings.iter().filter_map(sentence).collect()
}

/// `12 rooms (`berlin`, `oslo`)`.
fn listed(rooms: &[&str]) -> String {
    let named = rooms.iter().take(NAMED).copied().collect::<Vec<_>>().join("`, `");
    let more = rooms.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more, which `--json` names") } else { String::new() };
    format!("{} (`{named}`{more})", count(rooms.len(), "room"))
}

fn row(room: &RoomFound) -> [Cell; 8] {
    let calendar = match room.failed {
        Some(step) => Cell::new(Tint::Bad, format!("fails: {}", step.name())),
        None => Cell::new(Tint::Good, "can be read"),
    };
    let subscriptions = match room.subscriptions {
        Some(true) => Cell::new(Tint::Good, "work"),
        Some(false) => Cell::new(Tint::Notice, "refused"),
        None => Cell::plain(""),
    };
    [
        Cell::plain(super::named(&room.room, room.mailbox.as_deref())),
        Cell::plain(&room.server),
        Cell::plain(room.exchange.as_deref().unwrap_or_default()),
        calendar,
        Cell::plain(room.right.map_or("", |right| right.name())),
        subscriptions,
        Cell::plain(room.items.map(|items| items.to_string()).unwrap_or_default()),
        Cell::plain(room.answers.map(Answers::counted).unwrap_or_default()),
    ]
}

/// `1 room`, `2 rooms`.
fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
