//! A room's day, drawn. Places are told in per cent, so that letters and lines keep their shape at every width.

use crate::{held::Shown, room::span, text::one_line};
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use meeting_model::{clock::Window, day::LocalDay, display::Displayed, zone::RoomZone};

/// So many hours apart stand the numbers.
const STEP: u32 = 3;

/// The least that is seen of a meeting, in hundredths of a per cent of the day.
const LEAST: i64 = 25;

/// A day of a room, from midnight to midnight on its walls, with its hours. `now` is marked.
pub(super) fn day(room: &str, day: &LocalDay, zone: &RoomZone, shown: &Shown, now: DateTime<Utc>) -> Markup {
    let place = |at| place(day.window, at);
    let width = |window: Window| (place(window.end) - place(window.start)).max(LEAST);
    let blocks = shown.meetings.iter().map(|meeting| (meeting, span(meeting, zone)));
    let said = said(zone, shown);
    html! {
        svg .day role="img" aria-label={ (one_line(room)) ": " (said) } {
            rect .ground width="100%" height="26" rx="4" {}
            @for (hour, at) in hours_on_walls(day, zone) {
                @let x = percent(place(at));
                line .hour x1=(x) x2=(x) y1="0" y2="26" {}
                text x=(x) y="38" text-anchor="middle" { (hour) }
            }
            @for held in &shown.holds {
                rect .meeting.held x=(percent(place(held.start))) width=(percent(width(*held))) y="4" height="18" rx="2" {
                    title { (on_walls(*held, zone)) " held" }
                }
            }
            @for (meeting, window) in blocks {
                rect class=(kind(meeting)) x=(percent(place(window.start))) width=(percent(width(window))) y="4" height="18" rx="2" {
                    title { (hours(meeting, zone)) " " (one_line(meeting.title())) }
                }
            }
            line .now x1=(percent(place(now))) x2=(percent(place(now))) y1="0" y2="26" {}
        }
    }
}

/// What the colours of a day say.
pub(super) fn legend() -> Markup {
    html! {
        p .legend {
            @for (kind, name) in [("meeting", "meeting"), ("meeting private", "private"), ("meeting tentative", "tentative"), ("meeting held", "held"), ("now", "now")] {
                span { span class={ "swatch " (kind) } {} (name) }
            }
        }
    }
}

/// Where in a day an instant lies, in hundredths of a per cent.
fn place(day: Window, at: DateTime<Utc>) -> i64 {
    let length = (day.end - day.start).num_seconds().max(1);
    ((at - day.start).num_seconds() * 10_000 / length).clamp(0, 10_000)
}

fn percent(hundredths: i64) -> String {
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

/// The hours that a day is numbered by, and when it is so late on the walls: a day on which the clocks change is as long as it is.
fn hours_on_walls(day: &LocalDay, zone: &RoomZone) -> Vec<(u32, DateTime<Utc>)> {
    let hours = (1..).map(|step| step * STEP).take_while(|hour| *hour < 24);
    let instants = hours.filter_map(|hour| Some((hour, zone.instant(day.date.and_hms_opt(hour, 0, 0)?))));
    instants.filter(|(_, at)| day.window.contains(*at)).collect()
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
    on_walls(Window { start: meeting.start, end: meeting.end }, zone)
}

/// The same of any time.
pub(super) fn on_walls(Window { start, end }: Window, zone: &RoomZone) -> String {
    let on_walls = |at| zone.local(at).format("%H:%M").to_string();
    format!("{}–{}", on_walls(start), on_walls(end))
}

fn said(zone: &RoomZone, Shown { meetings, holds }: &Shown) -> String {
    let meetings = meetings.iter().map(|meeting| hours(meeting, zone));
    let holds = holds.iter().map(|held| format!("held {}", on_walls(*held, zone)));
    let said: Vec<_> = meetings.chain(holds).collect();
    if said.is_empty() { "no meetings today".to_owned() } else { said.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use meeting_model::{day::day_of, zone::ZoneDatabase};

    #[test]
    fn hours_stand_where_the_walls_say_so() {
        let zone = RoomZone::named(&ZoneDatabase::bundled(), "Europe/Berlin").unwrap();
        for (date, places) in [
            ("2026-07-01", "3 12.50%, 6 25.00%, 9 37.50%, 12 50.00%, 15 62.50%, 18 75.00%, 21 87.50%"),
            // of 23 hours the first two pass before the clocks go forward
            ("2026-03-29", "3 8.69%, 6 21.73%, 9 34.78%, 12 47.82%, 15 60.86%, 18 73.91%, 21 86.95%"),
            // of 25 hours four pass before it is three
            ("2026-10-25", "3 16.00%, 6 28.00%, 9 40.00%, 12 52.00%, 15 64.00%, 18 76.00%, 21 88.00%"),
        ] {
            let day = day_of(&zone, date.parse().unwrap());
            let found = hours_on_walls(&day, &zone).into_iter();
            let found = found.map(|(hour, at)| format!("{hour} {}", percent(place(day.window, at))));
            assert_eq!(found.collect::<Vec<_>>().join(", "), places, "{date}");
        }
    }
}
