//! What a check found.

use super::{
    Page, Tint,
    table::{Cell, heading, table},
};
use crate::command::check::{Finding, Level, Report, RoomFound};
use std::io;

/// The configuration, a line for every room that was asked, then what deserves attention.
///
/// # Errors
/// Where it cannot be written.
pub fn check(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    let rooms = count(report.configured_rooms, "room");
    let servers = count(report.configured_servers, "server");
    page.line(&format!("configuration: no mistakes; {rooms} on {servers}"))?;
    let release = report.zone_rules.as_deref().unwrap_or("an unknown release");
    page.line(&format!("time zones: rules of {release}"))?;
    if !report.rooms.is_empty() {
        page.line("")?;
        let titles =
            ["room", "server", "Exchange", "calendar", "right", "subscriptions", "items", "invitations"];
        let rows: Vec<_> = [heading(titles)].into_iter().chain(report.rooms.iter().map(row)).collect();
        table(page, "", &rows)?;
        page.line("")?;
    }
    for finding in &report.findings {
        page.line(&line(page, finding))?;
    }
    Ok(())
}

fn line(page: &Page<'_>, finding: &Finding) -> String {
    let (word, tint) = match finding.level {
        Level::Wrong => ("wrong", Tint::Bad),
        Level::Warning => ("warning", Tint::Notice),
        Level::Hint => ("hint", Tint::Plain),
    };
    format!("{}: {}", page.paint(tint, word), super::plain(&finding.sentence))
}

fn row(room: &RoomFound) -> [Cell; 8] {
    let calendar = match room.failed {
        Some(step) => Cell::new(Tint::Bad, format!("fails: {}", step.name())),
        None if room.asked => Cell::new(Tint::Good, "can be read"),
        None => Cell::new(Tint::Notice, "not asked"),
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
        Cell::plain(room.accepting.map_or("", |accepting| accepting.name())),
    ]
}

/// `1 room`, `2 rooms`.
fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
