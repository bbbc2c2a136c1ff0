use super::*;
use crate::{
    example::{carry_out, meeting, settings, utc},
    id::RoomId,
    observed::{Coverage, Observed},
    plan::{Site, plan},
    privacy::SiteSecret,
    zone::ZoneDatabase,
};
use std::time::Duration;

const NOW: &str = "2026-03-02T08:00:00Z";

fn said(items: Vec<CalendarItem>, settings: &RoomSettings) -> Vec<(&'static str, usize)> {
    let now = Now { wall: utc(NOW), mono: Duration::ZERO };
    let known = known(items, settings);
    warnings(&known, settings, now).iter().map(|one| (one.kind.id(), one.meetings)).collect()
}

fn known(items: Vec<CalendarItem>, settings: &RoomSettings) -> Known {
    let (secret, zones) = (SiteSecret::new([1; 32]), ZoneDatabase::bundled());
    let site = Site { secret: &secret, zones: &zones };
    let now = Now { wall: utc(NOW), mono: Duration::ZERO };
    let mut known = Known::default();
    let observed = Observed { items, ..Observed::nothing(Coverage::Delta) };
    let plan = plan(&RoomId::new("room"), &known, Some(&observed), settings, site, now);
    carry_out(&mut known, &plan);
    known
}

fn waits(response: Response, minutes: i64, start: &str) -> CalendarItem {
    let last_modified = Some(utc(NOW) - TimeDelta::minutes(minutes));
    CalendarItem { response, last_modified, ..meeting("m", start) }
}

#[test]
fn a_room_that_does_not_answer() {
    use Response::{Accept, NoResponseReceived, Organizer, Tentative, Unknown};
    let (soon, past) = ("2026-03-02T12:00:00Z", "2026-03-01T12:00:00Z");
    let auto = settings();
    let proxy = RoomSettings { acceptance: Acceptance::Proxy, ..settings() };
    let off = vec![("auto-accept-off", 1)];
    let awaiting = vec![("awaiting-delegate", 1)];
    let cases = [
        (NoResponseReceived, 16, soon, &auto, off.clone()),
        (Unknown, 16, soon, &auto, off),
        (NoResponseReceived, 15, soon, &auto, vec![]),
        (NoResponseReceived, 16, past, &auto, vec![]),
        (NoResponseReceived, 16, soon, &proxy, vec![]),
        (Tentative, 1, soon, &auto, awaiting.clone()),
        (Tentative, 16, soon, &proxy, awaiting),
        (Accept, 16, soon, &auto, vec![]),
        (Organizer, 16, soon, &auto, vec![]),
    ];
    for (response, minutes, start, settings, expected) in cases {
        assert_eq!(
            said(vec![waits(response, minutes, start)], settings),
            expected,
            "{response:?} {minutes} {start}"
        );
    }
}

#[test]
fn a_room_that_has_answered_others_since_accepts_by_itself() {
    let unanswered = waits(Response::NoResponseReceived, 20, "2026-03-02T12:00:00Z");
    for (minutes, expected) in [(25, 1), (15, 0)] {
        let other = CalendarItem {
            item_id: crate::id::ItemId::new("other"),
            reply_time: Some(utc(NOW) - TimeDelta::minutes(minutes)),
            ..meeting("other", "2026-03-03T12:00:00Z")
        };
        assert_eq!(said(vec![unanswered.clone(), other], &settings()).len(), expected, "{minutes}");
    }
}

#[test]
fn a5_a_switch_says_how_many_meetings_it_hides() {
    let since = Some(utc(NOW) - TimeDelta::hours(1));
    let proxy = RoomSettings { acceptance: Acceptance::Proxy, acceptance_since: since, ..settings() };
    let accepted = |name: &str, minutes, start: &str| CalendarItem {
        item_id: crate::id::ItemId::new(name),
        reply_time: Some(utc(NOW) - TimeDelta::minutes(minutes)),
        ..meeting(name, start)
    };
    let (soon, past) = ("2026-03-02T12:00:00Z", "2026-03-02T06:00:00Z");
    let items = vec![
        accepted("before", 90, soon),
        accepted("as well", 90, "2026-03-03T12:00:00Z"),
        accepted("after", 30, soon),
        accepted("over", 90, past),
    ];
    assert_eq!(said(items.clone(), &proxy), [("awaiting-reacceptance", 2)]);
    assert!(said(items, &settings()).is_empty());
}

#[test]
fn a_meeting_without_an_answer_is_looked_at_again() {
    let now = Now { wall: utc(NOW), mono: Duration::ZERO };
    for (response, minutes, due) in [
        (Response::NoResponseReceived, 5, Some(601)),
        (Response::NoResponseReceived, 16, None),
        (Response::Tentative, 5, None),
        (Response::Accept, 5, None),
    ] {
        let known = known(vec![waits(response, minutes, "2026-03-02T12:00:00Z")], &settings());
        let expected = due.map(|seconds| utc(NOW) + TimeDelta::seconds(seconds));
        assert_eq!(due_at(&known, &settings(), now), expected, "{response:?} {minutes}");
    }
}

#[test]
fn every_warning_says_what_to_do_where_there_is_something() {
    use ServerGeneration::{Exchange2003, Exchange2007, Exchange2010OrLater};
    for kind in WarningKind::ALL {
        assert!(kind.sentence().len() > 20);
        for (server, command) in [
            (None, "booking attendant"),
            (Some(Exchange2003), "AutoAccept agent"),
            (Some(Exchange2007), "Set-MailboxCalendarSettings ROOM"),
            (Some(Exchange2010OrLater), "Set-CalendarProcessing ROOM"),
        ] {
            match kind.remedy(server) {
                Some(remedy) if kind == WarningKind::AwaitingReacceptance => {
                    assert!(remedy.contains("on_switch"), "{server:?}");
                }
                Some(remedy) => assert!(remedy.contains(command), "{kind:?} {server:?}"),
                None => assert!(kind.is_information() || server == Some(Exchange2003), "{kind:?} {server:?}"),
            }
        }
    }
}
