//! FindItem with a CalendarView ([MS-OXWSSRCH] 3.1.4.2, [MS-OXWSMTGS] 2.2.4): what a span of a calendar holds.

mod row;

use super::{Dialect, Mailbox, date_time, field_uris, reply};
use crate::{
    error::Error,
    http::{Operation, Reply, Request},
    xml,
};
use meeting_model::clock::Window;
pub use row::Row;

/// What to be told of each item besides its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Start, end and type: enough to see whether there is anything.
    Span,
    /// All that a view can tell and a comparison of occurrences asks for. Bodies, attendees and the organizer's address are
    /// not among it.
    Whole,
}

/// What a view showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Single meetings and occurrences; some servers list series instead of their occurrences.
    pub rows: Vec<Row>,
    /// Whether that is all.
    pub is_whole: bool,
}

const SPAN: [&str; 3] = ["calendar:Start", "calendar:End", "calendar:CalendarItemType"];

/// What every version since Exchange 2007 SP1 tells in a view.
const WHOLE: [&str; 13] = [
    "item:Subject",
    "item:Sensitivity",
    "calendar:UID",
    "calendar:RecurrenceId",
    "calendar:Start",
    "calendar:End",
    "calendar:OriginalStart",
    "calendar:IsAllDayEvent",
    "calendar:IsCancelled",
    "calendar:IsRecurring",
    "calendar:CalendarItemType",
    "calendar:MyResponseType",
    "calendar:AppointmentState",
];

/// Asks for at most `max` items that overlap the window. Exchange refuses windows of more than two years.
pub fn request(dialect: Dialect, mailbox: &Mailbox, window: Window, shape: Shape, max: u16) -> Request {
    let fields = match shape {
        Shape::Span => field_uris(&SPAN),
        Shape::Whole => field_uris(&WHOLE) + super::GLOBAL_OBJECT_IDS,
    };
    let body = format!(
        concat!(
            r#"<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape>"#,
            "<t:AdditionalProperties>{fields}</t:AdditionalProperties></m:ItemShape>",
            r#"<m:CalendarView MaxEntriesReturned="{max}" StartDate="{start}" EndDate="{end}"/>"#,
            "<m:ParentFolderIds>{calendar}</m:ParentFolderIds></m:FindItem>",
        ),
        fields = fields,
        max = max.max(1),
        start = date_time::format(window.start),
        end = date_time::format(window.end),
        calendar = mailbox.calendar(),
    );
    dialect.request(mailbox, Operation::FindItem, &body)
}

/// Reads a view that was asked for with `max`: one that holds as many is not believed to be whole. What is not a calendar
/// item is left out.
///
/// # Errors
///
/// When the reply is not a view, or does not say whether it is whole: see [`Problem`](crate::Problem).
pub fn parse(reply: &Reply<'_>, max: u16) -> Result<View, Error> {
    let message = reply::message(Operation::FindItem, reply)?;
    let missing = |element| reply::missing(Operation::FindItem, element);
    let root = message.child("RootFolder").ok_or_else(|| missing("RootFolder"))?;
    let items = root.child("Items").ok_or_else(|| missing("Items"))?;
    let includes_last = root.attribute("IncludesLastItemInRange").and_then(xml::boolean);
    let includes_last = includes_last.ok_or_else(|| missing("IncludesLastItemInRange"))?;
    let total = root.attribute("TotalItemsInView").and_then(|total| total.parse().ok());
    let count = items.children.len();
    Ok(View {
        is_whole: includes_last
            && total.is_none_or(|total: usize| total <= count)
            && count < usize::from(max.max(1)),
        rows: items
            .children_named("CalendarItem")
            .map(Row::read)
            .collect::<Option<_>>()
            .ok_or_else(|| missing("ItemId"))?,
    })
}
