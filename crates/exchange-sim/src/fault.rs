//! Faults, each by name, that strike some of the calls.

use std::str::FromStr;

use chrono::{DateTime, Utc};

use crate::dice::Dice;
use crate::world::RoomNumber;
use crate::{SimError, World};

/// What goes wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Status 200 with the HTML page of a sign-in form.
    SignInPage,
    /// Status 401, whatever the password.
    WrongPassword,
    /// Status 302 to the logon page of Outlook on the web.
    RedirectToOwa,
    /// Status 403, as when Exchange Web Services are turned off.
    EwsDisabled,
    /// Status 503 with `Retry-After`.
    ServiceUnavailable,
    /// Status 500 with ErrorServerBusy and BackOffMilliseconds.
    ServerBusy,
    /// Status 500 with the HTML page of a failed ASP.NET application.
    IisError,
    /// The reply's XML stops in the middle, though HTTP says that it is whole.
    TruncatedBody,
    /// The connection closes in the middle of the body.
    ConnectionClosed,
    /// A well-formed reply, but to another operation.
    OtherOperation,
    /// ErrorAccessDenied for the mailbox.
    AccessDenied,
    /// A SOAP fault ErrorNonExistentMailbox.
    NonExistentMailbox,
    /// ErrorInvalidSyncStateData for a sync state that was good.
    InvalidSyncState,
    /// The subscription is gone: ErrorSubscriptionNotFound.
    SubscriptionLost,
    /// ErrorItemNotFound for the first item of a batch.
    ItemNotFound,
    /// ErrorBatchProcessingStopped for all items of a batch but the first.
    BatchStopped,
    /// A complete, successful, empty read of a calendar that is not empty.
    EmptyCalendar,
    /// The server deleted the subscription while events waited: ErrorEventNotFound.
    EventNotFound,
    /// The server deleted the subscription while it read events: ErrorReadEventsFailed.
    ReadEventsFailed,
    /// The subscription is on a server of another site: ErrorProxyRequestNotAllowed.
    ProxyRequestNotAllowed,
    /// Status 302 to the error page of Exchange Web Services.
    GenericErrorPage,
    /// Status 307 to another host.
    Moved,
    /// Status 401 because the account is locked.
    AccountLocked,
    /// The server forgets who signed in on its connections.
    SignInForgotten,
    /// Status 404.
    NotFound,
    /// Status 405.
    MethodNotAllowed,
    /// Status 400.
    BadRequest,
    /// Status 413.
    BodyTooLarge,
    /// Status 429 with `Retry-After`.
    TooManyRequests,
    /// Status 440, from a proxy with forms in front.
    LoginTimeout,
    /// Status 500 without a body; a header has the code.
    CasError,
    /// The connection closes before the reply begins.
    ConnectionReset,
    /// The reply is whole, and says that the connection ends with it (`Connection: close`).
    ConnectionClose,
    /// The reply comes five seconds late.
    SlowReply,
    /// The reply comes an hour late.
    NoReply,
    /// A SOAP fault ErrorInternalServerError.
    InternalServerError,
    /// A SOAP fault ErrorInternalServerTransientError.
    TransientError,
    /// A SOAP fault ErrorMailboxMoveInProgress.
    MailboxMoving,
    /// A SOAP fault ErrorMailboxStoreUnavailable.
    StoreUnavailable,
    /// A SOAP fault ErrorNoRespondingCASInDestinationSite, as when requests lose their way to the mailbox.
    NoRespondingServer,
    /// A SOAP fault ErrorInvalidServerVersion, whatever version was asked for.
    InvalidServerVersion,
    /// A SOAP fault ErrorExceededConnectionCount with the policy's limit.
    ConnectionCountExceeded,
    /// A SOAP fault ErrorImpersonateUserDenied.
    ImpersonationDenied,
    /// ErrorServerBusy that asks to wait for 24 days.
    AbsurdBackOff,
    /// A SOAP fault ErrorMailboxStoreUnavailable in German.
    LocalizedFault,
    /// A SOAP fault ErrorMailboxStoreUnavailable whose details are in a default namespace.
    UnprefixedFault,
    /// A SOAP fault ErrorMailboxStoreUnavailable with white space around every text.
    PaddedFault,
    /// Status 200 with ErrorInternalServerError, inside of which is ErrorServerBusy.
    InnerServerBusy,
    /// Status 200 with ErrorTooManyObjectsOpened.
    TooManyObjectsOpened,
    /// ErrorCorruptData for the first item of a batch.
    ItemCorrupt,
    /// ErrorRecurrenceHasNoOccurrence for the first item of a batch.
    RecurrenceEmpty,
    /// A SOAP fault ErrorInternalServerError for a batch of more than one item.
    BatchFailed,
    /// ErrorExceededFindCountLimit for a view.
    FindCountExceeded,
    /// ErrorExceededSubscriptionCount, as when subscriptions of earlier runs are left.
    SubscriptionsExhausted,
    /// ErrorExpiredSubscription.
    SubscriptionExpired,
    /// ErrorInvalidWatermark for a watermark that was good.
    InvalidWatermark,
    /// One change where many were asked for, and more to come.
    ShortPage,
    /// Subjects begin with a character that XML does not allow.
    ControlCharacters,
    /// Items hold an element that no schema knows.
    UnknownElements,
    /// Other namespace prefixes than usual.
    OtherPrefixes,
    /// Items are in a zone whose id says nothing: `tzone://Microsoft/Custom`.
    CustomTimeZone,
    /// Each event is told eight times.
    EventStorm,
    /// The reply is 40 MiB long.
    OversizedReply,
    /// A stream says nothing any more, and does not end.
    StreamSilent,
    /// A stream says again and again that a subscription is invalid, and that the connection is well.
    SubscriptionFaulted,
    /// Events of a subscription were lost, and the stream says so: ErrorMissedNotificationEvents.
    MissedEvents,
    /// Events of a subscription were lost, and nothing says so.
    EventsLost,
}

impl Fault {
    /// All faults by name.
    pub const NAMES: [(&str, Self); 67] = [
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
        ("event-storm", Self::EventStorm),
        ("oversized-reply", Self::OversizedReply),
        ("stream-silent", Self::StreamSilent),
        ("subscription-faulted", Self::SubscriptionFaulted),
        ("missed-events", Self::MissedEvents),
        ("events-lost", Self::EventsLost),
    ];

    /// Whether an operation can suffer from it; the others pass by without using it up.
    fn concerns(self, call: &Struck<'_>) -> bool {
        match self {
            Self::InvalidSyncState => call.operation == "SyncFolderItems" && call.resumes,
            Self::SubscriptionLost => call.operation == "GetEvents" || call.moment != Moment::Call,
            Self::EventNotFound | Self::ReadEventsFailed | Self::ProxyRequestNotAllowed => {
                call.operation == "GetEvents" && call.moment == Moment::Call
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
            Self::SubscriptionExpired | Self::InvalidWatermark | Self::EventStorm => {
                call.operation == "GetEvents"
            }
            Self::ShortPage => call.operation == "SyncFolderItems",
            Self::ControlCharacters | Self::UnknownElements | Self::CustomTimeZone => {
                matches!(call.operation, "GetItem" | "FindItem" | "SyncFolderItems")
            }
            Self::InnerServerBusy | Self::TooManyObjectsOpened => {
                matches!(call.operation, "GetFolder" | "GetItem" | "FindItem" | "SyncFolderItems")
            }
            Self::EmptyCalendar => {
                call.operation == "FindItem" || (call.operation == "SyncFolderItems" && !call.resumes)
            }
            _ => true,
        }
    }
}

impl FromStr for Fault {
    type Err = SimError;

    fn from_str(name: &str) -> Result<Self, SimError> {
        let known = Self::NAMES.iter().find(|(candidate, _)| *candidate == name);
        known.map(|(_, fault)| *fault).ok_or_else(|| SimError::UnknownFault(name.to_owned()))
    }
}

/// Which calls a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strikes {
    /// The next calls, that many.
    Next(u32),
    /// Calls at random, that many in a thousand.
    PerMille(u32),
    /// All calls from an instant until another.
    Between(DateTime<Utc>, DateTime<Utc>),
    /// All calls, until [`World::heal`].
    Always,
}

/// A fault with the calls it strikes: `Injection::of(Fault::ServerBusy).next(3).in_room("berlin")`.
#[derive(Debug, Clone)]
pub struct Injection {
    fault: Fault,
    strikes: Strikes,
    room: Option<String>,
    operation: Option<String>,
}

impl Injection {
    /// A fault that strikes the next call.
    pub fn of(fault: Fault) -> Self {
        Self { fault, strikes: Strikes::Next(1), room: None, operation: None }
    }

    /// The same for other calls.
    #[must_use]
    pub fn striking(mut self, strikes: Strikes) -> Self {
        self.strikes = strikes;
        self
    }

    /// The same for the next `count` calls.
    #[must_use]
    pub fn next(self, count: u32) -> Self {
        self.striking(Strikes::Next(count))
    }

    /// Only calls about one room.
    #[must_use]
    pub fn in_room(mut self, room: &str) -> Self {
        self.room = Some(room.to_owned());
        self
    }

    /// Only one operation, such as `GetItem`.
    #[must_use]
    pub fn on(mut self, operation: &str) -> Self {
        self.operation = Some(operation.to_owned());
        self
    }
}

/// What a fault may strike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// A call.
    Call,
    /// What an open stream says.
    Envelope,
    /// What an open stream says of events.
    Events,
}

/// A call that a fault may strike.
#[derive(Debug)]
pub(crate) struct Struck<'a> {
    pub(crate) operation: &'a str,
    pub(crate) rooms: &'a [RoomNumber],
    /// How many items it asks for by id.
    pub(crate) items: usize,
    /// Whether it carries a sync state.
    pub(crate) resumes: bool,
    pub(crate) moment: Moment,
}

/// The faults that are set.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults(Vec<(Option<RoomNumber>, Injection)>);

impl Faults {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first fault that strikes a call.
    pub(crate) fn strike(&mut self, now: DateTime<Utc>, dice: &mut Dice, call: &Struck<'_>) -> Option<Fault> {
        self.strike_in(now, dice, call).map(|(fault, _)| fault)
    }

    /// The same with the room that it was set for.
    pub(crate) fn strike_in(
        &mut self,
        now: DateTime<Utc>,
        dice: &mut Dice,
        call: &Struck<'_>,
    ) -> Option<(Fault, Option<RoomNumber>)> {
        let mut struck = None;
        for (room, injection) in &mut self.0 {
            let here = room.is_none_or(|room| call.rooms.contains(&room));
            let this = injection.operation.as_ref().is_none_or(|operation| operation == call.operation);
            if !here || !this || !injection.fault.concerns(call) {
                continue;
            }
            let hit = match &mut injection.strikes {
                Strikes::Next(left) => left.checked_sub(1).map(|fewer| *left = fewer).is_some(),
                Strikes::PerMille(rate) => dice.chance(*rate),
                Strikes::Between(from, until) => *from <= now && now < *until,
                Strikes::Always => true,
            };
            if hit {
                struck = Some((injection.fault, *room));
                break;
            }
        }
        self.0.retain(|(_, injection)| injection.strikes != Strikes::Next(0));
        struck
    }
}

impl World {
    /// Sets a fault.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownRoom`] when it names a room that is not there.
    pub fn inject(&mut self, injection: Injection) -> Result<(), SimError> {
        let room = injection.room.as_deref().map(|room| self.room_number(room)).transpose()?;
        self.faults.0.push((room, injection));
        Ok(())
    }

    /// Takes all faults away.
    pub fn heal(&mut self) {
        self.faults.0.clear();
    }
}
