//! Rule P7: what a meeting that is long over still says.

use crate::{
    item::{CalendarItem, Series},
    join::Join,
    subject,
};
use chrono::{DateTime, Days, Utc};

/// The item without names where it ended before a moment, or without those exceptions of it that did. Absent where
/// nothing is to be forgotten.
pub(super) fn forgotten(item: &CalendarItem, before: DateTime<Utc>) -> Option<CalendarItem> {
    let rest = match &item.series {
        Some(series) if is_over(item, series, before) => nameless(item),
        Some(series) if series.exceptions.iter().any(|one| one.item.is_some() && one.end < before) => {
            item.clone()
        }
        None if item.end.max(item.start) < before => nameless(item),
        _ => return None,
    };
    let mut rest = rest;
    for exception in rest.series.iter_mut().flat_map(|series| &mut series.exceptions) {
        exception.item = exception.item.take().filter(|_| exception.end >= before);
    }
    (rest != *item).then_some(rest)
}

/// Whether the last occurrence is over, wherever an exception or the server may have put it.
fn is_over(item: &CalendarItem, series: &Series, before: DateTime<Utc>) -> bool {
    let days = (item.end - item.start).num_days().max(0).unsigned_abs() + 2;
    let Some(last) =
        series.recurrence.last_possible().and_then(|last| last.checked_add_days(Days::new(days)))
    else {
        return false;
    };
    let moved = series.exceptions.iter().map(|exception| exception.end);
    let said = series.overrides.iter().filter_map(|one| Some(one.span?.end));
    last < before.date_naive() && moved.chain(said).all(|end| end < before)
}

fn nameless(item: &CalendarItem) -> CalendarItem {
    let subject = subject::without_name(item);
    // an address may be a name
    CalendarItem { organizer: None, location: None, join: Join::default(), subject, ..item.clone() }
}
