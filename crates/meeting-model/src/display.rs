//! What leaves: the only form of a meeting that feeds, phones and displays can receive (rule P2).

use crate::{
    availability::Spell,
    id::{Revision, RoomId},
    join::Join,
    privacy::MASK,
    zone::RoomZone,
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;

/// A meeting's name outside the store: HMAC-SHA256(site secret, room and key), 16 bytes, in hex (rule P6).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PublicKey(String);

impl PublicKey {
    /// Takes a key that was made before, from a store's row or from a URL.
    pub fn new(hex: impl Into<String>) -> Self {
        Self(hex.into())
    }

    /// 32 hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One meeting as it may be seen. What the rules hide is not in it.
///
/// Made by [`crate::privacy`] from an occurrence, or from the row that was stored of one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Displayed {
    /// Its name in URLs and feeds.
    pub key: PublicKey,
    /// When it starts.
    pub start: DateTime<Utc>,
    /// When it ends.
    pub end: DateTime<Utc>,
    /// Its first and last civil date, both included, where it stands for whole days.
    pub all_day: Option<(NaiveDate, NaiveDate)>,
    /// What may be read of it.
    pub words: Words,
    /// Whether it is marked tentative: shown on feeds and panels only.
    pub tentative: bool,
    /// How long it stays past its end, as [`Clock::lingers`](crate::clock::Clock::lingers) says at the moment.
    #[serde(skip)]
    pub lingers: TimeDelta,
}

/// What may be read of a meeting. A private one has no place for what is hidden (rules P1 and P2).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Words {
    /// All of it.
    Open {
        /// What to call it: its subject, or what the rules put in its place.
        title: String,
        /// The organizer's display name.
        organizer: Option<String>,
        /// The location text.
        location: Option<String>,
        /// How to join it.
        #[serde(default, skip_serializing_if = "Join::is_empty")]
        join: Join,
    },
    /// That it is private.
    Private {
        /// The organizer's display name, where the room shows it (`private = "organizer"`).
        organizer: Option<String>,
    },
}

impl Displayed {
    /// What to call it.
    pub fn title(&self) -> &str {
        match &self.words {
            Words::Open { title, .. } => title,
            Words::Private { .. } => MASK,
        }
    }

    /// The organizer's display name, where it may be seen.
    pub fn organizer(&self) -> Option<&str> {
        match &self.words {
            Words::Open { organizer, .. } | Words::Private { organizer } => organizer.as_deref(),
        }
    }

    /// The location text, where it may be seen.
    pub fn location(&self) -> Option<&str> {
        match &self.words {
            Words::Open { location, .. } => location.as_deref(),
            Words::Private { .. } => None,
        }
    }

    /// How to join it, where that may be seen: an address may be a name. What is tentative cannot be joined.
    pub fn join(&self) -> Option<&Join> {
        match &self.words {
            Words::Open { join, .. } if !join.is_empty() => Some(join),
            _ => None,
        }
    }

    /// From when on it has ended for whoever stands in front of a display (rule C5).
    pub fn gone_at(&self) -> DateTime<Utc> {
        self.end.checked_add_signed(self.lingers).unwrap_or(self.end)
    }

    /// Whether its content is hidden.
    pub fn is_private(&self) -> bool {
        matches!(self.words, Words::Private { .. })
    }
}

impl fmt::Debug for Displayed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Displayed")
            .field("key", &self.key)
            .field("start", &self.start)
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}

/// What one device of a room is to show at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Present {
    /// Whose.
    pub room: RoomId,
    /// The room's name for people.
    pub room_name: String,
    /// The revision it was read at.
    pub rev: Revision,
    /// The moment.
    pub now: DateTime<Utc>,
    /// The room's zone.
    pub zone: RoomZone,
    /// In order of start: what is shown of today and the next days, without what devices never get.
    pub meetings: Vec<Displayed>,
    /// When the room is taken, today and the next days; of a display that does not say so, nothing.
    pub spells: Vec<Spell>,
    /// As of when all of this is true. Absent before the first read.
    pub as_of: Option<DateTime<Utc>>,
}

impl Present {
    /// A digest of everything a display made of this would show, in hex: two presents with one digest need not be
    /// sent twice. It holds the meetings of the local day and which of them have ended or run, not the moment
    /// itself.
    pub fn digest(&self) -> String {
        let day = crate::day::local_day(&self.zone, self.now);
        let mut hash = Sha256::new();
        hash.update(day.date.to_string());
        for meeting in crate::day::of_day(&self.meetings, &day) {
            let phase = crate::day::phase(meeting, self.now);
            // Displayed is plain data without maps: its JSON has one form.
            hash.update(serde_json::to_vec(meeting).unwrap_or_default());
            hash.update([phase as u8]);
        }
        hex::encode(hash.finalize())
    }

    /// When a display made of this will show something else though nothing is committed: when the next meeting of the
    /// local day starts or ends, or that day does.
    pub fn next_change(&self) -> DateTime<Utc> {
        let day = crate::day::local_day(&self.zone, self.now);
        crate::day::of_day(&self.meetings, &day)
            .into_iter()
            .flat_map(|meeting| [meeting.start, meeting.gone_at()])
            .filter(|instant| *instant > self.now)
            .fold(day.window.end, DateTime::min)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zone::ZoneDatabase;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn c5_what_lingers_has_not_ended_and_changes_its_display_when_it_has() {
        let meeting = |lingers| Displayed {
            key: PublicKey::new("a"),
            start: utc("2026-03-02T08:00:00Z"),
            end: utc("2026-03-02T22:55:00Z"),
            all_day: None,
            words: Words::Private { organizer: None },
            tentative: false,
            lingers: TimeDelta::minutes(lingers),
        };
        // 23:58 in Berlin, and two minutes into the next day
        for (now, lingers, shown) in [
            ("2026-03-02T22:54:59Z", 0, true),
            ("2026-03-02T22:58:00Z", 0, false),
            ("2026-03-02T22:58:00Z", 15, true),
            ("2026-03-02T23:02:00Z", 15, true),
            ("2026-03-02T23:10:00Z", 15, false),
        ] {
            let zone = RoomZone::named(&ZoneDatabase::bundled(), "Europe/Berlin").unwrap();
            let now = utc(now);
            let meetings = vec![meeting(lingers)];
            let day = crate::day::local_day(&zone, now);
            let listed = !crate::day::of_day(&meetings, &day).is_empty();
            let running = crate::day::phase(&meetings[0], now) == crate::day::Phase::Running;
            assert_eq!(listed && running, shown, "{now} {lingers}");
            let room = RoomId::new("berlin");
            let present = Present {
                room,
                room_name: String::new(),
                rev: Revision(1),
                now,
                zone,
                meetings: meetings.clone(),
                spells: Vec::new(),
                as_of: Some(now),
            };
            if shown {
                assert_eq!(
                    present.next_change(),
                    meetings[0].gone_at().min(day.window.end),
                    "{now} {lingers}"
                );
            }
        }
    }

    #[test]
    fn a_present_changes_with_the_next_start_the_next_end_and_the_day() {
        let meeting = |start: &str, end: &str| Displayed {
            key: PublicKey::new(start),
            start: utc(start),
            end: utc(end),
            all_day: None,
            words: Words::Open {
                title: String::new(),
                organizer: None,
                location: None,
                join: Join::default(),
            },
            tentative: false,
            lingers: TimeDelta::zero(),
        };
        let mut present = Present {
            room: RoomId::new("berlin"),
            room_name: "Berlin".to_owned(),
            rev: Revision(1),
            now: utc("2026-03-02T07:00:00Z"),
            zone: RoomZone::named(&ZoneDatabase::bundled(), "Europe/Berlin").unwrap(),
            meetings: vec![
                meeting("2026-03-02T08:00:00Z", "2026-03-02T10:00:00Z"),
                meeting("2026-03-02T09:00:00Z", "2026-03-02T09:30:00Z"),
                meeting("2026-03-02T23:30:00Z", "2026-03-02T23:45:00Z"), // tomorrow in Berlin
            ],
            spells: Vec::new(),
            as_of: None,
        };
        for next in ["08:00", "09:00", "09:30", "10:00", "23:00"] {
            let digest = present.digest();
            let next = utc(&format!("2026-03-02T{next}:00Z"));
            assert_eq!(present.next_change(), next);
            present.now = next - TimeDelta::seconds(1);
            assert_eq!(present.digest(), digest, "until {next}");
            present.now = next;
            assert_ne!(present.digest(), digest, "from {next}");
        }
    }
}
