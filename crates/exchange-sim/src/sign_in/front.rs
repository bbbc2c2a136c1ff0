//! What stands in front of the service, and refusals that are pages for people.

use crate::Response;

/// What stands in front of the service and answers in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Front {
    /// Forms: 302 to the logon page of Outlook on the web.
    Forms,
    /// Forms that have waited too long: 440.
    LoginTimeout,
    /// A proxy that shows its own form with status 200.
    LogonPage,
}

/// Status 401 whose body says that the account is locked.
pub(crate) fn locked_out() -> Response {
    Response::new(
        401,
        "text/html",
        "The referenced account is currently locked out and may not be logged on to.",
    )
}

/// What a client receives in place of the service's answer.
pub(crate) fn in_front(front: Front) -> Response {
    match front {
        Front::Forms => Response::empty(302).header(
            "Location",
            "https://ex01.exchange.example/owa/auth/logon.aspx\
             ?url=https%3a%2f%2fex01.exchange.example%2fEWS%2fExchange.asmx&reason=0",
        ),
        Front::LoginTimeout => Response::new(
            440,
            "text/html",
            "<HTML><HEAD><TITLE>440 Login Timeout</TITLE></HEAD><BODY>440 Login Timeout</BODY></HTML>",
        ),
        Front::LogonPage => Response::new(
            200,
            "text/html; charset=utf-8",
            "<!DOCTYPE html><html><head><title>Outlook</title></head><body>\
             <form action=\"/owa/auth.owa\" method=\"POST\" name=\"logonForm\"></form></body></html>",
        ),
    }
}
