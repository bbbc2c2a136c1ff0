//! Why a room could not be asked, told apart: a wrong diagnosis is worse than none.

use super::report::Step;
use crate::locating::NotLocated;
use exchange_wire::{Denied, Error, Problem, ews::server_version::ServerVersion};
use subscriber::error::Stage;
use sync_engine::{
    NextStep, Scope, Unreachable,
    next_step::{self, Verdict},
};

/// Why a room could not be asked.
#[derive(Debug)]
pub(super) struct Failure {
    /// The step that failed.
    pub(super) step: Step,
    /// Whether no room of the server can be asked.
    pub(super) whole_server: bool,
    /// Whether it is the room's alone where another of its server was answered.
    pub(super) may_be_mailbox: bool,
    /// Whether there was no answer in time: the server's fault, where nobody else of it has one.
    pub(super) silent: bool,
    /// Whether the account was refused: another attempt counts towards a lock-out.
    pub(super) refused: bool,
    /// Whether the account lacks a right to read.
    pub(super) denied: bool,
    /// The Exchange that said so.
    pub(super) version: Option<ServerVersion>,
    /// What is wrong, and what to do: what the daemon says of it.
    pub(super) sentence: String,
}

impl From<subscriber::Error> for Failure {
    fn from(error: subscriber::Error) -> Self {
        let stage = error.stage();
        let refused = error.refusals() > 0 || matches!(error, subscriber::Error::RefusedMeanwhile { .. });
        let silent = matches!(error, subscriber::Error::Timeout { .. } | subscriber::Error::Silence { .. });
        let Unreachable { whole_server, sentence, .. } = error.into();
        let step = match stage {
            Stage::Name => Step::Name,
            Stage::Configuration | Stage::Connection => Step::Connection,
            Stage::Certificate => Step::Certificate,
            Stage::SignIn => Step::SignIn,
            Stage::Answer => Step::Answer,
        };
        let denied = false;
        Self { step, whole_server, may_be_mailbox: false, silent, refused, denied, version: None, sentence }
    }
}

impl From<NotLocated> for Failure {
    fn from(not_located: NotLocated) -> Self {
        match not_located {
            NotLocated::Searched(error) => Self::of(&error, None),
            NotLocated::Refused(error) => error.into(),
        }
    }
}

impl Failure {
    pub(super) fn of(error: &Error, version: Option<ServerVersion>) -> Self {
        let Verdict { scope, step: next, may_be_mailbox, sentence, .. } = next_step::of_error(error);
        let refused = next == NextStep::Reauthenticate;
        let denied = matches!(error.problem, Problem::AccessDenied { denied: Denied::Read, .. });
        Self {
            step: step(&error.problem, refused),
            whole_server: scope == Scope::Server,
            may_be_mailbox,
            silent: false,
            refused,
            denied,
            version,
            sentence,
        }
    }
}

fn step(problem: &Problem, refused: bool) -> Step {
    match problem {
        Problem::NotLocated { .. } => Step::Autodiscover,
        _ if refused => Step::SignIn,
        Problem::SignInPage
        | Problem::WebPage
        | Problem::Forbidden
        | Problem::SessionEnded
        | Problem::WebdavEnded { .. }
        | Problem::WrongPath { .. }
        | Problem::Redirected { .. }
        | Problem::AccessDenied { denied: Denied::Impersonate, .. } => Step::Service,
        Problem::MailboxNotFound { .. }
        | Problem::MailboxUnavailable { .. }
        | Problem::WrongServer { .. } => Step::Mailbox,
        Problem::AccessDenied { denied: Denied::Read, .. } | Problem::FolderNotFound { .. } => Step::Calendar,
        Problem::PlainHttp => Step::Connection,
        _ => Step::Answer,
    }
}
