//! Many events in a short time, and none in a long one.

use super::changed;
use crate::bench::{Bench, healthy, refused};
use exchange_wire::Operation;
use meeting_model::id::RoomId;
use std::time::Duration;
use sync_engine::{CallId, Event, Ticket, Wish, server};

#[test]
fn a_storm_of_events_is_read_at_once_and_then_ever_less_often() {
    let mut bench = Bench::streaming(2);
    let stream = bench.stream_of("room-1");
    bench.live(stream.connection);
    bench.settle(Duration::from_secs(10));
    let mut reads = Vec::new();
    let storm = bench.elapsed;
    for nth in 0..300 {
        bench.tell(stream.connection, &changed("room-1"));
        bench.pass(Duration::from_millis(0));
        for (_, operation, call) in bench.asked() {
            if operation == Operation::SyncFolderItems {
                reads.push(bench.elapsed.saturating_sub(storm));
            }
            bench.answer(call, 200, &healthy(operation));
        }
        bench.serve_actions();
        bench.elapsed = storm + Duration::from_millis(100) * (nth + 1);
    }
    assert_eq!(reads[0], Duration::ZERO, "at once");
    assert!(reads[1] < Duration::from_millis(500), "and what follows soon: {reads:?}");
    assert!(reads.len() <= 21, "thirty seconds of it, soon one in two seconds: {reads:?}");
    bench.settle(Duration::from_secs(10));
    bench.tell(stream.connection, &changed("room-1"));
    assert_eq!(bench.asked().len(), 1, "at once again");
}

#[test]
fn a_server_that_wanted_a_pause_is_asked_once_when_it_is_over_though_its_calendars_are_quiet() {
    let busy = |bench: &mut Bench, operation, call| {
        let text = healthy(operation).replace("Success", "Error").replace("NoError", "ErrorServerBusy");
        bench.answer(call, 200, &text);
    };
    let silent = |bench: &mut Bench, _, call| {
        bench.on(Event::Exchange { call, result: Err(refused()) });
    };
    for fails in [busy as fn(&mut Bench, Operation, CallId), silent] {
        let mut bench = Bench::streaming(8);
        let stream = bench.stream_of("room-3");
        bench.live(stream.connection);
        bench.on(Event::Wished { room: RoomId::new("room-3"), ticket: Ticket(1), wish: Wish::Compare });
        let (_, operation, call) = bench.asked().pop().unwrap();
        fails(&mut bench, operation, call);
        let server = |bench: &Bench| {
            bench.engine.servers().find(|(id, _)| id.as_str() == "hq").map(|(_, server)| server.standing())
        };
        assert_ne!(server(&bench), Some(server::Standing::Up));
        bench.todo.clear();
        bench.pass(Duration::from_mins(2));
        let asked = bench.asked();
        assert_eq!(asked.len(), 1, "one room asks for all");
        bench.answer(asked[0].2, 200, &healthy(asked[0].1));
        assert_eq!(server(&bench), Some(server::Standing::Up));
        assert_eq!(bench.trouble("room-5"), None);
    }
}
