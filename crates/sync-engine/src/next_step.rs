//! What every kind of failure leads to.
//!
//! Errors carry a variant for every different next step; this is the one place that names the step. Two questions are
//! answered: does the failure concern the whole server or one room, and what is to be done.

use crate::{account::ENOUGH_REFUSALS, event::Unreachable};
use exchange_wire::{Error, Problem, Refused};
use meeting_model::id::RoomId;
use std::time::Duration;

/// How long a server that is overloaded and names no time is left alone.
const OVERLOADED: Duration = Duration::from_secs(30);

/// Longest wait that a server may ask for: what asks for more has a broken clock.
const LONGEST_WAIT: Duration = Duration::from_mins(15);

/// Whom a failure concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Every room of the server: none is asked until it is over.
    Server,
    /// The room that met it: the others go on.
    Room,
}

/// Whether the mailbox or its server may have moved to where Autodiscover says.
fn may_have_moved(error: &Error) -> bool {
    match &error.problem {
        Problem::WrongServer { .. }
        | Problem::MailboxNotFound { .. }
        | Problem::WrongPath { .. }
        | Problem::Redirected { .. } => true,
        Problem::SubscriptionLost { code } => {
            matches!(code.as_str(), "ErrorReadEventsFailed" | "ErrorEventNotFound")
        }
        _ => false,
    }
}

/// What a failure leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextStep {
    /// Try again after this time.
    RetryAfter(Duration),
    /// Try again after a time that grows with every failure.
    BackOff,
    /// The cursor is worth nothing any more: read everything again.
    ResyncFromScratch,
    /// The subscription is gone: take another, then read what changed.
    Resubscribe,
    /// There will be no subscription: read at intervals instead.
    DoWithoutSubscription,
    /// The account was refused: try once more where that may help, then leave it alone.
    Reauthenticate,
    /// The schema version is too new for the server or a mailbox on it: ask in an older one.
    SpeakOlder,
    /// Somebody must change something; try again now and then.
    FixConfig,
}

/// A failure, and what it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whom it concerns.
    pub scope: Scope,
    /// What to do.
    pub step: NextStep,
    /// Whether the mailbox or its server may have moved: where Autodiscover tells its address, that is asked again.
    pub may_have_moved: bool,
    /// Whether it concerns the room alone where the account is accepted and this room was never read: the refusal may be of the
    /// account, or of a mailbox that nobody has opened.
    pub may_be_mailbox: bool,
    /// How often the account was refused on the way here, where that is what failed.
    pub refusals: u32,
    /// What is wrong, and what an administrator can do.
    pub sentence: String,
}

/// A sentence about a room, naming it: what is wrong with a server is told of every room that waits for it.
pub fn of_room(room: &RoomId, sentence: &str) -> String {
    format!("room `{room}`: {sentence}")
}

/// A sentence about one calendar of a room, naming its mailbox where the room has several.
pub fn of_calendar(room: &RoomId, mailbox: Option<&str>, sentence: &str) -> String {
    match mailbox {
        Some(mailbox) => format!("room `{room}`, mailbox `{mailbox}`: {sentence}"),
        None => of_room(room, sentence),
    }
}

/// What a reply that cannot be used leads to.
pub fn of_error(error: &Error) -> Verdict {
    let (scope, step) = judge(error);
    let sentence = match error.remedy() {
        Some(remedy) => format!("{error}; {remedy}"),
        None => error.to_string(),
    };
    let refusals = match &error.problem {
        Problem::NotLocated { trail } => u32::try_from(trail.refusals()).unwrap_or(u32::MAX),
        Problem::AccountUnusable { .. } => ENOUGH_REFUSALS,
        _ => 1,
    };
    let may_be_mailbox = matches!(error.problem, Problem::MailboxUnauthorized);
    Verdict { scope, step, may_have_moved: may_have_moved(error), may_be_mailbox, refusals, sentence }
}

/// What no reply at all leads to.
pub fn of_silence(unreachable: &Unreachable) -> Verdict {
    let refused = unreachable.refusals > 0;
    Verdict {
        scope: if unreachable.whole_server { Scope::Server } else { Scope::Room },
        step: if refused { NextStep::Reauthenticate } else { NextStep::BackOff },
        may_have_moved: false,
        may_be_mailbox: false,
        refusals: unreachable.refusals,
        sentence: unreachable.sentence.clone(),
    }
}

fn judge(error: &Error) -> (Scope, NextStep) {
    match &error.problem {
        Problem::Unauthorized { .. }
        | Problem::MailboxUnauthorized
        | Problem::FormRefused
        | Problem::AccountUnusable { .. } => (Scope::Server, NextStep::Reauthenticate),
        Problem::NotLocated { trail } if trail.refusals() > 0 => (Scope::Server, NextStep::Reauthenticate),
        Problem::NotLocated { trail } if trail.is_about_the_mailbox() => (Scope::Room, NextStep::FixConfig),
        Problem::NotLocated { .. } | Problem::WebPage => (Scope::Server, NextStep::BackOff),
        Problem::SignInPage
        | Problem::SessionEnded
        | Problem::ProxySignIn
        | Problem::WebdavEnded { .. }
        | Problem::WrongPath { .. }
        | Problem::PlainHttp
        | Problem::Redirected { .. } => (Scope::Server, NextStep::FixConfig),
        Problem::Throttled { .. } | Problem::ServerBusy { .. } => {
            let wait = error.back_off().unwrap_or(OVERLOADED).min(LONGEST_WAIT);
            (Scope::Server, NextStep::RetryAfter(wait))
        }
        Problem::Forbidden
        | Problem::WrongServer { .. }
        | Problem::MailboxNotFound { .. }
        | Problem::AccessDenied { .. }
        | Problem::FolderNotFound { .. } => (Scope::Room, NextStep::FixConfig),
        Problem::VersionRefused { .. } => (Scope::Server, NextStep::SpeakOlder),
        Problem::SyncStateInvalid { .. } => (Scope::Room, NextStep::ResyncFromScratch),
        Problem::SubscriptionLost { .. } => (Scope::Room, NextStep::Resubscribe),
        Problem::SubscriptionRefused { refused: Refused::NotSupported | Refused::TooMany, .. } => {
            (Scope::Room, NextStep::DoWithoutSubscription)
        }
        Problem::Transient { .. }
        | Problem::MailboxUnavailable { .. }
        | Problem::Truncated { .. }
        | Problem::Malformed { .. }
        | Problem::Unexpected { .. }
        | Problem::Missing { .. }
        | Problem::MessageCount { .. }
        | Problem::NoProgress { .. }
        | Problem::ReplyTooLarge { .. }
        | Problem::RequestRefused { .. }
        | Problem::TooMuch { .. }
        | Problem::Rejected { .. }
        | Problem::ResponseCode { .. } => (Scope::Room, NextStep::BackOff),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use exchange_wire::Operation;

    fn verdict(problem: Problem) -> Verdict {
        of_error(&Error { operation: Operation::GetItem, problem })
    }

    #[test]
    fn a_wait_that_a_server_asks_for_is_obeyed_within_reason() {
        for (asked, wait) in [(Some(7), 7), (None, 30), (Some(86_400), 900)] {
            let back_off = asked.map(Duration::from_secs);
            let verdict = verdict(Problem::ServerBusy { code: "ErrorServerBusy".into(), back_off });
            assert_eq!(verdict.scope, Scope::Server);
            assert_eq!(verdict.step, NextStep::RetryAfter(Duration::from_secs(wait)));
        }
    }

    #[test]
    fn what_concerns_one_mailbox_does_not_stop_the_others() {
        let verdict = verdict(Problem::MailboxNotFound { code: "ErrorNonExistentMailbox".into() });
        assert_eq!((verdict.scope, verdict.step), (Scope::Room, NextStep::FixConfig));
        let sentence = of_room(&RoomId::new("berlin"), &verdict.sentence);
        assert!(sentence.starts_with("room `berlin`: GetItem: "), "{sentence}");
        assert!(verdict.sentence.contains("primary SMTP address"), "{}", verdict.sentence);
    }
}
