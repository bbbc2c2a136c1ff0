//! What holds of every plan.

use super::*;
use crate::{
    display::Displayed,
    example::meeting,
    item::{Person, Response, Sensitivity},
    join::{Found, Join, JoinRule, Place},
    privacy::MASK,
};
use proptest::prelude::*;

const SECRET: &str = "Hush";

fn response() -> impl Strategy<Value = Response> {
    use Response::{Accept, Decline, NoResponseReceived, Organizer, Tentative, Unknown};
    proptest::sample::select(vec![Accept, Accept, Decline, NoResponseReceived, Organizer, Tentative, Unknown])
}

fn subject() -> impl Strategy<Value = String> {
    proptest::sample::select(vec!["Budget", "Review", "", "Kim Jones", "Kim Jones Budget"])
        .prop_map(str::to_owned)
}

/// One of eight items, of one of six meetings, within three weeks of now; some repeat.
pub(super) fn item() -> impl Strategy<Value = CalendarItem> {
    (0usize..8, -7i64 * 24..14 * 24, response(), subject(), any::<(bool, bool, bool)>()).prop_map(
        |(number, hours, response, subject, (is_cancelled, private, repeats))| {
            let start = utc("2026-03-02T08:00:00Z") + TimeDelta::hours(hours);
            let first = meeting(&format!("m{}", number % 6), &start.format("%Y-%m-%dT%H:%M:%SZ").to_string());
            let item = CalendarItem {
                item_id: ItemId::new(format!("item-{number}")),
                response,
                subject: Some(subject),
                is_cancelled,
                sensitivity: if private { Sensitivity::Private } else { Sensitivity::Normal },
                ..first
            };
            if repeats { daily(item) } else { item }
        },
    )
}

/// An item whose display depends on nothing but itself: without the history that rules A7, S3 and P5 keep.
fn plain() -> impl Strategy<Value = CalendarItem> {
    item().prop_map(|item| CalendarItem {
        response: Response::Accept,
        sensitivity: Sensitivity::Normal,
        subject: Some(format!("At {}", item.start)),
        ..item
    })
}

pub(super) fn read(item: impl Strategy<Value = CalendarItem>) -> impl Strategy<Value = Observed> {
    let gone =
        proptest::collection::vec((0usize..8).prop_map(|number| ItemId::new(format!("item-{number}"))), 0..2);
    (proptest::collection::vec(item, 0..5), gone)
        .prop_map(|(items, deleted)| Observed { deleted, ..observed(&items, Coverage::Delta) })
}

/// A room with a window as wide as the items are spread: endless series cost less in it.
pub(super) fn near_room() -> Room {
    let mut room = Room::at("2026-03-02T08:00:00Z");
    room.settings.ahead = std::time::Duration::from_hours(16 * 24);
    room
}

fn displayed(room: &Room) -> Vec<Displayed> {
    room.known.occurrences.values().filter_map(|one| one.displayed.clone()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// `Room::take` plans twice: what was carried out leaves nothing to do.
    #[test]
    fn plans_are_idempotent_and_lead_where_their_changes_say(
        reads in proptest::collection::vec((read(item()), 0i64..90), 1..6),
    ) {
        let mut room = near_room();
        for (read, seconds) in reads {
            let before = displayed(&room);
            let plan = room.wait(seconds).take(Some(&read));
            let after = displayed(&room);
            prop_assert!(plan.changes.is_empty() || before != after);
            // Only what has ended may go without a word.
            let lasting = |all: Vec<Displayed>| all.into_iter().filter(|one| one.end > room.now).collect::<Vec<_>>();
            prop_assert!(!plan.changes.is_empty() || lasting(before) == lasting(after));
            prop_assert!(plan.changes.is_sorted_by_key(|change| (change.displayed.start, change.displayed.key.clone())));
        }
        for occurrence in room.known.occurrences.values() {
            prop_assert_eq!(occurrence.displayed.is_some(), occurrence.decision.is_shown());
        }
    }

    #[test]
    fn a_complete_read_after_any_deltas_equals_the_complete_read_alone(
        deltas in proptest::collection::vec(read(plain()), 0..5),
        items in proptest::collection::vec(plain(), 1..6),
    ) {
        let mut long = near_room();
        for delta in &deltas {
            long.take(Some(delta));
        }
        long.complete(&items);
        let mut short = near_room();
        short.complete(&items);
        prop_assert_eq!(&long.known.items, &short.known.items);
        prop_assert_eq!(&long.known.occurrences, &short.known.occurrences);
    }

    #[test]
    fn p1_p2_p5_hidden_text_appears_in_no_display(
        reads in proptest::collection::vec(
            (proptest::collection::vec(item(), 1..5), any::<bool>(), 0i64..90), 1..6,
        ),
    ) {
        let mut room = near_room();
        for (mut items, mark, seconds) in reads {
            // Every copy of a private meeting, with its flag or after it was removed, tells a secret; no other does.
            for item in &mut items {
                let number: usize = item.item_id.as_str().trim_start_matches("item-").parse().unwrap();
                if number.is_multiple_of(2) {
                    let secret = || Some(format!("{SECRET} {}", item.subject.as_deref().unwrap_or_default()));
                    item.organizer = Some(Person { name: secret(), address: secret() });
                    (item.location, item.subject) = (secret(), secret());
                    let address = format!("{SECRET}@vc.example.com");
                    let found = Found { address, rule: JoinRule::BodyUri, place: Place::Body };
                    item.join = Join { video: Some(found), ..Join::default() };
                    if !room.known.items.contains_key(&item.item_id) {
                        item.sensitivity = Sensitivity::Confidential;
                    }
                } else {
                    item.sensitivity = Sensitivity::Normal;
                }
            }
            room.settings.tentative =
                if mark { crate::settings::TentativePolicy::Mark } else { crate::settings::TentativePolicy::Hide };
            let plan = room.wait(seconds).delta(&items);
            if seconds % 3 == 0 {
                room.take(Some(&deleted(items[0].item_id.as_str())));
            }
            let shown = room.known.occurrences.values().filter_map(|one| one.displayed.as_ref());
            for displayed in shown.chain(plan.changes.iter().map(|change| &change.displayed)) {
                let text = serde_json::to_string(displayed).unwrap();
                prop_assert!(!text.contains(SECRET), "{}", text);
                prop_assert!(!displayed.is_private() || displayed.title() == MASK);
            }
            for line in explained::lines(&room) {
                prop_assert!(!line.contains(SECRET), "{}", line);
            }
        }
    }
}
