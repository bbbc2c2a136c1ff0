//! What can be told of a server and its account once a room has signed in.

use super::report::Finding;
use chrono::{DateTime, TimeDelta, Utc};
use exchange_wire::ews::{
    Access, Dialect,
    mailbox_quota::{self, Quota},
};
use meeting_model::id::ServerId;
use subscriber::{Addressee, Subscriber};

/// A certificate that ends sooner deserves attention.
const SOON: TimeDelta = TimeDelta::days(30);
/// What guides of older systems ask for: 1 GB for up to 125 endpoints.
const ASKED_FOR: u64 = 1 << 30;

/// What deserves attention.
pub(super) async fn findings(
    to: Addressee<'_>,
    subscriber: &Subscriber,
    dialect: Dialect,
    now: DateTime<Utc>,
) -> Vec<Finding> {
    let server = to.server;
    let until = subscriber.certificate(server).map(|facts| facts.not_after);
    let quota = quota(to, subscriber, dialect).await;
    [until.and_then(|until| ends_soon(server, until, now)), quota.and_then(|quota| is_small(server, quota))]
        .into_iter()
        .flatten()
        .collect()
}

fn ends_soon(server: &ServerId, until: DateTime<Utc>, now: DateTime<Utc>) -> Option<Finding> {
    let day = until.format("%Y-%m-%d");
    (until - now < SOON).then(|| {
        Finding::warning(format!(
            "server `{server}`: its certificate is in force until {day} only; renew it by then"
        ))
    })
}

/// Nothing where the account has no mailbox of its own, or the server does not tell.
async fn quota(to: Addressee<'_>, subscriber: &Subscriber, dialect: Dialect) -> Option<Quota> {
    if dialect.access == Access::Impersonation {
        return None;
    }
    let reply = subscriber.ask(to, &mailbox_quota::request(dialect)).await.ok()?;
    mailbox_quota::parse(&reply.as_wire()).ok()?
}

fn is_small(server: &ServerId, quota: Quota) -> Option<Finding> {
    let megabytes = |bytes: u64| bytes >> 20;
    let (used, limit) = (megabytes(quota.used), megabytes(quota.limit));
    (quota.limit < ASKED_FOR).then(|| {
        Finding::hint(format!(
            "server `{server}`: the account's own mailbox holds {used} of {limit} MB; older guides ask for 1 GB, callboard \
             keeps nothing in it"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_that_end_within_a_month_are_told() {
        let now: DateTime<Utc> = "2026-11-21T12:00:00Z".parse().unwrap();
        let server = ServerId::new("hq");
        for (days, told) in [(29, true), (31, false), (-1, true)] {
            assert_eq!(ends_soon(&server, now + TimeDelta::days(days), now).is_some(), told, "{days}");
        }
    }

    #[test]
    fn a_small_mailbox_of_the_account_is_a_hint() {
        let server = ServerId::new("hq");
        let quota = |limit| Quota { used: 5 << 20, limit };
        let hint = is_small(&server, quota(100 << 20)).unwrap();
        assert!(hint.sentence.contains("holds 5 of 100 MB"), "{}", hint.sentence);
        assert_eq!(is_small(&server, quota(ASKED_FOR)), None);
    }
}
