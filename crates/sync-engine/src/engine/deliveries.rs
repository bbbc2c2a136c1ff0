//! The engine and the devices: who is told what, and who is told nothing any more.

use super::{Engine, Target};
use crate::{
    action::{Action, Deliver},
    device::{Device, Leaving},
    event::{Delivered, NotEmptied, Page},
};
use chrono::TimeDelta;
use meeting_model::{
    clock::Now,
    id::{DeviceId, Revision, RoomId},
};
use std::collections::{BTreeMap, BTreeSet};

/// By so much a clock is set; by less it is corrected.
const CLOCK_STEP: TimeDelta = TimeDelta::seconds(1);

impl Engine {
    /// The devices that are no longer any room's and may still show something of ours, by the ids they had.
    pub fn leaving(&self) -> impl Iterator<Item = (&DeviceId, &Leaving)> {
        self.leaving.iter()
    }

    /// The room's devices should show this revision.
    pub(super) fn want(&mut self, room: &RoomId, rev: Revision, now: Now) {
        for id in self.devices_of.get(room).into_iter().flatten() {
            if let Some(device) = self.devices.get_mut(id) {
                device.want(rev, now.mono);
                self.by_mono.set(&Target::Device(id.clone()), device.look_at());
            }
        }
    }

    pub(super) fn look_at_device(&mut self, id: &DeviceId, now: Now, out: &mut Vec<Action>) {
        let Some(device) = self.devices.get_mut(id) else { return };
        if let Some(waits) = self.emptying.get_mut(&device.address) {
            *waits = Some(id.clone());
            return;
        }
        if let Some(deliver) = device.deliver(now.mono, now.wall) {
            let calendars = self.rooms.range(deliver.room.clone()..);
            let calendars = calendars.take_while(|(id, _)| id.as_str().starts_with(deliver.room.as_str()));
            let of_room = calendars.filter(|(_, calendar)| *calendar.shown_by() == deliver.room);
            // as long as one of them was never read, nothing was ever true of the room
            let as_of = of_room.map(|(_, calendar)| calendar.as_of()).min().flatten();
            out.push(Action::Deliver(Deliver { as_of, ..deliver }));
        }
        self.by_mono.set(&Target::Device(id.clone()), device.look_at());
        self.by_wall.set(&Target::Device(id.clone()), device.next_change());
    }

    pub(super) fn delivered(&mut self, id: &DeviceId, result: Delivered, now: Now, out: &mut Vec<Action>) {
        if self.leaving.get_mut(id).is_some_and(Leaving::delivered) {
            return self.look_at_leaving(id, now, out);
        }
        let Some(device) = self.devices.get_mut(id) else { return };
        if result.is_answer() {
            device.answered(now.wall);
        }
        if let Some(settle) = device.delivered(result, now.mono, &mut self.dice) {
            out.push(Action::Settle(settle));
        }
        self.look_at_device(id, now, out);
    }

    /// A device has fetched its room's page.
    pub(super) fn fetched(&mut self, id: &DeviceId, page: Page, now: Now, out: &mut Vec<Action>) {
        let Some(device) = self.devices.get_mut(id) else { return };
        device.answered(now.wall);
        if let Some(settle) = device.fetched(page) {
            out.push(Action::Settle(settle));
        }
        self.look_at_device(id, now, out);
    }

    /// A device may have lost what it had.
    pub(super) fn forgot(&mut self, id: &DeviceId, now: Now, out: &mut Vec<Action>) {
        let Some(device) = self.devices.get_mut(id) else { return };
        device.answered(now.wall);
        device.forgot(now.mono);
        self.look_at_device(id, now, out);
    }

    /// Notes how the wall clock goes, and looks at every room and device after it was set back. After it was put forward
    /// whatever was skipped is due by itself. What was noted by the clock as it was is noted anew either way.
    pub(super) fn mind_the_clock(&mut self, now: Now) {
        let began = now.wall - now.mono;
        let by = self.began.replace(began).map_or(TimeDelta::zero(), |before| began - before);
        if by.abs() <= CLOCK_STEP {
            return;
        }
        for room in self.rooms.values_mut() {
            room.clock_was_set(by);
        }
        for apply in self.applying.values_mut() {
            apply.as_of = apply.as_of.map(|as_of| as_of + by);
            apply.persist = false; // what is being stored is as it was
        }
        if by < TimeDelta::zero() {
            for (id, room) in &mut self.rooms {
                room.clock_went_back(now.wall);
                self.by_mono.set(&Target::Room(id.clone()), Some(now.mono));
            }
            for (id, device) in &mut self.devices {
                device.clock_went_back(now.mono, now.wall);
                self.by_mono.set(&Target::Device(id.clone()), device.look_at());
            }
        }
    }

    pub(super) fn look_at_leaving(&mut self, id: &DeviceId, now: Now, out: &mut Vec<Action>) {
        let Some(leaving) = self.leaving.get_mut(id) else { return };
        if leaving.is_over(now.mono) {
            return self.has_left(id, now, out);
        }
        if leaving.empty(now.mono) {
            out.push(Action::Empty { device: id.clone(), room: leaving.room().clone() });
        }
        self.by_mono.set(&Target::Leaving(id.clone()), leaving.look_at());
    }

    pub(super) fn emptied(
        &mut self,
        id: &DeviceId,
        result: Result<(), NotEmptied>,
        now: Now,
        out: &mut Vec<Action>,
    ) {
        match (result, self.leaving.get_mut(id)) {
            (Ok(()), _) => self.has_left(id, now, out),
            (Err(failure), Some(leaving)) => {
                leaving.failed(failure, now.mono, &mut self.dice);
                self.look_at_leaving(id, now, out);
            }
            (Err(_), None) => {}
        }
    }

    /// A device is forgotten. Whoever waits for its address is told the present now.
    fn has_left(&mut self, id: &DeviceId, now: Now, out: &mut Vec<Action>) {
        let Some(leaving) = self.leaving.remove(id) else { return };
        self.by_mono.set(&Target::Leaving(id.clone()), None);
        if let Some(waits) = self.emptying.remove(&leaving.address).flatten() {
            self.look_at_device(&waits, now, out);
        }
    }

    /// The devices are those of the rooms' plans from now on: what is gone, or another room's, is emptied first.
    pub(super) fn change_devices(&mut self, now: Now, out: &mut Vec<Action>) {
        let mut present = BTreeMap::new();
        self.devices_of.clear();
        for (room, plan) in self.rooms.iter().map(|(id, room)| (id, &room.plan)) {
            for device in &plan.devices {
                present.insert(device.id.clone(), (room.clone(), device.address.clone()));
                self.devices_of.entry(room.clone()).or_default().push(device.id.clone());
            }
        }
        let stays = |device: &Device| present.get(&device.id).is_some_and(|(room, _)| *room == device.room);
        let gone: BTreeSet<DeviceId> =
            self.devices.values().filter(|device| !stays(device)).map(|device| device.id.clone()).collect();
        for id in gone {
            self.let_device_go(&id, now, out);
        }
        for (id, (room, address)) in present {
            let device =
                self.devices.entry(id.clone()).or_insert_with(|| Device::new(id, room, String::new()));
            device.address = address;
        }
    }

    fn let_device_go(&mut self, id: &DeviceId, now: Now, out: &mut Vec<Action>) {
        self.by_mono.set(&Target::Device(id.clone()), None);
        self.by_wall.set(&Target::Device(id.clone()), None);
        let Some(device) = self.devices.remove(id) else { return };
        // what is being emptied shows nothing of whoever waited for that
        if self.emptying.contains_key(&device.address) || self.leaving.contains_key(id) {
            return;
        }
        self.emptying.insert(device.address.clone(), None);
        self.leaving.insert(id.clone(), Leaving::new(device, now.mono));
        self.look_at_leaving(id, now, out);
    }
}
