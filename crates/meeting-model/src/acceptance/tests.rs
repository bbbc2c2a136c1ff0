use super::*;
use crate::{
    example::{meeting, settings, utc},
    item::Person,
};

const MARCH: &str = "2026-03-01T00:00:00Z";
const APRIL: &str = "2026-04-01T00:00:00Z";

type Change = fn(&mut CalendarItem, &mut RoomSettings);

/// Decides of an accepted meeting after a change, in a room that was switched to proxy acceptance in March, if at all.
fn decided(change: Change, settling: bool) -> (Rule, Verdict) {
    let (mut item, mut settings) = (meeting("m", "2026-05-04T08:00:00Z"), settings());
    change(&mut item, &mut settings);
    let history = history(None, &settings, utc(APRIL));
    let seen = Some(utc("2026-02-01T00:00:00Z"));
    let decision =
        decide(&item, Circumstances { settings: &settings, history, accepted_seen: seen, settling });
    (decision.rule, decision.verdict)
}

fn proxy(settings: &mut RoomSettings) {
    settings.acceptance = Acceptance::Proxy;
    settings.acceptance_since = Some(utc(MARCH));
}

type Case = (&'static str, Change, (Rule, Verdict));

fn check(cases: &[Case]) {
    for (name, change, expected) in cases {
        assert_eq!(decided(*change, false), *expected, "{name}");
    }
}

#[test]
fn a1_a2_a3_come_first() {
    use Response::{Decline, Organizer, Unknown};
    let hidden = Verdict::Hidden;
    check(&[
        ("A1 flag", |i, _| i.is_cancelled = true, (Rule::A1, hidden(Reason::Cancelled))),
        ("A1 state", |i, _| i.appointment_state = Some(7), (Rule::A1, hidden(Reason::Cancelled))),
        (
            "A1 before A2",
            |i, _| (i.is_cancelled, i.response) = (true, Decline),
            (Rule::A1, hidden(Reason::Cancelled)),
        ),
        (
            "A1 before A3",
            |i, _| (i.appointment_state, i.response) = (Some(5), Organizer),
            (Rule::A1, hidden(Reason::Cancelled)),
        ),
        ("A2", |i, _| i.response = Decline, (Rule::A2, hidden(Reason::Declined))),
        (
            "A2 before A3",
            |i, _| (i.response, i.is_meeting, i.appointment_state) = (Decline, None, None),
            (Rule::A2, hidden(Reason::Declined)),
        ),
        ("A3 organizer", |i, _| i.response = Organizer, (Rule::A3, Verdict::Shown)),
        (
            "A3 no meeting",
            |i, _| (i.response, i.is_meeting, i.appointment_state) = (Unknown, Some(false), Some(0)),
            (Rule::A3, Verdict::Shown),
        ),
        (
            "A3 nothing said",
            |i, _| (i.response, i.is_meeting, i.appointment_state) = (Unknown, None, None),
            (Rule::A3, Verdict::Shown),
        ),
        (
            "A3 by the room",
            |i, _| {
                i.response = Unknown;
                i.organizer = Some(Person { name: None, address: Some("Room@Example.com".to_owned()) });
            },
            (Rule::A3, Verdict::Shown),
        ),
        (
            "A3 in proxy rooms",
            |i, s| {
                i.response = Organizer;
                proxy(s);
            },
            (Rule::A3, Verdict::Shown),
        ),
    ]);
}

#[test]
fn a4_a5_a6_by_what_the_room_answered_and_when() {
    use Response::{Accept, NoResponseReceived, Tentative, Unknown};
    let hidden = Verdict::Hidden;
    check(&[
        ("A4 tentative", |i, _| i.response = Tentative, (Rule::A4, hidden(Reason::Tentative))),
        ("A4 no answer", |i, _| i.response = NoResponseReceived, (Rule::A4, hidden(Reason::Tentative))),
        ("A4 unknown", |i, _| i.response = Unknown, (Rule::A4, hidden(Reason::Tentative))),
        (
            "A4 by state alone",
            |i, _| (i.response, i.is_meeting, i.appointment_state) = (Unknown, Some(false), Some(1)),
            (Rule::A4, hidden(Reason::Tentative)),
        ),
        (
            "A4 marked",
            |i, s| (i.response, s.tentative) = (Tentative, TentativePolicy::Mark),
            (Rule::A4, Verdict::ShownTentative),
        ),
        (
            "A5 reply before",
            |i, s| {
                i.reply_time = Some(utc("2026-02-28T00:00:00Z"));
                proxy(s);
            },
            (Rule::A5, hidden(Reason::AwaitingReacceptance)),
        ),
        (
            "A5 reply after",
            |i, s| {
                i.reply_time = Some(utc(MARCH));
                proxy(s);
            },
            (Rule::A6, Verdict::Shown),
        ),
        ("A5 stored before", |_, s| proxy(s), (Rule::A5, hidden(Reason::AwaitingReacceptance))),
        (
            "A5 kept",
            |_, s| {
                proxy(s);
                s.on_switch = OnSwitch::Keep;
            },
            (Rule::A6, Verdict::Shown),
        ),
        ("A5 never switched", |_, s| s.acceptance = Acceptance::Proxy, (Rule::A6, Verdict::Shown)),
        ("A5 auto-accept", |_, s| s.acceptance_since = Some(utc(MARCH)), (Rule::A6, Verdict::Shown)),
        ("A6", |i, _| i.response = Accept, (Rule::A6, Verdict::Shown)),
        ("A6 shown as free", |i, _| i.show_as = crate::item::ShowAs::Free, (Rule::A6, Verdict::Shown)),
    ]);
}

#[test]
fn a7_comes_before_a4_and_after_all_others() {
    let cases: [(&str, Change, Rule); 7] = [
        ("no answer", |i, _| i.response = Response::NoResponseReceived, Rule::A7),
        ("unknown", |i, _| i.response = Response::Unknown, Rule::A7),
        ("tentative", |i, _| i.response = Response::Tentative, Rule::A7),
        ("cancelled", |i, _| (i.is_cancelled, i.response) = (true, Response::Unknown), Rule::A1),
        ("declined", |i, _| i.response = Response::Decline, Rule::A2),
        ("direct", |i, _| i.response = Response::Organizer, Rule::A3),
        ("accepted", |_, _| (), Rule::A6),
    ];
    for (name, change, rule) in cases {
        assert_eq!(decided(change, true).0, rule, "{name}");
    }
}

#[test]
fn a5_a_switch_is_seen_or_configured() {
    use Acceptance::{AutoAccept, Proxy};
    let (march, april) = (Some(utc(MARCH)), Some(utc(APRIL)));
    let was = |mode, switched_to_proxy| Some(AcceptanceHistory { mode, switched_to_proxy });
    let cases = [
        ("first known in proxy", None, Proxy, None, None),
        ("first known, configured", None, Proxy, march, march),
        ("first known in auto-accept", None, AutoAccept, march, None),
        ("switched now", was(AutoAccept, None), Proxy, None, april),
        ("switched, configured", was(AutoAccept, None), Proxy, march, march),
        ("switched before", was(Proxy, march), Proxy, None, march),
        ("dated later", was(Proxy, april), Proxy, march, march),
        ("never switched", was(Proxy, None), Proxy, None, None),
        ("switched back", was(Proxy, march), AutoAccept, None, None),
    ];
    for (name, known, mode, acceptance_since, switched_to_proxy) in cases {
        let settings = RoomSettings { acceptance: mode, acceptance_since, ..settings() };
        let expected = AcceptanceHistory { mode, switched_to_proxy };
        assert_eq!(history(known, &settings, utc(APRIL)), expected, "{name}");
    }
}

#[test]
fn every_hidden_meeting_says_why_and_what_to_do() {
    use crate::decision::{
        Awaits,
        ServerGeneration::{Exchange2003, Exchange2007, Exchange2010OrLater},
    };
    let unanswered = Decision { rule: Rule::A4, verdict: Verdict::Hidden(Reason::Tentative) };
    let cases = [
        (Some(Exchange2003), "AutoAccept agent"),
        (Some(Exchange2007), "Set-MailboxCalendarSettings"),
        (Some(Exchange2010OrLater), "Set-CalendarProcessing"),
        (None, "booking attendant"),
    ];
    for (server, command) in cases {
        let remedy = |awaits| unanswered.remedy(awaits, server);
        assert!(remedy(Awaits::Attendant).is_some_and(|remedy| remedy.contains(command)), "{server:?}");
        assert!(remedy(Awaits::Delegate).is_some_and(|remedy| remedy.contains("delegate")), "{server:?}");
        assert_eq!(remedy(Awaits::Room), None);
        let accepted = Decision { rule: Rule::A6, verdict: Verdict::Shown };
        assert_eq!(accepted.remedy(Awaits::Attendant, server), None);
    }
    let marked = Decision { rule: Rule::A4, verdict: Verdict::ShownTentative };
    assert_ne!(unanswered.sentence(), marked.sentence());
}
