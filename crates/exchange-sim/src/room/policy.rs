//! The people whom a room's attendant treats differently (Set-CalendarProcessing).

/// Who may do what the settings for all do not allow, by address or alias.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct BookingPolicy {
    /// They book without asking, within the limits.
    pub book_in_policy: Vec<String>,
    /// They may ask a delegate, within the limits.
    pub request_in_policy: Vec<String>,
    /// They may ask a delegate for what is beyond the limits too.
    pub request_out_of_policy: Vec<String>,
    /// They decide about what is asked, with every right in the room's calendar.
    pub resource_delegates: Vec<String>,
}
