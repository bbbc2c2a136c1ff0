//! What people write of an item and no attendant decides by ([MS-OXWSCORE] ItemType, [MS-OXWSMTGS] CalendarItemType).

use std::sync::{Arc, LazyLock};

/// Elements that hold a text each, as they were written.
pub(crate) type Leaves = Vec<(String, String)>;

/// How important an item is ([MS-OXWSCDATA] ImportanceChoicesType).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Importance {
    Low,
    #[default]
    Normal,
    High,
}

/// When somebody is reminded of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reminder {
    pub(crate) is_set: bool,
    /// Minutes before the start.
    pub(crate) minutes: u32,
}

impl Default for Reminder {
    /// What Outlook offers.
    fn default() -> Self {
        Self { is_set: false, minutes: 15 }
    }
}

/// What is known of a place besides its name ([MS-OXWSMTGS] EnhancedLocationType).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) annotation: Option<String>,
    pub(crate) address: Leaves,
}

/// All of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Particulars {
    pub(crate) categories: Vec<String>,
    pub(crate) reminder: Reminder,
    pub(crate) inbox_reminders: Vec<Leaves>,
    pub(crate) importance: Importance,
    pub(crate) asks_no_response: bool,
    pub(crate) takes_no_proposals: bool,
    pub(crate) not_to_be_forwarded: bool,
    pub(crate) is_online: bool,
    pub(crate) conference_type: Option<i32>,
    pub(crate) workspace_url: String,
    pub(crate) net_show_url: String,
    pub(crate) place: Option<Place>,
}

impl Particulars {
    /// Nothing of it; shared, for hardly any item has some.
    pub(crate) fn none() -> Arc<Self> {
        static NONE: LazyLock<Arc<Particulars>> = LazyLock::new(Arc::default);
        Arc::clone(&NONE)
    }

    /// What of it an invitation carries into a mailbox, which keeps what its owner wrote for himself.
    pub(crate) fn received(sent: &Arc<Self>, own: &Self) -> Arc<Self> {
        let Self { categories, reminder, inbox_reminders, .. } = own;
        let same = sent.categories == *categories
            && sent.reminder == *reminder
            && sent.inbox_reminders == *inbox_reminders;
        if same {
            return Arc::clone(sent);
        }
        Arc::new(Self {
            categories: categories.clone(),
            reminder: *reminder,
            inbox_reminders: inbox_reminders.clone(),
            ..Self::clone(sent)
        })
    }
}
