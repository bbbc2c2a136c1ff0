//! Rooms of several calendars.

use crate::{
    run::Run,
    site::{Site, add_room},
};
use callboard::planning;
use chrono::{DateTime, Utc};
use meeting_model::{id::RoomId, settings::RoomSettings};
use std::collections::{BTreeMap, BTreeSet};
use sync_engine::{Event, PartOf, RoomPlan};

impl Site {
    /// Adds a room with a phone that shows these mailboxes, which no other room has.
    #[must_use]
    pub fn of_calendars(mut self, room: &str, aliases: &[&str]) -> Self {
        for alias in aliases {
            add_room(&mut self.world, alias);
        }
        let mut site = self.expecting(&[room]);
        give(&mut site.engine.rooms, room, aliases);
        site
    }
}

impl Run {
    /// Changes the configuration: a room has these mailboxes from now on.
    pub fn give_calendars(&mut self, room: &str, aliases: &[&str]) {
        self.trace.note(self.now, format_args!("{room} has {aliases:?}"));
        give(&mut self.site.rooms, room, aliases);
        let claims = planning::claims(&self.site.rooms);
        let changed = self.store.equip(&claims).expect("the rooms were taken");
        self.read_anew();
        let plans = &self.site.rooms;
        self.planning.calendars = self.planning.calendars.changed(plans, &changed);
        self.planning.settings = plans.iter().map(|(id, plan)| (id.clone(), plan.settings.clone())).collect();
        let rooms = planning::starts(plans, &changed);
        let (site, moved) = (self.site.clone(), BTreeSet::new());
        self.hear(Event::Reconfigured { site, moved, rooms });
    }

    /// As of when the store says that a room is true.
    pub fn as_of(&self, room: &str) -> Option<DateTime<Utc>> {
        self.store.state(&RoomId::new(room)).expect("the room was taken").as_of
    }
}

fn give(plans: &mut BTreeMap<RoomId, RoomPlan>, room: &str, aliases: &[&str]) {
    let id = RoomId::new(room);
    let like = plans.get(&id).expect("the room is there").clone();
    plans.retain(|other, plan| plan.shown_by(other) != &id);
    let mailboxes: Vec<String> = aliases.iter().map(|alias| format!("{alias}@rooms.example")).collect();
    for (place, mailbox) in mailboxes.iter().enumerate() {
        let part = PartOf { room: id.clone(), name: mailbox.clone() };
        let plan = RoomPlan {
            part_of: (mailboxes.len() > 1).then_some(part),
            mailbox: mailbox.clone(),
            settings: RoomSettings { mailboxes: mailboxes.clone(), ..like.settings.clone() },
            devices: if place == 0 { like.devices.clone() } else { Vec::new() },
            ..like.clone()
        };
        let called = if place == 0 { id.clone() } else { planning::further(&id, &plan.calendar()) };
        plans.insert(called, plan);
    }
}
