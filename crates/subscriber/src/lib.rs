//! The Exchange room-mailbox subscriber: it carries the engine's requests to Exchange and the answers back, and takes what
//! Exchange sends by itself.
//!
//! Nothing is decided here. Which room asks when, what an answer means and what a failure leads to is the engine's; this
//! crate has the connections, the sign-in and the TLS of each server. [`client`] asks, [`opened`] is an answer that goes
//! on, [`push`] listens; [`sign_in`] has a variant for each way to sign in, [`tls`] says whom to trust.
//!
//! A refused credential is never tried again in here: an account is locked out by a handful of refusals, and when to try
//! again is the engine's to say.

pub mod client;
mod cookies;
pub mod dated;
mod endpoint;
pub mod error;
mod hosts;
pub mod notify;
mod one_connection;
pub mod opened;
mod post;
mod proxy;
pub mod push;
pub mod reply;
mod session;
pub mod sign_in;
pub mod tls;
mod unreachable;

pub use client::{Addressee, Server, Subscriber};
pub use dated::Dated;
pub use error::Error;
pub use opened::Opened;
pub use proxy::Proxy;
pub use sign_in::{Account, ClientCredentials, SignIn};
pub use tls::{
    Trust,
    certificate::{CertificateFacts, Fingerprint},
};
