//! A stand-in Exchange with rooms, organizers and attendants, and stand-in Cisco IP phones.
//!
//! The [`World`] decides everything and does nothing by itself: it has no clock, no network and no chance
//! but its seed. It is told the time with every call, so that a test runs a day in a second:
//!
//! ```
//! use chrono::{DateTime, Duration, Utc};
//! use exchange_sim::{Account, CalendarProcessing, Rights, Room, World};
//!
//! let now: DateTime<Utc> = "2026-03-02T08:00:00Z".parse()?;
//! let mut world = World::new(1, now);
//! world.add_account(Account::new("svc", "secret").with_rights(Rights::Reviewer));
//! world.add_room(Room::new("berlin").processing(CalendarProcessing::preserving()))?;
//! let (start, end) = (now + Duration::hours(1), now + Duration::hours(2));
//! let review = world.organizer("kim").invites("berlin").to("Design review").at(start, end).send(now)?;
//! world.advance(now + Duration::seconds(5)); // the room's attendant accepts
//! world.rename(review, "Design review, part two", now + Duration::seconds(6))?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`server`] puts a world, and [`phone`]s and [`endpoint`]s, on loopback ports. It is written from the
//! protocol documents alone and shares no code with what it tests.

mod account;
mod autodiscover;
mod calendar;
mod control;
mod dice;
pub mod endpoint;
mod error;
mod ews;
mod fault;
mod global_object_id;
mod http;
mod item;
mod meeting;
mod meeting_request;
mod milliseconds;
mod notifying;
mod particulars;
pub mod phone;
mod profile;
mod recurrence;
mod room;
pub mod script;
pub mod server;
mod sign_in;
mod stray;
mod subscription;
mod throttle;
mod webdav;
mod world;
mod xml;
mod zone;

pub use account::{Account, Rights};
pub use autodiscover::Redirect;
pub use error::SimError;
pub use fault::{Fault, Injection, ResponseCode, Strikes};
pub use global_object_id::GlobalObjectId;
pub use http::{Ending, Request, Response};
pub use item::{FreeBusy, Mailbox, ResponseType, Sensitivity};
pub use meeting::MeetingHandle;
pub use notifying::{Chunking, NotificationNamespace, Notifying, PushPrefix, StreamManners};
pub use profile::{ServerProfile, ServerVersion};
pub use recurrence::{DayIndex, DayKind, Pattern, Range, Recurrence};
pub use room::{AutomateProcessing, BookingPolicy, CalendarProcessing, MailboxState, Room};
pub use sign_in::{ChannelBinding, Front, SignIn};
pub use stray::Stray;
pub use throttle::{Spending, ThrottlingPolicy};
pub use webdav::{
    Datagram, DatagramManners, InvalidCollblob, LostIds, StoreVersion, WebdavManners, WebdavSignIn,
};
pub use world::{Answer, Change, Expect, Held, Invitation, Organizer, What, World};
pub use world::{Chunks, Post, PostId, StreamId, Then};
pub use zone::Zone;
