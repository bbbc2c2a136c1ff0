//! The flight recorder: everything the engine was told, with the time, so that the same can be told to it again.
//!
//! The engine decides by nothing else: who has a record has every decision, and whoever changes the engine sees which ones that
//! changes. A record is JSON, a line for each event with what the engine did about it; it begins with the site and the seed.
//! Bodies are written once, however often they come.
//!
//! It is a ring of two parts: where one is full, the one before it is forgotten, and another begins with the site and what the
//! engine has come to know, from which it can be replayed by itself.
//!
//! It is made of what goes over the wire, and holds no subject, person, place, text or password: see `masking.rs`.

mod foreign;
mod masking;
mod record;
mod recorder;
mod replay;
mod ring;
mod site;
mod told;
mod written;

pub use record::{Ended, Record};
pub(crate) use recorder::Recorder;
pub use replay::{NoRecord, Replayed, replay};
