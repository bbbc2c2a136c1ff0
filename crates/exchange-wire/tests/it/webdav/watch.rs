//! Subscriptions: what is sent, and how each loss is noticed.

use super::{Trace, samples::granted};
use exchange_wire::Problem;

#[test]
fn renewals_keep_to_forty_minutes_or_two_thirds_of_what_is_granted() {
    for (granted_for, expected) in
        [("3600", 2400), ("57600", 2400), ("900", 600), ("0", 2400), ("soon", 2400)]
    {
        let mut watch = granted();
        let reply = format!("HTTP/1.1 200 OK\nSubscription-id: 21\nSubscription-lifetime: {granted_for}\n\n");
        watch.renewed(&Trace::of(&reply).reply()).unwrap();
        assert_eq!(watch.renew_within().as_secs(), expected, "{granted_for}");
    }
}

#[test]
fn every_way_of_losing_a_subscription_is_noticed() {
    let other = |status: &str| {
        format!(
            r#"HTTP/1.1 207 Multi-Status

<a:multistatus xmlns:b="http://schemas.microsoft.com/Exchange/" xmlns:a="DAV:"><a:response><a:href>/c</a:href>
<a:status>HTTP/1.1 {status}</a:status><b:subscriptionID><li>21</li></b:subscriptionID></a:response></a:multistatus>"#
        )
    };
    let left_out = "HTTP/1.1 207 Multi-Status\n\n<a:multistatus xmlns:a=\"DAV:\"/>".to_owned();
    for (renewal, reply) in [
        (false, other("412 Precondition Failed")),
        (false, other("404 Not Found")),
        (false, left_out.clone()),
        (false, "HTTP/1.1 412 Precondition Failed\nSubscription-id: 21\n\n".to_owned()),
        (true, other("412 Precondition Failed")),
        (true, left_out),
        (true, "HTTP/1.1 412 Precondition Failed\nSubscription-id: 21\n\n".to_owned()),
        (true, "HTTP/1.1 200 OK\nSubscription-id: 21\nSubscribe-group: other\n\n".to_owned()),
        (true, "HTTP/1.1 200 OK\nSubscription-id: 22\n\n".to_owned()),
    ] {
        let reply = Trace::of(&reply);
        let mut watch = granted();
        let error = if renewal {
            watch.renewed(&reply.reply()).unwrap_err()
        } else {
            watch.polled(&reply.reply()).unwrap_err()
        };
        assert!(matches!(error.problem, Problem::SubscriptionLost { .. }), "{error}");
    }
    // a 207 does not prove that one is signed in
    for status in ["409 Conflict", "401 Unauthorized"] {
        let error = granted().polled(&Trace::of(&other(status)).reply()).unwrap_err();
        assert!(matches!(error.problem, Problem::Unauthorized { .. }), "{error}");
    }
    assert!(!granted().polled(&Trace::of(&other("204 No Content")).reply()).unwrap());
}

#[test]
fn an_end_that_was_already_there_is_what_was_wanted() {
    use exchange_wire::webdav::watch::Watch;
    for status in [200, 207, 400, 412] {
        Watch::closed(&crate::reply(status, "")).unwrap();
    }
    assert!(Watch::closed(&crate::reply(503, "")).is_err());
    let request = granted().close();
    assert_eq!(request.operation.name(), "UNSUBSCRIBE");
    assert_eq!(request.path.as_deref(), Some("/exchange/room101/Calendar"));
}
