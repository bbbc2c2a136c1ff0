//! Why, in one line each.

use super::*;
use crate::{
    decision::ServerGeneration,
    example::meeting,
    explain::{Explanation, explain},
    item::{Response, Sensitivity},
    join::{Found, Join, JoinRule, Place},
    zone::ZoneRef,
};

fn explained(room: &Room) -> Vec<Explanation> {
    let site = Site { secret: &room.secret, zones: &room.zones };
    let now = Now { wall: room.now, mono: std::time::Duration::ZERO };
    let server = ServerGeneration::Exchange2010OrLater;
    explain(&RoomId::new("room"), &room.known, &room.settings, site, server, now)
}

pub(super) fn lines(room: &Room) -> Vec<String> {
    explained(room).iter().map(|one| one.line(&room.settings.zone)).collect()
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
    let cmdlet = "Set-Mailbox ROOM -Type Room; Set-CalendarProcessing ROOM -AutomateProcessing AutoAccept";
    assert_eq!(
        lines(&room),
        [
            "2026-03-02 08:00-09:00 Budget: shown (A6): the room accepted it; subject as written; join address by `teams`; written 2026-03-01 13:00",
            "2026-03-02 09:00-10:00 Retro: shown (A6): the room accepted it; subject as read before Exchange took it away, or from another room",
            "2026-03-02 10:00-11:00 Budget: gone (A6): it was accepted, and then cancelled, moved or taken out of the room's calendar; gone since 2026-03-02 07:00",
            &format!(
                "2026-03-02 11:00-12:00 Budget: hidden (A4): the room has not accepted it yet, and tentative meetings are not shown; subject as written; to do: {cmdlet}"
            ),
            "2026-03-02 12:00-13:00 Private meeting: shown (A6): the room accepted it; subject hidden",
            "2026-03-02 13:00-14:00 Meeting (Kim Jones): shown (A6): the room accepted it; subject never seen",
            "2026-03-02 14:00-15:00 Budget: shown (A6): the room accepted it; subject as written; its zone is not known, the room's stands in",
            "2027-03-02 08:00-09:00 Budget: outside the window: none of it lies in the days that displays show; subject as written",
        ]
    );
    let text = format!("{:?}", explained(&room));
    assert!(!text.contains("Budget") && !text.contains("Kim"), "{text}");
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
            "2026-03-02 10:00-11:00 Budget: double: another copy of it in the room's calendar counts; subject as written",
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
    let busy =
        |room: &Room| explained(room).iter().filter(|one| one.title.as_deref() == Some("Busy")).count();
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
