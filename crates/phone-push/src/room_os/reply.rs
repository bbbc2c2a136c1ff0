//! What an endpoint answers to a command.

use crate::xml::{Element, printable};
use chrono::{DateTime, Utc};
use serde_json::Value;

/// The longest reason that is told, in characters.
const LONGEST_REASON: usize = 100;

/// Why an endpoint did not do as it was told.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It knows no such command, or none with such arguments.
    Unknown,
    /// For this reason, in its own words.
    Refused(String),
}

/// When a meeting of a list starts and, where that is told, ends.
pub(super) type Span = (DateTime<Utc>, Option<DateTime<Utc>>);

/// Whether the answer is the page on which people sign in: some firmware answers so, with status 200.
pub(super) fn is_sign_in_page(body: &[u8]) -> bool {
    let begins = String::from_utf8_lossy(body.get(..256).unwrap_or(body)).to_ascii_lowercase();
    begins.contains("<html") || begins.contains("<!doctype html")
}

/// The result of a command that was posted. An empty `Command` is what firmware answers that does not know its arguments.
pub(super) fn of_command(command: &Element) -> Result<&Element, Refusal> {
    let result = first_with_status(command).ok_or(Refusal::Unknown)?;
    match result.attribute("status") {
        Some("OK") => Ok(result),
        _ => Err(refusal(
            result.text_of("Reason").or_else(|| result.text_of("Error")),
            result.attribute("status"),
        )),
    }
}

fn first_with_status(element: &Element) -> Option<&Element> {
    element.children.iter().find_map(|child| match child.attribute("status") {
        Some(_) => Some(child),
        None => first_with_status(child),
    })
}

/// The result of a command over a WebSocket.
pub(super) fn of_response(response: &Value) -> Result<&Value, Refusal> {
    let text = |value: &Value| value.as_str().or_else(|| value.get("Value")?.as_str()).map(str::to_owned);
    if let Some(error) = response.get("error") {
        let code = error.get("code").and_then(Value::as_i64);
        let message = error.get("message").and_then(text);
        // JSON-RPC 2.0 §5.1: method not found
        return Err(if code == Some(-32601) { Refusal::Unknown } else { refusal(message.as_deref(), None) });
    }
    let result = response.get("result").ok_or(Refusal::Unknown)?;
    match result.get("status").and_then(text).as_deref() {
        None | Some("OK") => Ok(result),
        status => {
            let reason = ["Reason", "Error"].into_iter().find_map(|name| result.get(name).and_then(text));
            Err(refusal(reason.as_deref(), status))
        }
    }
}

fn refusal(reason: Option<&str>, status: Option<&str>) -> Refusal {
    let unknown = |reason: &str| reason.to_ascii_lowercase().contains("unknown command");
    match (reason, status) {
        (Some(reason), _) if unknown(reason) => Refusal::Unknown,
        (Some(reason), _) => Refusal::Refused(printable(reason, LONGEST_REASON)),
        (None, Some("ParameterError")) => Refusal::Unknown,
        (None, status) => Refusal::Refused(printable(status.unwrap_or("without a reason"), LONGEST_REASON)),
    }
}

/// The meetings of a `BookingsListResult`.
pub(super) fn spans_of_element(result: &Element) -> Vec<Span> {
    let bookings = result.children.iter().filter(|child| child.name == "Booking");
    bookings.filter_map(|booking| span(booking.text_of("StartTime"), booking.text_of("EndTime"))).collect()
}

/// The same over a WebSocket.
pub(super) fn spans_of_value(result: &Value) -> Vec<Span> {
    fn text<'a>(time: &'a Value, name: &str) -> Option<&'a str> {
        let value = time.get(name)?;
        value.as_str().or_else(|| value.get("Value")?.as_str())
    }
    let bookings = result.get("Booking").and_then(Value::as_array).into_iter().flatten();
    let times = bookings.filter_map(|booking| booking.get("Time"));
    times.filter_map(|time| span(text(time, "StartTime"), text(time, "EndTime"))).collect()
}

fn span(start: Option<&str>, end: Option<&str>) -> Option<Span> {
    let instant = |text: &str| text.parse::<DateTime<Utc>>().ok();
    Some((instant(start?)?, end.and_then(instant)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(why: &str) -> Refusal {
        Refusal::Refused(why.to_owned())
    }

    #[test]
    fn posted_commands_are_done_refused_or_unknown() {
        for (answer, expected) in [
            ("<Command><BookingsPutResult status=\"OK\"/></Command>", Ok(())),
            ("<Command/>", Err(Refusal::Unknown)),
            (
                "<Command><Result status=\"Error\"><Reason>Unknown command</Reason><XPath>/x</XPath></Result></Command>",
                Err(Refusal::Unknown),
            ),
            (
                "<Command><BookingsPutResult status=\"ParameterError\"><body/></BookingsPutResult></Command>",
                Err(Refusal::Unknown),
            ),
            (
                "<Command><BookingsPutResult status=\"Error\"><Error>Bad `body`</Error></BookingsPutResult></Command>",
                Err(refused("Bad body")),
            ),
            ("<Command><BookingsPutResult status=\"Error\"/></Command>", Err(refused("Error"))),
        ] {
            let command = Element::parse(answer.as_bytes()).unwrap();
            assert_eq!(of_command(&command).map(|_| ()), expected, "{answer}");
        }
    }

    #[test]
    fn commands_over_a_web_socket_are_done_refused_or_unknown() {
        for (answer, expected) in [
            (r#"{"id":1,"result":{"status":"OK"}}"#, Ok(())),
            (r#"{"id":1,"result":"ce9.15.17.4"}"#, Ok(())),
            (r#"{"id":1}"#, Err(Refusal::Unknown)),
            (r#"{"id":1,"error":{"code":-32601,"message":"no"}}"#, Err(Refusal::Unknown)),
            (r#"{"id":1,"error":{"code":1,"message":"Unknown command"}}"#, Err(Refusal::Unknown)),
            (
                r#"{"id":1,"error":{"code":1,"message":"Permission denied"}}"#,
                Err(refused("Permission denied")),
            ),
            (
                r#"{"id":1,"result":{"status":"ParameterError","Type":{"Value":"Invalid value"}}}"#,
                Err(Refusal::Unknown),
            ),
            (r#"{"id":1,"result":{"status":"Error","Error":{"Value":"No key"}}}"#, Err(refused("No key"))),
        ] {
            let response: Value = serde_json::from_str(answer).unwrap();
            assert_eq!(of_response(&response).map(|_| ()), expected, "{answer}");
        }
    }

    #[test]
    fn pages_on_which_people_sign_in_are_told_from_answers() {
        for (body, is) in
            [("<!DOCTYPE html><html>", true), ("\n<HTML lang=en>", true), ("<Command/>", false), ("", false)]
        {
            assert_eq!(is_sign_in_page(body.as_bytes()), is, "{body}");
        }
    }
}
