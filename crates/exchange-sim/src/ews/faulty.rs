//! What a client receives when a fault strikes its call.

use chrono::{DateTime, SecondsFormat};

use super::dialect::edited;
use super::refusal::{self, busy};
use super::soap::{self, EwsError, Messages};
use crate::dice::Dice;
use crate::fault::{STORM, page};
use crate::{Fault, Request, Response, World};

/// Ids of zones that say nothing, or not to everybody.
const STRANGE_ZONES: [&str; 7] = [
    "Customized Time Zone",
    "tzone://Microsoft/Utc",
    "",
    "Mitteleuropäische Zeit",
    "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna",
    "Europe/Copenhagen",
    "Mid-Atlantic Standard Time",
];
/// What texts of an item begin with, and a character that XML does not allow there.
const ILLEGAL: [(&str, &str); 8] = [
    ("<t:Subject>", "&#x1A;"),
    ("<t:Body BodyType=\"Text\">", "&#x0;"),
    ("<t:Body BodyType=\"HTML\">", "&#x0;"),
    ("<t:TextBody BodyType=\"Text\">", "\u{c}"),
    ("<t:Location>", "&#xB;"),
    ("<t:DisplayName>", "&#xB;"),
    ("<t:Name>", "&#x1F;"),
    ("<t:String>", "&#xFFFE;"),
];
const UNKNOWN_ELEMENT: &str = "<t:FutureProperty Kind=\"New\"><t:Inner>1</t:Inner></t:FutureProperty>";

/// The reply that comes instead of any answer.
pub(super) fn instead(world: &World, fault: Fault, request: &Request, operation: &str) -> Option<Response> {
    if let Some(page) = page::instead(world, fault, request) {
        return Some(page);
    }
    Some(match fault {
        Fault::GenericErrorPage => Response::empty(302)
            .header("Location", "/ews/genericerrorpage.htm?aspxerrorpath=/EWS/Exchange.asmx"),
        Fault::EwsDisabled => Response::empty(403),
        Fault::ServerBusy => soap::fault(&busy("2000")),
        Fault::AbsurdBackOff => soap::fault(&busy("2147483647")),
        Fault::LocalizedFault | Fault::UnprefixedFault | Fault::PaddedFault => {
            reworded(fault, &soap::fault(&EwsError::of("ErrorMailboxStoreUnavailable")))
        }
        Fault::ConnectionCountExceeded => soap::fault(&refusal::too_many_connections()),
        Fault::InnerServerBusy => {
            let inner = EwsError::of("ErrorInternalServerError")
                .with("InnerErrorMessageText", "The server cannot service this request right now.".to_owned())
                .with("InnerErrorResponseCode", "ErrorServerBusy".to_owned());
            failed(operation, &inner)?
        }
        Fault::TooManyObjectsOpened => failed(operation, &EwsError::of("ErrorTooManyObjectsOpened"))?,
        Fault::FindCountExceeded => failed(operation, &EwsError::of("ErrorExceededFindCountLimit"))?,
        Fault::SubscriptionsExhausted => failed(operation, &EwsError::of("ErrorExceededSubscriptionCount"))?,
        Fault::SubscriptionExpired => failed(operation, &EwsError::of("ErrorExpiredSubscription"))?,
        Fault::InvalidWatermark => failed(operation, &EwsError::of("ErrorInvalidWatermark"))?,
        _ => soap::fault(&EwsError::of(whole(fault)?)),
    })
}

/// The code of a fault that fails the whole request.
fn whole(fault: Fault) -> Option<&'static str> {
    Some(match fault {
        Fault::InternalServerError | Fault::BatchFailed => "ErrorInternalServerError",
        Fault::TransientError => "ErrorInternalServerTransientError",
        Fault::MailboxMoving => "ErrorMailboxMoveInProgress",
        Fault::StoreUnavailable => "ErrorMailboxStoreUnavailable",
        Fault::NoRespondingServer | Fault::AnchorMissing => "ErrorNoRespondingCASInDestinationSite",
        Fault::InvalidServerVersion => "ErrorInvalidServerVersion",
        Fault::ImpersonationDenied => "ErrorImpersonateUserDenied",
        _ => return None,
    })
}

/// The code that a fault gives to the first item of a batch.
pub(super) fn first_item(fault: Fault) -> Option<&'static str> {
    Some(match fault {
        Fault::ItemNotFound => "ErrorItemNotFound",
        Fault::ItemCorrupt => "ErrorCorruptData",
        Fault::RecurrenceEmpty => "ErrorRecurrenceHasNoOccurrence",
        _ => return None,
    })
}

/// A reply of an operation whose one message is an error.
fn failed(operation: &str, error: &EwsError) -> Option<Response> {
    let text = refusal::messages(operation, error, 1)?;
    Some(Response::new(200, "text/xml; charset=utf-8", text))
}

/// A SOAP fault in another form.
fn reworded(fault: Fault, response: &Response) -> Response {
    const SENTENCE: &str = "The mailbox database is temporarily unavailable.";
    let text = response.text();
    let text = match fault {
        Fault::LocalizedFault => text
            .replace("en-US", "de-DE")
            .replace(SENTENCE, "Die Postfachdatenbank ist vorübergehend nicht verfügbar."),
        Fault::UnprefixedFault => text
            .replace("<e:", "<")
            .replace("</e:", "</")
            .replace("xmlns:e=", "xmlns=")
            .replace("a:ErrorMailboxStoreUnavailable", "s:Client"),
        _ => text
            .replace("ErrorMailboxStoreUnavailable</", "ErrorMailboxStoreUnavailable\n            </")
            .replace(">ErrorMailboxStoreUnavailable", ">\n            ErrorMailboxStoreUnavailable")
            .replace(SENTENCE, &format!("\n            {SENTENCE}\n        ")),
    };
    Response { body: text.into_bytes(), ..response.clone() }
}

/// The answer as a fault leaves it.
pub(super) fn distorted(fault: Fault, dice: &mut Dice, mut response: Response) -> Response {
    match fault {
        Fault::OtherOperation => {
            let mut other = Messages::new("ResolveNames");
            other.error(&EwsError::of("ErrorAccessDenied"), |_| {});
            return Response::new(200, "text/xml; charset=utf-8", other.finish());
        }
        Fault::ControlCharacters
        | Fault::UnknownElements
        | Fault::ShiftedOriginalStart
        | Fault::OtherPrefixes
        | Fault::EventStorm => response.body = rewritten(fault, response.text()).into_bytes(),
        Fault::CustomTimeZone => {
            response.body = in_zone("tzone://Microsoft/Custom", response.text()).into_bytes();
        }
        Fault::StrangeTimeZone => {
            let zone = dice.pick(&STRANGE_ZONES).copied().unwrap_or_default();
            response.body = in_zone(zone, response.text()).into_bytes();
        }
        _ => return page::arriving(fault, response),
    }
    response
}

/// The text of an answer as a fault leaves it: well-formed but for characters, and true but for the event storm.
fn rewritten(fault: Fault, mut text: String) -> String {
    match fault {
        Fault::ControlCharacters => {
            for (before, character) in ILLEGAL {
                text = text.replace(before, &format!("{before}{character}"));
            }
            text
        }
        Fault::UnknownElements => {
            text.replace("</t:CalendarItem>", &format!("{UNKNOWN_ELEMENT}</t:CalendarItem>"))
        }
        Fault::ShiftedOriginalStart => edited(&text, "t:ModifiedOccurrences", |occurrences| {
            edited(occurrences, "t:OriginalStart", an_hour_later)
        }),
        Fault::OtherPrefixes => {
            for (usual, other) in [("s", "soap11"), ("m", "ns1"), ("t", "ns2")] {
                for (before, after) in [("<", ":"), ("</", ":"), ("xmlns:", "=")] {
                    text =
                        text.replace(&format!("{before}{usual}{after}"), &format!("{before}{other}{after}"));
                }
            }
            text
        }
        _ => {
            for name in ["t:CreatedEvent", "t:ModifiedEvent", "t:MovedEvent", "t:DeletedEvent"] {
                text = edited(&text, name, |event| event.repeat(STORM));
            }
            text
        }
    }
}

/// The text with every zone of an item by another id.
fn in_zone(id: &str, mut text: String) -> String {
    for name in ["t:StartTimeZone", "t:EndTimeZone"] {
        let zone = format!("<{name} Name=\"{id}\" Id=\"{id}\"/>");
        text = edited(&text, name, |_| zone.clone());
    }
    text
}

/// An element that holds an instant, an hour later.
fn an_hour_later(element: &str) -> String {
    let instant = element.split(['>', '<']).nth(2).unwrap_or_default();
    match DateTime::parse_from_rfc3339(instant) {
        Err(_) => element.to_owned(),
        Ok(read) => {
            let later = read + chrono::Duration::hours(1);
            element.replace(instant, &later.to_rfc3339_opts(SecondsFormat::Secs, true))
        }
    }
}
