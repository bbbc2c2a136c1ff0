//! One connection of somebody who pushes.

use super::{Answer, Limits, Pushed};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{CONNECTION, CONTENT_TYPE, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::{mpsc, oneshot},
    time::timeout,
};

const PATH: &str = "/ews-push/";

/// The longest token: one that is longer was not given away by us.
const LONGEST_TOKEN: usize = 128;

/// Serves connections, each with a copy of this.
#[derive(Debug, Clone)]
pub(super) struct Connection {
    pub(super) limits: Limits,
    pub(super) pushed: mpsc::Sender<Pushed>,
}

impl Connection {
    pub(super) async fn serve(&self, stream: impl AsyncRead + AsyncWrite + Unpin + Send) {
        let answer = service_fn(|request| async {
            let Answer { status, body } = self.answer(request).await;
            Ok::<_, Infallible>(response(status, body))
        });
        let served = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.headers_within)
            .max_buf_size(self.limits.head)
            .serve_connection(TokioIo::new(stream), answer)
            .await;
        if let Err(error) = served {
            tracing::debug!(%error, "push connection ended");
        }
    }

    async fn answer(&self, request: Request<Incoming>) -> Answer {
        let Some(token) = token(request.uri().path()) else { return refused(StatusCode::NOT_FOUND) };
        if request.method() != Method::POST {
            return refused(StatusCode::METHOD_NOT_ALLOWED);
        }
        let token = token.to_owned();
        let body = Limited::new(request.into_body(), self.limits.body).collect();
        let body = match timeout(self.limits.body_within, body).await {
            Ok(Ok(body)) => body.to_bytes().to_vec(),
            Ok(Err(error)) if error.is::<LengthLimitError>() => {
                return refused(StatusCode::PAYLOAD_TOO_LARGE);
            }
            Ok(Err(_)) => return refused(StatusCode::BAD_REQUEST),
            Err(_) => return refused(StatusCode::REQUEST_TIMEOUT),
        };
        let (answer, answered) = oneshot::channel();
        if self.pushed.try_send(Pushed { token, body, answer }).is_err() {
            return refused(StatusCode::SERVICE_UNAVAILABLE);
        }
        match timeout(self.limits.answer_within, answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) | Err(_) => refused(StatusCode::SERVICE_UNAVAILABLE),
        }
    }
}

/// The token in a path.
fn token(path: &str) -> Option<&str> {
    let token = path.strip_prefix(PATH)?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    ((1..=LONGEST_TOKEN).contains(&token.len()) && token.bytes().all(plain)).then_some(token)
}

fn refused(status: StatusCode) -> Answer {
    Answer { status: status.as_u16(), body: Vec::new() }
}

fn response(status: u16, body: Vec<u8>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=utf-8"));
    // Who is refused does not keep a place.
    if !response.status().is_success() {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_one_plain_segment() {
        for (path, expected) in [
            ("/ews-push/aZ09-_", Some("aZ09-_")),
            ("/ews-push/", None),
            ("/ews-push", None),
            ("/ews-push/a/b", None),
            ("/ews-push/a%2fb", None),
            ("/other/a", None),
        ] {
            assert_eq!(token(path), expected, "{path}");
        }
        assert_eq!(token(&format!("/ews-push/{}", "a".repeat(129))), None);
    }
}
