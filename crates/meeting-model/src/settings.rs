//! How one room is to be treated.

use crate::{join::JoinRules, zone::RoomZone};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::time::Duration;

/// Raised whenever a rule decides differently than it did, so that stored decisions are made again.
const RULES: u32 = 2;

/// How long after a meeting's end names are kept, unless a site says otherwise (rule P7).
pub const FORGET_AFTER: Duration = Duration::from_hours(7 * 24);

/// How one room is to be treated. Every field but [`join`](Self::join) decides something in [`plan`](crate::plan::plan), so a
/// change of any changes [`RoomSettings::digest`] and plans the room again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomSettings {
    /// The zone the room's walls stand in.
    pub zone: RoomZone,
    /// The room's own SMTP addresses, of which most rooms have one: a meeting organized by one of them is a direct booking.
    pub mailboxes: Vec<String>,
    /// Who accepts for the room.
    pub acceptance: Acceptance,
    /// Since when, where the configuration says so (rule A5).
    pub acceptance_since: Option<DateTime<Utc>>,
    /// What happens to meetings that were accepted before a switch to proxy acceptance (rule A5).
    pub on_switch: OnSwitch,
    /// What happens to tentative meetings (rule A4).
    pub tentative: TentativePolicy,
    /// What is shown of private meetings (rule P1).
    pub private: PrivatePolicy,
    /// Whether Exchange puts the organizer's name before the subject here, where that is configured (rule S2).
    pub organizer_prefix: bool,
    /// What is shown of subjects, and where lost ones are taken from (rules P4, S4 and S8).
    pub subjects: SubjectSettings,
    /// How join addresses are looked for (section F): while a calendar is read, for bodies are not kept. So a change of these
    /// reads the room again.
    pub join: JoinRules,
    /// How long after a meeting's end names are kept (rule P7).
    pub forget_after: Duration,
    /// How far back meetings are kept.
    pub back: Duration,
    /// How far ahead meetings are kept.
    pub ahead: Duration,
}

impl RoomSettings {
    /// The settings of a room of which nothing is said but where it stands and its mailbox, and that accepts by itself: a week
    /// back and sixty days ahead are kept.
    pub fn usual(zone: RoomZone, mailbox: impl Into<String>) -> Self {
        Self {
            zone,
            mailboxes: vec![mailbox.into()],
            acceptance: Acceptance::AutoAccept,
            acceptance_since: None,
            on_switch: OnSwitch::RequireReaccept,
            tentative: TentativePolicy::Hide,
            private: PrivatePolicy::Mask,
            organizer_prefix: false,
            subjects: SubjectSettings::default(),
            join: JoinRules::default(),
            forget_after: FORGET_AFTER,
            back: Duration::from_hours(7 * 24),
            ahead: Duration::from_hours(60 * 24),
        }
    }

    /// A digest of everything that decisions are made with, in hex: these settings, the version of the rules and the
    /// release of the zone database. Where it differs from what is stored, the room is planned again from what was
    /// observed.
    pub fn digest(&self) -> String {
        let Self {
            zone,
            mailboxes,
            acceptance,
            acceptance_since,
            on_switch,
            tentative,
            private,
            organizer_prefix,
            subjects,
            join: _,
            forget_after,
            back,
            ahead,
        } = self;
        let place = (RULES, zone.name(), zone.release(), mailboxes, back, ahead, forget_after);
        let rules = (acceptance, acceptance_since, on_switch, tentative, private, organizer_prefix, subjects);
        // Tuples of plain data have one form in JSON.
        hex::encode(Sha256::digest(serde_json::to_vec(&(place, rules)).unwrap_or_default()))
    }
}

/// Who accepts for the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Acceptance {
    /// Exchange's booking attendant.
    AutoAccept,
    /// A person.
    Proxy,
}

/// What a switch to proxy acceptance does to what was accepted before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnSwitch {
    /// It is hidden until somebody accepts it again, as CTS-Manager did.
    #[default]
    RequireReaccept,
    /// It stays.
    Keep,
}

/// What happens to tentative meetings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TentativePolicy {
    /// They are hidden, as CTS-Manager did.
    #[default]
    Hide,
    /// Feeds and panels show them, marked; devices do not.
    Mark,
}

/// What is shown of private meetings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrivatePolicy {
    /// The time.
    #[default]
    Mask,
    /// The time and the organizer.
    Organizer,
    /// Everything.
    Show,
}

/// What becomes of subjects in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubjectSettings {
    /// What displays show of them (rule P4).
    pub shown: SubjectPolicy,
    /// Whether a subject that Exchange took away is shown where it is known from elsewhere (rules S3, S4 and S8).
    pub recover: bool,
    /// Whether the meeting request in the room's mailbox is looked for where it is known from nowhere else (rule S4).
    pub recover_from_inbox: bool,
    /// Whether Exchange is known to keep the private flag here, so that what this room's copies say may be shown in other
    /// rooms (rule S4).
    pub private_flag_kept: bool,
}

impl Default for SubjectSettings {
    fn default() -> Self {
        Self {
            shown: SubjectPolicy::default(),
            recover: true,
            recover_from_inbox: false,
            private_flag_kept: false,
        }
    }
}

/// What displays show of subjects: some rooms face a public corridor (rule P4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectPolicy {
    /// The subject.
    #[default]
    Show,
    /// Whose meeting it is.
    Organizer,
    /// That the room is taken.
    Busy,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{settings, zone};

    #[test]
    fn every_setting_changes_the_digest() {
        let base = settings();
        let changed = [
            RoomSettings { zone: zone("Europe/Paris"), ..base.clone() },
            RoomSettings { mailboxes: vec!["paris@example.com".to_owned()], ..base.clone() },
            RoomSettings { acceptance: Acceptance::Proxy, ..base.clone() },
            RoomSettings { acceptance_since: Some(DateTime::UNIX_EPOCH), ..base.clone() },
            RoomSettings { on_switch: OnSwitch::Keep, ..base.clone() },
            RoomSettings { tentative: TentativePolicy::Mark, ..base.clone() },
            RoomSettings { private: PrivatePolicy::Show, ..base.clone() },
            RoomSettings { organizer_prefix: true, ..base.clone() },
            RoomSettings { subjects: SubjectSettings { recover: false, ..base.subjects }, ..base.clone() },
            RoomSettings {
                subjects: SubjectSettings { recover_from_inbox: true, ..base.subjects },
                ..base.clone()
            },
            RoomSettings { forget_after: Duration::ZERO, ..base.clone() },
            RoomSettings { back: Duration::ZERO, ..base.clone() },
            RoomSettings { ahead: Duration::ZERO, ..base.clone() },
        ];
        let digests: std::collections::BTreeSet<String> =
            changed.iter().chain([&base]).map(RoomSettings::digest).collect();
        assert_eq!(digests.len(), changed.len() + 1);
        assert_eq!(base.digest(), base.clone().digest());
    }
}
