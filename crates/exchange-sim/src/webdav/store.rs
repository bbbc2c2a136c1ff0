//! What the store keeps beside the calendars: subscriptions, sessions, the names of items.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Duration, Utc};

use super::manners::WebdavManners;
use super::notify::{CallBack, Datagram};
use super::search::name_items;
use crate::item::CalendarItem;
use crate::world::RoomNumber;
use crate::{MeetingHandle, SimError, World};

/// A subscription to a calendar.
#[derive(Debug, Clone)]
pub(super) struct Subscription {
    pub(super) room: RoomNumber,
    /// Up to where its owner was told.
    pub(super) told: u64,
    pub(super) granted: Duration,
    pub(super) expires: DateTime<Utc>,
    /// Whom it sends word to, where its owner gave an address.
    pub(super) call_back: Option<CallBack>,
}

/// A form's session.
#[derive(Debug, Clone)]
pub(super) struct Session {
    pub(super) login: String,
    pub(super) used: DateTime<Utc>,
}

/// The state of the face.
#[derive(Debug, Clone, Default)]
pub(crate) struct Store {
    pub(super) manners: Option<WebdavManners>,
    pub(super) subscriptions: BTreeMap<u32, Subscription>,
    issued: u32,
    /// How often the store became another one.
    generation: u8,
    pub(super) sessions: BTreeMap<String, Session>,
    pub(super) down_until: Option<DateTime<Utc>>,
    pub(super) forbidden: BTreeSet<RoomNumber>,
    /// Items that the store stumbles over.
    pub(super) spoilt: BTreeSet<(RoomNumber, MeetingHandle)>,
    /// Series whose changes the store has not noticed since it expanded them, as they were then, and what they were called.
    pub(super) expansions: BTreeMap<(RoomNumber, u64), (CalendarItem, String)>,
    /// What items are called; names are used again once they are free.
    pub(super) names: BTreeMap<(RoomNumber, u64), String>,
    /// When subscriptions were renewed, and which.
    pub(super) renewals: Vec<(DateTime<Utc>, u32)>,
    /// Datagrams that wait to be sent.
    pub(super) datagrams: Vec<Datagram>,
}

impl Store {
    pub(super) fn next_id(&mut self) -> u32 {
        let first = self.manners.as_ref().map_or(1, |manners| manners.first_id);
        let id = first + self.issued;
        self.issued += 1;
        id
    }

    /// The store's GUID, as `Subscribe-group` tells it.
    pub(super) fn group(&self) -> String {
        STANDARD.encode([self.generation; 16])
    }

    pub(super) fn forget_subscriptions(&mut self) {
        self.subscriptions.clear();
    }
}

impl World {
    /// Serves WebDAV below `/exchange` from now on, or not any more.
    pub fn set_webdav(&mut self, manners: Option<WebdavManners>) {
        self.webdav.manners = manners;
        self.webdav.sessions.clear();
    }

    /// How it is served; nothing where it is not.
    pub fn webdav(&self) -> Option<&WebdavManners> {
        self.webdav.manners.as_ref()
    }

    /// Restarts the store: it cannot be reached for a while, its subscriptions are gone, and their numbers begin anew.
    pub fn restart_store(&mut self, now: DateTime<Utc>, down: Duration) {
        self.advance(now);
        self.say_farewell();
        self.webdav.forget_subscriptions();
        self.webdav.issued = 0;
        self.webdav.down_until = Some(now + down);
    }

    /// Another store takes the mailboxes over: subscriptions are gone, and belong to another group from now on.
    pub fn fail_over_store(&mut self, now: DateTime<Utc>) {
        self.restart_store(now, Duration::zero());
        self.webdav.generation = self.webdav.generation.wrapping_add(1);
    }

    /// Ends every session of a form.
    pub fn end_webdav_sessions(&mut self) {
        self.webdav.sessions.clear();
    }

    /// Refuses a mailbox to everybody over WebDAV, or no more.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownRoom`].
    pub fn forbid_webdav(&mut self, room: &str, forbidden: bool) -> Result<(), SimError> {
        let room = self.room_number(room)?;
        if forbidden {
            self.webdav.forbidden.insert(room)
        } else {
            self.webdav.forbidden.remove(&room)
        };
        Ok(())
    }

    /// Spoils a meeting's copy in a room: the store fails whenever it should list it.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownRoom`].
    pub fn spoil(&mut self, room: &str, meeting: MeetingHandle) -> Result<(), SimError> {
        let room = self.room_number(room)?;
        self.webdav.spoilt.insert((room, meeting));
        Ok(())
    }

    /// From now on the store goes on listing a series as it is in a room now, whatever becomes of it, beside what it is then:
    /// the ghosts that bad edits leave in its expansion.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownRoom`], and [`SimError::UnknownMeeting`] where the room has no copy of it.
    pub fn keep_expansion(&mut self, room: &str, meeting: MeetingHandle) -> Result<(), SimError> {
        let number = self.room_number(room)?;
        name_items(self, number);
        let item = self
            .room(number)
            .and_then(|room| room.calendar.items().find(|item| item.meeting == Some(meeting)));
        let item = item.ok_or(SimError::UnknownMeeting(meeting.0))?.clone();
        let key = (number, item.number);
        let name = self.webdav.names.get(&key).cloned().unwrap_or_default();
        self.webdav.expansions.insert(key, (item, name));
        Ok(())
    }

    /// Clears what the store had expanded of every calendar: no ghost is left.
    pub fn clear_expansions(&mut self) {
        self.webdav.expansions.clear();
    }

    /// When subscriptions were renewed, and which.
    pub fn webdav_renewals(&self) -> &[(DateTime<Utc>, u32)] {
        &self.webdav.renewals
    }

    /// How many subscriptions there are.
    pub fn webdav_subscriptions(&self) -> usize {
        self.webdav.subscriptions.len()
    }

    /// How many sessions of a form there are.
    pub fn webdav_sessions(&self) -> usize {
        self.webdav.sessions.len()
    }
}
