//! Each fault by its name, and what a client sees of it.

use exchange_sim::{Ending, Fault, Injection, Request, Strikes};

use crate::client::{
    BERLIN, ask, call, find, get_events, get_item, hours, ids, item_id, morning, request, seconds, subscribe,
    sync, text, world,
};

#[test]
fn faults_before_the_service_replace_the_answer() {
    let table = [
        (Fault::SignInPage, 200, "Outlook"),
        (Fault::WrongPassword, 401, ""),
        (Fault::RedirectToOwa, 302, ""),
        (Fault::EwsDisabled, 403, ""),
        (Fault::ServiceUnavailable, 503, ""),
        (Fault::ServerBusy, 500, "BackOffMilliseconds"),
        (Fault::IisError, 500, "Server Error in '/EWS' Application."),
        (Fault::NonExistentMailbox, 500, "ErrorNonExistentMailbox"),
        (Fault::AccessDenied, 200, "ErrorAccessDenied"),
        (Fault::OtherOperation, 200, "ResolveNamesResponse"),
    ];
    for (fault, status, part) in table {
        let mut world = world();
        world.inject(Injection::of(fault)).unwrap();
        let struck = call(&mut world, morning(), &sync(BERLIN, None, 10));
        assert_eq!(struck.status, status, "{fault:?}");
        assert!(struck.text().contains(part), "{fault:?}: {}", struck.text());
        let next = call(&mut world, morning(), &sync(BERLIN, None, 10));
        assert!(next.text().contains("NoError"), "{fault:?} strikes once");
    }
}

#[test]
fn truncated_and_closed_bodies_are_half() {
    let mut world = world();
    let whole = call(&mut world, morning(), &sync(BERLIN, None, 10)).body;
    world.inject(Injection::of(Fault::TruncatedBody)).unwrap();
    let truncated = call(&mut world, morning(), &sync(BERLIN, None, 10));
    assert_eq!(truncated.body, whole[..whole.len() / 2]);
    world.inject(Injection::of(Fault::ConnectionClosed)).unwrap();
    let closed = call(&mut world, morning(), &sync(BERLIN, None, 10));
    assert_eq!((closed.body.len(), closed.ending), (whole.len(), Ending::ClosedAfter(whole.len() / 2)));
}

#[test]
fn faults_within_an_operation_leave_the_rest_alone() {
    let mut world = world();
    for hour in [1, 3, 5] {
        let meeting = world.organizer("kim").invites("berlin").at(hours(hour), hours(hour + 1));
        meeting.send(morning()).unwrap();
    }
    let listed = call(&mut world, seconds(9), &sync(BERLIN, None, 10)).text();
    let asked: String = ids(&listed, "t:ItemId").iter().map(|id| item_id(id)).collect();
    let codes = |xml: &str| crate::client::texts(xml, "m:ResponseCode");

    world.inject(Injection::of(Fault::ItemNotFound)).unwrap();
    let batch = call(&mut world, seconds(9), &get_item(&asked)).text();
    assert_eq!(codes(&batch), ["ErrorItemNotFound", "NoError", "NoError"]);

    world.inject(Injection::of(Fault::BatchStopped)).unwrap();
    let batch = call(&mut world, seconds(9), &get_item(&asked)).text();
    assert_eq!(codes(&batch), ["NoError", "ErrorBatchProcessingStopped", "ErrorBatchProcessingStopped"]);
    assert!(batch.contains("ResponseClass=\"Warning\""));

    world.inject(Injection::of(Fault::EmptyCalendar).next(2)).unwrap();
    let view =
        call(&mut world, seconds(9), &find(BERLIN, "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z", None));
    assert!(view.text().contains("TotalItemsInView=\"0\""));
    assert!(ids(&call(&mut world, seconds(9), &sync(BERLIN, None, 10)).text(), "t:ItemId").is_empty());

    world.inject(Injection::of(Fault::InvalidSyncState)).unwrap();
    let state = text(&listed, "m:SyncState");
    let fresh = call(&mut world, seconds(9), &sync(BERLIN, None, 10)).text();
    assert!(fresh.contains("NoError"), "a first read has no state to be invalid");
    let resumed = call(&mut world, seconds(9), &sync(BERLIN, Some(&state), 10)).text();
    assert_eq!(codes(&resumed), ["ErrorInvalidSyncStateData"]);

    let subscribed = call(&mut world, seconds(9), &subscribe(BERLIN, 10)).text();
    let (id, watermark) = (text(&subscribed, "m:SubscriptionId"), text(&subscribed, "m:Watermark"));
    world.inject(Injection::of(Fault::SubscriptionLost)).unwrap();
    for _ in 0..2 {
        let events = call(&mut world, seconds(9), &get_events(&id, &watermark)).text();
        assert_eq!(codes(&events), ["ErrorSubscriptionNotFound"]);
    }
}

#[test]
fn faults_strike_where_and_when_they_are_told_to() {
    let mut world = world();
    let denied = |text: String| text.contains("ErrorAccessDenied");
    world.inject(Injection::of(Fault::AccessDenied).in_room("oslo").striking(Strikes::Always)).unwrap();
    assert!(!denied(call(&mut world, morning(), &sync(BERLIN, None, 10)).text()));
    assert!(denied(call(&mut world, morning(), &sync("oslo@rooms.example", None, 10)).text()));
    world.heal();
    assert!(!denied(call(&mut world, morning(), &sync("oslo@rooms.example", None, 10)).text()));

    let window = Strikes::Between(seconds(10), seconds(20));
    world.inject(Injection::of(Fault::IisError).striking(window).on("GetFolder")).unwrap();
    let folder = crate::client::get_folder(BERLIN);
    for (second, status) in [(9, 200), (10, 500), (19, 500), (20, 200)] {
        assert_eq!(call(&mut world, seconds(second), &folder).status, status, "{second}");
    }
    world.heal();

    world.inject(Injection::of(Fault::ServiceUnavailable).striking(Strikes::PerMille(300))).unwrap();
    let struck = (0..1000).filter(|_| call(&mut world, seconds(30), &folder).status == 503).count();
    assert!((200..400).contains(&struck), "{struck}");
}

#[test]
fn nobody_reads_without_a_password_or_rights() {
    let mut world = world();
    let body = crate::client::envelope("", &sync(BERLIN, None, 10));
    let nobody = world.handle(morning(), &Request::post("/EWS/Exchange.asmx", body.clone()));
    assert_eq!(nobody.status, 401);
    assert_eq!(nobody.header_value("WWW-Authenticate"), Some("Basic realm=\"exchange.example\""));
    let wrong = Request::post("/ews/exchange.asmx", body.clone()).basic("svc", "guess");
    assert_eq!(world.handle(morning(), &wrong).status, 401);

    world.add_account(exchange_sim::Account::new("guest", "guest"));
    world.grant("guest", "oslo", exchange_sim::Rights::Reviewer).unwrap();
    let guest = Request::post("/EWS/Exchange.asmx", body).basic("Guest", "guest");
    assert!(world.handle(morning(), &guest).text().contains("ErrorAccessDenied"));
    let oslo = crate::client::envelope("", &sync("oslo@rooms.example", None, 10));
    let guest = Request::post("/EWS/Exchange.asmx", oslo).basic("guest", "guest");
    assert!(world.handle(morning(), &guest).text().contains("NoError"));
    let header = crate::client::impersonating(BERLIN);
    let guest = Request::post("/EWS/Exchange.asmx", crate::client::envelope(&header, "<m:GetFolder/>"));
    let refused = world.handle(morning(), &guest.basic("guest", "guest"));
    assert!(refused.text().contains("ErrorImpersonateUserDenied"));
}

#[test]
fn an_impersonated_room_sees_its_own_calendar_only() {
    let mut world = world();
    let own = "<m:GetFolder><m:FolderShape><t:BaseShape>AllProperties</t:BaseShape></m:FolderShape>\
               <m:FolderIds><t:DistinguishedFolderId Id=\"calendar\"/></m:FolderIds></m:GetFolder>";
    let header = crate::client::impersonating(BERLIN);
    let reply = world.handle(morning(), &request(&header, own)).text();
    assert_eq!(text(&reply, "t:Modify"), "true", "full access as the room itself");
    let other = world.handle(morning(), &request(&header, &sync("oslo@rooms.example", None, 10)));
    assert!(other.text().contains("ErrorAccessDenied"));
    let unknown = crate::client::impersonating("nobody@rooms.example");
    let unknown = world.handle(morning(), &request(&unknown, own));
    assert_eq!(unknown.status, 500);
    assert!(unknown.text().contains("<t:Value Name=\"SmtpAddress\">nobody@rooms.example</t:Value>"));
    let plain = world.handle(morning(), &request("", own)).text();
    assert_eq!(text(&plain, "m:ResponseCode"), "ErrorMissingEmailAddress");
}

#[test]
fn who_impersonates_two_is_forbidden() {
    let mut world = world();
    let one = crate::client::impersonating(BERLIN);
    let two =
        one.replace("</t:ConnectingSID>", "<t:SmtpAddress>x@rooms.example</t:SmtpAddress></t:ConnectingSID>");
    let none = "<t:ExchangeImpersonation><t:ConnectingSID/></t:ExchangeImpersonation>";
    for (header, status) in [(one.as_str(), 200), (&two, 403), (none, 500)] {
        let reply = world.handle(morning(), &request(header, &crate::client::get_folder(BERLIN)));
        assert_eq!(reply.status, status, "{header}");
    }
}

#[test]
fn characters_that_xml_does_not_allow_may_be_in_any_text() {
    let mut world = world();
    let review = world.organizer("kim").invites("berlin").to("Review").located("Room 1").saying("Agenda");
    review.at(hours(1), hours(2)).send(morning()).unwrap();
    let listed = ask(&mut world, seconds(5), &sync(BERLIN, None, 10));
    let whole = get_item(&item_id(&ids(&listed, "t:ItemId").remove(0)));
    world.inject(Injection::of(Fault::ControlCharacters)).unwrap();
    let told = ask(&mut world, seconds(5), &whole);
    let expected = [
        "<t:Subject>&#x1A;Review<",
        "<t:Body BodyType=\"Text\">&#x0;Agenda<",
        "<t:TextBody BodyType=\"Text\">\u{c}Agenda<",
        "<t:Location>&#xB;Room 1<",
        "<t:DisplayName>&#xB;Room 1<",
        "<t:Name>&#x1F;Kim<",
    ];
    for text in expected {
        assert!(told.contains(text), "{text} in {told}");
    }
}
