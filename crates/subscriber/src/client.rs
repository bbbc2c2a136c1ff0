//! Asks the servers.

use crate::{
    endpoint::Endpoint,
    error::Error,
    opened::Opened,
    sign_in::SignIn,
    tls::{Trust, certificate::CertificateFacts},
};
use chrono::{DateTime, Utc};
use exchange_wire::Request;
use meeting_model::id::ServerId;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use sync_engine::{Reply, Unreachable};

/// Where a server is and how it is signed in to.
#[derive(Debug, Clone)]
pub struct Server {
    /// Its name in the configuration.
    pub id: ServerId,
    /// The address of its Exchange Web Services.
    pub url: String,
    /// How the account signs in.
    pub sign_in: SignIn,
    /// Whose certificates it may show.
    pub trust: Trust,
    /// How long an answer is waited for.
    pub timeout: Duration,
}

/// Carries requests to Exchange and answers back. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Subscriber {
    endpoints: Arc<BTreeMap<ServerId, Endpoint>>,
}

impl Subscriber {
    /// Makes ready for each server. Nothing is sent. `now` decides whether the authorities that are given are in force.
    ///
    /// # Errors
    /// Where certificates cannot be used, a name cannot sign in, or no HTTP client can be made.
    pub fn new(servers: impl IntoIterator<Item = Server>, now: DateTime<Utc>) -> Result<Self, Error> {
        let endpoints =
            servers.into_iter().map(|server| Ok((server.id.clone(), Endpoint::new(server, now)?)));
        Ok(Self { endpoints: Arc::new(endpoints.collect::<Result<_, Error>>()?) })
    }

    /// Sends one request and reads the whole answer, whatever its status.
    ///
    /// # Errors
    /// Where there is no whole answer: see [`Error`], of which this is the engine's form.
    pub async fn exchange(&self, server: &ServerId, request: &Request) -> Result<Reply, Unreachable> {
        self.ask(server, request).await.map_err(|error| no_answer(server, request, error))
    }

    /// The same for whoever tells one reason from another.
    ///
    /// # Errors
    /// Where there is no whole answer.
    pub async fn ask(&self, server: &ServerId, request: &Request) -> Result<Reply, Error> {
        self.endpoint(server)?.exchange(request).await
    }

    /// Sends one request on a connection of its own, for an answer that goes on for as long as the server likes and is
    /// never silent for longer than `silence` (GetStreamingEvents, [MS-OXWSNTIF] 3.1.4.4).
    ///
    /// # Errors
    /// Where no answer begins: see [`Error`], of which this is the engine's form.
    pub async fn open(
        &self,
        server: &ServerId,
        request: &Request,
        silence: Duration,
    ) -> Result<Opened, Unreachable> {
        let opened = match self.endpoint(server) {
            Ok(endpoint) => endpoint.open(request, silence).await,
            Err(error) => Err(error),
        };
        opened.map_err(|error| no_answer(server, request, error))
    }

    /// What the last certificate says that the server showed and that was accepted; nothing before the first
    /// connection, or over plain HTTP.
    pub fn certificate(&self, server: &ServerId) -> Option<CertificateFacts> {
        self.endpoints.get(server)?.certificate()
    }

    /// The same of every server, with its name.
    pub fn certificates(&self) -> impl Iterator<Item = (&ServerId, CertificateFacts)> {
        self.endpoints.iter().filter_map(|(id, endpoint)| Some((id, endpoint.certificate()?)))
    }

    fn endpoint(&self, server: &ServerId) -> Result<&Endpoint, Error> {
        self.endpoints.get(server).ok_or_else(|| Error::UnknownServer { server: server.to_string() })
    }
}

fn no_answer(server: &ServerId, request: &Request, error: Error) -> Unreachable {
    tracing::debug!(%server, operation = request.operation.name(), %error, "no answer");
    error.into()
}
