//! The subscriber against servers on loopback: what they show, how they are signed in to, what breaks.
#![expect(clippy::unwrap_used, reason = "a test may stop")]

mod cookies;
mod ntlm;
mod oauth2;
mod push;
mod server;
mod streams;
mod tls;
