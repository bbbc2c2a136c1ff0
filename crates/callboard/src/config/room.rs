//! `[[room]]`: one room.

use super::{
    device::{DeviceConfig, RawDevice},
    notes::{Given, Notes},
    section::Section,
    value::{filled, mailbox, one_of, room_id},
    window::WindowConfig,
    zone,
};
use chrono::{DateTime, Utc};
use meeting_model::{
    id::{RoomId, ServerId},
    settings::{
        Acceptance, FORGET_AFTER, OnSwitch, PrivatePolicy, RoomSettings, SubjectSettings, TentativePolicy,
    },
    zone::ZoneDatabase,
};
use std::path::Path;

/// One room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomConfig {
    /// Its id: what URLs, logs and commands call it.
    pub id: RoomId,
    /// What people call it.
    pub name: String,
    /// Its SMTP address.
    pub mailbox: String,
    /// Where its calendar is.
    pub server: ServerId,
    /// How its meetings are treated.
    pub settings: RoomSettings,
    /// What shows them.
    pub devices: Vec<DeviceConfig>,
}

/// `[[room]]` as it was typed.
#[derive(Debug)]
pub(super) struct RawRoom {
    pub(super) id: Option<Given<String>>,
    name: Option<Given<String>>,
    pub(super) mailbox: Option<Given<String>>,
    pub(super) exchange: Option<Given<String>>,
    time_zone: Option<Given<String>>,
    acceptance: Option<Given<Acceptance>>,
    acceptance_since: Option<Given<DateTime<Utc>>>,
    on_switch: Option<Given<OnSwitch>>,
    tentative: Option<Given<TentativePolicy>>,
    private: Option<Given<PrivatePolicy>>,
    organizer_prefix: Option<Given<bool>>,
    pub(super) devices: Vec<RawDevice>,
}

impl RawRoom {
    pub(super) fn read(section: &mut Section<'_>, base: &Path) -> Self {
        let acceptance = one_of(&[("auto-accept", Acceptance::AutoAccept), ("proxy", Acceptance::Proxy)]);
        let on_switch = one_of(&[("require-reaccept", OnSwitch::RequireReaccept), ("keep", OnSwitch::Keep)]);
        let tentative = one_of(&[("hide", TentativePolicy::Hide), ("mark", TentativePolicy::Mark)]);
        let private = one_of(&[
            ("mask", PrivatePolicy::Mask),
            ("organizer", PrivatePolicy::Organizer),
            ("show", PrivatePolicy::Show),
        ]);
        section.require(&["id", "mailbox", "exchange", "time_zone", "acceptance"]);
        Self {
            id: section.text("id", room_id),
            name: section.text("name", filled),
            mailbox: section.text("mailbox", mailbox),
            exchange: section.text("exchange", filled),
            time_zone: section.text("time_zone", filled),
            acceptance: section.text("acceptance", acceptance),
            acceptance_since: section.instant("acceptance_since"),
            on_switch: section.text("on_switch", on_switch),
            tentative: section.text("tentative", tentative),
            private: section.text("private", private),
            organizer_prefix: section.switch("organizer_prefix"),
            devices: section.tables("device", |section| RawDevice::read(section, base)),
        }
    }

    pub(super) fn meaning(
        &self,
        window: &WindowConfig,
        zones: &ZoneDatabase,
        notes: &mut Notes,
    ) -> Option<RoomConfig> {
        let zone = zone::meaning(self.time_zone.as_ref(), zones, notes);
        let id = RoomId::new(&self.id.as_ref()?.value);
        let mailbox = self.mailbox.as_ref()?.value.clone();
        let settings = RoomSettings {
            zone: zone?,
            mailbox: mailbox.clone(),
            acceptance: self.acceptance?.value,
            acceptance_since: self.acceptance_since.map(|given| given.value),
            on_switch: self.on_switch.map_or_else(OnSwitch::default, |given| given.value),
            tentative: self.tentative.map_or_else(TentativePolicy::default, |given| given.value),
            private: self.private.map_or_else(PrivatePolicy::default, |given| given.value),
            organizer_prefix: self.organizer_prefix.is_some_and(|given| given.value),
            subjects: SubjectSettings::default(),
            forget_after: FORGET_AFTER,
            back: window.back,
            ahead: window.ahead,
        };
        let devices: Option<Vec<_>> = self.devices.iter().map(|device| device.meaning(&id)).collect();
        Some(RoomConfig {
            name: self.name.as_ref().map_or_else(|| id.to_string(), |given| given.value.clone()),
            server: ServerId::new(&self.exchange.as_ref()?.value),
            devices: devices?,
            id,
            mailbox,
            settings,
        })
    }
}
