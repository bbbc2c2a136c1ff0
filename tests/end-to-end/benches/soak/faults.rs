//! What goes wrong meanwhile, a minute each.

use crate::site::Site;
use exchange_sim::{Fault, Injection, Strikes};
use std::time::Duration;

/// For how long each fault strikes.
const EACH: Duration = Duration::from_mins(1);

/// Of a thousand calls, so many are struck.
const PER_MILLE: u32 = 50;

/// Every fifth minute nobody reaches the server for so long.
const OUTAGE: Duration = Duration::from_secs(15);

/// All that passes by itself. Left out: what stops an account or a room for longer than the soak lasts (a password that is
/// refused, a mailbox that is not there), and events lost without a word, which the next hourly comparison finds.
const FAULTS: [Fault; 30] = [
    Fault::ConnectionReset,
    Fault::ServerBusy,
    Fault::TruncatedBody,
    Fault::NoReply,
    Fault::InvalidSyncState,
    Fault::ServiceUnavailable,
    Fault::StreamSilent,
    Fault::ConnectionClosed,
    Fault::OversizedReply,
    Fault::MissedEvents,
    Fault::ItemNotFound,
    Fault::IisError,
    Fault::SubscriptionFaulted,
    Fault::OtherOperation,
    Fault::EventStorm,
    Fault::SlowReply,
    Fault::BatchStopped,
    Fault::TooManyRequests,
    Fault::SubscriptionLost,
    Fault::InternalServerError,
    Fault::ConnectionClose,
    Fault::MailboxMoving,
    Fault::ShortPage,
    Fault::TransientError,
    Fault::UnknownElements,
    Fault::StoreUnavailable,
    Fault::BatchFailed,
    Fault::InnerServerBusy,
    Fault::SignInForgotten,
    Fault::NoRespondingServer,
];

/// One fault after the other.
pub(crate) struct Faults {
    until: Duration,
    next: Duration,
    reachable_again: Option<Duration>,
    /// How many were set.
    pub(crate) set: u32,
    /// How often the server could not be reached.
    pub(crate) outages: u32,
}

impl Faults {
    /// Faults for a span, of which the last tenth is quiet.
    pub(crate) fn new(span: Duration) -> Self {
        Self { until: span * 9 / 10, next: Duration::ZERO, reachable_again: None, set: 0, outages: 0 }
    }

    /// Breaks what is due, and mends what was broken for long enough.
    pub(crate) fn go_on(&mut self, site: &Site, passed: Duration) {
        if self.reachable_again.take_if(|at| *at <= passed).is_some() {
            site.exchange().set_reachable(true);
        }
        if passed < self.next {
            return;
        }
        self.next += EACH;
        site.exchange().with(|world, _| world.heal());
        site.switch_phones(self.set);
        if passed >= self.until {
            return;
        }
        let fault = FAULTS.iter().cycle().nth(self.set as usize).copied().expect("it goes round");
        let injection = Injection::of(fault).striking(Strikes::PerMille(PER_MILLE));
        site.exchange().with(|world, _| world.inject(injection).expect("it names no room"));
        self.set += 1;
        if self.set.is_multiple_of(5) {
            site.exchange().set_reachable(false);
            self.reachable_again = Some(passed + OUTAGE);
            self.outages += 1;
        }
    }

    /// Everything works again.
    pub(crate) fn end(site: &Site) {
        site.exchange().set_reachable(true);
        site.exchange().with(|world, _| world.heal());
        site.mend_phones();
    }
}
