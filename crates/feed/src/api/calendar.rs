//! A room's meetings as a calendar (RFC 5545), for whoever subscribes to it.
//!
//! An event keeps its UID for as long as the meeting is in the room's calendar, wherever it is moved to; its SEQUENCE is the
//! revision of the room from which on it is as it is. What is cancelled is not in the calendar any more, and vanishes from
//! this one.

use super::{
    answer::{self, Refusal, Tag},
    readable::Readable,
};
use crate::{room::Room, text::one_line};
use axum::{
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use chrono::{DateTime, Days, TimeDelta};
use icalendar::{Calendar, Class, Component, Event, EventLike, EventStatus, Property, ValueType};
use meeting_model::join::Join;
use store::Published;

/// How often a calendar program should ask again.
const AGAIN: TimeDelta = TimeDelta::minutes(5);

/// The longest text of an event, in characters.
const LONGEST: usize = 1000;

/// All of a room's meetings that are stored, tentative ones included: they are marked.
#[utoipa::path(
    get,
    path = "/api/rooms/{room}/calendar.ics",
    params(("room" = String, Path, description = "the room's id")),
    responses(
        (status = 200, description = "an iCalendar object (RFC 5545)", content_type = "text/calendar", body = String),
        (status = 304, description = "nothing has changed since the answer whose ETag was sent in If-None-Match"),
        (status = 401, description = "a token is needed", body = Refusal<'_>),
        (status = 403, description = "the token is another room's", body = Refusal<'_>),
        (status = 404, description = "there is no such room", body = Refusal<'_>),
        (status = 503, description = "the meetings cannot be read at the moment", body = Refusal<'_>),
    ),
)]
pub(crate) async fn calendar(Readable { feed, room }: Readable, headers: HeaderMap) -> Response {
    let now = feed.clock.now().wall;
    let (meta, meetings) = match feed.reader.published(room.id.clone(), feed.stored(now)).await {
        Ok(found) => found,
        Err(error) => return answer::unreadable(&error),
    };
    let text = written(&room, &meetings, feed.is_clock_degraded());
    let mut response = answer::tagged_bytes(
        &headers,
        &Tag::of_bytes(text.as_bytes()),
        "text/calendar; charset=utf-8",
        || text.into_bytes(),
    );
    // Not in the text, which would be another one with every read of the room.
    let as_of = feed.current(meta).as_of.and_then(|as_of| HeaderValue::try_from(as_of.to_rfc3339()).ok());
    response.headers_mut().extend(as_of.map(|as_of| (header::HeaderName::from_static("true-as-of"), as_of)));
    response
}

fn written(room: &Room, meetings: &[Published], is_clock_degraded: bool) -> String {
    let mut calendar = Calendar::new();
    // RFC 5545 §3.6 allows one, and the crate begins with its own
    calendar.properties.retain(|property| property.key() != "PRODID");
    calendar.append_property(Property::new("PRODID", "-//callboard//callboard//EN"));
    calendar.name(&line(&room.name)).timezone(room.zone.name()).ttl(&AGAIN);
    if is_clock_degraded {
        calendar.description(room.language.panel.clock_wrong());
    }
    for published in meetings {
        calendar.push(event(published));
    }
    calendar.to_string()
}

fn event(published: &Published) -> Event {
    let Published { meeting, since_rev, since } = published;
    let mut event = Event::with_uid(&format!("{}@callboard", meeting.key));
    // Where it is not remembered when it was changed, that was long ago.
    let since = since.unwrap_or(DateTime::UNIX_EPOCH);
    event.timestamp(since).last_modified(since).sequence(u32::try_from(since_rev.0).unwrap_or(u32::MAX));
    match meeting.all_day {
        // DTEND is the day after (RFC 5545 §3.6.1).
        Some((first, last)) => event.starts(first).ends(last + Days::new(1)),
        None => event.starts(meeting.start).ends(meeting.end),
    };
    event.summary(&line(meeting.title()));
    event.status(if meeting.tentative { EventStatus::Tentative } else { EventStatus::Confirmed });
    event.class(if meeting.is_private() { Class::Private } else { Class::Public });
    if let Some(location) = meeting.location() {
        event.location(&line(location));
    }
    if let Some(organizer) = meeting.organizer() {
        // ORGANIZER wants an address, which nobody is told.
        event.description(&line(organizer));
    }
    for address in meeting.join().into_iter().flat_map(joined_by) {
        // RFC 7986 §5.11
        let mut conference = Property::new("CONFERENCE", address);
        conference.append_parameter(ValueType::Uri);
        event.append_multi_property(conference.done());
    }
    event.done()
}

/// How to join, as URIs.
fn joined_by(join: &Join) -> impl Iterator<Item = String> {
    let with = |scheme: &str, address: &str| {
        if address.starts_with("h323:") { address.to_owned() } else { format!("{scheme}{address}") }
    };
    let video = join.video.as_ref().map(|found| with("sip:", &found.address));
    let number = join.number.as_ref().map(|found| with("tel:", &found.address));
    let web = join.web.as_ref().map(|found| found.address.clone());
    [video, number, web].into_iter().flatten().map(|uri| one_line(&uri).replace(' ', "%20"))
}

fn line(text: &str) -> String {
    one_line(text).chars().take(LONGEST).collect()
}
