//! Tokens by client credentials (RFC 6749 §4.4): fetched when the first is needed, renewed before they expire.

pub(crate) mod answer;

use super::ClientCredentials;
use crate::{
    error::{Error, Place},
    post::is_flooded,
};
use answer::{Granted, NoToken};
use reqwest::Client;
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;
use tokio::{sync::Mutex, time::Instant};

/// How long before it expires a token is renewed, or after half its life where that is sooner.
const BEFORE_EXPIRY: Duration = Duration::from_mins(5);

/// The most that is read of an answer.
const LARGEST_ANSWER: usize = 1 << 20;

/// One application's tokens.
#[derive(Debug)]
pub(crate) struct Tokens {
    credentials: ClientCredentials,
    client: Client,
    timeout: Duration,
    held: Mutex<Option<Held>>,
}

#[derive(Debug)]
struct Held {
    authorization: SecretString,
    renew_at: Instant,
    expires_at: Instant,
}

/// Why an answer cannot be used, where we can say it better than the HTTP library does.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error("expected an answer of at most {LARGEST_ANSWER} bytes, found more")]
    TooLarge,
    #[error("expected an answer of at most 100 headers in 400 KB, found more")]
    HeadersTooLarge,
    #[error("expected an answer within {} s, found none that was whole by then", .0.as_secs_f32())]
    Timeout(Duration),
}

impl Unusable {
    fn of(source: &reqwest::Error, timeout: Duration) -> Option<Self> {
        let timed_out = source.is_timeout().then_some(Self::Timeout(timeout));
        timed_out.or_else(|| is_flooded(source).then_some(Self::HeadersTooLarge))
    }
}

impl Tokens {
    pub(crate) fn new(credentials: ClientCredentials, client: Client, timeout: Duration) -> Self {
        Self { credentials, client, timeout, held: Mutex::default() }
    }

    /// The `Authorization` header (RFC 6750 §2.1) for a host. One request fetches a token, the others wait for it.
    ///
    /// # Errors
    /// Where none can be had, and none is left that is still good.
    pub(crate) async fn authorization(&self, at: &Place) -> Result<SecretString, Error> {
        let mut held = self.held.lock().await;
        let now = Instant::now();
        if let Some(held) = held.as_ref().filter(|held| now < held.renew_at) {
            return Ok(held.authorization.clone());
        }
        match (self.fetch(at).await, held.as_ref()) {
            (Ok(fetched), _) => Ok(held.insert(fetched).authorization.clone()),
            (Err(error), Some(held)) if now < held.expires_at => {
                tracing::warn!(server = %at.server, %error, "token not renewed, the last still lasts");
                Ok(held.authorization.clone())
            }
            (Err(error), _) => Err(error),
        }
    }

    /// Does not use a token any more.
    pub(crate) async fn forget(&self, authorization: &SecretString) {
        let mut held = self.held.lock().await;
        held.take_if(|held| held.authorization.expose_secret() == authorization.expose_secret());
    }

    async fn fetch(&self, at: &Place) -> Result<Held, Error> {
        let ClientCredentials { token_url, client_id, client_secret, scope } = &self.credentials;
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", client_id),
            ("client_secret", client_secret.expose_secret()),
            ("scope", scope),
        ];
        let asked = Instant::now();
        let post = self.client.post(token_url).timeout(self.timeout).form(&form);
        let unreachable = |source: reqwest::Error| match Unusable::of(&source, self.timeout) {
            Some(unusable) => self.unreachable(at, unusable),
            None => self.unreachable(at, source.without_url()),
        };
        let mut response = post.send().await.map_err(unreachable)?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            if body.len() + chunk.len() > LARGEST_ANSWER {
                return Err(self.unreachable(at, Unusable::TooLarge));
            }
            body.extend_from_slice(&chunk);
        }
        match answer::read(status, &body) {
            Ok(Granted { authorization, lasts }) => {
                let renew_at = asked + lasts.saturating_sub(BEFORE_EXPIRY).max(lasts / 2);
                Ok(Held { authorization, renew_at, expires_at: asked + lasts })
            }
            Err(NoToken::Refused { code, detail }) => {
                Err(Error::TokenRefused { at: at.clone(), endpoint: self.host(), code, detail })
            }
            Err(other) => Err(self.unreachable(at, other)),
        }
    }

    fn unreachable(&self, at: &Place, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        Error::TokenEndpoint { at: at.clone(), endpoint: self.host(), source: source.into() }
    }

    fn host(&self) -> String {
        let url = url::Url::parse(&self.credentials.token_url).ok();
        url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
    }
}
