//! Section A as one table: every row, by every way a room is accepted for, in every form a meeting takes.

use super::*;
use crate::{
    acceptance::SETTLING,
    decision::{Reason, Rule, Verdict},
    example::meeting,
    item::{Exception, Response},
    settings::{Acceptance, OnSwitch, TentativePolicy},
};

const NINE: &str = "2026-05-04T09:00:00Z";
const TEN: &str = "2026-05-04T10:00:00Z";
const SWITCHED: &str = "2026-03-01T00:00:00Z";

/// Who accepts, and whether that was switched after the meeting was accepted.
#[derive(Debug, Clone, Copy)]
enum Mode {
    AutoAccept,
    Proxy,
    Switched,
}

const MODES: [Mode; 3] = [Mode::AutoAccept, Mode::Proxy, Mode::Switched];

/// What carries the words that decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Single,
    /// An occurrence that keeps to its series.
    Occurrence,
    /// An exception with words of its own, of an accepted series.
    Exception,
    /// An exception that has everything but its time from its series.
    BareException,
}

const FORMS: [Form; 4] = [Form::Single, Form::Occurrence, Form::Exception, Form::BareException];

type Change = fn(&mut CalendarItem);

fn accepted() -> CalendarItem {
    CalendarItem { reply_time: Some(utc("2026-02-01T00:00:00Z")), ..meeting("m", NINE) }
}

/// The item that carries a change, in a form.
fn in_form(form: Form, change: Change) -> CalendarItem {
    let (mut words, plain) = (accepted(), accepted());
    change(&mut words);
    if form == Form::Single {
        return words;
    }
    let mut series = daily(if form == Form::Exception { plain.clone() } else { words.clone() });
    let inner = series.series.as_mut().unwrap();
    inner.recurrence.end = RangeEnd::After(1);
    let own = match form {
        Form::Exception => words,
        _ => CalendarItem { response: Response::Unknown, is_meeting: None, appointment_state: None, ..plain },
    };
    if form != Form::Occurrence {
        let (original_start, start, end) = (utc(NINE), utc(TEN), utc(TEN) + TimeDelta::hours(1));
        inner.exceptions = vec![Exception { original_start, start, end, item: Some(Box::new(own)) }];
    }
    series
}

/// What a rule makes of an occurrence: one rule, one reason.
fn verdict(rule: Rule) -> Verdict {
    match rule {
        Rule::A1 => Verdict::Hidden(Reason::Cancelled),
        Rule::A2 => Verdict::Hidden(Reason::Declined),
        Rule::A4 => Verdict::Hidden(Reason::Tentative),
        Rule::A5 => Verdict::Hidden(Reason::AwaitingReacceptance),
        Rule::A3 | Rule::A6 | Rule::A7 => Verdict::Shown,
    }
}

fn room(mode: Mode) -> Room {
    let mut room = Room::at("2026-05-04T08:00:00Z");
    if !matches!(mode, Mode::AutoAccept) {
        room.settings.acceptance = Acceptance::Proxy;
    }
    room.settings.acceptance_since = matches!(mode, Mode::Switched).then(|| utc(SWITCHED));
    room
}

#[test]
fn a1_to_a6_in_every_mode_and_form() {
    let rows: [(&str, Change, [&str; 3]); 10] = [
        ("cancelled by its flag", |item| item.is_cancelled = true, ["A1"; 3]),
        ("cancelled by its state", |item| item.appointment_state = Some(7), ["A1"; 3]),
        (
            "cancelled and declined",
            |item| (item.is_cancelled, item.response) = (true, Response::Decline),
            ["A1"; 3],
        ),
        ("declined", |item| item.response = Response::Decline, ["A2"; 3]),
        ("direct", |item| item.response = Response::Organizer, ["A3"; 3]),
        ("tentative", |item| item.response = Response::Tentative, ["A4"; 3]),
        ("not answered", |item| item.response = Response::NoResponseReceived, ["A4"; 3]),
        ("accepted long ago", |_| (), ["A6", "A6", "A5"]),
        ("accepted since", |item| item.reply_time = Some(utc("2026-04-01T00:00:00Z")), ["A6"; 3]),
        (
            "shown as free",
            |item| (item.show_as, item.reply_time) = (crate::item::ShowAs::Free, Some(utc(NINE))),
            ["A6"; 3],
        ),
    ];
    for (name, change, rules) in rows {
        for (mode, rule) in MODES.into_iter().zip(rules) {
            for form in FORMS {
                let mut room = room(mode);
                room.delta(&[in_form(form, change)]);
                assert_eq!(room.rules(), rule, "{name} {mode:?} {form:?}");
                let one = room.known.occurrences.values().next().unwrap();
                let case = format!("{name} {mode:?} {form:?}");
                assert_eq!(one.decision.verdict, verdict(one.decision.rule), "{case}");
                assert_eq!(room.shows().is_empty(), !one.decision.is_shown(), "{case}");
                assert!(!one.decision.sentence().is_empty(), "{case}");
            }
        }
    }
}

/// A room's policies change rows A4 and A5, and no other.
#[test]
fn a4_a5_by_policy_in_every_mode_and_form() {
    let tentative: [(Change, Verdict); 2] = [
        (|item| item.response = Response::Tentative, Verdict::ShownTentative),
        (|item| item.response = Response::NoResponseReceived, Verdict::ShownTentative),
    ];
    let others: [(Change, Verdict); 4] = [
        (|item| item.is_cancelled = true, Verdict::Hidden(Reason::Cancelled)),
        (|item| item.response = Response::Decline, Verdict::Hidden(Reason::Declined)),
        (|item| item.response = Response::Organizer, Verdict::Shown),
        (|_| (), Verdict::Shown),
    ];
    for (change, verdict) in tentative.into_iter().chain(others) {
        for mode in MODES {
            for form in FORMS {
                let mut room = room(mode);
                (room.settings.tentative, room.settings.on_switch) = (TentativePolicy::Mark, OnSwitch::Keep);
                room.delta(&[in_form(form, change)]);
                let decisions: Vec<_> =
                    room.known.occurrences.values().map(|one| one.decision.verdict).collect();
                assert_eq!(decisions, [verdict], "{mode:?} {form:?}");
            }
        }
    }
}

/// Where the server gives no reply time, the room remembers when it first saw that it had accepted.
#[test]
fn a5_by_when_an_acceptance_was_first_seen_in_every_form() {
    for form in FORMS {
        let mut room = room(Mode::AutoAccept);
        let silent: Change = |item| item.reply_time = None;
        room.delta(&[in_form(form, silent)]);
        for (acceptance, rule) in [
            (Acceptance::Proxy, "A5"),
            (Acceptance::AutoAccept, "A6"),
            (Acceptance::Proxy, "A5"), // switched once more: what it accepted by itself waits once more
        ] {
            room.settings.acceptance = acceptance;
            room.wait(60).replan();
            assert_eq!(room.rules(), rule, "{form:?}");
        }
        room.delta(&[in_form(form, |item| item.response = Response::NoResponseReceived)]);
        room.wait(60).delta(&[in_form(form, silent)]);
        assert_eq!(room.rules(), "A6", "{form:?}: accepted again");
    }
}

#[test]
fn a3_a4_of_what_says_little() {
    let nothing: Change =
        |item| (item.response, item.is_meeting, item.appointment_state) = (Response::Unknown, None, None);
    let unknown: Change = |item| item.response = Response::Unknown;
    for mode in MODES {
        let accepted = if matches!(mode, Mode::Switched) { "A5" } else { "A6" };
        // An exception that says nothing of its own has its series' answer.
        for (change, rules) in
            [(nothing, ["A3", "A3", accepted, "A3"]), (unknown, ["A4", "A4", accepted, "A4"])]
        {
            for (form, rule) in FORMS.into_iter().zip(rules) {
                let mut room = room(mode);
                room.delta(&[in_form(form, change)]);
                assert_eq!(room.rules(), rule, "{mode:?} {form:?}");
            }
        }
    }
}

#[test]
fn a7_in_every_mode_and_form() {
    let resets: [Change; 2] =
        [|item| item.response = Response::NoResponseReceived, |item| item.response = Response::Tentative];
    for (mode, settles) in [(Mode::AutoAccept, "A7"), (Mode::Proxy, "A7"), (Mode::Switched, "A4")] {
        for form in FORMS {
            for reset in resets {
                let mut room = room(mode);
                room.delta(&[in_form(form, |_| ())]);
                room.delta(&[in_form(form, reset)]);
                assert_eq!(room.rules(), settles, "{mode:?} {form:?}: only what is shown stays");
                room.wait(SETTLING.num_seconds()).replan();
                assert_eq!(room.rules(), "A4", "{mode:?} {form:?}");
            }
        }
    }
}

#[test]
fn a5_a_switch_says_how_many_go_and_come_back() {
    let mut room = room(Mode::AutoAccept);
    room.delta(&[accepted(), meeting("n", TEN), meeting("over", "2026-05-01T09:00:00Z")]);
    assert_eq!(room.switched(), None);
    let switch = |acceptance, hides, shows| Some(Switch { acceptance, hides, shows });
    room.settings.acceptance = Acceptance::Proxy;
    room.wait(60);
    assert_eq!(
        room.switched(),
        switch(Acceptance::Proxy, 2, 0),
        "said before it is done, of what is to come"
    );
    room.replan();
    assert_eq!(room.switched(), None, "done");
    room.settings.on_switch = OnSwitch::Keep;
    assert_eq!(room.switched(), switch(Acceptance::Proxy, 0, 2));
    room.settings.on_switch = OnSwitch::RequireReaccept;
    room.settings.acceptance = Acceptance::AutoAccept;
    assert_eq!(room.switched(), switch(Acceptance::AutoAccept, 0, 2));
    room.replan();
    assert_eq!(room.switched(), None);
    let mut empty = Room::at(NINE);
    empty.settings.acceptance = Acceptance::Proxy;
    assert_eq!(empty.switched(), None, "a room that was never planned has nothing to lose");
}
