//! What the tests of this crate begin with: an accepted meeting in a room in Berlin.

use crate::{
    global_object_id::GlobalObjectId,
    id::ItemId,
    item::{CalendarItem, ItemKind, Person, Response, Sensitivity, ShowAs},
    join::Join,
    known::Known,
    plan::Plan,
    settings::RoomSettings,
    zone::{RoomZone, ZoneDatabase, ZoneRef},
};
use chrono::{DateTime, TimeDelta, Utc};

pub(crate) fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(crate) fn zone(name: &str) -> RoomZone {
    RoomZone::named(&ZoneDatabase::bundled(), name).unwrap()
}

pub(crate) fn settings() -> RoomSettings {
    RoomSettings::usual(zone("Europe/Berlin"), "room@example.com")
}

/// What a store does with a plan.
pub(crate) fn carry_out(known: &mut Known, plan: &Plan) {
    known.carry_out(plan);
}

/// An hour's meeting that the room accepted.
pub(crate) fn meeting(name: &str, start: &str) -> CalendarItem {
    CalendarItem {
        item_id: ItemId::new(name),
        change_key: None,
        kind: ItemKind::Single,
        clean_global_object_id: Some(GlobalObjectId::from_uid(name)),
        uid: None,
        subject: Some("Budget".to_owned()),
        sensitivity: Sensitivity::Normal,
        show_as: ShowAs::Busy,
        start: utc(start),
        end: utc(start) + TimeDelta::hours(1),
        all_day: false,
        is_meeting: Some(true),
        is_cancelled: false,
        appointment_state: Some(3),
        response: Response::Accept,
        reply_time: None,
        sequence: Some(0),
        last_modified: None,
        organizer: Some(Person {
            name: Some("Kim Jones".to_owned()),
            address: Some("kim@example.com".to_owned()),
        }),
        location: Some("Tower 9".to_owned()),
        has_body: true,
        lost_body: false,
        join: Join::default(),
        zone: ZoneRef::Named("W. Europe Standard Time".to_owned()),
        series: None,
    }
}
