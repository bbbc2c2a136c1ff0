//! Cisco Unified IP phones: `POST /CGI/Execute` tells the phone to fetch its room's page from the feed.
//!
//! Cisco Unified IP Phone Services Application Development Notes 7.1, chapters 3 and 5. The push is indirect: it takes
//! at most 512 bytes, which is too little for a day, so that it holds one address and the phone fetches the rest.

mod execute;
mod reply;

use crate::{
    adapter::{Adapter, Delivery},
    error::{PushError, SetupError},
    push::{DeviceTarget, web_address},
};
use meeting_model::{display::Present, id::DeviceId};
use reply::Reply;
use reqwest::{Client, Response, StatusCode, Url, header};
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;

/// The longest answer that is read: a real one has some 300 bytes.
const LONGEST_ANSWER: usize = 16 * 1024;

/// One phone.
pub(crate) struct CiscoIpPhone {
    http: Client,
    address: String,
    execute: Url,
    body: String,
    username: String,
    password: SecretString,
    total_timeout: Duration,
}

impl CiscoIpPhone {
    /// A phone that shows its room's page of the feed.
    ///
    /// # Errors
    ///
    /// When its address is not one, or the page's address does not fit a push.
    pub(crate) fn new(
        device: &DeviceId,
        target: DeviceTarget,
        feed: &Url,
        http: Client,
        total_timeout: Duration,
    ) -> Result<Self, SetupError> {
        let mut execute =
            web_address(&target.url).ok_or_else(|| SetupError::DeviceUrl { device: device.clone() })?;
        if execute.path() == "/" {
            execute.set_path("/CGI/Execute");
        }
        Ok(Self {
            http,
            address: execute.origin().ascii_serialization(),
            execute,
            body: execute::form(feed, &target.room)?,
            username: target.username,
            password: target.password,
            total_timeout,
        })
    }

    async fn execute(&self, body: String) -> Result<(StatusCode, Reply), PushError> {
        let request = self
            .http
            .post(self.execute.clone())
            .basic_auth(&self.username, Some(self.password.expose_secret()))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::CONNECTION, "close")
            // A body that is there in full goes out with its length: phones answer 404 to a chunked one.
            .body(body);
        let response = request.send().await.map_err(|error| self.network(error))?;
        let status = response.status();
        self.expect_success(&response)?;
        let reply = self.read(response).await?;
        Ok((status, Reply::parse(&reply)))
    }

    async fn open_page(&self) -> Result<(), PushError> {
        let (status, reply) = self.execute(self.body.clone()).await?;
        self.expect_opened(status, reply)
    }

    async fn close_page(&self) -> Result<(), PushError> {
        let (status, reply) = self.execute(execute::farewell()).await?;
        match reply {
            // it has understood: where there is nothing to close, or the model closes nothing so, asking again helps nobody
            Reply::NotOpened { .. } => Ok(()),
            reply => self.expect_opened(status, reply),
        }
    }

    fn expect_success(&self, response: &Response) -> Result<(), PushError> {
        let phone = self.address.clone();
        let status = response.status();
        Err(match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => PushError::SignInRefused { phone },
            StatusCode::NOT_FOUND => PushError::NoExecute { phone },
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                PushError::Busy { phone, status: status.as_u16(), wait: retry_after(response) }
            }
            _ if status.is_redirection() => {
                PushError::Redirected { phone, location: self.location(response) }
            }
            _ if status.is_success() => return Ok(()),
            _ => PushError::NotAPhone { phone, status: status.as_u16(), found: "an error".to_owned() },
        })
    }

    async fn read(&self, mut response: Response) -> Result<Vec<u8>, PushError> {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.network(error))? {
            body.extend_from_slice(&chunk);
            if body.len() > LONGEST_ANSWER {
                break;
            }
        }
        Ok(body)
    }

    fn expect_opened(&self, status: StatusCode, reply: Reply) -> Result<(), PushError> {
        let phone = self.address.clone();
        match reply {
            Reply::Opened => Ok(()),
            Reply::NotOpened { status, data } => Err(PushError::NotOpened { phone, status, data }),
            Reply::Error(4) => Err(PushError::SignInRefused { phone }),
            Reply::Error(number) => Err(PushError::Rejected { phone, number }),
            Reply::Foreign(found) => Err(PushError::NotAPhone { phone, status: status.as_u16(), found }),
        }
    }

    fn network(&self, error: reqwest::Error) -> PushError {
        let phone = self.address.clone();
        if error.is_connect() {
            PushError::Unreachable { phone, source: error.without_url() }
        } else if error.is_timeout() {
            PushError::TimedOut { phone, after: self.total_timeout }
        } else {
            PushError::BrokenOff { phone, source: error.without_url() }
        }
    }

    /// Where a redirect leads, reduced to scheme, host and port: the rest is the phone's and could be anything.
    fn location(&self, response: &Response) -> String {
        response
            .headers()
            .get(header::LOCATION)
            .and_then(|location| location.to_str().ok())
            .and_then(|location| self.execute.join(location).ok())
            .map_or_else(|| "nowhere".to_owned(), |url| url.origin().ascii_serialization())
    }
}

impl Adapter for CiscoIpPhone {
    /// The phone fetches the present from the feed: the push only says that there is something to fetch.
    fn deliver<'a>(&'a self, _present: &'a Present) -> Delivery<'a> {
        Box::pin(self.open_page())
    }

    /// The page is closed: what it showed is gone, and it fetches itself no more.
    fn empty(&self) -> Delivery<'_> {
        Box::pin(self.close_page())
    }
}

/// The seconds of a Retry-After header, RFC 9110 §10.2.3. A date is not read: the phone's clock is not ours.
fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}
