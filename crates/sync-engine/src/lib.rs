//! Events in, actions out: the machines that keep every room in step with its calendar and every device in step with
//! its room.
//!
//! [`Engine::on`] takes what happened and the time, and returns what to do; [`Engine::next_wake`] says when it wants
//! to be asked again though nothing happens. There is no thread, clock, network or file in here: the daemon performs
//! the actions for real, the simulation performs them on a stand-in world.
//!
//! A room has no list of states to get lost in. It holds what it knows (was its calendar opened, is there a
//! subscription, is there a cursor, may something have changed) and the next step is derived from that each time: see
//! [`room`]. A [`server`] says how many rooms may talk at once and when none may; a [`device`] wants a revision and
//! has one, and the [`timetable`] says when it is to be looked at though nothing was committed; [`next_step`] says what
//! every kind of error leads to.

mod account;
pub mod action;
pub mod agenda;
pub mod back_off;
pub mod device;
pub mod engine;
pub mod event;
pub mod next_step;
pub mod room;
pub mod server;
pub mod settings;
mod stream;
mod talk;
pub mod timetable;

pub use action::{Action, Apply, CallId, ConnectionId, Deliver, PushId, Settle, Ticket, Wish};
pub use engine::{Engine, Wake};
pub use event::{
    Applied, ApplyError, Delivered, DeviceStart, Event, NotEmptied, Page, Reply, RoomStart, StreamHeard,
    Unreachable,
};
pub use next_step::{NextStep, Scope};
pub use settings::{
    AccountId, DeviceSettings, Notifications, PartOf, PushSettings, RoomPlan, ServerSettings, Site, Webdav,
};
