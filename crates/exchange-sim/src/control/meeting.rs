//! Meetings: sent, changed, answered and called off by commands.

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::time::LAST_YEAR;
use super::{Refusal, read, series};
use crate::item::{FreeBusy, Sensitivity};
use crate::world::Disposal;
use crate::{Answer, MeetingHandle, Pattern, Range, World, Zone};

/// Whole days of the meeting's zone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AllDay {
    first: NaiveDate,
    #[serde(default = "one")]
    days: u64,
}

fn one() -> u64 {
    1
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewMeeting {
    organizer: String,
    rooms: Vec<String>,
    /// People, by alias or address.
    #[serde(default)]
    attendees: Vec<String>,
    /// People who need not come.
    #[serde(default)]
    optional: Vec<String>,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    body: String,
    /// Whether something is attached.
    #[serde(default)]
    attached: bool,
    location: Option<String>,
    start: Option<DateTime<Utc>>,
    end: Option<DateTime<Utc>>,
    /// In place of start and end.
    all_day: Option<AllDay>,
    /// A Windows id or an IANA name.
    zone: Option<String>,
    #[serde(default)]
    sensitivity: Sensitivity,
    #[serde(default)]
    show_as: FreeBusy,
    repeats: Option<Value>,
    times: Option<u32>,
    until: Option<NaiveDate>,
    join_url: Option<String>,
    /// Of another calendar's making.
    uid: Option<String>,
}

impl NewMeeting {
    fn send(self, world: &mut World) -> Result<Value, Refusal> {
        let now = world.now;
        let zone = self.zone.as_deref().map_or(Ok(Zone::utc()), Zone::named)?;
        let first = self.first_date(&zone)?;
        let recurrence = self.recurrence(first)?;
        let blank = |name: &String| name.trim().is_empty();
        if blank(&self.organizer) || self.attendees.iter().chain(&self.optional).any(blank) {
            return Err(Refusal::Value {
                place: "organizer",
                expected: "aliases or addresses, of attendees too",
            });
        }
        let mut rooms = self.rooms.iter();
        let Some(room) = rooms.next() else {
            return Err(Refusal::Value { place: "rooms", expected: "at least one" });
        };
        let mut invitation = world
            .organizer(&self.organizer)
            .invites(room)
            .to(&self.subject)
            .saying(&self.body)
            .in_zone(&zone)
            .sensitivity(self.sensitivity)
            .showing(self.show_as);
        invitation = match (&self.all_day, self.start.zip(self.end)) {
            (Some(AllDay { first, days }), _) => invitation.all_day(*first, *days),
            (None, Some((start, end))) => invitation.at(start, end),
            (None, None) => invitation,
        };
        invitation = rooms.fold(invitation, |invitation, room| invitation.and(room));
        invitation = self.attendees.iter().fold(invitation, |invitation, person| invitation.with(person));
        invitation =
            self.optional.iter().fold(invitation, |invitation, person| invitation.perhaps_with(person));
        if self.attached {
            invitation = invitation.attaching();
        }
        if let Some(location) = &self.location {
            invitation = invitation.located(location);
        }
        if let Some(uid) = &self.uid {
            invitation = invitation.known_as(uid);
        }
        if let Some(join_url) = &self.join_url {
            invitation = invitation.online(join_url);
        }
        if let Some((pattern, range)) = recurrence {
            invitation = invitation.every(pattern).through(range);
        }
        Ok(json!({ "meeting": invitation.send(now)? }))
    }

    /// The civil date of the start.
    fn first_date(&self, zone: &Zone) -> Result<NaiveDate, Refusal> {
        match (&self.all_day, self.start, self.end) {
            (Some(AllDay { first, days: 1..=366 }), None, None) if first.year() <= LAST_YEAR => Ok(*first),
            (Some(_), None, None) => Err(Refusal::Value { place: "all_day", expected: "1 to 366 `days`" }),
            (None, Some(start), Some(_)) => Ok(zone.date(start)),
            _ => Err(Refusal::Value { place: "start", expected: "either it and `end`, or `all_day`" }),
        }
    }

    fn recurrence(&self, first: NaiveDate) -> Result<Option<(Pattern, Range)>, Refusal> {
        let Some(repeats) = &self.repeats else {
            let place = if self.times.is_some() { "times" } else { "until" };
            let alone = self.times.is_some() || self.until.is_some();
            return if alone {
                Err(Refusal::Value { place, expected: "it with `repeats`" })
            } else {
                Ok(None)
            };
        };
        Ok(Some((series::pattern(repeats, first)?, series::range(self.times, self.until, first)?)))
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
    how: Option<How>,
    occurrence: Option<NaiveDate>,
}

/// What becomes of what is deleted ([MS-OXWSCORE] 3.1.4.3, DeleteType).
#[derive(Deserialize)]
enum How {
    HardDelete,
    SoftDelete,
    MoveToDeletedItems,
}

/// The meeting whose number stands in the path.
pub(super) fn numbered(parts: &[&str]) -> Result<MeetingHandle, Refusal> {
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
    let Delete { room, how, occurrence } = read(body)?;
    let how = how.map(|how| match how {
        How::HardDelete => Disposal::HardDelete,
        How::SoftDelete => Disposal::SoftDelete,
        How::MoveToDeletedItems => Disposal::MoveToDeletedItems,
    });
    match (occurrence, how) {
        (None, how) => world.dispose(&room, meeting, how.unwrap_or(Disposal::HardDelete), now)?,
        (Some(date), None) => world.delete_occurrence(&room, meeting, date, now)?,
        (Some(_), Some(_)) => {
            return Err(Refusal::Value { place: "how", expected: "it for a whole meeting only" });
        }
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
