//! One account that signs in: how careful we must be with it.
//!
//! A lock-out policy counts refusals of an account, whichever of its servers they come from. Until the account has been
//! accepted, exactly one request is under way with it; after a second refusal nobody tries for a quarter of an hour.

use crate::back_off::Dice;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// After so many refusals in a row it is left alone. Who says that the account itself is unusable, and not only that the
/// password is wrong, has said as much: another attempt cannot help.
pub(crate) const ENOUGH_REFUSALS: u32 = 2;

/// After that nothing is sent for this long: a lock-out policy counts refusals, usually five in
/// half an hour.
const LEFT_ALONE: Duration = Duration::from_mins(15);

/// After the first refusal: a domain controller may not know the newest password yet.
const SECOND_TRY: Duration = Duration::from_secs(10);

/// Which name and password a request was signed in with: a reload may bring others while it is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Credential(u64);

/// An account, over all the servers it signs in to.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Account {
    credential: Credential,
    accepted: bool,
    under_way: usize,
    refusals: u32,
    closed_until: Option<Duration>,
    trouble: Option<String>,
}

impl Account {
    /// Whether a request may be sent with it.
    pub(crate) fn may_ask(&self, now: Duration) -> bool {
        !self.is_closed(now) && (self.accepted || self.under_way == 0)
    }

    /// Whether nothing may be sent with it for now.
    pub(crate) fn is_closed(&self, now: Duration) -> bool {
        self.closed_until.is_some_and(|until| now < until)
    }

    /// Whether it has been accepted since it was last refused.
    pub(crate) fn is_accepted(&self) -> bool {
        self.accepted
    }

    /// When it may be tried again, in monotonic time, where it was refused.
    pub(crate) fn closed_until(&self) -> Option<Duration> {
        self.closed_until
    }

    /// What is wrong with it, and what to do.
    pub(crate) fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// A request is sent with it: with which credential.
    pub(crate) fn asked(&mut self) -> Credential {
        self.under_way += 1;
        self.credential
    }

    /// Whether its name and password are still these.
    pub(crate) fn has(&self, credential: Credential) -> bool {
        self.credential == credential
    }

    /// A request that was sent with this credential has ended, one way or the other.
    pub(crate) fn heard(&mut self, credential: Credential) {
        if self.has(credential) {
            self.under_way = self.under_way.saturating_sub(1);
        }
    }

    /// A server has answered somebody who is signed in.
    pub(crate) fn accept(&mut self) {
        let Self { credential, under_way, .. } = *self;
        *self = Self { credential, accepted: true, under_way, ..Self::default() };
    }

    /// It was refused so many times in a row just now.
    pub(crate) fn refuse(&mut self, times: u32, sentence: String, now: Duration, dice: &mut Dice) {
        self.accepted = false;
        self.refusals += times;
        let wait = if self.refusals < ENOUGH_REFUSALS { SECOND_TRY } else { LEFT_ALONE };
        self.closed_until = Some(now + dice.shorten(wait, 10));
        self.trouble = Some(sentence);
    }

    /// An operator wants it tried now, once: it has been unlocked, or its password set right.
    pub(crate) fn try_again(&mut self) {
        self.closed_until = None;
    }

    /// Its password may be another from now on: that was not accepted yet, and may be tried, once where the last was refused.
    pub(crate) fn renew(&mut self) {
        self.credential.0 += 1;
        (self.accepted, self.under_way) = (false, 0);
        self.try_again();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn one_request_is_under_way_until_the_account_is_accepted() {
        let mut account = Account::default();
        assert!(account.may_ask(secs(0)));
        let credential = account.asked();
        assert!(!account.may_ask(secs(0)));
        account.heard(credential);
        account.accept();
        account.asked();
        assert!(account.may_ask(secs(0)));
    }

    #[test]
    fn a_second_refusal_ends_the_trying_for_a_quarter_of_an_hour() {
        let (mut account, mut dice) = (Account::default(), Dice::new(1));
        account.refuse(1, "refused".into(), secs(0), &mut dice);
        assert!(!account.may_ask(secs(8)));
        assert!(account.may_ask(secs(10)));
        account.refuse(1, "refused".into(), secs(10), &mut dice);
        assert!(!account.may_ask(secs(800)));
        assert!(account.may_ask(secs(910)));
    }

    #[test]
    fn who_is_locked_out_is_not_tried_a_second_time() {
        let (mut account, mut dice) = (Account::default(), Dice::new(1));
        account.refuse(ENOUGH_REFUSALS, "locked out".into(), secs(0), &mut dice);
        assert!(!account.may_ask(secs(800)));
        account.try_again();
        assert!(account.may_ask(secs(1)));
    }

    #[test]
    fn another_password_is_to_be_accepted_first() {
        let mut account = Account::default();
        account.accept();
        let before = account.asked();
        account.renew();
        assert!(!account.has(before) && account.may_ask(secs(0)));
        account.asked();
        account.heard(before);
        assert!(!account.may_ask(secs(0)), "one request");
    }

    #[test]
    fn an_operator_has_one_attempt() {
        let (mut account, mut dice) = (Account::default(), Dice::new(1));
        for _ in 0..2 {
            account.refuse(1, "refused".into(), secs(0), &mut dice);
        }
        account.try_again();
        assert!(account.may_ask(secs(1)));
        account.refuse(1, "refused".into(), secs(1), &mut dice);
        assert!(!account.may_ask(secs(60)));
    }
}
