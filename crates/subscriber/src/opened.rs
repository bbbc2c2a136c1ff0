//! An answer that goes on.

use crate::{
    error::{Error, Place},
    post::headers,
};
use std::time::Duration;
use sync_engine::Unreachable;

/// An answer that has begun, whose body comes as the server likes. Dropping it ends its connection.
#[derive(Debug)]
pub struct Opened {
    /// HTTP status.
    pub status: u16,
    /// Header names and values.
    pub headers: Vec<(String, String)>,
    response: reqwest::Response,
    silence: Duration,
    at: Place,
    operation: &'static str,
}

impl Opened {
    pub(crate) fn new(
        response: reqwest::Response,
        silence: Duration,
        at: Place,
        operation: &'static str,
    ) -> Self {
        let (status, headers) = (response.status().as_u16(), headers(&response));
        Self { status, headers, response, silence, at, operation }
    }

    /// The next bytes of the body as they come, which are not a message; nothing where the body has ended.
    ///
    /// # Errors
    /// When nothing comes for as long as was agreed, or the connection breaks.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, Unreachable> {
        match tokio::time::timeout(self.silence, self.response.chunk()).await {
            Ok(Ok(chunk)) => Ok(chunk.map(Vec::from)),
            Ok(Err(source)) => Err(Error::BrokenOff {
                at: self.at.clone(),
                operation: self.operation,
                source: source.without_url(),
            }
            .into()),
            Err(_) => {
                let (at, operation) = (self.at.clone(), self.operation);
                Err(Error::Silence { at, operation, after: self.silence }.into())
            }
        }
    }
}
