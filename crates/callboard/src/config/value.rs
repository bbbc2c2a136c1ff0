//! What a text must be to mean something: each function takes it, or says what was expected and found.

use crate::closest::did_you_mean;
use chrono::{DateTime, Utc};
use exchange_wire::autodiscover;
use humantime_serde::re::humantime::parse_duration;
use std::{ops::RangeInclusive, time::Duration};
use subscriber::{Fingerprint, tls::certificate::NoFingerprint};
use url::{Host, ParseError, Url};

/// Anything but nothing.
pub(super) fn filled(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        Err("expected a text, found an empty one".into())
    } else {
        Ok(text.to_owned())
    }
}

/// One word of a closed vocabulary.
pub(super) fn one_of<'a, T: Copy>(words: &'a [(&'a str, T)]) -> impl Fn(&str) -> Result<T, String> + 'a {
    move |text| {
        let found = words.iter().find(|(word, _)| *word == text);
        found.map(|(_, value)| *value).ok_or_else(|| not_among(text, words.iter().map(|(word, _)| *word)))
    }
}

/// Says what was expected instead.
pub(super) fn not_among<'a>(text: &str, words: impl Iterator<Item = &'a str> + Clone) -> String {
    let hint = did_you_mean(text, words.clone());
    let quoted: Vec<_> = words.map(|word| format!("`{word}`")).collect();
    let known = match quoted.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} or {last}", before.join(", ")),
        _ => quoted.concat(),
    };
    format!("expected {known}, found `{text}`{hint}")
}

/// A span of time, as `15s` or `1h 30m`.
pub(super) fn span(range: RangeInclusive<Duration>) -> impl Fn(&str) -> Result<Duration, String> {
    move |text| {
        parse_duration(text).ok().filter(|span| range.contains(span)).ok_or_else(|| {
            let (least, most) = (said(*range.start()), said(*range.end()));
            format!("expected a span of time from `{least}` to `{most}`, found `{text}`")
        })
    }
}

/// In the largest unit that fits: `365d`, where others count months.
fn said(span: Duration) -> String {
    let seconds = span.as_secs();
    let units = [(86400, "d"), (3600, "h"), (60, "m")];
    let fitting = units.iter().find(|(unit, _)| seconds.is_multiple_of(*unit));
    fitting.map_or_else(|| format!("{seconds}s"), |(unit, letter)| format!("{}{letter}", seconds / unit))
}

/// An instant (RFC 3339).
pub(super) fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    match DateTime::parse_from_rfc3339(text) {
        Ok(instant) => Ok(instant.to_utc()),
        Err(_) => Err(format!("expected an instant such as `2026-01-31T09:00:00+01:00`, found `{text}`")),
    }
}

/// A room's id: what URLs, logs and file names can hold without quoting.
pub(super) fn room_id(text: &str) -> Result<String, String> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
    if (1..=64).contains(&text.len()) && text.chars().all(allowed) {
        return Ok(text.to_owned());
    }
    Err(format!("expected 1 to 64 of the characters `a-z`, `0-9`, `.`, `_` and `-`, found `{text}`"))
}

/// An SMTP address.
pub(super) fn mailbox(text: &str) -> Result<String, String> {
    match text.split_once('@') {
        Some((local, domain))
            if !local.is_empty()
                && !domain.is_empty()
                && !domain.contains('@')
                && !text.contains(|c: char| c.is_whitespace() || c.is_control()) =>
        {
            Ok(text.to_owned())
        }
        _ => Err(format!("expected an address such as `boardroom@example.com`, found `{text}`")),
    }
}

/// A domain that can be somebody's own, which none at the top is.
pub(super) fn domain(text: &str) -> Result<String, String> {
    match autodiscover::own_domain(text) {
        Some(domain) => Ok(domain),
        None => Err(format!("expected a domain such as `example.mail.onmicrosoft.com`, found `{text}`")),
    }
}

/// The name or address of a host, with a port or without.
pub(super) fn host_and_port(text: &str) -> Result<String, String> {
    let name = match text.rsplit_once(':') {
        Some((name, port)) if port.parse::<u16>().is_ok() => name,
        _ => text,
    };
    if Host::parse(name).is_ok_and(|host| !host.to_string().is_empty()) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "expected a host such as `dc1.corp.example.com` or `dc1.corp.example.com:88`, found `{text}`"
    ))
}

/// A tenant of Microsoft Entra: its id, or one of its domains.
pub(super) fn tenant(text: &str) -> Result<String, String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".-".contains(c);
    if !text.is_empty() && text.chars().all(allowed) {
        return Ok(text.to_owned());
    }
    Err(format!("expected a tenant's id or domain such as `example.onmicrosoft.com`, found `{text}`"))
}

/// A certificate's fingerprint.
pub(super) fn fingerprint(text: &str) -> Result<Fingerprint, String> {
    text.parse().map_err(|error: NoFingerprint| format!("{error}, found `{text}`"))
}

/// A URL over which something can be asked: `http` or `https`, a host, and no name or password.
pub(super) fn web_url(text: &str) -> Result<Url, String> {
    let wrong =
        |found: String| Err(format!("expected a URL such as `https://host.example.com/path`, found {found}"));
    let url = match Url::parse(text) {
        Ok(url) => url,
        Err(ParseError::RelativeUrlWithoutBase) => return wrong(format!("no scheme in `{text}`")),
        Err(error) => return wrong(format!("`{text}`: {error}")),
    };
    if !matches!(url.scheme(), "http" | "https") {
        return wrong(format!("the scheme `{}`", url.scheme()));
    }
    if url.host().is_none() {
        return wrong(format!("no host in `{text}`"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return wrong("a name or password in it: give them as `username` and `password_file`".into());
    }
    Ok(url)
}

/// Whether a URL leads to this very machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether a URL names every address at once, which nobody can call.
pub(super) fn is_unspecified(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_unspecified(),
        Some(Host::Ipv6(address)) => address.is_unspecified(),
        Some(Host::Domain(_)) | None => false,
    }
}
