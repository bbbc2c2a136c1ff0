use super::*;
use crate::{
    example::{meeting, settings, utc},
    fact::Fact,
    item::{Person, Sensitivity},
    settings::SubjectSettings,
};

const NOW: &str = "2026-03-10T08:00:00Z";

/// The nth accepted meeting, with this subject.
fn copy(n: usize, organizer: &str, subject: &str) -> CalendarItem {
    CalendarItem {
        subject: Some(subject.to_owned()),
        organizer: Some(Person { name: Some(organizer.to_owned()), address: None }),
        last_modified: Some(utc(NOW) - TimeDelta::hours(i64::try_from(n).unwrap())),
        ..meeting(&format!("m{n}"), "2026-03-12T08:00:00Z")
    }
}

fn signs(items: &[CalendarItem]) -> Signs {
    Signs::of(&items.iter().collect::<Vec<_>>(), &Facts::new(), &settings(), utc(NOW))
}

#[test]
fn s5_what_is_read_again() {
    type Change = fn(&mut CalendarItem);
    let cases: [(Change, Option<ReadAgain>); 9] = [
        (|_| (), None),
        (|i| i.response = Response::NoResponseReceived, Some(ReadAgain::Unanswered)),
        (|i| i.response = Response::Unknown, Some(ReadAgain::Unanswered)),
        (|i| i.response = Response::Tentative, None),
        (|i| i.subject = None, Some(ReadAgain::Rewritten)),
        (|i| i.subject = Some("kim jones".to_owned()), Some(ReadAgain::Rewritten)),
        (|i| i.subject = Some("Kim Jones review".to_owned()), Some(ReadAgain::Rewritten)),
        (|i| (i.subject, i.response) = (None, Response::Organizer), None),
        (|i| (i.is_cancelled, i.response) = (true, Response::Unknown), None),
    ];
    for (number, (change, expected)) in cases.into_iter().enumerate() {
        let mut item = meeting("m", NOW);
        change(&mut item);
        assert_eq!(read_again(&item, &settings()), expected, "{number}");
    }
}

#[test]
fn s2_a_prefix_is_known_by_enough_meetings_of_enough_people() {
    let people = ["Kim Jones", "Ali Can", "Eva Ruiz"];
    let prefixed = |count: usize, people: &[&str]| -> Vec<CalendarItem> {
        (0..count)
            .map(|n| copy(n, people[n % people.len()], &format!("{} review", people[n % people.len()])))
            .collect()
    };
    let and = |mut items: Vec<CalendarItem>, more: CalendarItem| {
        items.push(more);
        items
    };
    let cases = [
        ("enough", prefixed(5, &people), true),
        ("too few", prefixed(4, &people), false),
        ("too few people", prefixed(9, &people[..2]), false),
        (
            "a bare name is no counter-example",
            and(prefixed(5, &people), copy(9, "Kim Jones", "Kim Jones")),
            true,
        ),
        ("a counter-example", and(prefixed(5, &people), copy(9, "Kim Jones", "Budget")), false),
        ("an empty one", and(prefixed(5, &people), copy(9, "Kim Jones", "")), false),
        (
            "a counter-example that is long past",
            and(prefixed(20, &people), copy(21, "Kim Jones", "Budget")),
            true,
        ),
        (
            "one that was booked directly",
            and(
                prefixed(5, &people),
                CalendarItem { response: Response::Organizer, ..copy(9, "Kim Jones", "Budget") },
            ),
            true,
        ),
    ];
    for (name, items, expected) in cases {
        assert_eq!(signs(&items).adds_organizer, expected, "{name}");
    }
}

#[test]
fn s6_shapes_count_for_a_week() {
    let prefixed = |n: usize, who: &str| copy(n, who, &format!("{who} review"));
    let titled = |n: usize| copy(n, "Kim Jones", "Budget");
    let empty = |n: usize| copy(n, "Kim Jones", "");
    let cases = [
        ("a bare name", vec![copy(1, "Kim Jones", "Kim Jones")], 1),
        ("a week ago", vec![copy(7 * 24, "Kim Jones", "Kim Jones")], 0),
        ("a subject", vec![titled(1)], 0),
        ("somebody wrote none", vec![empty(1)], 0),
        ("a few did", (1..4).map(empty).chain((4..8).map(titled)).collect(), 0),
        ("hardly anybody has one", (1..4).map(empty).chain((4..6).map(titled)).collect(), 3),
        ("somebody writes names", vec![prefixed(1, "Kim Jones")], 0),
        (
            "all have names",
            (1..6).map(|n| prefixed(n, ["Kim Jones", "Ali Can", "Eva Ruiz"][n % 3])).collect(),
            5,
        ),
    ];
    for (name, items, rewritten) in cases {
        assert_eq!(signs(&items).rewritten, rewritten, "{name}");
    }
    let item = empty(1);
    let budget = Fact { subject: Some("Budget".into()), ..Fact::default() };
    let facts = Facts::from([((meeting_id(&item), Slot::Whole), budget)]);
    assert_eq!(Signs::of(&[&item], &facts, &settings(), utc(NOW)).rewritten, 1, "it had a subject");
}

#[test]
fn s7_twenty_without_a_body_of_which_some_show_that_they_had_one() {
    let bare = |n: usize| CalendarItem { has_body: false, ..copy(n, "Kim Jones", "Budget") };
    let deleted = |items: &[CalendarItem]| signs(items).bodies_deleted;
    let mut items: Vec<CalendarItem> = (0..20).map(bare).collect();
    assert_eq!(deleted(&items), 0, "people send meetings without words");
    items[1].lost_body = true;
    items[2].lost_body = true;
    assert_eq!(deleted(&items), 0, "an accident");
    items[3].subject = Some("Kim Jones".into());
    assert_eq!(deleted(&items), 3);
    assert_eq!(deleted(&items[..19]), 0);
    items[4].has_body = true;
    assert_eq!(deleted(&items), 0);
}

#[test]
fn p3_a_flag_that_was_seen_and_is_gone() {
    let item = copy(1, "Kim Jones", "Budget");
    let fact = |sensitivity| {
        Facts::from([((meeting_id(&item), Slot::Whole), Fact { sensitivity, ..Fact::default() })])
    };
    let removed =
        |item: &CalendarItem, facts: &Facts| Signs::of(&[item], facts, &settings(), utc(NOW)).flags_removed;
    assert_eq!(removed(&item, &fact(Sensitivity::Private)), 1);
    assert_eq!(removed(&item, &fact(Sensitivity::Personal)), 0);
    let kept = CalendarItem { sensitivity: Sensitivity::Private, ..item.clone() };
    assert_eq!(removed(&kept, &fact(Sensitivity::Private)), 0);
}

#[test]
fn s8_says_where_subjects_come_from() {
    let stripped = signs(&[copy(1, "Kim Jones", "Kim Jones")]);
    let said = |shown, recover, recover_from_inbox| {
        let subjects = SubjectSettings { shown, recover, recover_from_inbox, ..SubjectSettings::default() };
        stripped.intent(&RoomSettings { subjects, ..settings() })
    };
    let sentences: BTreeSet<_> = [
        (SubjectPolicy::Show, true, true),
        (SubjectPolicy::Show, true, false),
        (SubjectPolicy::Show, false, true),
        (SubjectPolicy::Busy, true, true),
    ]
    .into_iter()
    .filter_map(|(shown, recover, from_inbox)| said(shown, recover, from_inbox))
    .collect();
    assert_eq!(sentences.len(), 4);
    assert_eq!(signs(&[copy(1, "Kim Jones", "Budget")]).intent(&settings()), None);
}
