//! What can befall any page, whoever serves it: answers in its place, and answers that suffer on their way.

use std::time::Duration;

use crate::fault::Fault;
use crate::http::Ending;
use crate::sign_in::{Front, in_front, locked_out};
use crate::{Request, Response, World};

const IIS_ERROR: &str = "<html><head><title>Runtime Error</title></head><body>\
    <h1>Server Error in '/EWS' Application.</h1></body></html>";
/// Where those are sent who are not signed in where a company signs everybody in elsewhere.
const SIGN_IN: &str = "https://sign-in.example/adfs/ls/?wa=wsignin1.0&wtrealm=urn%3aexchange.example%3aews";
const LATE: Duration = Duration::from_secs(5);
const NEVER: Duration = Duration::from_hours(1);
const OVERSIZE: usize = 40 << 20;

/// The answer that comes instead of any page.
pub(crate) fn instead(world: &World, fault: Fault, request: &Request) -> Option<Response> {
    let elsewhere = |scheme: &str| format!("{scheme}://elsewhere.example{}", request.path);
    Some(match fault {
        Fault::SignInPage => in_front(Front::LogonPage),
        Fault::RedirectToOwa => in_front(Front::Forms),
        Fault::LoginTimeout => in_front(Front::LoginTimeout),
        Fault::SignInElsewhere => moved(302, SIGN_IN),
        Fault::MovedPermanently => moved(301, &elsewhere("https")),
        Fault::MovedForNow => moved(302, &elsewhere("https")),
        Fault::Moved => moved(307, &elsewhere("https")),
        Fault::MovedForGood => moved(308, &elsewhere("https")),
        Fault::MovedToPlainHttp => moved(302, &elsewhere("http")),
        Fault::MovedToItself => moved(302, &world.own_url(request, &request.path)),
        Fault::IisError => Response::new(500, "text/html; charset=utf-8", IIS_ERROR),
        Fault::WrongPassword => world.challenge(),
        Fault::AccountLocked => locked_out(),
        Fault::BadRequest => Response::empty(400),
        Fault::NotFound => Response::empty(404),
        Fault::MethodNotAllowed => Response::empty(405).header("Allow", "GET"),
        Fault::BodyTooLarge => Response::empty(413),
        Fault::TooManyRequests => Response::empty(429).header("Retry-After", "2"),
        Fault::CasError => Response::empty(500).header("X-CasErrorCode", "MailboxServerLocatorFailed"),
        Fault::ServiceUnavailable => {
            Response::empty(503).header("Retry-After", "2").header("X-CasErrorCode", "ServerTooBusy")
        }
        Fault::ConnectionReset => {
            Response { ending: Ending::ClosedAfter(0), ..Response::new(500, "text/plain", "never sent") }
        }
        _ => return None,
    })
}

fn moved(status: u16, to: &str) -> Response {
    Response::empty(status).header("Location", to)
}

/// An answer as it arrives.
pub(crate) fn arriving(fault: Fault, mut response: Response) -> Response {
    let half = response.body.len() / 2;
    match fault {
        Fault::TruncatedBody => response.body.truncate(half),
        Fault::ConnectionClosed => response.ending = Ending::ClosedAfter(half),
        Fault::ConnectionClose => return response.header("Connection", "close"),
        Fault::SlowReply => response.delay += LATE,
        Fault::NoReply => response.delay += NEVER,
        Fault::OversizedReply => response.body.resize(response.body.len().max(OVERSIZE), b' '),
        _ => {}
    }
    response
}

impl Fault {
    /// Whether it is one of them.
    pub(super) fn befalls_any_page(self) -> bool {
        matches!(
            self,
            Self::SignInPage
                | Self::RedirectToOwa
                | Self::LoginTimeout
                | Self::SignInElsewhere
                | Self::MovedPermanently
                | Self::MovedForNow
                | Self::Moved
                | Self::MovedForGood
                | Self::MovedToPlainHttp
                | Self::MovedToItself
                | Self::IisError
                | Self::WrongPassword
                | Self::AccountLocked
                | Self::SignInForgotten
                | Self::BadRequest
                | Self::NotFound
                | Self::MethodNotAllowed
                | Self::BodyTooLarge
                | Self::TooManyRequests
                | Self::CasError
                | Self::ServiceUnavailable
                | Self::ConnectionReset
                | Self::TruncatedBody
                | Self::ConnectionClosed
                | Self::ConnectionClose
                | Self::SlowReply
                | Self::NoReply
                | Self::OversizedReply
        )
    }
}
