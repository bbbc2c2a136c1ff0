//! What devices would have got, where a daemon tells them nothing: how one comes to trust it beside the old manager.

use chrono::{DateTime, Utc};
use control::{Shadow, ShadowDevice, ShadowMeeting, Telling};
use meeting_model::{
    display::{Displayed, Present},
    id::{DeviceId, RoomId},
    withheld::Withheld,
};
use phone_push::{PhonePush, Rehearsed};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};
use sync_engine::{Deliver, Delivered};

/// How many times that a device would have been told are remembered: those of a busy day.
const REMEMBERED: usize = 50;

/// What devices would have got since the start. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shadows(Arc<Mutex<BTreeMap<DeviceId, ShadowDevice>>>);

impl Shadows {
    /// Does everything that a delivery does, but for telling the device.
    pub(crate) fn deliver(
        &self,
        devices: &PhonePush,
        deliver: &Deliver,
        present: &Present,
        withheld: &Withheld,
    ) -> Delivered {
        let digest = deliver.digest.as_deref();
        let Rehearsed { delivered, reminder } =
            devices.rehearse(&deliver.device, present, withheld, digest, deliver.since);
        if matches!(delivered, Delivered::Acknowledged { sent: true, .. }) {
            let telling = self.record(deliver, present, reminder);
            tracing::info!(
                room = %deliver.room, device = %deliver.device, rev = present.rev.0, shows = present.meetings.len(),
                came = telling.came.len(), went = telling.went.len(), reminds = reminder.is_some(),
                "would have told a device"
            );
        }
        delivered
    }

    fn record(&self, deliver: &Deliver, present: &Present, reminder: Option<&Displayed>) -> Telling {
        let shows: Vec<ShadowMeeting> = present.meetings.iter().map(meeting).collect();
        let mut devices = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let device = devices.entry(deliver.device.clone()).or_default();
        let telling = Telling {
            at: present.now,
            rev: present.rev.0,
            came: beyond(&shows, &device.shows),
            went: beyond(&device.shows, &shows),
            reminds_of: reminder.map(meeting),
        };
        device.device = deliver.device.to_string();
        device.room = deliver.room.to_string();
        device.shows = shows;
        device.told += 1;
        device.tellings.insert(0, telling.clone());
        device.tellings.truncate(REMEMBERED);
        telling
    }

    /// What the devices of these rooms would have got, of all rooms where none is named.
    pub(crate) fn of(&self, rooms: &BTreeSet<RoomId>, started: DateTime<Utc>) -> Shadow {
        let devices = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = devices.values().filter(|device| rooms.contains(&RoomId::new(&device.room)));
        Shadow { started, devices: asked.cloned().collect() }
    }
}

fn meeting(displayed: &Displayed) -> ShadowMeeting {
    ShadowMeeting { start: displayed.start, end: displayed.end, title: displayed.title().to_owned() }
}

/// What is in the one list and not in the other.
fn beyond(these: &[ShadowMeeting], those: &[ShadowMeeting]) -> Vec<ShadowMeeting> {
    let those: BTreeSet<_> = those.iter().collect();
    these.iter().filter(|one| !those.contains(one)).cloned().collect()
}
