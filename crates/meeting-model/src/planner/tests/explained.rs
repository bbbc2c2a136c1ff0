//! Why, in one line each.

use super::*;
use crate::{
    decision::ServerGeneration,
    example::meeting,
    explain::{Asked, Explanation, Fate, SubjectSource, explain},
    fact::Fact,
    identity::{Slot, meeting_id},
    item::{Response, Sensitivity},
    join::{Found, Join, JoinRule, Place},
    zone::ZoneRef,
};

fn explained(room: &Room, reveal: bool) -> Vec<Explanation> {
    let site = Site { secret: &room.secret, zones: &room.zones };
    let now = Now { wall: room.now, mono: std::time::Duration::ZERO };
    let asked = Asked { server: Some(ServerGeneration::Exchange2010OrLater), reveal };
    explain(&RoomId::new("room"), &room.known, &room.settings, site, asked, now)
}

pub(super) fn lines(room: &Room) -> Vec<String> {
    explained(room, false).iter().map(|one| line(one, room)).collect()
}

/// All of an explanation, on the walls of the room.
fn line(one: &Explanation, room: &Room) -> String {
    let on_walls = |instant, format: &str| room.settings.zone.local(instant).format(format).to_string();
    let mut parts = vec![one.sentence.to_owned()];
    parts.extend(one.subject.as_ref().map(SubjectSource::words));
    parts.extend(one.join.map(|(rule, _)| format!("join address by `{}`", rule.id())));
    parts.extend(one.zone_stands_in.then(|| "its zone is not known, the room's stands in".to_owned()));
    let seen = if one.fate == Fate::Gone { "gone since" } else { "written" };
    parts.extend(one.seen.map(|at| format!("{seen} {}", on_walls(at, "%Y-%m-%d %H:%M"))));
    parts.extend(one.remedy.map(|remedy| format!("to do: {remedy}")));
    format!(
        "{}-{} {}: {}{}: {}",
        on_walls(one.start, "%Y-%m-%d %H:%M"),
        on_walls(one.end, "%H:%M"),
        one.title.as_deref().unwrap_or("(forgotten)"),
        one.fate.words(),
        one.decision.map(|decision| format!(" ({})", decision.rule)).unwrap_or_default(),
        parts.join("; "),
    )
}

fn at(name: &str, hour: u32) -> CalendarItem {
    meeting(name, &format!("2026-03-02T{hour:02}:00:00Z"))
}

#[test]
fn everything_says_why() {
    let mut room = Room::at("2026-03-02T06:00:00Z");
    room.delta(&[CalendarItem { subject: Some("Retro".to_owned()), ..at("remembered", 8) }, at("gone", 9)]);
    room.take(Some(&deleted("gone")));
    let web = Some(Found { address: "https://x".to_owned(), rule: JoinRule::Teams, place: Place::Body });
    let mut standup = daily(CalendarItem { zone: ZoneRef::Unstated, ..at("series", 13) });
    standup.series.as_mut().unwrap().recurrence.end = RangeEnd::After(1);
    room.delta(&[
        CalendarItem {
            join: Join { web, ..Join::default() },
            last_modified: Some(utc("2026-03-01T12:00:00Z")),
            ..at("plain", 7)
        },
        CalendarItem { subject: None, ..at("remembered", 8) },
        CalendarItem { response: Response::Tentative, ..at("waits", 10) },
        CalendarItem { sensitivity: Sensitivity::Private, ..at("secret", 11) },
        CalendarItem { subject: Some("Kim Jones".to_owned()), ..at("nameless", 12) },
        standup,
        meeting("far", "2027-03-02T07:00:00Z"),
    ]);
    let to_do = "the room's delegate has yet to accept or decline the meeting for the room";
    assert_eq!(
        lines(&room),
        [
            "2026-03-02 08:00-09:00 Budget: shown (A6): the room accepted it; subject as written; join address by `teams`; written 2026-03-01 13:00",
            "2026-03-02 09:00-10:00 Retro: shown (A6): the room accepted it; subject as this room's copy had it before",
            "2026-03-02 10:00-11:00 Budget: gone (A6): it was accepted, and then cancelled, moved or taken out of the room's calendar; gone since 2026-03-02 07:00",
            &format!(
                "2026-03-02 11:00-12:00 Budget: hidden (A4): the room has not accepted it yet, and tentative meetings are not shown; subject as written; to do: {to_do}"
            ),
            "2026-03-02 12:00-13:00 Private meeting: shown (A6): the room accepted it; subject hidden",
            "2026-03-02 13:00-14:00 Meeting (Kim Jones): shown (A6): the room accepted it; subject never seen",
            "2026-03-02 14:00-15:00 Budget: shown (A6): the room accepted it; subject as written; its zone is not known, the room's stands in",
            "2027-03-02 08:00-09:00 Budget: outside the window: none of it lies in the days that displays show; subject as written",
        ]
    );
    let text = format!("{:?}", explained(&room, false));
    assert!(!text.contains("Budget") && !text.contains("Kim"), "{text}");
}

#[test]
fn a4_an_unanswered_meeting_says_whose_answer_it_awaits() {
    use crate::settings::Acceptance::{AutoAccept, Proxy};
    use Response::{Accept, NoResponseReceived, Tentative};
    let (cmdlet, delegate) = (Some("-AutomateProcessing AutoAccept"), Some("delegate has yet to"));
    for (acceptance, response, minutes, others, hour, expected) in [
        (Proxy, NoResponseReceived, 600, None, 9, delegate),
        (Proxy, Tentative, 1, None, 9, delegate),
        (AutoAccept, Tentative, 600, None, 9, delegate),
        (AutoAccept, NoResponseReceived, 1, None, 9, None),
        (AutoAccept, NoResponseReceived, 16, None, 9, cmdlet),
        // it accepts others by itself
        (AutoAccept, NoResponseReceived, 16, Some(5), 9, delegate),
        // it is over
        (AutoAccept, NoResponseReceived, 600, None, 4, None),
    ] {
        let mut room = Room::at("2026-03-02T06:00:00Z");
        room.settings.acceptance = acceptance;
        let ago = |minutes| Some(utc("2026-03-02T06:00:00Z") - TimeDelta::minutes(minutes));
        let asked = CalendarItem { response, last_modified: ago(minutes), ..at("m", hour) };
        let other = CalendarItem { response: Accept, reply_time: others.and_then(ago), ..at("other", 12) };
        room.delta(&[asked, other]);
        let told = explained(&room, false)[0].remedy;
        assert_eq!(told.is_some(), expected.is_some(), "{acceptance:?} {response:?} {minutes} {told:?}");
        assert!(expected.is_none_or(|words| told.unwrap().contains(words)), "{acceptance:?} {told:?}");
    }
}

#[test]
fn i2_a_copy_that_does_not_count_says_so() {
    let mut room = Room::at("2026-03-02T06:00:00Z");
    let copy = CalendarItem { item_id: ItemId::new("copy"), sequence: Some(7), ..at("m", 9) };
    let mut over = daily(at("over", 8));
    over.series.as_mut().unwrap().recurrence.end = RangeEnd::After(1);
    over.series.as_mut().unwrap().deleted = vec![over.start];
    room.delta(&[at("m", 9), copy, over]);
    assert_eq!(
        lines(&room),
        [
            "2026-03-02 09:00-10:00 Budget: outside the window: none of it lies in the days that displays show; subject as written",
            "2026-03-02 10:00-11:00 Budget: shown (A6): the room accepted it; subject as written",
            "2026-03-02 10:00-11:00 Budget: double: another copy of it counts; subject as written",
        ]
        .map(str::to_owned)
    );
}

#[test]
fn p7_what_is_forgotten_is_not_explained_by_name() {
    let mut room = Room::at("2026-03-02T06:00:00Z");
    room.delta(&[at("gone", 9)]);
    room.take(Some(&deleted("gone")));
    room.wait(8 * 86400).replan();
    assert!(
        lines(&room)[0].starts_with("2026-03-02 10:00-11:00 (forgotten): gone (A6)"),
        "{:?}",
        lines(&room)
    );
}

#[test]
fn p4_explains_no_more_than_displays_show() {
    let mut room = Room::at("2026-03-02T06:00:00Z");
    room.settings.subjects.shown = crate::settings::SubjectPolicy::Busy;
    room.delta(&[at("plain", 7), CalendarItem { response: Response::Tentative, ..at("waits", 10) }]);
    room.take(Some(&deleted("plain")));
    let busy = |room: &Room| {
        explained(room, false).iter().filter(|one| one.title.as_deref() == Some("Busy")).count()
    };
    assert_eq!(busy(&room), 2);
    room.take(Some(&deleted("waits")));
    assert_eq!(busy(&room), 2);
    // What was kept before the room faced a corridor says no more than what is kept since.
    room.settings.subjects.shown = crate::settings::SubjectPolicy::Show;
    room.delta(&[at("open", 8)]);
    room.take(Some(&deleted("open")));
    room.settings.subjects.shown = crate::settings::SubjectPolicy::Busy;
    assert_eq!(busy(&room), 3);
}

#[test]
fn s4_says_which_room_a_subject_came_from() {
    let mut room = Room::at("2026-03-02T06:00:00Z");
    room.delta(&[CalendarItem { subject: None, ..at("m", 9) }]);
    assert_eq!(explained(&room, false)[0].subject, Some(SubjectSource::Placeholder));
    for (said_in, expected) in
        [("paris", SubjectSource::OtherRoom(RoomId::new("paris"))), ("room", SubjectSource::Earlier)]
    {
        let said_in = Some(RoomId::new(said_in));
        let fact = Fact { subject: Some("Budget".to_owned()), said_in, ..Fact::default() };
        room.known.facts.insert((meeting_id(&at("m", 9)), Slot::Whole), fact);
        assert_eq!(explained(&room, false)[0].subject, Some(expected));
    }
}

#[test]
fn p1_what_is_hidden_is_revealed_to_whoever_may_read_the_mirror() {
    let mut room = Room::at("2026-03-02T06:00:00Z");
    let secret = CalendarItem { sensitivity: Sensitivity::Private, ..at("secret", 9) };
    room.delta(&[secret, at("plain", 10)]);
    room.settings.subjects.shown = crate::settings::SubjectPolicy::Busy;
    room.replan();
    let told = |reveal| {
        let lines = explained(&room, reveal);
        let said = |one: &Explanation| (one.title.clone().unwrap_or_default(), one.subject.clone());
        lines.iter().map(said).collect::<Vec<_>>()
    };
    let hidden = |title: &str| (title.to_owned(), Some(SubjectSource::Hidden));
    assert_eq!(told(false), [hidden("Private meeting"), hidden("Busy")]);
    let open = || ("Budget".to_owned(), Some(SubjectSource::Written));
    assert_eq!(told(true), [open(), open()]);
    let concealed = |room: &Room| explained(room, true).iter().map(|one| one.concealed).collect::<Vec<_>>();
    assert_eq!(concealed(&room), [true, true]);
    room.settings.subjects.shown = crate::settings::SubjectPolicy::Show;
    assert_eq!(concealed(&room), [true, false]);
    room.settings.private = crate::settings::PrivatePolicy::Show;
    assert_eq!(concealed(&room), [false, false]);
}
