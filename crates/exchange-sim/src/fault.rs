//! Faults, each by name, that strike some of the calls.

mod code;
mod injection;
mod names;
pub(crate) mod page;
mod struck;
mod subject;

pub use self::code::ResponseCode;
pub(crate) use self::injection::{AUTODISCOVER, Faults, Moment, Struck};
pub use self::injection::{Injection, Strikes};

/// How often a storm tells each event.
pub(crate) const STORM: usize = 8;

/// What goes wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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
    /// Status 301 to another host.
    MovedPermanently,
    /// Status 302 to another host.
    MovedForNow,
    /// Status 308 to another host.
    MovedForGood,
    /// Status 302 to another host without TLS.
    MovedToPlainHttp,
    /// Status 302 to where it was asked, again and again.
    MovedToItself,
    /// Status 302 to the host where a company signs everybody in.
    SignInElsewhere,
    /// A SOAP fault ErrorNoRespondingCASInDestinationSite for who impersonates a mailbox that `X-AnchorMailbox` does
    /// not name.
    AnchorMissing,
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
    /// One change, or one item of a view, where many were asked for: `IncludesLastItemInRange` is false.
    ShortPage,
    /// Subjects, bodies, locations, names and categories begin with a character that XML does not allow.
    ControlCharacters,
    /// Items hold an element that no schema knows.
    UnknownElements,
    /// Other namespace prefixes than usual.
    OtherPrefixes,
    /// Items are in a zone whose id says nothing: `tzone://Microsoft/Custom`.
    CustomTimeZone,
    /// Items are in a zone by one of the other ids that say little: a localized name, an IANA name, none.
    StrangeTimeZone,
    /// A master tells the original starts of its modified occurrences an hour late.
    ShiftedOriginalStart,
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
    /// A response code by its name: for each thing that was asked about, or as a SOAP fault where the code is of the
    /// request as a whole.
    Code(ResponseCode),
}
