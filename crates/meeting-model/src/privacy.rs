//! Rules P1 to P7: what may be seen.

use crate::{
    display::{Displayed, PublicKey, Words},
    id::RoomId,
    identity::MeetingKey,
    item::Sensitivity,
    join::Join,
    settings::{PrivatePolicy, SubjectPolicy},
    subject,
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What is shown in place of a hidden subject (rule P1).
pub const MASK: &str = "Private meeting";

/// What is shown in place of a subject where a room shows none (rule P4).
pub const BUSY: &str = "Busy";

/// The site's secret, 32 bytes: what public keys are made with (rule P6).
#[derive(Clone)]
pub struct SiteSecret {
    bytes: [u8; 32],
    /// The HMAC that the bytes begin.
    mac: Hmac<Sha256>,
}

impl SiteSecret {
    /// Takes 32 random bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        let mac = Hmac::new_from_slice(&bytes).expect("HMAC takes a key of any length");
        Self { bytes, mac }
    }

    /// The name of an occurrence outside the store: the first 16 bytes of HMAC-SHA256 over the room, a zero byte and
    /// the key, in hex (rule P6; RFC 2104). A room's name holds no zero byte, so no two pairs share one.
    pub fn public_key(&self, room: &RoomId, key: &MeetingKey) -> PublicKey {
        let mut mac = self.mac.clone();
        mac.update(room.as_str().as_bytes());
        mac.update(&[0]);
        mac.update(key.as_str().as_bytes());
        let digest = mac.finalize().into_bytes();
        PublicKey::new(hex::encode(digest.get(..16).unwrap_or_default()))
    }
}

impl PartialEq for SiteSecret {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for SiteSecret {}

impl std::fmt::Debug for SiteSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SiteSecret(..)")
    }
}

/// What an occurrence says, before anything of it is hidden. It stays inside the plan: it has no `Debug`.
pub struct Content {
    /// When it starts.
    pub start: DateTime<Utc>,
    /// When it ends.
    pub end: DateTime<Utc>,
    /// Its first and last civil date, where it stands for whole days.
    pub all_day: Option<(NaiveDate, NaiveDate)>,
    /// What it is called, by the rules of [`crate::subject`].
    pub title: String,
    /// The organizer's display name.
    pub organizer: Option<String>,
    /// The location text.
    pub location: Option<String>,
    /// How to join it.
    pub join: Join,
    /// The strictest sensitivity ever seen of it (rule P5).
    pub sensitivity: Sensitivity,
}

/// What a room hides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Policies {
    /// Of private meetings (rule P1).
    pub private: PrivatePolicy,
    /// Of all meetings (rule P4).
    pub subjects: SubjectPolicy,
}

impl Policies {
    /// Whether a subject of this sensitivity is hidden.
    pub fn conceal(self, sensitivity: Sensitivity) -> bool {
        let is_masked = sensitivity.is_hidden() && self.private != PrivatePolicy::Show;
        is_masked || self.subjects != SubjectPolicy::Show
    }
}

/// What may be seen of an occurrence (rules P1, P2 and P4). This is the only way from what a calendar says to what leaves.
pub fn display(key: PublicKey, content: Content, policies: Policies, tentative: bool) -> Displayed {
    let Content { start, end, all_day, title, organizer, location, join, sensitivity } = content;
    let join = if tentative { Join::default() } else { join };
    let words = Words::Open { title, organizer, location, join };
    let shown = Displayed { key, start, end, all_day, words, tentative, lingers: TimeDelta::zero() };
    hidden(shown, sensitivity, policies)
}

/// The same with what the rules hide taken away, if it was not: what was shown before, as it may be seen now.
pub fn hidden(shown: Displayed, sensitivity: Sensitivity, policies: Policies) -> Displayed {
    let words = if sensitivity.is_hidden() { masked(shown.words, policies.private) } else { shown.words };
    Displayed { words: reduced(words, policies.subjects), ..shown }
}

fn masked(words: Words, policy: PrivatePolicy) -> Words {
    match (words, policy) {
        (words, PrivatePolicy::Show) => words,
        (Words::Open { organizer, .. } | Words::Private { organizer }, PrivatePolicy::Organizer) => {
            Words::Private { organizer }
        }
        (_, PrivatePolicy::Mask) => Words::Private { organizer: None },
    }
}

fn reduced(words: Words, policy: SubjectPolicy) -> Words {
    match (words, policy) {
        (Words::Open { organizer, location, join, .. }, SubjectPolicy::Organizer) => {
            Words::Open { title: subject::placeholder(organizer.as_deref()), organizer, location, join }
        }
        (Words::Open { .. }, SubjectPolicy::Busy) => {
            Words::Open { title: BUSY.to_owned(), organizer: None, location: None, join: Join::default() }
        }
        (Words::Private { .. }, SubjectPolicy::Busy) => Words::Private { organizer: None },
        (words, _) => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::join::{Found, JoinRule, Place};

    fn join() -> Join {
        let address = "kim@video.example.com".to_owned();
        Join {
            video: Some(Found { address, rule: JoinRule::BodyUri, place: Place::Body }),
            ..Join::default()
        }
    }

    fn content(sensitivity: Sensitivity) -> Content {
        Content {
            start: DateTime::UNIX_EPOCH,
            end: DateTime::UNIX_EPOCH,
            all_day: None,
            title: "Merger".to_owned(),
            organizer: Some("Kim Jones".to_owned()),
            location: Some("Tower".to_owned()),
            join: join(),
            sensitivity,
        }
    }

    #[test]
    fn p1_masks_by_sensitivity_and_policy() {
        use PrivatePolicy::{Mask, Organizer, Show};
        use Sensitivity::{Confidential, Normal, Personal, Private};
        let all = ("Merger", Some("Kim Jones"), Some("Tower"), false);
        let none = (MASK, None, None, true);
        let cases = [
            (Normal, Mask, all),
            (Personal, Mask, all),
            (Private, Mask, none),
            (Confidential, Mask, none),
            (Private, Organizer, (MASK, Some("Kim Jones"), None, true)),
            (Confidential, Show, all),
        ];
        for (sensitivity, private, expected) in cases {
            let policies = Policies { private, ..Policies::default() };
            let shown = display(PublicKey::new("00"), content(sensitivity), policies, false);
            let seen = (shown.title(), shown.organizer(), shown.location(), shown.is_private());
            assert_eq!(seen, expected, "{sensitivity:?} {policies:?}");
            assert_eq!(shown.join().is_some(), !shown.is_private(), "an address may be a name");
        }
    }

    #[test]
    fn p4_a_room_that_faces_a_corridor() {
        use PrivatePolicy::{Mask, Organizer, Show};
        use Sensitivity::{Normal, Private};
        let (kim, tower) = (Some("Kim Jones"), Some("Tower"));
        let cases = [
            (Normal, Mask, SubjectPolicy::Organizer, ("Meeting (Kim Jones)", kim, tower)),
            (Normal, Mask, SubjectPolicy::Busy, (BUSY, None, None)),
            (Private, Show, SubjectPolicy::Organizer, ("Meeting (Kim Jones)", kim, tower)),
            (Private, Mask, SubjectPolicy::Organizer, (MASK, None, None)),
            (Private, Organizer, SubjectPolicy::Organizer, (MASK, kim, None)),
            (Private, Organizer, SubjectPolicy::Busy, (MASK, None, None)),
        ];
        for (sensitivity, private, subjects, expected) in cases {
            let policies = Policies { private, subjects };
            let shown = display(PublicKey::new("00"), content(sensitivity), policies, false);
            let seen = (shown.title(), shown.organizer(), shown.location());
            assert_eq!(seen, expected, "{sensitivity:?} {policies:?}");
            assert_eq!(shown.join().is_some(), shown.location().is_some(), "{policies:?}");
            assert_eq!(hidden(shown.clone(), sensitivity, policies), shown, "hidden twice");
        }
    }

    #[test]
    fn a4_what_is_tentative_cannot_be_joined() {
        let content = content(Sensitivity::Normal);
        assert_eq!(display(PublicKey::new("00"), content, Policies::default(), true).join(), None);
    }

    #[test]
    fn p6_keys_are_hmacs_of_room_and_key() {
        let secret = SiteSecret::new([7; 32]);
        let key = |room: &str, key: &str| secret.public_key(&RoomId::new(room), &MeetingKey::new(key));
        // Computed with Python's hmac module: hmac.new(b"\x07"*32, b"berlin\0AB/single", "sha256").hexdigest()[:32]
        assert_eq!(key("berlin", "AB/single").as_str(), "f91b09267739a5f191696a97e2f70335");
        assert_ne!(key("berlin", "AB/single"), key("paris", "AB/single"));
        assert_ne!(key("berlin", "AB/single"), key("berlinA", "B/single"));
        assert_ne!(
            key("berlin", "AB/single"),
            SiteSecret::new([8; 32]).public_key(&RoomId::new("berlin"), &MeetingKey::new("AB/single"))
        );
    }
}
