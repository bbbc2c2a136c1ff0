//! One room, read whole from where it is and from where it is to be.

use super::{Migrating, Read};
use crate::{
    config::{RoomConfig, ServerConfig},
    conversing, locating, site,
};
use exchange_wire::{
    Error, Problem,
    calendar::{self, Calendar},
    ews::{self, Dialect},
    webdav,
};
use meeting_model::{
    clock::Window,
    id::{RoomId, ServerId},
    observed::Observed,
};
use std::collections::BTreeMap;
use sync_engine::{
    Webdav,
    next_step::{self, Scope, Verdict},
};

/// Why a room was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NotRead {
    /// What is wrong, and what to do.
    pub(super) sentence: String,
    /// Whether no other room could be read there either.
    whole_server: bool,
}

/// The servers that no room can be read from, and why.
#[derive(Debug, Clone, Default)]
pub(super) struct Closed(BTreeMap<ServerId, String>);

impl Closed {
    /// Takes note of a server that the next rooms need not ask.
    pub(super) fn learn(&mut self, to: &ServerId, read: &Read) {
        for (server, result) in [(&read.from, &read.here), (to, &read.there)] {
            if let Err(NotRead { sentence, whole_server: true }) = result {
                self.0.insert(server.clone(), sentence.clone());
            }
        }
    }
}

impl NotRead {
    fn of(Verdict { scope, sentence, .. }: Verdict) -> Self {
        Self { sentence, whole_server: scope == Scope::Server }
    }

    /// What is no failure of a server's.
    fn because(sentence: &str) -> Self {
        Self { sentence: sentence.to_owned(), whole_server: false }
    }
}

impl Migrating {
    /// Reads a room from both servers, from the old one where it is to be asked.
    pub(super) async fn read(&self, room: RoomId, closed: &Closed) -> Read {
        let configured = self.config.rooms.iter().find(|configured| configured.id == room);
        let Some(configured) = configured else {
            let gone = || Err(NotRead::because("the room is not configured any more"));
            return Read { room, from: ServerId::new(""), here: gone(), there: gone() };
        };
        let from = configured.server.clone();
        if from == self.to {
            let needless = || Err(NotRead::because("it is read there already"));
            return Read { room, from, here: needless(), there: needless() };
        }
        if configured.of_several().is_some() {
            let several = || {
                Err(NotRead::because(
                    "it has several mailboxes: name the server of each in `mailboxes`, and reload",
                ))
            };
            return Read { room, from, here: several(), there: several() };
        }
        let there = self.read_from(&self.to, configured, closed).await;
        let here = match &there {
            Ok(_) if !self.asked.from_mirror => self.read_from(&from, configured, closed).await,
            _ => Err(NotRead::because("it was not to be asked")),
        };
        Read { room, from, here, there }
    }

    async fn read_from(
        &self,
        id: &ServerId,
        room: &RoomConfig,
        closed: &Closed,
    ) -> Result<Observed, NotRead> {
        if let Some(sentence) = closed.0.get(id) {
            return Err(NotRead { sentence: sentence.clone(), whole_server: true });
        }
        let server = self.config.servers.get(id);
        let server = server.ok_or_else(|| NotRead::because("it is not configured any more"))?;
        let failed = |error: &Error| NotRead::of(next_step::of_error(error));
        let located = locating::locate(id, server, &self.subscriber, &room.mailbox).await;
        let located = located.map_err(|error| NotRead::of(error.verdict()))?;
        let (now, settings) = (self.clock.now().wall, &room.settings);
        let window = Window { start: now - settings.back, end: now + settings.ahead };
        let mut dialect = server.dialect;
        loop {
            let read = calendar(server, dialect, &room.mailbox).read_whole(window, &settings.join);
            let carried =
                conversing::carry(&self.subscriber, located.of(id), read, calendar::Read::on_reply).await;
            match carried.map_err(|error| NotRead::of(next_step::of_silence(&error.into())))? {
                Ok(outcome) => return Ok(outcome.observed),
                Err(error) => match dialect.version.older() {
                    Some(older) if matches!(error.problem, Problem::VersionRefused { .. }) => {
                        dialect.version = older;
                    }
                    _ => return Err(failed(&error)),
                },
            }
        }
    }
}

/// The calendar of a mailbox, in the protocol that its server speaks.
fn calendar(server: &ServerConfig, dialect: Dialect, mailbox: &str) -> Calendar {
    match site::webdav(server) {
        None => Calendar::Ews(dialect, ews::Mailbox::new(mailbox)),
        Some(Webdav { directory, session }) => {
            Calendar::Webdav(webdav::Mailbox::new(&directory, mailbox, session))
        }
    }
}
