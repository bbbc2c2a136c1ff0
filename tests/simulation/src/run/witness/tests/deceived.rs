//! What is judged also where Exchange deceives, broken on purpose.

use super::*;

/// A room that Exchange has deceived.
fn deceived() -> Run {
    let mut run = watched();
    let now = run.now;
    let witness = run.witness.as_mut().expect("somebody looks on");
    witness.room(&berlin()).deceived_until = Some(now + TimeDelta::days(1));
    run
}

#[test]
fn what_is_private_is_noticed_where_nothing_else_is_judged() {
    let plain = || (format!("{SECRET} plans"), None, Join::default());
    let found =
        || Found { address: format!("{SECRET}@vc.example.com"), rule: JoinRule::BodyUri, place: Place::Body };
    let joined = Join { video: Some(found()), ..Join::default() };
    for (title, location, join) in [
        plain(),
        ("Review".to_owned(), Some(format!("Tower 9, {SECRET}-7")), Join::default()),
        ("Review".to_owned(), None, joined),
    ] {
        let words = Words::Open { title, organizer: None, location, join };
        let mut run = deceived();
        tamper(&mut run, |meetings| meetings[1].words = words.clone());
        run.look_around();
        assert_eq!(broken(&run), Some("what is private is shown"), "by a room");
        let mut run = watched();
        let mut meetings = run.rows(&berlin()).meetings.clone();
        meetings[0].words = words;
        let present = Present { meetings, ..present(&run, 1_000) };
        let now = run.now;
        run.witness.as_mut().expect("somebody looks on").delivers(&present, &[], None, now);
        assert_eq!(broken(&run), Some("what is private is shown"), "on a phone");
    }
}

#[test]
fn a_calendar_that_is_emptied_at_once_is_noticed_where_nothing_else_is_judged() {
    let mut run = deceived();
    for hours in [3, 4, 5] {
        invite(&mut run, hours);
    }
    run.until_quiet();
    run.inject(Injection::of(Fault::EmptyCalendar).in_room("berlin").striking(Strikes::Next(1)));
    run.resync("berlin");
    run.pass(Duration::from_secs(5));
    assert_eq!((broken(&run), run.shown("berlin").len()), (None, 5), "it is not believed");
    tamper(&mut run, Vec::clear);
    run.look_around();
    assert_eq!(broken(&run), Some("a calendar is believed to be empty at once"));
}
