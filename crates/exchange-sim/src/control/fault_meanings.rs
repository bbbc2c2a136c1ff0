//! What each fault means, for who drives the stand-in over HTTP.

/// By name, as in [`Fault::NAMES`](crate::Fault::NAMES).
pub(super) fn meaning(name: &str) -> Option<&'static str> {
    let known = MEANINGS.iter().find(|(known, _)| *known == name);
    known.map(|(_, meaning)| *meaning)
}

const MEANINGS: &[(&str, &str)] = &[
    ("sign-in-page", "status 200 with the HTML page of a sign-in form"),
    ("wrong-password", "status 401, whatever the password"),
    ("redirect-to-owa", "status 302 to the logon page of Outlook on the web"),
    ("ews-disabled", "status 403, as when Exchange Web Services are turned off"),
    ("service-unavailable", "status 503 with `Retry-After`"),
    ("server-busy", "status 500 with ErrorServerBusy and BackOffMilliseconds"),
    ("iis-error", "status 500 with the HTML page of a failed ASP.NET application"),
    ("truncated-body", "the reply's XML stops in the middle, though HTTP says that it is whole"),
    ("connection-closed", "the connection closes in the middle of the body"),
    ("other-operation", "a well-formed reply, but to another operation"),
    ("access-denied", "ErrorAccessDenied for the mailbox"),
    ("non-existent-mailbox", "a SOAP fault ErrorNonExistentMailbox"),
    ("invalid-sync-state", "ErrorInvalidSyncStateData for a sync state that was good"),
    ("subscription-lost", "the subscription is gone: ErrorSubscriptionNotFound"),
    ("item-not-found", "ErrorItemNotFound for the first item of a batch"),
    ("batch-stopped", "ErrorBatchProcessingStopped for all items of a batch but the first"),
    ("empty-calendar", "a complete, successful, empty read of a calendar that is not empty"),
    ("event-not-found", "the server deleted the subscription while events waited: ErrorEventNotFound"),
    ("read-events-failed", "the server deleted the subscription while it read events: ErrorReadEventsFailed"),
    (
        "proxy-request-not-allowed",
        "the subscription is on a server of another site: ErrorProxyRequestNotAllowed",
    ),
    ("generic-error-page", "status 302 to the error page of Exchange Web Services"),
    ("moved", "status 307 to another host"),
    ("moved-permanently", "status 301 to another host"),
    ("moved-for-now", "status 302 to another host"),
    ("moved-for-good", "status 308 to another host"),
    ("moved-to-plain-http", "status 302 to another host without TLS"),
    ("moved-to-itself", "status 302 to where it was asked, again and again"),
    ("sign-in-elsewhere", "status 302 to the host where a company signs everybody in"),
    (
        "anchor-missing",
        "a SOAP fault ErrorNoRespondingCASInDestinationSite for who impersonates a mailbox that `X-AnchorMailbox` does not name",
    ),
    ("account-locked", "status 401 because the account is locked"),
    ("sign-in-forgotten", "the server forgets who signed in on its connections"),
    ("not-found", "status 404"),
    ("method-not-allowed", "status 405"),
    ("bad-request", "status 400"),
    ("body-too-large", "status 413"),
    ("too-many-requests", "status 429 with `Retry-After`"),
    ("login-timeout", "status 440, from a proxy with forms in front"),
    ("cas-error", "status 500 without a body; a header has the code"),
    ("connection-reset", "the connection closes before the reply begins"),
    (
        "connection-close",
        "the reply is whole, and says that the connection ends with it (`Connection: close`)",
    ),
    ("slow-reply", "the reply comes five seconds late"),
    ("no-reply", "the reply comes an hour late"),
    ("internal-server-error", "a SOAP fault ErrorInternalServerError"),
    ("transient-error", "a SOAP fault ErrorInternalServerTransientError"),
    ("mailbox-moving", "a SOAP fault ErrorMailboxMoveInProgress"),
    ("store-unavailable", "a SOAP fault ErrorMailboxStoreUnavailable"),
    (
        "no-responding-server",
        "a SOAP fault ErrorNoRespondingCASInDestinationSite, as when requests lose their way to the mailbox",
    ),
    ("invalid-server-version", "a SOAP fault ErrorInvalidServerVersion, whatever version was asked for"),
    ("connection-count-exceeded", "a SOAP fault ErrorExceededConnectionCount with the policy's limit"),
    ("impersonation-denied", "a SOAP fault ErrorImpersonateUserDenied"),
    ("absurd-back-off", "ErrorServerBusy that asks to wait for 24 days"),
    ("localized-fault", "a SOAP fault ErrorMailboxStoreUnavailable in German"),
    (
        "unprefixed-fault",
        "a SOAP fault ErrorMailboxStoreUnavailable whose details are in a default namespace",
    ),
    ("padded-fault", "a SOAP fault ErrorMailboxStoreUnavailable with white space around every text"),
    ("inner-server-busy", "status 200 with ErrorInternalServerError, inside of which is ErrorServerBusy"),
    ("too-many-objects-opened", "status 200 with ErrorTooManyObjectsOpened"),
    ("item-corrupt", "ErrorCorruptData for the first item of a batch"),
    ("recurrence-empty", "ErrorRecurrenceHasNoOccurrence for the first item of a batch"),
    ("batch-failed", "a SOAP fault ErrorInternalServerError for a batch of more than one item"),
    ("find-count-exceeded", "ErrorExceededFindCountLimit for a view"),
    (
        "subscriptions-exhausted",
        "ErrorExceededSubscriptionCount, as when subscriptions of earlier runs are left",
    ),
    ("subscription-expired", "ErrorExpiredSubscription"),
    ("invalid-watermark", "ErrorInvalidWatermark for a watermark that was good"),
    (
        "short-page",
        "one change, or one item of a view, where many were asked for: `IncludesLastItemInRange` is false",
    ),
    (
        "control-characters",
        "subjects, bodies, locations, names and categories begin with a character that XML does not allow",
    ),
    ("unknown-elements", "items hold an element that no schema knows"),
    ("other-prefixes", "other namespace prefixes than usual"),
    ("custom-time-zone", "items are in a zone whose id says nothing: `tzone://Microsoft/Custom`"),
    (
        "strange-time-zone",
        "items are in a zone by one of the other ids that say little: a localized name, an IANA name, none",
    ),
    ("shifted-original-start", "a master tells the original starts of its modified occurrences an hour late"),
    ("event-storm", "each event is told eight times"),
    ("oversized-reply", "the reply is 40 MiB long"),
    ("stream-silent", "a stream says nothing any more, and does not end"),
    (
        "subscription-faulted",
        "a stream says again and again that a subscription is invalid, and that the connection is well",
    ),
    (
        "missed-events",
        "events of a subscription were lost, and the stream says so: ErrorMissedNotificationEvents",
    ),
    ("events-lost", "events of a subscription were lost, and nothing says so"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Fault;

    #[test]
    fn every_fault_has_a_meaning() {
        for (name, _) in Fault::NAMES {
            assert!(meaning(name).is_some(), "{name}");
        }
        assert_eq!(MEANINGS.len(), Fault::NAMES.len());
    }
}
