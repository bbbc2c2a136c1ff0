//! How wrong the clocks are: ours by NTP servers, Exchange's by the `Date` of its replies (rules C1 to C4).
//!
//! Everything is measured against a *steady* clock, which is told to this crate and is never stepped: it is read as an
//! instant, and as the time since the program started. An *offset* says how far ahead of the steady clock another one is, in
//! seconds.
//!
//! [`ask()`] asks one NTP server once, and is all that does anything; [`packet`] is what is said. The rest decides and only
//! that: [`poll`] when a server is asked, [`filter`] which of its samples counts, [`select`] who of several servers tells
//! the truth, [`ntp`] joins them; [`date`] is about Exchange. No clock is ever set.

pub mod address;
pub mod ask;
pub mod date;
pub mod error;
pub mod filter;
pub mod ntp;
pub mod packet;
pub mod poll;
pub mod select;

pub use address::NtpAddress;
pub use ask::ask;
pub use date::{Dated, DatedBy, Dates, ServerClock};
pub use error::{Kiss, NoSample};
pub use ntp::{Estimate, Ntp, SourceReport, Verdict};
pub use packet::Answer;

/// How fast the uncertainty of an offset grows that is not measured anew: 15 parts per million (RFC 5905 §4, rule C4).
pub const DRIFT: f64 = 15e-6;
