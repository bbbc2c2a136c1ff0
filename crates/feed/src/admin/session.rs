//! Sign-in: who an administrator is, and for how long.
//!
//! A session is a random number that only the browser knows: it comes back in a cookie that scripts cannot read and that
//! other sites' pages cannot send. What is kept of it here is its digest. Whoever is signed in shows with every change a
//! second number, made of the first, that only our own pages can know (CSRF).

use crate::{
    access::{Token, one_of},
    error::Error,
};
use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use axum::http::{HeaderMap, header};
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    slice,
    sync::{Mutex, PoisonError},
};
use subtle::ConstantTimeEq;

/// How long a sign-in holds.
pub(crate) const HOLDS: TimeDelta = TimeDelta::hours(12);

/// How many sessions there are at most: the oldest goes first.
const MOST: usize = 1000;

/// The cookie's name.
const COOKIE: &str = "callboard";

/// How an administrator signs in: with a password, a token, or either.
#[derive(Clone, Default)]
pub struct Administrator {
    password: Option<String>,
    token: Option<Token>,
}

impl Administrator {
    /// An administrator with the Argon2id hash of a password, as a PHC string, a token, or both.
    ///
    /// # Errors
    ///
    /// When the hash is not one of Argon2id.
    pub fn new(password_hash: Option<&str>, token: Option<Token>) -> Result<Self, Error> {
        if let Some(hash) = password_hash {
            let parsed = PasswordHash::new(hash).map_err(|_why| Error::PasswordHash)?;
            if parsed.algorithm.as_str() != "argon2id" {
                return Err(Error::PasswordHash);
            }
        }
        Ok(Self { password: password_hash.map(str::to_owned), token })
    }

    /// The hash of a password, with a salt of its own: what [`new`](Self::new) takes.
    ///
    /// # Errors
    ///
    /// When the system has no randomness to give, or the password is longer than 4 GB.
    pub fn hash(password: &str) -> Result<String, Error> {
        let hash = Argon2::default().hash_password(password.as_bytes());
        hash.map(|hash| hash.to_string()).map_err(|_why| Error::PasswordHash)
    }

    /// Whether anybody can sign in.
    pub(crate) fn is_anybody(&self) -> bool {
        self.password.is_some() || self.token.is_some()
    }

    /// Whether this is the password, or the token, and which. Takes tens of milliseconds, and a core for as long.
    pub(crate) fn knows(&self, shown: &str) -> Option<Credential> {
        if let Some(token) = self.token.as_ref().filter(|token| one_of(slice::from_ref(*token), shown)) {
            return Some(Credential::Token(token.clone()));
        }
        let hash = self.password.as_ref()?;
        let parsed = PasswordHash::new(hash).ok()?;
        let is_password = Argon2::default().verify_password(shown.as_bytes(), &parsed).is_ok();
        is_password.then(|| Credential::Password(hash.clone()))
    }

    /// Whether somebody would still be let in by what they signed in with.
    fn still_takes(&self, credential: &Credential) -> bool {
        match credential {
            Credential::Password(hash) => self.password.as_ref() == Some(hash),
            Credential::Token(token) => self.token.as_ref() == Some(token),
        }
    }
}

/// What somebody signed in with, as the configuration holds it: the hash of the password, or the token.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Credential {
    Password(String),
    Token(Token),
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credential(..)")
    }
}

impl std::fmt::Debug for Administrator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Administrator(..)")
    }
}

/// An administrator who is signed in.
#[derive(Clone)]
pub(crate) struct Session {
    number: String,
}

impl Session {
    /// What forms of our own pages carry.
    pub(crate) fn form_token(&self) -> String {
        hex::encode(Sha256::new().chain_update("form ").chain_update(&self.number).finalize())
    }

    /// Whether a form is one of our own pages'.
    pub(crate) fn sent(&self, form_token: &str) -> bool {
        self.form_token().as_bytes().ct_eq(form_token.as_bytes()).into()
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Session(..)")
    }
}

/// Who is signed in, by the digests of their numbers. A restart signs everybody out.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<BTreeMap<[u8; 32], Holds>>);

/// How long a session holds: until then, and no longer than what opened it does.
#[derive(Debug)]
struct Holds {
    until: DateTime<Utc>,
    by: Credential,
}

impl Sessions {
    /// Signs somebody in who has shown this; what their browser is to keep.
    ///
    /// # Errors
    ///
    /// When the system has no randomness to give.
    pub(crate) fn open(
        &self,
        by: Credential,
        now: DateTime<Utc>,
        is_https: bool,
    ) -> Result<String, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        let number = hex::encode(bytes);
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|_, holds| holds.until > now);
        if sessions.len() >= MOST
            && let Some(oldest) =
                sessions.iter().min_by_key(|(_, holds)| holds.until).map(|(digest, _)| *digest)
        {
            sessions.remove(&oldest);
        }
        sessions.insert(Sha256::digest(&number).into(), Holds { until: now + HOLDS, by });
        Ok(cookie(&number, HOLDS, is_https))
    }

    /// Signs out; what their browser is to forget.
    pub(crate) fn close(&self, session: &Session, is_https: bool) -> String {
        let digest: [u8; 32] = Sha256::digest(&session.number).into();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&digest);
        cookie("", TimeDelta::zero(), is_https)
    }

    /// Whose request this is, where they would still be let in by what they signed in with.
    pub(crate) fn of(
        &self,
        headers: &HeaderMap,
        administrator: &Administrator,
        now: DateTime<Utc>,
    ) -> Option<Session> {
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let (_, number) = pairs.into_iter().find(|(name, _)| *name == COOKIE)?;
        // Digests are looked up, so that how long it takes tells nothing of numbers.
        let digest: [u8; 32] = Sha256::digest(number).into();
        let sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.get(&digest).filter(|holds| holds.until > now && administrator.still_takes(&holds.by))?;
        Some(Session { number: number.to_owned() })
    }
}

/// RFC 6265 §4.1; `SameSite` keeps it from requests that other sites' pages make.
fn cookie(number: &str, age: TimeDelta, is_https: bool) -> String {
    let secure = if is_https { "; Secure" } else { "" };
    format!("{COOKIE}={number}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict{secure}", age.num_seconds())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(cookie: &str) -> HeaderMap {
        let pair = cookie.split(';').next().unwrap();
        [(header::COOKIE, format!("theme=dark; {pair}").parse().unwrap())].into_iter().collect()
    }

    fn token(token: &str) -> Token {
        Token::new(token).unwrap()
    }

    /// An administrator with a token, and what is kept of a sign-in with it.
    fn somebody() -> (Administrator, Credential) {
        let token = token("0123456789abcdef");
        (Administrator::new(None, Some(token.clone())).unwrap(), Credential::Token(token))
    }

    #[test]
    fn a_session_holds_until_it_is_closed_or_over() {
        let (sessions, now) = (Sessions::default(), DateTime::UNIX_EPOCH);
        let (who, by) = somebody();
        let first = sessions.open(by.clone(), now, false).unwrap();
        let second = sessions.open(by, now, true).unwrap();
        assert!(second.ends_with("; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure"), "{second}");
        let session = sessions.of(&sent(&first), &who, now).unwrap();
        assert!(sessions.of(&sent(&second), &who, now + HOLDS - TimeDelta::seconds(1)).is_some());
        assert!(sessions.of(&sent(&second), &who, now + HOLDS).is_none());
        sessions.close(&session, false);
        assert!(sessions.of(&sent(&first), &who, now).is_none());
        assert!(sessions.of(&sent("callboard="), &who, now).is_none());
        assert!(sessions.of(&HeaderMap::new(), &who, now).is_none());
    }

    #[test]
    fn a_session_ends_with_what_opened_it() {
        let (hash, other) = ("$argon2id$v=19$one", "$argon2id$v=19$other");
        let administrator = |password: Option<&str>, token: Option<Token>| Administrator {
            password: password.map(str::to_owned),
            token,
        };
        let (old, new) = (token("0123456789abcdef"), token("fedcba9876543210"));
        let (sessions, now) = (Sessions::default(), DateTime::UNIX_EPOCH);
        let by_password = sessions.open(Credential::Password(hash.to_owned()), now, false).unwrap();
        let by_token = sessions.open(Credential::Token(old.clone()), now, false).unwrap();
        for (administrator, password_holds, token_holds) in [
            (administrator(Some(hash), Some(old.clone())), true, true),
            (administrator(Some(hash), Some(new)), true, false),
            (administrator(Some(hash), None), true, false),
            (administrator(Some(other), Some(old.clone())), false, true),
            (administrator(None, Some(old)), false, true),
            (Administrator::default(), false, false),
        ] {
            let holds = |cookie| sessions.of(&sent(cookie), &administrator, now).is_some();
            assert_eq!((holds(&by_password), holds(&by_token)), (password_holds, token_holds));
        }
    }

    #[test]
    fn a_form_belongs_to_one_session() {
        let (sessions, now) = (Sessions::default(), DateTime::UNIX_EPOCH);
        let (who, by) = somebody();
        let open = || {
            let cookie = sessions.open(by.clone(), now, false).unwrap();
            sessions.of(&sent(&cookie), &who, now).unwrap()
        };
        let (one, other) = (open(), open());
        assert!(one.sent(&one.form_token()));
        assert!(!one.sent(&other.form_token()) && !one.sent("") && !one.sent(&one.number));
    }

    #[test]
    fn the_oldest_session_makes_room() {
        let (sessions, now) = (Sessions::default(), DateTime::UNIX_EPOCH);
        let (who, by) = somebody();
        let first = sessions.open(by.clone(), now, false).unwrap();
        let later = now + TimeDelta::seconds(1);
        let others: Vec<_> = (0..MOST).map(|_| sessions.open(by.clone(), later, false).unwrap()).collect();
        assert!(sessions.of(&sent(&first), &who, later).is_none());
        assert!(others.iter().all(|other| sessions.of(&sent(other), &who, later).is_some()));
    }

    #[test]
    fn an_administrator_has_a_password_or_a_token() {
        let hash = Administrator::hash("correct horse").unwrap();
        let token = token("0123456789abcdef");
        let both = Administrator::new(Some(&hash), Some(token.clone())).unwrap();
        assert!(both.is_anybody() && !Administrator::default().is_anybody());
        assert_eq!(both.knows("0123456789abcdef"), Some(Credential::Token(token)));
        assert_eq!(both.knows("correct horse"), Some(Credential::Password(hash.clone())));
        for wrong in ["", &hash, "correct horse "] {
            assert_eq!(both.knows(wrong), None, "{wrong}");
        }
        assert_eq!(Administrator::default().knows(""), None);
        for wrong in [
            "",
            "correct horse",
            "$argon2i$v=19$m=16,t=2,p=1$c29tZXNhbHQ$iWh06vD8Fy27wf9npn6FXWiCX4K6pW6Ue1Bnzz07Z8A",
            "$5$x$y",
        ] {
            assert_eq!(Administrator::new(Some(wrong), None).err(), Some(Error::PasswordHash), "{wrong}");
        }
    }
}
