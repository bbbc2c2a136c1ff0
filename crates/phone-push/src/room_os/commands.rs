//! The commands that an endpoint is given, by either way they travel.

use super::{
    Answered, RoomOs,
    reply::{self, Refusal, Span},
    web_socket::WebSocket,
};
use crate::{
    bookings::xml::Xml,
    error::{Fault, PushError},
    xml::{Element, NoDocument},
};
use reqwest::{Method, RequestBuilder, Url, header};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

/// The feedback slot that is ours, of four: TMS takes the third, and people who try things out the first.
const SLOT: &str = "2";

/// So many days are asked for: what is known to the endpoint reaches no further.
const DAYS: u32 = 4;

/// How commands travel.
pub(super) enum Commands {
    Http,
    WebSocket(Box<WebSocket>),
}

impl Commands {
    /// What the endpoint calls its software.
    pub(super) async fn version(&self, endpoint: &RoomOs) -> Result<String, PushError> {
        match self {
            Self::Http => {
                let mut url = endpoint.path("/getxml");
                url.set_query(Some("location=/Status/SystemUnit/Software/Version"));
                let status = post(endpoint, Method::GET, url, None).await?;
                let version = status.text_of("Version").filter(|version| !version.is_empty());
                Ok(version.or_else(|| status.attribute("version")).unwrap_or_default().to_owned())
            }
            Self::WebSocket(socket) => {
                let path = json!({ "Path": ["Status", "SystemUnit", "Software", "Version"] });
                let answer = socket.ask("xGet", path).await?;
                let version = reply::of_response(&answer).ok().and_then(Value::as_str);
                Ok(version.unwrap_or_default().to_owned())
            }
        }
    }

    /// Replaces the list of meetings.
    pub(super) async fn put(&self, endpoint: &RoomOs, payload: &str) -> Answered<()> {
        match self {
            Self::Http => {
                let command = command(&["Bookings", "Put"], |xml| xml.leaf("body", payload));
                let answer = put_xml(endpoint, command).await?;
                Ok(reply::of_command(&answer).map(drop))
            }
            Self::WebSocket(socket) => {
                let answer = socket.ask("xCommand/Bookings/Put", json!({ "body": payload })).await?;
                Ok(reply::of_response(&answer).map(drop))
            }
        }
    }

    /// When the meetings of the list start and end.
    pub(super) async fn list(&self, endpoint: &RoomOs) -> Answered<Vec<Span>> {
        match self {
            Self::Http => {
                let command = command(&["Bookings", "List"], |xml| {
                    xml.leaf("Days", &DAYS.to_string());
                    xml.leaf("DayOffset", "0");
                });
                let answer = put_xml(endpoint, command).await?;
                Ok(reply::of_command(&answer).map(reply::spans_of_element))
            }
            Self::WebSocket(socket) => {
                let answer =
                    socket.ask("xCommand/Bookings/List", json!({ "Days": DAYS, "DayOffset": 0 })).await?;
                Ok(reply::of_response(&answer).map(reply::spans_of_value))
            }
        }
    }

    /// Has the endpoint say when it has lost its list. One that refuses is asked now and then, as all are.
    pub(super) async fn register(&self, endpoint: &RoomOs) -> Result<(), PushError> {
        let refused = match self {
            Self::Http => {
                let Some(callback) = &endpoint.callback else { return Ok(()) };
                // without a format older firmware understands it, too
                let command = command(&["HttpFeedback", "Register"], |xml| {
                    xml.leaf("FeedbackSlot", SLOT);
                    xml.leaf("ServerUrl", callback.as_str());
                    xml.leaf_with("Expression", &[("item", "1")], "/Event/Bookings/SyncRequired");
                });
                let answer = put_xml(endpoint, command).await?;
                reply::of_command(&answer).err()
            }
            Self::WebSocket(socket) => {
                let query = json!({ "Query": ["Event", "Bookings", "SyncRequired"] });
                let answer = socket.ask("xFeedback/Subscribe", query).await?;
                reply::of_response(&answer).err()
            }
        };
        if let Some(Refusal::Refused(why)) = refused {
            tracing::debug!(
                endpoint = endpoint.http().place().address,
                why,
                "the endpoint will not call back"
            );
        }
        Ok(())
    }
}

/// A command, with `command="True"` where older firmware looks for it.
fn command(path: &[&str; 2], arguments: impl FnOnce(&mut Xml)) -> Vec<u8> {
    let [family, name] = path;
    let mut xml = Xml::new();
    xml.within("Command", &[], |xml| {
        xml.within(family, &[], |xml| xml.within(name, &[("command", "True")], arguments));
    });
    xml.finish()
}

async fn put_xml(endpoint: &RoomOs, command: Vec<u8>) -> Result<Element, PushError> {
    post(endpoint, Method::POST, endpoint.path("/putxml"), Some(command)).await
}

async fn post(
    endpoint: &RoomOs,
    method: Method,
    url: Url,
    body: Option<Vec<u8>>,
) -> Result<Element, PushError> {
    let http = endpoint.http();
    let account = &endpoint.endpoint.account;
    let request: RequestBuilder = http
        .request(method, url.clone())
        .basic_auth(&account.username, Some(account.password.expose_secret()));
    let request = match body {
        Some(body) => request.header(header::CONTENT_TYPE, "text/xml").body(body),
        None => request,
    };
    let answer = http.ask(request).await?;
    let to_sign_in = |location: &str| location.contains("/signin");
    if answer.status.is_redirection() && answer.header(header::LOCATION).is_some_and(to_sign_in) {
        return Err(http.place().error(Fault::SignInRefused));
    }
    let answer = http.expect_success(answer, &url)?;
    if reply::is_sign_in_page(&answer.body) {
        return Err(http.place().error(Fault::SignInRefused));
    }
    let status = answer.status.as_u16();
    Element::parse(&answer.body).map_err(|NoDocument(found)| http.place().unexpected(status, found))
}
