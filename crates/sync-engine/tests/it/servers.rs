//! What servers and accounts in trouble lead to.

use crate::bench::{Bench, healthy, refused, site};
use meeting_model::id::RoomId;
use std::{collections::BTreeSet, time::Duration};
use sync_engine::{Action, Event, Reply, Ticket, Unreachable, Wish};

#[test]
fn a_wrong_password_is_tried_twice_by_all_rooms_together_and_then_left_alone() {
    let mut bench = Bench::new(200);
    let mut attempts = 0;
    while bench.elapsed < Duration::from_mins(14) {
        for (room, operation, call) in bench.asked() {
            if room.as_str() == "room-0" {
                bench.answer(call, 200, &healthy(operation));
            } else {
                attempts += 1;
                bench.answer(call, 401, "");
            }
        }
        bench.todo.retain(|action| matches!(action, Action::Exchange { .. }));
        bench.pass(Duration::from_secs(30));
    }
    assert_eq!(attempts, 2);
    assert!(bench.trouble("room-7").unwrap().contains("name and password"), "every room says what is wrong");
    assert_eq!(bench.trouble("room-0"), None, "the other server is another matter");
}

#[test]
fn an_account_that_cannot_sign_in_is_asked_again_by_one_request_once_somebody_says_so() {
    let wish = |bench: &mut Bench| {
        bench.on(Event::Wished { room: RoomId::new("room-3"), ticket: Ticket(1), wish: Wish::Resync });
    };
    let reload = |bench: &mut Bench| {
        bench.on(Event::Reconfigured { site: site(30), moved: BTreeSet::new(), rooms: Vec::new() });
    };
    for mended in [wish as fn(&mut Bench), reload] {
        for locked in [Ok(locked_out()), Err(no_ticket())] {
            let mut bench = Bench::new(30);
            let mut attempts = 0;
            while bench.elapsed < Duration::from_mins(13) {
                for (room, operation, call) in bench.asked() {
                    if room.as_str() == "room-0" {
                        bench.answer(call, 200, &healthy(operation));
                    } else {
                        attempts += 1;
                        bench.on(Event::Exchange { call, result: locked.clone() });
                    }
                }
                bench.serve_actions();
                bench.pass(Duration::from_secs(30));
            }
            assert_eq!(attempts, 1, "another attempt cannot help");
            assert!(bench.trouble("room-7").unwrap().contains("locked out"));
            let (room, ticket) = (RoomId::new("room-3"), Ticket(9));
            bench.on(Event::Wished { room, ticket, wish: Wish::Compare });
            let refused = bench.todo.iter().find_map(|action| match action {
                Action::Refuse { ticket: Ticket(9), sentence, .. } => Some(sentence.clone()),
                _ => None,
            });
            let sentence = refused.expect("a look is answered at once");
            assert!(
                bench.asked().iter().all(|(room, ..)| room.as_str() == "room-0"),
                "and spends no attempt"
            );
            for words in
                ["locked out", "; not asked: it is tried again at ", "`callboard resync-room room-3`"]
            {
                assert!(sentence.contains(words), "{sentence}");
            }
            mended(&mut bench);
            let asked: Vec<_> =
                bench.asked().into_iter().filter(|(room, ..)| room.as_str() != "room-0").collect();
            assert_eq!(asked.len(), 1, "at once, and nobody else before the account is accepted");
            bench.answer(asked[0].2, 200, &healthy(asked[0].1));
            assert!(bench.todo.len() > 1, "then many");
            bench.settle(Duration::from_secs(30));
            assert_eq!(bench.trouble("room-7"), None);
        }
    }
}

fn locked_out() -> Reply {
    let body = b"<html>The referenced account is currently locked out</html>".to_vec();
    Reply { status: 401, headers: Vec::new(), body }
}

fn no_ticket() -> Unreachable {
    Unreachable { whole_server: true, refusals: 2, sentence: "the account is locked out".into() }
}

#[test]
fn a_password_that_is_changed_is_shown_once_before_many_rooms_show_it() {
    let mut bench = Bench::new(30);
    bench.serve();
    let mut before = Vec::new();
    while before.len() < 3 {
        bench.pass(Duration::from_secs(16));
        before.extend(bench.asked());
    }
    bench.on(Event::Reconfigured { site: site(30), moved: BTreeSet::new(), rooms: Vec::new() });
    let hq: Vec<_> = before.into_iter().filter(|(room, ..)| room.as_str() != "room-0").collect();
    for (nth, (_, operation, call)) in hq.iter().enumerate() {
        // the old password is refused just now, or still accepted: neither says anything of the new one
        if nth == 0 {
            bench.answer(*call, 401, "");
        } else {
            bench.answer(*call, 200, &healthy(*operation));
        }
        bench.serve_actions();
    }
    let asked: Vec<_> = bench.asked().into_iter().filter(|(room, ..)| room.as_str() != "room-0").collect();
    assert_eq!(asked.len(), 1);
    assert_eq!(bench.trouble("room-1"), None);
}

#[test]
fn one_room_in_trouble_does_not_keep_the_others_waiting() {
    let mut bench = Bench::new(6);
    bench.serve();
    let (start, mut others) = (bench.elapsed, Vec::new());
    while bench.elapsed < start + Duration::from_secs(16) {
        bench.pass(Duration::from_secs(16));
        for (room, operation, call) in bench.asked() {
            if room.as_str() == "room-3" {
                let sentence = "no answer in time".to_owned();
                let result = Err(Unreachable { whole_server: false, refusals: 0, sentence });
                bench.on(Event::Exchange { call, result });
            } else {
                others.push(room);
                bench.answer(call, 200, &healthy(operation));
            }
        }
    }
    others.sort();
    others.dedup();
    assert_eq!(others.len(), 5, "all others were asked in the meantime");
    assert!(bench.trouble("room-3").unwrap().contains("no answer in time"));
    assert_eq!(bench.trouble("room-2"), None);
    while bench.elapsed < start + Duration::from_mins(1) {
        bench.serve();
        bench.pass(Duration::from_mins(1));
    }
    bench.serve();
    assert_eq!(bench.trouble("room-3"), None, "and it recovers");
}

#[test]
fn a_server_that_asks_for_a_pause_gets_it_from_every_room() {
    let mut bench = Bench::new(8);
    bench.serve();
    bench.pass(Duration::from_secs(16));
    let (_, _, call) = bench.asked().into_iter().find(|(room, ..)| room.as_str() != "room-0").unwrap();
    let headers = vec![("Retry-After".to_owned(), "120".to_owned())];
    let reply = Reply { status: 503, headers, body: b"<html>busy</html>".to_vec() };
    bench.on(Event::Exchange { call, result: Ok(reply) });
    let paused = bench.elapsed;
    while bench.elapsed < paused + Duration::from_secs(119) {
        for (room, operation, call) in bench.asked() {
            assert_eq!(
                room.as_str(),
                "room-0",
                "{:?} after the pause was asked for",
                bench.elapsed.saturating_sub(paused)
            );
            bench.answer(call, 200, &healthy(operation));
        }
        bench.todo.clear();
        bench.pass(Duration::from_secs(1));
    }
}

#[test]
fn what_was_under_way_as_a_pause_was_asked_for_ends_none_and_goes_on_afterwards() {
    let mut bench = Bench::new(4);
    bench.serve();
    for n in 1..4 {
        let room = RoomId::new(format!("room-{n}"));
        bench.on(Event::Wished { room, ticket: Ticket(n), wish: Wish::Resync });
    }
    let under_way: Vec<_> =
        bench.asked().into_iter().map(|(.., operation, call)| (operation, call)).collect();
    let &[(_, refused), (_, over), (goes_on, unfinished)] = under_way.as_slice() else {
        panic!("{under_way:?}")
    };
    let headers = vec![("Retry-After".to_owned(), "120".to_owned())];
    let reply = Reply { status: 503, headers, body: b"<html>busy</html>".to_vec() };
    bench.on(Event::Exchange { call: refused, result: Ok(reply) });
    bench.answer(over, 200, &healthy(goes_on));
    bench.answer(unfinished, 200, &healthy(goes_on).replace("Range>true", "Range>false"));
    let of_hq = |bench: &mut Bench| {
        let asked = bench.asked().into_iter();
        asked.filter(|(room, ..)| room.as_str() != "room-0").collect::<Vec<_>>()
    };
    let paused = bench.elapsed;
    while bench.elapsed < paused + Duration::from_secs(119) {
        assert_eq!(
            of_hq(&mut bench),
            [],
            "{:?} after the pause was asked for",
            bench.elapsed.saturating_sub(paused)
        );
        bench.serve_actions();
        bench.pass(Duration::from_secs(1));
    }
    bench.pass(Duration::from_secs(1));
    assert_eq!(of_hq(&mut bench).len(), 1, "one room asks first");
}

#[test]
fn a_dead_server_is_asked_again_for_an_operator_who_is_told_what_came_of_it() {
    let mut bench = Bench::new(2);
    let fail = |bench: &mut Bench| {
        let asked: Vec<_> =
            bench.asked().into_iter().filter(|(room, ..)| room.as_str() == "room-1").collect();
        assert_eq!(asked.len(), 1);
        bench.on(Event::Exchange { call: asked[0].2, result: Err(refused()) });
    };
    fail(&mut bench);
    assert!(bench.asked().is_empty(), "it is left alone");
    bench.on(Event::Wished { room: RoomId::new("room-1"), ticket: Ticket(9), wish: Wish::Resync });
    fail(&mut bench);
    let told = bench.todo.iter().any(|action| {
        matches!(action, Action::Refuse { ticket: Ticket(9), sentence, .. } if sentence.contains("no connection"))
    });
    assert!(told, "{:?}", bench.todo);
}

#[test]
fn operators_who_wait_for_rooms_of_a_server_are_all_told_when_it_closes() {
    let mut bench = Bench::new(12);
    bench.serve();
    for n in 1..12 {
        bench.on(Event::Wished {
            room: RoomId::new(format!("room-{n}")),
            ticket: Ticket(n),
            wish: Wish::Resync,
        });
    }
    let (_, _, call) = bench.asked().into_iter().find(|(room, ..)| room.as_str() != "room-0").unwrap();
    bench.answer(call, 401, "");
    let told: Vec<Ticket> = bench
        .todo
        .iter()
        .filter_map(|action| match action {
            Action::Refuse { ticket, .. } => Some(*ticket),
            _ => None,
        })
        .collect();
    let still_talking = 3;
    assert!(told.len() >= 11 - still_talking, "{told:?}");
}

#[test]
fn a_server_that_refuses_the_schema_version_is_asked_in_an_older_one() {
    let mut bench = Bench::new(1);
    let body = |bench: &Bench| match bench.todo.as_slice() {
        [Action::Exchange { request, .. }] => request.body.clone(),
        other => panic!("{other:?}"),
    };
    assert!(body(&bench).contains("Exchange2010_SP1"));
    let (_, _, call) = bench.asked().pop().unwrap();
    let refused = "<Envelope><Body><Fault><faultcode>a:ErrorInvalidServerVersion</faultcode><faultstring/>\
        <detail><ResponseCode>ErrorInvalidServerVersion</ResponseCode></detail></Fault></Body></Envelope>";
    bench.answer(call, 500, refused);
    assert!(body(&bench).contains(r#"Version="Exchange2010""#), "at once");
    assert_eq!(bench.trouble("room-0"), None);
}
