//! The feed as phones, programs and watchers see it, over a store on disk.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may stop, and says what it skips"
)]

mod access;
mod admin;
mod api;
mod calendar;
mod clock;
mod decisions;
mod events;
mod hostile;
mod metrics;
mod panel;
mod phone;
mod probe;
mod schema;
mod server;
mod site;
