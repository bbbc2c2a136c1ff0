//! Which faults befall Exchange.

use exchange_sim::Fault;

/// Whether a fault lets Exchange say what is not so, in a way that nobody can see through.
pub trait Deceit {
    /// Whether it does.
    fn deceives(&self) -> bool;
}

impl Deceit for Fault {
    fn deceives(&self) -> bool {
        matches!(
            self,
            // events that are lost without a word, a calendar that is said to be empty
            Self::EventsLost | Self::EmptyCalendar
            // items that are said to be gone, or to be spoilt
            | Self::ItemNotFound | Self::RecurrenceEmpty | Self::ItemCorrupt
            // zones and dates that are not the item's
            | Self::StrangeTimeZone | Self::CustomTimeZone | Self::ShiftedOriginalStart
        )
    }
}

/// Whether it befalls simulations: not one whose reply is 40 MiB of white space, which only costs time.
pub(super) fn befalls(fault: Fault) -> bool {
    fault != Fault::OversizedReply
}
