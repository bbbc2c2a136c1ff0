//! What a server does that another does otherwise, whatever its version: data, so that the operations ask one question.
//!
//! The habits of the server that is not Exchange are those that one such server was seen to have. What concerns only
//! how it reads what organizers write is not copied: times without a zone, ends before starts, zones that nobody knows,
//! `ConflictResolution`, a calendar that is missed when an item is created without `SavedItemFolderId`. Nor are the
//! lengths of its ids and states, which are opaque, extended properties written twice, and the rights of impersonated
//! mailboxes in GetUserAvailability.

use std::time::Duration;

use crate::ServerProfile;
use crate::calendar::EventKind;

/// The habits of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Habits {
    /// It looks at the version of the schema that a request is written in, and whether it is one of the schema.
    pub(crate) checks_schemas: bool,
    /// Asking for a property that the schema does not have yet is an error.
    pub(crate) refuses_unknown_properties: bool,
    /// A view holds the occurrences of a series instead of its master.
    pub(crate) expands_series: bool,
    /// A sync state that is damaged, or of another mailbox, is an error; else it is taken for none.
    pub(crate) refuses_sync_states: bool,
    /// A page of changes has the length that the schema allows.
    pub(crate) refuses_page_lengths: bool,
    /// Items that a sync is told to ignore are ignored.
    pub(crate) ignores_items: bool,
    /// A changed occurrence is a change of its master.
    pub(crate) counts_occurrences: bool,
    /// Occurrences are counted with those that were deleted, and up to the last.
    pub(crate) counts_what_was_deleted: bool,
    /// A master is found by the id of an occurrence.
    pub(crate) finds_masters: bool,
    /// `OriginalStart` of a modified occurrence is when it began, else the midnight before.
    pub(crate) tells_original_starts: bool,
    /// An exception says that it is recurring.
    pub(crate) exceptions_recur: bool,
    /// The UID is the identity that every copy shares; else only that of items without attendees is, in lower case.
    pub(crate) shares_uids: bool,
    /// Occurrences have the UID of their series, and say which they are.
    pub(crate) tells_recurrence_ids: bool,
    /// It writes the properties that were asked for, and no others.
    pub(crate) writes_what_is_asked: bool,
    /// Notifications carry watermarks.
    pub(crate) knows_watermarks: bool,
    /// Subscribing to a folder without the right to read it is an error; else it succeeds, and nothing is ever told.
    pub(crate) refuses_blind_subscriptions: bool,
    /// How long a subscription may be idle is at most a day.
    pub(crate) limits_timeouts: bool,
    /// A subscription to several mailboxes fails as a whole request.
    pub(crate) faults_on_subscriptions: bool,
    /// Notifications are posted.
    pub(crate) pushes: bool,
    /// What a subscription is told of.
    told: Told,
    /// How long the answer to a wrong password takes.
    pub(crate) wrong_password_takes: Duration,
}

/// What a subscription is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// All that it asked for.
    All,
    /// Of a folder, new items and that it changed; of all folders, whatever happens to items. Never free/busy times.
    NewItems,
}

const EXCHANGE: Habits = Habits {
    checks_schemas: true,
    refuses_unknown_properties: true,
    expands_series: true,
    refuses_sync_states: true,
    refuses_page_lengths: true,
    ignores_items: true,
    counts_occurrences: true,
    counts_what_was_deleted: true,
    finds_masters: true,
    tells_original_starts: true,
    exceptions_recur: true,
    shares_uids: true,
    tells_recurrence_ids: true,
    writes_what_is_asked: true,
    knows_watermarks: true,
    refuses_blind_subscriptions: true,
    limits_timeouts: true,
    faults_on_subscriptions: false,
    pushes: true,
    told: Told::All,
    wrong_password_takes: Duration::ZERO,
};

/// Clients found UIDs and recurrence ids of 2007 of no use, and what it says of recurring: an occurrence has a UID of
/// its own, with its date in it.
const EXCHANGE_2007: Habits = Habits { tells_recurrence_ids: false, exceptions_recur: false, ..EXCHANGE };

const OTHER: Habits = Habits {
    checks_schemas: false,
    refuses_unknown_properties: false,
    expands_series: false,
    refuses_sync_states: false,
    refuses_page_lengths: false,
    ignores_items: false,
    counts_occurrences: false,
    counts_what_was_deleted: false,
    finds_masters: false,
    tells_original_starts: false,
    exceptions_recur: false,
    shares_uids: false,
    tells_recurrence_ids: true,
    writes_what_is_asked: false,
    knows_watermarks: false,
    refuses_blind_subscriptions: false,
    limits_timeouts: false,
    faults_on_subscriptions: true,
    pushes: false,
    told: Told::NewItems,
    wrong_password_takes: Duration::from_secs(1),
};

impl ServerProfile {
    pub(crate) fn habits(self) -> &'static Habits {
        match self {
            Self::Exchange2007Sp1 => &EXCHANGE_2007,
            Self::Other => &OTHER,
            _ => &EXCHANGE,
        }
    }
}

impl Habits {
    /// Whether a subscription to a folder, or to all, is told of an event.
    pub(crate) fn tells(&self, event: EventKind, all_folders: bool) -> bool {
        match (self.told, event) {
            (Told::All, _) | (_, EventKind::Created(_) | EventKind::FolderModified) => true,
            (_, EventKind::FreeBusyChanged(_) | EventKind::FreeBusyData) => false,
            _ => all_folders,
        }
    }
}
