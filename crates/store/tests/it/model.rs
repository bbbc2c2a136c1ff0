//! Random commits against a store, and against maps that say what it should hold.

use crate::sample::{claim, draft, id, meeting, open, room};
use meeting_model::{
    display::{Displayed, Words},
    fact::Fact,
    id::{Epoch, ItemId},
    identity::{MeetingKey, Slot},
    item::{CalendarItem, Sensitivity},
    known::Known,
    plan::PlannedOccurrence,
    privacy::MASK,
};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use store::{Error, Store};

const ROOMS: [&str; 3] = ["berlin", "oslo", "paris"];
const MEETINGS: [&str; 4] = ["budget", "merger", "review", "townhall"];

/// One thing that happens to a room.
#[derive(Debug, Clone)]
enum Step {
    /// Its engine reads what is known, and plans with that until it reads again.
    Read,
    /// It sees a copy of a meeting.
    Sees { meeting: usize, minutes: i64, sensitivity: Sensitivity, shown: bool },
    /// The copy is gone.
    Misses { meeting: usize },
    /// Somebody takes the room over.
    Taken,
}

fn step() -> impl Strategy<Value = Step> {
    let meeting = 0..MEETINGS.len();
    let sensitivity = prop_oneof![
        4 => Just(Sensitivity::Normal),
        1 => Just(Sensitivity::Personal),
        1 => Just(Sensitivity::Private),
        1 => Just(Sensitivity::Confidential)
    ];
    prop_oneof![
        4 => Just(Step::Read),
        8 => (meeting.clone(), 0i64..600, sensitivity, any::<bool>())
            .prop_map(|(meeting, minutes, sensitivity, shown)| Step::Sees { meeting, minutes, sensitivity, shown }),
        2 => meeting.prop_map(|meeting| Step::Misses { meeting }),
        1 => Just(Step::Taken),
    ]
}

/// What a room should hold, and what its engine believes.
#[derive(Default)]
struct Model {
    rev: i64,
    epoch: i64,
    items: BTreeMap<ItemId, CalendarItem>,
    occurrences: BTreeMap<MeetingKey, PlannedOccurrence>,
    believed: Known,
}

/// What an engine would show that knows no more than `known`.
fn display(known: &Known, name: &str, place: &str, item: &CalendarItem) -> (Displayed, Fact) {
    let told = known.facts.get(&(id(name), Slot::Whole)).map_or(Sensitivity::Normal, |fact| fact.sensitivity);
    let sensitivity = told.max(item.sensitivity);
    let mut displayed = open(&room(place), item);
    if sensitivity.is_hidden() {
        displayed = Displayed { words: Words::Private { organizer: None }, ..displayed };
    }
    (displayed, Fact { subject: item.subject.clone(), said_in: None, by_request: false, sensitivity })
}

/// Rule P5, whatever engines believed: nowhere is a meeting shown openly that was ever secret.
fn secrets_are_masked(store: &Store, ever_secret: &BTreeSet<MeetingKey>) -> Result<(), TestCaseError> {
    for name in ROOMS {
        let known = store.known(&room(name), &BTreeSet::new()).unwrap();
        for displayed in known.occurrences.values().filter_map(|occurrence| {
            occurrence.displayed.as_ref().filter(|_| ever_secret.contains(&occurrence.key))
        }) {
            prop_assert!(
                displayed.is_private() && displayed.title() == MASK && displayed.organizer().is_none()
            );
        }
    }
    Ok(())
}

fn bare(occurrence: &PlannedOccurrence) -> PlannedOccurrence {
    PlannedOccurrence { displayed: None, ..occurrence.clone() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_store_holds_what_the_maps_say(steps in prop::collection::vec((0..ROOMS.len(), step()), 1..60)) {
        let mut store = Store::open_in_memory().unwrap();
        store.take(&ROOMS.map(claim)).unwrap();
        let mut models: Vec<Model> = ROOMS.iter().map(|_| Model { epoch: 1, ..Model::default() }).collect();
        for model in &mut models {
            model.believed.epoch = Epoch(1);
        }
        let mut ever_secret = BTreeSet::new();
        for (place, step) in steps {
            let name = ROOMS[place];
            let model = &mut models[place];
            let commit = match step {
                Step::Read => {
                    let asked = MEETINGS.iter().map(|name| id(name)).collect();
                    model.believed = store.known(&room(name), &asked).unwrap();
                    continue;
                }
                Step::Taken => {
                    model.epoch = store.take(&[claim(name)]).unwrap()[0].epoch.0;
                    continue;
                }
                Step::Sees { meeting: which, minutes, sensitivity, shown } => {
                    let mut item = meeting(MEETINGS[which], minutes);
                    item.sensitivity = sensitivity;
                    let (displayed, fact) = display(&model.believed, MEETINGS[which], name, &item);
                    let mut draft = draft(name, model.believed.rev.0).decides(item, shown.then_some(displayed));
                    draft.0.plan.learned.insert((id(MEETINGS[which]), Slot::Whole), fact);
                    draft
                }
                Step::Misses { meeting } => draft(name, model.believed.rev.0).drops(MEETINGS[meeting]),
            };
            match store.commit(model.believed.epoch, &commit.0) {
                Ok(committed) => {
                    prop_assert_eq!((model.believed.rev.0, model.believed.epoch.0), (model.rev, model.epoch));
                    let plan = commit.0.plan;
                    model.rev += 1;
                    prop_assert_eq!(committed.rev.0, model.rev);
                    model.items.retain(|id, _| !plan.removed_items.contains(id));
                    model.occurrences.retain(|key, _| !plan.removed_occurrences.contains(key));
                    model.items.extend(plan.items.into_iter().map(|item| (item.item_id.clone(), item)));
                    let decided = plan.occurrences.iter().map(|occurrence| (occurrence.key.clone(), bare(occurrence)));
                    model.occurrences.extend(decided);
                    let secret = plan.learned.iter().filter(|(_, fact)| fact.sensitivity.is_hidden());
                    ever_secret.extend(secret.map(|((meeting, slot), _)| MeetingKey::of(meeting, *slot)));
                    for other in committed.replan.iter().filter(|other| other.as_str() != name) {
                        let other = ROOMS.iter().position(|name| *name == other.as_str()).unwrap();
                        models[other].rev += 1;
                    }
                }
                Err(Error::Fenced { .. }) => prop_assert_ne!(model.believed.epoch.0, model.epoch),
                Err(Error::Conflict { .. }) => prop_assert_ne!(model.believed.rev.0, model.rev),
                Err(other) => return Err(TestCaseError::fail(other.to_string())),
            }
            secrets_are_masked(&store, &ever_secret)?;
        }
        for (name, model) in ROOMS.iter().zip(&models) {
            let known = store.known(&room(name), &MEETINGS.iter().map(|name| id(name)).collect()).unwrap();
            prop_assert_eq!((known.rev.0, known.epoch.0), (model.rev, model.epoch));
            prop_assert!(known.items == model.items);
            let held: BTreeMap<_, _> = known.occurrences.iter().map(|(key, held)| (key.clone(), bare(held))).collect();
            prop_assert!(held == model.occurrences);
            for ((meeting, slot), fact) in &known.facts {
                let secret = ever_secret.contains(&MeetingKey::of(meeting, *slot));
                prop_assert_eq!(fact.sensitivity.is_hidden(), secret);
            }
        }
    }
}
