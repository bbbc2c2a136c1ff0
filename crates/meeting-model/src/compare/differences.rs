//! What both sides say of the same occurrence, and what only one of them has.

use super::{
    Comparison, Difference,
    DifferenceKind::{Ghost, Missing, Moved, Private, Renamed, Response as Answer},
    Remedy, Reread,
    join::{Joined, Row, same_subject},
    view::{RowKind, View, ViewRow},
};
use crate::{
    clock::Window,
    identity::{MeetingKey, Slot},
    item::{CalendarItem, Override, Response, ShowAs},
    planner::drafts::Draft,
};

pub(super) fn of(joined: &Joined<'_>, view: &View, span: Window) -> Comparison {
    let mut comparison = Comparison::default();
    for (row, draft) in &joined.pairs {
        comparison.compared += 1;
        comparison.pair(row, draft);
    }
    for row in &joined.rows {
        comparison.server_only(row, joined, span);
    }
    // Nothing proves that the server expands series unless it lists an occurrence of one.
    let expands = view.rows.iter().any(ViewRow::is_occurrence);
    let busy = if expands { Vec::new() } else { busy(view) };
    for draft in &joined.ours {
        if takes_the_room(draft) && is_inside(draft, span) && is_free(draft, &busy) {
            comparison.ours_only_by_availability(draft);
            continue;
        }
        let in_reach =
            span.overlaps(draft.start, draft.end) && draft.start.max(span.start) < view.complete_until;
        if in_reach && (expands || draft.source.series.is_none()) {
            comparison.ours_only(draft);
        } else if in_reach {
            comparison.reread.insert(Reread::Item(draft.source.item_id.clone()));
        }
    }
    comparison
}

impl Comparison {
    fn pair(&mut self, Row { said: row, .. }: &Row<'_>, draft: &Draft<'_>) {
        let item = &draft.item;
        let differ = |kind, remedy| Difference {
            kind,
            key: Some(key_of(draft)),
            ours: Some(span_of(draft)),
            server: row.span(),
            remedy,
        };
        let before = self.differences.len();
        let start = row.start.unwrap_or(draft.start);
        let end = row.end.unwrap_or(start + (draft.end - draft.start)).max(start);
        if (start, end) != (draft.start, draft.end) {
            let is_read_first = is_read_first(row, item);
            let remedy = if is_read_first { Remedy::Read } else { moved(draft, Window { start, end }) };
            self.differences.push(differ(Moved, remedy));
        }
        if !same_subject(row, item) {
            self.differences.push(differ(Renamed, Remedy::Read));
        }
        if answered_otherwise(row, item) {
            self.differences.push(differ(Answer, Remedy::Read));
        }
        if is_more_secret(row, item) {
            self.differences.push(differ(Private, Remedy::Read));
        }
        if self.differences.len() > before {
            self.reread.insert(Reread::Item(draft.source.item_id.clone()));
        }
    }

    fn server_only(&mut self, row: &Row<'_>, joined: &Joined<'_>, span: Window) {
        let server = row.said.span();
        let is_series = row.said.kind == Some(RowKind::RecurringMaster);
        let ours = row.said.item_id.as_ref().filter(|id| joined.known.items.contains_key(id));
        match (is_series, ours) {
            // Not expanded: there is nothing to compare, but perhaps something to learn.
            (true, Some(id)) => {
                self.reread.insert(Reread::Item(id.clone()));
                return;
            }
            (false, _) if server.is_some_and(|server| !span.overlaps(server.start, server.end)) => return,
            _ => (),
        }
        let series = row.slot_of_series();
        let remedy = match (series, server) {
            (Some((series, date)), Some(server)) if !is_read_first(row.said, series) => {
                Remedy::Override(series.item_id.clone(), Override { date, span: Some(server) })
            }
            _ => Remedy::Read,
        };
        self.reread.insert(match (row.series.filter(|_| !is_series), &row.said.item_id) {
            (Some(series), _) => Reread::Item(series.item_id.clone()),
            (None, Some(id)) if row.said.is_occurrence() => Reread::MasterOf(id.clone()),
            (None, Some(id)) => Reread::Item(id.clone()),
            (None, None) => Reread::Calendar,
        });
        let key = row.key.as_ref().map(|(meeting, slot)| MeetingKey::of(meeting, *slot));
        self.compared += 1;
        self.differences.push(Difference { kind: Missing, key, ours: None, server, remedy });
    }

    /// At the time of our occurrence the server calls the room free. It may have been moved or deleted: which is to be read.
    fn ours_only_by_availability(&mut self, draft: &Draft<'_>) {
        self.reread.insert(Reread::Item(draft.source.item_id.clone()));
        self.compared += 1;
        let (key, ours) = (Some(key_of(draft)), Some(span_of(draft)));
        self.differences.push(Difference { kind: Ghost, key, ours, server: None, remedy: Remedy::Read });
    }

    fn ours_only(&mut self, draft: &Draft<'_>) {
        let item = draft.source.item_id.clone();
        // It may have come after the view was taken: then reading it brings it back.
        self.reread.insert(Reread::Item(item.clone()));
        let remedy = match draft.slot {
            Slot::Whole => Remedy::Remove(item),
            Slot::On(date) => Remedy::Override(item, Override { date, span: None }),
        };
        self.compared += 1;
        let (key, ours) = (Some(key_of(draft)), Some(span_of(draft)));
        self.differences.push(Difference { kind: Ghost, key, ours, server: None, remedy });
    }
}

/// Whether other times are not to be shown before the item was read again: the room has not accepted them (rules A4 and A7),
/// or they would be shown under a subject that the meeting never had then, or that is secret now (rule P5).
fn is_read_first(row: &ViewRow, item: &CalendarItem) -> bool {
    answered_otherwise(row, item) || !same_subject(row, item) || is_more_secret(row, item)
}

/// Whether the server calls it more secret than we know it to be. Not the reverse: who says nothing of it calls it normal.
fn is_more_secret(row: &ViewRow, item: &CalendarItem) -> bool {
    row.sensitivity > item.sensitivity
}

/// Whether the room has answered otherwise than we know.
fn answered_otherwise(row: &ViewRow, item: &CalendarItem) -> bool {
    let answer = row.response.filter(|answer| *answer != Response::Unknown);
    answer.is_some_and(|answer| answer != item.response)
        || row.is_cancelled.is_some_and(|cancelled| cancelled != item.cancelled())
}

/// When the mailbox is busy, where that is told instead of the occurrences of series: rows that name nothing.
fn busy(view: &View) -> Vec<Window> {
    let names_nothing =
        |row: &&ViewRow| row.item_id.is_none() && row.meeting().is_none() && row.subject.is_none();
    view.rows.iter().filter(names_nothing).filter_map(ViewRow::span).collect()
}

/// Whether nothing of what makes the mailbox busy is at the time of an occurrence. Where nothing at all is told, nothing is
/// known.
fn is_free(draft: &Draft<'_>, busy: &[Window]) -> bool {
    !busy.is_empty() && !busy.iter().any(|busy| busy.overlaps(draft.start, draft.end))
}

fn takes_the_room(draft: &Draft<'_>) -> bool {
    matches!(draft.item.show_as, ShowAs::Busy | ShowAs::OutOfOffice) && !draft.item.cancelled()
}

fn is_inside(draft: &Draft<'_>, span: Window) -> bool {
    draft.start > span.start && draft.end < span.end
}

fn moved(draft: &Draft<'_>, span: Window) -> Remedy {
    let item = draft.source.item_id.clone();
    match draft.slot {
        Slot::Whole => Remedy::Instants(item, span),
        Slot::On(date) => Remedy::Override(item, Override { date, span: Some(span) }),
    }
}

fn key_of(draft: &Draft<'_>) -> MeetingKey {
    MeetingKey::of(&draft.meeting, draft.slot)
}

fn span_of(draft: &Draft<'_>) -> Window {
    Window { start: draft.start, end: draft.end }
}
