//! The mirror: what was observed of every room, what was decided, and what may be displayed. The only place with SQL.
//!
//! [`Store`] is plain and synchronous: one connection, no thread, no clock. [`Writer`] is a thread that owns a store and
//! takes the same values as commands, many in one transaction, each in a savepoint of its own. [`DisplayReader`] reads
//! what may be displayed, over connections that SQLite itself holds to those rows; a [`DialReader`] reads besides how what is
//! hidden is joined, for the devices that dial. [`ReadOnlyStore`] reads all there is, for commands that look while a daemon
//! writes.
//!
//! A commit is all or nothing: rows, revision, cursor, shared facts and what devices should show move together or stay.
//! Rows never leave this crate; values of `meeting-model` do.

mod backup;
mod calendar;
mod column;
mod commit;
mod device;
mod dial_reader;
mod display_reader;
mod displayed;
mod error;
mod fact;
mod history;
mod known;
mod open;
mod prune;
mod read_only;
mod room;
mod schema;
mod site;
mod store;
mod writer;

pub use backup::{Copied, back_up, restore};
pub use calendar::CalendarState;
pub use commit::{Changed, Committed};
pub use device::{DeviceState, Outcome, Settlement};
pub use dial_reader::DialReader;
pub use display_reader::{BlockingDisplayReader, DisplayReader, Published, RoomMeta};
pub use error::{Cause, Error, NextStep};
pub use history::{Confirmation, HISTORY, ShownAt, Version};
pub use prune::{Prune, Pruned};
pub use read_only::ReadOnlyStore;
pub use room::{Claim, RoomState};
pub use store::Store;
pub use writer::{Answer, Writer, WriterHandle};
