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
use std::{collections::BTreeSet, path::Path};
use sync_engine::next_step;

/// One room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomConfig {
    /// Its id: what URLs, logs and commands call it.
    pub id: RoomId,
    /// What people call it.
    pub name: String,
    /// Its SMTP address: of several, the first.
    pub mailbox: String,
    /// Where the calendar of that is.
    pub server: ServerId,
    /// Where the file says that it is, where the room was migrated away from there.
    pub migrated_from: Option<ServerId>,
    /// Its other calendars, where it has several: a room that can be divided, or is being migrated.
    pub further: Vec<CalendarConfig>,
    /// How its meetings are treated.
    pub settings: RoomSettings,
    /// What shows them.
    pub devices: Vec<DeviceConfig>,
    /// What its displays speak; absent: English.
    pub language: Option<String>,
    /// Where the token is that lets programs and panels read this room; absent where there is none.
    pub token: Option<SecretSource>,
}

/// Where one calendar is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarConfig {
    /// Its mailbox's SMTP address.
    pub mailbox: String,
    /// Its server.
    pub server: ServerId,
}

impl RoomConfig {
    /// All its calendars, the first one first.
    pub fn calendars(&self) -> impl Iterator<Item = CalendarConfig> {
        let first = CalendarConfig { mailbox: self.mailbox.clone(), server: self.server.clone() };
        [first].into_iter().chain(self.further.iter().cloned())
    }

    /// The room as it would be if this of its calendars were the first.
    #[must_use]
    pub fn at(&self, first: CalendarConfig) -> Self {
        let further = self.calendars().filter(|calendar| *calendar != first).collect();
        let CalendarConfig { mailbox, server } = first;
        Self { mailbox, server, further, ..self.clone() }
    }

    /// What its calendar is called, where it has several: its mailbox, and its server where the others are elsewhere.
    pub fn of_several(&self) -> Option<String> {
        let is_elsewhere = |calendar: &CalendarConfig| calendar.server != self.server;
        let Self { mailbox, server, .. } = self;
        let name = || match self.further.iter().find(|calendar| is_elsewhere(calendar)) {
            Some(_) => format!("{mailbox} on {server}"),
            None => mailbox.clone(),
        };
        (!self.further.is_empty()).then(name)
    }

    /// A sentence about it, naming it, and its mailbox where it has several.
    pub fn says(&self, sentence: &str) -> String {
        next_step::of_calendar(&self.id, self.of_several().as_deref(), sentence)
    }
}

/// A calendar as it was typed.
#[derive(Debug)]
pub(super) struct RawCalendar {
    pub(super) mailbox: String,
    /// Absent: the room's.
    pub(super) exchange: Option<Given<String>>,
}

impl RawCalendar {
    fn read(section: &mut Section<'_>) -> Option<Self> {
        section.require(&["mailbox"]);
        let address = section.text("mailbox", mailbox);
        let exchange = section.text("exchange", filled);
        Some(Self { mailbox: address?.value, exchange })
    }
}

/// `[[room]]` as it was typed.
#[derive(Debug)]
pub(super) struct RawRoom {
    pub(super) id: Option<Given<String>>,
    name: Option<Given<String>>,
    mailbox: Option<Given<String>>,
    mailboxes: Option<Given<Vec<Given<RawCalendar>>>>,
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
        section.require(&["id", "exchange", "time_zone", "acceptance"]);
        section.require_one_of("mailbox", "mailboxes");
        if section.holds("mailbox") {
            let sentence =
                "`mailboxes`: expected instead of `mailbox`, found beside it: name that one among the others";
            section.misplaced("mailboxes", sentence);
        }
        let alone = |text: &str| Ok(RawCalendar { mailbox: mailbox(text)?, exchange: None });
        let mailboxes = section.texts_or_tables("mailboxes", alone, RawCalendar::read);
        Self {
            id: section.text("id", room_id),
            name: section.text("name", filled),
            mailbox: section.text("mailbox", mailbox),
            mailboxes: mailboxes.filter(|_| !section.holds("mailbox")),
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

    /// The addresses of its mailboxes, where they were typed, and the servers that they alone are on.
    pub(super) fn calendars(&self) -> impl Iterator<Item = (Given<&str>, Option<&Given<String>>)> {
        let one = self.mailbox.iter().map(|given| (given.as_str(), None));
        let several = self.mailboxes.iter().flat_map(|several| &several.value);
        one.chain(several.map(|Given { value, at }| {
            (Given { value: value.mailbox.as_str(), at: *at }, value.exchange.as_ref())
        }))
    }

    /// Notes a list of mailboxes that names none, or one of them twice.
    pub(super) fn check(&self, notes: &mut Notes) {
        if let Some(Given { at, .. }) = self.mailboxes.as_ref().filter(|several| several.value.is_empty()) {
            notes.mistake(*at, "`mailboxes`: expected at least one address, found none");
        }
        let mut seen = BTreeSet::new();
        for (Given { value, at }, exchange) in self.calendars() {
            let server = exchange.or(self.exchange.as_ref()).map(|given| &given.value);
            if !seen.insert((value.to_lowercase(), server)) {
                notes.mistake(at, format!("`mailboxes`: expected each of them once, found `{value}` again"));
            }
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
        let server = ServerId::new(&self.exchange.as_ref()?.value);
        let mut further = self.calendars().map(|(Given { value: mailbox, .. }, exchange)| CalendarConfig {
            mailbox: mailbox.to_owned(),
            server: exchange.map_or_else(|| server.clone(), |given| ServerId::new(&given.value)),
        });
        let first = further.next()?;
        let further: Vec<_> = further.collect();
        let all = [&first].into_iter().chain(&further);
        let meetings = self.meetings.or(site.meetings);
        let settings = RoomSettings {
            zone: zone?,
            mailboxes: all.map(|calendar| calendar.mailbox.clone()).collect(),
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
            server: first.server,
            migrated_from: None,
            devices: devices?,
            language: self.language.as_ref().map(|given| given.value.clone()),
            token: self.token.clone(),
            id,
            mailbox: first.mailbox,
            further,
            settings,
        })
    }
}
