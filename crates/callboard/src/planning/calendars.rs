//! The calendars of the rooms, each of which the engine looks after as a room of its own. Most rooms have one.

use control::{Resynced, RoomReport};
use meeting_model::id::{CalendarName, CalendarNumber, RoomId};
use std::collections::{BTreeMap, BTreeSet};
use store::{Claim, RoomState};
use sync_engine::{RoomPlan, RoomStart};

/// Whose a calendar is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// The room that shows it.
    pub room: RoomId,
    /// How the store tells it from the room's others.
    pub number: CalendarNumber,
    /// Its mailbox.
    pub mailbox: String,
    /// What operators call it, where the room has several.
    pub name: Option<String>,
}

/// The calendars of all rooms, by what the engine calls them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Calendars(BTreeMap<RoomId, Calendar>);

/// What the engine calls a further calendar of a room: no room is called so.
pub fn further(room: &RoomId, calendar: &CalendarName) -> RoomId {
    RoomId::new(format!("{room}/{calendar}"))
}

/// What the store is asked for that the engine is to look after.
pub fn claims(plans: &BTreeMap<RoomId, RoomPlan>) -> Vec<Claim> {
    let mut claims: BTreeMap<&RoomId, Claim> = BTreeMap::new();
    for (id, plan) in plans {
        let room = plan.shown_by(id);
        let nothing = || Claim { room: room.clone(), devices: BTreeSet::new(), calendars: Vec::new() };
        let claim = claims.entry(room).or_insert_with(nothing);
        claim.devices.extend(plan.devices.iter().map(|device| device.id.clone()));
        claim.calendars.push(plan.calendar());
    }
    claims.into_values().collect()
}

/// What the store holds of what the engine is to look after.
pub fn starts(plans: &BTreeMap<RoomId, RoomPlan>, taken: &[RoomState]) -> Vec<RoomStart> {
    let taken: BTreeMap<&RoomId, &RoomState> = taken.iter().map(|room| (&room.room, room)).collect();
    let start = |(id, plan): (&RoomId, &RoomPlan)| {
        let room = taken.get(plan.shown_by(id))?;
        let name = plan.calendar();
        let calendar = room.calendars.iter().find(|calendar| calendar.name == name)?;
        let (cursor, as_of, restored) = (calendar.cursor.clone(), calendar.as_of, calendar.restored);
        Some(RoomStart { room: id.clone(), rev: room.rev, cursor, as_of, restored })
    };
    plans.iter().filter_map(start).collect()
}

impl Calendars {
    /// The calendars that the engine is to look after, where these rooms were taken or changed just now, and the others are as
    /// they were.
    #[must_use]
    pub fn changed(&self, plans: &BTreeMap<RoomId, RoomPlan>, taken: &[RoomState]) -> Self {
        let taken: BTreeMap<&RoomId, &RoomState> = taken.iter().map(|room| (&room.room, room)).collect();
        let calendar = |(id, plan): (&RoomId, &RoomPlan)| {
            let room = plan.shown_by(id);
            let number = match taken.get(room) {
                Some(state) => {
                    let name = plan.calendar();
                    state.calendars.iter().find(|calendar| calendar.name == name)?.number
                }
                None => self.of(id)?.number,
            };
            let (mailbox, name) = (plan.mailbox.clone(), plan.of_several().map(str::to_owned));
            Some((id.clone(), Calendar { room: room.clone(), number, mailbox, name }))
        };
        Self(plans.iter().filter_map(calendar).collect())
    }

    /// Whose a calendar is.
    pub fn of(&self, id: &RoomId) -> Option<&Calendar> {
        self.0.get(id)
    }

    /// The calendars of a room, the first one first.
    pub fn of_room(&self, room: &RoomId) -> impl Iterator<Item = (&RoomId, &Calendar)> {
        // behind `/` comes `0`
        let [begin, end] = ["/", "0"].map(|end| RoomId::new(format!("{room}{end}")));
        self.0.get_key_value(room).into_iter().chain(self.0.range(begin..end))
    }

    /// What an operator is told of a calendar.
    pub fn report(&self, id: &RoomId, result: Result<Resynced, String>) -> RoomReport {
        let calendar = self.of(id);
        let room = calendar.map_or(id, |calendar| &calendar.room).to_string();
        let mailbox = calendar.and_then(|calendar| calendar.name.clone());
        RoomReport { room, mailbox, result }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendars(ids: &[(&str, &str)]) -> Calendars {
        let calendar = |(number, (id, room)): (i64, &(&str, &str))| {
            let (number, mailbox) = (CalendarNumber(number), format!("{number}@example.com"));
            let name = Some(mailbox.clone());
            (RoomId::new(*id), Calendar { room: RoomId::new(*room), number, mailbox, name })
        };
        Calendars((0..).zip(ids).map(calendar).collect())
    }

    #[test]
    fn a_room_s_calendars_are_found_among_rooms_that_are_called_alike() {
        let of_hall =
            [("hall", "hall"), ("hall/hq/a@example.com", "hall"), ("hall/hq/z@example.com", "hall")];
        let others = [
            ("hal", "hal"),
            ("hall-2", "hall-2"),
            ("hall.1", "hall.1"),
            ("hall0", "hall0"),
            ("hall_", "hall_"),
        ];
        let all = calendars(&[&of_hall[..], &others].concat());
        let found: Vec<&str> = all.of_room(&RoomId::new("hall")).map(|(id, _)| id.as_str()).collect();
        assert_eq!(found, of_hall.map(|(id, _)| id));
        for (id, _) in others {
            assert_eq!(all.of_room(&RoomId::new(id)).count(), 1, "{id}");
        }
    }

    #[test]
    fn an_operator_is_told_of_which_mailbox() {
        let all = calendars(&[("hall", "hall"), ("hall/hq/a@example.com", "hall")]);
        let report = all.report(&RoomId::new("hall/hq/a@example.com"), Err("no".to_owned()));
        assert_eq!((report.room.as_str(), report.mailbox.as_deref()), ("hall", Some("1@example.com")));
        let unknown = all.report(&RoomId::new("cellar"), Err("no".to_owned()));
        assert_eq!((unknown.room.as_str(), unknown.mailbox), ("cellar", None));
    }
}
