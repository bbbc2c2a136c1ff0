//! The configuration as it was typed: every key's own text is understood, nothing has been compared yet.

use super::{
    admin::AdminConfig,
    clock::RawClock,
    feed::RawFeed,
    flight::{FlightConfig, flight_record},
    join::RawJoin,
    meetings::RawMeetings,
    notes::{Given, Notes},
    notify::RawNotify,
    push::RawPush,
    room::RawRoom,
    section::Section,
    server::RawServer,
    value::filled,
    window::WindowConfig,
};
use std::path::Path;
use toml::{Spanned, de::DeTable};

/// The configuration as it was typed.
#[derive(Debug)]
pub(super) struct RawConfig {
    pub(super) state_dir: Option<Given<String>>,
    pub(super) flight: Option<Given<Option<FlightConfig>>>,
    pub(super) feed: Option<RawFeed>,
    pub(super) admin: AdminConfig,
    pub(super) push: Option<RawPush>,
    pub(super) notify: Option<RawNotify>,
    pub(super) window: WindowConfig,
    pub(super) clock: Option<RawClock>,
    pub(super) meetings: RawMeetings,
    pub(super) join: RawJoin,
    pub(super) servers: Vec<RawServer>,
    pub(super) rooms: Vec<RawRoom>,
}

impl RawConfig {
    pub(super) fn read(document: &Spanned<DeTable<'_>>, base: &Path, notes: &mut Notes) -> Self {
        Section::document(document, notes, |top| {
            top.require(&["state_dir"]);
            top.require_table("feed", "[feed]");
            top.require_table("exchange", "[exchange.NAME]");
            top.require_table("room", "[[room]]");
            Self {
                state_dir: top.text("state_dir", filled),
                flight: top.text("flight_record", flight_record),
                feed: top.table("feed", |section| RawFeed::read(section, base)),
                admin: top.table("admin", |section| AdminConfig::read(section, base)).unwrap_or_default(),
                push: top.table("push", RawPush::read),
                notify: top.table("notify", RawNotify::read),
                window: top.table("window", WindowConfig::read).unwrap_or_default(),
                clock: top.table("clock", RawClock::read),
                meetings: top.table("meetings", RawMeetings::read).unwrap_or_default(),
                join: top.table("join", RawJoin::read).unwrap_or_default(),
                servers: top.named_tables("exchange", |section, name| RawServer::read(section, name, base)),
                rooms: top.tables("room", |section| RawRoom::read(section, base)),
            }
        })
    }
}
