//! What a client receives when a fault strikes its call.

use super::soap::{self, EwsError, Messages};
use crate::http::Ending;
use crate::{Fault, Response, World};

const SIGN_IN: &str = "<!DOCTYPE html><html><head><title>Outlook</title></head><body>\
    <form action=\"/owa/auth.owa\" method=\"POST\" name=\"logonForm\"></form></body></html>";
const IIS_ERROR: &str = "<html><head><title>Runtime Error</title></head><body>\
    <h1>Server Error in '/EWS' Application.</h1></body></html>";

/// The reply that comes instead of any answer, for faults in front of the service.
pub(super) fn instead(world: &World, fault: Fault) -> Option<Response> {
    let html = "text/html; charset=utf-8";
    Some(match fault {
        Fault::SignInPage => Response::new(200, html, SIGN_IN),
        Fault::IisError => Response::new(500, html, IIS_ERROR),
        Fault::WrongPassword => world.challenge(),
        Fault::RedirectToOwa => Response::empty(302).header("Location", "/owa/auth/logon.aspx?reason=0"),
        Fault::EwsDisabled => Response::empty(403),
        Fault::ServiceUnavailable => {
            Response::empty(503).header("Retry-After", "2").header("X-CasErrorCode", "ServerTooBusy")
        }
        Fault::ServerBusy => {
            soap::fault(&EwsError::of("ErrorServerBusy").with("BackOffMilliseconds", "2000".to_owned()))
        }
        _ => return None,
    })
}

/// The answer as a fault leaves it.
pub(super) fn distorted(fault: Fault, mut response: Response) -> Response {
    let half = response.body.len() / 2;
    match fault {
        Fault::TruncatedBody => response.body.truncate(half),
        Fault::ConnectionClosed => response.ending = Ending::ClosedAfter(half),
        Fault::OtherOperation => {
            let mut other = Messages::new("ResolveNames");
            other.error(&EwsError::of("ErrorAccessDenied"), |_| {});
            return Response::new(200, "text/xml; charset=utf-8", other.finish());
        }
        _ => {}
    }
    response
}
