//! Who may subscribe to what, what one action tells, and which server holds it.

use chrono::Duration;
use exchange_sim::{Account, Ending, Fault, Injection, Notifying, Request, Rights, Then, World};

use crate::client::{
    BERLIN, LOGIN, PASSWORD, ask, calendar, call, envelope, get_events, get_folder, get_item, hours, ids,
    impersonating, item_id, morning, request, seconds, subscribe, text, texts, unsubscribe, world,
};
use crate::streaming::{get_streaming_events, subscribe_streaming};
use crate::xsd::Schema;

const OSLO: &str = "oslo@rooms.example";

pub(crate) fn code(world: &mut World, body: &str) -> String {
    text(&ask(world, seconds(1), body), "m:ResponseCode")
}

/// A pull subscription with its watermark.
pub(crate) fn subscribed(world: &mut World, body: &str) -> (String, String) {
    let reply = ask(world, seconds(0), body);
    (text(&reply, "m:SubscriptionId"), text(&reply, "m:Watermark"))
}

fn all_folders(types: &[&str]) -> Request {
    let types = types.join("</t:EventType><t:EventType>");
    let body = format!(
        "<m:Subscribe><m:PullSubscriptionRequest SubscribeToAllFolders=\"true\"><t:EventTypes><t:EventType>{types}\
         </t:EventType></t:EventTypes><t:Timeout>10</t:Timeout></m:PullSubscriptionRequest></m:Subscribe>"
    );
    request(&impersonating(BERLIN), &body)
}

#[test]
fn fact_2_1_1_all_folders_are_those_of_whoever_asks() {
    let mut world = world();
    world.add_person("kim", "secret").unwrap();
    let own = "kim@people.example";
    let body = "<m:Subscribe><m:PullSubscriptionRequest SubscribeToAllFolders=\"true\"><t:EventTypes><t:EventType>\
         CreatedEvent</t:EventType></t:EventTypes><t:Timeout>10</t:Timeout></m:PullSubscriptionRequest></m:Subscribe>";
    let reply = crate::valid::ask_as(&mut world, "kim", seconds(0), body);
    let (id, watermark) = (text(&reply, "m:SubscriptionId"), text(&reply, "m:Watermark"));
    world.book(own, "Dentist", hours(1), hours(2), seconds(1)).unwrap();
    world.book("berlin", "Cleaning", hours(1), hours(2), seconds(1)).unwrap();
    let told = crate::valid::ask_as(&mut world, "kim", seconds(2), &get_events(&id, &watermark));
    assert_eq!(kinds(&told), ["Created"], "of the own mailbox, and of no other");
    // The account of a service has no mailbox that could be meant.
    assert_eq!(text(&ask(&mut world, seconds(3), body), "m:ResponseCode"), "ErrorMissingEmailAddress");
}

/// The names of the events that are told.
fn kinds(reply: &str) -> Vec<String> {
    let parts: Vec<&str> = reply.split("Event><t:Watermark>").collect();
    let names = parts.iter().take(parts.len() - 1).filter_map(|part| part.rsplit("<t:").next());
    names.map(ToOwned::to_owned).collect()
}

#[test]
fn fact_2_1_1_exactly_one_request_within_its_bounds() {
    let mut world = world();
    let pull = subscribe(BERLIN, 10);
    let twice = pull.replace("</m:Subscribe>", &subscribe(BERLIN, 10).replace("<m:Subscribe>", ""));
    let streaming = subscribe_streaming(BERLIN);
    let watermark = streaming.replace("</t:EventTypes>", "</t:EventTypes><t:Watermark>AAAA</t:Watermark>");
    let caller = push("<t:CallerData>room desk</t:CallerData>");
    let table = [
        (pull.clone(), 200),
        (twice, 500),
        ("<m:Subscribe/>".to_owned(), 500),
        (subscribe(BERLIN, 0), 500),
        (subscribe(BERLIN, 1440), 200),
        (subscribe(BERLIN, 1441), 500),
        (streaming, 200),
        (watermark, 500),
        (push(""), 200),
        (caller.clone(), 200),
        (pull.replace("CreatedEvent", "StatusEvent"), 500),
        (pull.replace("<t:Timeout>10</t:Timeout>", ""), 500),
        (pull.replace("t:FolderIds", "m:FolderIds"), 500),
        (pull.replace("<t:Timeout>", "<m:Watermark>AAAA</m:Watermark><t:Timeout>"), 500),
        (push("").replace("<t:StatusFrequency>30</t:StatusFrequency>", ""), 500),
    ];
    for (body, status) in table {
        assert_eq!(call(&mut world, morning(), &body).status, status, "{body}");
    }
    let old = envelope("", &caller).replace("Exchange2013_SP1", "Exchange2010_SP2");
    let old = Request::post("/EWS/Exchange.asmx", old).basic(LOGIN, PASSWORD);
    assert_eq!(world.handle(morning(), &old).status, 500, "CallerData is of 2013");
}

fn push(more: &str) -> String {
    format!(
        "<m:Subscribe><m:PushSubscriptionRequest><t:FolderIds>{}</t:FolderIds><t:EventTypes>\
         <t:EventType>CreatedEvent</t:EventType></t:EventTypes><t:StatusFrequency>30</t:StatusFrequency>\
         <t:URL>http://127.0.0.1:9/</t:URL>{more}</m:PushSubscriptionRequest></m:Subscribe>",
        calendar(BERLIN)
    )
}

#[test]
fn fact_2_1_2_seven_kinds_of_event_and_no_status() {
    let mut world = world();
    let kinds = [
        "CopiedEvent",
        "CreatedEvent",
        "DeletedEvent",
        "ModifiedEvent",
        "MovedEvent",
        "NewMailEvent",
        "FreeBusyChangedEvent",
    ];
    for kind in kinds {
        let body = subscribe(BERLIN, 10).replace("CreatedEvent", kind);
        assert_eq!(code(&mut world, &body), "NoError", "{kind}");
    }
    for kind in ["StatusEvent", "Created"] {
        let body = subscribe(BERLIN, 10).replace("CreatedEvent", kind);
        assert_eq!(call(&mut world, morning(), &body).status, 500, "{kind}");
    }
}

#[test]
fn fact_2_1_2_free_busy_changes_are_told() {
    let mut world = world();
    let body = subscribe(BERLIN, 10).replace("CreatedEvent", "FreeBusyChangedEvent");
    let body = body.replace("<t:EventType>ModifiedEvent</t:EventType>", "");
    let (id, watermark) = subscribed(&mut world, &body);
    let review = world.organizer("kim").invites("berlin").to("Review").at(hours(1), hours(2));
    let review = review.send(seconds(1)).unwrap();
    world.advance(seconds(9));
    world.rename(review, "Design review", seconds(10)).unwrap();
    let told = ask(&mut world, seconds(10), &get_events(&id, &watermark));
    assert_eq!(kinds(&told)[..2], ["FreeBusyChanged", "FreeBusyChanged"], "asked for, and accepted");
    let settled = texts(&told, "t:Watermark").pop().unwrap();
    world.reschedule(review, hours(3), hours(4), seconds(60)).unwrap();
    let told = ask(&mut world, seconds(60), &get_events(&id, &settled));
    assert!(kinds(&told).contains(&"FreeBusyChanged".to_owned()));
    if let Some(schema) = Schema::find() {
        schema.check("FreeBusyChangedEvent", &told);
    }
}

#[test]
fn fact_2_1_3_streaming_subscriptions_have_no_watermark() {
    let mut world = world();
    for (body, watermarks) in [(subscribe(BERLIN, 10), 1), (push(""), 1), (subscribe_streaming(BERLIN), 0)] {
        let reply = ask(&mut world, morning(), &body);
        assert_eq!(texts(&reply, "m:Watermark").len(), watermarks);
        assert_eq!(texts(&reply, "m:SubscriptionId").len(), 1);
        if let Some(schema) = Schema::find() {
            schema.check("Subscribe", &reply);
        }
    }
}

#[test]
fn fact_2_1_4_one_mailbox_a_subscription() {
    let mut world = world();
    let both = |body: &str| body.replace("</t:FolderIds>", &format!("{}</t:FolderIds>", calendar(OSLO)));
    for body in [subscribe(BERLIN, 10), subscribe_streaming(BERLIN), push("")] {
        assert_eq!(code(&mut world, &both(&body)), "ErrorInvalidSubscriptionRequest");
    }
    let nowhere =
        subscribe(BERLIN, 10).replace(&format!("<t:FolderIds>{}</t:FolderIds>", calendar(BERLIN)), "");
    assert_eq!(code(&mut world, &nowhere), "ErrorInvalidSubscriptionRequest");
}

#[test]
fn fact_2_1_5_delegates_may_not_subscribe_on_2007() {
    let mut world = world();
    let reader = |world: &mut World| code(world, &subscribe(BERLIN, 10));
    assert_eq!(reader(&mut world), "NoError");
    world.set_notifying(Notifying::exchange_2007());
    assert_eq!(reader(&mut world), "ErrorSubscriptionDelegateAccessNotSupported");
    let own = world.handle(morning(), &request(&impersonating(BERLIN), &subscribe(BERLIN, 10))).text();
    assert_eq!(text(&own, "m:ResponseCode"), "NoError", "impersonation helps");
    world.grant(LOGIN, "berlin", Rights::Full).unwrap();
    assert_eq!(reader(&mut world), "NoError", "so does full access");
}

#[test]
fn fact_2_1_6_a_subscription_is_the_callers_even_when_impersonating() {
    let mut world = world();
    world.add_account(Account::new("other", "other").with_rights(Rights::Full));
    let made = world.handle(morning(), &request(&impersonating(BERLIN), &subscribe(BERLIN, 10))).text();
    let poll = get_events(&text(&made, "m:SubscriptionId"), &text(&made, "m:Watermark"));
    assert_eq!(code(&mut world, &poll), "NoError", "un-impersonated, the same account");
    let other = Request::post("/EWS/Exchange.asmx", envelope("", &poll)).basic("other", "other");
    let denied = world.handle(seconds(1), &other).text();
    assert_eq!(text(&denied, "m:ResponseCode"), "ErrorSubscriptionAccessDenied");
    assert_eq!(
        text(&denied, "m:MessageText"),
        "Access is denied. Only the subscription owner may access the subscription."
    );
}

#[test]
fn fact_2_1_7_unsubscribing_ends_pull_and_streaming() {
    let mut world = world();
    world.limit_subscriptions(1);
    for body in [subscribe(BERLIN, 10), subscribe_streaming(BERLIN)] {
        let id = text(&ask(&mut world, morning(), &body), "m:SubscriptionId");
        assert_eq!(code(&mut world, &body), "ErrorExceededSubscriptionCount", "left-overs count");
        assert_eq!(code(&mut world, &unsubscribe(&id)), "NoError");
        assert_eq!(code(&mut world, &unsubscribe(&id)), "ErrorSubscriptionNotFound");
    }
    ask(&mut world, morning(), &subscribe(BERLIN, 10));
    let later = morning() + Duration::minutes(11);
    let again = ask(&mut world, later, &subscribe(BERLIN, 10));
    assert_eq!(text(&again, "m:ResponseCode"), "NoError", "until they expire");
}

#[test]
fn fact_2_1_7_an_open_stream_hears_of_it() {
    let mut world = world();
    let ids = [BERLIN, OSLO]
        .map(|room| text(&ask(&mut world, morning(), &subscribe_streaming(room)), "m:SubscriptionId"));
    let both = call(&mut world, morning(), &get_streaming_events(&[&ids[0], &ids[1]], 30));
    let Ending::Stream(stream) = both.ending else { panic!("{}", both.text()) };
    for (id, status, then) in [(&ids[0], 0, Then::Open), (&ids[1], 1, Then::Closed)] {
        world.stream_chunks(stream, seconds(1));
        ask(&mut world, seconds(1), &unsubscribe(id));
        let said = world.stream_chunks(stream, seconds(1));
        let envelope = String::from_utf8(said.chunks.concat()).unwrap();
        assert_eq!(text(&envelope, "m:ResponseCode"), "ErrorSubscriptionUnsubscribed");
        assert_eq!(texts(&envelope, "m:SubscriptionId"), [id.as_str()]);
        assert_eq!((texts(&envelope, "m:ConnectionStatus").len(), said.then), (status, then));
    }
}

#[test]
fn fact_2_1_8_one_action_makes_several_events() {
    let mut world = world();
    world.set_notifying(Notifying { gathering: Duration::seconds(5), ..Notifying::default() });
    let id = text(&ask(&mut world, morning(), &subscribe_streaming(BERLIN)), "m:SubscriptionId");
    let reply = call(&mut world, morning(), &get_streaming_events(&[&id], 30));
    let Ending::Stream(stream) = reply.ending else { panic!("{}", reply.text()) };
    world.stream_chunks(stream, morning());
    world.organizer("kim").invites("berlin").at(hours(1), hours(2)).send(seconds(1)).unwrap();
    let said = String::from_utf8(world.stream_chunks(stream, seconds(30)).chunks.concat()).unwrap();
    assert_eq!(said.matches("<m:Notification>").count(), 1, "gathered into one");
    let told: Vec<&str> = said.split("Event><t:TimeStamp>").collect();
    let names: Vec<&str> =
        told[..told.len() - 1].iter().filter_map(|part| part.rsplit("<t:").next()).collect();
    assert_eq!(names, ["Created", "Modified", "Modified", "Modified"], "item, folder, item, folder");
}

#[test]
fn fact_2_1_9_change_keys_of_events_are_of_no_value() {
    let mut world = world();
    let (id, watermark) = subscribed(&mut world, &subscribe(BERLIN, 10));
    world.book("berlin", "Cleaning", hours(1), hours(2), seconds(1)).unwrap();
    let told = ask(&mut world, seconds(1), &get_events(&id, &watermark));
    let item = &ids(&told, "t:ItemId")[0];
    let read = ask(&mut world, seconds(2), &get_item(&item_id(item)));
    let key = |xml: &str| {
        let rest = xml.split(&format!("Id=\"{item}\" ChangeKey=\"")).nth(1).unwrap().to_owned();
        rest.split('"').next().unwrap().to_owned()
    };
    assert_ne!(key(&told), key(&read));
    assert!(!told.contains("Cleaning"), "no data");
}

#[test]
fn fact_2_1_10_some_events_are_of_items_that_are_not_there() {
    let mut world = world();
    let made = world.handle(morning(), &all_folders(&["CreatedEvent", "ModifiedEvent"])).text();
    let poll = get_events(&text(&made, "m:SubscriptionId"), &text(&made, "m:Watermark"));
    let booking = world.book("berlin", "Cleaning", hours(1), hours(2), seconds(1)).unwrap();
    world.delete_from("berlin", booking, seconds(2)).unwrap();
    let told = ask(&mut world, seconds(3), &poll);
    let items = ids(&told, "t:ItemId");
    assert!(items.len() >= 2, "{told}");
    for item in items {
        let read = ask(&mut world, seconds(3), &get_item(&item_id(&item)));
        assert_eq!(text(&read, "m:ResponseCode"), "ErrorItemNotFound");
    }
    let by_folder = subscribed(&mut world, &subscribe(BERLIN, 10));
    world.book("berlin", "Cleaning", hours(1), hours(2), seconds(4)).unwrap();
    let told = ask(&mut world, seconds(5), &get_events(&by_folder.0, &by_folder.1));
    assert_eq!(kinds(&told), ["Created", "Modified"], "free/busy data lie in another folder");
}

#[test]
fn fact_2_1_11_a_soft_delete_is_a_move_or_a_deletion() {
    let mut world = world();
    let folder = subscribed(&mut world, &subscribe(BERLIN, 10));
    let made = world.handle(morning(), &all_folders(&["DeletedEvent", "MovedEvent"])).text();
    let all = (text(&made, "m:SubscriptionId"), text(&made, "m:Watermark"));
    world.book("berlin", "Cleaning", hours(1), hours(2), seconds(1)).unwrap();
    let created = ask(&mut world, seconds(1), &get_events(&folder.0, &folder.1));
    let conflicting = world.organizer("kim").invites("berlin").at(hours(1), hours(2));
    conflicting.send(seconds(2)).unwrap();
    let after = texts(&created, "t:Watermark").pop().unwrap();
    let told = ask(&mut world, seconds(30), &get_events(&folder.0, &after));
    assert_eq!(kinds(&told), ["Created", "Modified", "Moved", "Modified"]);
    let known = ids(&told, "t:ItemId");
    assert_eq!(ids(&told, "t:OldItemId"), [known[0].clone()], "the id that was told before");
    assert_ne!(known[1], known[0]);
    let told = ask(&mut world, seconds(30), &get_events(&all.0, &all.1));
    assert_eq!((kinds(&told), ids(&told, "t:ItemId")), (vec!["Deleted".to_owned()], vec![known[0].clone()]));
}

#[test]
fn fact_2_2_5_subscriptions_a_mailbox() {
    for (notifying, limit) in [(Notifying::exchange_online(), 20), (Notifying::default(), 5000)] {
        let mut world = world();
        world.set_notifying(notifying);
        for _ in 0..limit {
            ask(&mut world, morning(), &subscribe_streaming(BERLIN));
        }
        assert_eq!(code(&mut world, &subscribe(BERLIN, 10)), "ErrorExceededSubscriptionCount");
        assert_eq!(code(&mut world, &subscribe(OSLO, 10)), "NoError", "each mailbox has its own");
    }
}

#[test]
fn fact_2_6_every_way_to_lose_a_subscription() {
    let table = [
        (Fault::SubscriptionLost, "ErrorSubscriptionNotFound"),
        (Fault::EventNotFound, "ErrorEventNotFound"),
        (Fault::ReadEventsFailed, "ErrorReadEventsFailed"),
        (Fault::ProxyRequestNotAllowed, "ErrorProxyRequestNotAllowed"),
    ];
    for (fault, expected) in table {
        let mut world = world();
        let (id, watermark) = subscribed(&mut world, &subscribe(BERLIN, 10));
        world.inject(Injection::of(fault)).unwrap();
        assert_eq!(code(&mut world, &get_events(&id, &watermark)), expected);
        assert_eq!(code(&mut world, &get_events(&id, &watermark)), "ErrorSubscriptionNotFound");
    }
    let mut world = world();
    let (_, elsewhere) = subscribed(&mut world, &subscribe(OSLO, 10));
    let (id, _) = subscribed(&mut world, &subscribe(BERLIN, 10));
    assert_eq!(code(&mut world, &get_events(&id, &elsewhere)), "ErrorInvalidWatermark", "another mailbox");
    assert_eq!(code(&mut world, &get_events("AAAA", &elsewhere)), "ErrorInvalidSubscription");
}

#[test]
fn fact_2_6_1_two_folder_properties_tell_whether_anything_changed() {
    let mut world = world();
    let read = |world: &mut World, second| {
        let folder = ask(world, seconds(second), &get_folder(BERLIN));
        texts(&folder, "t:Value")
    };
    let booking = world.book("berlin", "Cleaning", hours(1), hours(2), seconds(1)).unwrap();
    let before = read(&mut world, 5);
    assert_eq!(before.len(), 2, "0x670a and 0x670b");
    assert_eq!(read(&mut world, 50), before, "nothing happened");
    world.rename(booking, "Deep cleaning", seconds(60)).unwrap();
    let renamed = read(&mut world, 70);
    assert!(renamed[0] != before[0] && renamed[1] == before[1], "{renamed:?}");
    world.delete_from("berlin", booking, seconds(80)).unwrap();
    let deleted = read(&mut world, 90);
    assert_ne!(deleted[1], before[1]);
}
