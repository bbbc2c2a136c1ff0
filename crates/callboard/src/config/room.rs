//! `[[room]]`: one room.

use super::{
    device::{DeviceConfig, RawDevice},
    feed::language,
    join::RawJoin,
    meetings::RawMeetings,
    notes::{Given, Notes},
    raw::RawConfig,
    secret::{self, SecretSource},
    section::Section,
    value::{filled, mailbox, one_of, room_id},
    zone,
};
use chrono::{DateTime, Utc};
use meeting_model::{
    id::{RoomId, ServerId},
    settings::{Acceptance, RoomSettings},
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
    /// Where the file says that it is, where the room was migrated away from there.
    pub migrated_from: Option<ServerId>,
    /// How its meetings are treated.
    pub settings: RoomSettings,
    /// What shows them.
    pub devices: Vec<DeviceConfig>,
    /// What its displays speak; absent: English.
    pub language: Option<String>,
    /// Where the token is that lets programs and panels read this room; absent where there is none.
    pub token: Option<SecretSource>,
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
    meetings: RawMeetings,
    pub(super) join: RawJoin,
    pub(super) devices: Vec<RawDevice>,
    language: Option<Given<String>>,
    token: Option<SecretSource>,
}

impl RawRoom {
    pub(super) fn read(section: &mut Section<'_>, base: &Path) -> Self {
        let acceptance = one_of(&[("auto-accept", Acceptance::AutoAccept), ("proxy", Acceptance::Proxy)]);
        section.require(&["id", "mailbox", "exchange", "time_zone", "acceptance"]);
        Self {
            id: section.text("id", room_id),
            name: section.text("name", filled),
            mailbox: section.text("mailbox", mailbox),
            exchange: section.text("exchange", filled),
            time_zone: section.text("time_zone", filled),
            acceptance: section.text("acceptance", acceptance),
            acceptance_since: section.instant("acceptance_since"),
            meetings: RawMeetings::read(section),
            join: section.table("join", RawJoin::read).unwrap_or_default(),
            devices: section.tables("device", |section| RawDevice::read(section, base)),
            language: section.text("language", language),
            token: secret::read_optional(section, "token_file", "token_env", base),
        }
    }

    pub(super) fn meaning(
        &self,
        site: &RawConfig,
        zones: &ZoneDatabase,
        notes: &mut Notes,
    ) -> Option<RoomConfig> {
        let zone = zone::meaning(self.time_zone.as_ref(), zones, notes);
        let id = RoomId::new(&self.id.as_ref()?.value);
        let mailbox = self.mailbox.as_ref()?.value.clone();
        let meetings = self.meetings.or(site.meetings);
        let settings = RoomSettings {
            zone: zone?,
            mailbox: mailbox.clone(),
            acceptance: self.acceptance?.value,
            acceptance_since: self.acceptance_since.map(|given| given.value),
            on_switch: meetings.on_switch(),
            tentative: meetings.tentative(),
            private: meetings.private(),
            organizer_prefix: meetings.organizer_prefix(),
            subjects: meetings.subjects(),
            join: self.join.or(&site.join).meaning(),
            forget_after: meetings.forget_after(),
            back: site.window.back,
            ahead: site.window.ahead,
        };
        let devices: Option<Vec<_>> = self.devices.iter().map(|device| device.meaning(&id)).collect();
        Some(RoomConfig {
            name: self.name.as_ref().map_or_else(|| id.to_string(), |given| given.value.clone()),
            server: ServerId::new(&self.exchange.as_ref()?.value),
            migrated_from: None,
            devices: devices?,
            language: self.language.as_ref().map(|given| given.value.clone()),
            token: self.token.clone(),
            id,
            mailbox,
            settings,
        })
    }
}
