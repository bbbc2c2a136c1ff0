//! One request to a device, and its whole answer.

use crate::error::{Fault, Place, PushError};
use reqwest::{Client, Method, RequestBuilder, StatusCode, Url, header, redirect};
use std::{error::Error, time::Duration};

use crate::target::HttpSettings;

/// The longest answer that is read: a list of three days' meetings has some 100 KB.
pub(crate) const LONGEST_ANSWER: usize = 1 << 20;

/// A device that is asked over HTTP.
pub(crate) struct Http {
    client: Client,
    place: Place,
    total_timeout: Duration,
}

/// What a device answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    headers: header::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Http {
    pub(crate) fn new(client: Client, place: Place, settings: HttpSettings) -> Self {
        Self { client, place, total_timeout: settings.total_timeout }
    }

    /// What it is called in sentences.
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// A request. A body that is there in full goes out with its length.
    pub(crate) fn request(&self, method: Method, url: Url) -> RequestBuilder {
        self.client.request(method, url).header(header::CONNECTION, "close")
    }

    /// The whole answer to a request, whatever its status.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub(crate) async fn ask(&self, request: RequestBuilder) -> Result<Answer, PushError> {
        let mut response = request.send().await.map_err(|error| self.network(error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.network(error))? {
            body.extend_from_slice(&chunk);
            if body.len() > LONGEST_ANSWER {
                break;
            }
        }
        Ok(Answer { status, headers, body })
    }

    fn network(&self, error: reqwest::Error) -> PushError {
        let timed_out = error.is_timeout() && !error.is_connect();
        let untrusted = causes(&error).any(|cause| {
            cause
                .downcast_ref::<rustls::Error>()
                .is_some_and(|error| matches!(error, rustls::Error::InvalidCertificate(_)))
        });
        let (connecting, source) = (error.is_connect(), Box::new(error.without_url()));
        self.place.error(match () {
            () if untrusted => Fault::Untrusted(source),
            () if connecting => Fault::Unreachable(source),
            () if timed_out => Fault::TimedOut(self.total_timeout),
            () => Fault::BrokenOff(source),
        })
    }

    /// The answer, where its status says that it is one.
    ///
    /// # Errors
    ///
    /// When its status is none of success.
    pub(crate) fn expect_success(&self, answer: Answer, asked: &Url) -> Result<Answer, PushError> {
        let status = answer.status;
        Err(self.place.error(match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Fault::SignInRefused,
            StatusCode::NOT_FOUND => Fault::NotFound,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                Fault::Busy { status: status.as_u16(), wait: answer.retry_after() }
            }
            _ if status.is_redirection() => Fault::Redirected(answer.location(asked)),
            _ if status.is_success() => return Ok(answer),
            _ => Fault::Unexpected { status: status.as_u16(), found: "an error".to_owned() },
        }))
    }
}

impl Answer {
    /// A header, where it is text.
    pub(crate) fn header(&self, name: header::HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The seconds of a Retry-After header, RFC 9110 §10.2.3. A date is not read: the device's clock is not ours.
    fn retry_after(&self) -> Option<Duration> {
        let seconds = self.header(header::RETRY_AFTER)?.trim().parse().ok()?;
        Some(Duration::from_secs(seconds))
    }

    /// Where a redirect leads, reduced to scheme, host and port: the rest is the device's and could be anything.
    fn location(&self, asked: &Url) -> String {
        self.header(header::LOCATION)
            .and_then(|location| asked.join(location).ok())
            .map_or_else(|| "nowhere".to_owned(), |url| url.origin().ascii_serialization())
    }
}

/// An error and what is below it, also inside of what the network hands up.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| {
        let io = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        io.map(|inner| inner as &(dyn Error + 'static)).or_else(|| error.source())
    })
}

/// What every client is made of: it goes nowhere but to the device, so that no redirect and no proxy gets to see a password.
/// A device has few sockets, so that none is kept open, and header names are written as the phones' guide prints them.
pub(crate) fn client(settings: HttpSettings) -> reqwest::ClientBuilder {
    Client::builder()
        .user_agent(concat!("callboard/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(settings.connect_timeout)
        .timeout(settings.total_timeout)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .pool_max_idle_per_host(0)
        .http1_only()
        .http1_title_case_headers()
}

/// An `http` or `https` address without name, password, query or fragment.
pub(crate) fn web_address(text: &str) -> Option<Url> {
    address(text, &["http", "https"])
}

/// An address of one of these schemes without name, password, query or fragment.
pub(crate) fn address(text: &str, schemes: &[&str]) -> Option<Url> {
    let url = Url::parse(text).ok().filter(Url::has_host)?;
    let plain = url.username().is_empty() && url.password().is_none();
    let bare = url.query().is_none() && url.fragment().is_none();
    (schemes.contains(&url.scheme()) && plain && bare).then_some(url)
}

/// An address below a base.
pub(crate) fn below(base: &Url, segments: &[&str]) -> Url {
    let mut url = base.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}
