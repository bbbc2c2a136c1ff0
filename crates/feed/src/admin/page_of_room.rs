//! One room: what it shows, why, on which devices, since when, and what can be done about it.

mod decisions;

use super::{
    SignedIn,
    layout::{self, Tab},
    said, timeline,
};
use crate::{
    held::Shown,
    room::{Room, of_room},
    server::Shared,
    text::one_line,
};
use axum::{
    extract::{Path, Query, State, rejection::QueryRejection},
    http::StatusCode,
    response::Response,
};
use chrono::{DateTime, Utc};
use control::{DeviceHealth, Explained, Message, Question, Request, RoomHealth, Warning};
use decisions::Wanted;
use maud::{Markup, html};
use meeting_model::{
    day,
    id::{Revision, RoomId},
    subject,
};
use std::{fmt, sync::Arc, time::Duration};

/// How many revisions are listed.
const REVISIONS: u32 = 30;

/// The longest title that is listed whole, in graphemes.
const LONGEST_TITLE: usize = 120;

/// How long an explanation may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Where a room's page is.
struct Address<'a> {
    base: &'a str,
    room: &'a Room,
}

impl fmt::Display for Address<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/admin/rooms/{}", self.base, self.room.links.segment())
    }
}

/// One room.
pub(crate) async fn page(
    State(feed): State<Arc<Shared>>,
    Path(id): Path<String>,
    wanted: Result<Query<Wanted>, QueryRejection>,
    SignedIn(session): SignedIn,
) -> Response {
    let Some(room) = feed.rooms.get(&RoomId::new(id.as_str())) else {
        let main = layout::alone("No such room", "It may have been taken off the configuration.");
        let mut response = layout::page(&feed, &session, Tab::Rooms, "No such room", &main);
        *response.status_mut() = StatusCode::NOT_FOUND;
        return response;
    };
    let Ok(Query(wanted)) = wanted else {
        let expected = "Expected `at` as a moment such as 2026-11-24T08:00:00Z, and `page` as a number.";
        return layout::misdirected(&feed, &session, expected);
    };
    let now = feed.clock.now().wall;
    let health = feed.health.borrow().clone();
    let of_this = of_room(&health, &room.id);
    let unread = of_this.is_some_and(|health| health.as_of.is_none());
    let devices: Vec<_> = health.devices.iter().filter(|device| device.room == room.id.as_str()).collect();
    let warnings: Vec<_> =
        health.warnings.iter().filter(|warning| warning.about.as_deref() == Some(room.id.as_str())).collect();
    let today = day::local_day(&room.zone, now).window;
    let shown = feed.shown(room, today).await.map(|(_, shown, _)| shown);
    let revisions = feed.reader.revisions(room.id.clone(), REVISIONS).await.unwrap_or_default();
    let explained = explained(&feed, &room.id, wanted.at).await;
    let address = Address { base: &feed.base, room };
    let action =
        |ask: &str, name: &str| layout::button(&feed, &session, ask, ("room", room.id.as_str()), name);
    let main = html! {
        p { a href={ (feed.base) "/" } { "All rooms" } }
        div #head data-live="" { (head(room, of_this, &warnings, now)) }
        div .actions {
            (action("resync", "Resync"))
            (action("dry-run", "What would change?"))
            (action("diff", "Compare with Exchange"))
            a .button href={ (feed.base) "/rooms/" (room.links.segment()) } { "Door panel" }
        }
        (parts())
        section .card #today data-live="" {
            h2 { "Today" }
            @match &shown {
                Ok(shown) => { (of_today(room, shown, unread, now)) }
                Err(_) => { p .trouble { "What the room shows cannot be read at the moment." } }
            }
        }
        section .card #devices data-live="" { h2 { "Devices" } (table_of_devices(&devices, unread, now)) }
        section .card #decisions {
            h2 { "Decisions" @if let Some(at) = wanted.at { " at " (said::instant(at)) } }
            @if wanted.at.is_some() { p { a href={ (address) "#decisions" } { "Back to now" } } }
            (decisions::search(&address, &wanted))
            div #decided data-live="" {
                @match &explained {
                    Ok(explained) => { (decisions::found(explained, &address, &wanted, &room.zone)) }
                    Err(sentence) => { p .faint { (sentence) } }
                }
            }
        }
        section .card #revisions { h2 { "Revisions" } (table_of_revisions(&address, &revisions, now)) }
    };
    layout::page(&feed, &session, Tab::Rooms, &room.name, &main)
}

/// What a room is called, and how it is.
fn head(room: &Room, health: Option<&RoomHealth>, warnings: &[&Warning], now: DateTime<Utc>) -> Markup {
    html! {
        h1 { (one_line(&room.name)) " " (said::badge(said::of_room(health, now))) }
        p .faint {
            (room.id) " · " (room.zone.name()) " · true as of "
            (said::ago(health.and_then(|health| health.as_of), now))
            @if let Some(health) = health { " · revision " (health.rev) }
            " · " (said::told_by(health))
        }
        @for (trouble, retry_at) in health.into_iter().flat_map(RoomHealth::troubles) {
            p .trouble { (said::sentence(trouble))
                @if let Some(at) = retry_at { " It is tried again in " (said::span(at - now)) "." } }
        }
        (said::warnings(warnings))
    }
}

/// Where one jumps on this page, by the ids of its parts.
fn parts() -> Markup {
    let parts =
        [("today", "Today"), ("devices", "Devices"), ("decisions", "Decisions"), ("revisions", "Revisions")];
    html! {
        nav .jump aria-label="Parts of this page" {
            @for (part, name) in parts { a href={ "#" (part) } { (name) } }
        }
    }
}

fn of_today(room: &Room, shown: &Shown, unread: bool, now: DateTime<Utc>) -> Markup {
    html! {
        (timeline::day(&room.name, &day::local_day(&room.zone, now), &room.zone, shown, now))
        (timeline::legend())
        (listed(shown, unread, room))
    }
}

fn listed(Shown { meetings, holds }: &Shown, unread: bool, room: &Room) -> Markup {
    html! {
        @if unread { p .faint { "Not read yet: nobody knows what takes place today." } }
        @else if meetings.is_empty() && holds.is_empty() { p .faint { "No meetings today." } }
        ul .meetings {
            @for meeting in meetings {
                li {
                    span .hours { (timeline::hours(meeting, &room.zone)) } " "
                    (shortened(meeting.title()))
                    @if meeting.tentative { " " span .badge.warn { "tentative" } }
                    @if let Some(organizer) = meeting.organizer() { " " bdi .faint { (one_line(organizer)) } }
                }
            }
            @for held in holds {
                li {
                    span .hours { (timeline::on_walls(*held, &room.zone)) } " "
                    span .badge.warn { "held" } " "
                    span .faint { "by what is not shown: the decisions below say why" }
                }
            }
        }
    }
}

/// A title at a length that can be read at a glance. The whole of a longer one is opened.
fn shortened(title: &str) -> Markup {
    let whole = one_line(title);
    let short = subject::shortened(&whole, LONGEST_TITLE);
    html! {
        @if short == whole { bdi { (whole) } }
        @else { details .whole { summary { bdi { (short) } } bdi { (whole) } } }
    }
}

fn table_of_devices(devices: &[&DeviceHealth], unread: bool, now: DateTime<Utc>) -> Markup {
    html! {
        @if devices.is_empty() { p .faint { "This room has no devices that are told." } }
        @else {
            table .stacked {
                thead { tr { th scope="col" { "Device" } th scope="col" { "Shows revision" } th scope="col" { "Last answer" } th scope="col" { "State" } } }
                tbody {
                    @for device in devices {
                        tr {
                            th scope="row" { (device.device) }
                            td data-name="Revision" { (device.acknowledged) @if device.acknowledged < device.wanted { " of " (device.wanted) } }
                            td data-name="Last answer" {
                                @if device.answered_at.is_some() { (said::ago(device.answered_at, now)) }
                                @else { span .faint { "none since the start" } }
                            }
                            td data-name="State" {
                                @match &device.trouble {
                                    Some(trouble) => { p .trouble { (said::sentence(trouble)) @if device.attempts > 1 { " (" (device.attempts) " times in a row)" } } }
                                    None if device.acknowledged < device.wanted => { span .badge.idle { "on its way" } }
                                    None if unread => { span .badge.idle { "waits for its room" } }
                                    None => { span .badge.good { "well" } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn table_of_revisions(
    address: &Address<'_>,
    revisions: &[(Revision, DateTime<Utc>)],
    now: DateTime<Utc>,
) -> Markup {
    html! {
        @if revisions.is_empty() { p .faint { "No revision is remembered yet." } }
        ol .revisions {
            @for (Revision(rev), at) in revisions {
                li {
                    a href={ (address) "?at=" (decisions::moment(*at)) "&show=all#decisions" } {
                        "Revision " (rev)
                    }
                    " " (said::ago(Some(*at), now))
                }
            }
        }
    }
}

/// Why the room shows what it shows, or why that cannot be told.
async fn explained(feed: &Shared, room: &RoomId, at: Option<DateTime<Utc>>) -> Result<Explained, String> {
    let Some(operator) = feed.operator.get() else {
        return Err("This feed is served without a daemon that could explain.".to_owned());
    };
    let question = Question { room: room.to_string(), at, meeting: None, reveal: false };
    let mut told = operator.ask(Request::Explain(question));
    let answer = async {
        while let Some(message) = told.recv().await {
            match message {
                Message::Explained(explained) => return Ok(*explained),
                Message::Refused { sentence, .. } => return Err(sentence),
                _ => {}
            }
        }
        Err("callboard is stopping.".to_owned())
    };
    let late = |_| Err("It takes too long to explain at the moment: reload the page.".to_owned());
    tokio::time::timeout(PATIENCE, answer).await.unwrap_or_else(late)
}
