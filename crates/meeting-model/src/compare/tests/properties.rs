//! What holds of every comparison.

use super::*;
use crate::item::Override;
use chrono::NaiveDate;
use proptest::prelude::*;

/// One of six items: a single meeting, or a daily series of three; some answered or named otherwise.
fn item() -> impl Strategy<Value = CalendarItem> {
    (0usize..6, 0i64..5 * 24, any::<(bool, bool, bool)>()).prop_map(
        |(number, hours, (repeats, renamed, declined))| {
            let start = utc("2026-03-02T08:00:00Z") + TimeDelta::hours(hours);
            let (name, start) = (format!("m{number}"), start.format("%Y-%m-%dT%H:%M:%SZ").to_string());
            let item = if repeats { series(&name, &start) } else { meeting(&name, &start) };
            CalendarItem {
                subject: Some(if renamed { "Review" } else { "Budget" }.to_owned()),
                response: if declined { Response::Decline } else { Response::Accept },
                ..item
            }
        },
    )
}

fn calendar() -> impl Strategy<Value = BTreeMap<ItemId, CalendarItem>> {
    proptest::collection::vec(item(), 0..6)
        .prop_map(|items| items.into_iter().map(|item| (item.item_id.clone(), item)).collect())
}

/// How the server's expansion departs from ours: an occurrence's nth day is shifted by hours, or is not there.
fn whims() -> impl Strategy<Value = BTreeMap<(usize, usize), Option<i64>>> {
    proptest::collection::btree_map((0usize..6, 0usize..3), proptest::option::of(-3i64..4), 0..6)
}

/// What the server lists of its calendar.
fn listed(server: &BTreeMap<ItemId, CalendarItem>, whims: &BTreeMap<(usize, usize), Option<i64>>) -> View {
    let mut all = Vec::new();
    for item in server.values() {
        let number: usize = item.item_id.as_str().trim_start_matches('m').parse().unwrap();
        for (day, mut row) in rows(item).into_iter().enumerate() {
            let whim = whims.get(&(number, day)).filter(|_| item.series.is_some());
            match whim {
                Some(None) => continue,
                Some(Some(hours)) => {
                    let shift = |instant: Option<DateTime<Utc>>| Some(instant? + TimeDelta::hours(*hours));
                    (row.start, row.end) = (shift(row.start), shift(row.end));
                }
                None => (),
            }
            all.push(row);
        }
    }
    // A server that lists an occurrence is one that expands.
    let proof = meeting("proof", "2026-03-02T12:00:00Z");
    all.push(ViewRow { kind: Some(RowKind::Occurrence), original_start: None, ..row(&proof, proof.start) });
    View {
        rows: all,
        window: Window { end: utc("2026-03-20T00:00:00Z"), ..week() },
        complete_until: utc("2026-03-20T00:00:00Z"),
    }
}

/// Does away with what is gone, reads what the comparison asks for, and takes the server's instants of what is as it was.
fn heal(room: &mut Room, view: &View, server: &BTreeMap<ItemId, CalendarItem>) -> Comparison {
    let comparison = room.compare(view);
    room.forget_what_is_gone(&comparison);
    let as_they_were = reread(room, &comparison, server);
    room.take_instants(view, &as_they_were.iter().collect::<Vec<_>>());
    comparison
}

/// Reads what a comparison asks for: what of it is as it was.
fn reread(
    room: &mut Room,
    comparison: &Comparison,
    server: &BTreeMap<ItemId, CalendarItem>,
) -> Vec<CalendarItem> {
    let mut observed = Observed::nothing(crate::observed::Coverage::Delta);
    for reread in &comparison.reread {
        let id = match reread {
            Reread::Item(id) => id.clone(),
            Reread::MasterOf(id) => ItemId::new(id.as_str().split(' ').next().unwrap()),
            Reread::Calendar => continue,
        };
        match server.get(&id) {
            Some(item) => observed.items.push(item.clone()),
            None => observed.deleted.push(id),
        }
    }
    let plan = room.take(Some(&observed));
    let has_changed = |item: &CalendarItem| plan.items.iter().any(|changed| changed.item_id == item.item_id);
    observed.items.into_iter().filter(|item| !has_changed(item)).collect()
}

fn spans_of(view: &View) -> Vec<Window> {
    let mut spans: Vec<Window> = view.rows.iter().filter_map(ViewRow::span).collect();
    spans.sort_by_key(|span| (span.start, span.end));
    spans
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// The room knows each series as the server has it, and expands some of it otherwise: reading it once more mends that.
    #[test]
    fn t1_after_healing_the_room_shows_the_servers_instants(server in calendar(), whims in whims()) {
        let proof = series_of_one();
        let mut known = server.clone();
        known.insert(proof.item_id.clone(), proof);
        let mut room = Room::with(&known.values().cloned().collect::<Vec<_>>());
        let view = listed(&server, &whims);
        let comparison = heal(&mut room, &view, &known);
        prop_assert_eq!(&room.compare(&view).differences, &[]);
        prop_assert_eq!(room.spans(), spans_of(&view));
        prop_assert!(comparison.differences.iter().all(|one| matches!(
            one.kind, DifferenceKind::Moved | DifferenceKind::Ghost
        )));
    }

    /// The room knows something else altogether: healing and reading mend all of it.
    #[test]
    fn t1_after_healing_and_reading_nothing_differs(known in calendar(), server in calendar(), whims in whims()) {
        let mut server = server;
        let proof = series_of_one();
        server.insert(proof.item_id.clone(), proof);
        let mut room = Room::with(&known.into_values().collect::<Vec<_>>());
        let mut without_proof = server.clone();
        without_proof.remove(&ItemId::new("proof"));
        let view = listed(&without_proof, &whims);
        // what is read first as it has become is as it was when it is read again
        for _ in 0..3 {
            heal(&mut room, &view, &server);
        }
        prop_assert_eq!(&room.compare(&view).differences, &[]);
        prop_assert_eq!(room.spans(), spans_of(&view));
    }

    /// However much of the view is cut off, nothing beyond its reach is called a ghost.
    #[test]
    fn t1_a_cut_view_loses_nothing_beyond_its_reach(server in calendar(), hours in 0i64..24 * 9) {
        let room = Room::with(&server.values().cloned().chain([series_of_one()]).collect::<Vec<_>>());
        let mut view = listed(&server, &BTreeMap::new());
        view.complete_until = view.window.start + TimeDelta::hours(hours);
        view.rows.retain(|row| row.start.is_some_and(|start| start < view.complete_until));
        prop_assert_eq!(&room.compare(&view).differences, &[]);
    }
}

/// A series whose only occurrence the server lists without whims.
fn series_of_one() -> CalendarItem {
    let mut item = series("proof", "2026-03-02T12:00:00Z");
    item.series.as_mut().unwrap().recurrence.end = RangeEnd::After(1);
    item
}

#[test]
fn overrides_are_kept_by_date_and_not_for_ever() {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let mut overrides = Vec::new();
    for date in ["2026-03-05", "2026-03-04", "2026-03-05", "2025-01-01"] {
        healing::put(&mut overrides, Override { date: day(date), span: None });
    }
    assert_eq!(
        overrides.iter().map(|one| one.date).collect::<Vec<_>>(),
        [day("2025-01-01"), day("2026-03-04"), day("2026-03-05")]
    );
    healing::put(&mut overrides, Override { date: day("2026-12-01"), span: None });
    assert_eq!(overrides.len(), 3);
}
