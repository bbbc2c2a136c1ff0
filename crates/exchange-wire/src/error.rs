//! What can go wrong between us and Exchange, sorted by what to do next.

mod remedy;

use crate::{autodiscover::Trail, http::Operation};
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};

/// A reply that cannot be used: the operation it should have answered, and what was wrong with it.
///
/// It names no subject, person or body: it may end in a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{operation}: {}", self.told())]
pub struct Error {
    /// What had been asked for.
    pub operation: Operation,
    /// What was wrong.
    pub problem: Problem,
}

impl Error {
    /// The problem; what was asked over WebDAV are no web services.
    fn told(&self) -> String {
        let told = self.problem.to_string();
        match self.operation {
            Operation::Webdav(_) => told.replace("Exchange Web Services", "Exchange over WebDAV"),
            _ => told,
        }
    }
}

/// What was wrong with a reply: a variant for every different next step.
///
/// Written down it is without words that are the program's own; what a conversation holds has none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Problem {
    /// A page where people sign in came instead of an answer: a proxy or forms-based sign-in stands in front.
    #[error("expected an answer from Exchange Web Services, found a page where people sign in")]
    SignInPage,
    /// Another page for people came: a proxy or filter on the way, another web server, or an error page says something.
    #[error("expected an answer from Exchange, found a web page that is no sign-in")]
    WebPage,
    /// The session of a sign-in form has ended: a proxy that keeps such sessions stands in front.
    #[error(
        "expected an answer from Exchange Web Services, found that a sign-in form's session has ended (status 440)"
    )]
    SessionEnded,
    /// A proxy on the way wants a sign-in of its own.
    #[error("expected an answer from Exchange, found a proxy that wants a sign-in of its own (status 407)")]
    ProxySignIn,
    /// The server does not know who we are.
    #[error("expected to be signed in, found status 401, offering {}", List(offered))]
    Unauthorized {
        /// The sign-in schemes the server offers (`Negotiate`, `NTLM`, `Basic`, `Bearer`).
        offered: Vec<String>,
    },
    /// The store that keeps the mailbox does not let us in: the password is wrong, or, though the password is right and other
    /// mailboxes can be read, nobody has opened this one yet.
    #[error("expected to be let into the mailbox, found status 401 from its store")]
    MailboxUnauthorized,
    /// The account is locked out, disabled, or its password has expired: another attempt makes it worse.
    #[error("the account cannot sign in: {reason}")]
    AccountUnusable {
        /// Why, by the server's response code, its status, or what its page said.
        reason: Unusable,
    },
    /// The server knows who we are and does not want us.
    #[error("expected permission to use Exchange Web Services, found status 403")]
    Forbidden,
    /// There is no EWS at this address.
    #[error("expected Exchange Web Services at this path, found status {status}")]
    WrongPath {
        /// HTTP status.
        status: u16,
    },
    /// The server sends us elsewhere.
    #[error("expected an answer, found a redirection (status {status}) to `{to}`")]
    Redirected {
        /// HTTP status.
        status: u16,
        /// Where to, without its query.
        to: String,
    },
    /// Too many requests: leave this server alone for a while.
    #[error("the server is overloaded (status {status})")]
    Throttled {
        /// HTTP status.
        status: u16,
        /// How long the server asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// This account's budget is spent: leave this server alone for a while.
    #[error("the server is busy: `{code}`")]
    ServerBusy {
        /// The response code.
        code: String,
        /// How long the server asks to be left alone.
        back_off: Option<Duration>,
    },
    /// It should work when it is tried again.
    #[error("the server failed for the moment: {found}")]
    Transient {
        /// What it said.
        found: String,
    },
    /// The mailbox is being moved, or its database is away: try again in minutes.
    #[error("the mailbox cannot be reached for the moment: `{code}`")]
    MailboxUnavailable {
        /// The response code.
        code: String,
    },
    /// Another server holds the mailbox.
    #[error("another server must be asked for this mailbox: `{code}`")]
    WrongServer {
        /// The response code.
        code: String,
    },
    /// The reply broke off.
    #[error("expected a whole reply, found {bytes} bytes that break off")]
    Truncated {
        /// How many bytes there were.
        bytes: usize,
    },
    /// The reply is not XML as anybody could read it.
    #[error("expected XML, found at byte {position} that {reason}")]
    Malformed {
        /// Where.
        position: u64,
        /// What was wrong there. Never in the words of the reply: they might be a subject's.
        #[serde(skip)]
        reason: &'static str,
    },
    /// The reply answers something else.
    #[error("expected `{expected}`, found `{found}`")]
    Unexpected {
        /// The element that should have been there.
        expected: String,
        /// The element that was.
        found: String,
    },
    /// The reply leaves out what it must say.
    #[error("expected `{element}`, found nothing")]
    Missing {
        /// The element that should have been there.
        #[serde(skip)]
        element: &'static str,
    },
    /// The reply does not answer each thing that was asked for.
    #[error("expected {expected} response messages, found {found}")]
    MessageCount {
        /// How many things had been asked for.
        expected: usize,
        /// How many were answered.
        found: usize,
    },
    /// Page follows page and nothing comes of it.
    #[error("expected the next page to bring something new, found {found}")]
    NoProgress {
        /// What the page was instead.
        #[serde(skip)]
        found: &'static str,
    },
    /// More than we take in one reply.
    #[error("expected a reply within {limit}, found a larger one")]
    ReplyTooLarge {
        /// The limit that was passed.
        #[serde(skip)]
        limit: &'static str,
    },
    /// Plain HTTP was spoken to a port for TLS.
    #[error("expected an answer, found that this port wants TLS and was spoken to in plain HTTP")]
    PlainHttp,
    /// The server does not take a request like this, perhaps because it is too large.
    #[error("the server did not take the request (status {status})")]
    RequestRefused {
        /// HTTP status: 400, 413 or 414.
        status: u16,
    },
    /// More was asked for than the server does at once.
    #[error("more was asked for than the server does at once: `{code}`")]
    TooMuch {
        /// The response code.
        code: String,
    },
    /// The server, or the mailbox, speaks another version of the schema.
    #[error("the server does not speak the schema version that was asked for: `{code}`")]
    VersionRefused {
        /// The response code.
        code: String,
    },
    /// There is no such mailbox.
    #[error("there is no mailbox of this address: `{code}`")]
    MailboxNotFound {
        /// The response code.
        code: String,
    },
    /// The account may not do this.
    #[error("the account may not {denied}: `{code}`")]
    AccessDenied {
        /// What it may not do.
        denied: Denied,
        /// The response code.
        code: String,
    },
    /// The mailbox has no such folder: perhaps nobody has opened it yet.
    #[error("the mailbox has no calendar that could be found: `{code}`")]
    FolderNotFound {
        /// The response code.
        code: String,
    },
    /// The cursor of the last read is not understood any more: read everything again.
    #[error("the server does not understand where the last read ended: `{code}`")]
    SyncStateInvalid {
        /// The response code.
        code: String,
    },
    /// The subscription is gone: subscribe again, then read.
    #[error("the subscription is gone: `{code}`")]
    SubscriptionLost {
        /// The response code.
        code: String,
    },
    /// No subscription can be had: ask at intervals instead.
    #[error("no subscription to be had: {refused} (`{code}`)")]
    SubscriptionRefused {
        /// Why.
        refused: Refused,
        /// The response code.
        code: String,
    },
    /// The server says that what we asked makes no sense: ours to mend.
    #[error("the server rejected the request: `{code}`: {message}")]
    Rejected {
        /// The response code.
        code: String,
        /// The server's words, without addresses.
        message: String,
    },
    /// Nobody says where the mailbox's web services are.
    #[error(
        "expected to be told where the mailbox's web services are, found nobody who says so: {}",
        Steps(trail)
    )]
    NotLocated {
        /// Who was asked, and what came of it.
        trail: Trail,
    },
    /// The form where the account signs in does not take its name and password.
    #[error("expected to be signed in, found that the sign-in form does not take name and password")]
    FormRefused,
    /// This Exchange is too new for WebDAV.
    #[error("WebDAV ended with Exchange 2007, found a later one by its {found}")]
    WebdavEnded {
        /// What betrays it.
        found: String,
    },
    /// Any other response code.
    #[error("the server answered `{code}`: {message}")]
    ResponseCode {
        /// The response code.
        code: String,
        /// The server's words, without addresses.
        message: String,
    },
}

/// Why an account cannot sign in, though its password may be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unusable {
    /// It is locked out: too many wrong passwords were tried.
    LockedOut,
    /// It is disabled.
    Disabled,
    /// Its password has expired.
    PasswordExpired,
    /// A sign-in policy of its tenant's stops it: status 456 of Exchange Online.
    Policy,
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LockedOut => "it is locked out",
            Self::Disabled => "it is disabled",
            Self::PasswordExpired => "its password has expired",
            Self::Policy => "a sign-in policy stops it (status 456)",
        })
    }
}

/// What an account may not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Denied {
    /// Read the folder or the mailbox.
    Read,
    /// Act as the mailbox's owner.
    Impersonate,
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read this calendar",
            Self::Impersonate => "impersonate this mailbox",
        })
    }
}

/// Why a subscription is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refused {
    /// This server has none for delegates (Exchange 2007) or for this kind of mailbox.
    NotSupported,
    /// There are too many already.
    TooMany,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotSupported => "not for this account and mailbox",
            Self::TooMany => "there are too many already",
        })
    }
}

impl Error {
    /// How long the server asks to be left alone, where it said so.
    pub fn back_off(&self) -> Option<Duration> {
        match self.problem {
            Problem::Throttled { retry_after: asked, .. } | Problem::ServerBusy { back_off: asked, .. } => {
                asked
            }
            _ => None,
        }
    }

    /// Whether asking for less at once may help.
    pub fn wants_less(&self) -> bool {
        matches!(
            self.problem,
            Problem::ReplyTooLarge { .. } | Problem::RequestRefused { .. } | Problem::TooMuch { .. }
        )
    }
}

/// A trail on one line.
struct Steps<'a>(&'a Trail);

impl fmt::Display for Steps<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, asked) in self.0.0.iter().enumerate() {
            write!(f, "{}{asked}", if number == 0 { "" } else { ", then " })?;
        }
        Ok(())
    }
}

/// Words with commas, or `nothing`.
struct List<'a>(&'a [String]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("no way to sign in");
        }
        write!(f, "`{}`", self.0.join("`, `"))
    }
}
