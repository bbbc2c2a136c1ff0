//! Throttling: what one budget may use of a server at a time and in the long run (Set-ThrottlingPolicy).

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};

use crate::World;
use crate::world::RoomNumber;

/// Who pays for a call: an impersonated mailbox has a budget of its own, all other calls are their account's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Payer {
    Account(String),
    Mailbox(RoomNumber),
}

/// What a budget may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThrottlingPolicy {
    /// How many calls at a time (`EWSMaxConcurrency`).
    pub max_concurrency: Option<usize>,
    /// How many SyncFolderItems calls at a time (`ConcurrentSyncCalls`).
    pub concurrent_sync_calls: Option<usize>,
    /// How much of the server's time may be used in the long run.
    pub spending: Option<Spending>,
    /// How many objects all finds of a budget may return together (`EWSFindCountLimit`).
    pub find_count_limit: usize,
}

/// A store of the server's time that calls use up, and that fills again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spending {
    /// How much it holds at most (`EwsMaxBurst`).
    #[serde(rename = "max_burst_ms", with = "crate::milliseconds")]
    pub max_burst: Duration,
    /// How much flows back in an hour (`EwsRechargeRate`).
    #[serde(rename = "recharge_per_hour_ms", with = "crate::milliseconds")]
    pub recharge_per_hour: Duration,
    /// How far below nothing it may go until calls are refused (`EwsCutoffBalance`).
    #[serde(rename = "cutoff_ms", with = "crate::milliseconds")]
    pub cutoff: Duration,
}

impl ThrottlingPolicy {
    /// No limits, as in Exchange 2007.
    pub fn unlimited() -> Self {
        Self { max_concurrency: None, concurrent_sync_calls: None, spending: None, find_count_limit: 1000 }
    }

    /// The defaults of Exchange 2010.
    pub fn exchange_2010() -> Self {
        Self { max_concurrency: Some(10), ..Self::unlimited() }
    }

    /// The defaults of Exchange 2013.
    pub fn exchange_2013() -> Self {
        let spending = Spending {
            max_burst: Duration::milliseconds(300_000),
            recharge_per_hour: Duration::milliseconds(900_000),
            cutoff: Duration::milliseconds(3_000_000),
        };
        Self { max_concurrency: Some(27), spending: Some(spending), ..Self::unlimited() }
    }

    /// The defaults of Exchange 2016 and later, and of Exchange Online.
    pub fn exchange_2016() -> Self {
        Self { concurrent_sync_calls: Some(5), ..Self::exchange_2013() }
    }
}

/// Why a call is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Too many calls at a time.
    Concurrency { limit: usize },
    /// Too many SyncFolderItems calls at a time.
    SyncCalls { limit: usize },
    /// Too much was used: not before that time has passed.
    Spent { back_off: Duration },
}

/// What one payer uses.
#[derive(Debug, Clone)]
struct Budget {
    /// Until when each call under way takes, and whether it is a SyncFolderItems.
    under_way: Vec<(DateTime<Utc>, bool)>,
    balance: Duration,
    reckoned_at: DateTime<Utc>,
}

/// All budgets of a server.
#[derive(Debug, Clone)]
pub(crate) struct Throttle {
    policy: ThrottlingPolicy,
    /// How long each call takes the server.
    call_time: Duration,
    budgets: BTreeMap<Payer, Budget>,
}

impl Default for Throttle {
    fn default() -> Self {
        let policy = crate::ServerProfile::default().throttling();
        Self { policy, call_time: Duration::zero(), budgets: BTreeMap::new() }
    }
}

impl Throttle {
    /// Another policy; every budget begins anew.
    pub(crate) fn set_policy(&mut self, policy: ThrottlingPolicy) {
        self.policy = policy;
        self.budgets.clear();
    }

    pub(crate) fn call_time(&self) -> Duration {
        self.call_time
    }

    pub(crate) fn find_count_limit(&self) -> usize {
        self.policy.find_count_limit
    }

    /// Lets a call in, and charges it. Calls that take no time cost nothing.
    pub(crate) fn charge(&mut self, now: DateTime<Utc>, payer: Payer, syncs: bool) -> Result<(), Refused> {
        if self.call_time.is_zero() {
            return Ok(());
        }
        let Self { policy, call_time, budgets } = self;
        let full = policy.spending.map_or(Duration::zero(), |spending| spending.max_burst);
        let budget = budgets.entry(payer).or_insert_with(|| Budget {
            under_way: Vec::new(),
            balance: full,
            reckoned_at: now,
        });
        budget.under_way.retain(|(until, _)| *until > now);
        if let Some(limit) = policy.max_concurrency.filter(|limit| budget.under_way.len() >= *limit) {
            return Err(Refused::Concurrency { limit });
        }
        let syncing = budget.under_way.iter().filter(|(_, syncs)| *syncs).count();
        if let Some(limit) = policy.concurrent_sync_calls.filter(|limit| syncs && syncing >= *limit) {
            return Err(Refused::SyncCalls { limit });
        }
        if let Some(spending) = &policy.spending {
            budget.recharge(now, spending);
            if budget.balance <= -spending.cutoff {
                return Err(Refused::Spent { back_off: spending.time_to_recharge(-budget.balance) });
            }
            budget.balance -= *call_time;
        }
        budget.under_way.push((now + *call_time, syncs));
        Ok(())
    }
}

impl Budget {
    fn recharge(&mut self, now: DateTime<Utc>, spending: &Spending) {
        let hour = Duration::hours(1).num_milliseconds();
        let passed = (now - self.reckoned_at).num_milliseconds();
        let gained = passed.saturating_mul(spending.recharge_per_hour.num_milliseconds()) / hour;
        self.balance = (self.balance + Duration::milliseconds(gained)).min(spending.max_burst);
        self.reckoned_at = now;
    }
}

impl Spending {
    fn time_to_recharge(&self, missing: Duration) -> Duration {
        let hour = Duration::hours(1).num_milliseconds();
        let rate = self.recharge_per_hour.num_milliseconds().max(1);
        Duration::milliseconds(missing.num_milliseconds().saturating_mul(hour) / rate)
    }
}

impl World {
    /// Lets budgets use other amounts than the server's version does by itself; every budget begins anew.
    pub fn set_throttling(&mut self, policy: ThrottlingPolicy) {
        self.throttle.set_policy(policy);
    }

    /// What budgets may use.
    pub fn throttling(&self) -> ThrottlingPolicy {
        self.throttle.policy
    }

    /// How long each call takes the server from now on. Only calls that take time are throttled; a served world
    /// also answers that much later.
    pub fn set_call_time(&mut self, call_time: Duration) {
        self.throttle.call_time = call_time.max(Duration::zero());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + Duration::milliseconds(milliseconds)
    }

    fn throttle(policy: ThrottlingPolicy, call_time: i64) -> Throttle {
        Throttle { policy, call_time: Duration::milliseconds(call_time), budgets: BTreeMap::new() }
    }

    #[test]
    fn calls_at_a_time_are_limited_for_each_budget_by_itself() {
        let mut throttle = throttle(ThrottlingPolicy::exchange_2010(), 100);
        let service = || Payer::Account("svc".to_owned());
        for _ in 0..10 {
            assert_eq!(throttle.charge(at(0), service(), false), Ok(()));
        }
        assert_eq!(throttle.charge(at(99), service(), false), Err(Refused::Concurrency { limit: 10 }));
        assert_eq!(throttle.charge(at(99), Payer::Mailbox(RoomNumber(1)), false), Ok(()));
        assert_eq!(throttle.charge(at(100), service(), false), Ok(()), "the first ten are done");
    }

    #[test]
    fn sync_calls_have_a_limit_of_their_own() {
        let mut throttle = throttle(ThrottlingPolicy::exchange_2016(), 100);
        let room = || Payer::Mailbox(RoomNumber(7));
        for _ in 0..5 {
            assert_eq!(throttle.charge(at(0), room(), true), Ok(()));
        }
        assert_eq!(throttle.charge(at(1), room(), true), Err(Refused::SyncCalls { limit: 5 }));
        assert_eq!(throttle.charge(at(1), room(), false), Ok(()));
    }

    #[test]
    fn what_was_spent_flows_back() {
        let policy = ThrottlingPolicy {
            spending: Some(Spending {
                max_burst: Duration::seconds(1),
                recharge_per_hour: Duration::minutes(30),
                cutoff: Duration::seconds(2),
            }),
            ..ThrottlingPolicy::unlimited()
        };
        let mut throttle = throttle(policy, 1500);
        let service = || Payer::Account("svc".to_owned());
        assert_eq!(
            throttle.charge(at(0), service(), false),
            Ok(()),
            "1 s left becomes half a second of debt"
        );
        assert_eq!(throttle.charge(at(0), service(), false), Ok(()), "then two seconds");
        let back_off = Duration::seconds(4);
        assert_eq!(throttle.charge(at(0), service(), false), Err(Refused::Spent { back_off }));
        let back_off = Duration::seconds(2);
        assert_eq!(throttle.charge(at(0) + back_off, service(), false), Ok(()), "above the cutoff again");
    }

    #[test]
    fn calls_without_duration_cost_nothing() {
        let mut throttle = throttle(ThrottlingPolicy::exchange_2010(), 0);
        assert!((0..1000).all(|_| throttle.charge(at(0), Payer::Mailbox(RoomNumber(0)), true).is_ok()));
    }
}
