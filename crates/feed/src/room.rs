//! A room of the feed: where its pages are, and how current it is.

use crate::{error::Error, server::Shared};
use chrono::{DateTime, TimeDelta, Utc};
use control::RoomHealth;
use meeting_model::{
    clock::Window,
    day,
    display::{Displayed, PublicKey},
    id::RoomId,
    zone::RoomZone,
};
use store::RoomMeta;
use url::Url;

/// The longest address that a phone takes, in characters (CiscoIPPhone.xsd, MenuItem).
const LONGEST_URL: usize = 256;

/// A room of the feed.
pub(crate) struct Room {
    pub(crate) id: RoomId,
    pub(crate) name: String,
    pub(crate) zone: RoomZone,
    pub(crate) links: Links,
}

/// Where a room's pages are.
pub(crate) struct Links {
    /// Its page for phones.
    pub(crate) menu: String,
    /// Its meetings for programs.
    pub(crate) api_meetings: String,
    phone_meetings: String,
}

impl Links {
    /// The links of a room under a public URL.
    ///
    /// # Errors
    ///
    /// When the URL is not one, or its links are too long for a phone.
    pub(crate) fn new(public_url: &str, room: &RoomId) -> Result<Self, Error> {
        let root = web_address(public_url).ok_or_else(|| Error::PublicUrl { url: public_url.to_owned() })?;
        let links = Self {
            menu: under(&root, &["phone", room.as_str(), "menu.xml"]),
            api_meetings: under(&root, &["api", "rooms", room.as_str(), "meetings"]),
            phone_meetings: under(&root, &["phone", room.as_str(), "meetings"]),
        };
        let found = links.meeting(&PublicKey::new("0".repeat(32))).chars().count();
        if found > LONGEST_URL {
            return Err(Error::TooLong { room: room.clone(), most: LONGEST_URL, found });
        }
        Ok(links)
    }

    /// The page of one meeting for phones.
    pub(crate) fn meeting(&self, key: &PublicKey) -> String {
        format!("{}/{key}.xml", self.phone_meetings)
    }
}

/// An `http` or `https` address without name, password, query or fragment.
fn web_address(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let plain = url.username().is_empty() && url.password().is_none();
    let bare = url.query().is_none() && url.fragment().is_none();
    (matches!(url.scheme(), "http" | "https") && plain && bare).then_some(url)
}

fn under(root: &Url, segments: &[&str]) -> String {
    let mut url = root.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url.into()
}

/// As of when the rows of a room are true.
///
/// A read that changed nothing is not always stored at once, but health has heard of it; what it says counts where it
/// speaks of the very rows that were found, so that the age shown is never younger than the truth.
pub(crate) fn as_of(stored: &RoomMeta, health: Option<&RoomHealth>) -> Option<DateTime<Utc>> {
    let heard = health.filter(|health| health.rev == stored.rev.0).and_then(|health| health.as_of);
    stored.as_of.max(heard)
}

/// When a meeting is listed: one that stands for whole days on its own civil dates, wherever it was made (rule T7).
fn span(meeting: &Displayed, zone: &RoomZone) -> Window {
    match meeting.all_day {
        Some((first, last)) => {
            Window { start: zone.midnight(first), end: day::day_of(zone, last).window.end }
        }
        None => Window { start: meeting.start, end: meeting.end },
    }
}

/// A window that holds the instants of every whole day that is listed in `window`: the furthest zones are 26 hours
/// apart.
fn wider(window: Window) -> Window {
    let apart = TimeDelta::hours(26);
    Window {
        start: window.start.checked_sub_signed(apart).unwrap_or(window.start),
        end: window.end.checked_add_signed(apart).unwrap_or(window.end),
    }
}

impl Shared {
    /// What a room shows within a window, and how current that is.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    pub(crate) async fn meetings(
        &self,
        room: &Room,
        window: Window,
    ) -> Result<(RoomMeta, Vec<Displayed>), store::Error> {
        let (stored, mut meetings) = self.reader.meetings(room.id.clone(), wider(window)).await?;
        meetings.retain(|meeting| {
            let span = span(meeting, &room.zone);
            window.overlaps(span.start, span.end)
        });
        Ok((self.current(stored), meetings))
    }

    /// The same, as current as health knows it to be.
    pub(crate) fn current(&self, stored: RoomMeta) -> RoomMeta {
        let health = self.health.borrow();
        let of_room = health.rooms.iter().find(|health| health.room == stored.room.as_str());
        let as_of = as_of(&stored, of_room);
        RoomMeta { as_of, ..stored }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_stand_under_the_public_url() {
        let key = PublicKey::new("ab12");
        for (public_url, room, root) in [
            ("http://feed:8080", "berlin", "http://feed:8080/phone/berlin"),
            ("https://feed/rooms/", "berlin", "https://feed/rooms/phone/berlin"),
            ("http://feed", "a/b ü", "http://feed/phone/a%2Fb%20%C3%BC"),
        ] {
            let links = Links::new(public_url, &RoomId::new(room)).unwrap();
            assert_eq!(links.menu, format!("{root}/menu.xml"));
            assert_eq!(links.meeting(&key), format!("{root}/meetings/ab12.xml"));
        }
    }

    #[test]
    fn links_that_no_phone_can_follow_are_refused() {
        let refused = |public_url: &str, room: &str| Links::new(public_url, &RoomId::new(room)).err();
        assert_eq!(refused("http://feed", &"r".repeat(192)), None);
        insta::assert_snapshot!(
            refused("http://feed", &"r".repeat(193)).unwrap().to_string().replace("rr", ""),
            @"room `r`: the addresses of its meetings are too long for a phone: expected at most 256 characters, found 257: shorten the public url or the room's id"
        );
        for url in ["feed:8080", "ftp://feed", "http://kim:secret@feed", "http://feed?x=y", ""] {
            assert_eq!(refused(url, "berlin"), Some(Error::PublicUrl { url: url.to_owned() }));
        }
        insta::assert_snapshot!(refused("feed", "berlin").unwrap(), @"public url `feed`: expected an address like `http://callboard.example.com:8080`");
    }
}
