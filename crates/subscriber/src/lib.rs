//! The Exchange room-mailbox subscriber: it carries the engine's requests to Exchange and the answers back.
//!
//! Nothing is decided here. Which room asks when, what an answer means and what a failure leads to is the engine's; this
//! crate has the connections, the sign-in and the TLS of each server. [`sign_in`] has a variant for each way to sign in.

pub mod client;
pub mod error;
pub mod sign_in;
mod unreachable;

pub use client::{Server, Subscriber};
pub use error::Error;
pub use sign_in::SignIn;
