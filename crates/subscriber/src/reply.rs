//! What is made of the words of servers while we sign in, and of their certificates, without a server: nothing else of these
//! readers can be seen from outside, and these words come from whoever has a server's address.

use crate::{
    Account, CertificateFacts, Error,
    cookies::Cookies,
    error::KerberosRefusal,
    sign_in::{
        kdc, negotiate,
        oauth2::answer::{self, Granted},
    },
    tls::{authorities, channel_binding},
};
use chrono::{DateTime, Utc};
use std::time::Duration;

/// For how long the token is good that a token endpoint gives (RFC 6749 §5).
///
/// # Errors
/// Where it gives none: a sentence.
pub fn of_token_endpoint(status: u16, body: &[u8]) -> Result<Duration, String> {
    answer::read(status, body).map(|Granted { lasts, .. }| lasts).map_err(|none| none.to_string())
}

/// Why a key distribution centre gives no ticket, where that is what it says. The answer has its length before it.
pub fn of_key_distribution_centre(answer: &[u8]) -> Option<KerberosRefusal> {
    kdc::refusal(answer)
}

/// The token that a key distribution centre's answers, one after the other, lead to; each has its length before it.
///
/// # Errors
/// Where they lead to none: a sentence.
pub async fn of_tickets(account: &Account, answers: &[&[u8]]) -> Result<Vec<u8>, String> {
    negotiate::token(account, answers).await
}

/// The `Cookie` header that is sent after these `Set-Cookie` headers.
pub fn of_cookies<'a>(set_cookie: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let cookies = Cookies::default();
    for cookie in set_cookie {
        cookies.set("", cookie);
    }
    cookies.header("")
}

/// What a certificate in DER says, where it is one.
pub fn of_certificate(der: &[u8]) -> Option<CertificateFacts> {
    CertificateFacts::read(der)
}

/// What a sign-in over TLS is bound to, where the server shows this certificate (RFC 5929 §4).
pub fn of_shown(der: &[u8]) -> Vec<u8> {
    channel_binding(der)
}

/// How many certificates of authorities in a file, PEM or DER, are in force.
///
/// # Errors
/// Where none is.
pub fn of_authorities(file: &[u8], now: DateTime<Utc>) -> Result<usize, Error> {
    authorities::read("a", file, now).map(|usable| usable.len())
}
