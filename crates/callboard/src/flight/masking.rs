//! What a record holds of an event: all that the engine decides by, and nothing that is nobody's business.
//!
//! Of replies the protocol's own words stay ([`exchange_wire::mask`]), of headers those that are read, of sentences nothing, as
//! the engine only carries them. Equal texts stay equal: each gives way to a digest under a key that is thrown away with the
//! program.

use exchange_wire::mask::{self, Mask};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::collections::BTreeMap;
use sync_engine::{ApplyError, ConnectionId, Delivered, Event, NotEmptied, Reply, StreamHeard, Unreachable};

/// The headers that replies are understood by, in lower case.
const HEADERS: [&str; 14] = [
    "content-location",
    "content-range",
    "content-type",
    "date",
    "location",
    "ms-webstorage",
    "retry-after",
    "server",
    "subscribe-group",
    "subscription-id",
    "subscription-lifetime",
    "www-authenticate",
    "x-caserrorcode",
    "x-owa-version",
];

/// Takes out of events what a record must not hold.
#[derive(Debug)]
pub(super) struct Masking {
    key: Hmac<Sha256>,
    streams: BTreeMap<ConnectionId, Mask>,
}

impl Masking {
    pub(super) fn new(key: [u8; 32]) -> Self {
        let key = Hmac::new_from_slice(&key).expect("a key of any length will do");
        Self { key, streams: BTreeMap::new() }
    }

    /// Ten hex digits that stand for a text.
    pub(super) fn stand_in(&self, text: &[u8]) -> String {
        let mut mac = self.key.clone();
        mac.update(text);
        hex::encode(mac.finalize().into_bytes()).chars().take(10).collect()
    }

    pub(super) fn event(&mut self, mut event: Event) -> Event {
        match &mut event {
            Event::Started { devices, .. } => {
                for device in devices {
                    self.digest(device.digest.as_mut());
                }
            }
            Event::Exchange { result, .. } => match result {
                Ok(reply) => self.reply(reply),
                Err(unreachable) => forget(unreachable),
            },
            Event::Stream { connection, heard } => self.heard(*connection, heard),
            Event::Pushed { body, .. } => *body = self.body(body),
            Event::Applied { result: Err(ApplyError::Storage(sentence)), .. }
            | Event::Delivered { result: Delivered::Failed { sentence, .. }, .. }
            | Event::Emptied { result: Err(NotEmptied { sentence, .. }), .. } => sentence.clear(),
            Event::Delivered { result: Delivered::Acknowledged { digest, .. }, .. } => {
                self.digest(Some(digest));
            }
            Event::Delivered { result: Delivered::Told { digest, unfetched, .. }, .. } => {
                self.digest(Some(digest));
                unfetched.clear();
            }
            Event::Applied { result: Ok(applied), .. } => {
                for id in &mut applied.unnamed {
                    *id = mask::global_object_id(id, &|text| self.stand_in(text));
                }
            }
            Event::Applied { .. }
            | Event::Emptied { .. }
            | Event::Wake
            | Event::Noticed(_)
            | Event::Fetched { .. }
            | Event::Forgot { .. }
            | Event::Reconfigured { .. }
            | Event::Wished { .. }
            | Event::Stop => {}
        }
        event
    }

    fn heard(&mut self, connection: ConnectionId, heard: &mut StreamHeard) {
        match heard {
            StreamHeard::Opened => drop(self.streams.insert(connection, Mask::default())),
            StreamHeard::Bytes(bytes) => {
                let mut mask = self.streams.remove(&connection).unwrap_or_default();
                *bytes = mask.take(bytes, &|text| self.stand_in(text));
                self.streams.insert(connection, mask);
            }
            StreamHeard::Refused(reply) => self.reply(reply),
            StreamHeard::Ended(result) => {
                self.streams.remove(&connection);
                if let Err(unreachable) = result {
                    forget(unreachable);
                }
            }
        }
    }

    fn reply(&self, reply: &mut Reply) {
        reply.headers.retain(|(name, _)| HEADERS.contains(&name.to_ascii_lowercase().as_str()));
        reply.body = self.body(&reply.body);
    }

    fn body(&self, body: &[u8]) -> Vec<u8> {
        Mask::whole(body, &|text| self.stand_in(text))
    }

    /// What a device shows could be guessed from its digest.
    fn digest(&self, digest: Option<&mut String>) {
        if let Some(digest) = digest {
            *digest = self.stand_in(digest.as_bytes());
        }
    }
}

fn forget(unreachable: &mut Unreachable) {
    unreachable.sentence.clear();
}
