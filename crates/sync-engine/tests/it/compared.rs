//! What a room's calendar is compared with, and what follows where it differs (rule T1).

use crate::bench::{Bench, healthy};
use exchange_wire::Operation;
use meeting_model::{clock::Now, id::RoomId, observed::Coverage};
use std::time::Duration;
use sync_engine::{Action, Applied, Apply, Event, Ticket, Wish};

/// A room whose calendar is compared, and what becomes of that.
fn compared(applied: Applied) -> (Bench, Apply) {
    let mut bench = Bench::new(1);
    bench.serve();
    while bench.elapsed < Duration::from_hours(2) {
        bench.pass(Duration::from_mins(10));
        bench.serve_but(Operation::FindItem);
        if let Some((_, Operation::FindItem, call)) = bench.asked().pop() {
            bench.answer(call, 200, &healthy(Operation::FindItem));
            let Some(Action::Apply(apply)) = bench.todo.pop() else { panic!("{:?}", bench.todo) };
            bench.on(Event::Applied { room: apply.room.clone(), result: Ok(applied) });
            return (bench, apply);
        }
    }
    panic!("nothing was compared")
}

#[test]
fn a_calendar_that_differs_is_read_and_takes_the_instants_it_was_compared_with() {
    let (mut bench, compared) = compared(Applied { reread: true, ..Applied::default() });
    assert!(compared.view.is_some() && compared.observed.is_none() && compared.differed.is_none());
    let now = Now { wall: bench.wall(), mono: bench.elapsed };
    assert!(bench.engine.is_learning(now), "who reads without a daemon waits for it");
    let (_, operation, call) = bench.asked().pop().unwrap();
    assert_eq!(operation, Operation::SyncFolderItems);
    bench.answer(call, 200, &healthy(operation));
    let [Action::Apply(read)] = bench.todo.as_slice() else { panic!("{:?}", bench.todo) };
    assert_eq!((&read.differed, &read.view), (&compared.view, &None));
    assert!(matches!(read.observed.as_ref().unwrap().coverage, Coverage::Complete { .. }));
    bench.serve();
    assert!(!bench.engine.is_learning(now));
    bench.on(Event::Wished { room: RoomId::new("room-0"), ticket: Ticket(5), wish: Wish::Resync });
    bench.serve_but(Operation::FindItem);
    let (_, operation, call) = bench.asked().pop().unwrap();
    bench.answer(call, 200, &healthy(operation));
    let [Action::Apply(read)] = bench.todo.as_slice() else { panic!("{:?}", bench.todo) };
    assert_eq!(read.differed, None, "it counts for one read");
}

#[test]
fn a_calendar_that_does_not_differ_is_not_read_for_a_comparison() {
    let (mut bench, _) = compared(Applied::default());
    let now = Now { wall: bench.wall(), mono: bench.elapsed };
    assert!(!bench.engine.is_learning(now));
    assert_eq!(bench.asked(), []);
}
