//! Negotiate: NTLM wrapped in SPNEGO (RFC 4178, [MS-SPNG]).

const SPNEGO: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x02];
const NTLM: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a];

const OBJECT_ID: u8 = 0x06;
const OCTETS: u8 = 0x04;
const ENUMERATED: u8 = 0x0a;
const SEQUENCE: u8 = 0x30;
const APPLICATION: u8 = 0x60;
/// `[0]`; the others follow it.
const CONTEXT: u8 = 0xa0;

/// How far a negotiation is (RFC 4178 §4.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Completed = 0,
    Incomplete = 1,
}

/// What a client sends.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// The mechanisms it can do, as they are written, and a first message of the one that it likes best.
    Init { mechanisms: &'a [u8], ntlm: Preference, message: Option<&'a [u8]> },
    /// A further message, and a signature over the mechanisms.
    Response { message: Option<&'a [u8]>, signature: Option<&'a [u8]> },
}

/// Whether a client can do NTLM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Preference {
    First,
    Later,
    Never,
}

/// Reads a token; nothing when it is none.
pub(super) fn read(token: &[u8]) -> Option<Token<'_>> {
    let (tag, content, _) = element(token)?;
    match tag {
        APPLICATION => {
            let (_, _, rest) = element(content).filter(|(_, name, _)| *name == SPNEGO)?;
            let init = parts(within(rest, CONTEXT)?)?;
            let mechanisms = part(&init, 0)?;
            let (_, mut list, _) = element(mechanisms)?;
            let mut names = Vec::new();
            while let Some((_, name, rest)) = element(list) {
                names.push(name);
                list = rest;
            }
            let ntlm = match names.iter().position(|name| *name == NTLM) {
                Some(0) => Preference::First,
                Some(_) => Preference::Later,
                None => Preference::Never,
            };
            Some(Token::Init { mechanisms, ntlm, message: octets(&init, 2) })
        }
        0xa1 => {
            let (_, sequence, _) = element(content)?;
            let response = all(sequence)?;
            Some(Token::Response { message: octets(&response, 2), signature: octets(&response, 3) })
        }
        _ => None,
    }
}

/// Writes what the server answers.
pub(super) fn response(
    state: State,
    message: Option<&[u8]>,
    signature: Option<&[u8]>,
    names_mechanism: bool,
) -> Vec<u8> {
    let mut content = wrapped(CONTEXT, &wrapped(ENUMERATED, &[state as u8]));
    if names_mechanism {
        content.extend(wrapped(CONTEXT + 1, &wrapped(OBJECT_ID, NTLM)));
    }
    if let Some(message) = message {
        content.extend(wrapped(CONTEXT + 2, &wrapped(OCTETS, message)));
    }
    if let Some(signature) = signature {
        content.extend(wrapped(CONTEXT + 3, &wrapped(OCTETS, signature)));
    }
    wrapped(CONTEXT + 1, &wrapped(SEQUENCE, &content))
}

type Parts<'a> = Vec<(u8, &'a [u8])>;

/// Tag, content, and what follows the element ([X.690] 8.1).
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let ([tag, length], mut rest) = bytes.split_first_chunk::<2>()?;
    let mut long = usize::from(*length);
    if *length >= 0x80 {
        let (digits, after) =
            rest.split_at_checked(usize::from(*length & 0x7f)).filter(|(d, _)| d.len() <= 4)?;
        long = digits.iter().fold(0, |length, digit| (length << 8) | usize::from(*digit));
        rest = after;
    }
    let (content, rest) = rest.split_at_checked(long)?;
    Some((*tag, content, rest))
}

fn within(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    element(bytes).filter(|(found, ..)| *found == tag).map(|(_, content, _)| content)
}

fn parts(bytes: &[u8]) -> Option<Parts<'_>> {
    all(within(bytes, SEQUENCE)?)
}

fn all(mut bytes: &[u8]) -> Option<Parts<'_>> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let (tag, content, rest) = element(bytes)?;
        found.push((tag, content));
        bytes = rest;
    }
    Some(found)
}

fn part<'a>(parts: &Parts<'a>, number: u8) -> Option<&'a [u8]> {
    parts.iter().find(|(tag, _)| *tag == CONTEXT + number).map(|(_, content)| *content)
}

fn octets<'a>(parts: &Parts<'a>, number: u8) -> Option<&'a [u8]> {
    within(part(parts, number)?, OCTETS)
}

fn wrapped(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut bytes = vec![tag];
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => bytes.push(short),
        Ok(byte) => bytes.extend_from_slice(&[0x81, byte]),
        Err(_) => {
            bytes.push(0x82);
            bytes.extend_from_slice(&u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes());
        }
    }
    bytes.extend_from_slice(content);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_response_is_read_back() {
        for length in [1, 127, 128, 255, 256, 3000] {
            let (message, signature) = (vec![7; length], [9; 16]);
            let written = response(State::Completed, Some(&message), Some(&signature), true);
            let read = read(&written);
            assert_eq!(
                read,
                Some(Token::Response { message: Some(&message), signature: Some(&signature) }),
                "{length}"
            );
            for shorter in 0..written.len() {
                assert_eq!(super::read(&written[..shorter]), None, "{shorter} of {length}");
            }
        }
    }

    #[test]
    fn an_offer_says_where_ntlm_stands_in_it() {
        let kerberos = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02];
        let offer = |names: &[&[u8]]| {
            let names: Vec<u8> = names.iter().flat_map(|name| wrapped(OBJECT_ID, name)).collect();
            let init = wrapped(CONTEXT, &wrapped(SEQUENCE, &names));
            let init = wrapped(CONTEXT, &wrapped(SEQUENCE, &init));
            wrapped(APPLICATION, &[wrapped(OBJECT_ID, SPNEGO), init].concat())
        };
        for (names, expected) in [
            ([NTLM, &kerberos], Preference::First),
            ([&kerberos, NTLM], Preference::Later),
            ([&kerberos, &kerberos], Preference::Never),
        ] {
            let offer = offer(&names);
            assert!(
                matches!(read(&offer), Some(Token::Init { ntlm, message: None, .. }) if ntlm == expected)
            );
        }
    }
}
