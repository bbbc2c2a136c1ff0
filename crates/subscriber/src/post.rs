//! One HTTP POST, and what goes wrong with it.

use crate::{
    endpoint::Endpoint,
    error::{Error, Untrusted},
    one_connection::ConnectionGone,
    proxy::Proxy,
};
use exchange_wire::Request;
use reqwest::{Client, Response, header};
use rustls::CertificateError;
use std::{borrow::Cow, error::Error as StdError, io, time::Duration};
use sync_engine::Reply;
use tokio::time::Instant;

/// The most that is read of one answer: a page of 512 ids or 50 items stays far below it.
const LARGEST_REPLY: usize = 32 << 20;

/// How long an answer is waited for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Patience {
    /// For all of it.
    Whole(Duration),
    /// For each sign of life.
    Silence(Duration),
}

/// One request, as it is sent to one host.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Post<'a> {
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) url: &'a str,
    pub(crate) request: &'a Request,
    pub(crate) patience: Patience,
}

impl Post<'_> {
    /// Sends the request, with what signs it in.
    pub(crate) async fn send(&self, client: &Client, authorization: Option<&str>) -> Result<Response, Error> {
        self.deliver(client, authorization, self.request.body.clone()).await
    }

    /// Sends the request without its body, which a server that wants a sign-in first does not read.
    pub(crate) async fn send_empty(
        &self,
        client: &Client,
        authorization: Option<&str>,
    ) -> Result<Response, Error> {
        self.deliver(client, authorization, String::new()).await
    }

    async fn deliver(
        &self,
        client: &Client,
        authorization: Option<&str>,
        body: String,
    ) -> Result<Response, Error> {
        let method = reqwest::Method::from_bytes(self.request.operation.method().name().as_bytes());
        let method = method.expect("the names of methods are tokens");
        let mut post = client.request(method, self.address().as_ref()).body(body);
        for (name, value) in &self.request.headers {
            post = post.header(*name, value);
        }
        if let Some(cookies) = self.affinity().and_then(|group| self.endpoint.cookies().header(group)) {
            post = post.header(header::COOKIE, cookies);
        }
        if let Some(authorization) = authorization {
            let mut value =
                header::HeaderValue::from_str(authorization).expect("base64 and names of schemes");
            value.set_sensitive(true);
            post = post.header(header::AUTHORIZATION, value);
        }
        let began = Instant::now();
        let sent = match self.patience {
            Patience::Whole(time) => post.timeout(time).send().await,
            Patience::Silence(time) => match tokio::time::timeout(time, post.send()).await {
                Ok(sent) => sent,
                Err(_) => return Err(self.silent(time)),
            },
        };
        let response = sent.map_err(|source| self.failed(source))?;
        self.endpoint.dated(&response, began);
        if let Some(group) = self.affinity() {
            let cookies = response.headers().get_all(header::SET_COOKIE);
            for cookie in cookies.iter().filter_map(|cookie| cookie.to_str().ok()) {
                self.endpoint.cookies().set(group, cookie);
            }
        }
        Ok(response)
    }

    /// Reads a whole answer.
    pub(crate) async fn read(&self, mut response: Response) -> Result<Reply, Error> {
        let mut reply =
            Reply { status: response.status().as_u16(), headers: headers(&response), body: Vec::new() };
        while let Some(chunk) = self.chunk(&mut response).await? {
            if reply.body.len() + chunk.len() > LARGEST_REPLY {
                return Err(Error::TooLarge {
                    at: self.endpoint.place(),
                    operation: self.request.operation.name(),
                    limit: LARGEST_REPLY,
                });
            }
            reply.body.extend_from_slice(&chunk);
        }
        Ok(reply)
    }

    /// Reads an answer to its end, so that its connection can be used again.
    pub(crate) async fn drain(&self, response: Response) -> Result<(), Error> {
        self.read(response).await.map(drop)
    }

    async fn chunk(&self, response: &mut Response) -> Result<Option<Vec<u8>>, Error> {
        let chunk = match self.patience {
            Patience::Whole(_) => response.chunk().await,
            Patience::Silence(time) => match tokio::time::timeout(time, response.chunk()).await {
                Ok(chunk) => chunk,
                Err(_) => return Err(self.silent(time)),
            },
        };
        Ok(chunk.map_err(|source| self.failed(source))?.map(Vec::from))
    }

    /// Where it is sent to: a path of its own is one of the same host.
    fn address(&self) -> Cow<'_, str> {
        let Some(path) = &self.request.path else { return Cow::Borrowed(self.url) };
        let host = self.url.split_once("://").and_then(|(_, rest)| rest.find('/'));
        let scheme = self.url.find("://").map_or(0, |at| at + 3);
        let origin = self.url.get(..host.map_or(self.url.len(), |host| scheme + host)).unwrap_or_default();
        Cow::Owned(format!("{origin}{path}"))
    }

    fn affinity(&self) -> Option<&str> {
        self.request.affinity.as_deref()
    }

    fn silent(&self, after: Duration) -> Error {
        Error::Silence { at: self.endpoint.place(), operation: self.request.operation.name(), after }
    }

    fn failed(&self, source: reqwest::Error) -> Error {
        let (at, operation) = (self.endpoint.place(), self.request.operation.name());
        // the address may hold what a careless administrator wrote into it
        let source = source.without_url();
        if let Some(untrusted) = untrusted(&source) {
            return Error::Untrusted { at, untrusted: Box::new(untrusted) };
        }
        let tls = beneath(&source, |cause| cause.downcast_ref::<rustls::Error>().cloned());
        if let Some(tls) = tls.filter(|_| source.is_connect()) {
            return Error::Tls { at, source: tls };
        }
        if beneath(&source, |cause| cause.downcast_ref::<ConnectionGone>().map(drop)).is_some() {
            return Error::ConnectionGone { at };
        }
        match self.patience {
            _ if format!("{source:?}").contains("ProxyAuthRequired") => Error::ProxySignIn { at },
            _ if source.is_connect() => match Proxy::before(self.url) {
                Some(proxy) => Error::ThroughProxy { at, proxy, source },
                None => Error::Connect { at, source },
            },
            // the HTTP library's own error is not ours to name
            _ if format!("{source:?}").contains("Parse(Version)") => Error::NotHttp { at, source },
            _ if is_flooded(&source) => Error::HeadersTooLarge { at, operation },
            Patience::Whole(after) if source.is_timeout() => Error::Timeout { at, operation, after },
            _ => Error::BrokenOff { at, operation, source },
        }
    }
}

/// Every header, in order.
pub(crate) fn headers(response: &Response) -> Vec<(String, String)> {
    let said = |(name, value): (&header::HeaderName, &header::HeaderValue)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    response.headers().iter().map(said).collect()
}

/// Whether an answer began with more headers than are read.
pub(crate) fn is_flooded(error: &reqwest::Error) -> bool {
    let too_large = |cause: &hyper::Error| cause.is_parse_too_large().then_some(());
    beneath(error, |cause| cause.downcast_ref::<hyper::Error>().and_then(too_large)).is_some()
}

/// What our verifier said of the server's certificate.
fn untrusted(error: &reqwest::Error) -> Option<Untrusted> {
    beneath(error, |cause| match cause.downcast_ref::<rustls::Error>()? {
        rustls::Error::InvalidCertificate(CertificateError::Other(other)) => {
            other.0.downcast_ref::<Untrusted>().cloned()
        }
        _ => None,
    })
}

/// The first find among the causes of an error, which the HTTP library wraps several times.
fn beneath<T>(error: &reqwest::Error, find: impl Fn(&(dyn StdError + 'static)) -> Option<T>) -> Option<T> {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(found) = find(error) {
            return Some(found);
        }
        // an I/O error passes over the error in it when asked for its source
        cause = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}
