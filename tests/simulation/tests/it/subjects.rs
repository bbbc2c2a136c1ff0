//! What the booking attendant does to a room's copies, and what the room shows nevertheless (rules S3 to S8, A4).

use crate::at;
use chrono::{DateTime, TimeDelta, Utc};
use exchange_sim::{CalendarProcessing, Rights, Sensitivity, ServerProfile};
use meeting_model::{explain::SubjectSource, id::RoomId, warning::WarningKind};
use simulation::{Run, Site};
use std::time::Duration;

/// Two empty rooms, of which the first is treated in this way.
fn rooms(seed: u64, berlin: CalendarProcessing) -> Run {
    let mut site = Site::new(seed).rooms(&["berlin", "oslo"]);
    site.world().set_processing("berlin", berlin).unwrap();
    let mut run = site.begin();
    run.until_quiet();
    run
}

fn invite(run: &mut Run, rooms: &[&str], subject: &str, start: DateTime<Utc>) {
    let now = run.now();
    let (first, others) = rooms.split_first().unwrap();
    let invitation = run.world.organizer("kim").invites(first);
    let invitation = others.iter().fold(invitation, |invitation, room| invitation.and(room));
    invitation.to(subject).saying("Agenda").at(start, start + TimeDelta::minutes(30)).send(now).unwrap();
}

/// What a room calls its only meeting, and where that comes from.
fn called(run: &Run, room: &str) -> (String, Option<SubjectSource>) {
    let titles: Vec<String> = run.shown(room).into_iter().map(|(_, _, title)| title).collect();
    assert_eq!(titles.len(), 1, "{titles:?}");
    (titles.concat(), run.explained(room).remove(0).subject)
}

fn warns(run: &Run, room: &str, kind: WarningKind) -> bool {
    run.signs.get(&RoomId::new(room)).is_some_and(|signs| signs.has(kind))
}

#[test]
fn s3_s5_s6_a_subject_that_was_read_before_the_attendant_took_it_away_stays() {
    let mut run = rooms(31, CalendarProcessing::default());
    invite(&mut run, &["berlin"], "Budget", at(2));
    run.pass(Duration::from_mins(2));
    assert!(run.truth("berlin").iter().all(|(_, _, title)| title != "Budget"), "Exchange has taken it away");
    assert_eq!(called(&run, "berlin"), ("Budget".to_owned(), Some(SubjectSource::Earlier)));
    assert!(warns(&run, "berlin", WarningKind::SubjectNotPreserved));
    assert!(!warns(&run, "oslo", WarningKind::SubjectNotPreserved));
    run.restart();
    run.pass(Duration::from_mins(2));
    assert_eq!(called(&run, "berlin").0, "Budget", "and over a restart");
}

#[test]
fn s4_a_subject_that_was_never_seen_comes_from_the_copy_in_another_room() {
    let at_once = CalendarProcessing::default().after(TimeDelta::zero());
    let mut run = rooms(32, at_once);
    invite(&mut run, &["berlin"], "Alone", at(2));
    run.pass(Duration::from_mins(2));
    assert_eq!(called(&run, "berlin").1, Some(SubjectSource::Placeholder), "no copy has it");

    let mut run = rooms(33, at_once);
    invite(&mut run, &["berlin", "oslo"], "Budget", at(2));
    run.pass(Duration::from_mins(2));
    let from_oslo = Some(SubjectSource::OtherRoom(RoomId::new("oslo")));
    assert_eq!(called(&run, "berlin"), ("Budget".to_owned(), from_oslo));
    assert_eq!(called(&run, "oslo"), ("Budget".to_owned(), Some(SubjectSource::Written)));
}

#[test]
fn s7_twenty_meetings_without_text_are_a_warning() {
    let stripping = CalendarProcessing { delete_comments: true, ..CalendarProcessing::preserving() };
    let mut run = rooms(34, stripping);
    for (room, count) in [("berlin", 20), ("oslo", 20)] {
        for number in 0..count {
            invite(&mut run, &[room], &format!("Meeting {number}"), at(2 + number));
        }
    }
    run.pass(Duration::from_mins(2));
    assert!(warns(&run, "berlin", WarningKind::CommentsDeleted));
    assert!(!warns(&run, "oslo", WarningKind::CommentsDeleted));
}

#[test]
fn a4_nobody_answers_is_a_warning_a_quarter_of_an_hour_later_though_nothing_happens() {
    let never = CalendarProcessing::preserving().after(TimeDelta::days(1));
    let mut run = rooms(35, never);
    invite(&mut run, &["berlin"], "Budget", at(2));
    run.pass(Duration::from_mins(14));
    assert!(!warns(&run, "berlin", WarningKind::AutoAcceptOff));
    run.pass(Duration::from_mins(2));
    assert!(warns(&run, "berlin", WarningKind::AutoAcceptOff));
    assert!(run.shown("berlin").is_empty());
}

/// Rooms whose attendant is faster than anybody's look, with a meeting that was booked before callboard starts.
fn booked_before(mut site: Site, private: bool) -> Run {
    let world = site.world();
    world.set_processing("berlin", CalendarProcessing::default().after(TimeDelta::zero())).unwrap();
    let invitation = world.organizer("kim").invites("berlin").to("Budget").at(at(2), at(3));
    let invitation = if private { invitation.private() } else { invitation };
    invitation.send(at(0)).unwrap();
    let mut run = site.begin();
    run.pass(Duration::from_mins(2));
    run
}

#[test]
fn s4_a_subject_that_no_copy_has_comes_from_the_meeting_request() {
    let site = |seed| Site::new(seed).rooms(&["berlin"]);
    let placeholder = ("Meeting (Kim)".to_owned(), Some(SubjectSource::Placeholder));
    assert_eq!(called(&booked_before(site(36), false), "berlin"), placeholder, "nobody was to look for it");

    let mut run = booked_before(site(37).recovering_from_inbox(Rights::Full), false);
    let by_request = Some(SubjectSource::Request(RoomId::new("berlin")));
    assert_eq!(called(&run, "berlin"), ("Budget".to_owned(), by_request.clone()));
    run.restart();
    run.pass(Duration::from_mins(2));
    assert_eq!(called(&run, "berlin"), ("Budget".to_owned(), by_request));

    let mut oldest = site(40).recovering_from_inbox(Rights::Full);
    oldest.world().set_profile(ServerProfile::Exchange2007Sp1);
    assert_eq!(called(&booked_before(oldest, false), "berlin").0, "Budget", "Exchange 2007 as well");

    let masked = ("Private meeting".to_owned(), Some(SubjectSource::Hidden));
    let run = booked_before(site(38).recovering_from_inbox(Rights::Full), true);
    assert_eq!(
        called(&run, "berlin"),
        masked,
        "the request has the flag that the attendant took from the copy"
    );
}

#[test]
fn s4_a_mailbox_that_may_not_be_searched_is_no_trouble() {
    let site = Site::new(39).rooms(&["berlin"]).recovering_from_inbox(Rights::Reviewer);
    let mut run = booked_before(site, false);
    assert_eq!(called(&run, "berlin").0, "Meeting (Kim)");
    assert_eq!(run.trouble("berlin"), None);
    run.grant("berlin", Rights::Full);
    run.pass(Duration::from_hours(2));
    assert_eq!(called(&run, "berlin").0, "Budget", "it is tried again");
}

/// The room that reads it first masks what the other one shows, which then finds nothing to change by itself.
#[test]
fn p5_what_becomes_private_is_so_on_the_phones_of_all_its_rooms() {
    let mut run = rooms(41, CalendarProcessing::preserving());
    let now = run.now();
    let invitation = run.world.organizer("kim").invites("berlin").and("oslo").to("Budget");
    let meeting = invitation.at(at(2), at(3)).send(now).unwrap();
    run.until_quiet();
    let titles = |run: &Run| ["berlin", "oslo"].map(|room| run.phone(room).remove(0).2);
    assert_eq!(titles(&run), ["Budget", "Budget"]);
    let now = run.now();
    run.world.set_sensitivity(meeting, Sensitivity::Private, now).unwrap();
    run.until_quiet();
    assert_eq!(titles(&run), ["Private meeting", "Private meeting"]);
}
