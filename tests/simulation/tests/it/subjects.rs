//! What the booking attendant does to a room's copies, and what the room shows nevertheless (rules S3 to S8, A4).

use crate::at;
use chrono::{DateTime, TimeDelta, Utc};
use exchange_sim::CalendarProcessing;
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
