//! What a panel shows: a few days, in instants, with what it takes to say them.

use crate::{
    api::{Readable, answer},
    held::Shown,
    language::{Language, PanelWords},
    room::span,
    text::one_line,
};
use axum::{http::StatusCode, response::Response};
use chrono::{DateTime, TimeDelta, Utc};
use meeting_model::{
    availability::{Occupancy, STALE_AFTER, Spell},
    clock::Window,
    day,
    display::Displayed,
    zone::RoomZone,
};
use serde::Serialize;

/// How far a panel knows ahead: a weekend and a day.
const AHEAD: TimeDelta = TimeDelta::days(4);

/// The longest text, in characters: what is longer is nowhere shown.
const LONGEST: usize = 300;

/// Instants are milliseconds since 1970-01-01 UTC, as browsers count.
#[derive(Serialize)]
struct PanelAnswer<'a> {
    now: i64,
    rev: i64,
    room: String,
    language: Spoken<'a>,
    /// The offset from UTC in minutes, each from an instant on.
    offsets: Vec<(i64, i64)>,
    true_as_of: Option<i64>,
    stale_after: i64,
    /// A clock is wrong by half a minute or more.
    clock_degraded: bool,
    meetings: Vec<PanelMeeting>,
    spells: Vec<PanelSpell>,
}

#[derive(Serialize)]
struct Spoken<'a> {
    tag: &'a str,
    weekdays: &'a [String; 7],
    months: &'a [String; 12],
    date: &'a str,
    time: &'a str,
    midnight: &'a str,
    words: &'a PanelWords,
}

#[derive(Serialize)]
struct PanelMeeting {
    start: i64,
    end: i64,
    all_day: bool,
    title: String,
    organizer: Option<String>,
    private: bool,
    tentative: bool,
    /// The room is held, and by whom is not shown.
    unnamed: bool,
}

#[derive(Serialize)]
struct PanelSpell {
    start: i64,
    end: i64,
    held: bool,
}

/// What a panel shows.
pub(crate) async fn state(Readable { feed, room }: Readable) -> Response {
    let now = feed.clock.now().wall;
    let today = day::local_day(&room.zone, now).window;
    let window = Window { start: today.start, end: today.end + AHEAD };
    let (meta, Shown { meetings, holds }, spells) = match feed.shown(&room, window).await {
        Ok(found) => found,
        Err(error) => return answer::unreadable(&error),
    };
    let mut listed: Vec<_> = meetings.iter().map(|meeting| shown(meeting, &room.zone)).collect();
    listed.extend(holds.iter().map(held));
    listed.sort_by_key(|meeting| meeting.start);
    let told = PanelAnswer {
        now: now.timestamp_millis(),
        rev: meta.rev.0,
        room: line(&room.name),
        language: spoken(room.language),
        offsets: offsets(&room.zone, window),
        true_as_of: meta.as_of.map(|as_of| as_of.timestamp_millis()),
        stale_after: STALE_AFTER.num_milliseconds(),
        clock_degraded: feed.is_clock_degraded(),
        meetings: listed,
        spells: spells.iter().map(taken).collect(),
    };
    answer::fresh(StatusCode::OK, &told)
}

fn spoken(language: &Language) -> Spoken<'_> {
    Spoken {
        tag: language.tag,
        weekdays: &language.weekdays,
        months: &language.months,
        date: &language.date,
        time: &language.time,
        midnight: &language.midnight,
        words: &language.panel,
    }
}

fn shown(meeting: &Displayed, zone: &RoomZone) -> PanelMeeting {
    let Window { start, end } = span(meeting, zone);
    PanelMeeting {
        start: start.timestamp_millis(),
        end: end.timestamp_millis(),
        all_day: meeting.all_day.is_some(),
        title: line(meeting.title()),
        organizer: meeting.organizer().map(line),
        private: meeting.is_private(),
        tentative: meeting.tentative,
        unnamed: false,
    }
}

fn held(window: &Window) -> PanelMeeting {
    PanelMeeting {
        start: window.start.timestamp_millis(),
        end: window.end.timestamp_millis(),
        all_day: false,
        title: String::new(),
        organizer: None,
        private: false,
        tentative: false,
        unnamed: true,
    }
}

fn taken(spell: &Spell) -> PanelSpell {
    let Window { start, end } = spell.window;
    let held = spell.occupancy == Occupancy::Held;
    PanelSpell { start: start.timestamp_millis(), end: end.timestamp_millis(), held }
}

/// The zone's offsets within a window: browsers of old tablets know no zones. No zone changes within a quarter of an hour.
fn offsets(zone: &RoomZone, window: Window) -> Vec<(i64, i64)> {
    let minutes = |instant: DateTime<Utc>| (zone.local(instant) - instant.naive_utc()).num_minutes();
    let steps = std::iter::successors(Some(window.start), |at| Some(*at + TimeDelta::minutes(15)));
    let mut offsets: Vec<(i64, i64)> = Vec::new();
    for at in steps.take_while(|at| *at < window.end + TimeDelta::days(1)) {
        let offset = minutes(at);
        if offsets.last().is_none_or(|(_, before)| *before != offset) {
            offsets.push((at.timestamp_millis(), offset));
        }
    }
    offsets
}

fn line(text: &str) -> String {
    one_line(text).chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use meeting_model::zone::ZoneDatabase;

    #[test]
    fn offsets_change_with_the_clocks() {
        let zone = RoomZone::named(&ZoneDatabase::bundled(), "Europe/Berlin").unwrap();
        let utc = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let window = Window { start: utc("2026-10-23T22:00:00Z"), end: utc("2026-10-27T23:00:00Z") };
        let changed = utc("2026-10-25T01:00:00Z").timestamp_millis();
        assert_eq!(offsets(&zone, window), [(window.start.timestamp_millis(), 120), (changed, 60)]);
    }
}
