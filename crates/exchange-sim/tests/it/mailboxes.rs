//! What can be the matter with a mailbox, and what its clients are told.

use exchange_sim::{MailboxState, Request, Rights, World};

use crate::client::{
    BERLIN, LOGIN, find, get_events, get_folder, get_item, hours, ids, impersonating, item_id, morning,
    request, seconds, subscribe, sync, text, texts, world,
};
use crate::valid::{answer, ask, code, code_in, items};

const STATES: [(MailboxState, &str); 7] = [
    (MailboxState::Healthy, "NoError"),
    (MailboxState::NeverOpened, "ErrorFolderNotFound"),
    (MailboxState::Moving, "ErrorMailboxMoveInProgress"),
    (MailboxState::StoreUnavailable, "ErrorMailboxStoreUnavailable"),
    (MailboxState::OtherSite, "ErrorProxyRequestNotAllowed"),
    (MailboxState::Deleted, "ErrorNonExistentMailbox"),
    (MailboxState::Full, "NoError"),
];

fn meeting(world: &mut World, from: i64) {
    let meeting = world.organizer("kim").invites("berlin").to("Review").at(hours(from), hours(from + 1));
    meeting.send(morning()).unwrap();
}

#[test]
fn every_state_has_its_code_and_is_never_an_empty_calendar() {
    let mut world = world();
    meeting(&mut world, 1);
    let id = ids(&ask(&mut world, seconds(9), &sync(BERLIN, None, 10)), "t:ItemId").remove(0);
    let subscribed = ask(&mut world, seconds(9), &subscribe(BERLIN, 30));
    let events = get_events(&text(&subscribed, "m:SubscriptionId"), &text(&subscribed, "m:Watermark"));
    let reads = [
        get_folder(BERLIN),
        sync(BERLIN, None, 10),
        find(BERLIN, "2026-03-01T00:00:00Z", "2026-03-09T00:00:00Z", None),
        get_item(&item_id(&id)),
        subscribe(BERLIN, 30),
        events,
    ];
    for (state, expected) in STATES {
        world.set_mailbox_state("berlin", state).unwrap();
        for read in &reads {
            let reply = ask(&mut world, seconds(10), read);
            assert_eq!(code(&reply), expected, "{state:?} {read}");
            assert!(expected == "NoError" || !reply.contains("RootFolder"), "{reply}");
        }
    }
}

#[test]
fn a_mailbox_that_was_never_opened_is_opened_by_its_first_request() {
    let mut world = world();
    world.set_mailbox_state("berlin", MailboxState::NeverOpened).unwrap();
    assert_eq!(code(&ask(&mut world, morning(), &get_folder(BERLIN))), "ErrorFolderNotFound");
    meeting(&mut world, 1);
    assert_eq!(items(&mut world, seconds(9), BERLIN).len(), 1);
}

#[test]
fn fact_5_5_a_full_mailbox_lets_bookings_fail_silently() {
    let states =
        [MailboxState::Full, MailboxState::Disabled, MailboxState::Deleted, MailboxState::StoreUnavailable];
    for state in states {
        let mut world = world();
        world.set_mailbox_state("berlin", state).unwrap();
        meeting(&mut world, 1);
        world.advance(seconds(9));
        world.set_mailbox_state("berlin", MailboxState::Healthy).unwrap();
        assert_eq!(items(&mut world, seconds(10), BERLIN).len(), 0, "{state:?}");
    }
}

#[test]
fn a_full_mailbox_does_not_hear_of_cancellations_either() {
    let mut world = world();
    let review = world.organizer("kim").invites("berlin").to("Review").at(hours(1), hours(2));
    let review = review.send(morning()).unwrap();
    world.advance(seconds(9));
    world.set_mailbox_state("berlin", MailboxState::Full).unwrap();
    world.cancel(review, seconds(10)).unwrap();
    assert_eq!(text(&items(&mut world, seconds(11), BERLIN)[0], "t:IsCancelled"), "false");
}

#[test]
fn a_completed_move_ends_subscriptions_and_states() {
    let mut world = world();
    meeting(&mut world, 1);
    let state = text(&ask(&mut world, seconds(9), &sync(BERLIN, None, 10)), "m:SyncState");
    let subscribed = ask(&mut world, seconds(9), &subscribe(BERLIN, 30));
    let watermark = text(&subscribed, "m:Watermark");
    let id = text(&subscribed, "m:SubscriptionId");
    world.move_mailbox("berlin").unwrap();
    let events = ask(&mut world, seconds(10), &get_events(&id, &watermark));
    assert_eq!(code(&events), "ErrorSubscriptionNotFound");
    let again = ask(&mut world, seconds(10), &subscribe(BERLIN, 30));
    let events = get_events(&text(&again, "m:SubscriptionId"), &watermark);
    assert_eq!(code(&ask(&mut world, seconds(10), &events)), "ErrorInvalidWatermark");
    let resumed = ask(&mut world, seconds(10), &sync(BERLIN, Some(&state), 10));
    assert_eq!(code(&resumed), "ErrorInvalidSyncStateData");
    assert_eq!(items(&mut world, seconds(10), BERLIN).len(), 1);
}

#[test]
fn other_addresses_reach_the_mailbox_but_not_by_impersonation_of_the_primary_one() {
    let mut world = world();
    meeting(&mut world, 1);
    world.add_address("berlin", "bear@rooms.example").unwrap();
    assert_eq!(items(&mut world, seconds(9), "bear@rooms.example").len(), 1);
    let calendar = get_folder(BERLIN)
        .replace(&format!("<t:Mailbox><t:EmailAddress>{BERLIN}</t:EmailAddress></t:Mailbox>"), "");
    let table = [
        (impersonating(BERLIN), None),
        (impersonating("bear@rooms.example"), Some("ErrorNonPrimarySmtpAddress")),
        (impersonating("bear@rooms.example").replace("PrimarySmtpAddress", "SmtpAddress"), None),
        (impersonating("nobody@rooms.example"), Some("ErrorNonExistentMailbox")),
    ];
    for (header, refused) in table {
        let status = if refused.is_some() { 500 } else { 200 };
        let reply = answer(&mut world, seconds(9), &request(&header, &calendar), status);
        assert_eq!(refused.map(|_| code_in(&reply)).as_deref(), refused);
        if refused == Some("ErrorNonPrimarySmtpAddress") {
            assert!(reply.contains(&format!("<t:Value Name=\"Primary\">{BERLIN}</t:Value>")));
        }
    }
    world.set_mailbox_state("berlin", MailboxState::Deleted).unwrap();
    let gone = answer(&mut world, seconds(9), &request(&impersonating(BERLIN), &calendar), 500);
    assert_eq!(code_in(&gone), "ErrorNonExistentMailbox");
}

#[test]
fn fact_5_1_2_availability_rights_do_not_read_a_calendar() {
    let mut world = world();
    meeting(&mut world, 1);
    for (rights, expected) in [(Rights::FreeBusy, "ErrorAccessDenied"), (Rights::Reviewer, "NoError")] {
        world.grant(LOGIN, "berlin", rights).unwrap();
        assert_eq!(code(&ask(&mut world, seconds(9), &get_folder(BERLIN))), expected);
        assert_eq!(code(&ask(&mut world, seconds(9), &sync(BERLIN, None, 10))), expected);
    }
    world.grant(LOGIN, "berlin", Rights::None).unwrap();
    let impersonated = request(&impersonating(BERLIN), &sync(BERLIN, None, 10));
    let impersonated = answer(&mut world, seconds(9), &impersonated, 200);
    assert_eq!(code(&impersonated), "NoError", "impersonation passes folder permissions by");
}

#[test]
fn rights_on_a_calendar_open_no_folder_with_messages() {
    let mut world = world();
    let inbox = get_folder(BERLIN).replace("Id=\"calendar\"", "Id=\"inbox\"");
    for (rights, expected) in [(Rights::Reviewer, "ErrorAccessDenied"), (Rights::Full, "NoError")] {
        world.grant(LOGIN, "berlin", rights).unwrap();
        assert_eq!(code(&ask(&mut world, seconds(9), &get_folder(BERLIN))), "NoError");
        assert_eq!(code(&ask(&mut world, seconds(9), &inbox)), expected);
    }
}

#[test]
fn all_of_it_can_be_commanded_over_http() {
    let mut world = world();
    let mut command = |path: &str, body: &str| {
        let reply = world.handle(morning(), &Request::post(path, body));
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.text()
    };
    let person = command("/sim/people", r#"{"alias":"kim","password":"secret"}"#);
    assert_eq!(person, r#"{"address":"kim@people.example"}"#);
    command("/sim/room-lists", r#"{"name":"All","address":"all@rooms.example","rooms":["berlin"]}"#);
    command("/sim/rooms/berlin/processing", r#"{"EnableAutoRelease":true,"DeleteSubject":false}"#);
    command("/sim/rooms/berlin/policy", r#"{"BookInPolicy":["kim"],"ResourceDelegates":["lee"]}"#);
    command("/sim/rooms/berlin/addresses", r#"{"address":"bear@rooms.example"}"#);
    command("/sim/rooms/berlin/relocate", "{}");
    let sent = r#"{"organizer":"kim","rooms":["berlin"],"subject":"x","repeats":"daily","times":3,
        "start":"2026-03-02T08:05:00Z","end":"2026-03-02T09:00:00Z"}"#;
    assert_eq!(command("/sim/meetings", sent), r#"{"meeting":1}"#);
    command("/sim/meetings/1/classify", r#"{"sensitivity":"Private","occurrence":"2026-03-03"}"#);
    command("/sim/meetings/1/answer", r#"{"room":"berlin","answer":"accept","occurrence":"2026-03-03"}"#);
    command("/sim/meetings/1/check-in", r#"{"room":"berlin"}"#);
    command("/sim/rooms/berlin/state", r#"{"state":"moving"}"#);
    assert_eq!(code(&ask(&mut world, seconds(1), &get_folder(BERLIN))), "ErrorMailboxMoveInProgress");
    let view = find("kim@people.example", "2026-03-01T00:00:00Z", "2026-03-09T00:00:00Z", None);
    let own = crate::valid::ask_as(&mut world, "kim", seconds(1), &view);
    assert_eq!(texts(&own, "t:Sensitivity"), ["Normal", "Private", "Normal"]);
}
