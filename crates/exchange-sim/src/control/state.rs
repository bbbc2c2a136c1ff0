//! What every room's calendar truly holds, in the present.

use chrono::{Duration, NaiveDate};
use serde::Serialize;
use serde_json::{Value, json};

use crate::World;
use crate::item::{FreeBusy, ResponseType, Sensitivity, View};
use crate::meeting::MeetingHandle;
use crate::room::MailboxKind;

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

pub(super) fn of(world: &World) -> Value {
    let (from, until) = (world.now - BACK, world.now + AHEAD);
    let rooms: Vec<Value> = world
        .rooms
        .iter()
        .filter(|room| room.kind == MailboxKind::Room)
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
    json!({
        "now": world.now,
        "rooms": rooms,
        "subscriptions": world.subscriptions.len(),
        "next_wake": world.next_wake(),
    })
}
