//! One question to one server, on loopback: a stand-in that answers as it is told to, and chrony.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may stop, and says why"
)]

mod chrony;
mod lying;
mod stand_in;
