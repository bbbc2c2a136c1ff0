//! One HTTP client for each server.

mod authorities;

use crate::{error::Error, sign_in::SignIn};
use authorities::Unusable;
use exchange_wire::Request;
use meeting_model::id::ServerId;
use std::{collections::BTreeMap, time::Duration};
use sync_engine::{Reply, Unreachable};

/// The most that is read of one answer: a page of 512 ids or 50 items stays far below it.
const LARGEST_REPLY: usize = 32 << 20;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Where a server is and how it is signed in to.
#[derive(Debug, Clone)]
pub struct Server {
    /// Its name in the configuration.
    pub id: ServerId,
    /// The address of its Exchange Web Services.
    pub url: String,
    /// How the account signs in.
    pub sign_in: SignIn,
    /// Certificates of authorities to trust in addition to the system's, as PEM or DER.
    pub authorities: Option<Vec<u8>>,
    /// How long an answer is waited for.
    pub timeout: Duration,
}

/// Carries requests to Exchange and answers back. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Subscriber {
    endpoints: BTreeMap<ServerId, Endpoint>,
}

#[derive(Debug, Clone)]
struct Endpoint {
    server: Server,
    host: String,
    client: reqwest::Client,
}

impl Subscriber {
    /// Makes a client for each server. Nothing is sent.
    ///
    /// # Errors
    /// [`Error::Certificates`] where a server's certificates cannot be read, [`Error::Client`] where its client cannot be
    /// made.
    pub fn new(servers: impl IntoIterator<Item = Server>) -> Result<Self, Error> {
        let endpoints = servers.into_iter().map(|server| Ok((server.id.clone(), Endpoint::new(server)?)));
        Ok(Self { endpoints: endpoints.collect::<Result<_, Error>>()? })
    }

    /// Sends one request and reads the whole answer, whatever its status.
    ///
    /// # Errors
    /// Where there is no whole answer: see [`Error`], of which this is the engine's form.
    pub async fn exchange(&self, server: &ServerId, request: &Request) -> Result<Reply, Unreachable> {
        let Some(endpoint) = self.endpoints.get(server) else {
            return Err(Error::UnknownServer { server: server.to_string() }.into());
        };
        endpoint.exchange(request).await.map_err(|error| {
            tracing::debug!(%server, operation = request.operation.name(), %error, "no answer");
            error.into()
        })
    }
}

impl Endpoint {
    fn new(server: Server) -> Result<Self, Error> {
        let name = || server.id.to_string();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("callboard/", env!("CARGO_PKG_VERSION")))
            .http1_only()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(server.timeout)
            .tcp_keepalive(Duration::from_secs(30));
        if let Some(bytes) = &server.authorities {
            let authorities = authorities::read(bytes).map_err(|Unusable { found, source }| {
                Error::Certificates { server: name(), found, source }
            })?;
            let authorities: Result<Vec<_>, _> =
                authorities.iter().map(|der| reqwest::Certificate::from_der(der)).collect();
            builder = builder
                .tls_certs_merge(authorities.map_err(|source| Error::Client { server: name(), source })?);
        }
        let client = builder.build().map_err(|source| Error::Client { server: name(), source })?;
        let host = reqwest::Url::parse(&server.url)
            .ok()
            .and_then(|url| Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?)));
        let host = host.unwrap_or_else(|| server.url.clone());
        Ok(Self { server, host, client })
    }

    async fn exchange(&self, request: &Request) -> Result<Reply, Error> {
        let mut post = self.client.post(&self.server.url).body(request.body.clone());
        for (name, value) in &request.headers {
            post = post.header(*name, value);
        }
        let failed = |source| self.failed(request, source);
        let mut response = self.server.sign_in.sign(post).send().await.map_err(failed)?;
        let headers = response.headers().iter().map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        let mut reply =
            Reply { status: response.status().as_u16(), headers: headers.collect(), body: Vec::new() };
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if reply.body.len() + chunk.len() > LARGEST_REPLY {
                let (server, host) = (self.server.id.to_string(), self.host.clone());
                return Err(Error::TooLarge {
                    server,
                    host,
                    operation: request.operation.name(),
                    limit: LARGEST_REPLY,
                });
            }
            reply.body.extend_from_slice(&chunk);
        }
        Ok(reply)
    }

    fn failed(&self, request: &Request, source: reqwest::Error) -> Error {
        let (server, host) = (self.server.id.to_string(), self.host.clone());
        let operation = request.operation.name();
        // the address may hold what a careless administrator wrote into it
        let source = source.without_url();
        if source.is_connect() {
            Error::Connect { server, host, source }
        } else if source.is_timeout() {
            Error::Timeout { server, host, operation, after: self.server.timeout }
        } else {
            Error::BrokenOff { server, host, operation, source }
        }
    }
}
