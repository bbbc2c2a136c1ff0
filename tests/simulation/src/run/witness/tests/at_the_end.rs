//! What must be so when all faults have stopped, broken on purpose.

use super::*;

#[test]
fn a_phone_that_shows_something_else_is_noticed_at_the_end() {
    let mut run = watched();
    run.phone_of("berlin").expect("the room has one").shows.clear();
    run.look_finally(TimeDelta::hours(1));
    assert_eq!(broken(&run), Some("a phone does not show what its room shows"));
}

#[test]
fn a_phone_that_does_not_confirm_what_it_shows_is_noticed_at_the_end() {
    let mut run = watched();
    run.phone_of("berlin").expect("the room has one").mute = u32::MAX;
    invite(&mut run, 4);
    run.pass(Duration::from_mins(1));
    run.look_finally(TimeDelta::hours(1));
    assert_eq!(broken(&run), Some("a device waits for a delivery"));
}

#[test]
fn what_only_a_comparison_finds_is_noticed_at_the_end() {
    let mut run = watched();
    run.inject(Injection::of(Fault::EventsLost).in_room("berlin").striking(Strikes::Always));
    invite(&mut run, 4);
    run.pass(Duration::from_mins(1));
    assert_eq!((broken(&run), run.shown("berlin").len()), (None, 2), "nobody was told");
    run.look_finally(TimeDelta::hours(1));
    assert_eq!(broken(&run), Some("a mirror differs from the server's own expansion"));
}

#[test]
fn a_room_that_is_read_no_more_is_noticed_at_the_end() {
    let mut run = watched();
    run.cut_off(true);
    run.pass(Duration::from_hours(3));
    assert_eq!(broken(&run), None, "it does not claim to be fresh");
    run.look_finally(TimeDelta::hours(1));
    assert!(matches!(broken(&run), Some("a room stays in trouble" | "a room is not read any more")));
}

#[test]
fn a_room_that_is_older_than_it_may_be_is_noticed_at_the_end() {
    let mut run = watched();
    run.look_finally(TimeDelta::zero());
    assert_eq!(broken(&run), Some("a room is not read any more"));
}
