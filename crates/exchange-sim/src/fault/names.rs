//! What each fault is called.

use std::fmt;
use std::str::FromStr;

use crate::{Fault, SimError};

/// What the name of a fault begins with that is a response code.
const CODE: &str = "code:";

impl Fault {
    /// All faults by name, but for response codes: `code:` and [`ResponseCode::name`](crate::ResponseCode::name).
    pub const NAMES: [(&str, Self); 76] = [
        ("sign-in-page", Self::SignInPage),
        ("wrong-password", Self::WrongPassword),
        ("redirect-to-owa", Self::RedirectToOwa),
        ("ews-disabled", Self::EwsDisabled),
        ("service-unavailable", Self::ServiceUnavailable),
        ("server-busy", Self::ServerBusy),
        ("iis-error", Self::IisError),
        ("truncated-body", Self::TruncatedBody),
        ("connection-closed", Self::ConnectionClosed),
        ("other-operation", Self::OtherOperation),
        ("access-denied", Self::AccessDenied),
        ("non-existent-mailbox", Self::NonExistentMailbox),
        ("invalid-sync-state", Self::InvalidSyncState),
        ("subscription-lost", Self::SubscriptionLost),
        ("item-not-found", Self::ItemNotFound),
        ("batch-stopped", Self::BatchStopped),
        ("empty-calendar", Self::EmptyCalendar),
        ("event-not-found", Self::EventNotFound),
        ("read-events-failed", Self::ReadEventsFailed),
        ("proxy-request-not-allowed", Self::ProxyRequestNotAllowed),
        ("generic-error-page", Self::GenericErrorPage),
        ("moved", Self::Moved),
        ("moved-permanently", Self::MovedPermanently),
        ("moved-for-now", Self::MovedForNow),
        ("moved-for-good", Self::MovedForGood),
        ("moved-to-plain-http", Self::MovedToPlainHttp),
        ("moved-to-itself", Self::MovedToItself),
        ("sign-in-elsewhere", Self::SignInElsewhere),
        ("anchor-missing", Self::AnchorMissing),
        ("account-locked", Self::AccountLocked),
        ("sign-in-forgotten", Self::SignInForgotten),
        ("not-found", Self::NotFound),
        ("method-not-allowed", Self::MethodNotAllowed),
        ("bad-request", Self::BadRequest),
        ("body-too-large", Self::BodyTooLarge),
        ("too-many-requests", Self::TooManyRequests),
        ("login-timeout", Self::LoginTimeout),
        ("cas-error", Self::CasError),
        ("connection-reset", Self::ConnectionReset),
        ("connection-close", Self::ConnectionClose),
        ("slow-reply", Self::SlowReply),
        ("no-reply", Self::NoReply),
        ("internal-server-error", Self::InternalServerError),
        ("transient-error", Self::TransientError),
        ("mailbox-moving", Self::MailboxMoving),
        ("store-unavailable", Self::StoreUnavailable),
        ("no-responding-server", Self::NoRespondingServer),
        ("invalid-server-version", Self::InvalidServerVersion),
        ("connection-count-exceeded", Self::ConnectionCountExceeded),
        ("impersonation-denied", Self::ImpersonationDenied),
        ("absurd-back-off", Self::AbsurdBackOff),
        ("localized-fault", Self::LocalizedFault),
        ("unprefixed-fault", Self::UnprefixedFault),
        ("padded-fault", Self::PaddedFault),
        ("inner-server-busy", Self::InnerServerBusy),
        ("too-many-objects-opened", Self::TooManyObjectsOpened),
        ("item-corrupt", Self::ItemCorrupt),
        ("recurrence-empty", Self::RecurrenceEmpty),
        ("batch-failed", Self::BatchFailed),
        ("find-count-exceeded", Self::FindCountExceeded),
        ("subscriptions-exhausted", Self::SubscriptionsExhausted),
        ("subscription-expired", Self::SubscriptionExpired),
        ("invalid-watermark", Self::InvalidWatermark),
        ("short-page", Self::ShortPage),
        ("control-characters", Self::ControlCharacters),
        ("unknown-elements", Self::UnknownElements),
        ("other-prefixes", Self::OtherPrefixes),
        ("custom-time-zone", Self::CustomTimeZone),
        ("strange-time-zone", Self::StrangeTimeZone),
        ("shifted-original-start", Self::ShiftedOriginalStart),
        ("event-storm", Self::EventStorm),
        ("oversized-reply", Self::OversizedReply),
        ("stream-silent", Self::StreamSilent),
        ("subscription-faulted", Self::SubscriptionFaulted),
        ("missed-events", Self::MissedEvents),
        ("events-lost", Self::EventsLost),
    ];
}

impl FromStr for Fault {
    type Err = SimError;

    fn from_str(name: &str) -> Result<Self, SimError> {
        if let Some(code) = name.strip_prefix(CODE) {
            return code.parse().map(Self::Code);
        }
        let known = Self::NAMES.iter().find(|(candidate, _)| *candidate == name);
        known.map(|(_, fault)| *fault).ok_or_else(|| SimError::UnknownFault(name.to_owned()))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "{CODE}{code}"),
            named => {
                let known = Self::NAMES.iter().find(|(_, fault)| fault == named);
                f.write_str(known.map_or("", |(name, _)| name))
            }
        }
    }
}
