//! An empty calendar is confirmed by a view, and a watch follows its watermark.

use super::*;

fn confirm(
    window: Window,
    script: impl FnMut(&Request) -> (u16, String),
) -> (Vec<String>, Result<Outcome, Error>) {
    run(Read::confirm_empty(Dialect::default(), mailbox(), window, Limits::default()), script)
}

#[test]
fn an_empty_window_is_confirmed_by_an_empty_view() {
    let (asked, outcome) = confirm(window(), |_| view(true, &[]));
    assert_eq!(asked, ["view 2026-05-11T00:00:00Z 2026-07-10T00:00:00Z"]);
    let Outcome { observed, cursor } = outcome.unwrap();
    assert_eq!(observed.coverage, Coverage::Complete { window: window(), confirmed: true });
    assert!(observed.items.is_empty() && cursor.is_none());
}

#[test]
fn what_only_touches_the_window_is_not_in_it() {
    let window = Window { start: at("2026-05-11T09:00:00Z"), end: at("2026-05-12T08:00:00Z") };
    let (_, outcome) = confirm(window, |_| view(true, &["ends@2026-05-11", "begins@2026-05-12"]));
    assert_eq!(outcome.unwrap().observed.coverage, Coverage::Complete { window, confirmed: true });
}

#[test]
fn a_window_with_anything_in_it_says_nothing() {
    for something in ["a@2026-05-20", "series"] {
        let (asked, outcome) = confirm(window(), |_| view(false, &[something]));
        assert_eq!(asked.len(), 1);
        let observed = outcome.unwrap().observed;
        assert_eq!(observed.coverage, Coverage::Delta);
        assert!(observed.items.is_empty() && observed.deleted.is_empty());
    }
}

#[test]
fn views_are_split_until_each_is_whole() {
    let (asked, outcome) = confirm(window(), |request| {
        let first_half = request.body.contains("2026-06-10T00:00:00Z");
        if first_half {
            view(true, &[])
        } else {
            envelope("FindItem", &[failure("ErrorExceededFindCountLimit")])
        }
    });
    assert_eq!(
        asked,
        [
            "view 2026-05-11T00:00:00Z 2026-07-10T00:00:00Z",
            "view 2026-05-11T00:00:00Z 2026-06-10T00:00:00Z",
            "view 2026-06-10T00:00:00Z 2026-07-10T00:00:00Z",
        ]
    );
    assert!(outcome.is_ok());
    let (_, outcome) = confirm(window(), |_| view(false, &[]));
    assert_eq!(problem(outcome), Problem::NoProgress { found: "a minute that is not whole" });
}

#[test]
fn no_view_is_longer_than_exchange_takes() {
    let start = at("2026-01-01T00:00:00Z");
    let (asked, _) = confirm(Window { start, end: start + TimeDelta::days(800) }, |_| view(true, &[]));
    assert_eq!(
        asked,
        [
            "view 2026-01-01T00:00:00Z 2027-01-01T00:00:00Z",
            "view 2027-01-01T00:00:00Z 2028-01-01T00:00:00Z",
            "view 2028-01-01T00:00:00Z 2028-03-11T00:00:00Z",
        ]
    );
}

#[test]
fn a_watch_follows_its_watermark_and_ends() {
    let opened =
        envelope("Subscribe", &[success("<SubscriptionId>S</SubscriptionId><Watermark>W1</Watermark>")]);
    let kind = Kind::Pull { timeout: Duration::from_mins(30) };
    let (opening, request) = Watch::open(Dialect::default(), mailbox(), &kind, None);
    assert!(request.body.contains("<t:Timeout>30</t:Timeout>"));
    let mut watch = opening.opened(&reply(opened.0, &opened.1)).unwrap();
    for (events, changed, more, next) in [
        (
            "<CreatedEvent><Watermark>W2</Watermark></CreatedEvent><MoreEvents>true</MoreEvents>",
            true,
            true,
            "W2",
        ),
        ("<StatusEvent><Watermark>W3</Watermark></StatusEvent>", false, false, "W3"),
        ("<FreeBusyChangedEvent/>", true, false, "W3"),
    ] {
        let (status, body) =
            envelope("GetEvents", &[success(&format!("<Notification>{events}</Notification>"))]);
        let heard = watch.polled(&reply(status, &body)).unwrap();
        assert_eq!((heard.changed, heard.more), (changed, more), "{events}");
        assert!(watch.poll().body.contains(&format!("<m:Watermark>{next}</m:Watermark>")));
    }
    let (status, body) = envelope("GetEvents", &[failure("ErrorInvalidWatermark")]);
    let lost = watch.polled(&reply(status, &body)).unwrap_err();
    assert!(matches!(lost.problem, Problem::SubscriptionLost { .. }));
    assert!(watch.close().body.contains("<m:SubscriptionId>S</m:SubscriptionId>"));
    let (status, body) = envelope("Unsubscribe", &[failure("ErrorSubscriptionNotFound")]);
    Watch::closed(&reply(status, &body)).unwrap();
}
