//! One host: how its connections are made and signed in.

use crate::{
    cookies::Cookies,
    dated::Ear,
    error::{Error, Place},
    hosts::Credentials,
    opened::Opened,
    post::{Patience, Post},
    session::{Connections, Session},
    sign_in::{
        Account, ConnectionScheme, form,
        handshake::{self, offer, offers_others},
        oauth2::Tokens,
    },
    tls::Tls,
};
use exchange_wire::Request;
use reqwest::{Client, ClientBuilder, Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use sync_engine::Reply;
use tokio::time::Instant;

const BASIC: &str = "Basic";

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// One host.
#[derive(Debug)]
pub(crate) struct Endpoint {
    place: Place,
    timeout: Duration,
    tls: Tls,
    cookies: Cookies,
    ear: Ear,
    way: Way,
}

/// What is signed in.
#[derive(Debug)]
enum Way {
    /// Every request, with name and password. A server that was found not to offer that is asked without them first.
    Basic { client: Client, authorization: SecretString, not_offered: AtomicBool },
    /// Every request, with a token.
    Bearer { client: Client, tokens: Arc<Tokens> },
    /// Every room, by a form's cookies.
    Form { client: Client, account: Account },
    /// Every connection.
    Connection(Connections),
}

impl Endpoint {
    pub(crate) fn new(
        credentials: &Credentials,
        tls: &Tls,
        place: Place,
        host: &str,
        timeout: Duration,
    ) -> Result<Self, Error> {
        let name = &place.server;
        let client = || built(name, client(tls));
        let way = match credentials {
            Credentials::Basic(authorization) => {
                let not_offered = AtomicBool::new(false);
                Way::Basic { client: client()?, authorization: authorization.clone(), not_offered }
            }
            Credentials::Form(account) => Way::Form { client: client()?, account: account.clone() },
            Credentials::Tokens(tokens) => Way::Bearer { client: client()?, tokens: Arc::clone(tokens) },
            Credentials::Ntlm(account) => {
                Way::Connection(Connections::new(account, ConnectionScheme::Ntlm, name)?)
            }
            Credentials::Kerberos(account, kerberos) => {
                let scheme = ConnectionScheme::Negotiate(kerberos.of(host));
                Way::Connection(Connections::new(account, scheme, name)?)
            }
        };
        let (cookies, ear) = (Cookies::default(), Ear::default());
        Ok(Self { place, timeout, tls: tls.clone(), cookies, ear, way })
    }

    /// The same, whose clock is heard of.
    pub(crate) fn heard_by(self, ear: Ear) -> Self {
        Self { ear, ..self }
    }

    /// Tells what a reply to what was sent then says of the time.
    pub(crate) fn dated(&self, response: &Response, sent: Instant) {
        self.ear.hear(&self.place.server, response, sent);
    }

    pub(crate) fn place(&self) -> Place {
        self.place.clone()
    }

    pub(crate) fn cookies(&self) -> &Cookies {
        &self.cookies
    }

    /// A connection of its own.
    pub(crate) fn session(&self) -> Result<Session, Error> {
        Session::new(&self.place.server, client(&self.tls))
    }

    /// Sends one request and reads the whole answer.
    pub(crate) async fn exchange(&self, url: &str, request: &Request) -> Result<Reply, Error> {
        let post = Post { endpoint: self, url, request, patience: Patience::Whole(self.timeout) };
        let connections = match &self.way {
            Way::Basic { client, authorization, not_offered } => {
                return post.read(basic(&post, client, authorization, not_offered).await?).await;
            }
            Way::Bearer { client, tokens } => return post.read(bearer(&post, client, tokens).await?).await,
            Way::Form { client, account } => return form::exchange(&post, client, account).await,
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

    /// Sends one request, signed in where a sign-in is asked for in this way.
    pub(crate) async fn discover(&self, url: &str, request: &Request) -> Result<Reply, Error> {
        let (client, scheme) = match &self.way {
            Way::Basic { client, .. } => (client, BASIC),
            Way::Bearer { client, .. } => (client, "Bearer"),
            // a sign-in of a connection tells nothing before it is asked for
            Way::Form { .. } | Way::Connection(_) => return self.exchange(url, request).await,
        };
        let post = Post { endpoint: self, url, request, patience: Patience::Whole(self.timeout) };
        let response = post.send(client, None).await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return post.read(response).await;
        }
        offer(&response, scheme).ok_or_else(|| handshake::not_offered(&post, &response, scheme))?;
        post.drain(response).await?;
        self.exchange(url, request).await
    }

    /// Sends one request on a connection of its own.
    pub(crate) async fn open(
        &self,
        url: &str,
        request: &Request,
        silence: Duration,
    ) -> Result<Opened, Error> {
        let post = Post { endpoint: self, url, request, patience: Patience::Silence(silence) };
        let mut session = self.session()?;
        let response = match &self.way {
            Way::Basic { authorization, not_offered, .. } => {
                basic(&post, session.client(), authorization, not_offered).await?
            }
            Way::Bearer { tokens, .. } => bearer(&post, session.client(), tokens).await?,
            Way::Form { client, .. } => post.send(client, None).await?,
            Way::Connection(connections) => session.post(&post, connections).await?,
        };
        Ok(Opened::new(response, silence, self.place(), request.operation.name()))
    }
}

/// Sends a request with name and password, as servers take them unasked. One that refuses them and offers other ways only does not
/// say that they are wrong: it is not shown them again before it offers this one.
async fn basic(
    post: &Post<'_>,
    client: &Client,
    authorization: &SecretString,
    not_offered: &AtomicBool,
) -> Result<Response, Error> {
    let judge = |response: &Response| {
        let refuses = response.status() == StatusCode::UNAUTHORIZED && offers_others(response, BASIC);
        not_offered.store(refuses, Ordering::Relaxed);
        if refuses { Err(handshake::not_offered(post, response, BASIC)) } else { Ok(()) }
    };
    if not_offered.load(Ordering::Relaxed) {
        let response = post.send_empty(client, None).await?;
        judge(&response)?;
        post.drain(response).await?;
    }
    let response = post.send(client, Some(authorization.expose_secret())).await?;
    judge(&response)?;
    Ok(response)
}

/// Sends a request with a token. A token that is refused is not used again: the next request fetches another.
async fn bearer(post: &Post<'_>, client: &Client, tokens: &Tokens) -> Result<Response, Error> {
    let authorization = tokens.authorization(&post.endpoint.place).await?;
    let response = post.send(client, Some(authorization.expose_secret())).await?;
    if response.status() == StatusCode::UNAUTHORIZED {
        tokens.forget(&authorization).await;
    }
    Ok(response)
}

/// HTTP/1.1 over this server's TLS. Redirections are not followed: they would take the credentials along.
pub(crate) fn client(tls: &Tls) -> ClientBuilder {
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
