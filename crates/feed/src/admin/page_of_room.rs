//! One room: what it shows, why, on which devices, since when, and what can be done about it.

use super::{
    SignedIn,
    layout::{self, Tab},
    said, timeline,
};
use crate::{
    room::{Room, of_room},
    server::Shared,
    text::one_line,
};
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use chrono::{DateTime, Utc};
use control::{DeviceHealth, Explained, ExplainedMeeting, Message, Question, Request};
use maud::{Markup, html};
use meeting_model::{
    day,
    display::Displayed,
    id::{Revision, RoomId},
};
use serde::Deserialize;
use std::{sync::Arc, time::Duration};

/// How many revisions are listed.
const REVISIONS: u32 = 30;

/// How long an explanation may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Which moment somebody wants explained.
#[derive(Deserialize, Default)]
pub(crate) struct Wanted {
    at: Option<DateTime<Utc>>,
}

/// One room.
pub(crate) async fn page(
    State(feed): State<Arc<Shared>>,
    Path(id): Path<String>,
    Query(Wanted { at }): Query<Wanted>,
    SignedIn(session): SignedIn,
) -> Response {
    let Some(room) = feed.rooms.get(&RoomId::new(id.as_str())) else {
        let main = layout::empty("No such room", "It may have been taken off the configuration.");
        let mut response = layout::page(&feed, &session, Tab::Rooms, "No such room", &main);
        *response.status_mut() = StatusCode::NOT_FOUND;
        return response;
    };
    let now = feed.clock.now().wall;
    let health = feed.health.borrow().clone();
    let of_this = of_room(&health, &room.id);
    let devices: Vec<_> = health.devices.iter().filter(|device| device.room == room.id.as_str()).collect();
    let warnings: Vec<_> =
        health.warnings.iter().filter(|warning| warning.about.as_deref() == Some(room.id.as_str())).collect();
    let today = day::local_day(&room.zone, now);
    let meetings = feed.meetings(room, today.window).await.map(|(_, meetings)| meetings).unwrap_or_default();
    let revisions = feed.reader.revisions(room.id.clone(), REVISIONS).await.unwrap_or_default();
    let explained = explained(&feed, &room.id, at).await;
    let action =
        |ask: &str, name: &str| layout::button(&feed, &session, ask, ("room", room.id.as_str()), name);
    let main = html! {
        p { a href={ (feed.base) "/" } { "All rooms" } }
        div #head data-live="" {
            h1 { (one_line(&room.name)) " " (said::badge(said::of_room(of_this, now))) }
            p .faint {
                (room.id) " · " (room.zone.name()) " · true as of "
                (said::ago(of_this.and_then(|health| health.as_of), now))
                @if let Some(health) = of_this { " · revision " (health.rev) }
                " · " (said::told_by(of_this))
            }
            @if let Some(trouble) = of_this.and_then(|health| health.trouble.as_deref()) {
                p .trouble { (one_line(trouble))
                    @if let Some(at) = of_this.and_then(|health| health.retry_at) { " It is tried again in " (said::span(at - now)) "." } }
            }
            (said::warnings(&warnings))
        }
        div .actions {
            (action("resync", "Resync"))
            (action("dry-run", "What would change?"))
            (action("diff", "Compare with Exchange"))
            a .button href={ (feed.base) "/rooms/" (room.links.segment()) } { "Door panel" }
        }
        section .card #today data-live="" {
            h2 { "Today" }
            div .strip { (timeline::day(&room.name, &today, &room.zone, &meetings, now)) }
            (listed(&meetings, room))
        }
        section .card #devices data-live="" { h2 { "Devices" } (table_of_devices(&devices)) }
        section .card #decisions {
            h2 { "Decisions" @if let Some(at) = at { " at " (said::instant(at)) } }
            @match &explained {
                Ok(explained) => { (decisions(explained, room)) }
                Err(sentence) => { p .faint { (sentence) } }
            }
        }
        section .card #revisions { h2 { "Revisions" } (table_of_revisions(&feed, room, &revisions, now)) }
    };
    layout::page(&feed, &session, Tab::Rooms, &room.name, &main)
}

fn listed(meetings: &[Displayed], room: &Room) -> Markup {
    html! {
        @if meetings.is_empty() { p .faint { "No meetings today." } }
        ul .meetings {
            @for meeting in meetings {
                li {
                    span .hours { (timeline::hours(meeting, &room.zone)) } " "
                    bdi { (one_line(meeting.title())) }
                    @if meeting.tentative { " " span .badge.warn { "tentative" } }
                    @if let Some(organizer) = meeting.organizer() { " " bdi .faint { (one_line(organizer)) } }
                }
            }
        }
    }
}

fn table_of_devices(devices: &[&DeviceHealth]) -> Markup {
    html! {
        @if devices.is_empty() { p .faint { "This room has no devices that are told." } }
        @else {
            table {
                thead { tr { th scope="col" { "Device" } th scope="col" { "Shows revision" } th scope="col" { "Last answer" } } }
                tbody {
                    @for device in devices {
                        tr {
                            th scope="row" { (device.device) }
                            td { (device.acknowledged) @if device.acknowledged < device.wanted { " of " (device.wanted) } }
                            td {
                                @match &device.trouble {
                                    Some(trouble) => { p .trouble { (one_line(trouble)) @if device.attempts > 1 { " (" (device.attempts) " times in a row)" } } }
                                    None if device.acknowledged < device.wanted => { span .badge.idle { "on its way" } }
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

fn decisions(explained: &Explained, room: &Room) -> Markup {
    let on_walls = |at: DateTime<Utc>| room.zone.local(at).format("%a %-d %b %H:%M").to_string();
    html! {
        @if explained.meetings.is_empty() { p .faint { "There is nothing in the calendar that could be shown." } }
        @else {
            table .decisions {
                thead { tr { th scope="col" { "When" } th scope="col" { "Meeting" } th scope="col" { "Fate" } th scope="col" { "Why" } } }
                tbody {
                    @for ExplainedMeeting { start, title, fate, rule, why, remedy, .. } in &explained.meetings {
                        tr {
                            td { (on_walls(*start)) }
                            th scope="row" { bdi { (title.as_deref().map_or("(forgotten)".to_owned(), one_line)) } }
                            td { (fate) @if let Some(rule) = rule { " " span .faint { (rule) } } }
                            td { (why) @if let Some(remedy) = remedy { p .trouble { (remedy) } } }
                        }
                    }
                }
            }
        }
    }
}

fn table_of_revisions(
    feed: &Shared,
    room: &Room,
    revisions: &[(Revision, DateTime<Utc>)],
    now: DateTime<Utc>,
) -> Markup {
    html! {
        @if revisions.is_empty() { p .faint { "No revision is remembered yet." } }
        ol .revisions {
            @for (Revision(rev), at) in revisions {
                li {
                    a href={ (feed.base) "/admin/rooms/" (room.links.segment()) "?at=" (at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)) "#decisions" } {
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
