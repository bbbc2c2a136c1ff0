//! Scenarios drawn from seeds: those that once broke a rule, and some others, with somebody who looks on.

use chrono::TimeDelta;
use exchange_sim::Fault;
use simulation::{
    campaign, play,
    scenario::{Act, Face, Invitation, MeetingId, Scenario, Scene, Service, Size, Strikes, Times},
    shrink,
};
use std::time::Duration;
use sync_engine::Notifications;

#[test]
fn the_same_seed_gives_the_same_trace_byte_by_byte() {
    let size = Size { days: 1, rooms: 2, ..Size::default() };
    let [once, again, other] = [1, 1, 2].map(|seed| play(&Scenario::of(seed, size), true));
    assert!(once.trace.text().lines().count() > 100, "much has happened");
    assert!(once.trace == again.trace);
    assert_eq!((once.counts, once.violation), (again.counts, again.violation));
    assert!(once.trace != other.trace);
}

#[test]
fn a_late_network_changes_nothing_of_what_happens() {
    let of = |seed, late| Scenario::of(seed, Size { days: 1, rooms: 2, late, ..Size::default() });
    let drawn: Vec<Scenario> = (0..20).map(|seed| of(seed, None)).collect();
    assert!(drawn.iter().any(|one| one.late && one.word) && drawn.iter().any(|one| !one.late && !one.word));
    for drawn in drawn {
        let [prompt, late] = [false, true].map(|late| of(drawn.seed, Some(late)));
        assert!(late.late && late.word && !prompt.late && !prompt.word);
        assert_eq!((&drawn.scenes, &drawn.rooms), (&prompt.scenes, &late.rooms));
        assert_eq!(prompt.scenes, late.scenes);
    }
}

#[test]
fn seeds_that_once_broke_a_rule_do_so_no_more() {
    break_no_rule_again(|room_days| room_days <= 20);
}

#[test]
#[ignore = "takes some minutes: `./test --full` runs it"]
fn seeds_of_large_sites_that_once_broke_a_rule_do_so_no_more() {
    break_no_rule_again(|room_days| room_days > 20);
}

/// Replays the regressions of so many room-days.
fn break_no_rule_again(is_meant: impl Fn(u64) -> bool) {
    let mut played = 0;
    for line in include_str!("../../regressions.txt").lines() {
        let line = line.split('#').next().unwrap_or_default();
        let (network, numbers): (Vec<&str>, Vec<&str>) =
            line.split_whitespace().partition(|word| ["late", "drawn"].contains(word));
        let numbers: Vec<u64> = numbers.into_iter().map(|number| number.parse().unwrap()).collect();
        let [seed, days, rooms, acts, faults, ref intervals @ ..] = numbers[..] else {
            assert!(numbers.is_empty(), "expected at least five numbers: {line}");
            continue;
        };
        if !is_meant(days * rooms) {
            continue;
        }
        let [days, acts, faults] = [days, acts, faults].map(|number| u32::try_from(number).unwrap());
        let rooms = usize::try_from(rooms).unwrap();
        let interval = |at: usize, unit: fn(u64) -> Duration| intervals.get(at).copied().map(unit);
        let reconcile = interval(0, Duration::from_hours);
        let (pull, renew) = (interval(1, Duration::from_secs), interval(2, Duration::from_mins));
        let late = match network[..] {
            ["drawn"] => None,
            ["late"] => Some(true),
            _ => Some(false),
        };
        let size = Size { days, rooms, acts, faults, pull, renew, reconcile, late };
        assert_eq!(shrink::judge(&Scenario::of(seed, size)), None, "{line}");
        played += 1;
    }
    assert!(played > 0, "the file names no seed");
}

#[test]
fn other_seeds_break_no_rule() {
    break_no_rule(14, Size { days: 1, rooms: 2, ..Size::default() });
}

#[test]
#[ignore = "takes some minutes: `./test --full` runs it"]
fn many_other_seeds_break_no_rule() {
    break_no_rule(40, Size::default());
}

fn break_no_rule(seeds: u64, size: Size) {
    let tally = campaign::run(0..seeds, size, 1, &|_| true);
    let told = |(seed, violation): &(u64, _)| format!("seed {seed}: {violation:?}");
    let broken: Vec<String> = tally.broken.iter().map(told).collect();
    let shrunk = tally
        .broken
        .first()
        .map(|(seed, violation)| shrink::shrink(&Scenario::of(*seed, size), violation.clone()).told());
    assert!(broken.is_empty(), "{}\n{}", broken.join("\n"), shrunk.unwrap_or_default());
    assert_eq!(tally.seeds, seeds);
    assert!(tally.counts.exchanges > seeds * 200, "{}", tally.counts);
}

/// A quiet day of one room that asks its subscription, with five meetings on the next day.
fn quiet_day() -> Scenario {
    let size = Size { days: 1, rooms: 1, acts: 0, faults: 0, ..Size::default() };
    let drawn = Scenario::of(1, size);
    let books = |number| {
        let times = Times {
            start: drawn.begins + TimeDelta::days(1) + TimeDelta::hours(i64::from(number)),
            lasts: TimeDelta::minutes(30),
        };
        let booking = Invitation {
            rooms: vec![0],
            organizer: "kim",
            subject: format!("about {number}"),
            times,
            whole_days: None,
            zone: "UTC",
            private: false,
            series: None,
            location: None,
            body: None,
            link: None,
        };
        Scene { at: TimeDelta::minutes(5), act: Act::Book(MeetingId(number), booking) }
    };
    let (pull, reconcile) = (Duration::from_mins(5), Duration::from_hours(24 * 90));
    let scenes = (0..5).map(books).collect();
    Scenario { face: Face::Ews(Notifications::Pull), pull, reconcile, scenes, ..drawn }
}

#[test]
fn a_calendar_that_is_said_to_be_empty_is_judged_until_a_second_look_may_agree() {
    let (fault, room) = (Fault::EmptyCalendar, Some(0));
    for (strikes, is_judged) in [
        (Strikes::Next(1), true),
        (Strikes::For(TimeDelta::seconds(50)), true),
        (Strikes::For(TimeDelta::minutes(5)), false),
    ] {
        let mut scenario = quiet_day();
        let noon = TimeDelta::hours(5);
        let added = [(0, Act::Fault { fault, strikes, room }), (1, Act::Resync(0)), (600, Act::Resync(0))];
        let added = added.map(|(after, act)| Scene { at: noon + TimeDelta::seconds(after), act });
        scenario.scenes.extend(added);
        scenario.scenes.sort_by_key(|scene| scene.at);
        let played = play(&scenario, true);
        assert_eq!(played.violation, None, "{strikes:?}");
        assert_eq!(played.counts.unjudged == 0, is_judged, "{strikes:?}: {}", played.counts);
        assert!(played.counts.unjudged < 20 * 60, "{strikes:?}: {}", played.counts);
    }
}

#[test]
fn a_room_that_was_deceived_is_judged_again_when_it_was_read_or_compared() {
    let day = TimeDelta::days(1);
    for (fault, heals) in
        [(Fault::ItemNotFound, true), (Fault::ItemCorrupt, true), (Fault::ItemNotFound, false)]
    {
        let mut scenario = quiet_day();
        scenario.scenes.push(Scene {
            at: TimeDelta::minutes(1),
            act: Act::Fault { fault, strikes: Strikes::Next(1), room: Some(0) },
        });
        let resyncs =
            (2..24).filter(|_| heals).map(|hour| Scene { at: TimeDelta::hours(hour), act: Act::Resync(0) });
        scenario.scenes.extend(resyncs);
        scenario.scenes.push(Scene { at: day, act: Act::Resync(0) });
        scenario.scenes.sort_by_key(|scene| scene.at);
        let played = play(&scenario, false);
        assert_eq!(played.violation, None, "{fault:?}");
        let unjudged = TimeDelta::seconds(i64::try_from(played.counts.unjudged).unwrap());
        assert!(
            unjudged > TimeDelta::zero() && (unjudged < TimeDelta::hours(2)) == heals,
            "{fault:?}: {unjudged}"
        );
    }
}

#[test]
fn sessions_that_end_are_a_fault_where_somebody_has_one() {
    let ends = Scene { at: TimeDelta::hours(2), act: Act::Service(Service::EndSessions) };
    let faults = |face| {
        let quiet = quiet_day();
        let scenes = quiet.scenes.iter().cloned().chain([ends.clone()]).collect();
        let played = play(&Scenario { face, scenes, ..quiet }, false);
        assert_eq!(played.violation, None);
        played.counts.faults
    };
    assert_eq!(faults(Face::Ews(Notifications::Pull)), 0);
    assert_eq!([false, true].map(|form| faults(Face::Webdav { newer: true, form })), [0, 1]);
}

#[test]
fn whoever_wants_a_pause_gets_it_from_all_rooms_that_are_under_way() {
    const ROOMS: usize = 5;
    let size = Size { days: 1, rooms: ROOMS, acts: 2, faults: 0, ..Size::default() };
    for fault in [Fault::ServerBusy, Fault::TooManyRequests] {
        let mut scenario = Scenario { face: Face::Ews(Notifications::Pull), ..Scenario::of(1, size) };
        let evening = scenario.length();
        let mut then = |seconds, act| {
            scenario.scenes.push(Scene { at: evening + TimeDelta::seconds(seconds), act });
        };
        then(60, Act::Fault { fault, strikes: Strikes::PerMille(100), room: None });
        for minute in (5..50).step_by(5) {
            // as many rooms as may be are read at once, in several requests each
            (0..ROOMS).for_each(|room| then(60 * minute, Act::Resync(room)));
        }
        let played = play(&scenario, true);
        assert_eq!(played.violation, None, "{fault:?}");
        let answers =
            played.trace.text().lines().filter(|line| line.contains("-> 50") || line.contains("-> 429"));
        assert!(answers.count() > 10, "{fault:?}: it was busy");
    }
}
