//! Tokens: what programs, calendars and tablets show to be let in.

use crate::error::Error;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

/// The fewest characters that cannot be guessed, and the most that leave room in a phone's addresses.
const LENGTH: std::ops::RangeInclusive<usize> = 16..=64;

/// A token, as far as it is needed to know it again: its digest.
#[derive(Clone, PartialEq, Eq)]
pub struct Token([u8; 32]);

impl Token {
    /// Takes a token.
    ///
    /// # Errors
    ///
    /// When it is too short to be hard to guess, or cannot stand in a URL as it is (RFC 3986 §2.3).
    pub fn new(token: &str) -> Result<Self, Error> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~');
        if LENGTH.contains(&token.len()) && token.chars().all(plain) {
            Ok(Self(digest(token)))
        } else {
            Err(Error::Token)
        }
    }

    /// Whether this is the token that was shown. Digests are compared in constant time, so that how long it takes tells
    /// nothing of either.
    pub(super) fn is(&self, shown: &str) -> Choice {
        self.0.ct_eq(&digest(shown))
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(..)")
    }
}

/// Whether one of these is the token that was shown: all of them are looked at, whichever it is.
pub(crate) fn one_of(tokens: &[Token], shown: &str) -> bool {
    tokens.iter().fold(Choice::from(0), |found, token| found | token.is(shown)).into()
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_long_and_plain() {
        for (token, is_one) in [
            ("0123456789abcdef", true),
            ("A-._~6789abcdef0", true),
            (&"x".repeat(64), true),
            ("0123456789abcde", false),
            (&"x".repeat(65), false),
            ("0123456789abcde/", false),
            ("0123456789abcde f", false),
            ("0123456789abcdé", false),
        ] {
            assert_eq!(Token::new(token).is_ok(), is_one, "{token}");
        }
    }

    #[test]
    fn a_token_is_known_again() {
        let tokens = ["first-token-of-all", "another-token-here"].map(|token| Token::new(token).unwrap());
        assert!(one_of(&tokens, "first-token-of-all"));
        assert!(one_of(&tokens, "another-token-here"));
        for other in ["", "first-token-of-al", "first-token-of-all ", "FIRST-TOKEN-OF-ALL"] {
            assert!(!one_of(&tokens, other), "{other}");
        }
        assert!(!one_of(&[], ""));
        assert_eq!(format!("{:?}", tokens[0]), "Token(..)");
    }
}
