//! The whole program, between a stand-in Exchange and stand-in phones.
//!
//! A test is a sentence: `exchange().room("berlin").meeting("Review").at("+2h").run().await`. What it gives is a
//! [`Stage`]: the stand-ins, the configuration as an administrator would type it, and the daemon in front of them. The same
//! stage can be played on by the real program, [`Program`]. Between the program and its neighbours stands a [`Tap`],
//! which keeps what is said, so that every run can be held against the protocols' own schemas.

pub mod address;
pub mod ntp;
pub mod patience;
pub mod plan;
pub mod program;
pub mod replay;
pub mod schema;
pub mod stage;
pub mod tap;

pub use address::free_address;
pub use ntp::NtpServer;
pub use patience::until;
pub use plan::{Plan, exchange};
pub use program::{Ended, Program, Running};
pub use replay::Replay;
pub use stage::{Row, Stage};
pub use tap::Tap;
