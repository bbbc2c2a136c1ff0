//! A room's meetings as JSON, for webhooks and MQTT. How a meeting is joined is not in it (rule P1).

use crate::adapter::Showing;
use chrono::{DateTime, DurationRound, NaiveDate, TimeDelta, Utc};
use meeting_model::{
    availability::{Availability, Occupancy, STALE_AFTER, availability},
    day::{self, Phase},
    display::{Displayed, Present},
};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// The farthest that is told of.
const HORIZON: TimeDelta = TimeDelta::hours(72);

/// It is looked again at least so often what has come over the horizon.
const LOOK_AGAIN: TimeDelta = TimeDelta::hours(1);

/// It is looked again so soon whether a calendar that was not known has been read.
const LOOK_FOR_A_READ: TimeDelta = TimeDelta::minutes(1);

#[derive(Serialize)]
struct Document<'a> {
    event: &'static str,
    at: DateTime<Utc>,
    true_as_of: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reminder_of: Option<&'a str>,
    #[serde(flatten)]
    content: Content<'a>,
}

#[derive(Serialize)]
struct Content<'a> {
    room: &'a str,
    name: &'a str,
    time_zone: &'a str,
    rev: i64,
    occupancy: Occupancy,
    until: Option<DateTime<Utc>>,
    meetings: Vec<Meeting<'a>>,
}

#[derive(Serialize)]
struct Meeting<'a> {
    key: &'a str,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    all_day: Option<Dates>,
    title: &'a str,
    organizer: Option<&'a str>,
    location: Option<&'a str>,
    private: bool,
    phase: &'static str,
}

#[derive(Serialize)]
struct Dates {
    first: NaiveDate,
    last: NaiveDate,
}

/// What is shown of today and the next days, and which meeting is reminded of, where one is.
pub(crate) fn document(present: &Present, reminder: Option<&Displayed>) -> Vec<u8> {
    let document = Document {
        event: if reminder.is_some() { "reminder" } else { "meetings" },
        at: present.now,
        true_as_of: present.as_of,
        reminder_of: reminder.map(|meeting| meeting.key.as_str()),
        content: content(present, present.rev.0),
    };
    serde_json::to_vec(&document).expect("plain data has a form in JSON")
}

/// The same for whatever moment and revision: only what is said of the room counts.
pub(crate) fn showing(present: &Present) -> Showing {
    let content = serde_json::to_vec(&content(present, 0)).expect("plain data has a form in JSON");
    let turns = listed(present).flat_map(|meeting| [meeting.start, meeting.gone_at()]);
    let stale_at = present.as_of.map(|as_of| as_of + STALE_AFTER);
    let Availability { occupancy, until } = taken(present);
    let turns = turns.chain(until).chain(stale_at).filter(|turn| *turn > present.now);
    let midnight = day::local_day(&present.zone, present.now).window.end;
    let again = match occupancy {
        Occupancy::Unknown => present.now + LOOK_FOR_A_READ,
        _ => hour(present) + LOOK_AGAIN,
    };
    Showing {
        digest: hex::encode(Sha256::digest(content)),
        until: turns.fold(again.min(midnight), DateTime::min),
    }
}

/// Whether the room is taken (section E of the rules).
fn taken(present: &Present) -> Availability {
    availability(&present.spells, present.as_of, present.now)
}

fn content(present: &Present, rev: i64) -> Content<'_> {
    let Availability { occupancy, until } = taken(present);
    Content {
        room: present.room.as_str(),
        name: &present.room_name,
        time_zone: present.zone.name(),
        rev,
        occupancy,
        until,
        meetings: listed(present).map(|shown| meeting(shown, present.now)).collect(),
    }
}

/// Today and the next days, as far as the horizon, which moves with the hour.
fn listed(present: &Present) -> impl Iterator<Item = &Displayed> {
    let today = day::local_day(&present.zone, present.now);
    let horizon = hour(present) + HORIZON;
    present.meetings.iter().filter(move |meeting| {
        let is_today = !day::of_day(std::slice::from_ref(*meeting), &today).is_empty();
        is_today || (meeting.start >= today.window.end && meeting.start < horizon)
    })
}

fn hour(present: &Present) -> DateTime<Utc> {
    present.now.duration_trunc(LOOK_AGAIN).unwrap_or(present.now)
}

fn meeting(shown: &Displayed, now: DateTime<Utc>) -> Meeting<'_> {
    Meeting {
        key: shown.key.as_str(),
        start: shown.start,
        end: shown.end,
        all_day: shown.all_day.map(|(first, last)| Dates { first, last }),
        title: shown.title(),
        organizer: shown.organizer(),
        location: shown.location(),
        private: shown.is_private(),
        phase: match day::phase(shown, now) {
            Phase::Past => "past",
            Phase::Running => "running",
            Phase::Coming => "coming",
        },
    }
}
