//! Many events in a short time.

use super::changed;
use crate::bench::{Bench, healthy};
use exchange_wire::Operation;
use std::time::Duration;

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
