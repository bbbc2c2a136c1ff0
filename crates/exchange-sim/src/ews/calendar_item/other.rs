//! Which properties the server that is not Exchange writes.

use super::Writer;
use crate::item::Sensitivity;

/// Whether it writes a property. Some come with every shape, some only when they say something, and attendees only
/// when they are asked for by name.
pub(super) fn writes(w: &Writer<'_, '_>, uri: &str, wanted: bool) -> bool {
    let item = w.view.item;
    match uri {
        "item:DateTimeReceived"
        | "calendar:IsRecurring"
        | "calendar:CalendarItemType"
        | "calendar:Recurrence" => true,
        "calendar:Organizer" | "calendar:IsMeeting" | "calendar:MyResponseType" => {
            wanted && item.is_meeting()
        }
        "item:Sensitivity" => wanted && item.sensitivity != Sensitivity::Normal,
        "calendar:RequiredAttendees" | "calendar:Resources" => w.shape.names(uri),
        _ => wanted,
    }
}
