//! NOTIFY (the SDK's page of this name): word to whoever gave an address, one HTTP request in one datagram, sent again until
//! the subscription is polled or ends.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};

use super::manners::DatagramManners;
use crate::World;
use crate::world::RoomNumber;

/// A datagram to send. Nobody answers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Datagram {
    /// Where to: host and port.
    pub to: String,
    /// One HTTP request without a body.
    pub bytes: Vec<u8>,
}

/// Whom a subscription sends word to.
#[derive(Debug, Clone)]
pub(super) struct CallBack {
    /// As it was given: `httpu://host:port/path`.
    url: String,
    to: String,
    /// How long changes are gathered before the first word.
    delay: Duration,
    /// When word goes out next; nothing where there is none, or it was answered by a POLL.
    due_at: Option<DateTime<Utc>>,
}

impl CallBack {
    /// From the header of that name; nothing where it is no address, or has no port.
    pub(super) fn new(header: &str, delay: Duration) -> Option<Self> {
        let rest = header.trim().strip_prefix("httpu://")?;
        let to = rest.split('/').next()?;
        let port = to.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse::<u16>().ok()?)));
        port.filter(|(host, _)| !host.is_empty())?;
        Some(Self { url: header.trim().to_owned(), to: to.to_owned(), delay, due_at: None })
    }

    /// Its owner has polled.
    pub(super) fn heard(&mut self) {
        self.due_at = None;
    }
}

impl World {
    /// The datagrams that are to be sent now. Each is given out once.
    pub fn datagrams(&mut self, now: DateTime<Utc>) -> Vec<Datagram> {
        self.advance(now);
        std::mem::take(&mut self.webdav.datagrams)
    }

    /// Whether somebody is to be sent word of what happens in a room.
    pub(crate) fn is_told_of(&self, room: RoomNumber) -> bool {
        self.webdav.subscriptions.values().any(|one| one.room == room && one.call_back.is_some())
    }

    /// Something may have happened in a room: word of it goes out when its delay is over.
    pub(crate) fn webdav_hears(&mut self, room: RoomNumber) {
        let (newest, now) = (self.newest_in(room), self.now);
        let mut due = Vec::new();
        for (id, subscription) in &mut self.webdav.subscriptions {
            let Some(call_back) = &mut subscription.call_back else { continue };
            if subscription.room == room && subscription.told != newest && call_back.due_at.is_none() {
                call_back.due_at = Some(now + call_back.delay);
                due.push((*id, now + call_back.delay));
            }
        }
        for (id, at) in due {
            self.notify_at(id, at);
        }
    }

    /// Sends word of a subscription, with all that wait for the same address, unless it was polled meanwhile.
    pub(crate) fn notify(&mut self, id: u32, at: DateTime<Utc>) {
        let Some(manners) = self.webdav.manners.as_ref().map(|manners| manners.datagrams) else { return };
        self.webdav.subscriptions.retain(|_, subscription| subscription.expires > at);
        let subscription = self.webdav.subscriptions.get_mut(&id);
        let call_back = subscription.and_then(|subscription| subscription.call_back.as_mut());
        let Some(call_back) = call_back.filter(|call_back| call_back.due_at == Some(at)) else { return };
        call_back.due_at = Some(at + manners.again);
        let (url, to) = (call_back.url.clone(), call_back.to.clone());
        let waiting = |other: &CallBack| other.due_at.is_some() && other.url == url;
        let all = self.webdav.subscriptions.iter();
        let ids = all.filter(|(_, one)| one.call_back.as_ref().is_some_and(waiting));
        let ids: Vec<String> = ids.map(|(id, _)| id.to_string()).collect();
        let group = self.webdav.group();
        let text = format!(
            "NOTIFY {url} HTTP/1.1\r\nSubscription-id: {}\r\nSubscribe-group: {group}\r\n\r\n",
            ids.join(",")
        );
        self.send(manners, Datagram { to, bytes: text.into_bytes() });
        self.notify_at(id, at + manners.again);
    }

    /// Tells everybody that the store stops: word without an id, once to each address.
    pub(super) fn say_farewell(&mut self) {
        let Some(manners) = self.webdav.manners.as_ref().map(|manners| manners.datagrams) else { return };
        let call_backs = self.webdav.subscriptions.values().filter_map(|one| one.call_back.as_ref());
        let addresses: BTreeMap<String, String> =
            call_backs.map(|one| (one.url.clone(), one.to.clone())).collect();
        for (url, to) in addresses {
            let bytes = format!("NOTIFY {url} HTTP/1.1\r\n\r\n").into_bytes();
            self.send(manners, Datagram { to, bytes });
        }
    }

    /// Networks lose datagrams, and deliver them twice.
    fn send(&mut self, manners: DatagramManners, datagram: Datagram) {
        if self.dice.chance(manners.lost_per_mille) {
            return;
        }
        if manners.doubled {
            self.webdav.datagrams.push(datagram.clone());
        }
        self.webdav.datagrams.push(datagram);
    }

    fn newest_in(&self, room: RoomNumber) -> u64 {
        self.room(room).map_or(0, |room| room.calendar.last_watermark())
    }
}
