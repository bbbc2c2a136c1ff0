//! The site, as far as the engine decides by it.

use meeting_model::{
    id::{RoomId, ServerId},
    settings::RoomSettings,
    zone::{RoomZone, ZoneDatabase},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Duration};
use sync_engine::{AccountId, DeviceSettings, PartOf, RoomPlan, ServerSettings, Site};

/// The site, as far as the engine decides by it. Who signs in and where devices are is told apart, and not told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RecordedSite {
    servers: BTreeMap<ServerId, ServerSettings>,
    rooms: BTreeMap<RoomId, RecordedRoom>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct RecordedRoom {
    part_of: Option<PartOf>,
    server: ServerId,
    mailbox: String,
    zone: String,
    back: Duration,
    ahead: Duration,
    /// Differs where any setting does.
    settings: String,
    devices: Vec<DeviceSettings>,
}

impl RecordedSite {
    pub(super) fn of(site: &Site, stand_in: &dyn Fn(&[u8]) -> String) -> Self {
        let server = |server: &ServerSettings| ServerSettings {
            account: AccountId::new(&stand_in(format!("{:?}", server.account).as_bytes())),
            ..server.clone()
        };
        let room = |plan: &RoomPlan| RecordedRoom {
            part_of: plan.part_of.clone(),
            server: plan.server.clone(),
            mailbox: plan.mailbox.clone(),
            zone: plan.settings.zone.name().to_owned(),
            back: plan.settings.back,
            ahead: plan.settings.ahead,
            settings: format!("{} {}", plan.settings.digest(), plan.settings.join.digest()),
            devices: plan
                .devices
                .iter()
                .map(|device| DeviceSettings {
                    id: device.id.clone(),
                    address: stand_in(device.address.as_bytes()),
                })
                .collect(),
        };
        Self {
            servers: site.servers.iter().map(|(id, settings)| (id.clone(), server(settings))).collect(),
            rooms: site.rooms.iter().map(|(id, plan)| (id.clone(), room(plan))).collect(),
        }
    }

    pub(super) fn rooms(&self) -> usize {
        self.rooms.len()
    }

    /// The site that the engine decides by in the same way.
    ///
    /// # Errors
    /// Where a zone is not known here.
    pub(super) fn site(self, zones: &ZoneDatabase) -> Result<Site, meeting_model::error::Error> {
        let rooms = self.rooms.into_iter().map(|(id, room)| Ok((id, room.plan(zones)?)));
        Ok(Site { servers: self.servers, rooms: rooms.collect::<Result<_, _>>()? })
    }
}

impl RecordedRoom {
    fn plan(self, zones: &ZoneDatabase) -> Result<RoomPlan, meeting_model::error::Error> {
        let Self { part_of, server, mailbox, zone, back, ahead, settings, devices } = self;
        // what stands for all that the engine only compares, in the mailbox's place
        let settings =
            RoomSettings { back, ahead, ..RoomSettings::usual(RoomZone::named(zones, &zone)?, settings) };
        Ok(RoomPlan { part_of, server, mailbox, settings, devices })
    }
}
