//! What every reply and every sentence is held to.

use exchange_wire::{Error, Reply};

/// What the last byte of an input stands for; any other byte is 200, so that a fixture is a reply as it is.
const STATUSES: [u16; 10] = [207, 301, 302, 400, 401, 413, 429, 440, 500, 503];

/// Headers that are read.
const HEADERS: [&str; 7] = [
    "Retry-After",
    "Location",
    "WWW-Authenticate",
    "Date",
    "Subscription-id",
    "Subscription-lifetime",
    "Content-Location",
];

/// Makes a reply of arbitrary bytes: the last says its status, what stands before a zero byte is the headers' value, the rest
/// is the body.
pub(crate) fn with_reply(bytes: &[u8], otherwise: u16, hear: impl FnOnce(&Reply<'_>)) {
    let Some((&choice, rest)) = bytes.split_last() else { return };
    let status = STATUSES.get(usize::from(choice)).copied().unwrap_or(otherwise);
    let (value, body) = match rest.iter().position(|&byte| byte == 0) {
        Some(at) => (&rest[..at], &rest[at + 1..]),
        None => (&[][..], rest),
    };
    let value = String::from_utf8_lossy(value).into_owned();
    let headers = HEADERS.map(|name| (name.to_owned(), value.clone()));
    hear(&Reply { status, headers: &headers, body });
}

/// An error says what is wrong in one line that fits a log, and what to do.
pub(crate) fn is_sentence(error: &Error) {
    fits_a_log(&error.to_string());
    let _ = (error.remedy(), error.back_off());
}

/// One line that fits a log.
pub(crate) fn fits_a_log(said: &str) {
    assert!(!said.contains('\n') && said.len() < 2_000, "a sentence that does not fit a log: {said}");
}
