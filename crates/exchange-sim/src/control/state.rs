//! What every room's calendar truly holds, in the present.

use chrono::{Duration, NaiveDate};
use serde::Serialize;
use serde_json::{Value, json};

use super::Refusal;
use crate::item::{FreeBusy, ResponseType, Sensitivity, View};
use crate::meeting::MeetingHandle;
use crate::room::MailboxKind;
use crate::{Change, World};

/// How far back and ahead series are expanded.
const BACK: Duration = Duration::days(7);
const AHEAD: Duration = Duration::days(60);

#[derive(Serialize)]
struct Entry<'a> {
    meeting: Option<MeetingHandle>,
    uid: String,
    /// The original civil date, for an occurrence.
    occurrence: Option<NaiveDate>,
    start: String,
    end: String,
    all_day: bool,
    subject: &'a str,
    organizer: &'a str,
    sensitivity: Sensitivity,
    show_as: FreeBusy,
    response: ResponseType,
    cancelled: bool,
}

impl<'a> Entry<'a> {
    fn of(view: &View<'a>) -> Self {
        let item = view.item;
        Self {
            meeting: item.meeting,
            uid: item.id.uid(),
            occurrence: view.date,
            start: view.start().to_rfc3339(),
            end: view.end().to_rfc3339(),
            all_day: item.all_day,
            subject: view.subject(),
            organizer: &item.organizer.name,
            sensitivity: view.sensitivity(),
            show_as: view.show_as(),
            response: view.response(),
            cancelled: view.cancelled(),
        }
    }
}

/// Which rooms a query asks for: one, or as many as fit a page.
struct Asked {
    room: Option<String>,
    skip: usize,
    take: usize,
}

impl Asked {
    fn read(query: &[u8]) -> Result<Self, Refusal> {
        let mut asked = Self { room: None, skip: 0, take: usize::MAX };
        for (name, value) in url::form_urlencoded::parse(query) {
            let number =
                || value.parse().map_err(|_bad| Refusal::Value { place: "query", expected: "numbers" });
            match name.as_ref() {
                "room" => asked.room = Some(value.into_owned()),
                "skip" => asked.skip = number()?,
                "take" => asked.take = number()?,
                _ => return Err(Refusal::Value { place: "query", expected: "`room`, `skip` or `take`" }),
            }
        }
        Ok(asked)
    }
}

/// What rooms should show differently since a change, by its id.
pub(super) fn changes(world: &mut World, _: &[&str], query: &[u8]) -> Result<Value, Refusal> {
    let mut pairs = url::form_urlencoded::parse(query);
    let since = pairs.find(|(name, _)| name == "since").map_or(Ok(0), |(_, id)| id.parse());
    let since = since.map_err(|_bad| Refusal::Value { place: "since", expected: "the id of a change" })?;
    let changes: Vec<&Change> = world.changes_since(since).collect();
    Ok(serde_json::to_value(changes)?)
}

/// What a query asks for: `room=NAME` for one room, `skip` and `take` for a page of them, nothing for all.
pub(super) fn of(world: &World, query: &[u8]) -> Result<Value, Refusal> {
    let Asked { room, skip, take } = Asked::read(query)?;
    let only = room.map(|room| world.named_room(&room).map(|room| room.alias.as_str())).transpose()?;
    let (from, until) = (world.now - BACK, world.now + AHEAD);
    let all = || world.rooms.iter().filter(|room| room.kind == MailboxKind::Room);
    let rooms: Vec<Value> = all()
        .filter(|room| only.is_none_or(|only| room.alias == only))
        .skip(skip)
        .take(take)
        .map(|room| {
            let entries: Vec<Entry<'_>> = room.calendar.view(from, until).iter().map(Entry::of).collect();
            json!({
                "alias": room.alias,
                "name": room.mailbox.name,
                "address": room.mailbox.address,
                "zone": room.zone.iana(),
                "processing": room.processing,
                "items": entries,
            })
        })
        .collect();
    Ok(json!({
        "now": world.now,
        "rooms": rooms,
        "rooms_in_all": all().count(),
        "subscriptions": world.subscriptions.len(),
        "next_wake": world.next_wake(),
    }))
}
