//! Where web services are, for commands that ask without the engine.

use crate::config::ServerConfig;
use exchange_wire::{
    Error, Operation, Problem,
    autodiscover::{Discovery, Step, Trail},
};
use meeting_model::id::ServerId;
use subscriber::{Addressee, Subscriber};
use sync_engine::{
    Unreachable,
    next_step::{self, Verdict},
};

/// Where web services are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Located {
    /// Their address, and who was asked for it; absent where it is configured.
    found: Option<(String, Trail)>,
}

impl Located {
    /// A server's web services here.
    pub(crate) fn of<'a>(&'a self, server: &'a ServerId) -> Addressee<'a> {
        Addressee { server, at: self.found.as_ref().map(|(url, _)| url.as_str()) }
    }

    /// What Autodiscover told, in words.
    pub(crate) fn told(&self) -> Option<String> {
        self.found.as_ref().map(|(url, trail)| told(url, trail))
    }
}

/// Where web services are and who led there, in words.
pub(crate) fn told(url: &str, trail: &Trail) -> String {
    let led: Vec<_> = trail.redirections().map(|to| format!("`{to}`")).collect();
    let led = if led.is_empty() { String::new() } else { format!(", led there by {}", led.join(", ")) };
    format!("Autodiscover says `{url}`{led}")
}

/// Why a mailbox's web services were not found.
#[derive(Debug)]
pub(crate) enum NotLocated {
    /// Nobody says where they are.
    Searched(Error),
    /// Who gives tickets or tokens refuses the account: asking on would only be refused again.
    Refused(subscriber::Error),
}

impl NotLocated {
    /// What it leads to.
    pub(crate) fn verdict(self) -> Verdict {
        match self {
            Self::Searched(error) => next_step::of_error(&error),
            Self::Refused(error) => next_step::of_silence(&error.into()),
        }
    }
}

/// Finds a mailbox's web services, where their address is not configured.
///
/// # Errors
/// Where nobody says where they are, or the account is refused on the way.
pub(crate) async fn locate(
    id: &ServerId,
    server: &ServerConfig,
    subscriber: &Subscriber,
    mailbox: &str,
) -> Result<Located, NotLocated> {
    let Some(policy) = server.address.autodiscover() else { return Ok(Located::default()) };
    let mut step = Discovery::begin(mailbox, policy.clone());
    loop {
        let (search, ask) = match step {
            Step::Ask(search, ask) => (search, ask),
            Step::Found(found, trail) => return Ok(Located { found: Some((found.ews_url, trail)) }),
            Step::Failed(trail) => {
                let problem = Problem::NotLocated { trail };
                return Err(NotLocated::Searched(Error { operation: Operation::Autodiscover, problem }));
            }
        };
        step = match subscriber.discover(id, &ask).await {
            Ok(reply) => search.on_reply(&reply.as_wire()),
            Err(error) if error.refusals() > 0 => return Err(NotLocated::Refused(error)),
            Err(error) => search.on_silence(&Unreachable::from(error).sentence),
        };
    }
}
