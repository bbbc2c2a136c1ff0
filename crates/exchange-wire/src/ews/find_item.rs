//! FindItem with a CalendarView ([MS-OXWSSRCH] 3.1.4.2, [MS-OXWSMTGS] 2.2.4): what a span of a calendar holds.

use super::{Dialect, Listed, Mailbox, date_time, field_uris, reply};
use crate::{
    error::Error,
    http::{Operation, Reply, Request},
    xml,
};
use meeting_model::clock::Window;

/// What a view showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Single meetings and occurrences; some servers list series instead of their occurrences.
    pub items: Vec<Listed>,
    /// Whether that is all.
    pub is_whole: bool,
}

/// Asks for at most `max` items that overlap the window. Exchange refuses windows of more than two years.
pub fn request(dialect: Dialect, mailbox: &Mailbox, window: Window, max: u16) -> Request {
    let body = format!(
        concat!(
            r#"<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape>"#,
            "<t:AdditionalProperties>{fields}</t:AdditionalProperties></m:ItemShape>",
            r#"<m:CalendarView MaxEntriesReturned="{max}" StartDate="{start}" EndDate="{end}"/>"#,
            "<m:ParentFolderIds>{calendar}</m:ParentFolderIds></m:FindItem>",
        ),
        fields = field_uris(&["calendar:Start", "calendar:End", "calendar:CalendarItemType"]),
        max = max.max(1),
        start = date_time::format(window.start),
        end = date_time::format(window.end),
        calendar = mailbox.calendar(),
    );
    dialect.request(mailbox, Operation::FindItem, &body)
}

/// Reads a view.
///
/// # Errors
///
/// When the reply is not a view, or does not say whether it is whole: see [`Problem`](crate::Problem).
pub fn parse(reply: &Reply<'_>) -> Result<View, Error> {
    let message = reply::message(Operation::FindItem, reply)?;
    let missing = |element| reply::missing(Operation::FindItem, element);
    let root = message.child("RootFolder").ok_or_else(|| missing("RootFolder"))?;
    let items = root.child("Items").ok_or_else(|| missing("Items"))?;
    let includes_last = root.attribute("IncludesLastItemInRange").and_then(xml::boolean);
    let includes_last = includes_last.ok_or_else(|| missing("IncludesLastItemInRange"))?;
    let total = root.attribute("TotalItemsInView").and_then(|total| total.parse().ok());
    Ok(View {
        is_whole: includes_last && total.is_none_or(|total: usize| total <= items.children.len()),
        items: items
            .children_named("CalendarItem")
            .map(Listed::read)
            .collect::<Option<_>>()
            .ok_or_else(|| missing("ItemId"))?,
    })
}
