//! Asks the servers.

use crate::{
    dated::Hears,
    endpoint::Endpoint,
    error::Error,
    hosts::Hosts,
    opened::Opened,
    sign_in::SignIn,
    tls::{Trust, certificate::CertificateFacts},
};
use chrono::{DateTime, Utc};
use exchange_wire::{Request, autodiscover::Ask};
use meeting_model::id::ServerId;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use sync_engine::{Reply, Unreachable};

/// Where a server is and how it is signed in to.
#[derive(Debug, Clone)]
pub struct Server {
    /// Its name in the configuration.
    pub id: ServerId,
    /// The address of its Exchange Web Services; absent where Autodiscover tells it.
    pub url: Option<String>,
    /// How the account signs in.
    pub sign_in: SignIn,
    /// Whose certificates it may show.
    pub trust: Trust,
    /// How long an answer is waited for.
    pub timeout: Duration,
}

/// Whom a request is for.
#[derive(Debug, Clone, Copy)]
pub struct Addressee<'a> {
    /// The server, as whose account is signed in.
    pub server: &'a ServerId,
    /// The address of the web services; absent: the one that is configured.
    pub at: Option<&'a str>,
}

impl<'a> From<&'a ServerId> for Addressee<'a> {
    fn from(server: &'a ServerId) -> Self {
        Self { server, at: None }
    }
}

/// Carries requests to Exchange and answers back. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Subscriber {
    servers: Arc<BTreeMap<ServerId, Hosts>>,
}

impl Subscriber {
    /// Makes ready for each server. Nothing is sent. `now` decides whether the authorities that are given are in force.
    ///
    /// # Errors
    /// Where certificates cannot be used, a name cannot sign in, or no HTTP client can be made.
    pub fn new(servers: impl IntoIterator<Item = Server>, now: DateTime<Utc>) -> Result<Self, Error> {
        let servers = servers.into_iter().map(|server| Ok((server.id.clone(), Hosts::new(server, now)?)));
        Ok(Self { servers: Arc::new(servers.collect::<Result<_, Error>>()?) })
    }

    /// Sends one request and reads the whole answer, whatever its status.
    ///
    /// # Errors
    /// Where there is no whole answer: see [`Error`], of which this is the engine's form.
    pub async fn exchange(
        &self,
        to: impl Into<Addressee<'_>>,
        request: &Request,
    ) -> Result<Reply, Unreachable> {
        let to = to.into();
        self.ask(to, request).await.map_err(|error| no_answer(to.server, request, error))
    }

    /// The same for whoever tells one reason from another.
    ///
    /// # Errors
    /// Where there is no whole answer.
    pub async fn ask(&self, to: impl Into<Addressee<'_>>, request: &Request) -> Result<Reply, Error> {
        let (endpoint, url) = self.find(to.into())?;
        endpoint.exchange(&url, request).await
    }

    /// Asks somebody where web services are, as the account of a server. The account's name and password are shown to who asks
    /// for them in the configured way, and to nobody else: whoever answers at a domain may be its web site.
    ///
    /// # Errors
    /// Where there is no whole answer.
    pub async fn discover(&self, server: &ServerId, ask: &Ask) -> Result<Reply, Error> {
        let endpoint = self.hosts(server)?.endpoint(&ask.url)?;
        endpoint.discover(&ask.url, &ask.request).await
    }

    /// Sends one request on a connection of its own, for an answer that goes on for as long as the server likes and is
    /// never silent for longer than `silence` (GetStreamingEvents, [MS-OXWSNTIF] 3.1.4.4).
    ///
    /// # Errors
    /// Where no answer begins: see [`Error`], of which this is the engine's form.
    pub async fn open(
        &self,
        to: impl Into<Addressee<'_>>,
        request: &Request,
        silence: Duration,
    ) -> Result<Opened, Unreachable> {
        let to = to.into();
        let opened = match self.find(to) {
            Ok((endpoint, url)) => endpoint.open(&url, request, silence).await,
            Err(error) => Err(error),
        };
        opened.map_err(|error| no_answer(to.server, request, error))
    }

    /// From now on `hears` is told of every reply that says what time it is at its server, before anybody reads it. Whoever was
    /// the first to be told stays the only one.
    pub fn tell_dates(&self, hears: &Arc<Hears>) {
        for hosts in self.servers.values() {
            hosts.ear().open(Arc::clone(hears));
        }
    }

    /// What the last certificate says that the server showed and that was accepted; nothing before the first
    /// connection, or over plain HTTP.
    pub fn certificate(&self, server: &ServerId) -> Option<CertificateFacts> {
        self.servers.get(server)?.certificate()
    }

    /// The same of every server, with its name.
    pub fn certificates(&self) -> impl Iterator<Item = (&ServerId, CertificateFacts)> {
        self.servers.iter().filter_map(|(id, hosts)| Some((id, hosts.certificate()?)))
    }

    fn hosts(&self, server: &ServerId) -> Result<&Hosts, Error> {
        self.servers.get(server).ok_or_else(|| Error::UnknownServer { server: server.to_string() })
    }

    fn find(&self, to: Addressee<'_>) -> Result<(Arc<Endpoint>, String), Error> {
        let hosts = self.hosts(to.server)?;
        let url = to.at.or(hosts.url()).ok_or_else(|| Error::NoAddress { server: to.server.to_string() })?;
        Ok((hosts.endpoint(url)?, url.to_owned()))
    }
}

fn no_answer(server: &ServerId, request: &Request, error: Error) -> Unreachable {
    tracing::debug!(%server, operation = request.operation.name(), %error, "no answer");
    error.into()
}
