//! Tokens by client credentials (RFC 6749 §4.4): fetched when the first is needed, renewed before they expire.

use super::ClientCredentials;
use crate::error::{Error, Place};
use reqwest::Client;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::time::Duration;
use tokio::{sync::Mutex, time::Instant};

/// How long before it expires a token is renewed, or after half its life where that is sooner.
const BEFORE_EXPIRY: Duration = Duration::from_mins(5);

/// How long a token lasts of which nothing is said.
const UNSAID: Duration = Duration::from_mins(10);

/// The longest that a token is believed to last.
const LONGEST: Duration = Duration::from_hours(24);

/// The most that is read of an answer.
const LARGEST_ANSWER: usize = 1 << 20;

/// The longest code of an error.
const LONGEST_CODE: usize = 64;

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

/// What a token endpoint answers (RFC 6749 §5.1).
#[derive(Deserialize)]
struct Granted {
    access_token: String,
    /// Seconds, which some servers write as a text.
    #[serde(default)]
    expires_in: serde_json::Value,
}

/// What a token endpoint answers otherwise (RFC 6749 §5.2).
#[derive(Deserialize, Default)]
#[serde(default)]
struct Refused {
    error: Option<String>,
    error_description: String,
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
        let unreachable = |source: reqwest::Error| self.unreachable(at, source.without_url());
        let mut response = post.send().await.map_err(unreachable)?;
        let status = response.status();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            if body.len() + chunk.len() > LARGEST_ANSWER {
                return Err(self.unreachable(at, "the answer is too large"));
            }
            body.extend_from_slice(&chunk);
        }
        if !status.is_success() {
            let refused: Refused = serde_json::from_slice(&body).unwrap_or_default();
            return Err(Error::TokenRefused {
                at: at.clone(),
                endpoint: self.host(),
                detail: detail(&refused.error_description),
                code: refused
                    .error
                    .filter(|code| is_code(code))
                    .unwrap_or_else(|| format!("status {}", status.as_u16())),
            });
        }
        let granted: Granted =
            serde_json::from_slice(&body).map_err(|source| self.unreachable(at, source))?;
        // What a header cannot hold is no token (RFC 6750 §2.1).
        if !granted.access_token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(self.unreachable(at, "the token has characters that no token has"));
        }
        let lasts = seconds(&granted.expires_in).map_or(UNSAID, Duration::from_secs).min(LONGEST);
        Ok(Held {
            authorization: format!("Bearer {}", granted.access_token).into(),
            renew_at: asked + lasts.saturating_sub(BEFORE_EXPIRY).max(lasts / 2),
            expires_at: asked + lasts,
        })
    }

    fn unreachable(&self, at: &Place, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        Error::TokenEndpoint { at: at.clone(), endpoint: self.host(), source: source.into() }
    }

    fn host(&self) -> String {
        let url = url::Url::parse(&self.credentials.token_url).ok();
        url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
    }
}

/// Microsoft's own code at the head of a description, as `AADSTS7000222`.
fn detail(description: &str) -> Option<String> {
    let code = description.split_once(':').map(|(code, _)| code)?;
    let number = code.strip_prefix("AADSTS")?;
    (code.len() <= LONGEST_CODE && number.bytes().all(|byte| byte.is_ascii_digit())).then(|| code.to_owned())
}

/// Whether a text is the code of an error, as those of RFC 6749 §5.2.
fn is_code(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    (1..=LONGEST_CODE).contains(&text.len()) && text.bytes().all(allowed)
}

fn seconds(expires_in: &serde_json::Value) -> Option<u64> {
    expires_in.as_u64().or_else(|| expires_in.as_str()?.parse().ok())
}
