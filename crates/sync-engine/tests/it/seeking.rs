//! Subjects that are looked for in a room's mailbox (rule S4).

use crate::bench::{Bench, healthy};
use exchange_wire::Operation;
use meeting_model::{
    global_object_id::GlobalObjectId,
    id::{Revision, RoomId},
};
use std::time::Duration;
use sync_engine::{Action, Applied, Event};

/// A room that was read, and holds these meetings without a subject.
fn lacking(meetings: &[&str]) -> Bench {
    let mut bench = Bench::new(1);
    for operation in [Operation::GetFolder, Operation::Subscribe, Operation::SyncFolderItems] {
        let (_, _, call) = bench.asked().pop().unwrap();
        bench.answer(call, 200, &healthy(operation));
    }
    apply(&mut bench, meetings);
    bench
}

/// The plan is made, and these meetings are left without a subject.
fn apply(bench: &mut Bench, meetings: &[&str]) {
    let before = bench.todo.len();
    bench.todo.retain(|action| !matches!(action, Action::Apply(_)));
    assert_eq!(bench.todo.len() + 1, before, "a plan was to be made");
    let unnamed = meetings.iter().map(|uid| GlobalObjectId::from_uid(uid)).collect();
    let applied = Applied { rev: Revision(1), unnamed, ..Applied::default() };
    bench.on(Event::Applied { room: RoomId::new("room-0"), result: Ok(applied) });
}

fn is_search(action: &Action) -> bool {
    matches!(action, Action::Exchange { request, .. } if request.body.contains("IPM.Schedule.Meeting.Request"))
}

/// How often the mailbox is searched within that time, and answers so.
fn searches(bench: &mut Bench, span: Duration, answer: &str) -> usize {
    let (end, mut searches) = (bench.elapsed + span, 0);
    loop {
        searches += bench.todo.iter().filter(|action| is_search(action)).count();
        for (_, operation, call) in bench.asked() {
            let answer = if operation == Operation::FindItem { answer } else { &healthy(operation) };
            bench.answer(call, 200, answer);
        }
        if bench.todo.iter().any(|action| matches!(action, Action::Apply(_))) {
            apply(bench, &["a", "b"]);
        } else if bench.elapsed < end
            && !bench.todo.iter().any(|todo| matches!(todo, Action::Exchange { .. }))
        {
            bench.todo.clear();
            bench.pass(end.saturating_sub(bench.elapsed));
        } else if bench.elapsed >= end {
            return searches;
        }
    }
}

#[test]
fn a_meeting_is_looked_for_once() {
    let nothing = healthy(Operation::FindItem);
    let mut bench = lacking(&["a", "b"]);
    assert_eq!(searches(&mut bench, Duration::from_mins(50), &nothing), 1);
    assert_eq!(searches(&mut lacking(&[]), Duration::ZERO, &nothing), 0);
}

#[test]
fn a_mailbox_that_may_not_be_searched_is_no_trouble_and_asked_again_an_hour_later() {
    let denied =
        healthy(Operation::FindItem).replace("Success", "Error").replace("NoError", "ErrorAccessDenied");
    let mut bench = lacking(&["a"]);
    assert_eq!(searches(&mut bench, Duration::from_mins(40), &denied), 1);
    assert_eq!(bench.trouble("room-0"), None);
    assert_eq!(searches(&mut bench, Duration::from_mins(40), &denied), 1);
    assert_eq!(bench.trouble("room-0"), None);
}
