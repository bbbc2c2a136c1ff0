//! Pages for Cisco Unified IP phones.
//!
//! Cisco Unified IP Phone Services Application Development Notes 7.1. A phone shows what goes wrong badly, so that
//! whatever can be said is said as a page. Every page has expired when it arrives: then the phone does not put it on
//! its stack of pages to go back to, where pushes and refreshes would pile up; a way back is a key on the page.

mod charset;
mod details;
mod document;
mod menu;
mod wording;

use crate::{room::Room, server::Shared};
use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use charset::Charset;
use chrono::{DateTime, TimeDelta, Utc};
use document::Page;
use meeting_model::{
    day,
    display::{Present, PublicKey},
    id::RoomId,
};
use std::sync::Arc;
use store::RoomMeta;

/// From this age on a page says as of when it is true.
const STALE_AFTER: TimeDelta = TimeDelta::minutes(15);

/// A page is fetched again after at most this time.
const LONGEST_REFRESH: TimeDelta = TimeDelta::minutes(5);

/// So soon a page is tried again that could not be made.
const RETRY: TimeDelta = TimeDelta::minutes(1);

/// Today's meetings of a room.
pub(crate) async fn menu(
    State(feed): State<Arc<Shared>>,
    Path(room): Path<String>,
    headers: HeaderMap,
) -> Response {
    let charset = Charset::accepted(&headers);
    let Some(room) = feed.rooms.get(&RoomId::new(room)) else { return unknown_room(charset) };
    match today(&feed, room).await {
        Ok((present, as_of)) => {
            let seconds = refresh(&present, as_of);
            let page = menu::page(&present, as_of, &room.links);
            refreshing(answer(StatusCode::OK, &page, charset), seconds, &room.links.menu)
        }
        Err(error) => unreadable(room, &error, charset),
    }
}

/// One meeting of a room. One that is gone is an answer like any other, status 200: the page says so.
pub(crate) async fn meeting(
    State(feed): State<Arc<Shared>>,
    Path((room, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let charset = Charset::accepted(&headers);
    let Some(room) = feed.rooms.get(&RoomId::new(room)) else { return unknown_room(charset) };
    let key = PublicKey::new(file.strip_suffix(".xml").unwrap_or(&file));
    let found = async {
        let stored = feed.reader.room(room.id.clone()).await?;
        let meeting = feed.reader.meeting(room.id.clone(), key).await?;
        Ok((feed.current(stored).as_of, meeting))
    };
    match found.await {
        Ok((as_of, meeting)) => {
            let now = feed.clock.now().wall;
            match meeting.filter(|meeting| !meeting.tentative) {
                Some(meeting) => {
                    let page = details::page(&meeting, as_of, now, room);
                    let url = room.links.meeting(&meeting.key);
                    refreshing(answer(StatusCode::OK, &page, charset), LONGEST_REFRESH.num_seconds(), &url)
                }
                None => answer(StatusCode::OK, &details::gone(room), charset),
            }
        }
        Err(error) => unreadable(room, &error, charset),
    }
}

/// What a phone shows of a room today: without tentative meetings (rule A4).
async fn today(feed: &Shared, room: &Room) -> Result<(Present, Option<DateTime<Utc>>), store::Error> {
    let now = feed.clock.now().wall;
    let window = day::local_day(&room.zone, now).window;
    let (RoomMeta { rev, as_of, .. }, mut meetings) = feed.meetings(room, window).await?;
    meetings.retain(|meeting| !meeting.tentative);
    let present = Present {
        room: room.id.clone(),
        room_name: room.name.clone(),
        rev,
        now,
        zone: room.zone.clone(),
        meetings,
    };
    Ok((present, as_of))
}

/// When a page has to be fetched again, in seconds: when it will look different, or has to say how old it is.
fn refresh(present: &Present, as_of: Option<DateTime<Utc>>) -> i64 {
    let stale = as_of.map(|as_of| as_of + STALE_AFTER).filter(|stale| *stale > present.now);
    let next = stale.into_iter().fold(present.next_change(), DateTime::min) - present.now;
    let milliseconds = next.min(LONGEST_REFRESH).num_milliseconds();
    // Rounded up: a page that comes too early comes in vain.
    milliseconds.div_euclid(1000) + i64::from(milliseconds.rem_euclid(1000) > 0)
}

fn unknown_room(charset: Charset) -> Response {
    let page = Page::notice("callboard", "No such room: check the address of this phone's page.", Vec::new());
    answer(StatusCode::NOT_FOUND, &page, charset)
}

fn unreadable(room: &Room, error: &store::Error, charset: Charset) -> Response {
    tracing::warn!(room = %room.id, %error, "cannot read what to show");
    let text = "The meetings cannot be read at the moment. This page tries again by itself.";
    let page = Page::notice(&room.name, text, Vec::new());
    let response = answer(StatusCode::SERVICE_UNAVAILABLE, &page, charset);
    refreshing(response, RETRY.num_seconds(), &room.links.menu)
}

fn answer(status: StatusCode, page: &Page, charset: Charset) -> Response {
    let headers = [
        (header::CONTENT_TYPE, charset.content_type()),
        (header::EXPIRES, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, page.xml(charset)).into_response()
}

/// Makes a phone fetch `url` after some seconds in place of this page.
fn refreshing(mut response: Response, seconds: i64, url: &str) -> Response {
    if let Ok(value) = HeaderValue::try_from(format!("{seconds}; url={url}")) {
        response.headers_mut().insert(header::REFRESH, value);
    }
    response
}

#[cfg(test)]
mod tests;
