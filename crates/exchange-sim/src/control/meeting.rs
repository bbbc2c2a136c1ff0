//! Meetings: sent, changed, answered and called off by commands.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Refusal, read};
use crate::item::{FreeBusy, Sensitivity};
use crate::{Answer, MeetingHandle, SimError, World, Zone};

/// How often a meeting takes place.
#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case")]
enum Repeats {
    Daily,
    Weekly,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewMeeting {
    organizer: String,
    rooms: Vec<String>,
    /// People, by alias or address.
    #[serde(default)]
    attendees: Vec<String>,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    body: String,
    /// Whether something is attached.
    #[serde(default)]
    attached: bool,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    /// A Windows id.
    zone: Option<String>,
    #[serde(default)]
    sensitivity: Sensitivity,
    #[serde(default)]
    show_as: FreeBusy,
    repeats: Option<Repeats>,
    times: Option<u32>,
    join_url: Option<String>,
}

impl NewMeeting {
    fn send(self, world: &mut World) -> Result<Value, Refusal> {
        let now = world.now;
        let zone = self.zone.map_or(Ok(Zone::utc()), |zone| Zone::windows(&zone))?;
        let mut rooms = self.rooms.iter();
        let first = rooms.next().ok_or(SimError::NoRooms)?;
        let mut invitation = world
            .organizer(&self.organizer)
            .invites(first)
            .to(&self.subject)
            .saying(&self.body)
            .at(self.start, self.end)
            .in_zone(&zone)
            .sensitivity(self.sensitivity)
            .showing(self.show_as);
        for room in rooms {
            invitation = invitation.and(room);
        }
        for person in &self.attendees {
            invitation = invitation.with(person);
        }
        if self.attached {
            invitation = invitation.attaching();
        }
        if let Some(join_url) = &self.join_url {
            invitation = invitation.online(join_url);
        }
        invitation = match self.repeats {
            None => invitation,
            Some(Repeats::Daily) => invitation.daily(),
            Some(Repeats::Weekly) => invitation.weekly(),
        };
        if let Some(times) = self.times {
            invitation = invitation.times(times);
        }
        Ok(json!({ "meeting": invitation.send(now)? }))
    }
}

pub(super) fn send(world: &mut World, _: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    read::<NewMeeting>(body)?.send(world)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewBooking {
    room: String,
    subject: String,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
}

pub(super) fn book(world: &mut World, _: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    let NewBooking { room, subject, start, end } = read(body)?;
    let meeting = world.book(&room, &subject, start, end, world.now)?;
    Ok(json!({ "meeting": meeting }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Span {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    occurrence: Option<NaiveDate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rename {
    subject: String,
    occurrence: Option<NaiveDate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    occurrence: Option<NaiveDate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reply {
    room: String,
    answer: Answer,
    occurrence: Option<NaiveDate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Classify {
    sensitivity: Sensitivity,
    occurrence: Option<NaiveDate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Delete {
    room: String,
    occurrence: Option<NaiveDate>,
}

/// The meeting whose number stands in the path.
fn numbered(parts: &[&str]) -> Result<MeetingHandle, Refusal> {
    let number = parts.first().copied().unwrap_or_default();
    number.parse().map(MeetingHandle).map_err(|_bad| Refusal::Unknown(format!("meetings/{number}")))
}

pub(super) fn reschedule(world: &mut World, parts: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    let (meeting, now) = (numbered(parts)?, world.now);
    let Span { start, end, occurrence } = read(body)?;
    match occurrence {
        None => world.reschedule(meeting, start, end, now)?,
        Some(date) => world.reschedule_occurrence(meeting, date, start, end, now)?,
    }
    Ok(json!({}))
}

pub(super) fn rename(world: &mut World, parts: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    let (meeting, now) = (numbered(parts)?, world.now);
    let Rename { subject, occurrence } = read(body)?;
    match occurrence {
        None => world.rename(meeting, &subject, now)?,
        Some(date) => world.rename_occurrence(meeting, date, &subject, now)?,
    }
    Ok(json!({}))
}

pub(super) fn cancel(world: &mut World, parts: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    let (meeting, now) = (numbered(parts)?, world.now);
    match read::<Which>(if body.is_empty() { b"{}" } else { body })?.occurrence {
        None => world.cancel(meeting, now)?,
        Some(date) => world.cancel_occurrence(meeting, date, now)?,
    }
    Ok(json!({}))
}

pub(super) fn answer(world: &mut World, parts: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    let (meeting, now) = (numbered(parts)?, world.now);
    let Reply { room, answer, occurrence } = read(body)?;
    match occurrence {
        None => world.answer(&room, meeting, answer, now)?,
        Some(date) => world.answer_occurrence(&room, meeting, date, answer, now)?,
    }
    Ok(json!({}))
}

pub(super) fn classify(world: &mut World, parts: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    let (meeting, now) = (numbered(parts)?, world.now);
    let Classify { sensitivity, occurrence } = read(body)?;
    match occurrence {
        None => world.set_sensitivity(meeting, sensitivity, now)?,
        Some(date) => world.set_occurrence_sensitivity(meeting, date, sensitivity, now)?,
    }
    Ok(json!({}))
}

pub(super) fn delete(world: &mut World, parts: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    let (meeting, now) = (numbered(parts)?, world.now);
    let Delete { room, occurrence } = read(body)?;
    match occurrence {
        None => world.delete_from(&room, meeting, now)?,
        Some(date) => world.delete_occurrence(&room, meeting, date, now)?,
    }
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    room: String,
}

pub(super) fn check_in(world: &mut World, parts: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    let (meeting, now) = (numbered(parts)?, world.now);
    world.check_in(&read::<Place>(body)?.room, meeting, now)?;
    Ok(json!({}))
}
