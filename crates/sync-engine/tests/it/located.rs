//! Rooms whose web services Autodiscover tells of.

use crate::bench::{Bench, healthy, site};
use exchange_wire::{Operation, autodiscover::Policy};
use meeting_model::id::{RoomId, ServerId};
use std::time::Duration;
use sync_engine::{Action, CallId, Engine, Event, Reply, Site, Ticket, Unreachable, Wish};

const HERE: &str = "https://mail.example.com/EWS/Exchange.asmx";
const THERE: &str = "https://mail2.example.com/EWS/Exchange.asmx";

/// A site whose server `hq` is looked for.
fn looked_for(rooms: usize) -> Site {
    let mut site = site(rooms);
    let hq = site.servers.get_mut(&ServerId::new("hq")).unwrap();
    hq.autodiscover = Some(Policy { domains: Vec::new() });
    site
}

/// Who is asked for what room's web services now.
fn searches(bench: &mut Bench) -> Vec<(RoomId, String, CallId)> {
    let mut asked = Vec::new();
    bench.todo.retain(|action| match action {
        Action::Discover { call, room, ask, .. } => {
            asked.push((room.clone(), ask.url.clone(), *call));
            false
        }
        _ => true,
    });
    asked
}

fn tell(bench: &mut Bench, call: CallId, url: &str) {
    let body = format!(
        "<Envelope><Body><GetUserSettingsResponseMessage><Response><UserResponses><UserResponse><ErrorCode>NoError</ErrorCode>\
         <UserSettings><UserSetting><Name>ExternalEwsUrl</Name><Value>{url}</Value></UserSetting></UserSettings></UserResponse>\
         </UserResponses></Response></GetUserSettingsResponseMessage></Body></Envelope>"
    );
    bench.answer(call, 200, &body);
}

/// The addresses that were asked, each with a room and an operation; each answers as a healthy Exchange does.
fn served(bench: &mut Bench) -> Vec<(RoomId, Operation, Option<String>)> {
    let mut served = Vec::new();
    while let Some(place) = bench.todo.iter().position(|action| matches!(action, Action::Exchange { .. })) {
        let Action::Exchange { call, at, room, request, .. } = bench.todo.remove(place) else {
            unreachable!()
        };
        served.push((room, request.operation, at));
        bench.answer(call, 200, &healthy(request.operation));
        bench.serve_actions();
    }
    served
}

/// Answers every search with this address, and serves what follows.
fn find(bench: &mut Bench, url: &str) -> Vec<(RoomId, Operation, Option<String>)> {
    let mut all = served(bench);
    loop {
        let searches = searches(bench);
        if searches.is_empty() {
            return all;
        }
        for (_, _, call) in searches {
            tell(bench, call, url);
            all.extend(served(bench));
        }
    }
}

#[test]
fn nothing_is_asked_before_it_is_known_where() {
    let mut bench = Bench::of(looked_for(3));
    let lab: Vec<_> = served(&mut bench).into_iter().map(|(room, ..)| room.to_string()).collect();
    assert!(lab.iter().all(|room| room == "room-0"), "{lab:?}");
    let asked = find(&mut bench, HERE);
    assert!(
        asked
            .iter()
            .any(|(room, operation, _)| room.as_str() == "room-2" && *operation == Operation::Subscribe)
    );
    assert!(asked.iter().all(|(_, _, at)| at.as_deref() == Some(HERE)), "{asked:?}");
    let (_, hq) = bench.engine.servers().find(|(id, _)| id.as_str() == "hq").unwrap();
    assert_eq!(hq.found().map(|(url, _)| url).collect::<Vec<_>>(), [HERE]);
}

#[test]
fn a_mailbox_that_is_not_there_any_more_is_looked_for_and_so_are_those_beside_it() {
    let mut bench = Bench::of(looked_for(4));
    find(&mut bench, HERE);
    bench.pass(Duration::from_secs(16));
    let place = bench
        .todo
        .iter()
        .position(|action| matches!(action, Action::Exchange { server, .. } if server.as_str() == "hq"));
    let Action::Exchange { call, room, request, .. } = bench.todo.remove(place.unwrap()) else {
        unreachable!()
    };
    let moved = format!(
        "<Envelope><Body><{0}Response><ResponseMessages><{0}ResponseMessage ResponseClass=\"Error\"><ResponseCode>\
         ErrorProxyRequestNotAllowed</ResponseCode></{0}ResponseMessage></ResponseMessages></{0}Response></Body></Envelope>",
        request.operation
    );
    bench.answer(call, 200, &moved);
    assert!(bench.trouble(room.as_str()).unwrap().contains("another server must be asked"));
    let mut asked = served(&mut bench);
    while bench.elapsed < Duration::from_mins(6) {
        bench.pass(Duration::from_mins(1));
        asked.extend(find(&mut bench, THERE));
    }
    for number in 1..4 {
        let there = asked.iter().any(|(room, operation, at)| {
            room.as_str() == format!("room-{number}")
                && *operation == Operation::Subscribe
                && at.as_deref() == Some(THERE)
        });
        assert!(there, "room-{number}: {asked:?}");
        assert_eq!(bench.trouble(&format!("room-{number}")), None);
    }
}

#[test]
fn an_operator_is_told_who_was_asked_in_vain() {
    let mut bench = Bench {
        engine: Engine::passive(looked_for(2), 1),
        elapsed: Duration::ZERO,
        stepped: chrono::TimeDelta::zero(),
        todo: Vec::new(),
    };
    bench.on(Event::Wished { room: RoomId::new("room-1"), ticket: Ticket(1), wish: Wish::Resync });
    let mut asked = Vec::new();
    while let Some((_, url, call)) = searches(&mut bench).pop() {
        asked.push(url);
        let nobody =
            Unreachable { whole_server: true, refusals: 0, sentence: "server `hq`: no connection".into() };
        bench.on(Event::Exchange { call, result: Err(nobody) });
    }
    assert_eq!(asked.len(), 2, "{asked:?}");
    let [Action::Refuse { sentence, .. }] = &bench.todo[..] else { panic!("{:?}", bench.todo) };
    assert_eq!(
        sentence,
        "room `room-1`: Autodiscover: expected to be told where the mailbox's web services are, found nobody who says so: \
         https://example.com/autodiscover/autodiscover.svc: no answer: server `hq`: no connection, then \
         https://autodiscover.example.com/autodiscover/autodiscover.svc: no answer: server `hq`: no connection; publish \
         Autodiscover at `autodiscover.` and the mailbox's domain, name the domains it leads to in `autodiscover_domains`, or \
         configure the address of Exchange Web Services as `url`"
    );
}

#[test]
fn two_refusals_by_autodiscover_close_the_account() {
    let mut bench = Bench::of(looked_for(3));
    served(&mut bench);
    let mut refusals = 0;
    while bench.elapsed < Duration::from_mins(14) {
        for (_, _, call) in searches(&mut bench) {
            refusals += 1;
            let reply = Reply { status: 401, headers: Vec::new(), body: Vec::new() };
            bench.on(Event::Exchange { call, result: Ok(reply) });
        }
        served(&mut bench);
        bench.pass(Duration::from_secs(30));
    }
    assert_eq!(refusals, 2);
    assert!(bench.trouble("room-2").unwrap().contains("it does not let the account sign in"));
}
