//! Pages for Cisco Unified IP phones.
//!
//! Cisco Unified IP Phone Services Application Development Notes 7.1. A phone shows what goes wrong badly, so that
//! whatever can be said is said as a page. Every page has expired when it arrives: then the phone does not put it on
//! its stack of pages to go back to, where pushes and refreshes would pile up; a way back is a key on the page.

mod charset;
mod details;
mod document;
mod kept;
mod menu;
mod model;
mod other_day;
mod wording;

use crate::{
    access::Visitor,
    fetched::Fetched,
    language::Language,
    room::{Pages, Room},
    server::Shared,
};
use axum::{
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, TimeDelta, Utc};
use document::Page;
pub(crate) use kept::KeptMenus;
use kept::{Look, Menu};
use meeting_model::{
    availability::STALE_AFTER,
    day::{self, LocalDay},
    display::{Displayed, Present, PublicKey},
    id::RoomId,
};
use model::Phone;
use other_day::other_day;
use std::sync::Arc;
use store::RoomMeta;
use url::form_urlencoded;

/// A page is fetched again after at most this time.
const LONGEST_REFRESH: TimeDelta = TimeDelta::minutes(5);

/// So soon a page is tried again that could not be made.
const RETRY: TimeDelta = TimeDelta::minutes(1);

/// So long another day than today is looked at.
const LOOK_AROUND: TimeDelta = TimeDelta::minutes(2);

/// Who asks for a page of which room, and how they can see it.
struct Asked<'a> {
    feed: &'a Shared,
    room: &'a Room,
    pages: Pages<'a>,
    phone: Phone,
}

/// A room's meetings of today, or of `?day=2026-11-22`.
pub(crate) async fn menu(
    State(feed): State<Arc<Shared>>,
    Path(room): Path<String>,
    RawQuery(query): RawQuery,
    visitor: Visitor,
    headers: HeaderMap,
) -> Response {
    let asked = match asked(&feed, &RoomId::new(room), &visitor, &headers).await {
        Ok(asked) => asked,
        Err(refusal) => return refusal,
    };
    let now = feed.clock.now().wall;
    let today = day::local_day(&asked.room.zone, now);
    match other_day(query.as_deref(), today.date, &feed) {
        Ok(Some(date)) => day_after(&asked, day::day_of(&asked.room.zone, date), now).await,
        Ok(None) => told_menu(&asked, today, now, parameter(query.as_deref(), "device")).await,
        Err(reason) => {
            let page = reason.page(asked.room, asked.pages, asked.phone.language);
            answer(reason.status(), page.xml(asked.phone).into(), asked.phone)
        }
    }
}

/// Today's menu, for a device that was told to fetch it: somebody hears that it has.
async fn told_menu(
    asked: &Asked<'_>,
    today: LocalDay,
    now: DateTime<Utc>,
    device: Option<String>,
) -> Response {
    let Asked { feed, pages, phone, .. } = asked;
    match today_menu(asked, today, now).await {
        Ok(Menu { body, rev, next }) => {
            if let Some(device) = device {
                feed.was_fetched(&Fetched { device, rev, at: now });
            }
            refreshing(answer(StatusCode::OK, body, *phone), seconds(next - now), &pages.menu())
        }
        Err(error) => unreadable(asked, &error),
    }
}

async fn today_menu(asked: &Asked<'_>, today: LocalDay, now: DateTime<Utc>) -> Result<Menu, store::Error> {
    let Asked { feed, room, pages, phone } = asked;
    let look = Look { room, phone: *phone, has_token: pages.token.is_some(), now };
    // while a clock is wrong meetings linger, and nothing is kept
    let doubted = feed.is_clock_degraded();
    // Asked for before the rows are: what is committed in between makes them older than they are, not younger.
    let version = feed.reader.version().ok().filter(|_| !doubted);
    if let Some(menu) = feed.menus.get(feed, &look, version).await {
        return Ok(menu);
    }
    let (present, meta) = shown_on(feed, room, &today, now).await?;
    let page = menu::page(&present, &today, *pages, *phone);
    let body = Bytes::from(if doubted { doubtful(page, &today, *phone) } else { page }.xml(*phone));
    let menu = Menu { body, rev: meta.rev, next: next_look(&present) };
    feed.menus.keep(&look, version, &meta, &menu);
    Ok(menu)
}

/// The same page, which says that a clock is wrong. One that says how old it is gives reason to doubt already.
fn doubtful(page: Page, day: &LocalDay, Phone { language, .. }: Phone) -> Page {
    if page.is_urgent {
        return page;
    }
    let prompt = format!("{}, {}", language.short_date(day.date), language.phone.clock_wrong);
    Page { prompt: Some(prompt), is_urgent: true, ..page }
}

/// Another day's menu, from which a phone comes back to today's by itself.
async fn day_after(asked: &Asked<'_>, day: LocalDay, now: DateTime<Utc>) -> Response {
    let Asked { feed, room, pages, phone } = asked;
    match shown_on(feed, room, &day, now).await {
        Ok((present, _)) => {
            let page = menu::page(&present, &day, Pages { day: Some(day.date), ..*pages }, *phone);
            let response = answer(StatusCode::OK, page.xml(*phone).into(), *phone);
            refreshing(response, LOOK_AROUND.num_seconds(), &pages.menu())
        }
        Err(error) => unreadable(asked, &error),
    }
}

/// One meeting of a room. One that is gone is an answer like any other, status 200: the page says so.
pub(crate) async fn meeting(
    State(feed): State<Arc<Shared>>,
    Path((room, file)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    visitor: Visitor,
    headers: HeaderMap,
) -> Response {
    let asked = match asked(&feed, &RoomId::new(room), &visitor, &headers).await {
        Ok(asked) => asked,
        Err(refusal) => return refusal,
    };
    let Asked { room, pages, phone, .. } = asked;
    let now = feed.clock.now().wall;
    // Where somebody came from is no reason to refuse them anything.
    let day = other_day(query.as_deref(), day::local_day(&room.zone, now).date, &feed).ok().flatten();
    let pages = Pages { day, ..pages };
    let key = PublicKey::new(file.strip_suffix(".xml").unwrap_or(&file));
    let found = async {
        let stored = feed.reader.room(room.id.clone()).await?;
        let meeting = feed.reader.meeting(room.id.clone(), key).await?;
        Ok((feed.current(stored).as_of, meeting))
    };
    match found.await {
        Ok((as_of, meeting)) => match meeting.filter(|meeting| !meeting.tentative) {
            Some(meeting) => {
                let meeting = Displayed { lingers: feed.clock.lingers(&room.id), ..meeting };
                let page = details::page(&meeting, as_of, now, room, pages, phone.language);
                let response = answer(StatusCode::OK, page.xml(phone).into(), phone);
                refreshing(response, LONGEST_REFRESH.num_seconds(), &pages.meeting(&meeting.key))
            }
            None => {
                answer(StatusCode::OK, details::gone(room, pages, phone.language).xml(phone).into(), phone)
            }
        },
        Err(error) => unreadable(&asked, &error),
    }
}

/// Who asks, if the room is there and may be shown to them.
async fn asked<'a>(
    feed: &'a Shared,
    room: &RoomId,
    visitor: &'a Visitor,
    headers: &HeaderMap,
) -> Result<Asked<'a>, Response> {
    let Some(room) = feed.rooms.get(room) else {
        let sentence = "No such room: check the address of this phone's page.";
        return Err(notice(StatusCode::NOT_FOUND, sentence, headers));
    };
    if !visitor.may_phone(feed, room).await {
        let sentence =
            "This is not a device of this room. Its address has to be configured, or a token be in the URL.";
        return Err(notice(StatusCode::FORBIDDEN, sentence, headers));
    }
    let pages = Pages { links: &room.links, token: visitor.carried(feed, room), day: None };
    Ok(Asked { feed, room, pages, phone: Phone::of(headers, room.language) })
}

/// What a phone shows of a room on a day: without tentative meetings (rule A4).
async fn shown_on(
    feed: &Shared,
    room: &Room,
    day: &LocalDay,
    now: DateTime<Utc>,
) -> Result<(Present, RoomMeta), store::Error> {
    let (meta, mut meetings) = feed.meetings(room, day.window).await?;
    meetings.retain(|meeting| !meeting.tentative);
    let present = Present {
        room: room.id.clone(),
        room_name: room.name.clone(),
        rev: meta.rev,
        now,
        zone: room.zone.clone(),
        meetings,
        spells: Vec::new(),
        as_of: meta.as_of,
    };
    Ok((present, meta))
}

fn parameter(query: Option<&str>, name: &str) -> Option<String> {
    let (_, value) = form_urlencoded::parse(query?.as_bytes()).find(|(given, _)| given == name)?;
    Some(value.into_owned())
}

/// When a page has to be fetched again: when it will look different, or has to say how old it is.
fn next_look(present: &Present) -> DateTime<Utc> {
    let stale = present.as_of.map(|as_of| as_of + STALE_AFTER).filter(|stale| *stale > present.now);
    let next = stale.into_iter().fold(present.next_change(), DateTime::min);
    next.min(present.now + LONGEST_REFRESH)
}

/// Rounded up: a page that comes too early comes in vain.
fn seconds(span: TimeDelta) -> i64 {
    let milliseconds = span.num_milliseconds();
    milliseconds.div_euclid(1000) + i64::from(milliseconds.rem_euclid(1000) > 0)
}

/// A page for a phone of which no room is known: in the language of administrators.
fn notice(status: StatusCode, sentence: &str, headers: &HeaderMap) -> Response {
    let phone = Phone::of(headers, Language::default());
    let page = Page::notice("callboard", sentence, Vec::new(), phone.language);
    answer(status, page.xml(phone).into(), phone)
}

fn unreadable(asked: &Asked<'_>, error: &store::Error) -> Response {
    let Asked { room, pages, phone, .. } = asked;
    tracing::warn!(room = %room.id, %error, "cannot read what to show");
    let page = Page::notice(&room.name, &phone.language.phone.unreadable, Vec::new(), phone.language);
    let response = answer(StatusCode::SERVICE_UNAVAILABLE, page.xml(*phone).into(), *phone);
    refreshing(response, RETRY.num_seconds(), &pages.menu())
}

fn answer(status: StatusCode, page: Bytes, phone: Phone) -> Response {
    let headers = [
        (header::CONTENT_TYPE, phone.charset.content_type()),
        (header::EXPIRES, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, page).into_response()
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
