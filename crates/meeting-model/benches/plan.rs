//! How fast rooms are planned: expanded, named, decided and compared with what is known.
//!
//! `cargo bench -p meeting-model --bench plan`

#![expect(clippy::unwrap_used, reason = "a benchmark may stop")]

use chrono::{DateTime, NaiveDate, TimeDelta, Utc, Weekday};
use divan::{Bencher, counter::ItemsCount};
use meeting_model::{
    clock::{Now, Window},
    compare::{RowKind, View, ViewRow, compare},
    id::{ItemId, RoomId},
    item::{CalendarItem, ItemKind, Person, Response, Sensitivity, Series, ShowAs},
    join::{Body, Invitation, Join, JoinRules, find},
    known::Known,
    observed::{Coverage, Observed},
    plan::{Plan, Site, plan},
    privacy::SiteSecret,
    recurrence::{DayIndex, DayKind, Pattern, RangeEnd, Recurrence},
    settings::RoomSettings,
    zone::{RoomZone, ZoneDatabase, ZoneRef},
};
use std::time::Duration;

fn main() {
    divan::main();
}

/// A site with one room.
struct Bench {
    zones: ZoneDatabase,
    secret: SiteSecret,
    settings: RoomSettings,
    now: Now,
}

impl Bench {
    fn new() -> Self {
        let zones = ZoneDatabase::bundled();
        let zone = RoomZone::named(&zones, "Europe/Berlin").unwrap();
        let ahead = Duration::from_hours(53 * 24);
        let settings = RoomSettings { ahead, ..RoomSettings::usual(zone, "room@example.com") };
        let now = Now { wall: "2026-03-02T08:00:00Z".parse().unwrap(), mono: Duration::ZERO };
        Self { zones, secret: SiteSecret::new([7; 32]), settings, now }
    }

    fn planned(&self, known: &Known, observed: Option<&Observed>) -> Plan {
        let site = Site { secret: &self.secret, zones: &self.zones };
        plan(&RoomId::new("berlin"), known, observed, &self.settings, site, self.now)
    }

    /// What is known after these items were read.
    fn known(&self, items: &[CalendarItem]) -> Known {
        let plan = self.planned(&Known::default(), Some(&read(items)));
        Known {
            items: plan.items.into_iter().map(|item| (item.item_id.clone(), item)).collect(),
            occurrences: plan.occurrences.into_iter().map(|one| (one.key.clone(), one)).collect(),
            facts: plan.learned,
            acceptance: Some(plan.acceptance),
            planned_with: Some(plan.planned_with),
            ..Known::default()
        }
    }
}

fn read(items: &[CalendarItem]) -> Observed {
    Observed { items: items.to_vec(), ..Observed::nothing(Coverage::Delta) }
}

fn meeting(number: usize, start: DateTime<Utc>) -> CalendarItem {
    CalendarItem {
        item_id: ItemId::new(format!("item-{number}")),
        change_key: None,
        kind: ItemKind::Single,
        clean_global_object_id: None,
        uid: Some(format!("meeting-{number}@example.com")),
        subject: Some(format!("Budget of group {number}")),
        sensitivity: Sensitivity::Normal,
        show_as: ShowAs::Busy,
        start,
        end: start + TimeDelta::hours(1),
        all_day: false,
        is_meeting: Some(true),
        is_cancelled: false,
        appointment_state: Some(3),
        response: Response::Accept,
        reply_time: None,
        sequence: Some(0),
        last_modified: Some(start - TimeDelta::days(3)),
        organizer: Some(Person { name: Some("Kim Jones".to_owned()), address: None }),
        location: Some("Tower 9".to_owned()),
        has_body: true,
        lost_body: false,
        join: Join::default(),
        zone: ZoneRef::Named("W. Europe Standard Time".to_owned()),
        series: None,
    }
}

fn series(number: usize, pattern: Pattern, first: NaiveDate) -> CalendarItem {
    let hour = u32::try_from(number % 9).unwrap() + 7;
    let recurrence = Recurrence { pattern, start_date: first, end: RangeEnd::Never };
    let series = Series { recurrence, exceptions: Vec::new(), deleted: Vec::new(), overrides: Vec::new() };
    let start = first.and_hms_opt(hour, 0, 0).unwrap().and_utc();
    CalendarItem { kind: ItemKind::RecurringMaster, series: Some(series), ..meeting(number, start) }
}

/// Series of all patterns that began within the last twenty years.
fn mixed(count: usize) -> Vec<CalendarItem> {
    let of = |number: usize| {
        let first = NaiveDate::from_ymd_opt(2006 + i32::try_from(number % 20).unwrap(), 1, 2).unwrap();
        let pattern = match number % 6 {
            0 => Pattern::Daily { interval: 1 },
            1 => Pattern::Weekly {
                interval: 2,
                days: vec![Weekday::Mon, Weekday::Thu],
                first_day_of_week: Weekday::Mon,
            },
            2 => Pattern::AbsoluteMonthly { interval: 1, day_of_month: 31 },
            3 => Pattern::RelativeMonthly { interval: 1, day: DayKind::Weekday, index: DayIndex::Last },
            4 => Pattern::AbsoluteYearly { month: 2, day_of_month: 29 },
            _ => Pattern::Weekly { interval: 1, days: vec![Weekday::Tue], first_day_of_week: Weekday::Sun },
        };
        series(number, pattern, first)
    };
    (0..count).map(of).collect()
}

/// A room of 40 single meetings to come, read again as they were.
#[divan::bench]
fn unchanged_meetings(bencher: Bencher<'_, '_>) {
    let bench = Bench::new();
    let items: Vec<CalendarItem> = (0..40)
        .map(|number| meeting(number, bench.now.wall + TimeDelta::hours(i64::try_from(number).unwrap() * 5)))
        .collect();
    let (known, read) = (bench.known(&items), read(&items));
    assert!(bench.planned(&known, Some(&read)).is_empty());
    bencher.counter(ItemsCount::new(items.len())).bench(|| bench.planned(&known, Some(&read)));
}

/// A thousand series over sixty days, as they are planned when the window rolls on.
#[divan::bench]
fn thousand_mixed_series(bencher: Bencher<'_, '_>) {
    let bench = Bench::new();
    let known = bench.known(&mixed(1000));
    assert!(known.occurrences.len() > 10_000);
    bencher.counter(ItemsCount::new(1000_usize)).bench(|| bench.planned(&known, None));
}

/// A daily series without end that began in 1601, in a room of its own.
#[divan::bench]
fn daily_since_1601(bencher: Bencher<'_, '_>) {
    let bench = Bench::new();
    let first = NaiveDate::from_ymd_opt(1601, 1, 1).unwrap();
    let known = bench.known(&[series(0, Pattern::Daily { interval: 1 }, first)]);
    assert!(known.occurrences.len() >= 60);
    bencher.bench(|| bench.planned(&known, None));
}

/// A view of a room of a hundred series, in which nothing differs.
#[divan::bench]
fn view_compared(bencher: Bencher<'_, '_>) {
    let bench = Bench::new();
    let known = bench.known(&mixed(100));
    let rows: Vec<ViewRow> = known
        .occurrences
        .values()
        .map(|one| ViewRow {
            uid: known.items.get(&one.item_id).unwrap().uid.clone(),
            original_start: Some(one.original_start),
            start: Some(one.start),
            end: Some(one.end),
            kind: Some(RowKind::Occurrence),
            ..ViewRow::default()
        })
        .collect();
    let now = bench.now.wall;
    let window = Window { start: now - TimeDelta::days(7), end: now + TimeDelta::days(53) };
    let view = View { rows, window, complete_until: window.end };
    let compared = || compare(&known, &view, &bench.settings, &bench.zones, bench.now);
    assert_eq!(compared().differences, []);
    bencher.counter(ItemsCount::new(view.rows.len())).bench(compared);
}

/// The address of an invitation of 20 KB.
#[divan::bench]
fn join_address(bencher: Bencher<'_, '_>) {
    let filler = "<p>We look at <b>last quarter</b> &amp; plan the next one.</p>\n".repeat(320);
    let html = format!(
        "{filler}<p><a href=\"https://acme.zoom.us/j/84512345678\">Join</a></p><p>Passcode: 123456</p>"
    );
    let invitation = Invitation { body: Some(Body::Html(&html)), ..Invitation::default() };
    let rules = JoinRules::default();
    assert!(find(&invitation, &rules).video.is_some());
    bencher.bench(|| find(&invitation, &rules));
}
