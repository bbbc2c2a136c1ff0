//! The subscriber against servers on loopback: what they show, how they are signed in to, what breaks.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may stop, and say why"
)]

mod autodiscover;
mod basic;
mod cookies;
mod dated;
mod hostile;
mod ntlm;
mod oauth2;
mod outside;
mod proxy;
mod push;
mod server;
mod stand_in;
mod streams;
mod tls;
mod webdav;
