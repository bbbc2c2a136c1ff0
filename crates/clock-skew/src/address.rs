//! Where an NTP server is.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

/// The port of NTP (RFC 5905 §7.2).
const PORT: u16 = 123;

/// A name or an address, with a port or without: `ntp1.example.com`, `192.0.2.1:1123`, `2001:db8::1`, `[2001:db8::1]:1123`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NtpAddress {
    host: String,
    port: u16,
}

/// A text that is no [`NtpAddress`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a server such as `ntp1.example.com`, `192.0.2.1` or `[2001:db8::1]:123`, found `{0}`")]
pub struct NoNtpAddress(String);

impl NtpAddress {
    /// The name or the address, without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl From<SocketAddr> for NtpAddress {
    fn from(address: SocketAddr) -> Self {
        Self { host: address.ip().to_string(), port: address.port() }
    }
}

impl FromStr for NtpAddress {
    type Err = NoNtpAddress;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bracketed = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        if let Ok(address) = bracketed.unwrap_or(text).parse::<IpAddr>() {
            return Ok(Self { host: address.to_string(), port: PORT });
        }
        if let Ok(address) = text.parse::<SocketAddr>().map(Self::from) {
            return if address.port == 0 { Err(NoNtpAddress(text.to_owned())) } else { Ok(address) };
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().ok().filter(|port| *port > 0)),
            None => (text, Some(PORT)),
        };
        match port {
            Some(port) if is_name(host) => Ok(Self { host: host.to_owned(), port }),
            _ => Err(NoNtpAddress(text.to_owned())),
        }
    }
}

/// Whether it is a host name (RFC 1123 §2.1). A name of numbers alone is an address that was mistyped.
fn is_name(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let name = text.strip_suffix('.').unwrap_or(text);
    let last = name.rsplit('.').next().unwrap_or_default();
    name.len() <= 253 && name.split('.').all(is_label) && !last.chars().all(|c| c.is_ascii_digit())
}

/// As it would be typed; the port only where it is not the usual one.
impl fmt::Display for NtpAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.port, self.host.contains(':')) {
            (PORT, _) => f.write_str(&self.host),
            (port, true) => write!(f, "[{}]:{port}", self.host),
            (port, false) => write!(f, "{}:{port}", self.host),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_with_and_without_a_port() {
        let table = [
            ("ntp1.example.com", Some(("ntp1.example.com", 123))),
            ("ntp1.example.com:1123", Some(("ntp1.example.com", 1123))),
            ("dc_1.corp.", Some(("dc_1.corp.", 123))),
            ("192.0.2.1", Some(("192.0.2.1", 123))),
            ("192.0.2.1:11123", Some(("192.0.2.1", 11123))),
            ("2001:db8::1", Some(("2001:db8::1", 123))),
            ("[2001:db8::1]", Some(("2001:db8::1", 123))),
            ("[2001:db8::1]:1123", Some(("2001:db8::1", 1123))),
            ("", None),
            ("ntp1 example", None),
            ("ntp1:", None),
            ("ntp1:0", None),
            ("192.0.2.1:0", None),
            ("ntp1:65536", None),
            ("192.0.2.256", None),
            ("http://ntp1", None),
            ("-ntp", None),
            ("[::1]:x", None),
        ];
        for (text, expected) in table {
            let found = text.parse::<NtpAddress>().ok();
            let parts = found.as_ref().map(|address| (address.host(), address.port()));
            assert_eq!(parts, expected, "{text}");
        }
    }

    #[test]
    fn what_is_shown_can_be_typed() {
        for text in ["ntp1.example.com", "192.0.2.1:11123", "2001:db8::1", "[2001:db8::1]:1123"] {
            let address: NtpAddress = text.parse().unwrap();
            assert_eq!(address.to_string(), text);
        }
        assert_eq!("[2001:DB8::1]:123".parse::<NtpAddress>().unwrap().to_string(), "2001:db8::1");
    }
}
