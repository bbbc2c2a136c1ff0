//! Meetings and commits to store, in few words.

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use meeting_model::{
    decision::{Decision, Reason, Rule, Verdict},
    display::{Displayed, Words},
    fact::Fact,
    id::{CalendarName, CalendarNumber, DeviceId, Epoch, ItemId, Revision, RoomId, ServerId},
    identity::{self, MeetingId, MeetingKey, Slot},
    item::{CalendarItem, ItemKind, Response, Sensitivity, ShowAs},
    join::Join,
    known::AcceptanceHistory,
    observed::{Cursor, Protocol},
    plan::{Change, ChangeKind, Commit, Plan, PlannedOccurrence},
    privacy::SiteSecret,
    settings::Acceptance,
    zone::ZoneRef,
};
use std::collections::{BTreeMap, BTreeSet};
use store::{Claim, RoomState, Store};

pub(crate) fn at(minutes: i64) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 2, 9, 0, 0).unwrap() + TimeDelta::minutes(minutes)
}

pub(crate) fn room(name: &str) -> RoomId {
    RoomId::new(name)
}

pub(crate) fn device(name: &str) -> DeviceId {
    DeviceId::new(name)
}

pub(crate) fn calendar(name: &str) -> CalendarName {
    CalendarName::of(&ServerId::new("hq"), &format!("{name}@example.com"))
}

/// Takes a room over, with one device called as the room.
pub(crate) fn take(store: &mut Store, name: &str) -> RoomState {
    store.take(&[claim(name)]).unwrap().remove(0)
}

pub(crate) fn claim(name: &str) -> Claim {
    Claim { room: room(name), devices: BTreeSet::from([device(name)]), calendars: vec![calendar(name)] }
}

/// A single meeting of half an hour that starts after so many minutes. Copies of one name are one meeting.
pub(crate) fn meeting(name: &str, minutes: i64) -> CalendarItem {
    CalendarItem {
        item_id: ItemId::new(format!("item-{name}")),
        change_key: Some("1".to_owned()),
        kind: ItemKind::Single,
        clean_global_object_id: None,
        uid: Some(name.to_owned()),
        subject: Some(name.to_owned()),
        sensitivity: Sensitivity::Normal,
        show_as: ShowAs::Busy,
        start: at(minutes),
        end: at(minutes + 30),
        all_day: false,
        is_meeting: Some(true),
        is_cancelled: false,
        appointment_state: Some(3),
        response: Response::Accept,
        reply_time: None,
        sequence: Some(0),
        last_modified: Some(at(0)),
        organizer: None,
        location: None,
        has_body: false,
        lost_body: false,
        join: Join::default(),
        zone: ZoneRef::Unstated,
        series: None,
    }
}

pub(crate) fn id(name: &str) -> MeetingId {
    identity::meeting_id(&meeting(name, 0))
}

pub(crate) fn key(name: &str) -> MeetingKey {
    MeetingKey::of(&id(name), Slot::Whole)
}

/// The fact that a meeting of this name is this secret.
pub(crate) fn fact(name: &str, sensitivity: Sensitivity) -> Fact {
    let said_in = Some(room("berlin"));
    Fact { subject: Some(name.to_owned()), said_in, by_request: true, sensitivity }
}

/// What a plan for a room shows of an item, openly.
pub(crate) fn open(room: &RoomId, item: &CalendarItem) -> Displayed {
    let key = MeetingKey::of(&identity::meeting_id(item), Slot::Whole);
    Displayed {
        key: SiteSecret::new([7; 32]).public_key(room, &key),
        start: item.start,
        end: item.end,
        all_day: None,
        words: Words::Open {
            title: item.subject.clone().unwrap_or_default(),
            organizer: Some("Kim Jones".to_owned()),
            location: Some("Berlin".to_owned()),
            join: Join::default(),
        },
        tentative: false,
        lingers: TimeDelta::zero(),
    }
}

/// A commit in the making.
pub(crate) struct Draft(pub(crate) Commit);

/// A commit that changes nothing, against this revision.
pub(crate) fn draft(name: &str, base: i64) -> Draft {
    let plan = Plan {
        room: room(name),
        base: Revision(base),
        calendar: CalendarNumber::default(),
        items: Vec::new(),
        removed_items: Vec::new(),
        occurrences: Vec::new(),
        removed_occurrences: Vec::new(),
        learned: BTreeMap::new(),
        tombstones: Vec::new(),
        removed_tombstones: Vec::new(),
        acceptance: AcceptanceHistory { mode: Acceptance::AutoAccept, switched_to_proxy: None },
        planned_with: "rules 1".to_owned(),
        read_with: None,
        changes: Vec::new(),
        dials_otherwise: false,
        replan_at: None,
        forgotten_before: at(-7 * 1440),
        suspicious: false,
        settings_changed: false,
    };
    Draft(Commit { plan, cursor: None, source: None, as_of: Some(at(0)), now: at(0) })
}

impl Draft {
    /// Stores an item and shows it openly.
    pub(crate) fn shows(self, item: CalendarItem) -> Self {
        let displayed = open(&self.0.plan.room, &item);
        self.decides(item, Some(displayed))
    }

    /// Stores an item and hides it.
    pub(crate) fn hides(self, item: CalendarItem) -> Self {
        self.decides(item, None)
    }

    pub(crate) fn decides(mut self, item: CalendarItem, displayed: Option<Displayed>) -> Self {
        let verdict = if displayed.is_some() { Verdict::Shown } else { Verdict::Hidden(Reason::Tentative) };
        self.0.plan.changes.extend(displayed.clone().map(|displayed| Change {
            kind: ChangeKind::Added,
            displayed,
            decision: None,
        }));
        self.0.plan.occurrences.push(PlannedOccurrence {
            key: MeetingKey::of(&identity::meeting_id(&item), Slot::Whole),
            item_id: item.item_id.clone(),
            original_start: item.start,
            start: item.start,
            end: item.end,
            decision: Decision { verdict, rule: Rule::A6 },
            settling_since: None,
            accepted_seen: Some(at(0)),
            show_as: ShowAs::Busy,
            join: Join::default(),
            displayed,
        });
        self.0.plan.items.push(item);
        self
    }

    /// Takes a meeting away, and its occurrence.
    pub(crate) fn drops(mut self, name: &str) -> Self {
        self.0.plan.removed_items.push(meeting(name, 0).item_id);
        self.0.plan.removed_occurrences.push(key(name));
        self
    }

    pub(crate) fn teaches(mut self, name: &str, sensitivity: Sensitivity) -> Self {
        self.0.plan.learned.insert((id(name), Slot::Whole), fact(name, sensitivity));
        self
    }

    pub(crate) fn reads_to(mut self, bytes: &[u8]) -> Self {
        self.0.cursor = Some(Cursor { protocol: Protocol::Ews, bytes: bytes.to_vec() });
        self
    }

    /// Commits it, which must work.
    #[track_caller]
    pub(crate) fn commit(self, store: &mut Store, epoch: Epoch) -> store::Committed {
        store.commit(epoch, &self.0).unwrap()
    }
}
