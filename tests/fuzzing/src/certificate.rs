//! Whatever a server may show as its certificate, and whatever may be in a file of authorities.

use crate::said::fits_a_log;
use chrono::{DateTime, TimeDelta};
use subscriber::{CertificateFacts, Fingerprint, reply};

pub(crate) fn file(bytes: &[u8]) {
    let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
    if let Some(facts) = reply::of_certificate(bytes) {
        told(&facts);
        let _ = facts.reminder(now);
    }
    let binding = reply::of_shown(bytes);
    assert!(binding.starts_with(b"tls-server-end-point:") && binding.len() > 32 + 20, "bound to nothing");
    match reply::of_authorities(bytes, now) {
        Ok(usable) => assert!(usable > 0, "none of them can be used, and nobody is told"),
        Err(error) => is_one_line(&error.to_string()),
    }
    let printed = String::from_utf8_lossy(bytes);
    if let Ok(fingerprint) = printed.parse::<Fingerprint>() {
        assert_eq!(fingerprint.to_string().parse(), Ok(fingerprint));
    }
}

/// Its names are in sentences that people read in terminals: there are ten at most.
fn told(facts: &CertificateFacts) {
    is_one_line(&facts.to_string());
    is_one_line(&format!("{:?}", facts.fingerprint));
    facts.names.iter().for_each(|name| fits_a_log(name));
    fits_a_log(&facts.issuer);
}

fn is_one_line(said: &str) {
    assert!(
        !said.contains(char::is_control) && said.chars().count() < 4_000,
        "it does not fit a log: {said:?}"
    );
}
