//! What a room shows within a span of time.

use super::{
    answer,
    span::{self, SpanQuery},
};
use crate::server::Shared;
use axum::{
    extract::{Path, RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use meeting_model::{
    clock::Window,
    day::{self, Phase},
    display::Displayed,
    id::RoomId,
};
use serde::Serialize;
use std::sync::Arc;

#[derive(Serialize)]
struct MeetingsAnswer<'a> {
    room: &'a str,
    time_zone: &'a str,
    rev: i64,
    as_of: Option<DateTime<Utc>>,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    meetings: Vec<MeetingAnswer<'a>>,
}

#[derive(Serialize)]
struct MeetingAnswer<'a> {
    key: &'a str,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    all_day: Option<DatesAnswer>,
    title: &'a str,
    organizer: Option<&'a str>,
    location: Option<&'a str>,
    private: bool,
    tentative: bool,
    phase: &'static str,
}

#[derive(Serialize)]
struct DatesAnswer {
    first: NaiveDate,
    last: NaiveDate,
}

/// What a room shows from `from` to `to`, tentative meetings included: they are marked.
pub(crate) async fn meetings(
    State(feed): State<Arc<Shared>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let Some(room) = feed.rooms.get(&RoomId::new(id.as_str())) else {
        return answer::refusal(StatusCode::NOT_FOUND, &format!("unknown room `{id}`: see `/api/rooms`"));
    };
    let now = feed.clock.now().wall;
    let window = SpanQuery::parse(query.as_deref().unwrap_or_default())
        .and_then(|query| span::window(&query, &room.zone, now, stored(&feed, now)));
    let window = match window {
        Ok(window) => window,
        Err(sentence) => return answer::refusal(StatusCode::BAD_REQUEST, &sentence),
    };
    let (meta, shown) = match feed.meetings(room, window).await {
        Ok(found) => found,
        Err(error) => return answer::unreadable(&error),
    };
    let meetings = shown.iter().map(|meeting| of_meeting(meeting, now)).collect();
    answer::tagged(
        &headers,
        &MeetingsAnswer {
            room: room.id.as_str(),
            time_zone: room.zone.name(),
            rev: meta.rev.0,
            as_of: meta.as_of,
            from: window.start,
            to: window.end,
            meetings,
        },
    )
}

fn of_meeting(meeting: &Displayed, now: DateTime<Utc>) -> MeetingAnswer<'_> {
    MeetingAnswer {
        key: meeting.key.as_str(),
        start: meeting.start,
        end: meeting.end,
        all_day: meeting.all_day.map(|(first, last)| DatesAnswer { first, last }),
        title: meeting.title(),
        organizer: meeting.organizer(),
        location: meeting.location(),
        private: meeting.is_private(),
        tentative: meeting.tentative,
        phase: match day::phase(meeting, now) {
            Phase::Past => "past",
            Phase::Running => "running",
            Phase::Coming => "coming",
        },
    }
}

/// What the store holds at a moment.
fn stored(feed: &Shared, now: DateTime<Utc>) -> Window {
    let days = |span| TimeDelta::from_std(span).unwrap_or(TimeDelta::MAX);
    Window {
        start: now.checked_sub_signed(days(feed.back)).unwrap_or(DateTime::<Utc>::MIN_UTC),
        end: now.checked_add_signed(days(feed.ahead)).unwrap_or(DateTime::<Utc>::MAX_UTC),
    }
}
