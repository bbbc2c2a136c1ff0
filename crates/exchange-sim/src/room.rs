//! Rooms, and how their attendant treats requests (Set-CalendarProcessing).

use chrono::Duration;

use crate::Zone;
use crate::calendar::Calendar;
use crate::item::Mailbox;

/// Who decides about requests (`AutomateProcessing`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum AutomateProcessing {
    /// The booking attendant accepts and declines.
    #[default]
    AutoAccept,
    /// The calendar attendant only files requests as tentative; a proxy decides.
    AutoUpdate,
    /// Requests stay in the Inbox until a proxy decides.
    None,
}

/// How a room's attendant treats what it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct CalendarProcessing {
    /// Who decides.
    pub automate_processing: AutomateProcessing,
    /// The subject is removed.
    pub delete_subject: bool,
    /// The organizer's name is written before what is left of the subject.
    pub add_organizer_to_subject: bool,
    /// The body is removed.
    pub delete_comments: bool,
    /// The private flag is cleared.
    pub remove_private_property: bool,
    /// Overlapping requests are accepted too.
    pub allow_conflicts: bool,
    /// Everybody may book; otherwise requests wait for a delegate as tentative.
    pub all_book_in_policy: bool,
    /// Waiting requests show as tentative; otherwise as free.
    pub tentative_pending_approval: bool,
    /// How long the attendant takes to decide, in milliseconds.
    pub delay_ms: u32,
}

impl Default for CalendarProcessing {
    /// What a new room mailbox does in Exchange, three seconds after the request arrived.
    fn default() -> Self {
        Self {
            automate_processing: AutomateProcessing::AutoAccept,
            delete_subject: true,
            add_organizer_to_subject: true,
            delete_comments: true,
            remove_private_property: true,
            allow_conflicts: false,
            all_book_in_policy: true,
            tentative_pending_approval: true,
            delay_ms: 3000,
        }
    }
}

impl CalendarProcessing {
    /// What Microsoft's own room devices are set up with: the room's copy says what the organizer wrote.
    pub fn preserving() -> Self {
        Self {
            delete_subject: false,
            add_organizer_to_subject: false,
            delete_comments: false,
            remove_private_property: false,
            ..Self::default()
        }
    }

    /// The same, deciding after `delay`.
    #[must_use]
    pub fn after(self, delay: Duration) -> Self {
        Self { delay_ms: u32::try_from(delay.num_milliseconds()).unwrap_or(0), ..self }
    }

    /// The same with another way of deciding.
    #[must_use]
    pub fn deciding(self, automate_processing: AutomateProcessing) -> Self {
        Self { automate_processing, ..self }
    }

    pub(crate) fn delay(&self) -> Duration {
        Duration::milliseconds(self.delay_ms.into())
    }
}

/// A room to add to the world.
#[derive(Debug, Clone)]
pub struct Room {
    pub(crate) alias: String,
    pub(crate) mailbox: Mailbox,
    pub(crate) zone: Zone,
    pub(crate) processing: CalendarProcessing,
    pub(crate) calendar: Calendar,
}

impl Room {
    /// A room named after its alias, `berlin@rooms.example`, in UTC, with Exchange's default processing.
    pub fn new(alias: &str) -> Self {
        let mailbox = Mailbox { name: capitalised(alias), address: format!("{alias}@rooms.example") };
        let alias = alias.to_lowercase();
        Self {
            alias,
            mailbox,
            zone: Zone::utc(),
            processing: CalendarProcessing::default(),
            calendar: Calendar::default(),
        }
    }

    /// The same with another display name.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.mailbox.name);
        self
    }

    /// The same with another primary address.
    #[must_use]
    pub fn at_address(mut self, address: &str) -> Self {
        address.clone_into(&mut self.mailbox.address);
        self
    }

    /// The same in another zone: bookings made in the room are written in it.
    #[must_use]
    pub fn in_zone(mut self, zone: Zone) -> Self {
        self.zone = zone;
        self
    }

    /// The same with other processing.
    #[must_use]
    pub fn processing(mut self, processing: CalendarProcessing) -> Self {
        self.processing = processing;
        self
    }
}

/// A name made of an alias: `kim` is Kim.
pub(crate) fn capitalised(alias: &str) -> String {
    let mut letters = alias.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
