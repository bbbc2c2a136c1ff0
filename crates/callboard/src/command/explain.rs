//! `callboard explain`: why a room shows what it shows.
//!
//! While a daemon runs on the state directory, it is asked. Without one the mirror is read here; Exchange is asked by neither.

use super::resync_room::chosen;
use crate::{
    cli::{Exit, Explain},
    command::{Terminal, zones_of},
    config::Config,
    control_client,
    explaining::{self, Mirrored},
    planning::Planning,
    render::{self, Listing},
    room_signs::configured_generation,
    state_dir::{Lock, StateDir},
};
use anyhow::Context;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use control::{Explained, ExplainedMeeting, Message, Question, Request};
use meeting_model::{
    availability::believed,
    clock::Now,
    day::day_of,
    id::RoomId,
    zone::{RoomZone, ZoneDatabase},
};
use std::collections::BTreeSet;
use store::{BlockingDisplayReader, Store};

/// What is said where the mirror is read.
const NO_DAEMON: &str = "no daemon runs: this is the mirror as it was left, and nothing keeps it up to date";

/// Explains one room.
///
/// # Errors
/// Where the mirror or the socket cannot be used, or it cannot be told.
pub fn run(
    asked: &Explain,
    config: &Config,
    zones: ZoneDatabase,
    terminal: &mut Terminal<'_>,
) -> anyhow::Result<Exit> {
    if let Err(exit) = chosen(std::slice::from_ref(&asked.room), false, config, terminal)? {
        return Ok(exit);
    }
    let room_zones = zones_of(config);
    let state = StateDir::new(&config.state_dir);
    let now = control_client::now(&state.control_socket());
    let zone = room_zones.get(&RoomId::new(&asked.room));
    let at = match asked.at.as_deref().map(|text| moment(text, zone, now.wall)).transpose() {
        Ok(at) => at,
        Err(sentence) => return refuse(&sentence, terminal),
    };
    let question =
        Question { room: asked.room.clone(), at, meeting: asked.meeting.clone(), reveal: asked.reveal };
    if !state.database().exists() {
        return refuse(
            "no room was read yet: start `callboard daemon`, or `callboard resync-room`",
            terminal,
        );
    }
    let told = match state.try_lock()? {
        Some(lock) => mirrored(&question, config, zones, &state, now, lock)?,
        None => ask_daemon(&question, &state)?,
    };
    match told {
        Err(sentence) => refuse(&sentence, terminal),
        Ok(mut told) => {
            if let Some((date, zone)) = asked.day.zip(zone) {
                told.meetings.retain(|meeting| is_on(date, meeting, zone));
            }
            if asked.json {
                writeln!(terminal.out, "{}", serde_json::to_string(&told)?)?;
                return Ok(Exit::Done);
            }
            let listing = Listing {
                past: asked.past || asked.day.is_some(),
                some: asked.meeting.is_some() || asked.day.is_some(),
            };
            render::explain(&mut terminal.page(&room_zones), &told, listing)?;
            Ok(Exit::Done)
        }
    }
}

/// Whether a meeting is on a date: by its own dates, where it stands for whole days (rules T4 and T7).
fn is_on(date: NaiveDate, meeting: &ExplainedMeeting, zone: &RoomZone) -> bool {
    match meeting.all_day {
        Some((first, last)) => (first..=last).contains(&date),
        None => day_of(zone, date).window.overlaps(meeting.start, meeting.end),
    }
}

fn refuse(sentence: &str, terminal: &mut Terminal<'_>) -> anyhow::Result<Exit> {
    terminal.refuse(sentence)?;
    Ok(Exit::Usage)
}

/// A moment as it was typed: an instant, or what the room's walls say of today or of another day.
fn moment(text: &str, zone: Option<&RoomZone>, now: DateTime<Utc>) -> Result<DateTime<Utc>, String> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(instant.to_utc());
    }
    let text = text.trim();
    let forms = ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"];
    let local = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    let midnight = || Some(NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_time(NaiveTime::MIN));
    let today = |zone: &RoomZone| {
        let time =
            ["%H:%M", "%H:%M:%S"].iter().find_map(|form| NaiveTime::parse_from_str(text, form).ok())?;
        Some(zone.local(now).date().and_time(time))
    };
    let local = zone.and_then(|zone| Some(zone.instant(local.or_else(midnight).or_else(|| today(zone))?)));
    local.ok_or_else(|| {
        format!("`--at`: expected a moment such as `2026-11-24 09:00`, `09:00`, `2026-11-24` or `2026-11-24T08:00:00Z`, found `{text}`")
    })
}

/// What the mirror says, where no daemon runs. Which Exchange it was read from is not stored: remedies are for what the
/// configuration says of it, and in general words where that says nothing.
fn mirrored(
    question: &Question,
    config: &Config,
    zones: ZoneDatabase,
    state: &StateDir,
    now: Now,
    _lock: Lock,
) -> anyhow::Result<Result<Explained, String>> {
    if let Err(sentence) = explaining::moment(question, now.wall) {
        return Ok(Err(sentence));
    }
    let room = RoomId::new(&question.room);
    let database = state.database();
    let mut store = Store::open(&database)?;
    let state = match store.state(&room) {
        Err(store::Error::UnknownRoom { .. }) => {
            return Ok(Err(format!("room `{room}` was not read yet: start `callboard daemon`")));
        }
        state => state?,
    };
    let planning = Planning::begin(config, zones, &mut store, &[state])?;
    let known = store.known(&room, &BTreeSet::new())?;
    let shown = store.shown_at(&room, question.at.unwrap_or(now.wall))?;
    let devices = store.devices()?.into_iter().filter(|device| device.room == room);
    let as_of = believed(BlockingDisplayReader::open(&database)?.room(&room)?.as_of, now.wall);
    let devices = devices.map(|device| (device.device, None)).collect();
    let mirrored = Mirrored { known, shown, as_of, troubles: Vec::new(), devices };
    let source = mirrored.known.source.as_ref().or_else(|| planning.sources.get(&room));
    let server = source.and_then(|source| config.servers.get(&source.server));
    let server = server.and_then(configured_generation);
    let mut told = explaining::explained(question, &planning, server, &mirrored, now);
    store.close()?;
    if let Ok(told) = &mut told {
        told.notes.insert(0, NO_DAEMON.to_owned());
    }
    Ok(told)
}

fn ask_daemon(question: &Question, state: &StateDir) -> anyhow::Result<Result<Explained, String>> {
    let mut told = None;
    let request = Request::Explain(question.clone());
    let socket = state.control_socket();
    control_client::ask(&socket, &request, |message| match message {
        Message::Explained(explained) => told = Some(Ok(*explained)),
        Message::Refused { sentence, .. } => told = Some(Err(sentence)),
        _ => {}
    })
    .with_context(|| {
        format!(
            "state directory `{}` is in use, but no daemon answers at its control socket",
            state.path().display()
        )
    })?;
    told.with_context(|| format!("control socket `{}`: the daemon is of another version", socket.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_typed_as_the_rooms_walls_say_them() {
        let zone = RoomZone::named(&ZoneDatabase::bundled(), "Europe/Berlin").unwrap();
        let now = "2026-11-24T12:00:00Z".parse().unwrap();
        for (text, expected) in [
            ("2026-11-23 09:00", Some("2026-11-23T08:00:00Z")),
            ("2026-11-23T09:00:30", Some("2026-11-23T08:00:30Z")),
            ("09:00", Some("2026-11-24T08:00:00Z")),
            ("09:00:30", Some("2026-11-24T08:00:30Z")),
            ("2026-11-23", Some("2026-11-22T23:00:00Z")),
            ("2026-11-23T09:00:00-05:00", Some("2026-11-23T14:00:00Z")),
            ("yesterday", None),
        ] {
            let found = moment(text, Some(&zone), now).ok();
            assert_eq!(found, expected.map(|instant| instant.parse().unwrap()), "{text}");
        }
    }
}
