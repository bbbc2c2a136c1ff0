//! What a room shows within a span of time.

use super::{
    answer::{self, Refusal},
    readable::Readable,
    span::{self, SpanQuery},
};
use axum::{
    extract::RawQuery,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use chrono::{DateTime, NaiveDate, Utc};
use meeting_model::{
    availability::{Occupancy, availability, presence},
    clock::Window,
    day::{self, Phase},
    display::Displayed,
    join::{Found, Join},
};
use serde::Serialize;
use utoipa::ToSchema;

/// What a room shows within a span of time.
#[derive(Serialize, ToSchema)]
pub(crate) struct MeetingsAnswer<'a> {
    /// The room's id.
    room: &'a str,
    /// The zone its walls stand in: an IANA name.
    time_zone: &'a str,
    /// What is shown changes only with it.
    rev: i64,
    /// Every row is true as of then; null before the first read.
    true_as_of: Option<DateTime<Utc>>,
    /// How old the truth can be at most, in seconds: rounded up; null before the first read.
    at_most_seconds_old: Option<i64>,
    /// Whether the calendar is watched, so that what changes now is heard of at once.
    watched: bool,
    /// Whether a clock, ours or Exchange's, is wrong by half a minute or more: what has ended may stay for a while.
    clock_degraded: bool,
    /// Whether the room is taken now.
    #[schema(value_type = String, pattern = "^(unknown|free|held|occupied)$")]
    occupancy: Occupancy,
    /// When that changes; absent where nothing that is known changes it.
    until: Option<DateTime<Utc>>,
    /// What a presence service is told.
    presence: &'static str,
    /// What was asked for, as far as it is stored.
    from: DateTime<Utc>,
    /// Not included.
    to: DateTime<Utc>,
    /// In order of start.
    meetings: Vec<MeetingAnswer<'a>>,
}

/// One meeting.
#[derive(Serialize, ToSchema)]
pub(crate) struct MeetingAnswer<'a> {
    /// Its name: stays the same when it is moved or renamed.
    key: &'a str,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    /// The dates of a meeting that stands for whole days, wherever it was made.
    all_day: Option<DatesAnswer>,
    title: &'a str,
    organizer: Option<&'a str>,
    location: Option<&'a str>,
    join: Option<JoinAnswer<'a>>,
    /// Whether what it is called is hidden.
    private: bool,
    /// Whether the room has not accepted it yet.
    tentative: bool,
    /// `past`, `running` or `coming`.
    phase: &'static str,
    /// This row is true as of then.
    true_as_of: Option<DateTime<Utc>>,
}

/// How to join, by what can be dialled: each absent where there is none.
#[derive(Serialize, ToSchema)]
pub(crate) struct JoinAnswer<'a> {
    video: Option<&'a str>,
    number: Option<&'a str>,
    web: Option<&'a str>,
}

/// Civil dates.
#[derive(Serialize, ToSchema)]
pub(crate) struct DatesAnswer {
    first: NaiveDate,
    /// Included.
    last: NaiveDate,
}

/// What a room shows from `from` to `to`, tentative meetings included: they are marked.
#[utoipa::path(
    get,
    path = "/api/rooms/{room}/meetings",
    params(
        ("room" = String, Path, description = "the room's id"),
        ("from" = Option<String>, Query, description = "an instant (RFC 3339), or a date in the room's zone; today's where it is absent"),
        ("to" = Option<String>, Query, description = "the same, not included; the end of the day of `from` where it is absent"),
    ),
    responses(
        (status = 200, description = "what the room shows", body = MeetingsAnswer<'_>),
        (status = 304, description = "nothing has changed since the answer whose ETag was sent in If-None-Match"),
        (status = 400, description = "the span of time is not one", body = Refusal<'_>),
        (status = 401, description = "a token is needed", body = Refusal<'_>),
        (status = 403, description = "the token is another room's", body = Refusal<'_>),
        (status = 404, description = "there is no such room", body = Refusal<'_>),
        (status = 503, description = "the meetings cannot be read at the moment", body = Refusal<'_>),
    ),
)]
pub(crate) async fn meetings(
    Readable { feed, room }: Readable,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let now = feed.clock.now().wall;
    let window = SpanQuery::parse(query.as_deref().unwrap_or_default())
        .and_then(|query| span::window(&query, &room.zone, now, feed.stored(now)));
    let window = match window {
        Ok(window) => window,
        Err(sentence) => return answer::refusal(StatusCode::BAD_REQUEST, &sentence),
    };
    let (meta, shown) = match feed.meetings(&room, window).await {
        Ok(found) => found,
        Err(error) => return answer::unreadable(&error),
    };
    let spells = match feed.spells(&room, Window { start: now, ..feed.stored(now) }).await {
        Ok(spells) => spells,
        Err(error) => return answer::unreadable(&error),
    };
    let availability = availability(&spells, meta.as_of, now);
    let told = MeetingsAnswer {
        room: room.id.as_str(),
        time_zone: room.zone.name(),
        rev: meta.rev.0,
        true_as_of: meta.as_of,
        at_most_seconds_old: None,
        watched: feed.is_watched(&room.id),
        clock_degraded: feed.is_clock_degraded(),
        occupancy: availability.occupancy,
        until: availability.until,
        presence: presence(&spells, feed.presence, meta.as_of, now).words(),
        from: window.start,
        to: window.end,
        meetings: shown.iter().map(|meeting| of_meeting(meeting, meta.as_of, now)).collect(),
    };
    // An age is another one each second, and makes no other answer.
    let tag = answer::Tag::of(&told);
    let at_most_seconds_old = meta.as_of.map(|as_of| answer::age(as_of, now));
    answer::tagged(&headers, &tag, &MeetingsAnswer { at_most_seconds_old, ..told })
}

fn of_meeting(
    meeting: &Displayed,
    true_as_of: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> MeetingAnswer<'_> {
    MeetingAnswer {
        key: meeting.key.as_str(),
        start: meeting.start,
        end: meeting.end,
        all_day: meeting.all_day.map(|(first, last)| DatesAnswer { first, last }),
        title: meeting.title(),
        organizer: meeting.organizer(),
        location: meeting.location(),
        join: meeting.join().map(of_join),
        private: meeting.is_private(),
        tentative: meeting.tentative,
        phase: match day::phase(meeting, now) {
            Phase::Past => "past",
            Phase::Running => "running",
            Phase::Coming => "coming",
        },
        true_as_of,
    }
}

fn of_join(join: &Join) -> JoinAnswer<'_> {
    fn address(found: Option<&Found>) -> Option<&str> {
        found.map(|found| found.address.as_str())
    }
    JoinAnswer {
        video: address(join.video.as_ref()),
        number: address(join.number.as_ref()),
        web: address(join.web.as_ref()),
    }
}
