mod healed;
mod properties;

use super::*;
use crate::{
    example::{meeting, settings, utc},
    identity::meeting_id,
    item::{CalendarItem, Exception, ItemKind, Response, Sensitivity, Series},
    observed::Observed,
    plan::{Plan, PlannedOccurrence, Site, plan},
    privacy::SiteSecret,
    recurrence::{Pattern, RangeEnd, Recurrence},
};
use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;

/// A room that carries out what is planned for it.
struct Room {
    known: Known,
    zones: ZoneDatabase,
    now: Now,
}

impl Room {
    /// In the morning of 2 March 2026, a Monday.
    fn with(items: &[CalendarItem]) -> Self {
        let now = Now { wall: utc("2026-03-02T07:00:00Z"), mono: Duration::ZERO };
        let mut room = Self { known: Known::default(), zones: ZoneDatabase::bundled(), now };
        room.read(items);
        room
    }

    fn take(&mut self, observed: Option<&Observed>) -> Plan {
        let secret = SiteSecret::new([1; 32]);
        let site = Site { secret: &secret, zones: &self.zones };
        let room = crate::id::RoomId::new("room");
        let plan = plan(&room, &self.known, observed, &settings(), site, self.now);
        crate::example::carry_out(&mut self.known, &plan);
        plan
    }

    fn read(&mut self, items: &[CalendarItem]) {
        let coverage = crate::observed::Coverage::Delta;
        let items = items.to_vec();
        self.take(Some(&Observed { items, ..Observed::nothing(coverage) }));
    }

    fn compare(&self, view: &View) -> Comparison {
        compare(&self.known, view, &settings(), &self.zones, self.now)
    }

    /// What is gone is so at once.
    fn forget_what_is_gone(&mut self, comparison: &Comparison) {
        let removal = comparison.removal(&self.known);
        self.take(removal.as_ref());
    }

    /// What was read again, and is as it was, takes the server's instants.
    fn take_instants(&mut self, view: &View, as_they_were: &[&CalendarItem]) {
        let as_they_were = as_they_were.iter().map(|item| item.item_id.clone()).collect();
        let instants = self.compare(view).instants(&self.known, &as_they_were);
        self.take(instants.as_ref());
    }

    fn heal(&mut self, view: &View, as_they_were: &[&CalendarItem]) {
        self.forget_what_is_gone(&self.compare(view));
        self.take_instants(view, as_they_were);
    }

    fn spans(&self) -> Vec<Window> {
        let span = |one: &PlannedOccurrence| Window { start: one.start, end: one.end };
        let mut spans: Vec<Window> = self.known.occurrences.values().map(span).collect();
        spans.sort_by_key(|span| (span.start, span.end));
        spans
    }
}

fn week() -> Window {
    Window { start: utc("2026-03-02T00:00:00Z"), end: utc("2026-03-09T00:00:00Z") }
}

fn view(rows: &[ViewRow]) -> View {
    View { rows: rows.to_vec(), window: week(), complete_until: week().end }
}

fn series(name: &str, start: &str) -> CalendarItem {
    let single = meeting(name, start);
    let start_date = crate::example::zone("Europe/Berlin").local(single.start).date();
    let recurrence =
        Recurrence { pattern: Pattern::Daily { interval: 1 }, start_date, end: RangeEnd::After(3) };
    let series = Series { recurrence, exceptions: Vec::new(), deleted: Vec::new(), overrides: Vec::new() };
    CalendarItem { kind: ItemKind::RecurringMaster, series: Some(series), ..single }
}

/// What a server lists of an item at some start.
fn row(item: &CalendarItem, start: DateTime<Utc>) -> ViewRow {
    let is_series = item.series.is_some();
    ViewRow {
        item_id: Some(if is_series {
            ItemId::new(format!("{} {start}", item.item_id.as_str()))
        } else {
            item.item_id.clone()
        }),
        clean_global_object_id: item.clean_global_object_id.clone(),
        uid: item.uid.clone(),
        original_start: is_series.then_some(start),
        start: Some(start),
        end: Some(start + (item.end - item.start)),
        subject: item.subject.clone(),
        sensitivity: item.sensitivity,
        kind: Some(if is_series { RowKind::Occurrence } else { RowKind::Single }),
        response: Some(item.response),
        is_cancelled: Some(item.cancelled()),
        is_recurring: Some(is_series),
    }
}

fn rows(item: &CalendarItem) -> Vec<ViewRow> {
    let days = if item.series.is_some() { 3 } else { 1 };
    (0..days).map(|day| row(item, item.start + TimeDelta::days(day))).collect()
}

/// Kinds of differences, and what has to be read.
fn found(comparison: &Comparison) -> (Vec<&'static str>, Vec<String>) {
    let kinds = comparison.differences.iter().map(|difference| difference.kind.name()).collect();
    let reread = comparison.reread.iter().map(|reread| match reread {
        Reread::Item(id) => id.as_str().to_owned(),
        Reread::MasterOf(id) => format!("master of {}", id.as_str()),
        Reread::Calendar => "all".to_owned(),
    });
    (kinds, reread.collect())
}

/// What is mended by a comparison, also if all that is known was read again since and is as it was.
fn mended(comparison: &Comparison, known: &Known) -> (Option<Observed>, Option<Observed>) {
    let all = known.items.keys().cloned().collect();
    (comparison.removal(known), comparison.instants(known, &all))
}

const NINE: &str = "2026-03-03T08:00:00Z";
const THREE: &str = "2026-03-03T14:00:00Z";

fn two() -> (CalendarItem, CalendarItem) {
    (meeting("single", NINE), series("daily", THREE))
}

#[test]
fn t1_equal_sides_do_not_differ() {
    let (single, daily) = two();
    let room = Room::with(&[single.clone(), daily.clone()]);
    let comparison = room.compare(&view(&[rows(&single), rows(&daily)].concat()));
    assert_eq!(comparison, Comparison { compared: 4, ..Comparison::default() });
}

#[test]
fn t1_one_row_differs() {
    type Change = fn(&mut ViewRow);
    type Case = (&'static str, usize, Change, &'static [&'static str], &'static [&'static str]);
    let cases: [Case; 12] = [
        (
            "single moved",
            0,
            |row| row.start = row.start.map(|start| start - TimeDelta::hours(1)),
            &["moved"],
            &["single"],
        ),
        (
            "single longer",
            0,
            |row| row.end = row.end.map(|end| end + TimeDelta::hours(1)),
            &["moved"],
            &["single"],
        ),
        (
            "occurrence moved",
            2,
            |row| row.start = row.start.map(|start| start - TimeDelta::minutes(30)),
            &["moved"],
            &["daily"],
        ),
        ("renamed", 0, |row| row.subject = Some("Review".to_owned()), &["renamed"], &["single"]),
        ("spaces around", 0, |row| row.subject = Some(" Budget\r\n".to_owned()), &[], &[]),
        ("declined", 3, |row| row.response = Some(Response::Decline), &["response"], &["daily"]),
        ("cancelled", 0, |row| row.is_cancelled = Some(true), &["response"], &["single"]),
        ("renamed and moved", 0, |row| (row.subject, row.end) = (None, row.start), &["moved"], &["single"]),
        ("answer unknown", 0, |row| row.response = Some(Response::Unknown), &[], &[]),
        (
            "nothing but its start",
            0,
            |row| *row = ViewRow { start: row.start, end: row.end, ..ViewRow::default() },
            &[],
            &[],
        ),
        ("no key", 2, |row| (row.clean_global_object_id, row.item_id) = (None, None), &[], &[]),
        ("a new item id", 0, |row| row.item_id = Some(ItemId::new("other")), &[], &[]),
    ];
    let (single, daily) = two();
    let room = Room::with(&[single.clone(), daily.clone()]);
    for (name, number, change, kinds, reread) in cases {
        let mut view = view(&[rows(&single), rows(&daily)].concat());
        change(&mut view.rows[number]);
        let comparison = room.compare(&view);
        let expected = (kinds.to_vec(), reread.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>());
        assert_eq!(found(&comparison), expected, "{name}");
        assert_eq!(comparison.compared, 4, "{name}");
    }
}

#[test]
fn t1_one_side_alone() {
    let (single, daily) = two();
    let (one, three) = (rows(&single), rows(&daily));
    let unknown = ViewRow {
        item_id: None,
        clean_global_object_id: None,
        ..row(&meeting("x", NINE), utc("2026-03-05T08:00:00Z"))
    };
    let cases = [
        ("single missing", vec![&daily], [&one[..], &three].concat(), vec!["missing"], vec!["single"]),
        (
            "series missing",
            vec![&single],
            [&one[..], &three[..1]].concat(),
            vec!["missing"],
            vec!["master of daily 2026-03-03 14:00:00 UTC"],
        ),
        ("single ghost", vec![&single, &daily], three.clone(), vec!["ghost"], vec!["single"]),
        (
            "occurrence ghost",
            vec![&single, &daily],
            [&one[..], &three[..2]].concat(),
            vec!["ghost"],
            vec!["daily"],
        ),
        (
            "occurrence beyond the pattern",
            vec![&single, &daily],
            [&one[..], &three, &[row(&daily, utc("2026-03-07T14:00:00Z"))]].concat(),
            vec!["missing"],
            vec!["daily"],
        ),
        ("nothing to read it by", vec![], vec![unknown], vec!["missing"], vec!["all"]),
    ];
    for (name, known, rows, kinds, reread) in cases {
        let room = Room::with(&known.into_iter().cloned().collect::<Vec<_>>());
        let comparison = room.compare(&view(&rows));
        assert_eq!(found(&comparison), (kinds, reread.into_iter().map(str::to_owned).collect()), "{name}");
    }
}

#[test]
fn t1_no_ghosts_beyond_the_reach_of_a_view() {
    let (single, daily) = two();
    let room = Room::with(&[single.clone(), daily.clone()]);
    // (complete until, ghosts) of a view that ends with the first of the series.
    for (until, ghosts) in [
        ("2026-03-03T14:00:00Z", 0),
        ("2026-03-04T14:00:01Z", 1),
        ("2026-03-09T00:00:00Z", 2),
        ("2026-03-02T00:00:00Z", 0),
    ] {
        let rows = [rows(&single), rows(&daily)[..1].to_vec()].concat();
        let comparison = room.compare(&View { complete_until: utc(until), ..view(&rows) });
        assert_eq!(comparison.counts().get(&DifferenceKind::Ghost).copied().unwrap_or(0), ghosts, "{until}");
    }
}

#[test]
fn t1_a_server_that_does_not_expand_makes_no_ghosts() {
    let (single, daily) = two();
    let mut room = Room::with(&[single.clone(), daily.clone()]);
    let master = ViewRow {
        kind: Some(RowKind::RecurringMaster),
        item_id: Some(daily.item_id.clone()),
        ..row(&daily, daily.start)
    };
    for masters in [vec![], vec![master.clone()]] {
        let comparison = room.compare(&view(&[rows(&single), masters].concat()));
        assert_eq!(found(&comparison), (vec![], vec!["daily".to_owned()]));
        assert_eq!(mended(&comparison, &room.known), (None, None));
    }
    // A series that we do not know is one to be read, by its own id.
    room = Room::with(std::slice::from_ref(&single));
    let comparison = room.compare(&view(&[rows(&single), vec![master]].concat()));
    assert_eq!(found(&comparison), (vec!["missing"], vec!["daily".to_owned()]));
}

#[test]
fn t1_where_series_are_not_expanded_busy_times_tell_what_is_missing_and_what_is_not_there() {
    let (single, daily) = two();
    let room = Room::with(&[single.clone(), daily.clone()]);
    let busy = |row: &ViewRow| ViewRow { start: row.start, end: row.end, ..ViewRow::default() };
    let told: Vec<_> = [rows(&single), rows(&daily)].concat().iter().map(busy).collect();
    let not_expanded = |rows: Vec<ViewRow>| View { complete_until: week().start, ..view(&rows) };
    assert_eq!(found(&room.compare(&not_expanded(told.clone()))).0, Vec::<&str>::new());
    // one day less, and a meeting that we know nothing of
    let later = |at: Option<DateTime<Utc>>| at.map(|at| at + TimeDelta::hours(9));
    let mut told = told;
    told[1] = ViewRow { start: later(told[1].start), end: later(told[1].end), ..ViewRow::default() };
    let comparison = room.compare(&not_expanded(told));
    assert_eq!(found(&comparison), (vec!["missing", "ghost"], vec!["daily".to_owned(), "all".to_owned()]));
    assert_eq!(mended(&comparison, &room.known), (None, None), "nothing is believed before it is read");
}

#[test]
fn an_empty_view_of_a_busy_room_is_not_believed() {
    let many: Vec<_> =
        (3..6).map(|day| meeting(&format!("m{day}"), &format!("2026-03-0{day}T08:00:00Z"))).collect();
    let room = Room::with(&many);
    let comparison = room.compare(&view(&[]));
    assert!(comparison.suspicious);
    assert_eq!(found(&comparison), (vec!["ghost"; 3], vec!["all".to_owned()]));
    assert_eq!(mended(&comparison, &room.known), (None, None));
    // Two may go at once.
    let mut room = Room::with(&many[..2]);
    room.heal(&view(&[]), &[]);
    assert!(room.known.items.is_empty() && room.known.occurrences.is_empty());
}

#[test]
fn what_ended_before_the_window_is_not_missing() {
    let old = meeting("old", "2026-02-20T08:00:00Z");
    let room = Room::with(&[]);
    let window = Window { start: utc("2026-02-01T00:00:00Z"), ..week() };
    let comparison = room.compare(&View { window, ..view(&rows(&old)) });
    assert_eq!(comparison, Comparison::default());
}

#[test]
fn i2_copies_of_one_meeting_are_told_apart() {
    let first = meeting("m", NINE);
    let second = CalendarItem { item_id: ItemId::new("copy"), ..meeting("m", "2026-03-04T08:00:00Z") };
    let same = CalendarItem { item_id: ItemId::new("same"), ..first.clone() };
    let room = Room::with(&[first.clone(), second.clone(), same.clone()]);
    let comparison = room.compare(&view(&[rows(&second), rows(&same), rows(&first)].concat()));
    assert_eq!(comparison, Comparison { compared: 3, ..Comparison::default() });
}

#[test]
fn a_cut_subject_is_the_same() {
    let x = |times| "x".repeat(times);
    let item = CalendarItem { subject: Some(x(300)), ..meeting("m", NINE) };
    let room = Room::with(std::slice::from_ref(&item));
    for (listed, kinds) in [(x(255), vec![]), (x(254), vec!["renamed"]), (x(0), vec!["renamed"])] {
        let listed = ViewRow { subject: Some(listed), ..row(&item, item.start) };
        assert_eq!(found(&room.compare(&view(&[listed]))).0, kinds);
    }
}

#[test]
fn a_difference_in_a_log_names_no_meeting() {
    let (single, _) = two();
    let comparison = Room::with(&[]).compare(&view(&rows(&single)));
    let text = format!("{comparison:?} {:?}", rows(&single));
    assert!(!text.contains("Budget") && !text.contains(meeting_id(&single).as_str()), "{text}");
}
