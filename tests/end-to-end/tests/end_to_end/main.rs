//! The whole program: what it shows, what it says when something is wrong, and what is left after it is killed.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop")]

mod checked;
mod clocks;
mod commands;
mod devices;
mod discovered;
mod explained;
mod hostile;
mod killed;
mod mailboxes;
mod migrated;
mod mirror;
mod notified;
mod recorded;
mod reloaded;
mod replayed;
mod secrets;
mod shadowed;
mod shown;
mod trouble;

/// The real program, built from its own `main`.
const CALLBOARD: &str = env!("CARGO_BIN_EXE_callboard-under-test");
