//! Against a reference that knows nothing of rules: it walks every civil date from the start and asks of each whether
//! the pattern falls on it.

use super::*;
use proptest::prelude::*;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn last_of_month(day: NaiveDate) -> u32 {
    (28..=31).rev().find(|last| day.with_day(*last).is_some()).unwrap()
}

fn is_kind(kind: DayKind, day: NaiveDate) -> bool {
    let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    match kind {
        DayKind::On(weekday) => day.weekday() == weekday,
        DayKind::Day => true,
        DayKind::Weekday => !weekend,
        DayKind::WeekendDay => weekend,
    }
}

fn is_nth(kind: DayKind, index: DayIndex, day: NaiveDate) -> bool {
    let all: Vec<u32> =
        (1..=last_of_month(day)).filter(|n| is_kind(kind, day.with_day(*n).unwrap())).collect();
    let nth = match index {
        DayIndex::First => 0,
        DayIndex::Second => 1,
        DayIndex::Third => 2,
        DayIndex::Fourth => 3,
        DayIndex::Last => all.len() - 1,
    };
    all[nth] == day.day()
}

fn week(day: NaiveDate, first: Weekday) -> NaiveDate {
    day.iter_days().rev().find(|day| day.weekday() == first).unwrap()
}

fn months_between(from: NaiveDate, to: NaiveDate) -> i64 {
    i64::from(to.year() - from.year()) * 12 + i64::from(to.month()) - i64::from(from.month())
}

fn falls_on(pattern: &Pattern, start: NaiveDate, day: NaiveDate) -> bool {
    match pattern {
        Pattern::Daily { interval } => (day - start).num_days() % i64::from(*interval) == 0,
        Pattern::Weekly { interval, days, first_day_of_week } => {
            let weeks = (week(day, *first_day_of_week) - week(start, *first_day_of_week)).num_days() / 7;
            days.contains(&day.weekday()) && weeks % i64::from(*interval) == 0
        }
        Pattern::AbsoluteMonthly { interval, day_of_month } => {
            months_between(start, day) % i64::from(*interval) == 0
                && day.day() == (*day_of_month).min(last_of_month(day))
        }
        Pattern::RelativeMonthly { interval, day: kind, index } => {
            months_between(start, day) % i64::from(*interval) == 0 && is_nth(*kind, *index, day)
        }
        Pattern::AbsoluteYearly { month, day_of_month } => {
            day.month() == *month && day.day() == (*day_of_month).min(last_of_month(day))
        }
        Pattern::RelativeYearly { month, day: kind, index } => {
            day.month() == *month && is_nth(*kind, *index, day)
        }
        Pattern::Regenerating => unreachable!("not expanded"),
    }
}

fn reference(recurrence: &Recurrence, from: NaiveDate, to: NaiveDate) -> Vec<NaiveDate> {
    let days = recurrence.start_date.iter_days().take_while(|day| *day <= to);
    let mut count = 0;
    days.filter(|day| falls_on(&recurrence.pattern, recurrence.start_date, *day))
        .filter(|day| {
            count += 1;
            match recurrence.end {
                RangeEnd::Never => true,
                RangeEnd::On(end) => *day <= end,
                RangeEnd::After(most) => count <= most,
            }
        })
        .filter(|day| *day >= from)
        .collect()
}

fn weekday() -> impl Strategy<Value = Weekday> {
    proptest::sample::select(WEEK.to_vec())
}

fn kind() -> impl Strategy<Value = DayKind> {
    prop_oneof![
        weekday().prop_map(DayKind::On),
        Just(DayKind::Day),
        Just(DayKind::Weekday),
        Just(DayKind::WeekendDay)
    ]
}

fn index() -> impl Strategy<Value = DayIndex> {
    use DayIndex::{First, Fourth, Last, Second, Third};
    proptest::sample::select(vec![First, Second, Third, Fourth, Last])
}

fn pattern() -> impl Strategy<Value = Pattern> {
    let days = proptest::collection::vec(weekday(), 1..7);
    prop_oneof![
        (1u32..400).prop_map(|interval| Pattern::Daily { interval }),
        (1u32..30, days, weekday()).prop_map(|(interval, days, first_day_of_week)| Pattern::Weekly {
            interval,
            days,
            first_day_of_week
        }),
        (1u32..30, 1u32..=31)
            .prop_map(|(interval, day_of_month)| Pattern::AbsoluteMonthly { interval, day_of_month }),
        (1u32..30, kind(), index()).prop_map(|(interval, day, index)| Pattern::RelativeMonthly {
            interval,
            day,
            index
        }),
        (1u32..=12, 1u32..=31)
            .prop_map(|(month, day_of_month)| Pattern::AbsoluteYearly { month, day_of_month }),
        (1u32..=12, kind(), index()).prop_map(|(month, day, index)| Pattern::RelativeYearly {
            month,
            day,
            index
        }),
    ]
}

fn some_date() -> impl Strategy<Value = NaiveDate> {
    (0i64..12_000).prop_map(|days| days_on(date("1995-01-01"), days))
}

fn recurrence() -> impl Strategy<Value = Recurrence> {
    let end = prop_oneof![
        Just(RangeEnd::Never),
        some_date().prop_map(RangeEnd::On),
        (0u32..300).prop_map(RangeEnd::After)
    ];
    (pattern(), some_date(), end).prop_map(|(pattern, start_date, end)| Recurrence {
        pattern,
        start_date,
        end,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn t1_t3_every_pattern_falls_on_the_dates_of_the_reference(
        recurrence in recurrence(),
        offset in -200i64..9000,
        length in 0i64..200,
    ) {
        let from = days_on(recurrence.start_date, offset);
        let to = days_on(from, length);
        prop_assert_eq!(dates(&recurrence, from, to), reference(&recurrence, from, to));
    }

    #[test]
    fn nothing_a_server_may_say_panics(
        interval in any::<u32>(),
        day_of_month in any::<u32>(),
        month in any::<u32>(),
        start in any::<i32>(),
        from in any::<i32>(),
    ) {
        let day = |number: i32| days_on(date("2000-01-01"), i64::from(number));
        let kind = DayKind::Weekday;
        let (index, first_day_of_week) = (DayIndex::Last, Weekday::Sun);
        for pattern in [
            Pattern::Daily { interval },
            Pattern::Weekly { interval, days: vec![], first_day_of_week },
            Pattern::AbsoluteMonthly { interval, day_of_month },
            Pattern::RelativeMonthly { interval, day: kind, index },
            Pattern::AbsoluteYearly { month, day_of_month },
            Pattern::RelativeYearly { month, day: kind, index },
        ] {
            for end in [RangeEnd::Never, RangeEnd::After(interval), RangeEnd::On(day(from))] {
                let recurrence = Recurrence { pattern: pattern.clone(), start_date: day(start), end };
                let found = dates(&recurrence, day(from), days_on(day(from), 60));
                prop_assert!(found.len() <= 61);
            }
        }
    }
}

#[test]
fn t3_the_last_day_of_a_shorter_month() {
    let year = |pattern| {
        let recurrence = Recurrence { pattern, start_date: date("2027-01-01"), end: RangeEnd::Never };
        let found = dates(&recurrence, date("2027-01-01"), date("2028-12-31"));
        found.into_iter().map(|day| day.format("%y-%m-%d").to_string()).collect::<Vec<_>>().join(" ")
    };
    let monthly = |day_of_month| Pattern::AbsoluteMonthly { interval: 3, day_of_month };
    let cases = [
        (monthly(31), "27-01-31 27-04-30 27-07-31 27-10-31 28-01-31 28-04-30 28-07-31 28-10-31"),
        (monthly(29), "27-01-29 27-04-29 27-07-29 27-10-29 28-01-29 28-04-29 28-07-29 28-10-29"),
        (Pattern::AbsoluteYearly { month: 2, day_of_month: 29 }, "27-02-28 28-02-29"),
        (Pattern::AbsoluteYearly { month: 2, day_of_month: 30 }, "27-02-28 28-02-29"),
    ];
    for (pattern, expected) in cases {
        assert_eq!(year(pattern), expected);
    }
}

#[test]
fn t5_a_series_from_1601_is_sought_not_walked() {
    let (from, to) = (date("2026-03-01"), date("2026-03-31"));
    let pattern = Pattern::Daily { interval: 1 };
    let since = |end| Recurrence { pattern: pattern.clone(), start_date: date("1601-01-01"), end };
    // 155,298 days lie before 2026-03-12: an endless series has the whole month, a counted one stops there.
    assert_eq!((date("2026-03-12") - date("1601-01-01")).num_days(), 155_298);
    assert_eq!(dates(&since(RangeEnd::Never), from, to).len(), 31);
    assert_eq!(dates(&since(RangeEnd::After(155_298)), from, to).last(), Some(&date("2026-03-11")));
    let cycle = Cycle::of(&pattern, date("1601-01-01"));
    assert_eq!(cycle.period(cycle.period_of(from)), from);
}
