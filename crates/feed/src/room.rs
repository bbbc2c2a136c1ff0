//! A room of the feed: where its pages are, and how current it is.

use crate::{
    access::{Addresses, Token},
    error::Error,
    language::Language,
    server::Shared,
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use control::{ClockState, Health, RoomHealth, RoomState};
use meeting_model::{
    availability::{Age, Spell, true_as_of},
    clock::Window,
    day,
    display::{Displayed, PublicKey},
    id::{Revision, RoomId},
    zone::RoomZone,
};
use std::time::Duration;
use store::RoomMeta;
use url::Url;

/// The longest address that a phone takes, in characters (CiscoIPPhone.xsd, MenuItem).
const LONGEST_URL: usize = 256;

/// A room of the feed.
pub(crate) struct Room {
    pub(crate) id: RoomId,
    pub(crate) name: String,
    pub(crate) zone: RoomZone,
    pub(crate) language: &'static Language,
    pub(crate) links: Links,
    /// Whoever shows one of these may read it.
    pub(crate) tokens: Vec<Token>,
    /// Its own devices may, from their addresses.
    pub(crate) devices: Addresses,
}

/// Where a room's pages are.
pub(crate) struct Links {
    /// Its meetings for programs.
    pub(crate) api_meetings: String,
    /// Its id as it stands in paths.
    segment: String,
    menu: String,
    phone_meetings: String,
}

/// A room's pages for one phone: where it is let in by a token in the URL, they carry it on.
#[derive(Clone, Copy)]
pub(crate) struct Pages<'a> {
    pub(crate) links: &'a Links,
    pub(crate) token: Option<&'a str>,
    /// The day whose menu it looks at, where that is not today: a meeting's page leads back there.
    pub(crate) day: Option<NaiveDate>,
}

impl Links {
    /// The links of a room under a public URL, each of which may carry a token of `token_length` characters.
    ///
    /// # Errors
    ///
    /// When the URL is not one, or its links are too long for a phone.
    pub(crate) fn new(public_url: &str, room: &RoomId, token_length: usize) -> Result<Self, Error> {
        let root = web_address(public_url).ok_or_else(|| Error::PublicUrl { url: public_url.to_owned() })?;
        let links = Self {
            segment: segment(room.as_str()),
            menu: under(&root, &["phone", room.as_str(), "menu.xml"]),
            api_meetings: under(&root, &["api", "rooms", room.as_str(), "meetings"]),
            phone_meetings: under(&root, &["phone", room.as_str(), "meetings"]),
        };
        let token = "0".repeat(token_length);
        let token = Some(token.as_str()).filter(|_| token_length > 0);
        let pages = Pages { links: &links, token, day: Some(NaiveDate::default()) };
        let found = pages.meeting(&PublicKey::new("0".repeat(32))).chars().count();
        if found > LONGEST_URL {
            return Err(Error::TooLong { room: room.clone(), most: LONGEST_URL, found });
        }
        Ok(links)
    }

    /// Its id as it stands in paths.
    pub(crate) fn segment(&self) -> &str {
        &self.segment
    }
}

impl Pages<'_> {
    /// Its page for phones.
    pub(crate) fn menu(self) -> String {
        self.carrying(self.links.menu.clone(), '?')
    }

    /// Its page for phones, of another day.
    pub(crate) fn menu_on(self, day: NaiveDate) -> String {
        self.carrying(format!("{}?day={day}", self.links.menu), '&')
    }

    /// Its page for phones, of the day that is looked at.
    pub(crate) fn menu_before(self) -> String {
        self.day.map_or_else(|| self.menu(), |day| self.menu_on(day))
    }

    /// The page of one meeting for phones.
    pub(crate) fn meeting(self, key: &PublicKey) -> String {
        let url = format!("{}/{key}.xml", self.links.phone_meetings);
        match self.day {
            Some(day) => self.carrying(format!("{url}?day={day}"), '&'),
            None => self.carrying(url, '?'),
        }
    }

    fn carrying(self, url: String, behind: char) -> String {
        match self.token {
            Some(token) => format!("{url}{behind}token={token}"),
            None => url,
        }
    }
}

/// An `http` or `https` address without name, password, query or fragment.
fn web_address(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let plain = url.username().is_empty() && url.password().is_none();
    let bare = url.query().is_none() && url.fragment().is_none();
    (matches!(url.scheme(), "http" | "https") && plain && bare).then_some(url)
}

/// What a proxy takes off the paths of a public URL, without a slash at its end.
pub(crate) fn base(public_url: &str) -> String {
    web_address(public_url).map(|url| url.path().trim_end_matches('/').to_owned()).unwrap_or_default()
}

/// A name as it stands in a path.
pub(crate) fn segment(name: &str) -> String {
    let mut url = Url::parse("http://localhost").expect("it is an address");
    if let Ok(mut path) = url.path_segments_mut() {
        path.push(name);
    }
    url.path().trim_start_matches('/').to_owned()
}

fn under(root: &Url, segments: &[&str]) -> String {
    let mut url = root.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url.into()
}

/// As of when the rows of a room are true, by what is stored and what health has heard since.
pub(crate) fn as_of(
    stored: &RoomMeta,
    health: Option<&RoomHealth>,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let heard = health.map(|health| Age { rev: Revision(health.rev), as_of: health.as_of });
    true_as_of(Age { rev: stored.rev, as_of: stored.as_of }, heard, now)
}

/// How a room is; health lists them in order of id.
pub(crate) fn of_room<'a>(health: &'a Health, room: &RoomId) -> Option<&'a RoomHealth> {
    let found = health.rooms.binary_search_by(|health| health.room.as_str().cmp(room.as_str()));
    found.ok().and_then(|index| health.rooms.get(index))
}

/// When a meeting is listed: one that stands for whole days on its own civil dates, wherever it was made (rule T7).
pub(crate) fn span(meeting: &Displayed, zone: &RoomZone) -> Window {
    match meeting.all_day {
        Some((first, last)) => {
            Window { start: zone.midnight(first), end: day::day_of(zone, last).window.end }
        }
        None => Window { start: meeting.start, end: meeting.gone_at() },
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
        let lingers = self.clock.lingers(&room.id);
        meetings.retain_mut(|meeting| {
            meeting.lingers = lingers;
            let span = span(meeting, &room.zone);
            window.overlaps(span.start, span.end)
        });
        Ok((self.current(stored), meetings))
    }

    /// When a room is taken within a window, past the ends of what lingers (rule C5).
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    pub(crate) async fn spells(&self, room: &Room, window: Window) -> Result<Vec<Spell>, store::Error> {
        let lingers = self.clock.lingers(&room.id);
        let start = window.start.checked_sub_signed(lingers).unwrap_or(window.start);
        let stored = self.reader.spells(room.id.clone(), Window { start, ..window }).await?;
        let lingering = stored.into_iter().map(|spell| spell.lingering(lingers));
        Ok(lingering.filter(|spell| window.overlaps(spell.window.start, spell.window.end)).collect())
    }

    /// Whether a clock is wrong by so much that displays say so (rule C3).
    pub(crate) fn is_clock_degraded(&self) -> bool {
        self.health.borrow().clock == ClockState::Degraded
    }

    /// The same, as current as health knows it to be.
    pub(crate) fn current(&self, stored: RoomMeta) -> RoomMeta {
        let health = self.health.borrow();
        let as_of = as_of(&stored, of_room(&health, &stored.room), self.clock.now().wall);
        RoomMeta { as_of, ..stored }
    }

    /// Whether a room's calendar is watched: what changes now is heard of at once.
    pub(crate) fn is_watched(&self, room: &RoomId) -> bool {
        let health = self.health.borrow();
        of_room(&health, room).is_some_and(|health| health.state == RoomState::Live)
    }

    /// What the store holds at a moment.
    pub(crate) fn stored(&self, now: DateTime<Utc>) -> Window {
        let days = |span: Duration| TimeDelta::from_std(span).unwrap_or(TimeDelta::MAX);
        Window {
            start: now.checked_sub_signed(days(self.back)).unwrap_or(DateTime::<Utc>::MIN_UTC),
            end: now.checked_add_signed(days(self.ahead)).unwrap_or(DateTime::<Utc>::MAX_UTC),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(public_url: &str, room: &str) -> Result<Links, Error> {
        Links::new(public_url, &RoomId::new(room), 0)
    }

    #[test]
    fn the_age_shown_is_never_younger_than_the_truth() {
        let now: DateTime<Utc> = "2026-11-21T08:00:00Z".parse().unwrap();
        let at = |minutes: i64| now + TimeDelta::minutes(minutes);
        for (stored, heard, told) in [
            (Some(-9), None, Some(-9)),
            (Some(-9), Some((7, -2)), Some(-2)),
            (Some(-9), Some((8, -2)), Some(-9)), // it speaks of rows that were not found yet
            (Some(-2), Some((7, -9)), Some(-9)), // noted before the clock was set back
            (Some(180), None, None),             // so was this, before the start
            (Some(180), Some((7, 180)), None),
            (Some(180), Some((7, -1)), Some(-1)),
            (None, None, None),
        ] {
            let stored = RoomMeta { room: RoomId::new("berlin"), rev: Revision(7), as_of: stored.map(at) };
            let heard = heard.map(|(rev, as_of)| RoomHealth {
                room: "berlin".into(),
                state: RoomState::Live,
                told_by: None,
                rev,
                as_of: Some(at(as_of)),
                trouble: None,
                retry_at: None,
                mailboxes: Vec::new(),
            });
            assert_eq!(as_of(&stored, heard.as_ref(), now), told.map(at), "{stored:?} {heard:?}");
        }
    }

    #[test]
    fn links_stand_under_the_public_url() {
        let key = PublicKey::new("ab12");
        for (public_url, room, root) in [
            ("http://feed:8080", "berlin", "http://feed:8080/phone/berlin"),
            ("https://feed/rooms/", "berlin", "https://feed/rooms/phone/berlin"),
            ("http://feed", "a/b ü", "http://feed/phone/a%2Fb%20%C3%BC"),
        ] {
            let links = links(public_url, room).unwrap();
            let pages = Pages { links: &links, token: None, day: None };
            assert_eq!(pages.menu(), format!("{root}/menu.xml"));
            assert_eq!(pages.meeting(&key), format!("{root}/meetings/ab12.xml"));
            let pages = Pages { token: Some("xyz"), ..pages };
            assert_eq!(pages.menu(), format!("{root}/menu.xml?token=xyz"));
            let day = "2026-11-22".parse().unwrap();
            assert_eq!(pages.menu_on(day), format!("{root}/menu.xml?day=2026-11-22&token=xyz"));
            assert_eq!(pages.meeting(&key), format!("{root}/meetings/ab12.xml?token=xyz"));
            assert_eq!(pages.menu_before(), pages.menu());
            let pages = Pages { day: Some(day), ..pages };
            assert_eq!(pages.meeting(&key), format!("{root}/meetings/ab12.xml?day=2026-11-22&token=xyz"));
            assert_eq!(pages.menu_before(), pages.menu_on(day));
        }
    }

    #[test]
    fn links_that_no_phone_can_follow_are_refused() {
        let refused = |public_url: &str, room: &str| links(public_url, room).err();
        assert_eq!(refused("http://feed", &"r".repeat(177)), None);
        assert!(Links::new("http://feed", &RoomId::new("r".repeat(165)), 6).is_err(), "no room for a token");
        insta::assert_snapshot!(
            refused("http://feed", &"r".repeat(178)).unwrap().to_string().replace(&"r".repeat(177), ""),
            @"room `r`: the addresses of its meetings are too long for a phone: expected at most 256 characters, found 257: shorten the public url or the room's id"
        );
        for url in ["feed:8080", "ftp://feed", "http://kim:secret@feed", "http://feed?x=y", ""] {
            assert_eq!(refused(url, "berlin"), Some(Error::PublicUrl { url: url.to_owned() }));
        }
        insta::assert_snapshot!(refused("feed", "berlin").unwrap(), @"public url `feed`: expected an address like `http://callboard.example.com:8080`");
    }
}
