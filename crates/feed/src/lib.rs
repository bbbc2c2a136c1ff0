//! HTTP over what may be displayed.
//!
//! [`Feed::router`] serves everybody who looks at rooms:
//!
//! - **phones**: `/phone/{room}/menu.xml` is a day's meetings as a CiscoIPPhoneMenu, and
//!   `/phone/{room}/meetings/{key}.xml` one meeting as a CiscoIPPhoneText;
//! - **people at the door**: `/rooms/{room}` is a page that a tablet shows all day;
//! - **programs**: `/api/rooms` and what is below it: JSON, iCalendar and Server-Sent Events, documented by
//!   `/api/openapi.json`;
//! - **administrators**: `/`, behind a sign-in. What they ask for an [`Operator`] does;
//! - **watchers**: `/livez`, `/readyz` and `/metrics`.
//!
//! What the rules hide never comes here: the feed reads rows that do not hold it, as
//! [`Displayed`](meeting_model::display::Displayed) (rule P2). Who may read which room is in `access`.

mod access;
mod admin;
mod api;
mod error;
mod events;
mod fetched;
mod held;
mod language;
mod metrics;
mod operator;
mod panel;
mod phone;
mod probe;
mod room;
mod server;
mod serving;
mod text;

pub use access::Token;
pub use admin::session::Administrator;
pub use error::Error;
pub use fetched::Fetched;
pub use language::languages;
pub use operator::Operator;
pub use server::{Feed, FeedRoom, FeedRooms, FeedSettings};
pub use serving::{Limits, serve};
