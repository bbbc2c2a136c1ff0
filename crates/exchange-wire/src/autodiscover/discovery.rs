//! What to ask next, and whom.

use super::{Ask, Asked, Form, Found, Outcome, Said, Settings, Trail, host, pox, soap};
use crate::http::{Operation, Reply, Request};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, VecDeque};

/// How often we are led on, as every client does it.
const MAX_REDIRECTS: usize = 10;
/// How many hosts may refuse the account: a third refusal could lock it out.
const MAX_REFUSALS: usize = 2;

/// Whom credentials may be shown to besides the hosts of the mailbox's own domain.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Policy {
    /// Domains, each with what is below it: `office365.com`.
    pub domains: Vec<String>,
}

/// A search under way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Discovery {
    policy: Policy,
    address: String,
    /// The domains of the addresses that the mailbox had on the way.
    own: Vec<String>,
    waiting: VecDeque<Question>,
    asked: Option<Question>,
    /// Whom was asked for which address, in lower case.
    seen: BTreeSet<(String, String)>,
    redirects: usize,
    refusals: usize,
    trail: Trail,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Question {
    url: String,
    form: Form,
}

/// What to do next.
#[derive(Debug, Clone)]
pub enum Step {
    /// Ask this, and give what comes of it to the search.
    Ask(Box<Discovery>, Ask),
    /// The services are found.
    Found(Found, Trail),
    /// Nobody knows, or nobody may be asked.
    Failed(Trail),
}

impl Discovery {
    /// Begins to look for the services of a mailbox: at its own domain, and at `autodiscover.` and the domain, each in SOAP
    /// first. No label is ever taken off the domain, and nothing is asked without TLS.
    pub fn begin(address: &str, policy: Policy) -> Step {
        let mut search = Self {
            policy,
            address: address.to_owned(),
            own: Vec::new(),
            waiting: VecDeque::new(),
            asked: None,
            seen: BTreeSet::new(),
            redirects: 0,
            refusals: 0,
            trail: Trail::default(),
        };
        match host::domain(address) {
            Some(domain) => search.start_at(domain),
            None => search.note(address, None, Outcome::NotAllowed { to: address.to_owned() }),
        }
        search.go_on()
    }

    /// Takes the reply to a POST.
    pub fn on_reply(mut self, reply: &Reply<'_>) -> Step {
        let Some(Question { url, form }) = self.asked.take() else { return self.go_on() };
        let said = match (reply.status, form) {
            (200, Form::Soap) => soap::parse(reply.body),
            (200, Form::Pox) => pox::parse(reply.body),
            (301 | 302 | 303 | 307 | 308, _) => {
                Ok(Said::RedirectUrl(reply.header("Location").unwrap_or_default().to_owned()))
            }
            (401, _) => return self.refused(&url, form),
            (status, _) => {
                let why = format!("status {status}");
                self.note(&url, Some(form), Outcome::NotAutodiscover { why });
                return self.go_on();
            }
        };
        let outcome = match said {
            Ok(Said::Settings(settings)) => match self.found(settings) {
                Ok(found) => {
                    self.note(&url, Some(form), Outcome::Found);
                    return Step::Found(found, self.trail);
                }
                Err(outcome) => outcome,
            },
            Ok(Said::RedirectAddress(address)) => self.lead_to_address(address),
            Ok(Said::RedirectUrl(to)) => self.lead_to_url(&to, form),
            Ok(Said::Error { code }) => Outcome::Said { code },
            Err(problem) => Outcome::NotAutodiscover { why: problem.to_string() },
        };
        self.note(&url, Some(form), outcome);
        self.go_on()
    }

    /// Takes the news that nobody answered: a sentence that says why.
    pub fn on_silence(mut self, why: &str) -> Step {
        if let Some(Question { url, form }) = self.asked.take() {
            self.pass_over_host_of(&url);
            self.note(&url, Some(form), Outcome::Silence { why: why.to_owned() });
        }
        self.go_on()
    }

    /// Forgets who was still to be asked, and begins at a domain of the mailbox.
    fn start_at(&mut self, domain: String) {
        self.waiting.clear();
        for host in [domain.clone(), format!("autodiscover.{domain}")] {
            self.ask_host(&host);
        }
        self.own.push(domain);
    }

    fn ask_host(&mut self, host: &str) {
        let url = |page| format!("https://{host}/autodiscover/autodiscover.{page}");
        self.waiting.push_back(Question { url: url("svc"), form: Form::Soap });
        self.waiting.push_back(Question { url: url("xml"), form: Form::Pox });
    }

    /// Asks the next one who was not asked for this address before.
    fn go_on(mut self) -> Step {
        while let Some(question) = self.waiting.pop_front() {
            let seen = self.seen_as(&question.url);
            if !self.seen.insert(seen) {
                continue;
            }
            let ask = self.ask(&question);
            self.asked = Some(question);
            return Step::Ask(Box::new(self), ask);
        }
        Step::Failed(self.trail)
    }

    fn ask(&self, Question { url, form }: &Question) -> Ask {
        let body = match form {
            Form::Soap => soap::request(url, &self.address),
            Form::Pox => pox::request(&self.address),
        };
        let request = Request {
            operation: Operation::Autodiscover,
            path: None,
            headers: vec![("Content-Type", "text/xml; charset=utf-8".to_owned())],
            affinity: None,
            body,
        };
        Ask { url: url.clone(), request }
    }

    /// One refusal is not the last word: what answers at a domain may be its web site. More would lock the account out.
    fn refused(mut self, url: &str, form: Form) -> Step {
        self.note(url, Some(form), Outcome::Unauthorized);
        self.pass_over_host_of(url);
        self.refusals += 1;
        if self.refusals >= MAX_REFUSALS {
            return Step::Failed(self.trail);
        }
        self.go_on()
    }

    fn found(&self, settings: Settings) -> Result<Found, Outcome> {
        let first = settings.ews_urls.first().cloned().ok_or(Outcome::NoService)?;
        let allowed = settings.ews_urls.into_iter().find(|url| self.is_allowed(url));
        Ok(Found {
            ews_url: allowed.ok_or(Outcome::NotAllowed { to: first })?,
            address: self.address.clone(),
            group: settings.group,
            server_version: settings.server_version,
        })
    }

    fn lead_to_address(&mut self, address: String) -> Outcome {
        match host::domain(&address).filter(|domain| self.is_trusted(domain)) {
            None => Outcome::NotAllowed { to: address },
            Some(_) if address.eq_ignore_ascii_case(&self.address) => Outcome::Circle { to: address },
            Some(_) if !self.may_be_led() => Outcome::TooManyRedirects,
            Some(domain) => {
                self.address.clone_from(&address);
                self.start_at(domain);
                Outcome::Led { to: address }
            }
        }
    }

    fn lead_to_url(&mut self, to: &str, form: Form) -> Outcome {
        let path = to.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
        let form = match path.rsplit('.').next() {
            Some("svc") => Form::Soap,
            Some("xml") => Form::Pox,
            _ => form,
        };
        if !self.is_allowed(to) {
            return Outcome::NotAllowed {
                to: super::address(to.split(['?', '#']).next().unwrap_or_default()),
            };
        }
        if self.seen.contains(&self.seen_as(to)) {
            return Outcome::Circle { to: to.to_owned() };
        }
        if !self.may_be_led() {
            return Outcome::TooManyRedirects;
        }
        self.waiting.push_front(Question { url: to.to_owned(), form });
        Outcome::Led { to: to.to_owned() }
    }

    /// Whether we may be led on once more. If not, nobody else is asked.
    fn may_be_led(&mut self) -> bool {
        self.redirects += 1;
        if self.redirects > MAX_REDIRECTS {
            self.waiting.clear();
        }
        self.redirects <= MAX_REDIRECTS
    }

    /// Whether credentials may be shown to the host of this address.
    fn is_allowed(&self, url: &str) -> bool {
        host::of_url(url).is_some_and(|host| self.is_trusted(&host))
    }

    fn is_trusted(&self, host: &str) -> bool {
        self.own.iter().chain(&self.policy.domains).any(|domain| host::is_within(host, domain))
    }

    /// Who does not answer or refuses the account in one form does so in the other.
    fn pass_over_host_of(&mut self, url: &str) {
        let host = host::of_url(url);
        self.waiting.retain(|question| host::of_url(&question.url) != host);
    }

    fn seen_as(&self, whom: &str) -> (String, String) {
        (whom.to_lowercase(), self.address.to_lowercase())
    }

    fn note(&mut self, whom: &str, form: Option<Form>, outcome: Outcome) {
        self.trail.0.push(Asked { whom: whom.to_owned(), form, outcome });
    }
}
