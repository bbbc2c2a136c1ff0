//! What NTLM and Negotiate have in common: tokens in headers, and whose turn it is to sign in.

use crate::{error::Error, post::Post};
use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::{Response, header::WWW_AUTHENTICATE};
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{Mutex, MutexGuard};

/// One connection after the other is signed in, so that a password that was changed is refused once and not to each of
/// them.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    turn: Mutex<()>,
    refusals: AtomicU64,
}

impl Turns {
    /// Waits until nobody else signs in.
    ///
    /// # Errors
    /// Where somebody was refused meanwhile.
    pub(crate) async fn wait(&self, post: &Post<'_>) -> Result<MutexGuard<'_, ()>, Error> {
        let before = self.refusals.load(Ordering::Relaxed);
        let turn = self.turn.lock().await;
        if self.refusals.load(Ordering::Relaxed) != before {
            return Err(Error::RefusedMeanwhile { at: post.endpoint.place() });
        }
        Ok(turn)
    }

    /// Tells those who wait that it was refused.
    pub(crate) fn refused(&self) {
        self.refusals.fetch_add(1, Ordering::Relaxed);
    }
}

/// An `Authorization` header (RFC 4559 §4.2).
pub(crate) fn authorization(scheme: &str, token: &[u8]) -> String {
    format!("{scheme} {}", STANDARD.encode(token))
}

/// What a server says to a scheme: nothing where it does not offer it, an empty token where it only offers it.
pub(crate) fn offer(response: &Response, scheme: &str) -> Option<Vec<u8>> {
    let offers = response.headers().get_all(WWW_AUTHENTICATE).iter().filter_map(|offer| offer.to_str().ok());
    let tokens = offers.filter_map(|offer| {
        let (name, token) = offer.trim().split_once(' ').unwrap_or((offer.trim(), ""));
        name.eq_ignore_ascii_case(scheme).then(|| STANDARD.decode(token.trim()).unwrap_or_default())
    });
    tokens.max_by_key(Vec::len)
}

/// Whether a server offers ways to sign in, and not this one.
pub(crate) fn offers_others(response: &Response, scheme: &str) -> bool {
    response.headers().contains_key(WWW_AUTHENTICATE) && offer(response, scheme).is_none()
}

/// The server does not offer a scheme.
pub(crate) fn not_offered(post: &Post<'_>, response: &Response, wanted: &'static str) -> Error {
    Error::NotOffered { at: post.endpoint.place(), wanted, offered: named(response) }
}

/// The schemes that a server names.
fn named(response: &Response) -> Vec<String> {
    let offers = response.headers().get_all(WWW_AUTHENTICATE).iter().filter_map(|offer| offer.to_str().ok());
    exchange_wire::schemes(offers)
}

/// What the sign-in library makes nothing of.
pub(crate) fn not_understood(post: &Post<'_>, scheme: &'static str, source: sspi::Error) -> Error {
    Error::Handshake { at: post.endpoint.place(), scheme, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_names_fits_a_sentence() {
        let long = "x".repeat(33);
        let mut response = hyper::Response::builder();
        for offer in ["Basic realm=\"a\"", &long, "`quoted`", " NTLM"].into_iter().chain(["Negotiate"; 20]) {
            response = response.header(WWW_AUTHENTICATE, offer);
        }
        let names = named(&Response::from(response.body("").unwrap()));
        assert_eq!(names.len(), 8);
        assert_eq!(names[..3], ["Basic", "NTLM", "Negotiate"]);
    }
}
