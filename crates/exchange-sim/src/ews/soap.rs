//! Envelopes, response messages and faults ([MS-OXWSCDATA] 2.2.4, SOAP 1.1).

use std::str::FromStr;

use crate::Response;
use crate::xml::Xml;

pub(super) const ENVELOPE: &str = "http://schemas.xmlsoap.org/soap/envelope/";
pub(super) const MESSAGES: &str = "http://schemas.microsoft.com/exchange/services/2006/messages";
pub(super) const TYPES: &str = "http://schemas.microsoft.com/exchange/services/2006/types";
const ERRORS: &str = "http://schemas.microsoft.com/exchange/services/2006/errors";

/// What `ServerVersionInfo` says.
pub(super) const SERVER_VERSION: [(&str, &str); 5] = [
    ("MajorVersion", "15"),
    ("MinorVersion", "2"),
    ("MajorBuildNumber", "1544"),
    ("MinorBuildNumber", "4"),
    ("Version", "V2017_07_11"),
];

/// Response codes with the sentence that goes with them.
const SENTENCES: &[(&str, &str)] = &[
    ("ErrorIncorrectSchemaVersion", "The schema version is not supported by the server of the mailbox."),
    ("ErrorCorruptData", "Data is corrupt."),
    ("ErrorInternalServerError", "An internal server error occurred. The operation failed."),
    ("ErrorInternalServerTransientError", "An internal server error occurred. Try again later."),
    ("ErrorMailboxMoveInProgress", "Mailbox move in progress. Try again later."),
    ("ErrorMailboxStoreUnavailable", "The mailbox database is temporarily unavailable."),
    ("ErrorNoRespondingCASInDestinationSite", "No server of the destination site responds. Try again later."),
    ("ErrorRecurrenceHasNoOccurrence", "The recurrence has no occurrences in the specified range."),
    ("ErrorTooManyObjectsOpened", "Too many concurrent connections opened."),
    ("ErrorAccessDenied", "Access is denied. Check credentials and try again."),
    ("ErrorBatchProcessingStopped", "Processing of the batch stopped before this item."),
    ("ErrorCalendarEndDateIsEarlierThanStartDate", "EndDate is earlier than StartDate."),
    ("ErrorCalendarFolderIsInvalidForCalendarView", "A calendar view needs a calendar folder."),
    ("ErrorCalendarCannotUseIdForOccurrenceId", "The id is not that of an occurrence."),
    ("ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange", "The series has no such occurrence."),
    ("ErrorCalendarOccurrenceIsDeletedFromRecurrence", "The occurrence was deleted from the series."),
    ("ErrorCalendarCannotUseIdForRecurringMasterId", "The id is not that of a recurring master."),
    ("ErrorCalendarViewRangeTooBig", "The specified view range exceeds the maximum range of two years."),
    ("ErrorEventNotFound", "The event was not found: the subscription was deleted."),
    (
        "ErrorExceededConnectionCount",
        "You have exceeded the available concurrent connections for your account.  Try again once your other \
         requests have completed.",
    ),
    ("ErrorExceededFindCountLimit", "You have exceeded the maximum number of objects for a find."),
    ("ErrorExceededSubscriptionCount", "You have exceeded the available subscriptions for your account."),
    ("ErrorExpiredSubscription", "The subscription has expired."),
    ("ErrorFolderNotFound", "The specified folder could not be found in the store."),
    ("ErrorImpersonateUserDenied", "The account does not have permission to impersonate the requested user."),
    ("ErrorInvalidArgument", "The request has an invalid argument."),
    (
        "ErrorInvalidExchangeImpersonationHeaderData",
        "ExchangeImpersonation SOAP header must be present for this type of OAuth token.",
    ),
    ("ErrorInvalidId", "The id is not valid."),
    ("ErrorInvalidIdMalformed", "Id is malformed."),
    ("ErrorInvalidPropertyRequest", "Property is not valid for this server version."),
    ("ErrorInvalidPullSubscriptionId", "The subscription ID is not that of a pull subscription."),
    ("ErrorInvalidPushSubscriptionUrl", "The URL of the push subscription is invalid."),
    (
        "ErrorInvalidSchemaVersionForMailboxVersion",
        "The schema version is not valid for the version of the mailbox.",
    ),
    ("ErrorInvalidServerVersion", "The specified server version is invalid."),
    ("ErrorInvalidSubscription", "The subscription ID is invalid."),
    ("ErrorInvalidSubscriptionRequest", "The subscription request is invalid."),
    ("ErrorInvalidSyncStateData", "Synchronization state data is corrupt or otherwise invalid."),
    ("ErrorInvalidWatermark", "The watermark used for creating this subscription was not found."),
    ("ErrorItemNotFound", "The specified object was not found in the store."),
    (
        "ErrorMissingEmailAddress",
        "An account without a mailbox must name the mailbox of a distinguished folder.",
    ),
    ("ErrorMissedNotificationEvents", "Notification events were missed."),
    ("ErrorNewEventStreamConnectionOpened", "Another connection was opened using the same subscription."),
    ("ErrorNonExistentMailbox", "The SMTP address has no mailbox associated with it."),
    (
        "ErrorProxyRequestNotAllowed",
        "The subscription is on a server to which the request cannot be passed on.",
    ),
    ("ErrorReadEventsFailed", "The events of the subscription could not be read."),
    ("ErrorSchemaValidation", "The request failed schema validation."),
    ("ErrorServerBusy", "The server cannot service this request right now. Try again later."),
    (
        "ErrorSubscriptionAccessDenied",
        "Access is denied. Only the subscription owner may access the subscription.",
    ),
    (
        "ErrorSubscriptionDelegateAccessNotSupported",
        "Subscriptions are not supported for delegate user access.",
    ),
    ("ErrorSubscriptionNotFound", "The specified subscription was not found."),
    ("ErrorSubscriptionUnsubscribed", "The subscription has been unsubscribed."),
    ("ErrorSyncFolderNotFound", "The folder to be synchronized could not be found."),
    ("ErrorTimeZone", "The time zone is unknown."),
    ("ErrorUnsupportedTypeForConversion", "The id cannot be written in that format."),
    ("ErrorCalendarCannotMoveOrCopyOccurrence", "An occurrence cannot be moved: move its series."),
    ("ErrorCalendarCannotUpdateDeletedItem", "The item lies in Deleted Items."),
    ("ErrorCalendarInvalidRecurrence", "The recurrence is invalid."),
    ("ErrorCalendarIsNotOrganizer", "Only the organizer can call the meeting off."),
    ("ErrorCannotCreateCalendarItemInNonCalendarFolder", "Calendar items go into calendar folders."),
    ("ErrorFreeBusyGenerationFailed", "The free/busy data could not be generated."),
    ("ErrorInvalidChangeKey", "The change key is invalid."),
    (
        "ErrorIrresolvableConflict",
        "The send or update operation could not be performed because the change key passed in the \
          request does not match the current change key for the item.",
    ),
    ("ErrorInvalidFreeBusyViewType", "The requested free/busy view is missing or unknown."),
    ("ErrorInvalidMergedFreeBusyInterval", "The interval of the merged view must be 5 to 1440 minutes."),
    ("ErrorInvalidRequest", "The request is not one of the schema it is written in."),
    ("ErrorInvalidTimeInterval", "The time window must end after it begins."),
    ("ErrorMailboxDataArrayEmpty", "The request asks about no mailbox."),
    ("ErrorMailboxDataArrayTooBig", "The request asks about too many mailboxes."),
    ("ErrorMailboxMoveInProgress", "Mailbox move in progress. Try again later."),
    ("ErrorMailboxStoreUnavailable", "The mailbox database is temporarily unavailable."),
    ("ErrorMailRecipientNotFound", "The e-mail address could not be resolved."),
    ("ErrorMoveCopyFailed", "The move or copy operation failed."),
    ("ErrorNameResolutionMultipleResults", "Multiple results were found."),
    ("ErrorNameResolutionNoResults", "No results were found."),
    ("ErrorNoFreeBusyAccess", "The requesting account does not have access to the free/busy data."),
    ("ErrorNonPrimarySmtpAddress", "The primary SMTP address must be specified when referencing a mailbox."),
    ("ErrorQuotaExceeded", "The mailbox is over its quota."),
    (
        "ErrorSendMeetingCancellationsRequired",
        "SendMeetingCancellations must be specified for calendar items.",
    ),
    (
        "ErrorSendMeetingInvitationsOrCancellationsRequired",
        "SendMeetingInvitationsOrCancellations must be specified for calendar items.",
    ),
    ("ErrorSendMeetingInvitationsRequired", "SendMeetingInvitations must be specified for calendar items."),
    ("ErrorTimeIntervalTooBig", "The requested time window is too big."),
    ("ErrorToFolderNotFound", "The target folder could not be found."),
    ("ErrorUnsupportedPathForQuery", "The property cannot be searched or sorted by."),
];

/// A response code, in a fault or in one response message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EwsError {
    pub(super) code: &'static str,
    values: Vec<(&'static str, String)>,
    /// What a request violates of the schema: line, column, sentence.
    violation: Option<(usize, usize, String)>,
}

impl EwsError {
    pub(super) fn of(code: &'static str) -> Self {
        Self { code, values: Vec::new(), violation: None }
    }

    /// ErrorSchemaValidation with what is wrong and where, counted from one.
    pub(super) fn violating(violation: String, line: usize, column: usize) -> Self {
        Self { violation: Some((line, column, violation)), ..Self::of("ErrorSchemaValidation") }
    }

    /// The same with a value in its `MessageXml`.
    pub(super) fn with(mut self, name: &'static str, value: String) -> Self {
        self.values.push((name, value));
        self
    }

    pub(super) fn sentence(&self) -> &'static str {
        let known = SENTENCES.iter().find(|(code, _)| *code == self.code);
        known.map_or("The request failed.", |(_, sentence)| sentence)
    }

    /// The class of a response message with it.
    pub(super) fn class(&self) -> &'static str {
        let warnings = ["ErrorBatchProcessingStopped", "ErrorNameResolutionMultipleResults"];
        if warnings.contains(&self.code) { "Warning" } else { "Error" }
    }

    /// What a response message begins with.
    pub(super) fn write_message(&self, xml: &mut Xml) {
        xml.leaf("m:MessageText", self.sentence());
        xml.leaf("m:ResponseCode", self.code);
        xml.leaf("m:DescriptiveLinkKey", "0");
        if !self.values.is_empty() {
            xml.within("m:MessageXml", |xml| self.write_values(xml));
        }
    }

    /// The values of a fault, if it has some.
    pub(super) fn write_message_xml(&self, xml: &mut Xml) {
        if !self.values.is_empty() || self.violation.is_some() {
            xml.element("t:MessageXml", &[("xmlns:t", TYPES)], |xml| {
                self.write_values(xml);
                if let Some((line, column, violation)) = &self.violation {
                    xml.value("t:LineNumber", line);
                    xml.value("t:LinePosition", column);
                    xml.leaf("t:Violation", violation);
                }
            });
        }
    }

    fn write_values(&self, xml: &mut Xml) {
        for (name, value) in &self.values {
            xml.element("t:Value", &[("Name", name)], |xml| xml.text(value));
        }
    }
}

/// The version of the schema that a request is written in ([MS-OXWSCDATA] ExchangeVersionType).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Schema {
    Exchange2007,
    Exchange2007Sp1,
    Exchange2010,
    Exchange2010Sp1,
    Exchange2010Sp2,
    Exchange2013,
    Later,
}

impl FromStr for Schema {
    type Err = EwsError;

    fn from_str(version: &str) -> Result<Self, EwsError> {
        match version {
            "Exchange2007" => Ok(Self::Exchange2007),
            "Exchange2007_SP1" => Ok(Self::Exchange2007Sp1),
            "Exchange2010" => Ok(Self::Exchange2010),
            "Exchange2010_SP1" => Ok(Self::Exchange2010Sp1),
            "Exchange2010_SP2" => Ok(Self::Exchange2010Sp2),
            "Exchange2013" => Ok(Self::Exchange2013),
            "Exchange2013_SP1" | "Exchange2015" | "Exchange2016" => Ok(Self::Later),
            dated if dated.starts_with("V20") => Ok(Self::Later),
            _ => Err(EwsError::of("ErrorInvalidServerVersion")),
        }
    }
}

/// The response messages of one operation, in the order of what was asked.
pub(super) struct Messages {
    operation: &'static str,
    xml: Xml,
}

impl Messages {
    pub(super) fn new(operation: &'static str) -> Self {
        Self { operation, xml: Xml::default() }
    }

    pub(super) fn success(&mut self, content: impl FnOnce(&mut Xml)) {
        let name = self.message();
        self.xml.element(&name, &[("ResponseClass", "Success")], |xml| {
            xml.leaf("m:ResponseCode", "NoError");
            content(xml);
        });
    }

    /// An error with what the operation's message holds besides.
    pub(super) fn error(&mut self, error: &EwsError, content: impl FnOnce(&mut Xml)) {
        let name = self.message();
        self.xml.element(&name, &[("ResponseClass", error.class())], |xml| {
            error.write_message(xml);
            content(xml);
        });
    }

    pub(super) fn finish(self) -> String {
        envelope(&format!("m:{}Response", self.operation), &self.xml.finish())
    }

    fn message(&self) -> String {
        format!("m:{}ResponseMessage", self.operation)
    }
}

/// The reply of an operation around messages already written.
fn envelope(response: &str, messages: &str) -> String {
    reply(response, &[], |xml| xml.within("m:ResponseMessages", |xml| xml.written(messages)))
}

/// The reply of an operation that has no response messages.
pub(super) fn reply(response: &str, attributes: &[(&str, &str)], content: impl FnOnce(&mut Xml)) -> String {
    let namespaces = [("xmlns:m", MESSAGES), ("xmlns:t", TYPES)];
    let attributes: Vec<_> = attributes.iter().copied().chain(namespaces).collect();
    let mut xml = Xml::document();
    xml.element("s:Envelope", &[("xmlns:s", ENVELOPE)], |xml| {
        xml.within("s:Header", |xml| {
            let version: Vec<_> = SERVER_VERSION.into_iter().chain([("xmlns:h", TYPES)]).collect();
            xml.empty("h:ServerVersionInfo", &version);
        });
        xml.within("s:Body", |xml| {
            xml.element(response, &attributes, content);
        });
    });
    xml.finish()
}

/// A SOAP fault, with status 500.
pub(super) fn fault(error: &EwsError) -> Response {
    let mut xml = Xml::document();
    xml.element("s:Envelope", &[("xmlns:s", ENVELOPE)], |xml| {
        xml.within("s:Body", |xml| xml.within("s:Fault", |xml| fault_parts(error, xml)));
    });
    Response::new(500, "text/xml; charset=utf-8", xml.finish())
}

fn fault_parts(error: &EwsError, xml: &mut Xml) {
    xml.element("faultcode", &[("xmlns:a", TYPES)], |xml| xml.text(&format!("a:{}", error.code)));
    xml.element("faultstring", &[("xml:lang", "en-US")], |xml| xml.text(error.sentence()));
    xml.within("detail", |xml| {
        xml.element("e:ResponseCode", &[("xmlns:e", ERRORS)], |xml| xml.text(error.code));
        xml.element("e:Message", &[("xmlns:e", ERRORS)], |xml| xml.text(error.sentence()));
        error.write_message_xml(xml);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_one_of_the_schema() {
        let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/xsd/messages.xsd");
        let Ok(schema) = std::fs::read_to_string(schema) else {
            println!("skipped: the schemas are not beside the repository");
            return;
        };
        for (code, _) in SENTENCES {
            assert!(schema.contains(&format!("<xs:enumeration value=\"{code}\"")), "{code}");
        }
    }
}
