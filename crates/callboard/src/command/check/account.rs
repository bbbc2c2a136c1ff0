//! What can be told of a server and its account once a room has signed in.

use super::report::Finding;
use chrono::{DateTime, TimeDelta, Utc};
use exchange_wire::ews::{
    Access, Dialect, get_password_expiration_date,
    mailbox_quota::{self, Quota},
};
use meeting_model::id::ServerId;
use subscriber::{Addressee, Subscriber};

/// A certificate that ends sooner deserves attention.
const SOON: TimeDelta = TimeDelta::days(30);
/// A password that ends sooner deserves attention: as long before as Windows begins to say so.
const PASSWORD_SOON: TimeDelta = TimeDelta::days(14);
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
    let password = password(to, subscriber, dialect).await;
    let quota = quota(to, subscriber, dialect).await;
    let found = [
        until.and_then(|until| ends_soon(server, until, now)),
        password.and_then(|ends| password_ends_soon(server, ends, now)),
        quota.and_then(|quota| is_small(server, quota)),
    ];
    found.into_iter().flatten().collect()
}

fn ends_soon(server: &ServerId, until: DateTime<Utc>, now: DateTime<Utc>) -> Option<Finding> {
    let day = until.format("%Y-%m-%d");
    (until - now < SOON).then(|| {
        Finding::warning(format!(
            "server `{server}`: its certificate is in force until {day} only; renew it by then"
        ))
    })
}

/// Nothing where the password never ends, or the server does not tell: Exchange 2010 SP2 and later do, of an account with a mailbox.
async fn password(to: Addressee<'_>, subscriber: &Subscriber, dialect: Dialect) -> Option<DateTime<Utc>> {
    let reply = subscriber.ask(to, &get_password_expiration_date::request(dialect)).await.ok()?;
    get_password_expiration_date::parse(&reply.as_wire()).ok()?
}

fn password_ends_soon(server: &ServerId, ends: DateTime<Utc>, now: DateTime<Utc>) -> Option<Finding> {
    let day = ends.format("%Y-%m-%d");
    (ends - now < PASSWORD_SOON).then(|| {
        Finding::warning(format!(
            "server `{server}`: the account's password ends on {day}; by then set another, in the directory and in `password_file`, \
             or let it never end (`Set-ADUser -PasswordNeverExpires $true`)"
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
    fn a_password_that_ends_within_a_fortnight_is_told() {
        let now: DateTime<Utc> = "2026-11-21T12:00:00Z".parse().unwrap();
        let told = |days| password_ends_soon(&ServerId::new("hq"), now + TimeDelta::days(days), now);
        assert!(told(13).unwrap().sentence.contains("ends on 2026-12-04"));
        assert_eq!(told(15), None);
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
