//! What the server makes of a calendar, where we make something else of it (rule T1).

use crate::at;
use exchange_sim::{Fault, Injection, Strikes, Zone};
use simulation::{Line, Run, Site};
use std::time::Duration;

/// A room with a series in a zone of its own that is told as another zone than it is, whenever it is told of.
fn misunderstood() -> Run {
    let mut site = Site::new(7).rooms(&["berlin"]);
    let india = Zone::named("India Standard Time").unwrap();
    let world = site.world();
    world
        .organizer("kim")
        .invites("berlin")
        .to("Choir")
        .at(at(1), at(2))
        .daily()
        .times(40)
        .in_zone(&india)
        .send(at(0))
        .unwrap();
    let told_otherwise = Injection::of(Fault::CustomTimeZone).in_room("berlin").striking(Strikes::Always);
    world.inject(told_otherwise).unwrap();
    let mut run = site.begin();
    run.until_quiet();
    run
}

fn starts(lines: Vec<Line>) -> Vec<String> {
    lines.into_iter().map(|(start, ..)| format!("{start:?}")).collect()
}

#[test]
fn t1_an_expansion_that_is_not_the_servers_gives_way_to_it() {
    let mut run = misunderstood();
    let truth = run.truth("berlin");
    assert_ne!(starts(run.shown("berlin")), starts(truth.clone()), "it is misunderstood");
    run.pass(Duration::from_hours(3));
    assert_eq!(run.shown("berlin"), truth, "compared, read again, and taken from the server");
    run.differences.clear();
    run.compare_all();
    assert!(run.differences.is_empty(), "{:?}", run.differences);
}
