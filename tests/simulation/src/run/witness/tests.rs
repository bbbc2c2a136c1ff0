//! Every rule is broken on purpose: whoever looks on notices.

mod at_the_end;
mod deceived;

use super::Witness;
use crate::{
    Run,
    run::{Rows, SECRET},
    site::Site,
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use exchange_sim::{Answer, Fault, Injection, MeetingHandle, Strikes};
use meeting_model::{
    display::{Displayed, Present, PublicKey, Words},
    id::{DeviceId, Revision, RoomId},
    join::{Found, Join, JoinRule, Place},
};
use std::{rc::Rc, time::Duration};
use sync_engine::{CallId, Event, Reply, Settle};

fn berlin() -> RoomId {
    RoomId::new("berlin")
}

/// A room with a meeting that everybody may read and a private one, and somebody who looks on.
fn watched() -> Run {
    meetings().0
}

/// The same, with the meeting that everybody may read.
fn meetings() -> (Run, MeetingHandle) {
    let mut run = Site::new(3).rooms(&["berlin"]).begin();
    run.witness = Some(Box::default());
    run.look_anew();
    let hours = |hours| run.now + TimeDelta::hours(hours);
    let (now, second, third) = (run.now, hours(2), hours(3));
    let open = invite(&mut run, 1);
    let private = run.world.organizer("lee").invites("berlin").to(SECRET).private().at(second, third);
    private.send(now).expect("an invitation");
    run.until_quiet();
    assert_eq!((broken(&run), run.shown("berlin").len()), (None, 2), "all is well");
    (run, open)
}

/// Invites the room to another meeting that everybody may read, of an hour, in so many hours.
fn invite(run: &mut Run, hours: i64) -> MeetingHandle {
    let start = run.now + TimeDelta::hours(hours);
    let meeting = run.world.organizer("kim").invites("berlin").to("Review");
    meeting.at(start, start + TimeDelta::hours(1)).send(run.now).expect("an invitation")
}

fn broken(run: &Run) -> Option<&'static str> {
    run.witness.as_ref().and_then(|witness| witness.broken.as_ref()).map(|violation| violation.rule)
}

/// Lets a room show something else than what was stored, in order of start.
fn tamper(run: &mut Run, with: impl FnOnce(&mut Vec<Displayed>)) {
    let rows = run.rows(&berlin());
    let mut meetings = rows.meetings.clone();
    meetings.sort_by_key(|meeting| meeting.start);
    with(&mut meetings);
    let rows = Rows { rev: rows.rev, meetings, spells: rows.spells.clone() };
    run.rows.borrow_mut().insert(berlin(), Rc::new(rows));
    let witness = run.witness.as_mut().expect("somebody looks on");
    witness.room(&berlin()).judged = None;
    witness.look_anew();
}

/// What is noticed of that.
fn noticed(with: impl FnOnce(&mut Vec<Displayed>)) -> Option<&'static str> {
    let mut run = watched();
    tamper(&mut run, with);
    run.look_around();
    broken(&run)
}

/// The same, of the words of the meeting that everybody may read.
fn noticed_in_words(
    with: impl FnOnce(&mut String, &mut Option<String>, &mut Option<String>, &mut Join),
) -> Option<&'static str> {
    noticed(|meetings| match &mut meetings[0].words {
        Words::Open { title, organizer, location, join } => with(title, organizer, location, join),
        Words::Private { .. } => panic!("the first is open"),
    })
}

#[test]
fn what_is_shown_as_it_was_stored_breaks_no_rule() {
    assert_eq!(noticed(|_| {}), None);
}

#[test]
fn what_is_left_out_is_noticed() {
    for which in [0, 1] {
        assert_eq!(noticed(|meetings| drop(meetings.remove(which))), Some("what is so is not shown"));
    }
}

#[test]
fn what_is_not_so_is_noticed() {
    const NOT_SO: Option<&str> = Some("what is shown is not so");
    let hour = TimeDelta::hours(1);
    assert_eq!(noticed(|meetings| meetings[0].start -= hour), NOT_SO);
    assert_eq!(noticed(|meetings| meetings[0].end += hour), NOT_SO);
    assert_eq!(noticed(|meetings| meetings[1].end += hour), NOT_SO, "of a private one, too");
    assert_eq!(noticed(|meetings| meetings[0].tentative = true), NOT_SO);
    let day = NaiveDate::default();
    assert_eq!(noticed(|meetings| meetings[0].all_day = Some((day, day))), NOT_SO);
    assert_eq!(noticed(|meetings| meetings[0].words = Words::Private { organizer: None }), NOT_SO);
    assert_eq!(
        noticed(|meetings| {
            let twice = Displayed {
                start: meetings[0].start + hour * 5,
                end: meetings[0].end + hour * 5,
                ..meetings[0].clone()
            };
            meetings.push(twice);
        }),
        NOT_SO
    );
    assert_eq!(noticed_in_words(|title, _, _, _| title.push('!')), NOT_SO);
    assert_eq!(noticed_in_words(|_, organizer, _, _| *organizer = None), NOT_SO);
    assert_eq!(noticed_in_words(|_, organizer, _, _| *organizer = Some("lee".to_owned())), NOT_SO);
    assert_eq!(noticed_in_words(|_, _, location, _| *location = Some("elsewhere".to_owned())), NOT_SO);
    let number = || Some(Found { address: "884711".to_owned(), rule: JoinRule::Number, place: Place::Body });
    assert_eq!(noticed_in_words(|_, _, _, join| join.number = number()), NOT_SO);
    let betrayed = |organizer| Words::Private { organizer };
    assert_eq!(noticed(|meetings| meetings[1].words = betrayed(Some("lee".to_owned()))), NOT_SO);
}

#[test]
fn what_is_not_answered_and_shown_is_noticed() {
    let (mut run, meeting) = meetings();
    let before = run.rows(&berlin()).meetings.clone();
    run.world.answer("berlin", meeting, Answer::Tentative, run.now).expect("an answer");
    run.pass(Duration::from_mins(2));
    assert_eq!((broken(&run), run.shown("berlin").len()), (None, 1), "it is hidden");
    let hour = TimeDelta::hours(1);
    let shown_anew = |meetings: &mut Vec<Displayed>| {
        let meeting = before.iter().min_by_key(|meeting| meeting.start).expect("it was shown");
        meetings.push(Displayed { start: meeting.start + hour, end: meeting.end + hour, ..meeting.clone() });
    };
    tamper(&mut run, |meetings| meetings.clone_from(&before));
    run.look_around();
    assert_eq!(broken(&run), None, "as it was answered last it may stay");
    tamper(&mut run, shown_anew);
    run.look_around();
    assert_eq!(broken(&run), Some("what is shown is not so"));
}

#[test]
fn what_may_be_shown_of_a_private_meeting_that_nobody_answers_is_noted_once() {
    let (mut run, meeting) = meetings();
    run.witness.as_mut().expect("somebody looks on").named.entry(meeting).or_default().was_private = true;
    run.world.answer("berlin", meeting, Answer::Tentative, run.now).expect("an answer");
    for day in 1..20 {
        run.pass(Duration::from_mins(5));
        let start = run.now + TimeDelta::days(day);
        let moved = run.world.reschedule(meeting, start, start + TimeDelta::hours(1), run.now);
        moved.expect("it can be moved");
        run.world.answer("berlin", meeting, Answer::Tentative, run.now).expect("an answer");
        run.look_at_the_world();
    }
    let witness = run.witness.as_mut().expect("somebody looks on");
    let noted = witness.room(&berlin()).expected.values().map(|one| one.lines.len()).max();
    assert!(noted.is_some_and(|noted| (1..=8).contains(&noted)), "{noted:?}");
}

#[test]
fn what_a_switch_has_hidden_may_come_back_as_it_was_read_last() {
    let mut run = watched();
    let now = run.now;
    let shown = run.rows(&berlin()).meetings.clone();
    let watched = run.witness.as_mut().expect("somebody looks on").room(&berlin());
    let place = *watched.expected.keys().next().expect("it holds something");
    let line = watched.expected[&place].lines[0].clone();
    assert!(shown.iter().any(|shown| line.fits(shown)));
    let minutes = TimeDelta::minutes;
    watched.gone.extend([(place, line.clone(), now - minutes(9)), (place, line, now + minutes(9))]);
    watched.switches(true, now);
    watched.switches(false, now + minutes(30));
    let until: Vec<_> = watched.gone.iter().map(|(.., until)| *until - now).collect();
    assert_eq!(until, [minutes(-9), minutes(30)], "what went before the switch was not hidden by it");
}

/// What is noticed in a room whose attendant rewrites subjects, of the meeting that everybody may read.
fn noticed_where_subjects_are_rewritten(
    was_private: bool,
    with: impl FnOnce(&mut Words),
) -> Option<&'static str> {
    let (mut run, meeting) = meetings();
    let witness = run.witness.as_mut().expect("somebody looks on");
    witness.room(&berlin()).rewrites = true;
    let named = witness.named.entry(meeting).or_default();
    named.subjects.insert("Review".to_owned());
    named.was_private = was_private;
    run.look_anew();
    tamper(&mut run, |meetings| with(&mut meetings[0].words));
    run.look_around();
    broken(&run)
}

#[test]
fn what_a_meeting_is_called_whose_subject_is_rewritten_has_its_bounds() {
    const NOT_SO: Option<&str> = Some("what is shown is not so");
    let run = watched();
    let shown = run.rows(&berlin());
    let organizer = shown.meetings.iter().find_map(Displayed::organizer).expect("one of them is open");
    let called = |called: String| {
        noticed_where_subjects_are_rewritten(false, |words| match words {
            Words::Open { title, .. } => *title = called,
            Words::Private { .. } => panic!("the first is open"),
        })
    };
    for title in ["Review".to_owned(), format!("{organizer} Review"), format!("Meeting ({organizer})")] {
        assert_eq!(called(title.clone()), None, "{title}");
    }
    for title in ["Meeting (somebody else)", "Another"] {
        assert_eq!(called(title.to_owned()), NOT_SO, "{title}");
    }
    let mask = |words: &mut Words| *words = Words::Private { organizer: None };
    assert_eq!(noticed_where_subjects_are_rewritten(true, mask), None, "it may be private somewhere");
    assert_eq!(noticed_where_subjects_are_rewritten(false, mask), NOT_SO);
}

#[test]
fn another_key_is_noticed() {
    let other = || PublicKey::new("00112233445566778899aabbccddeeff");
    assert_eq!(noticed(|meetings| meetings[0].key = other()), Some("a meeting has another key than before"));
}

#[test]
fn whoever_claims_to_be_fresh_and_does_not_look_is_noticed() {
    let mut run = watched();
    let old = run.rows(&berlin());
    invite(&mut run, 8);
    run.until_quiet();
    assert_eq!((broken(&run), run.shown("berlin").len()), (None, 3), "all is well");
    // the rows of before, with the claim of now
    tamper(&mut run, |meetings| meetings.clone_from(&old.meetings));
    run.look_around();
    assert_eq!(broken(&run), Some("what is so is not shown"));
}

#[test]
fn what_claims_to_be_of_the_future_is_noticed() {
    let run = &mut watched();
    let rows = run.rows(&berlin());
    let claim = super::Claim { rev: rows.rev, shown: &rows.meetings, as_of: run.now + TimeDelta::seconds(2) };
    let mut witness = run.witness.take().expect("somebody looks on");
    witness.judge(&berlin(), &claim, run.now);
    assert_eq!(
        witness.broken.map(|violation| violation.rule),
        Some("what is shown claims to be of the future")
    );
}

#[test]
fn a_device_that_is_told_to_be_fresher_than_its_room_is_noticed() {
    let mut run = watched();
    invite(&mut run, 4);
    run.pass(Duration::from_millis(100));
    run.look_at_the_world();
    let before = run.rows(&berlin());
    assert_eq!((broken(&run), before.meetings.len()), (None, 2), "it was not answered yet");
    run.until_quiet();
    assert_eq!((broken(&run), run.shown("berlin").len()), (None, 3), "all is well");
    let present = Present { as_of: Some(run.now), ..present(&run, 1_000) };
    let mut witness = run.witness.take().expect("somebody looks on");
    let told = run.told(&present, &witness);
    witness.delivers(&present, &before.meetings, told, run.now);
    assert_eq!(rule(&witness), Some("what is so is not shown"));
}

#[test]
fn a_network_that_is_cut_stays_cut_when_the_program_is_started_again() {
    let mut run = watched();
    run.cut_off(true);
    run.restart();
    let asked = run.counts.exchanges;
    let claimed = |run: &Run| run.engine.rooms().map(|(_, room)| room.as_of()).collect::<Vec<_>>();
    let before = claimed(&run);
    run.pass(Duration::from_hours(1));
    assert_eq!((run.counts.exchanges, claimed(&run)), (asked, before), "nobody answers");
    assert_eq!(broken(&run), None);
}

fn rule(witness: &Witness) -> Option<&'static str> {
    witness.broken.as_ref().map(|violation| violation.rule)
}

#[test]
fn a_pause_that_is_not_kept_is_noticed() {
    let now = DateTime::<Utc>::UNIX_EPOCH;
    let headers = vec![("retry-after".to_owned(), "60".to_owned())];
    let busy = Reply { status: 503, headers, body: Vec::new() };
    let mut witness = Witness::default();
    witness.asks(Some((CallId(1), &berlin())), 2, now);
    witness.hears(&Event::Exchange { call: CallId(1), result: Ok(busy) }, now);
    assert_eq!(rule(&witness), None);
    witness.asks(Some((CallId(2), &berlin())), 2, now + TimeDelta::seconds(59));
    assert_eq!(rule(&witness), Some("Exchange is asked in a pause that it wants"));
}

#[test]
fn more_requests_than_agreed_are_noticed() {
    let now = DateTime::<Utc>::UNIX_EPOCH;
    let mut witness = Witness::default();
    witness.asks(Some((CallId(1), &berlin())), 2, now);
    witness.asks(Some((CallId(2), &berlin())), 2, now);
    assert_eq!(rule(&witness), None);
    witness.asks(Some((CallId(3), &berlin())), 2, now);
    assert_eq!(rule(&witness), Some("Exchange is asked for more at once than agreed"));
}

/// What a device is sent of a room without meetings.
fn present(run: &Run, rev: i64) -> Present {
    Present {
        room: berlin(),
        room_name: "berlin".to_owned(),
        rev: Revision(rev),
        now: run.now,
        zone: run.planning.settings.get(&berlin()).expect("it is configured").zone.clone(),
        meetings: Vec::new(),
        spells: Vec::new(),
        as_of: None,
    }
}

#[test]
fn an_older_present_and_what_was_never_taken_are_noticed() {
    let mut run = watched();
    let now = run.now;
    let (newer, older) = (present(&run, 1_000), present(&run, 999));
    let witness = run.witness.as_mut().expect("somebody looks on");
    witness.delivers(&newer, &[], None, now);
    assert_eq!(rule(witness), None);
    witness.delivers(&older, &[], None, now);
    assert_eq!(rule(witness), Some("a device is sent an older present than before"));

    let mut witness = Witness::default();
    let settle = Settle {
        device: DeviceId::new("berlin/phone"),
        rev: Revision(7),
        digest: Some("of something".to_owned()),
        attempts: 0,
        retry_in: None,
        error: None,
    };
    witness.settles(&settle, Some(Revision(7)), now);
    assert_eq!(rule(&witness), None);
    witness.settles(&settle, Some(Revision(6)), now);
    assert_eq!(rule(&witness), Some("a revision is acknowledged that the device never took"));
}
