//! The server that is not Exchange: every habit of it that a client of Exchange stumbles over.

use chrono::NaiveDate;
use exchange_sim::{Account, Ending, Rights, ServerProfile, StreamId, Then, World};

use crate::client::{
    BERLIN, LOGIN, calendar, call, envelope, find, get_events, get_folder, get_item, hours, ids,
    impersonating, item_id, morning, request, seconds, subscribe, sync, text, texts, world,
};
use crate::profiles::served_by;
use crate::streaming::{get_streaming_events, subscribe_streaming};
use crate::valid::Site;

const OSLO: &str = "oslo@rooms.example";

fn other() -> Site {
    let mut world = world();
    world.set_profile(ServerProfile::Other);
    world
}

/// Asks about a series at Berlin's wall clock, nine to ten on five days, whose third day moved.
fn master(profile: ServerProfile) -> (Site, String) {
    let mut world = world();
    world.set_profile(profile);
    let zone = exchange_sim::Zone::windows("W. Europe Standard Time").unwrap();
    let series = world.organizer("lee").invites("berlin").in_zone(&zone).at(hours(0), hours(1));
    let series = series.daily().times(5).send(morning()).unwrap();
    let day = NaiveDate::from_ymd_opt(2026, 3, 4).unwrap();
    world.advance(seconds(5));
    world.reschedule_occurrence(series, day, hours(50), hours(51), seconds(6)).unwrap();
    world.advance(seconds(12));
    let listed = call(&mut world, seconds(20), &sync(BERLIN, None, 10)).text();
    let id = ids(&listed, "t:ItemId").remove(0);
    (world, id)
}

#[test]
fn the_other_server_forgives_states_and_expands_nothing() {
    let mut world = served_by(ServerProfile::Other);
    let listed = call(&mut world, seconds(20), &sync(BERLIN, Some("nonsense"), 10));
    assert_eq!(listed.header_value("Content-Type"), Some("text/xml"));
    for header in ["Date", "Server", "X-FEServer", "request-id"] {
        assert_eq!(listed.header_value(header), None, "{header}");
    }
    let listed = listed.text();
    assert_eq!(ids(&listed, "t:ItemId").len(), 3, "a bad state is taken for none");
    assert_eq!(
        texts(&listed, "t:CalendarItemType").len(),
        3,
        "more than the ids, though only they were asked for"
    );

    let view = find(BERLIN, "2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z", None);
    let view = call(&mut world, seconds(20), &view).text();
    let mut kinds = texts(&view, "t:CalendarItemType");
    kinds.sort();
    assert_eq!(kinds, ["RecurringMaster", "Single", "Single"]);
    let later = find(BERLIN, "2026-03-03T00:00:00Z", "2026-03-09T00:00:00Z", None);
    let later = call(&mut world, seconds(20), &later).text();
    assert!(later.contains("TotalItemsInView=\"0\""), "the series began before: {later}");

    let asked: String = ids(&listed, "t:ItemId").iter().map(|id| item_id(id)).collect();
    let items = call(&mut world, seconds(20), &get_item(&asked)).text();
    assert_eq!(items.matches("<t:StartTimeZone ").count(), 6, "each zone twice");
    assert!(items.contains(".114489300Z</t:LastModifiedTime>"));
    assert!(items.contains("<t:StartDate>2026-03-02T00:00:00.000000Z</t:StartDate>"));
    assert!(!items.contains("t:Attendee"), "attendees were not asked for by name");
}

#[test]
fn the_other_server_does_not_tell_of_changed_occurrences() {
    for (profile, told) in [(ServerProfile::Exchange2019, 1), (ServerProfile::Other, 0)] {
        let mut world = world();
        world.set_profile(profile);
        let series = world.organizer("lee").invites("berlin").at(hours(5), hours(6)).daily().times(5);
        let series = series.send(morning()).unwrap();
        world.advance(seconds(5));
        let listed = call(&mut world, seconds(20), &sync(BERLIN, None, 10)).text();
        let day = NaiveDate::from_ymd_opt(2026, 3, 4).unwrap();
        world.reschedule_occurrence(series, day, hours(60), hours(61), seconds(21)).unwrap();
        world.advance(seconds(30));
        let state = text(&listed, "m:SyncState");
        let again = call(&mut world, seconds(31), &sync(BERLIN, Some(&state), 10)).text();
        assert_eq!(again.matches("<t:Update>").count(), told, "{profile:?}");
    }
}

#[test]
fn the_other_server_tells_events_once_and_without_watermarks() {
    let mut world = served_by(ServerProfile::Other);
    let subscribed = call(&mut world, seconds(20), &subscribe(BERLIN, 10)).text();
    assert!(!subscribed.contains("Watermark"), "{subscribed}");
    let asked = format!(
        "<m:GetEvents><m:SubscriptionId>{}</m:SubscriptionId></m:GetEvents>",
        text(&subscribed, "m:SubscriptionId")
    );
    world.book("berlin", "Cleaning", hours(7), hours(8), seconds(21)).unwrap();
    let told = call(&mut world, seconds(22), &asked).text();
    assert!(told.contains("<m:x ResponseClass=\"Success\">") && told.contains("<t:CreatedEvent>"), "{told}");
    assert!(!told.contains("Watermark"), "{told}");
    let again = call(&mut world, seconds(23), &asked).text();
    assert!(!again.contains("<t:CreatedEvent>"), "it was told: {again}");
}

#[test]
fn the_other_server_faults_with_status_200() {
    let mut world = served_by(ServerProfile::Other);
    let denied =
        world.handle(seconds(20), &request(&impersonating("nobody@rooms.example"), &get_folder(BERLIN)));
    assert_eq!(denied.status, 200);
    assert_eq!(text(&denied.text(), "faultcode"), "ErrorNonExistentMailbox");
    assert!(!denied.text().contains("detail"));
    let unknown = call(&mut world, seconds(20), "<m:GetServerTimeZones/>");
    assert_eq!((unknown.status, text(&unknown.text(), "faultcode").as_str()), (500, "SOAP:Client"));
    let mut queried = request("", &get_folder(BERLIN));
    queried.path.push_str("?x=1");
    assert_eq!(world.handle(seconds(20), &queried).status, 405);
    let chunked = request("", &get_folder(BERLIN)).header("Transfer-Encoding", "chunked");
    assert_eq!(world.handle(seconds(20), &chunked).status, 400);
}

#[test]
fn the_other_server_hesitates_over_a_wrong_password() {
    let ask = |profile, password| {
        let mut world = world();
        world.set_profile(profile);
        let request = exchange_sim::Request::post("/EWS/Exchange.asmx", envelope("", &get_folder(BERLIN)));
        let answer = world.handle(morning(), &request.basic(LOGIN, password));
        (answer.status, answer.delay.as_secs())
    };
    assert_eq!(ask(ServerProfile::Other, "wrong"), (401, 1));
    assert_eq!(ask(ServerProfile::Other, "secret"), (200, 0));
    assert_eq!(ask(ServerProfile::Exchange2019, "wrong"), (401, 0));
}

#[test]
fn the_other_server_writes_uids_of_its_own() {
    let mut world = other();
    for hour in [1, 3] {
        world.organizer("kim").invites("berlin").at(hours(hour), hours(hour + 1)).send(morning()).unwrap();
    }
    world.book("berlin", "Cleaning", hours(5), hours(6), morning()).unwrap();
    let listed = call(&mut world, seconds(20), &sync(BERLIN, None, 10)).text();
    let asked: String = ids(&listed, "t:ItemId").iter().map(|id| item_id(id)).collect();
    let uids = texts(&call(&mut world, seconds(20), &get_item(&asked)).text(), "t:UID");
    let (plain, junk): (Vec<&String>, Vec<&String>) =
        uids.iter().partition(|uid| uid.starts_with("040000008200e00074c5b7101a82e008"));
    assert_eq!((plain.len(), junk.len()), (1, 2), "what has attendees has junk");
    assert_ne!(junk[0], junk[1]);
    assert!(uids.iter().all(|uid| *uid == uid.to_lowercase()), "{uids:?}");
}

#[test]
fn the_other_server_tells_midnights_for_original_starts() {
    let table = [
        (ServerProfile::Exchange2019, "2026-03-04T08:00:00Z", "true"),
        (ServerProfile::Other, "2026-03-03T23:00:00Z", "false"),
    ];
    for (profile, original, recurring) in table {
        let (mut world, id) = master(profile);
        let read = call(&mut world, seconds(20), &get_item(&item_id(&id))).text();
        let modified = text(&read, "t:ModifiedOccurrences");
        assert_eq!(text(&modified, "t:OriginalStart"), original, "{profile:?}");
        let exception = ids(&modified, "t:ItemId").remove(0);
        let exception = call(&mut world, seconds(20), &get_item(&item_id(&exception))).text();
        assert_eq!(text(&exception, "t:IsRecurring"), recurring, "{profile:?}");
    }
}

#[test]
fn the_other_server_counts_the_occurrences_that_are_left_and_goes_on() {
    let (mut world, id) = master(ServerProfile::Other);
    let nth = |world: &mut World, index: usize| {
        let id = format!("<t:OccurrenceItemId RecurringMasterId=\"{id}\" InstanceIndex=\"{index}\"/>");
        let read = call(world, seconds(40), &get_item(&id)).text();
        assert_eq!(text(&read, "m:ResponseCode"), "NoError", "{index}");
        text(&read, "t:Start")
    };
    assert_eq!(nth(&mut world, 2), "2026-03-03T08:00:00Z");
    assert_eq!(nth(&mut world, 7), "2026-03-08T08:00:00Z", "the series has five");
    let second = format!("<t:OccurrenceItemId RecurringMasterId=\"{id}\" InstanceIndex=\"2\"/>");
    let read = call(&mut world, seconds(40), &get_item(&second)).text();
    let second = ids(&read, "t:ItemId").remove(0);
    let delete = format!(
        "<m:DeleteItem DeleteType=\"HardDelete\" SendMeetingCancellations=\"SendToNone\"><m:ItemIds>{}\
         </m:ItemIds></m:DeleteItem>",
        item_id(&second)
    );
    world.grant(LOGIN, "berlin", Rights::Full).unwrap();
    assert!(call(&mut world, seconds(40), &delete).text().contains("NoError"));
    assert_eq!(nth(&mut world, 2), "2026-03-04T10:00:00Z", "the third took its place");
    let of_exception = format!("<t:RecurringMasterItemId OccurrenceId=\"{second}\"/>");
    let read = call(&mut world, seconds(40), &get_item(&of_exception)).text();
    assert_eq!(text(&read, "m:ResponseCode"), "ErrorInvalidId");
}

#[test]
fn the_other_server_lets_anybody_subscribe_and_tells_them_nothing() {
    for (profile, code) in
        [(ServerProfile::Exchange2019, "ErrorAccessDenied"), (ServerProfile::Other, "NoError")]
    {
        let mut world = world();
        world.set_profile(profile);
        world.add_account(Account::new("guest", "guest"));
        let guest = |body: &str| {
            exchange_sim::Request::post("/EWS/Exchange.asmx", envelope("", body)).basic("guest", "guest")
        };
        let made = world.handle(morning(), &guest(&subscribe(BERLIN, 10))).text();
        assert_eq!(text(&made, "m:ResponseCode"), code, "{profile:?}");
        for id in texts(&made, "m:SubscriptionId") {
            world.book("berlin", "Cleaning", hours(1), hours(2), seconds(1)).unwrap();
            let told = world.handle(seconds(9), &guest(&get_events(&id, ""))).text();
            assert!(told.contains("<t:StatusEvent") && !told.contains("CreatedEvent"), "{told}");
        }
    }
}

#[test]
fn the_other_server_takes_any_subscription_to_one_mailbox() {
    let mut world = other();
    let two = subscribe(BERLIN, 10).replace("</t:FolderIds>", &format!("{}</t:FolderIds>", calendar(OSLO)));
    let fault = call(&mut world, morning(), &two);
    assert_eq!(
        (fault.status, text(&fault.text(), "faultcode").as_str()),
        (200, "ErrorInvalidSubscriptionRequest")
    );
    for minutes in [0, 5000] {
        let made = call(&mut world, morning(), &subscribe(BERLIN, minutes)).text();
        assert_eq!(text(&made, "m:ResponseCode"), "NoError", "{minutes} minutes");
    }
    let push = "<m:Subscribe><m:PushSubscriptionRequest><t:FolderIds>CALENDAR</t:FolderIds><t:EventTypes>\
                <t:EventType>CreatedEvent</t:EventType></t:EventTypes><t:StatusFrequency>1</t:StatusFrequency>\
                <t:URL>http://127.0.0.1:9/</t:URL></m:PushSubscriptionRequest></m:Subscribe>";
    let made = call(&mut world, morning(), &push.replace("CALENDAR", &calendar(BERLIN))).text();
    assert_eq!(text(&made, "m:ResponseCode"), "NoError");
    world.book("berlin", "Cleaning", hours(1), hours(2), seconds(1)).unwrap();
    world.advance(hours(1));
    assert!(world.posts(hours(1)).is_empty(), "nothing is ever posted");
}

#[test]
fn the_other_server_tells_folders_little_and_nobody_of_free_busy_times() {
    let mut world = other();
    let kinds = ["CreatedEvent", "ModifiedEvent", "DeletedEvent", "FreeBusyChangedEvent"];
    let kinds = kinds.map(|kind| format!("<t:EventType>{kind}</t:EventType>")).concat();
    let folder = format!("<t:FolderIds>{}</t:FolderIds>", calendar(BERLIN));
    let made = [("", folder.as_str()), (" SubscribeToAllFolders=\"true\"", "")].map(|(all, folders)| {
        let body = format!(
            "<m:Subscribe><m:PullSubscriptionRequest{all}>{folders}<t:EventTypes>{kinds}</t:EventTypes>\
             <t:Timeout>9</t:Timeout></m:PullSubscriptionRequest></m:Subscribe>"
        );
        text(&world.handle(morning(), &request(&impersonating(BERLIN), &body)).text(), "m:SubscriptionId")
    });
    let booking = world.book("berlin", "Cleaning", hours(1), hours(2), seconds(1)).unwrap();
    world.delete_from("berlin", booking, seconds(2)).unwrap();
    let told = made.map(|id| call(&mut world, seconds(3), &get_events(&id, "")).text());
    for (told, deleted) in told.iter().zip([0, 1]) {
        assert_eq!(told.matches("<t:CreatedEvent>").count(), 1, "{told}");
        assert_eq!(told.matches("<t:DeletedEvent>").count(), deleted, "{told}");
        assert!(!told.contains("FreeBusyChangedEvent"), "{told}");
    }
}

/// A stream of some subscriptions for a minute.
fn stream(world: &mut World, ids: &[&str]) -> StreamId {
    let opened = call(world, morning(), &get_streaming_events(ids, 1));
    assert_eq!(opened.header_value("Content-Type"), Some("text/xml"));
    match opened.ending {
        Ending::Stream(stream) => stream,
        _ => panic!("no stream: {}", opened.text()),
    }
}

/// The chunks that a stream has said up to a second, and how it goes on.
fn said(world: &mut World, stream: StreamId, second: i64) -> (Vec<String>, Then) {
    let said = world.stream_chunks(stream, seconds(second));
    (said.chunks.into_iter().map(|chunk| String::from_utf8(chunk).unwrap()).collect(), said.then)
}

fn statuses(chunks: &[String]) -> Vec<String> {
    chunks.iter().map(|chunk| text(chunk, "m:ConnectionStatus")).collect()
}

#[test]
fn the_other_server_beats_by_events_and_closes_twice() {
    let mut world = other();
    let id = text(&call(&mut world, morning(), &subscribe_streaming(BERLIN)).text(), "m:SubscriptionId");
    let stream = stream(&mut world, &[&id]);
    world.book("berlin", "Cleaning", hours(1), hours(2), seconds(1)).unwrap();
    assert_eq!(said(&mut world, stream, 5).0.len(), 1, "events gather for five seconds");
    let (mut chunks, _) = said(&mut world, stream, 6);
    assert!(chunks[0].contains("t:CreatedEvent") && chunks[0].contains(".114489300Z</t:TimeStamp>"));
    chunks.extend(said(&mut world, stream, 51).0);
    assert!(chunks[1].contains("<t:StatusEvent/>"), "{}", chunks[1]);
    assert_eq!(
        said(&mut world, stream, 95),
        (Vec::new(), Then::Open),
        "the minute is over, the beat is not due"
    );
    let (last, then) = said(&mut world, stream, 96);
    assert_eq!((last.len(), then), (2, Then::Closed));
    assert!(last[0].contains("<t:StatusEvent/>") && last[1].contains("<m:Notifications/>"), "{last:?}");
    chunks.extend(last);
    assert_eq!(statuses(&chunks), ["OK", "OK", "Closed", "Closed"]);
    assert!(chunks.iter().all(|chunk| !chunk.starts_with("<?xml") && chunk.ends_with("</Envelope>")));
}

#[test]
fn the_other_server_declares_xml_once_a_stream() {
    let mut world = other();
    let id = text(&call(&mut world, morning(), &subscribe_streaming(BERLIN)).text(), "m:SubscriptionId");
    let stream = stream(&mut world, &[&id]);
    let (all, _) = said(&mut world, stream, 100);
    let declared: Vec<bool> = all.iter().map(|chunk| chunk.starts_with("<?xml")).collect();
    assert_eq!(declared, [true, false, false, false]);
}

#[test]
fn the_other_server_lingers_over_a_bad_id() {
    let mut world = other();
    let stream = stream(&mut world, &["nonsense"]);
    let (mut chunks, then) = said(&mut world, stream, 44);
    assert_eq!((chunks.len(), then), (1, Then::Open), "it said that it is closed, and is not");
    let (rest, then) = said(&mut world, stream, 45);
    assert_eq!((rest.len(), then), (2, Then::Closed));
    chunks.extend(rest);
    assert_eq!(statuses(&chunks), ["Closed", "Closed", "Closed"]);
    let codes: Vec<String> = chunks.iter().map(|chunk| text(chunk, "m:ResponseCode")).collect();
    assert_eq!(codes, ["ErrorInvalidSubscription", "ErrorInvalidSubscription", "NoError"]);
    assert!(chunks[0].contains("<SubscriptionId xmlns=\"\">nonsense</SubscriptionId>"), "{}", chunks[0]);
}

#[test]
fn the_other_server_ends_the_first_of_two_streams_without_an_error() {
    let mut world = other();
    let id = text(&call(&mut world, morning(), &subscribe_streaming(BERLIN)).text(), "m:SubscriptionId");
    let first = stream(&mut world, &[&id]);
    said(&mut world, first, 0);
    stream(&mut world, &[&id]);
    let (last, then) = said(&mut world, first, 0);
    assert_eq!((statuses(&last), then), (vec!["Closed".to_owned()], Then::Closed));
    assert_eq!(text(&last[0], "m:ResponseCode"), "NoError");
}
