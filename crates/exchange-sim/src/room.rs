//! Rooms, and how their attendant treats requests (Set-CalendarProcessing).

mod policy;
mod state;

use chrono::Duration;

use crate::Zone;
use crate::calendar::Calendar;
use crate::item::Mailbox;

pub use self::policy::BookingPolicy;
pub use self::state::MailboxState;

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
    /// Attachments are removed.
    pub delete_attachments: bool,
    /// The private flag is cleared.
    pub remove_private_property: bool,
    /// Overlapping requests are accepted too.
    pub allow_conflicts: bool,
    /// How many per cent of a new series may be taken by others; those occurrences are declined.
    pub conflict_percentage_allowed: u32,
    /// How many occurrences of a new series may be taken by others.
    pub maximum_conflict_instances: u32,
    /// Everybody may book.
    pub all_book_in_policy: bool,
    /// Everybody may ask a delegate for what the room allows.
    pub all_request_in_policy: bool,
    /// Everybody may ask a delegate for what is beyond the room's limits.
    pub all_request_out_of_policy: bool,
    /// Waiting requests show as tentative; otherwise as free.
    pub tentative_pending_approval: bool,
    /// New requests are filed before anybody decides.
    pub add_new_requests_tentatively: bool,
    /// Requests of organizers outside the organization are looked at.
    pub process_external_meeting_messages: bool,
    /// How many days ahead the room can be booked; nothing is no limit.
    pub booking_window_in_days: Option<u32>,
    /// A series that goes on beyond the booking window is declined; otherwise it ends there.
    pub enforce_scheduling_horizon: bool,
    /// How long a meeting may last; 0 is no limit.
    pub maximum_duration_in_minutes: u32,
    /// Cancelled meetings leave the calendar.
    pub remove_canceled_meetings: bool,
    /// Outdated messages leave the Inbox. It changes nothing in a calendar.
    pub remove_old_meeting_messages: bool,
    /// Meetings of more people than the room seats are beyond its limits.
    pub enforce_capacity: bool,
    /// A meeting that nobody checks in to is given up.
    pub enable_auto_release: bool,
    /// How long after its start.
    pub post_reservation_max_claim_time_in_minutes: u32,
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
            delete_attachments: true,
            remove_private_property: true,
            allow_conflicts: false,
            conflict_percentage_allowed: 0,
            maximum_conflict_instances: 0,
            all_book_in_policy: true,
            all_request_in_policy: false,
            all_request_out_of_policy: false,
            tentative_pending_approval: true,
            add_new_requests_tentatively: true,
            process_external_meeting_messages: false,
            booking_window_in_days: Some(180),
            enforce_scheduling_horizon: true,
            maximum_duration_in_minutes: 1440,
            remove_canceled_meetings: false,
            remove_old_meeting_messages: true,
            enforce_capacity: false,
            enable_auto_release: false,
            post_reservation_max_claim_time_in_minutes: 10,
            delay_ms: 3000,
        }
    }
}

impl CalendarProcessing {
    /// What Microsoft's own room devices are set up with: the room's copy says what the organizer wrote.
    /// Meetings of any length, however far ahead, are taken.
    pub fn preserving() -> Self {
        Self {
            delete_subject: false,
            add_organizer_to_subject: false,
            delete_comments: false,
            remove_private_property: false,
            booking_window_in_days: None,
            maximum_duration_in_minutes: 0,
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

/// Whose mailbox it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MailboxKind {
    Room,
    Person,
}

/// A room to add to the world.
#[derive(Debug, Clone)]
pub struct Room {
    pub(crate) alias: String,
    pub(crate) mailbox: Mailbox,
    pub(crate) kind: MailboxKind,
    pub(crate) state: MailboxState,
    /// How often the mailbox has moved to another database.
    pub(crate) moves: u32,
    pub(crate) zone: Zone,
    /// How many people it seats, if that is known.
    pub(crate) capacity: Option<u32>,
    pub(crate) processing: CalendarProcessing,
    pub(crate) policy: BookingPolicy,
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
            kind: MailboxKind::Room,
            state: MailboxState::Healthy,
            moves: 0,
            zone: Zone::utc(),
            capacity: None,
            processing: CalendarProcessing::default(),
            policy: BookingPolicy::default(),
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

    /// The mailbox of a person: requests are filed as tentative, and wait.
    pub(crate) fn person(alias: &str, mailbox: Mailbox) -> Self {
        let processing = CalendarProcessing::preserving().deciding(AutomateProcessing::AutoUpdate);
        Self { mailbox, kind: MailboxKind::Person, ..Self::new(alias).processing(processing) }
    }

    /// The same in another zone: bookings made in the room are written in it.
    #[must_use]
    pub fn in_zone(mut self, zone: Zone) -> Self {
        self.zone = zone;
        self
    }

    /// The same for that many people (`ResourceCapacity`).
    #[must_use]
    pub fn seating(mut self, capacity: u32) -> Self {
        self.capacity = Some(capacity);
        self
    }

    /// Whether what is sent to it changes its calendar: it arrives, and an attendant looks at it.
    pub(crate) fn heeds_mail(&self) -> bool {
        self.processing.automate_processing != AutomateProcessing::None && self.state.receives()
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
