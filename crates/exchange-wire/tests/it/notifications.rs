//! What servers tell by streams and by pushes, and how a group's requests find their server.

use crate::shared;
use exchange_wire::{
    Problem, Reply,
    ews::{
        Access, Dialect, Group, Mailbox,
        get_streaming_events::{self, Stream, Told},
        send_notification::{self, Answer, Pushed},
        subscribe::Kind,
        watch::Watch,
    },
};
use std::{fs, time::Duration};

fn told(changed: &[&str], lost: &[&str], closed: bool) -> (Vec<String>, Vec<String>, bool) {
    let own = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
    (own(changed), own(lost), closed)
}

#[test]
fn a_stream_of_other_peoples_envelopes_is_read_in_pieces_of_any_size() {
    let Some(raw) = shared("samples/ews/events/streaming-sequence/raw-chunked-http-response.derived.bin")
    else {
        return;
    };
    let raw = fs::read(raw).unwrap();
    let (a, b) = ("JgBibjFwcjAzbWIyMDIu-A", "JgBibjFwcjAzbWIyMDIu-B");
    let expected = [
        told(&[], &[], false),
        told(&[], &[], false),
        told(&[a], &[], false),
        told(&[a, b], &[], false),
        told(&[], &[], true),
    ];
    let body = unchunked(&raw);
    for size in [1, 7, 100, body.len()] {
        let mut stream = Stream::default();
        let envelopes: Vec<Told> = body.chunks(size).flat_map(|piece| stream.take(piece).unwrap()).collect();
        let means: Vec<_> =
            envelopes.iter().map(|told| (told.changed.clone(), told.lost.clone(), told.closed)).collect();
        assert_eq!(means, expected, "in pieces of {size}");
        stream.end().unwrap();
    }
}

#[test]
fn other_peoples_envelopes_name_the_subscriptions_that_have_ended() {
    let Some(folder) = shared("samples/ews/events/streaming-sequence") else { return };
    for (file, closed) in [
        ("05-error-subscriptionids-m-namespace.derived.xml", false),
        ("06-error-subscriptionids-t-namespace-closed.derived.xml", true),
    ] {
        let told_by = Stream::default().take(&fs::read(folder.join(file)).unwrap()).unwrap();
        let [envelope] = told_by.as_slice() else { panic!("{file}: {told_by:?}") };
        assert_eq!((envelope.lost.len(), envelope.closed), (1, closed), "{file}");
        let failure = &envelope.failure.as_ref().unwrap().problem;
        assert!(matches!(failure, Problem::SubscriptionLost { .. }), "{file}: {failure}");
    }
}

/// The body of a whole HTTP answer in chunks (RFC 9112 §7.1).
fn unchunked(answer: &[u8]) -> Vec<u8> {
    let head = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let (mut rest, mut body) = (&answer[head + 4..], Vec::new());
    loop {
        let line = rest.windows(2).position(|two| two == b"\r\n").unwrap();
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..line]).unwrap().trim(), 16).unwrap();
        if size == 0 {
            return body;
        }
        body.extend_from_slice(&rest[line + 2..line + 2 + size]);
        rest = &rest[line + 2 + size + 2..];
    }
}

#[test]
fn other_peoples_pushes_are_read() {
    let Some(samples) = shared("samples/ews/push") else { return };
    for (file, subscription, changed) in [
        ("sendnotification-events.derived.xml", "JgBibjFwcjAzbWIyMDIu-P", true),
        ("sendnotification-status.derived.xml", "JgBibjFwcjAzbWIyMDIu-P", false),
        ("sendnotification-status.exchangelib.xml", "XXXXX=", false),
    ] {
        let body = fs::read(samples.join(file)).unwrap();
        let expected = Pushed { subscription: subscription.to_owned(), changed };
        assert_eq!(send_notification::parse(&body), Ok(expected), "{file}");
    }
}

#[test]
fn what_is_no_push_is_refused() {
    for body in ["", "<html/>", "<Envelope><Body><SendNotification/></Body></Envelope>"] {
        let error = send_notification::parse(body.as_bytes()).unwrap_err();
        assert!(error.to_string().starts_with("SendNotification: "), "{error}");
    }
}

#[test]
fn a_push_is_answered_in_the_words_of_the_schema() {
    assert!(Answer::Ok.body().contains("<m:SubscriptionStatus>OK</m:SubscriptionStatus>"));
    assert!(Answer::Unsubscribe.body().contains(">Unsubscribe</m:SubscriptionStatus>"));
}

/// The documentation's way to keep a group together: the anchor's address and the group's cookies with every request, each
/// room impersonated in its own.
#[test]
fn every_request_of_a_group_is_led_to_the_servers_of_its_anchor() {
    let dialect = Dialect { access: Access::Impersonation, ..Dialect::default() };
    let group = Group { anchor: Mailbox::new("anchor@example.com") };
    let (opening, subscribe) =
        Watch::open(dialect, Mailbox::new("oslo@example.com"), &Kind::Streaming, Some(group.clone()));
    let body = "<Envelope><Body><SubscribeResponse><ResponseMessages><m ResponseClass='Success'>\
        <ResponseCode>NoError</ResponseCode><SubscriptionId>s</SubscriptionId></m></ResponseMessages>\
        </SubscribeResponse></Body></Envelope>";
    let watch = opening.opened(&Reply { status: 200, headers: &[], body: body.as_bytes() }).unwrap();
    let stream = get_streaming_events::request(dialect, &group, &[watch.id()], Duration::from_mins(30));
    for (request, who) in [(subscribe, "oslo"), (watch.close(), "oslo"), (stream, "anchor")] {
        let anchors: Vec<_> = request.headers.iter().filter(|(name, _)| *name == "X-AnchorMailbox").collect();
        assert_eq!(anchors, [&("X-AnchorMailbox", "anchor@example.com".to_owned())]);
        assert!(request.headers.contains(&("X-PreferServerAffinity", "true".to_owned())));
        assert_eq!(request.affinity.as_deref(), Some("anchor@example.com"));
        let impersonated = format!("<t:PrimarySmtpAddress>{who}@example.com</t:PrimarySmtpAddress>");
        assert!(request.body.contains(&impersonated), "{}", request.operation);
    }
}
