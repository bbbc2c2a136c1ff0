//! A POST of JSON to whoever wants it: `Callboard-Signature: sha256=` and the HMAC-SHA256 (RFC 2104), in hex, of the value of
//! `Callboard-Timestamp`, a full stop and the body. Who checks both can tell an old POST from a new one.

use crate::{
    adapter::{Adapter, Errand, Showing, Taken, UnderWay},
    error::Place,
    error::{PushError, SetupError, Words},
    http::{Http, client, web_address},
    meetings_json,
    target::{Hook, HttpSettings},
    tls::{NoCertificate, Tls},
};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use meeting_model::{
    display::Present,
    id::{DeviceId, RoomId},
};
use reqwest::{Method, Url, header};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use sha2::Sha256;
use std::sync::{Mutex, PoisonError};

const WORDS: Words = Words {
    what: "webhook",
    away: "check that the program that takes these posts runs, and `url`",
    silent: "look why the program that takes these posts does not answer",
    sign_in: "refused the post: check `url`, and what it asks for besides the signature",
    not_found: "answers that there is nothing at this path: check `url`",
    expected: "a status from 200 to 299",
    address_of: "the program's that takes these posts",
};

/// One address.
pub(crate) struct Webhook {
    http: Http,
    url: Url,
    room: RoomId,
    secret: SecretString,
    /// When something was last posted: what a farewell is stamped with, as that has no moment of its own.
    posted: Mutex<Option<DateTime<Utc>>>,
}

impl Webhook {
    /// # Errors
    ///
    /// When its address is not one, or what it should be trusted by is no certificate.
    pub(crate) fn new(
        device: &DeviceId,
        room: &RoomId,
        hook: Hook,
        (tls, settings): (&Tls, HttpSettings),
    ) -> Result<Self, SetupError> {
        let like = "https://signs.example.com/rooms";
        let url =
            web_address(&hook.url).ok_or_else(|| SetupError::DeviceUrl { device: device.clone(), like })?;
        let tls = tls
            .config(&hook.trust)
            .map_err(|NoCertificate| SetupError::Certificates { device: device.clone() })?;
        let http =
            client(settings).tls_backend_preconfigured((*tls).clone()).build().map_err(SetupError::Client)?;
        let place = Place { words: &WORDS, address: url.origin().ascii_serialization() };
        let http = Http::new(http, place, settings);
        Ok(Self { http, url, room: room.clone(), secret: hook.secret, posted: Mutex::default() })
    }

    async fn post(&self, body: Vec<u8>, at: DateTime<Utc>) -> Result<(), PushError> {
        let timestamp = at.timestamp().to_string();
        let request = self
            .http
            .request(Method::POST, self.url.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header("Callboard-Signature", signature(&self.secret, &timestamp, &body))
            .header("Callboard-Timestamp", timestamp)
            .body(body);
        let answer = self.http.ask(request).await?;
        self.http.expect_success(answer, &self.url)?;
        *self.posted.lock().unwrap_or_else(PoisonError::into_inner) = Some(at);
        Ok(())
    }
}

fn signature(secret: &SecretString, timestamp: &str, body: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes());
    let mac = mac
        .expect("HMAC takes a key of any length")
        .chain_update(timestamp)
        .chain_update(".")
        .chain_update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

impl Adapter for Webhook {
    fn showing(&self, present: &Present) -> Showing {
        meetings_json::showing(present)
    }

    fn deliver<'a>(&'a self, errand: Errand<'a>) -> UnderWay<'a, Taken> {
        Box::pin(async move {
            self.post(meetings_json::document(errand.present, errand.reminder), errand.present.now).await?;
            Ok(Taken::Has)
        })
    }

    /// Its room has no meetings any more, as far as we are concerned.
    fn empty(&self) -> UnderWay<'_, ()> {
        let at = self.posted.lock().unwrap_or_else(PoisonError::into_inner).unwrap_or_default();
        let body = json!({ "event": "removed", "room": self.room.as_str() }).to_string();
        Box::pin(self.post(body.into_bytes(), at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with Python: hmac.new(b"open sesame", b"1794384000." + b'{"rev":7}', "sha256").hexdigest()
    #[test]
    fn a_post_is_signed_with_its_moment() {
        assert_eq!(
            signature(&"open sesame".into(), "1794384000", br#"{"rev":7}"#),
            "sha256=b71342d83e5e658786ab0bfb566a2f43e271213fc0b7a0815e591cbc9ded8586"
        );
    }
}
