//! Read-only HTTP over what may be displayed.
//!
//! [`Feed::router`] serves three kinds of reader:
//!
//! - **phones**: `/phone/{room}/menu.xml` is today's meetings as a CiscoIPPhoneMenu, and
//!   `/phone/{room}/meetings/{key}.xml` one meeting as a CiscoIPPhoneText;
//! - **programs**: `/api/rooms` and `/api/rooms/{room}/meetings?from=&to=`, JSON;
//! - **watchers**: `/livez` and `/readyz`.
//!
//! What the rules hide never comes here: the feed reads rows that do not hold it, as
//! [`Displayed`](meeting_model::display::Displayed) (rule P2).

mod api;
mod error;
mod phone;
mod probe;
mod room;
mod server;

pub use error::Error;
pub use server::{Feed, FeedRoom, FeedRooms, FeedSettings, serve};
