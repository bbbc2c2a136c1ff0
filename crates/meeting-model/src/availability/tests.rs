use super::*;
use crate::{decision::Decision, example::utc, id::ItemId, identity::MeetingKey, join::Join};

const SHOWN: (Rule, Verdict) = (Rule::A6, Verdict::Shown);
const MARKED: (Rule, Verdict) = (Rule::A4, Verdict::ShownTentative);
const WAITS: (Rule, Verdict) = (Rule::A4, Verdict::Hidden(Reason::Tentative));
const AGAIN: (Rule, Verdict) = (Rule::A5, Verdict::Hidden(Reason::AwaitingReacceptance));
const CANCELLED: (Rule, Verdict) = (Rule::A1, Verdict::Hidden(Reason::Cancelled));

fn today(time: &str) -> DateTime<Utc> {
    utc(&format!("2026-03-02T{time}:00Z"))
}

fn one(from: &str, to: &str, (rule, verdict): (Rule, Verdict)) -> PlannedOccurrence {
    PlannedOccurrence {
        key: MeetingKey::new(from),
        item_id: ItemId::new(from),
        original_start: today(from),
        start: today(from),
        end: today(to),
        decision: Decision { verdict, rule },
        settling_since: None,
        accepted_seen: None,
        show_as: ShowAs::Busy,
        join: Join::default(),
        displayed: None,
    }
}

#[test]
fn e_a_room_is_taken_held_or_free() {
    use Occupancy::{Free, Held, Occupied};
    let day = [
        one("08:00", "09:00", SHOWN),
        one("09:00", "10:00", SHOWN), // one spell with the first
        one("09:30", "10:30", WAITS), // held once the second is over
        one("11:00", "12:00", AGAIN),
        one("11:30", "11:45", MARKED),
        one("13:00", "14:00", CANCELLED),
        one("15:00", "15:00", SHOWN), // a point takes no time
    ];
    let day: Vec<Spell> = day.iter().filter_map(Spell::of).collect();
    assert_eq!(day.len(), 6, "what is cancelled takes no room");
    for (now, occupancy, until) in [
        ("07:00", Free, Some("08:00")),
        ("08:00", Occupied, Some("10:00")),
        ("09:45", Occupied, Some("10:00")),
        ("10:00", Held, Some("10:30")),
        ("10:30", Free, Some("11:00")),
        ("11:30", Held, Some("12:00")),
        ("13:30", Free, None),
        ("15:00", Free, None),
    ] {
        let expected = Availability { occupancy, until: until.map(today) };
        assert_eq!(availability(&day, Some(today(now)), today(now)), expected, "{now}");
    }
    let unknown = Availability { occupancy: Occupancy::Unknown, until: None };
    // A read that is still to come was noted by a clock that was ahead.
    for as_of in [None, Some(today("08:15")), Some(today("08:31"))] {
        assert_eq!(availability(&day, as_of, today("08:30")), unknown, "{as_of:?}");
    }
}

#[test]
fn e_presence_by_both_profiles() {
    use Presence::{Available, Away, IdleBusy, InAMeeting, Unknown};
    use ShowAs::{Busy, Free, NoData, OutOfOffice, Tentative, WorkingElsewhere};
    let now = today("08:30");
    let told = |states: &[ShowAs], decision, as_of| {
        let day: Vec<_> = states
            .iter()
            .filter_map(|show_as| {
                Spell::of(&PlannedOccurrence { show_as: *show_as, ..one("08:00", "09:00", decision) })
            })
            .collect();
        [Profile::Cup7, Profile::Imp].map(|profile| presence(&day, profile, as_of, now))
    };
    let fresh = Some(today("08:16"));
    for (states, expected) in [
        (&[][..], [Available, Available]),
        (&[Free], [Available, Available]),
        (&[Tentative], [Available, Available]),
        (&[WorkingElsewhere], [Available, Available]),
        (&[Busy], [IdleBusy, InAMeeting]),
        (&[NoData], [IdleBusy, InAMeeting]),
        (&[OutOfOffice], [Away, Away]),
        (&[Tentative, Busy, Free], [IdleBusy, InAMeeting]),
        (&[Busy, OutOfOffice], [Away, Away]),
    ] {
        assert_eq!(told(states, SHOWN, fresh), expected, "{states:?}");
        assert_eq!(told(states, WAITS, fresh), [Available; 2], "{states:?} hidden");
        assert_eq!(told(states, SHOWN, Some(today("08:15"))), [Unknown; 2], "{states:?} stale");
        assert_eq!(told(states, SHOWN, None), [Unknown; 2], "{states:?} never read");
    }
}

#[test]
fn c5_a_room_is_taken_while_its_meeting_lingers() {
    use Occupancy::{Free, Held, Occupied};
    let day = [
        one("08:00", "09:00", SHOWN),
        one("10:00", "11:00", WAITS),
        one("12:00", "13:00", SHOWN),
        one("13:10", "14:00", SHOWN), // nothing is free between the two, while the first lingers
        one("15:00", "15:00", SHOWN),
    ];
    let lingers = TimeDelta::minutes(15);
    let day: Vec<Spell> = day.iter().filter_map(Spell::of).map(|spell| spell.lingering(lingers)).collect();
    for (now, occupancy, until) in [
        ("09:00", Occupied, Some("09:15")),
        ("09:14", Occupied, Some("09:15")),
        ("09:15", Free, Some("10:00")),
        ("11:05", Held, Some("11:15")),
        ("13:05", Occupied, Some("14:15")),
        ("15:00", Free, None),
    ] {
        let expected = Availability { occupancy, until: until.map(today) };
        assert_eq!(availability(&day, Some(today(now)), today(now)), expected, "{now}");
        let told = if occupancy == Occupied { Presence::InAMeeting } else { Presence::Available };
        assert_eq!(presence(&day, Profile::Imp, Some(today(now)), today(now)), told, "{now}");
    }
}

#[test]
fn what_was_noted_is_believed_unless_it_is_to_come_or_has_no_age() {
    let now = today("12:00");
    for (as_of, is_believed, stale) in [
        (Some(now), true, false),
        (Some(now + CREEPS), true, false),
        (Some(now + CREEPS * 2), false, true),
        (Some(today("11:45")), true, true),
        (Some(AGELESS), false, true),
        (None, false, true),
    ] {
        assert_eq!(believed(as_of, now), as_of.filter(|_| is_believed));
        assert_eq!(is_stale(as_of, now), stale, "{as_of:?}");
    }
}
