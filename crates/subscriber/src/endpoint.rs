//! One server: how its connections are made and signed in.

use crate::{
    client::Server,
    cookies::Cookies,
    error::{Error, Place},
    opened::Opened,
    post::{Patience, Post},
    session::{Connections, Session},
    sign_in::{ConnectionScheme, SignIn, basic, negotiate::Negotiate, oauth2::Tokens},
    tls::{Tls, certificate::CertificateFacts},
};
use chrono::{DateTime, Utc};
use exchange_wire::Request;
use reqwest::{Client, ClientBuilder, Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;
use sync_engine::Reply;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// One server.
#[derive(Debug)]
pub(crate) struct Endpoint {
    place: Place,
    url: String,
    timeout: Duration,
    tls: Tls,
    cookies: Cookies,
    way: Way,
}

/// What is signed in.
#[derive(Debug)]
enum Way {
    /// Every request, with name and password.
    Basic { client: Client, authorization: SecretString },
    /// Every request, with a token.
    Bearer { client: Client, tokens: Tokens },
    /// Every connection.
    Connection(Connections),
}

impl Endpoint {
    pub(crate) fn new(server: Server, now: DateTime<Utc>) -> Result<Self, Error> {
        let name = server.id.to_string();
        let url = reqwest::Url::parse(&server.url).ok();
        let host = url.as_ref().and_then(|url| url.host_str()).unwrap_or(&server.url).to_owned();
        let port = url.as_ref().and_then(reqwest::Url::port_or_known_default);
        let address = port.map_or_else(|| host.clone(), |port| format!("{host}:{port}"));
        let place = Place { server: name.clone(), host: address };
        let tls = Tls::new(&name, &server.trust, now)?;
        let client = |tls: &Tls| built(&name, client(tls));
        let connections = |account, scheme| Connections::new(account, scheme, &name);
        let way = match server.sign_in {
            SignIn::Basic(account) => {
                Way::Basic { client: client(&tls)?, authorization: basic::authorization(&account) }
            }
            SignIn::Ntlm(account) => Way::Connection(connections(&account, ConnectionScheme::Ntlm)?),
            SignIn::Negotiate { account, kdc } => {
                let negotiate = Negotiate::new(&account, kdc, &host);
                Way::Connection(connections(&account, ConnectionScheme::Negotiate(negotiate))?)
            }
            SignIn::OAuth2(credentials) => {
                // The token endpoint is another server, with a certificate of its own.
                let others = Tls::new(&name, &server.trust.of_others(), now)?;
                let tokens = Tokens::new(credentials, client(&others)?, place.clone(), server.timeout);
                Way::Bearer { client: client(&tls)?, tokens }
            }
        };
        let Server { url, timeout, .. } = server;
        Ok(Self { place, url, timeout, tls, cookies: Cookies::default(), way })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn place(&self) -> Place {
        self.place.clone()
    }

    pub(crate) fn cookies(&self) -> &Cookies {
        &self.cookies
    }

    pub(crate) fn certificate(&self) -> Option<CertificateFacts> {
        self.tls.certificate()
    }

    /// A connection of its own.
    pub(crate) fn session(&self) -> Result<Session, Error> {
        Session::new(&self.place.server, client(&self.tls))
    }

    /// Sends one request and reads the whole answer.
    pub(crate) async fn exchange(&self, request: &Request) -> Result<Reply, Error> {
        let post = Post { endpoint: self, request, patience: Patience::Whole(self.timeout) };
        let connections = match &self.way {
            Way::Basic { client, authorization } => {
                return post.read(post.send(client, Some(authorization.expose_secret())).await?).await;
            }
            Way::Bearer { client, tokens } => return post.read(bearer(&post, client, tokens).await?).await,
            Way::Connection(connections) => connections,
        };
        while let Some(mut session) = connections.take_idle() {
            match session.post(&post, connections).await {
                // It was closed while nobody used it: nothing was sent.
                Err(Error::ConnectionGone { .. }) => {}
                response => return connections.put_back_after(session, &post, response?).await,
            }
        }
        let mut session = self.session()?;
        let response = session.post(&post, connections).await?;
        connections.put_back_after(session, &post, response).await
    }

    /// Sends one request on a connection of its own.
    pub(crate) async fn open(&self, request: &Request, silence: Duration) -> Result<Opened, Error> {
        let post = Post { endpoint: self, request, patience: Patience::Silence(silence) };
        let mut session = self.session()?;
        let response = match &self.way {
            Way::Basic { authorization, .. } => {
                post.send(session.client(), Some(authorization.expose_secret())).await?
            }
            Way::Bearer { tokens, .. } => bearer(&post, session.client(), tokens).await?,
            Way::Connection(connections) => session.post(&post, connections).await?,
        };
        Ok(Opened::new(response, silence, self.place(), request.operation.name()))
    }
}

/// Sends a request with a token. A token that is refused is not used again: the next request fetches another.
async fn bearer(post: &Post<'_>, client: &Client, tokens: &Tokens) -> Result<Response, Error> {
    let authorization = tokens.authorization().await?;
    let response = post.send(client, Some(authorization.expose_secret())).await?;
    if response.status() == StatusCode::UNAUTHORIZED {
        tokens.forget(&authorization).await;
    }
    Ok(response)
}

/// HTTP/1.1 over this server's TLS. Redirections are not followed: they would take the credentials along.
fn client(tls: &Tls) -> ClientBuilder {
    Client::builder()
        .tls_backend_preconfigured(tls.config())
        .tls_info(true)
        .user_agent(concat!("callboard/", env!("CARGO_PKG_VERSION")))
        .http1_only()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .tcp_keepalive(Duration::from_secs(30))
}

pub(crate) fn built(server: &str, client: ClientBuilder) -> Result<Client, Error> {
    client.build().map_err(|source| Error::Client { server: server.to_owned(), source })
}
