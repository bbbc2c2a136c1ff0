//! What a simulation is to be of: a site, and what happens there, all of it drawn from one seed.

mod act;
mod draw;
mod faults;
mod narrow;
mod said;
mod wording;

pub use act::{Act, Deed, Invitation, MeetingId, Service, Strikes, Times};
pub use faults::Deceit;
pub(crate) use said::{DOMAINS, NUMBERS};
pub use said::{Said, Ways};

use chrono::{DateTime, TimeDelta, Utc};
use exchange_sim::CalendarProcessing;
use std::time::Duration;
use sync_engine::Notifications;

/// How large a scenario is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// For how many days things happen.
    pub days: u32,
    /// In how many rooms.
    pub rooms: usize,
    /// How much happens in a room a day, more or less.
    pub acts: u32,
    /// How many faults befall the site a day, more or less.
    pub faults: u32,
    /// How often subscriptions that have to be asked are asked; absent: as the seed says.
    pub pull: Option<Duration>,
    /// How often subscriptions are renewed, and rooms read; absent: as the product does by itself.
    pub renew: Option<Duration>,
    /// How often rooms are compared with the server's own expansion; absent: as the seed says.
    pub reconcile: Option<Duration>,
    /// Whether what comes may come late, and word by UDP is sent where it can be; absent: as the seed says.
    pub late: Option<bool>,
}

impl Default for Size {
    /// What finds most in a short time.
    fn default() -> Self {
        Self { days: 2, rooms: 4, acts: 14, faults: 10, pull: None, renew: None, reconcile: None, late: None }
    }
}

/// A site, and what happens there.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Where all of it comes from.
    pub seed: u64,
    /// When it begins.
    pub begins: DateTime<Utc>,
    /// How changes are heard of.
    pub face: Face,
    /// How often subscriptions that have to be asked are asked.
    pub pull: Duration,
    /// How often subscriptions are renewed, and rooms read.
    pub renew: Duration,
    /// How often rooms are compared with the server's own expansion.
    pub reconcile: Duration,
    /// Whether answers and notifications may come late, twice or in another order, and datagrams not at all.
    pub late: bool,
    /// Whether word by UDP says that there is something to ask for, where that can be.
    pub word: bool,
    /// How each room treats requests, and the zone of its walls.
    pub rooms: Vec<(CalendarProcessing, &'static str)>,
    /// Whether bodies come as HTML over EWS, whatever is asked for.
    pub html: bool,
    /// Whether EWS is spoken as of 2013, which tells the links that the server itself keeps.
    pub links: bool,
    /// What happens, in order of time.
    pub scenes: Vec<Scene>,
}

/// What happens at an instant.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// Since the beginning.
    pub at: TimeDelta,
    /// What.
    pub act: Act,
}

/// The face of Exchange that is talked to, and how it tells of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    /// Exchange Web Services.
    Ews(Notifications),
    /// WebDAV, of Exchange 2007 rather than 2003, and signed in to by a form.
    Webdav {
        /// Whether it is 2007.
        newer: bool,
        /// Whether a form is filled in.
        form: bool,
    },
}

impl Scenario {
    /// Everything that follows from a seed.
    pub fn of(seed: u64, size: Size) -> Self {
        draw::scenario(seed, size)
    }

    /// When its last act is over.
    pub fn length(&self) -> TimeDelta {
        self.scenes.last().map_or(TimeDelta::zero(), |scene| scene.at)
    }

    /// The name of a room.
    pub fn alias(room: usize) -> String {
        format!("room-{room}")
    }

    /// Whether Exchange deceives anybody in it.
    pub fn deceives(&self) -> bool {
        self.scenes.iter().any(|scene| matches!(&scene.act, Act::Fault { fault, .. } if fault.deceives()))
    }
}
