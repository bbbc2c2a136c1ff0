//! How everything is.

use super::{
    Page, Tint, of_this_room,
    table::{Cell, heading, table},
    time::{age, clock},
};
use chrono::{DateTime, Utc};
use control::{
    ClockState, DeviceHealth, Health, MailboxHealth, RoomHealth, RoomState, ServerHealth, ServerState,
    ToldBy, Warning,
};
use std::io;

/// Writes how the daemon, its servers, rooms and devices are, at `now`. Every time is told in UTC, whatever zones the rooms are in.
///
/// # Errors
/// When it cannot be written.
pub fn status(page: &mut Page<'_>, health: &Health, now: DateTime<Utc>) -> io::Result<()> {
    let ready = if health.is_ready() {
        page.paint(Tint::Good, "ready")
    } else {
        page.paint(Tint::Notice, "not every room has been read yet")
    };
    let up = age(now - health.started);
    let clock = match health.clock {
        ClockState::Good | ClockState::Unknown => String::new(),
        ClockState::Skewed => format!("; {}", page.paint(Tint::Notice, "a clock is wrong")),
        ClockState::Degraded => format!("; {}", page.paint(Tint::Bad, "degraded: a clock is wrong")),
    };
    page.line(&format!("callboard {}, up {up}: {ready}{clock}", health.version))?;

    let servers = health.servers.iter().map(server).collect();
    listed(page, heading(["server", "state", "version", ""]), servers)?;
    let rooms = health.rooms.iter().flat_map(|each| room(each, &health.servers, now)).collect();
    listed(page, heading(["room", "state", "revision", "as of", ""]), rooms)?;
    let devices = health.devices.iter().map(|each| device(each, now)).collect();
    listed(page, heading(["device", "shows", "last answer", ""]), devices)?;
    for warning in &health.warnings {
        warn(page, warning)?;
    }
    Ok(())
}

fn listed<const N: usize>(
    page: &mut Page<'_>,
    titles: [Cell; N],
    mut rows: Vec<[Cell; N]>,
) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    rows.insert(0, titles);
    page.line("")?;
    table(page, "", &rows)
}

fn server(health: &ServerHealth) -> [Cell; 4] {
    let state = match health.state {
        ServerState::Unknown => Cell::plain("not asked yet"),
        ServerState::Up => Cell::new(Tint::Good, "up"),
        ServerState::BackingOff => Cell::new(Tint::Notice, "backing off"),
        ServerState::SignInRefused => Cell::new(Tint::Bad, "sign-in refused"),
        ServerState::Down => Cell::new(Tint::Bad, "down"),
    };
    let version = health.version.as_deref().unwrap_or_default();
    let said = match &health.trouble {
        Some(trouble) => Cell::new(Tint::Bad, trouble),
        None => Cell::plain(health.located.join("; ")),
    };
    [Cell::plain(&health.server), state, Cell::plain(version), said]
}

/// A line for a room, and below it one for each of its mailboxes where it has several.
fn room(health: &RoomHealth, servers: &[ServerHealth], now: DateTime<Utc>) -> Vec<[Cell; 5]> {
    let is_one = health.mailboxes.is_empty();
    let of_room = Line {
        state: health.state,
        told_by: health.told_by,
        as_of: health.as_of,
        trouble: health.trouble.as_deref().filter(|_| is_one),
        retry_at: health.retry_at.filter(|_| is_one),
    };
    let of_mailbox = |each: &MailboxHealth| {
        let MailboxHealth { mailbox, state, told_by, as_of, trouble, retry_at } = each;
        let (state, told_by, as_of, retry_at) = (*state, *told_by, *as_of, *retry_at);
        let line = Line { state, told_by, as_of, trouble: trouble.as_deref(), retry_at };
        let [said, as_of, trouble] = line.cells(&health.room, Some(mailbox), servers, now);
        [Cell::plain(format!("  {mailbox}")), said, Cell::plain(""), as_of, trouble]
    };
    let [said, as_of, trouble] = of_room.cells(&health.room, None, servers, now);
    let first = [Cell::plain(&health.room), said, Cell::plain(health.rev.to_string()), as_of, trouble];
    [first].into_iter().chain(health.mailboxes.iter().map(of_mailbox)).collect()
}

/// How a room or one of its mailboxes is.
struct Line<'a> {
    state: RoomState,
    told_by: Option<ToldBy>,
    as_of: Option<DateTime<Utc>>,
    trouble: Option<&'a str>,
    retry_at: Option<DateTime<Utc>>,
}

impl Line<'_> {
    /// What is done about it, as of when it is true, and what is wrong: what is its server's trouble stands there.
    fn cells(
        &self,
        room: &str,
        mailbox: Option<&str>,
        servers: &[ServerHealth],
        now: DateTime<Utc>,
    ) -> [Cell; 3] {
        let state = match self.state {
            RoomState::Subscribing => Cell::new(Tint::Notice, "subscribing"),
            RoomState::Reading => Cell::new(Tint::Notice, "reading"),
            RoomState::Live => Cell::new(Tint::Good, live(self.told_by)),
            RoomState::BackingOff => Cell::new(Tint::Bad, "backing off"),
        };
        let as_of = self
            .as_of
            .map_or_else(|| Cell::new(Tint::Notice, "never read"), |as_of| Cell::plain(moment(as_of, now)));
        let trouble = self.trouble.map(|trouble| of_this_room(room, mailbox, trouble));
        let of_server =
            servers.iter().find(|server| server.trouble.is_some() && server.trouble.as_deref() == trouble);
        let mut sentence = match of_server {
            Some(server) => format!("see server `{}`", server.server),
            None => trouble.unwrap_or_default().to_owned(),
        };
        if let Some(retry_at) = self.retry_at {
            let gap = if sentence.is_empty() { "" } else { "; " };
            sentence = format!("{sentence}{gap}tried again at {}", clock(retry_at, None));
        }
        [state, as_of, Cell::new(Tint::Bad, sentence)]
    }
}

/// A moment that is gone, and for how long.
fn moment(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    format!("{}, {} ago", clock(at, None), age(now - at))
}

/// That changes are seen, and how.
fn live(told_by: Option<ToldBy>) -> &'static str {
    match told_by {
        None => "live",
        Some(ToldBy::Streaming) => "live by streaming",
        Some(ToldBy::Push) => "live by push",
        Some(ToldBy::Pull) => "live by pull",
        Some(ToldBy::Looking) => "live by looking",
    }
}

fn device(health: &DeviceHealth, now: DateTime<Utc>) -> [Cell; 4] {
    let shows = if health.acknowledged >= health.wanted {
        Cell::new(Tint::Good, format!("revision {}", health.acknowledged))
    } else {
        let text = format!("has revision {}, wants {}", health.acknowledged, health.wanted);
        Cell::new(Tint::Notice, text)
    };
    let mut sentence = health.trouble.clone().unwrap_or_default();
    if health.attempts > 0 {
        let gap = if sentence.is_empty() { "" } else { "; " };
        sentence = format!("{sentence}{gap}failures in a row: {}", health.attempts);
    }
    let answered = match health.answered_at {
        Some(at) => Cell::plain(moment(at, now)),
        None => Cell::new(Tint::Notice, "none since the start"),
    };
    [Cell::plain(&health.device), shows, answered, Cell::new(Tint::Bad, sentence)]
}

pub(super) fn warn(page: &mut Page<'_>, warning: &Warning) -> io::Result<()> {
    let about = warning.about.as_ref().map_or_else(String::new, |about| format!(" {about}"));
    let head = page.paint(Tint::Notice, &format!("warning {}{about}", warning.id));
    let sentence = page.paint(Tint::Plain, &warning.sentence);
    let remedy = page.paint(Tint::Plain, &warning.remedy);
    page.line("")?;
    page.line(&format!("{head}: {sentence}"))?;
    page.line(&format!("  {remedy}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::tests::{page_in_berlin, page_in_colour};
    use insta::assert_snapshot;

    const HEALTH: &str = r#"{
        "version": "0.1.0",
        "started": "2026-11-24T05:00:00Z",
        "servers": [
            {"server": "hq", "state": "up", "version": "15.2.1544",
             "located": ["Autodiscover says `https://mail.example.com/EWS/Exchange.asmx`"]},
            {"server": "lab", "state": "sign-in-refused", "trouble": "`EXAMPLE\\cts` was refused: check its password"}
        ],
        "rooms": [
            {"room": "boardroom-9", "state": "live", "told_by": "streaming", "rev": 12, "as_of": "2026-11-24T08:14:03Z"},
            {"room": "cellar", "state": "backing-off", "rev": 0, "trouble": "no such mailbox",
             "retry_at": "2026-11-24T08:15:00Z"},
            {"room": "lab-1", "state": "backing-off", "rev": 0, "retry_at": "2026-11-24T08:15:00Z",
             "trouble": "room `lab-1`: `EXAMPLE\\cts` was refused: check its password"}
        ],
        "devices": [
            {"device": "boardroom-9/cisco-ip-phone@10.0.0.9", "room": "boardroom-9", "wanted": 12,
             "acknowledged": 12, "answered_at": "2026-11-24T08:13:15Z", "attempts": 0},
            {"device": "cellar/cisco-ip-phone@10.0.0.10", "room": "cellar", "wanted": 4,
             "acknowledged": 3, "attempts": 2, "trouble": "no answer"}
        ],
        "clock": "degraded",
        "warnings": [
            {"id": "password-in-clear", "about": "lab", "remedy": "give its `url` as https",
             "sentence": "the password for `lab` crosses the network in clear"}
        ]
    }"#;

    fn health() -> Health {
        serde_json::from_str(HEALTH).unwrap()
    }

    fn now() -> DateTime<Utc> {
        "2026-11-24T08:14:15Z".parse().unwrap()
    }

    #[test]
    fn everything_is_told_in_aligned_columns() {
        assert_snapshot!(page_in_berlin(|page| status(page, &health(), now())), @r"
        callboard 0.1.0, up 3h 14m: ready; degraded: a clock is wrong

        server  state            version
        hq      up               15.2.1544  Autodiscover says `https://mail.example.com/EWS/Exchange.asmx`
        lab     sign-in refused             `EXAMPLE\cts` was refused: check its password

        room         state              revision  as of
        boardroom-9  live by streaming  12        08:14:03 UTC, 12s ago
        cellar       backing off        0         never read             no such mailbox; tried again at 08:15:00 UTC
        lab-1        backing off        0         never read             see server `lab`; tried again at 08:15:00 UTC

        device                               shows                    last answer
        boardroom-9/cisco-ip-phone@10.0.0.9  revision 12              08:13:15 UTC, 1m ago
        cellar/cisco-ip-phone@10.0.0.10      has revision 3, wants 4  none since the start  no answer; failures in a row: 2

        warning password-in-clear lab: the password for `lab` crosses the network in clear
          give its `url` as https
        ");
    }

    #[test]
    fn colours_change_no_column() {
        let plain = page_in_berlin(|page| status(page, &health(), now()));
        let coloured = page_in_colour(|page| status(page, &health(), now()));
        assert!(coloured.contains("\x1b[32mlive by streaming\x1b[0m"), "{coloured}");
        let mut stripped = coloured;
        for code in ["\x1b[0m", "\x1b[1m", "\x1b[31m", "\x1b[32m", "\x1b[33m"] {
            stripped = stripped.replace(code, "");
        }
        assert_eq!(stripped, plain);
    }

    #[test]
    fn a_daemon_that_watches_nothing_takes_one_line() {
        let empty = Health { version: "0.1.0".into(), started: now(), ..Health::default() };
        assert_snapshot!(page_in_berlin(|page| status(page, &empty, now())), @"callboard 0.1.0, up 0s: ready");
    }
}
