//! The server's side of NTLM ([MS-NLMP]): version 2 responses, integrity codes and channel bindings.

use chrono::{DateTime, Utc};

use super::keys::{hmac_md5, md5, ntowfv2, rc4, utf16};

const SIGNATURE: &[u8; 8] = b"NTLMSSP\0";

/// What both sides can do ([MS-NLMP] 2.2.2.5).
mod flag {
    pub(super) const UNICODE: u32 = 0x0000_0001;
    pub(super) const OEM: u32 = 0x0000_0002;
    pub(super) const REQUEST_TARGET: u32 = 0x0000_0004;
    pub(super) const SIGN: u32 = 0x0000_0010;
    pub(super) const NTLM: u32 = 0x0000_0200;
    pub(super) const ALWAYS_SIGN: u32 = 0x0000_8000;
    pub(super) const TARGET_TYPE_DOMAIN: u32 = 0x0001_0000;
    pub(super) const EXTENDED_SESSION_SECURITY: u32 = 0x0008_0000;
    pub(super) const TARGET_INFO: u32 = 0x0080_0000;
    pub(super) const VERSION: u32 = 0x0200_0000;
    pub(super) const KEY_128: u32 = 0x2000_0000;
    pub(super) const KEY_EXCHANGE: u32 = 0x4000_0000;
    pub(super) const KEY_56: u32 = 0x8000_0000;
}

/// Attributes in the target information ([MS-NLMP] 2.2.2.1).
mod attribute {
    pub(super) const END: u16 = 0;
    pub(super) const COMPUTER: u16 = 1;
    pub(super) const DOMAIN: u16 = 2;
    pub(super) const DNS_COMPUTER: u16 = 3;
    pub(super) const DNS_DOMAIN: u16 = 4;
    pub(super) const FLAGS: u16 = 6;
    pub(super) const TIMESTAMP: u16 = 7;
    pub(super) const CHANNEL_BINDINGS: u16 = 10;
}

/// In [`attribute::FLAGS`]: the client's last message carries an integrity code.
const WITH_INTEGRITY_CODE: u32 = 2;
/// Windows Server 2019, NTLM revision 15 ([MS-NLMP] 2.2.2.10).
const VERSION: [u8; 8] = [10, 0, 0x63, 0x45, 0, 0, 0, 15];
/// Where the client's last message keeps its integrity code.
const INTEGRITY_CODE: std::ops::Range<usize> = 72..88;
/// Seconds from 1601, where Windows begins to count, to 1970.
const FROM_1601: i64 = 11_644_473_600;

/// Whether a token is a message of NTLM by itself.
pub(super) fn is_message(token: &[u8]) -> bool {
    token.starts_with(SIGNATURE)
}

/// Whether a client must prove that it sees the server's own certificate (`ExtendedProtectionTokenCheck`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChannelBinding {
    /// It is not looked at.
    #[default]
    None,
    /// A client that binds must bind to the right certificate.
    Allow,
    /// Every client must.
    Require,
}

/// A handshake of which the client's last message is awaited.
#[derive(Debug, Clone)]
pub(super) struct Challenge {
    negotiate: Vec<u8>,
    message: Vec<u8>,
    nonce: [u8; 8],
}

/// The key that both sides share once the client has signed in.
#[derive(Debug, Clone)]
pub(super) struct Session {
    key: [u8; 16],
    exchanges_keys: bool,
}

impl Challenge {
    /// Answers a client's first message; nothing when it is none.
    pub(super) fn to(negotiate: &[u8], nonce: [u8; 8], now: DateTime<Utc>) -> Option<Self> {
        let first = negotiate.get(..12)? == [SIGNATURE.as_slice(), &1u32.to_le_bytes()].concat();
        if !first {
            return None;
        }
        let asked = u32::from_le_bytes(*negotiate.get(12..)?.first_chunk()?);
        let (letters, name) = character_set(asked, "EXCHANGE")?;
        let always = letters
            | flag::REQUEST_TARGET
            | flag::NTLM
            | flag::ALWAYS_SIGN
            | flag::TARGET_TYPE_DOMAIN
            | flag::EXTENDED_SESSION_SECURITY
            | flag::TARGET_INFO
            | flag::VERSION;
        let both = asked & (flag::SIGN | flag::KEY_128 | flag::KEY_EXCHANGE | flag::KEY_56);
        let information = target_information(now);
        let mut message = Vec::new();
        message.extend_from_slice(SIGNATURE);
        message.extend_from_slice(&2u32.to_le_bytes());
        message.extend_from_slice(&place(name.len(), 56));
        message.extend_from_slice(&(always | both).to_le_bytes());
        message.extend_from_slice(&nonce);
        message.extend_from_slice(&[0; 8]);
        message.extend_from_slice(&place(information.len(), 56 + name.len()));
        message.extend_from_slice(&VERSION);
        message.extend_from_slice(&name);
        message.extend_from_slice(&information);
        Some(Self { negotiate: negotiate.to_vec(), message, nonce })
    }

    pub(super) fn message(&self) -> &[u8] {
        &self.message
    }

    /// Judges the client's last message by the password of whom it claims to be ([MS-NLMP] 3.2.5.1.2);
    /// `end_point` is what a binding must be to, where the connection has TLS.
    pub(super) fn judge(
        &self,
        message: &[u8],
        password: &str,
        binding: ChannelBinding,
        end_point: Option<&[u8]>,
    ) -> Option<Session> {
        let last = message.get(..12)? == [SIGNATURE.as_slice(), &3u32.to_le_bytes()].concat();
        let response = field(message, 20)?;
        let flags = u32::from_le_bytes(*message.get(60..)?.first_chunk()?);
        let (proof, blob) = response.split_first_chunk::<16>()?;
        let (user, domain) = claimed(message)?;
        let hash = ntowfv2(&user, &domain, password);
        let right = hmac_md5(&hash, &[&self.nonce, blob]) == *proof;
        // A response of version 1 is 24 bytes long and has no blob of this shape.
        if !last || !right || !blob.starts_with(&[1, 1]) {
            return None;
        }
        let base = hmac_md5(&hash, &[proof]);
        let exchanges_keys = flags & flag::KEY_EXCHANGE != 0;
        let key = if exchanges_keys { rc4(&base, field(message, 52)?).try_into().ok()? } else { base };
        let attributes = attributes(blob.get(28..)?)?;
        let of = |id| attributes.iter().find(|(known, _)| *known == id).map(|(_, value)| *value);
        let promised = of(attribute::FLAGS).and_then(|value| value.first_chunk()).copied();
        if u32::from_le_bytes(promised.unwrap_or_default()) & WITH_INTEGRITY_CODE != 0 {
            let mut zeroed = message.to_vec();
            zeroed.get_mut(INTEGRITY_CODE)?.fill(0);
            let code = hmac_md5(&key, &[&self.negotiate, &self.message, &zeroed]);
            (message.get(INTEGRITY_CODE)? == code).then_some(())?;
        }
        let bound = of(attribute::CHANNEL_BINDINGS).filter(|value| value.iter().any(|byte| *byte != 0));
        let expected = end_point.map(channel_binding);
        let matches = match (binding, bound) {
            (ChannelBinding::None, _) | (ChannelBinding::Allow, None) => true,
            (ChannelBinding::Require, None) => false,
            (_, Some(bound)) => expected.is_some_and(|expected| bound == expected),
        };
        matches.then_some(Session { key, exchanges_keys })
    }
}

impl Session {
    /// The signature that the client gives to a message, the first of its kind ([MS-NLMP] 3.4.4.2).
    pub(super) fn clients_signature(&self, message: &[u8]) -> Vec<u8> {
        self.signature("client-to-server", message)
    }

    /// The same as the server gives it.
    pub(super) fn servers_signature(&self, message: &[u8]) -> Vec<u8> {
        self.signature("server-to-client", message)
    }

    fn signature(&self, direction: &str, message: &[u8]) -> Vec<u8> {
        let key = |what: &str| {
            md5(&[&self.key, format!("session key to {direction} {what} key magic constant\0").as_bytes()])
        };
        let number = 0u32.to_le_bytes();
        let mut sum = hmac_md5(&key("signing"), &[&number, message]).to_vec();
        sum.truncate(8);
        if self.exchanges_keys {
            sum = rc4(&key("sealing"), &sum);
        }
        [&1u32.to_le_bytes(), sum.as_slice(), &number].concat()
    }
}

/// The user and the domain that a client's last message claims to be of.
pub(super) fn claimed(message: &[u8]) -> Option<(String, String)> {
    let flags = u32::from_le_bytes(*message.get(60..)?.first_chunk()?);
    let text = |at| field(message, at).and_then(if flags & flag::UNICODE == 0 { oem } else { text });
    Some((text(36)?, text(28)?))
}

/// In which letters both sides write from now on, and a name in them: Unicode where the client knows it, else its
/// OEM code page; one that knows neither is refused ([MS-NLMP] 2.2.2.5, 3.2.5.1.1).
fn character_set(asked: u32, name: &str) -> Option<(u32, Vec<u8>)> {
    if asked & flag::UNICODE != 0 {
        Some((flag::UNICODE, utf16(name)))
    } else {
        (asked & flag::OEM != 0).then(|| (flag::OEM, name.as_bytes().to_vec()))
    }
}

/// Length, allocated length and offset of a field ([MS-NLMP] 2.2.1).
fn place(length: usize, offset: usize) -> [u8; 8] {
    let length = u16::try_from(length).unwrap_or(u16::MAX).to_le_bytes();
    let [low, high] = length;
    let [a, b, c, d] = u32::try_from(offset).unwrap_or(u32::MAX).to_le_bytes();
    [low, high, low, high, a, b, c, d]
}

/// The bytes whose place is written at an offset.
fn field(message: &[u8], at: usize) -> Option<&[u8]> {
    let place: &[u8; 8] = message.get(at..)?.first_chunk()?;
    let [low, high, _, _, a, b, c, d] = *place;
    let offset = usize::try_from(u32::from_le_bytes([a, b, c, d])).ok()?;
    message.get(offset..)?.get(..usize::from(u16::from_le_bytes([low, high])))
}

fn text(bytes: &[u8]) -> Option<String> {
    let (letters, rest) = bytes.as_chunks::<2>();
    let letters: Vec<u16> = letters.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
    rest.is_empty().then(|| String::from_utf16(&letters).ok()).flatten()
}

/// A name in the OEM code page, which is taken to be ISO 8859-1: no message says which it is.
#[expect(clippy::unnecessary_wraps, reason = "stands where the reader of Unicode does, which can fail")]
fn oem(bytes: &[u8]) -> Option<String> {
    Some(bytes.iter().copied().map(char::from).collect())
}

fn target_information(now: DateTime<Utc>) -> Vec<u8> {
    let ticks = (now.timestamp() + FROM_1601).saturating_mul(10_000_000);
    let pairs = [
        (attribute::DOMAIN, utf16("EXCHANGE")),
        (attribute::COMPUTER, utf16("EX01")),
        (attribute::DNS_DOMAIN, utf16("exchange.example")),
        (attribute::DNS_COMPUTER, utf16("ex01.exchange.example")),
        (attribute::TIMESTAMP, ticks.to_le_bytes().to_vec()),
        (attribute::END, Vec::new()),
    ];
    let mut bytes = Vec::new();
    for (id, value) in pairs {
        bytes.extend_from_slice(&id.to_le_bytes());
        bytes.extend_from_slice(&u16::try_from(value.len()).unwrap_or(0).to_le_bytes());
        bytes.extend_from_slice(&value);
    }
    bytes
}

/// Attributes up to their end.
fn attributes(mut bytes: &[u8]) -> Option<Vec<(u16, &[u8])>> {
    let mut found = Vec::new();
    loop {
        let ([a, b, c, d], rest) = bytes.split_first_chunk::<4>()?;
        let (id, length) = (u16::from_le_bytes([*a, *b]), u16::from_le_bytes([*c, *d]));
        if id == attribute::END {
            return Some(found);
        }
        let (value, rest) = rest.split_at_checked(usize::from(length))?;
        found.push((id, value));
        bytes = rest;
    }
}

/// MD5 of the bindings: no addresses, and `tls-server-end-point:` with the certificate's hash (RFC 5929 §4).
fn channel_binding(end_point: &[u8]) -> [u8; 16] {
    const UNIQUE: &[u8] = b"tls-server-end-point:";
    let length = u32::try_from(UNIQUE.len() + end_point.len()).unwrap_or(u32::MAX).to_le_bytes();
    md5(&[&[0; 16], &length, UNIQUE, end_point])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The client's last message of the example with version 2 ([MS-NLMP] 4.2.4.3), whose server challenge is known.
    const EXAMPLE: &str = "4e544c4d535350000300000018001800\
        6c00000054005400840000000c000c00480000000800080054000000100010005c00000010001000d8000000\
        358288e20501280a0000000f44006f006d00610069006e00550073006500720043004f004d00500055005400\
        4500520086c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa68cd0ab851e51c96aabc927bebef6a1c\
        01010000000000000000000000000000aaaaaaaaaaaaaaaa0000000002000c0044006f006d00610069006e00\
        01000c005300650072007600650072000000000000000000c5dad2544fc9799094ce1ce90bc9d03e";

    fn example() -> (Challenge, Vec<u8>) {
        let nonce = [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef];
        let challenge = Challenge { negotiate: Vec::new(), message: Vec::new(), nonce };
        (challenge, hex::decode(EXAMPLE).unwrap())
    }

    #[test]
    fn the_standards_example_signs_in() {
        let (challenge, message) = example();
        assert_eq!(claimed(&message), Some(("User".to_owned(), "Domain".to_owned())));
        let session = challenge.judge(&message, "Password", ChannelBinding::Allow, None).unwrap();
        assert_eq!(session.key, [0x55; 16], "the random session key of the example");
        let unbound = challenge.judge(&message, "Password", ChannelBinding::Require, Some(&[1; 32]));
        assert!(unbound.is_none());
    }

    #[test]
    fn letters_are_those_that_the_client_knows() {
        // The flags of: libcurl 7.88, Windows, a client of both, one of neither.
        let table = [
            (0x0008_8206, Some((flag::OEM, b"EXCHANGE".to_vec()))),
            (0xe208_8297, Some((flag::UNICODE, utf16("EXCHANGE")))),
            (0x0000_0203, Some((flag::UNICODE, utf16("EXCHANGE")))),
            (0x0008_8204, None),
        ];
        for (asked, expected) in table {
            let first =
                [SIGNATURE.as_slice(), &1u32.to_le_bytes(), &u32::to_le_bytes(asked), &[0; 16]].concat();
            let challenge = Challenge::to(&first, [7; 8], DateTime::UNIX_EPOCH);
            let told = challenge.map(|challenge| {
                let message = challenge.message();
                let flags = u32::from_le_bytes(message[20..24].try_into().unwrap());
                (flags & (flag::UNICODE | flag::OEM), field(message, 12).unwrap().to_vec())
            });
            assert_eq!(told, expected, "{asked:#x}");
        }
    }

    #[test]
    fn a_wrong_password_and_a_damaged_message_do_not() {
        let (challenge, message) = example();
        assert!(challenge.judge(&message, "password", ChannelBinding::None, None).is_none());
        for length in 0..message.len() {
            assert!(
                challenge.judge(&message[..length], "Password", ChannelBinding::None, None).is_none(),
                "{length} bytes"
            );
        }
    }
}
