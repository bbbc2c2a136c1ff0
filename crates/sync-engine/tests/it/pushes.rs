//! Rooms whose server sends word to our listener.

use crate::bench::{Bench, healthy, site};
use exchange_wire::{Operation, ews::send_notification::Answer};
use std::time::Duration;
use sync_engine::{Action, Event, Notifications, PushId, PushSettings};

/// An engine of one room that its server pushes to, and the address that it was given.
fn pushing() -> (Bench, String) {
    let mut site = site(1);
    for server in site.servers.values_mut() {
        server.notifications = Some(Notifications::Push);
        server.push = Some(PushSettings { url: "http://us.example.com/ews-push".into(), secret: [3; 32] });
    }
    let mut bench = Bench::of(site);
    let url = bench.subscribe();
    bench.settle(Duration::from_secs(5));
    (bench, url)
}

impl Bench {
    /// Answers everything until a subscription is asked for and given; says for which address.
    fn subscribe(&mut self) -> String {
        for _ in 0..10 {
            let asked: Vec<String> = self
                .todo
                .iter()
                .filter_map(|action| match action {
                    Action::Exchange { request, .. } if request.operation == Operation::Subscribe => {
                        Some(request.body.clone())
                    }
                    _ => None,
                })
                .collect();
            for (_, operation, call) in self.asked() {
                self.answer(call, 200, &healthy(operation));
            }
            if let Some(body) = asked.first() {
                self.serve();
                let url = body.split("<t:URL>").nth(1).unwrap();
                return url.split("</t:URL>").next().unwrap().to_owned();
            }
        }
        panic!("no subscription was asked for");
    }

    fn push(&mut self, token: &str, subscription: &str, event: &str) -> Option<Answer> {
        let body = format!(
            "<Envelope><Body><SendNotification><ResponseMessages><m ResponseClass='Success'>\
             <ResponseCode>NoError</ResponseCode><Notification><SubscriptionId>{subscription}</SubscriptionId>\
             <{event}/></Notification></m></ResponseMessages></SendNotification></Body></Envelope>"
        );
        self.push_body(token, &body)
    }

    fn push_body(&mut self, token: &str, body: &str) -> Option<Answer> {
        let push = PushId(7);
        self.on(Event::Pushed { push, token: token.to_owned(), body: body.as_bytes().to_vec() });
        let at = self.todo.iter().position(|action| matches!(action, Action::AnswerPush { .. })).unwrap();
        match self.todo.remove(at) {
            Action::AnswerPush { push: PushId(7), answer } => answer,
            other => panic!("{other:?}"),
        }
    }
}

fn token(url: &str) -> &str {
    url.strip_prefix("http://us.example.com/ews-push/").unwrap()
}

#[test]
fn a_push_is_answered_and_read_at_once() {
    let (mut bench, url) = pushing();
    assert_eq!(token(&url).len(), 64, "nobody guesses that");
    assert_eq!(bench.push(token(&url), "s", "StatusEvent"), Some(Answer::Ok));
    assert_eq!(bench.asked(), []);
    assert_eq!(bench.push(token(&url), "s", "CreatedEvent"), Some(Answer::Ok));
    assert_eq!(bench.asked()[0].1, Operation::SyncFolderItems);
}

#[test]
fn what_nobody_waits_for_is_unsubscribed() {
    let (mut bench, url) = pushing();
    assert_eq!(bench.push("guessed", "s", "CreatedEvent"), Some(Answer::Unsubscribe));
    assert_eq!(bench.push(token(&url), "another", "CreatedEvent"), Some(Answer::Unsubscribe));
    assert_eq!(bench.asked(), []);
}

#[test]
fn what_cannot_be_read_is_a_reason_to_look() {
    let (mut bench, url) = pushing();
    assert_eq!(bench.push_body(token(&url), "<Envelope>"), None);
    assert_eq!(bench.asked()[0].1, Operation::SyncFolderItems);
}

#[test]
fn a_server_sends_word_before_its_answer_to_the_subscription_is_here() {
    let (mut bench, url) = pushing();
    bench.push_body(
        token(&url),
        "<Envelope><Body><SendNotification><ResponseMessages><m ResponseClass='Error'>\
         <ResponseCode>ErrorReadEventsFailed</ResponseCode></m></ResponseMessages></SendNotification></Body></Envelope>",
    );
    let again = bench.todo.iter().find_map(|action| match action {
        Action::Exchange { request, .. } => Some(request.body.clone()),
        _ => None,
    });
    let again = again.unwrap();
    let again = again.split("/ews-push/").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert_ne!(again, token(&url));
    assert_eq!(bench.push(&again, "not yet known", "StatusEvent"), Some(Answer::Ok));
}

#[test]
fn a_subscription_is_replaced_before_the_old_one_is_dropped() {
    let (mut bench, first) = pushing();
    let start = bench.elapsed;
    let mut second = None;
    while second.is_none() {
        assert!(bench.elapsed < start + Duration::from_mins(20), "not renewed");
        bench.push(token(&first), "s", "StatusEvent");
        bench.serve_but(Operation::Subscribe);
        let asks = bench.todo.iter().any(|action| {
            matches!(action, Action::Exchange { request, .. } if request.operation == Operation::Subscribe)
        });
        if asks {
            assert_eq!(
                bench.push(token(&first), "s", "StatusEvent"),
                Some(Answer::Ok),
                "until it is replaced"
            );
            second = Some(bench.subscribe());
        }
        bench.pass(Duration::from_mins(1));
    }
    let second = second.unwrap();
    assert_ne!(first, second);
    assert_eq!(bench.push(token(&first), "s", "StatusEvent"), Some(Answer::Unsubscribe));
    assert_eq!(bench.push(token(&second), "s", "StatusEvent"), Some(Answer::Ok));
}

#[test]
fn silence_means_that_a_subscription_is_lost() {
    let (mut bench, first) = pushing();
    bench.pass(Duration::from_mins(9));
    bench.serve();
    assert_eq!(bench.push(token(&first), "s", "StatusEvent"), Some(Answer::Ok));
    let heard = bench.elapsed;
    loop {
        bench.pass(Duration::from_secs(30));
        let asks = bench.todo.iter().any(|action| {
            matches!(action, Action::Exchange { request, .. } if request.operation == Operation::Subscribe)
        });
        if asks {
            break;
        }
        bench.serve();
    }
    let silence = bench.elapsed.saturating_sub(heard);
    assert!(
        silence >= Duration::from_mins(5) && silence <= Duration::from_mins(10) + Duration::from_secs(30)
    );
}
