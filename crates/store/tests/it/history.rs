//! What rooms showed, and what their devices had confirmed, at moments that are gone.

use crate::sample::{Draft, at, claim, device, draft, id, key, meeting, open, room, take};
use meeting_model::{
    decision::{Decision, Reason, Rule, Verdict},
    display::{Displayed, Words},
    id::{Epoch, Revision},
    item::{CalendarItem, Sensitivity},
    join::Join,
    privacy::{BUSY, MASK, Policies},
    settings::{PrivatePolicy, SubjectPolicy},
};
use std::{collections::BTreeSet, fs};
use store::{HISTORY, Outcome, Prune, Settlement, ShownAt, Store, Version};

/// A draft that is committed after so many minutes.
fn later(name: &str, base: i64, minutes: i64) -> Draft {
    let mut draft = draft(name, base);
    draft.0.now = at(minutes);
    draft
}

fn renamed(name: &str, title: &str, minutes: i64) -> CalendarItem {
    CalendarItem { subject: Some(title.to_owned()), ..meeting(name, minutes) }
}

fn confirm(store: &mut Store, name: &str, rev: i64, minutes: i64) {
    let outcome = Outcome::Acknowledged { digest: String::new() };
    let settlement =
        Settlement { device: device(name), epoch: Epoch(1), rev: Revision(rev), outcome, now: at(minutes) };
    store.settle(&settlement).unwrap();
}

#[track_caller]
fn at_minute(store: &Store, name: &str, minutes: i64) -> ShownAt {
    store.shown_at(&room(name), at(minutes)).unwrap().unwrap()
}

fn titles(versions: &[Version]) -> Vec<String> {
    let title = |version: &Version| version.displayed.as_ref().map_or("-", Displayed::title).to_owned();
    versions.iter().map(title).collect()
}

fn titles_at(store: &Store, name: &str, minutes: i64) -> Vec<String> {
    titles(&at_minute(store, name, minutes).versions)
}

fn prune(days: i64) -> Prune {
    let now = at(days * 1440);
    let never = at(-1_000_000);
    Prune { ended_before: never, names_before: never, unheld_since: never, now, limit: 100 }
}

/// Berlin: `budget` is read, renamed, hidden and gone; `review` stays.
fn told() -> Store {
    let mut store = Store::open_in_memory().unwrap();
    let epoch = take(&mut store, "berlin").epoch;
    let (budget, review) = (meeting("budget", 600), meeting("review", 700));
    later("berlin", 0, 10).shows(budget).shows(review).commit(&mut store, epoch);
    later("berlin", 1, 20).shows(renamed("budget", "Money", 600)).commit(&mut store, epoch);
    later("berlin", 2, 30).hides(renamed("budget", "Money", 600)).commit(&mut store, epoch);
    later("berlin", 3, 40).drops("budget").commit(&mut store, epoch);
    store
}

#[test]
fn what_was_shown_at_a_moment_and_why() {
    let store = told();
    assert_eq!(store.shown_at(&room("berlin"), at(9)).unwrap(), None, "nothing was remembered yet");
    for (minutes, rev, expected) in [
        (10, 1, &["budget", "review"][..]),
        (19, 1, &["budget", "review"]),
        (20, 2, &["Money", "review"]),
        (35, 3, &["-", "review"]),
        (40, 4, &["review"]),
        (99_999, 4, &["review"]),
    ] {
        let shown = at_minute(&store, "berlin", minutes);
        assert_eq!(
            (shown.rev.0, titles(&shown.versions)),
            (rev, expected.iter().map(ToString::to_string).collect())
        );
        assert_eq!(store.shown_in(&room("berlin"), shown.rev).unwrap(), shown.versions);
    }
    let hidden = at_minute(&store, "berlin", 35);
    assert_eq!(hidden.since, Some(at(30)));
    let [budget, review] = &hidden.versions[..] else { panic!("two occurrences") };
    let decision = Decision { rule: Rule::A6, verdict: Verdict::Hidden(Reason::Tentative) };
    assert_eq!((&budget.key, budget.decision, budget.since), (&key("budget"), decision, Some(at(30))));
    assert_eq!((budget.start, budget.end), (at(600), at(630)));
    assert_eq!(review.since, Some(at(10)));
    assert_eq!(review.displayed, Some(open(&room("berlin"), &meeting("review", 700))));
    assert!(store.shown_at(&room("nowhere"), at(0)).is_err());
}

#[test]
fn only_what_changes_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("mirror.db");
    let mut store = Store::open(&path).unwrap();
    let epoch = take(&mut store, "berlin").epoch;
    let many = (0..400).fold(draft("berlin", 0), |draft, n| draft.shows(meeting(&format!("m{n}"), n)));
    many.commit(&mut store, epoch);
    store.close().unwrap();
    let before = fs::metadata(&path).unwrap().len();
    let mut store = Store::open(&path).unwrap();
    for rev in 1..200 {
        // The calendar is read again and again, and one meeting in it has another change key.
        let mut item = meeting("m7", 7);
        item.change_key = Some(rev.to_string());
        later("berlin", rev, rev).shows(item).commit(&mut store, epoch);
    }
    assert_eq!(at_minute(&store, "berlin", 150).versions.len(), 400);
    store.close().unwrap();
    let grown = fs::metadata(&path).unwrap().len() - before;
    assert!(grown < 200 * 150, "{grown} bytes for 199 revisions that show nothing new");
}

#[test]
fn which_device_had_what_and_since_when() {
    let mut store = told();
    for (rev, minutes) in [(1, 12), (1, 15), (3, 33), (4, 44)] {
        confirm(&mut store, "berlin", rev, minutes);
    }
    let since = |minutes: i64, nth: usize| {
        let shown = at_minute(&store, "berlin", minutes);
        let confirmed = shown.confirmed(&device("berlin"), &shown.versions[nth]);
        confirmed.map(|confirmed| confirmed.since.unwrap())
    };
    assert_eq!(since(11, 0), None, "not yet");
    assert_eq!(since(19, 0), Some(at(12)), "the first time counts");
    assert_eq!(since(25, 0), None, "it still showed the old subject");
    assert_eq!(since(25, 1), Some(at(12)));
    assert_eq!(since(35, 0), Some(at(33)), "that it is hidden");
    assert_eq!(since(50, 0), Some(at(12)));
    let had = at_minute(&store, "berlin", 25).confirmations[&device("berlin")].last().unwrap().rev;
    assert_eq!(titles(&store.shown_in(&room("berlin"), had).unwrap()), ["budget", "review"]);
    // A device that is taken off is still answered for.
    store.equip(&[store::Claim { devices: BTreeSet::new(), ..claim("berlin") }]).unwrap();
    assert_eq!(at_minute(&store, "berlin", 50).confirmations.len(), 1);
}

#[test]
fn a_decision_that_changes_nothing_on_displays_leaves_devices_confirmed() {
    let mut store = Store::open_in_memory().unwrap();
    let epoch = take(&mut store, "berlin").epoch;
    later("berlin", 0, 10).shows(meeting("budget", 600)).commit(&mut store, epoch);
    confirm(&mut store, "berlin", 1, 11);
    let mut settling = later("berlin", 1, 20).shows(meeting("budget", 600));
    settling.0.plan.occurrences[0].decision.rule = Rule::A7;
    settling.commit(&mut store, epoch);
    let shown = at_minute(&store, "berlin", 25);
    let version = &shown.versions[0];
    assert_eq!((version.decision.rule, version.since), (Rule::A7, Some(at(20))));
    assert!(shown.confirmed(&device("berlin"), version).is_some());
    assert_eq!(at_minute(&store, "berlin", 15).versions[0].decision.rule, Rule::A6);
}

#[test]
fn p5_what_turns_out_to_be_secret_is_masked_in_the_past_of_every_room() {
    let mut store = Store::open_in_memory().unwrap();
    for name in ["berlin", "oslo", "paris"] {
        let epoch = take(&mut store, name).epoch;
        later(name, 0, 10).shows(meeting("merger", 600)).commit(&mut store, epoch);
        later(name, 1, 20).shows(renamed("merger", "Merger 2", 600)).commit(&mut store, epoch);
    }
    // Oslo does not even hold it any more.
    later("oslo", 2, 30).drops("merger").commit(&mut store, Epoch(1));
    let lesson = later("berlin", 2, 40).hides(meeting("other", 900)).teaches("merger", Sensitivity::Private);
    lesson.commit(&mut store, Epoch(1));
    for name in ["berlin", "oslo", "paris"] {
        for minutes in [10, 25] {
            let shown = at_minute(&store, name, minutes);
            let text = serde_json::to_string(shown.versions[0].displayed.as_ref().unwrap()).unwrap();
            let open = name == "berlin" && minutes == 25; // its own plan masks that, and none did here
            assert!(open || text.contains("Private") && !text.contains("erger"), "{name} {minutes}: {text}");
            assert!(open || !text.contains("Kim") && !text.contains("Berlin"), "{text}");
        }
    }
    assert_eq!(titles_at(&store, "paris", 50), [MASK]);
    let paris = at_minute(&store, "paris", 50);
    assert_eq!(paris.versions[0].shown_rev, Revision(3), "devices have to confirm the mask");
}

#[test]
fn p1_what_is_masked_now_was_never_open() {
    let mut store = told();
    let review = meeting("review", 700);
    let shown = open(&room("berlin"), &review);
    let masked = Displayed { words: Words::Private { organizer: None }, ..shown };
    later("berlin", 4, 50).decides(review, Some(masked)).commit(&mut store, Epoch(1));
    assert_eq!(titles_at(&store, "berlin", 15), ["budget", MASK]);
    let before = &at_minute(&store, "berlin", 15).versions[1];
    let words = before.displayed.as_ref().map(|shown| shown.words.clone()).unwrap();
    assert!(words == Words::Private { organizer: None });
}

/// A room that showed everything shows less from now on: what it showed is seen as it would be shown now.
#[test]
fn p1_p4_the_past_is_seen_by_the_settings_of_today() {
    let mut store = Store::open_in_memory().unwrap();
    let epoch = take(&mut store, "berlin").epoch;
    let secret = later("berlin", 0, 10).shows(meeting("merger", 600)).shows(meeting("review", 700));
    secret.teaches("merger", Sensitivity::Private).commit(&mut store, epoch);
    later("berlin", 1, 20).drops("merger").drops("review").commit(&mut store, epoch);
    let shown = at_minute(&store, "berlin", 15).versions;
    for (private, subjects, expected) in [
        (PrivatePolicy::Show, SubjectPolicy::Show, ["merger", "review"]),
        (PrivatePolicy::Mask, SubjectPolicy::Show, [MASK, "review"]),
        (PrivatePolicy::Mask, SubjectPolicy::Busy, [MASK, BUSY]),
    ] {
        let seen = shown.iter().map(|one| one.seen(Policies { private, subjects }).unwrap());
        assert_eq!(seen.map(|one| one.title().to_owned()).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn p7_what_is_forgotten_has_no_past() {
    let mut store = told();
    // The meeting has ended long enough ago: its names are taken away, and that is no change of what was.
    let nameless = Displayed {
        words: Words::Open {
            title: "review".to_owned(),
            organizer: None,
            location: None,
            join: Join::default(),
        },
        ..open(&room("berlin"), &meeting("review", 700))
    };
    let mut forgetting = later("berlin", 4, 20_000).decides(meeting("review", 700), Some(nameless.clone()));
    forgetting.0.plan.forgotten_before = at(731);
    forgetting.commit(&mut store, Epoch(1));
    for minutes in [15, 35, 20_000] {
        let shown = at_minute(&store, "berlin", minutes);
        assert_eq!(shown.versions.len(), 1, "what went before it was forgotten is forgotten too");
        assert_eq!(shown.versions[0].displayed, Some(nameless.clone()));
    }
    // Where nothing is committed any more, pruning forgets.
    let mut store = told();
    let pruned = store.prune(&Prune { names_before: at(631), ..prune(0) }).unwrap();
    assert_eq!(pruned.history, 3);
    assert_eq!(titles_at(&store, "berlin", 15), ["review"]);
}

#[test]
fn it_lasts_seven_days_and_what_held_then_stays() {
    let mut store = told();
    for (rev, minutes) in [(1, 12), (4, 44)] {
        confirm(&mut store, "berlin", rev, minutes);
    }
    assert_eq!(store.prune(&prune(7)).unwrap().history, 0);
    assert_eq!(titles_at(&store, "berlin", 15), ["budget", "review"]);
    assert!(store.prune(&prune(8)).unwrap().history > 0);
    assert_eq!(store.prune(&prune(8)).unwrap().history, 0);
    assert_eq!(store.shown_at(&room("berlin"), at(15)).unwrap(), None);
    let shown = at_minute(&store, "berlin", HISTORY.num_minutes());
    assert_eq!((shown.rev, shown.since), (Revision(4), Some(at(40))));
    let review = &shown.versions[0];
    assert_eq!((review.since, titles(&shown.versions)), (None, vec!["review".to_owned()]), "longer ago");
    assert_eq!(shown.confirmed(&device("berlin"), review).unwrap().since, Some(at(44)));
    // A device that is not there any more is forgotten with its last word.
    store.equip(&[store::Claim { devices: BTreeSet::new(), ..claim("berlin") }]).unwrap();
    store.prune(&prune(8)).unwrap();
    assert!(at_minute(&store, "berlin", 99_999).confirmations.is_empty());
}

#[test]
fn each_call_of_pruning_is_bounded() {
    let mut store = Store::open_in_memory().unwrap();
    let epoch = take(&mut store, "berlin").epoch;
    for rev in 0..10 {
        let title = format!("take {rev}");
        later("berlin", rev, rev).shows(renamed("budget", &title, 600)).commit(&mut store, epoch);
    }
    let few = Prune { limit: 4, ..prune(8) };
    let rounds: Vec<_> = (0..4).map(|_| store.prune(&few).unwrap()).collect();
    assert_eq!(rounds.iter().map(|round| round.history).collect::<Vec<_>>(), [4, 4, 1, 0]);
    assert!(rounds[0].is_more(4) && !rounds[3].is_more(4));
    assert!(store.known(&room("berlin"), &BTreeSet::from([id("budget")])).unwrap().occurrences.len() == 1);
}
