//! What each fault can befall.

use super::{AUTODISCOVER, Moment, Struck};
use crate::Fault;

impl Fault {
    /// Whether an operation can suffer from it; the others pass by without using it up.
    pub(super) fn concerns(self, call: &Struck<'_>) -> bool {
        match self {
            _ if call.operation == AUTODISCOVER => self.befalls_any_page(),
            Self::InvalidSyncState => call.operation == "SyncFolderItems" && call.resumes,
            Self::SubscriptionLost => {
                matches!(call.operation, "GetEvents" | "POLL") || call.moment != Moment::Call
            }
            Self::EventNotFound | Self::ReadEventsFailed | Self::ProxyRequestNotAllowed => {
                call.operation == "GetEvents" && call.moment == Moment::Call
            }
            Self::EventStorm => {
                call.moment == Moment::Events
                    || (call.operation == "GetEvents" && call.moment == Moment::Call)
            }
            Self::StreamSilent | Self::SubscriptionFaulted => call.moment != Moment::Call,
            Self::MissedEvents | Self::EventsLost => call.moment == Moment::Events,
            // They strike what a stream says, not the call that opens it.
            Self::TruncatedBody | Self::ConnectionClosed => {
                call.moment != Moment::Call || call.operation != "GetStreamingEvents"
            }
            _ if call.moment != Moment::Call => false,
            Self::ItemNotFound | Self::BatchStopped | Self::ItemCorrupt | Self::RecurrenceEmpty => {
                call.operation == "GetItem"
            }
            Self::BatchFailed => call.operation == "GetItem" && call.items > 1,
            Self::FindCountExceeded => call.operation == "FindItem",
            Self::SubscriptionsExhausted => call.operation == "Subscribe",
            Self::SubscriptionExpired | Self::InvalidWatermark => call.operation == "GetEvents",
            Self::ShortPage => matches!(call.operation, "FindItem" | "SyncFolderItems"),
            Self::AnchorMissing => !call.anchored,
            Self::ShiftedOriginalStart => call.operation == "GetItem",
            Self::ControlCharacters
            | Self::UnknownElements
            | Self::CustomTimeZone
            | Self::StrangeTimeZone => {
                matches!(call.operation, "GetItem" | "FindItem" | "SyncFolderItems")
            }
            Self::InnerServerBusy | Self::TooManyObjectsOpened => {
                matches!(call.operation, "GetFolder" | "GetItem" | "FindItem" | "SyncFolderItems")
            }
            Self::EmptyCalendar => {
                matches!(call.operation, "FindItem" | "SEARCH")
                    || (call.operation == "SyncFolderItems" && !call.resumes)
            }
            _ => true,
        }
    }
}
