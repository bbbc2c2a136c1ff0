//! Which server holds a subscription, and how a client stays with it.

use exchange_sim::{Ending, Fault, Injection, Notifying, Request, Response, ServerProfile, Strikes, World};

use crate::client::{
    BERLIN, LOGIN, PASSWORD, ask, call, envelope, get_events, get_folder, hours, impersonating, morning,
    request, seconds, subscribe, text, world,
};
use crate::streaming::{OSLO, get_streaming_events, subscribe_streaming};
use crate::subscriptions::{code, subscribed};

/// A call with the headers of an affinity group.
fn grouped(body: &str, room: &str, anchor: &str, cookie: Option<&str>) -> Request {
    let request = request(&impersonating(room), body)
        .header("X-AnchorMailbox", anchor)
        .header("X-PreferServerAffinity", "true");
    match cookie {
        Some(cookie) => request.header("Cookie", &format!("other=1; {cookie}")),
        None => request,
    }
}

fn cookies(response: &Response) -> Vec<String> {
    let all = response.headers.iter().filter(|(name, _)| name == "Set-Cookie");
    all.map(|(_, value)| value.split(';').next().unwrap().to_owned()).collect()
}

fn first_status(world: &mut World, request: &Request) -> String {
    let response = world.handle(seconds(1), request);
    let Ending::Stream(stream) = response.ending else { panic!("{}", response.text()) };
    let said = String::from_utf8(world.stream_chunks(stream, seconds(1)).chunks.concat()).unwrap();
    text(&said, "m:ResponseCode")
}

#[test]
fn fact_2_5_2_and_2_5_3_the_cookie_keeps_a_group_together() {
    let mut world = world();
    world.set_notifying(Notifying { servers: 3, ..Notifying::default() });
    let first = world.handle(morning(), &grouped(&subscribe_streaming(BERLIN), BERLIN, BERLIN, None));
    let set = cookies(&first);
    assert!(set[0].starts_with("X-BackEndOverrideCookie="), "{set:?}");
    let cookie = Some(set[0].as_str());
    let second = world.handle(morning(), &grouped(&subscribe_streaming(OSLO), OSLO, BERLIN, cookie));
    assert!(cookies(&second).is_empty(), "it is not repeated");
    let ids = [&first, &second].map(|reply| text(&reply.text(), "m:SubscriptionId"));
    let body = get_streaming_events(&[&ids[0], &ids[1]], 30);
    assert_eq!(first_status(&mut world, &grouped(&body, BERLIN, BERLIN, cookie)), "NoError");
    assert_eq!(
        first_status(&mut world, &grouped(&body, BERLIN, BERLIN, None)),
        "NoError",
        "without the cookie the anchor decides"
    );
    assert_eq!(first_status(&mut world, &grouped(&body, OSLO, OSLO, None)), "ErrorSubscriptionNotFound");
    let alone = world.handle(morning(), &request(&impersonating(OSLO), &subscribe_streaming(OSLO)));
    assert!(cookies(&alone).is_empty(), "only who prefers affinity gets one");
    let alone = text(&alone.text(), "m:SubscriptionId");
    let body = get_streaming_events(&[&ids[0], &alone], 30);
    assert_eq!(
        first_status(&mut world, &grouped(&body, BERLIN, BERLIN, cookie)),
        "ErrorSubscriptionNotFound"
    );
}

#[test]
fn fact_2_5_5_exchange_2010_keeps_subscriptions_where_its_cookie_leads() {
    let old = |connection, body: &str, cookie: Option<&str>| {
        let body = envelope("", body).replace("Exchange2013_SP1", "Exchange2010_SP1");
        let request = Request::post("/EWS/Exchange.asmx", body).basic(LOGIN, PASSWORD);
        let request = request.on_connection(connection).header("X-AnchorMailbox", BERLIN);
        cookie.map_or(request.clone(), |cookie| request.header("Cookie", cookie))
    };
    let table = [
        (ServerProfile::Exchange2010Sp1, 1, "ErrorSubscriptionNotFound"),
        (ServerProfile::Exchange2013, 0, "NoError"),
    ];
    for (profile, sent, without) in table {
        let mut world = world();
        world.set_profile(profile);
        world.set_notifying(Notifying { servers: 3, ..Notifying::default() });
        let first = world.handle(morning(), &old(1, &subscribe(BERLIN, 10), None));
        let cookies = cookies(&first);
        assert_eq!(cookies.len(), sent, "{cookies:?}");
        assert!(cookies.iter().all(|cookie| cookie.starts_with("exchangecookie=") && cookie.len() == 47));
        let first = first.text();
        let poll = get_events(&text(&first, "m:SubscriptionId"), &text(&first, "m:Watermark"));
        let other = world.handle(morning(), &old(2, &poll, None)).text();
        assert_eq!(
            text(&other, "m:ResponseCode"),
            without,
            "{profile:?}: another connection, another server"
        );
        let kept = world.handle(morning(), &old(2, &poll, cookies.first().map(String::as_str)));
        assert_eq!(text(&kept.text(), "m:ResponseCode"), "NoError", "{profile:?}: the cookie leads back");
        assert_eq!(self::cookies(&kept), Vec::<String>::new(), "it is not repeated");
    }
}

#[test]
fn fact_2_5_6_the_other_cookie_and_the_header_that_is_none() {
    let mut world = world();
    world.set_notifying(Notifying { servers: 3, ..Notifying::default() });
    let first = world.handle(morning(), &grouped(&subscribe_streaming(BERLIN), BERLIN, BERLIN, None));
    let full = first.headers.iter().find(|(_, value)| value.starts_with("X-BackEndCookie=")).unwrap();
    assert!(full.1.contains("path=/EWS") && full.1.contains("08:10:00 GMT"), "{}", full.1);
    let cookie = cookies(&first)[0].replace("X-BackEndOverrideCookie=", "");
    let id = text(&first.text(), "m:SubscriptionId");
    let stream = request(&impersonating(OSLO), &get_streaming_events(&[&id], 30));
    let as_header = stream.clone().header("X-BackEndOverrideCookie", &cookie);
    assert_eq!(first_status(&mut world, &as_header), "ErrorSubscriptionNotFound");
    let as_cookie = stream.header("Cookie", &format!("X-BackEndOverrideCookie={cookie}"));
    assert_eq!(first_status(&mut world, &as_cookie), "NoError");
}

#[test]
fn fact_2_5_8_a_fail_over_forgets_and_says_nothing() {
    let mut world = world();
    world.set_notifying(Notifying { servers: 2, ..Notifying::default() });
    let (pull, watermark) = subscribed(&mut world, &subscribe(BERLIN, 10));
    let streaming = text(&ask(&mut world, morning(), &subscribe_streaming(BERLIN)), "m:SubscriptionId");
    let reply = call(&mut world, morning(), &get_streaming_events(&[&streaming], 30));
    let Ending::Stream(stream) = reply.ending else { panic!("{}", reply.text()) };
    world.stream_chunks(stream, morning());
    world.fail_over("berlin").unwrap();
    world.book("berlin", "Cleaning", hours(1), hours(2), seconds(2)).unwrap();
    assert!(world.stream_chunks(stream, seconds(10)).chunks.is_empty(), "no event, no error");
    assert_eq!(code(&mut world, &get_events(&pull, &watermark)), "ErrorSubscriptionNotFound");
    let again = text(&ask(&mut world, seconds(20), &subscribe_streaming(BERLIN)), "m:SubscriptionId");
    assert_eq!(first_status(&mut world, &request("", &get_streaming_events(&[&again], 30))), "NoError");
}

#[test]
fn fact_2_5_7_impersonating_without_its_anchor_may_fail() {
    let mut world = world();
    world.inject(Injection::of(Fault::AnchorMissing).striking(Strikes::Always)).unwrap();
    let as_berlin = || request(&impersonating(BERLIN), &get_folder(BERLIN));
    let table = [
        (as_berlin(), 500),
        (as_berlin().header("X-AnchorMailbox", OSLO), 500),
        (as_berlin().header("X-AnchorMailbox", BERLIN), 200),
        (request("", &get_folder(BERLIN)), 200),
    ];
    for (request, status) in table {
        let reply = world.handle(morning(), &request);
        assert_eq!(reply.status, status, "{:?}", request.header_value("X-AnchorMailbox"));
        let named = reply.text().contains("ErrorNoRespondingCASInDestinationSite");
        assert_eq!(named, status == 500);
    }
}
