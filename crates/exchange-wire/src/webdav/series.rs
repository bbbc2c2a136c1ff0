//! Series as the store expands them: each occurrence that it lists is one, and no other is.
//!
//! Rule T1 of WebDAV: the server's rows come first. A series is told as a pattern without days of its own, and everything
//! that the store lists as what differs from it; what occurrences have in common is their master's.

use super::appointment::{Instance, Row};
use chrono::{DateTime, Utc};
use meeting_model::{
    global_object_id::GlobalObjectId,
    id::ItemId,
    item::{CalendarItem, Exception, ItemKind, Response, Series},
    join::JoinRules,
    recurrence::{Pattern, RangeEnd, Recurrence},
};
use std::collections::BTreeMap;

/// Single meetings and series, and what of them cannot be read.
pub(super) fn items(rows: &[Row], masters: &[Row], join: &JoinRules) -> (Vec<CalendarItem>, Vec<ItemId>) {
    let (mut items, mut unreadable) = (Vec::new(), Vec::new());
    let mut series: BTreeMap<GlobalObjectId, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        match (row.instance, row.series_id()) {
            (Instance::Occurrence | Instance::Exception, Some(id)) => series.entry(id).or_default().push(row),
            // what names no series stands for itself
            (Instance::Single | Instance::Occurrence | Instance::Exception, _) => {
                match row.to_meeting(join) {
                    Some(item) => items.push(CalendarItem { kind: ItemKind::Single, ..item }),
                    None => unreadable.push(row.id.clone()),
                }
            }
            (Instance::Master, _) => {}
        }
    }
    let masters = by_series(masters);
    for (id, occurrences) in series {
        match whole(masters.get(&id).copied(), &occurrences, join) {
            Some(item) => items.push(item),
            None => unreadable.extend(occurrences.first().map(|row| row.id.clone())),
        }
    }
    (items, unreadable)
}

/// Masters by what their series are known by: of several the first.
fn by_series(masters: &[Row]) -> BTreeMap<GlobalObjectId, &Row> {
    masters.iter().rev().filter_map(|master| Some((master.series_id()?, master))).collect()
}

/// Whether occurrences are told otherwise than their masters are, which were asked for later: the series has changed between,
/// and its occurrences may be others now.
pub(super) fn is_overtaken(rows: &[Row], masters: &[Row]) -> bool {
    let masters = by_series(masters);
    let occurrences = rows.iter().filter(|row| row.instance == Instance::Occurrence);
    let mut pairs = occurrences.filter_map(|row| Some((row, *masters.get(&row.series_id()?)?)));
    pairs.any(|(row, master)| {
        let answers = [row.response(), master.response()];
        let subjects = row.subject().zip(master.subject());
        (!answers.contains(&Response::Unknown) && answers[0] != answers[1])
            || subjects.is_some_and(|(occurrence, series)| occurrence != series)
    })
}

/// A series by its master, or by its first occurrence where the store has lost that.
fn whole(master: Option<&Row>, occurrences: &[&Row], join: &JoinRules) -> Option<CalendarItem> {
    let told = master.or(occurrences.first().copied())?;
    let item = told.to_meeting(join)?;
    let exceptions: Vec<Exception> =
        occurrences.iter().map(|row| exception(row, told, item.start, join)).collect::<Option<_>>()?;
    let series = Series {
        recurrence: Recurrence {
            pattern: Pattern::Regenerating,
            start_date: item.start.date_naive(),
            end: RangeEnd::After(1),
        },
        exceptions,
        // the pattern's only day counts where the store lists it, like any other
        deleted: vec![item.start],
        overrides: Vec::new(),
    };
    Some(CalendarItem { kind: ItemKind::RecurringMaster, series: Some(series), ..item })
}

fn exception(row: &Row, series: &Row, series_start: DateTime<Utc>, join: &JoinRules) -> Option<Exception> {
    let start = row.start()?;
    let own = match row.instance {
        Instance::Exception => Some(Box::new(row.to_exception(series, join)?)),
        _ => None,
    };
    Some(Exception {
        original_start: row.original_start(series_start)?,
        start,
        end: row.end()?.max(start),
        item: own,
    })
}
