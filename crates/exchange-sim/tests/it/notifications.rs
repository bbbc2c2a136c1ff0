//! Pull subscriptions: events, watermarks, expiry, ownership.

use chrono::Duration;
use exchange_sim::{Account, Request, Rights};

use crate::client::{
    BERLIN, ask, call, envelope, get_events, hours, morning, seconds, subscribe, text, texts, unsubscribe,
    world,
};

fn subscribed(world: &mut exchange_sim::World) -> (String, String) {
    let reply = ask(world, morning(), &subscribe(BERLIN, 10));
    (text(&reply, "m:SubscriptionId"), text(&reply, "m:Watermark"))
}

fn kinds(reply: &str) -> Vec<&str> {
    let parts = reply.split("Event><t:Watermark>").collect::<Vec<_>>();
    let names = parts.iter().take(parts.len() - 1).filter_map(|part| part.rsplit("<t:").next());
    names.collect()
}

#[test]
fn fact_2_2_1_a_booking_is_told_twice_and_silence_is_a_status() {
    let mut world = world();
    let (id, watermark) = subscribed(&mut world);
    let quiet = ask(&mut world, seconds(1), &get_events(&id, &watermark));
    assert_eq!(kinds(&quiet), ["Status"]);
    let one = world.organizer("kim").invites("berlin").to("One").at(hours(1), hours(3));
    one.send(seconds(2)).unwrap();
    let two = world.organizer("kim").invites("berlin").to("Two").at(hours(1), hours(3));
    two.send(seconds(3)).unwrap();
    let reply = ask(&mut world, seconds(30), &get_events(&id, &watermark));
    assert_eq!(
        kinds(&reply),
        ["Created", "Modified", "Created", "Modified", "Modified", "Modified", "Moved", "Modified"]
    );
    assert_eq!(text(&reply, "t:MoreEvents"), "false");
    let last = texts(&reply, "t:Watermark").pop().unwrap();
    assert_eq!(kinds(&ask(&mut world, seconds(31), &get_events(&id, &last))), ["Status"]);
}

#[test]
fn fact_2_2_2_fifty_events_a_call() {
    let mut world = world();
    let (id, mut watermark) = subscribed(&mut world);
    for hour in 0..30 {
        world.book("berlin", "Cleaning", hours(hour), hours(hour + 1), seconds(1)).unwrap();
    }
    let mut seen = Vec::new();
    loop {
        let reply = ask(&mut world, seconds(2), &get_events(&id, &watermark));
        let page = texts(&reply, "t:Watermark");
        seen.push(page.len());
        watermark = page.last().unwrap().clone();
        if text(&reply, "t:MoreEvents") == "false" {
            break;
        }
    }
    assert_eq!(seen, [50, 10]);
}

#[test]
fn fact_2_2_2_what_was_told_has_left_the_queue() {
    let mut world = world();
    let (id, first) = subscribed(&mut world);
    for hour in 0..30 {
        world.book("berlin", "Cleaning", hours(hour), hours(hour + 1), seconds(1)).unwrap();
    }
    let ask_again = |world: &mut exchange_sim::World| ask(world, seconds(2), &get_events(&id, &first));
    let pages = [50, 10].map(|length| {
        let page = ask_again(&mut world);
        assert_eq!(text(&page, "t:MoreEvents"), (length == 50).to_string());
        assert_eq!(texts(&page, "t:Watermark").len(), length, "the first watermark again");
        page
    });
    let last = |page: &str| texts(page, "t:Watermark").pop().unwrap();
    let previous = pages.each_ref().map(|page| text(page, "t:PreviousWatermark"));
    assert_eq!(previous, [first.clone(), last(&pages[0])]);
    let silence = ask_again(&mut world);
    assert_eq!((kinds(&silence), text(&silence, "t:PreviousWatermark")), (vec!["Status"], last(&pages[1])));
}

#[test]
fn fact_2_2_2_a_further_watermark_passes_over_what_waits() {
    let mut world = world();
    let (behind, first) = subscribed(&mut world);
    let (ahead, _) = subscribed(&mut world);
    world.book("berlin", "Cleaning", hours(1), hours(2), seconds(1)).unwrap();
    let told = ask(&mut world, seconds(1), &get_events(&ahead, &first));
    let further = texts(&told, "t:Watermark").pop().unwrap();
    world.book("berlin", "Cleaning", hours(3), hours(4), seconds(2)).unwrap();
    let told = ask(&mut world, seconds(2), &get_events(&behind, &further));
    assert_eq!(kinds(&told), ["Created", "Modified"], "the second booking alone");
    let told = ask(&mut world, seconds(3), &get_events(&behind, &first));
    assert_eq!(kinds(&told), ["Status"]);
}

#[test]
fn fact_2_2_3_subscriptions_end() {
    let mut world = world();
    let code =
        |world: &mut exchange_sim::World, now, body: &str| text(&ask(world, now, body), "m:ResponseCode");
    let (id, watermark) = subscribed(&mut world);
    let poll = get_events(&id, &watermark);
    let minutes = |minutes| morning() + Duration::minutes(minutes);
    assert_eq!(code(&mut world, minutes(9), &poll), "NoError");
    assert_eq!(code(&mut world, minutes(18), &poll), "NoError", "each call begins the time anew");
    assert_eq!(code(&mut world, minutes(28), &poll), "ErrorExpiredSubscription");
    assert_eq!(code(&mut world, minutes(28), &poll), "ErrorSubscriptionNotFound");

    let (id, watermark) = subscribed(&mut world);
    assert_eq!(code(&mut world, minutes(29), &unsubscribe(&id)), "NoError");
    assert_eq!(code(&mut world, minutes(29), &unsubscribe(&id)), "ErrorSubscriptionNotFound");
    assert_eq!(
        code(&mut world, minutes(29), &get_events("nonsense", &watermark)),
        "ErrorInvalidSubscription"
    );

    let (id, _) = subscribed(&mut world);
    assert_eq!(code(&mut world, minutes(29), &get_events(&id, "AAAA")), "ErrorInvalidWatermark");
    world.restart_web_services();
    assert_eq!(code(&mut world, minutes(29), &get_events(&id, "AAAA")), "ErrorSubscriptionNotFound");

    world.limit_subscriptions(1);
    subscribed(&mut world);
    assert_eq!(code(&mut world, minutes(29), &subscribe(BERLIN, 10)), "ErrorExceededSubscriptionCount");
    assert_eq!(call(&mut world, minutes(29), &subscribe(BERLIN, 1441)).status, 500, "outside the schema");
}

#[test]
fn fact_2_1_6_only_the_owner_reads_a_subscription() {
    let mut world = world();
    world.add_account(Account::new("other", "other").with_rights(Rights::Full));
    let (id, watermark) = subscribed(&mut world);
    let poll = Request::post("/EWS/Exchange.asmx", envelope("", &get_events(&id, &watermark)));
    let reply = world.handle(seconds(1), &poll.basic("other", "other")).text();
    assert_eq!(text(&reply, "m:ResponseCode"), "ErrorSubscriptionAccessDenied");
}

#[test]
fn fact_2_2_4_the_event_table_forgets() {
    let mut world = world();
    world.book("berlin", "Cleaning", hours(1), hours(2), seconds(1)).unwrap();
    let (_, old) = {
        let reply = ask(&mut world, seconds(1), &subscribe(BERLIN, 1440));
        (text(&reply, "m:SubscriptionId"), text(&reply, "m:Watermark"))
    };
    world.book("berlin", "Cleaning", hours(3), hours(4), seconds(2)).unwrap();
    let later = morning() + Duration::days(31);
    world.book("berlin", "Cleaning", hours(5), hours(6), later).unwrap();
    let again =
        subscribe(BERLIN, 10).replace("<t:Timeout>", &format!("<t:Watermark>{old}</t:Watermark><t:Timeout>"));
    assert_eq!(text(&ask(&mut world, later, &again), "m:ResponseCode"), "ErrorInvalidWatermark");
}
