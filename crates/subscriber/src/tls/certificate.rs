//! What a certificate says.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use std::{fmt, net::IpAddr, str::FromStr};
use x509_parser::{extensions::GeneralName, prelude::FromDer, x509::X509Name};

/// How many days before a certificate expires people want to be told, the last first.
const REMINDERS: [i64; 3] = [3, 14, 30];

/// How many names are told.
const SHOWN: usize = 10;

/// What a certificate says (RFC 5280 §4.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFacts {
    /// Since when it is in force.
    pub not_before: DateTime<Utc>,
    /// Until when it is in force.
    pub not_after: DateTime<Utc>,
    /// The host names and addresses it is for.
    pub names: Vec<String>,
    /// Who issued it.
    pub issuer: String,
    /// Whether it was issued in its own name: nobody else vouches for it.
    pub is_self_signed: bool,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
}

impl CertificateFacts {
    /// Reads a certificate in DER.
    pub(crate) fn read(der: &[u8]) -> Option<Self> {
        let (_, certificate) = x509_parser::certificate::X509Certificate::from_der(der).ok()?;
        let alternative = certificate.subject_alternative_name().ok().flatten();
        let names = alternative.iter().flat_map(|extension| &extension.value.general_names);
        let instant = |seconds| DateTime::from_timestamp(seconds, 0);
        Some(Self {
            not_before: instant(certificate.validity().not_before.timestamp())?,
            not_after: instant(certificate.validity().not_after.timestamp())?,
            names: names.filter_map(name).collect(),
            issuer: said(certificate.issuer()),
            is_self_signed: certificate.issuer() == certificate.subject(),
            fingerprint: Fingerprint::of(der),
        })
    }

    /// The reminder that is due of a certificate that expires soon or has: 30, 14 or 3, in days before it does.
    pub fn reminder(&self, now: DateTime<Utc>) -> Option<i64> {
        let left = self.not_after - now;
        REMINDERS.into_iter().find(|days| left <= chrono::Duration::days(*days))
    }
}

impl fmt::Display for CertificateFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (shown, more) = self.names.split_at(self.names.len().min(SHOWN));
        let names = match (shown, more.len()) {
            ([], _) => "no name".into(),
            (_, 0) => format!("`{}`", shown.join("`, `")),
            (_, more) => format!("`{}` and {more} more", shown.join("`, `")),
        };
        let (since, until) = (day(self.not_before), day(self.not_after));
        write!(f, "for {names}, issued by `{}`, in force from {since} to {until}", self.issuer)
    }
}

/// An instant, to the minute.
pub(crate) fn day(instant: DateTime<Utc>) -> impl fmt::Display {
    instant.format("%Y-%m-%d %H:%M UTC")
}

fn name(general: &GeneralName<'_>) -> Option<String> {
    match general {
        GeneralName::DNSName(name) => Some(printable(name)),
        GeneralName::IPAddress(bytes) => {
            let v4 = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
            let v6 = <[u8; 16]>::try_from(*bytes).map(IpAddr::from);
            v4.or(v6).ok().map(|address| address.to_string())
        }
        _ => None,
    }
}

/// Its common name, or all of it where it has none.
fn said(name: &X509Name<'_>) -> String {
    let common = name.iter_common_name().next().and_then(|common| common.as_str().ok());
    printable(&common.map_or_else(|| name.to_string(), str::to_owned))
}

/// A text of somebody who is not trusted yet, as it can stand in a sentence.
fn printable(text: &str) -> String {
    text.chars().take(256).map(|c| if c.is_control() || c == '`' { '?' } else { c }).collect()
}

/// The SHA-256 of a certificate's DER, as `sha256:0f…`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The fingerprint of a certificate in DER.
    pub fn of(der: &[u8]) -> Self {
        Self(Sha256::digest(der).into())
    }

    /// Its 32 bytes.
    pub fn bytes(self) -> [u8; 32] {
        self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", hex::encode(self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text is no fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a SHA-256 fingerprint, 64 hexadecimal digits with or without colons")]
pub struct NoFingerprint;

impl FromStr for Fingerprint {
    type Err = NoFingerprint;

    /// Takes it as tools print it: digits in either case, with colons or spaces between the bytes or without, and before
    /// them nothing, `sha256:`, or `sha256 Fingerprint=` (`openssl x509 -fingerprint -sha256`).
    fn from_str(text: &str) -> Result<Self, NoFingerprint> {
        let text = text.to_ascii_lowercase();
        let text = text.trim_start().strip_prefix("sha256").unwrap_or(&text).trim_start();
        let text = text.strip_prefix("fingerprint").unwrap_or(text).trim_start_matches(['=', ':', ' ']);
        let digits = text.replace([':', ' '], "");
        let mut bytes = [0; 32];
        match hex::decode_to_slice(digits, &mut bytes) {
            Ok(()) => Ok(Self(bytes)),
            Err(_) => Err(NoFingerprint),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    fn facts() -> CertificateFacts {
        let mut params = CertificateParams::new(["mail.example.com".into(), "10.0.0.9".into()]).unwrap();
        params.not_before = date_time_ymd(2026, 1, 1);
        params.not_after = date_time_ymd(2027, 1, 31);
        let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        CertificateFacts::read(certificate.der()).unwrap()
    }

    #[test]
    fn a_certificate_is_told_by_its_names_issuer_and_dates() {
        let told = facts().to_string();
        let expected = "for `mail.example.com`, `10.0.0.9`, issued by `rcgen self signed cert`, \
                        in force from 2026-01-01 00:00 UTC to 2027-01-31 00:00 UTC";
        assert_eq!(told, expected);
        assert_eq!(CertificateFacts::read(b"hello"), None);
        let many = CertificateFacts { names: (0..12).map(|n| format!("h{n}")).collect(), ..facts() };
        assert!(many.to_string().starts_with("for `h0`, `h1`"), "{many}");
        assert!(many.to_string().contains("`h9` and 2 more, issued by"), "{many}");
    }

    #[test]
    fn what_somebody_wrote_into_a_certificate_stays_within_its_quotes() {
        assert_eq!(printable("a\n`b`\u{1b}"), "a??b??");
        assert_eq!(printable(&"x".repeat(1000)).len(), 256);
    }

    #[test]
    fn people_are_reminded_thirty_fourteen_and_three_days_before() {
        let facts = facts();
        for (now, reminder) in [
            ("2026-12-31T00:00:00Z", None),
            ("2027-01-01T00:00:00Z", Some(30)),
            ("2027-01-16T23:59:59Z", Some(30)),
            ("2027-01-17T00:00:00Z", Some(14)),
            ("2027-01-28T00:00:00Z", Some(3)),
            ("2027-02-28T00:00:00Z", Some(3)),
        ] {
            assert_eq!(facts.reminder(now.parse().unwrap()), reminder, "{now}");
        }
    }

    #[test]
    fn a_fingerprint_is_read_as_tools_print_it() {
        let fingerprint = facts().fingerprint;
        let printed = fingerprint.to_string();
        let digits = printed.strip_prefix("sha256:").unwrap().to_uppercase();
        let pairs: Vec<_> =
            digits.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap()).collect();
        let (colons, spaces) = (pairs.join(":"), pairs.join(" "));
        for text in [
            printed.clone(),
            format!("sha256:{colons}"),
            format!("SHA256 Fingerprint={colons}"),
            format!("sha256 Fingerprint = {colons}"),
            format!(" {spaces} "),
            colons.to_lowercase(),
            digits.clone(),
        ] {
            assert_eq!(text.parse(), Ok(fingerprint), "{text}");
        }
        let sha1 = format!("SHA1 Fingerprint={}", pairs[..20].join(":"));
        for text in ["", "sha256:00", &sha1, &format!("sha1:{digits}"), &format!("{printed}0")] {
            assert_eq!(text.parse::<Fingerprint>(), Err(NoFingerprint), "{text}");
        }
    }
}
