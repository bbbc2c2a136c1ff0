//! A room's day, drawn.

use crate::{room::span, text::one_line};
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use meeting_model::{clock::Window, day::LocalDay, display::Displayed, zone::RoomZone};

/// How wide a day is drawn: a unit is a minute and a half of one with 24 hours.
const WIDTH: i64 = 960;

/// A day of a room, from midnight to midnight on its walls. `now` is marked.
pub(super) fn day(
    room: &str,
    day: &LocalDay,
    zone: &RoomZone,
    meetings: &[Displayed],
    now: DateTime<Utc>,
) -> Markup {
    let x = |at: DateTime<Utc>| {
        let length = (day.window.end - day.window.start).num_seconds().max(1);
        ((at - day.window.start).num_seconds() * WIDTH / length).clamp(0, WIDTH)
    };
    let blocks = meetings.iter().map(|meeting| (meeting, span(meeting, zone)));
    let said = said(zone, meetings);
    html! {
        svg .day viewBox={ "0 0 " (WIDTH) " 24" } preserveAspectRatio="none" role="img"
            aria-label={ (one_line(room)) ": " (said) } {
            rect .ground x="0" y="0" width=(WIDTH) height="24" {}
            @for hour in [6, 12, 18] { line .hour x1=(hour * WIDTH / 24) x2=(hour * WIDTH / 24) y1="0" y2="24" {} }
            @for (meeting, Window { start, end }) in blocks {
                rect class=(kind(meeting)) x=(x(start)) y="4" width=((x(end) - x(start)).max(2)) height="16" rx="2" {
                    title { (hours(meeting, zone)) " " (one_line(meeting.title())) }
                }
            }
            line .now x1=(x(now)) x2=(x(now)) y1="0" y2="24" {}
        }
    }
}

fn kind(meeting: &Displayed) -> &'static str {
    match (meeting.tentative, meeting.is_private()) {
        (true, _) => "meeting tentative",
        (false, true) => "meeting private",
        (false, false) => "meeting",
    }
}

/// `09:00–10:00` on the walls of the room.
pub(super) fn hours(meeting: &Displayed, zone: &RoomZone) -> String {
    if meeting.all_day.is_some() {
        return "all day".to_owned();
    }
    let on_walls = |at| zone.local(at).format("%H:%M").to_string();
    format!("{}–{}", on_walls(meeting.start), on_walls(meeting.end))
}

fn said(zone: &RoomZone, meetings: &[Displayed]) -> String {
    let said: Vec<_> = meetings.iter().map(|meeting| hours(meeting, zone)).collect();
    if said.is_empty() { "no meetings today".to_owned() } else { said.join(", ") }
}
