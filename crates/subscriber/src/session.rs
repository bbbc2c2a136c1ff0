//! Connections that are signed in as a whole: which of them are idle, and how one is signed in.
//!
//! A sign-in is one attempt. Where the server refuses it, its answer is handed on; whether there is another attempt is
//! not decided here. The only sign-in that follows a 401 at once is that of a connection whose own was accepted before:
//! servers forget it, and those that sign in every request (Kerberos by IIS's default) never remember.

use crate::{
    endpoint::built,
    error::Error,
    one_connection::with_one_connection,
    post::Post,
    sign_in::{Account, ConnectionScheme, handshake::Turns, ntlm},
};
use reqwest::{Client, ClientBuilder, Response, StatusCode, tls::TlsInfo};
use sspi::AuthIdentity;
use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use sync_engine::Reply;
use tokio::time::Instant;

/// How long a connection may be idle: servers close theirs after two minutes.
const IDLE: Duration = Duration::from_mins(1);

/// One server's connections, and how they are signed in.
#[derive(Debug)]
pub(crate) struct Connections {
    pub(crate) identity: AuthIdentity,
    pub(crate) scheme: ConnectionScheme,
    pub(crate) turns: Turns,
    /// Whether the server wants each request signed in, though the connection was.
    each_request: AtomicBool,
    idle: Mutex<Vec<Session>>,
}

impl Connections {
    pub(crate) fn new(account: &Account, scheme: ConnectionScheme, server: &str) -> Result<Self, Error> {
        let identity = account.identity();
        let identity = identity.map_err(|source| Error::Username { server: server.to_owned(), source })?;
        let (turns, each_request, idle) = (Turns::default(), AtomicBool::new(false), Mutex::default());
        Ok(Self { identity, scheme, turns, each_request, idle })
    }

    /// The connection that was used last, where there is one that nobody uses.
    pub(crate) fn take_idle(&self) -> Option<Session> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|session| session.used.elapsed() < IDLE);
        idle.pop()
    }

    /// Reads an answer to its end, and keeps its connection for others if it is signed in.
    pub(crate) async fn put_back_after(
        &self,
        mut session: Session,
        post: &Post<'_>,
        response: Response,
    ) -> Result<Reply, Error> {
        let reply = post.read(response).await?;
        if session.signed_in {
            session.used = Instant::now();
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(session);
        }
        Ok(reply)
    }
}

/// One connection.
#[derive(Debug)]
pub(crate) struct Session {
    client: Client,
    greeted: bool,
    signed_in: bool,
    used: Instant,
    certificate: Option<Vec<u8>>,
}

impl Session {
    pub(crate) fn new(server: &str, client: ClientBuilder) -> Result<Self, Error> {
        let client = built(server, with_one_connection(client))?;
        Ok(Self { client, greeted: false, signed_in: false, used: Instant::now(), certificate: None })
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Sends one request, signed in.
    pub(crate) async fn post(&mut self, post: &Post<'_>, with: &Connections) -> Result<Response, Error> {
        if self.signed_in && !with.each_request.load(Ordering::Relaxed) {
            let response = post.send(&self.client, None).await?;
            if response.status() != StatusCode::UNAUTHORIZED {
                return Ok(response);
            }
            post.drain(response).await?;
            if let ConnectionScheme::Negotiate(_) = with.scheme {
                with.each_request.store(true, Ordering::Relaxed);
            }
        }
        self.signed_in = false;
        match &with.scheme {
            ConnectionScheme::Ntlm => ntlm::sign_in(self, post, with).await,
            ConnectionScheme::Negotiate(negotiate) => negotiate.sign_in(self, post, with).await,
        }
    }

    /// Takes the server's first answer on this connection: it tells the certificate.
    pub(crate) fn greeted(&mut self, response: &Response) {
        let shown = response.extensions().get::<TlsInfo>().and_then(TlsInfo::peer_certificate);
        self.certificate = shown.map(<[u8]>::to_vec);
        self.greeted = true;
    }

    /// Takes the answer to the last message of a sign-in, and tells those who wait where it is a refusal.
    pub(crate) fn judged(&mut self, response: &Response, with: &Connections) {
        self.signed_in = response.status() != StatusCode::UNAUTHORIZED;
        if !self.signed_in {
            with.turns.refused();
        }
    }

    /// The certificate of the connection, in DER; none before the first answer, and over plain HTTP.
    pub(crate) fn certificate(&self) -> Option<&[u8]> {
        self.certificate.as_deref()
    }

    /// Whether the server has answered on this connection.
    pub(crate) fn is_greeted(&self) -> bool {
        self.greeted
    }
}
