//! Autodiscover: where the services of a mailbox are ([MS-OXDSCLI], [MS-OXWSADISC], and JSON v2).
//!
//! A server tells its own address to who is outside, under the name by which it was asked, and another to who is
//! inside; a mailbox that was redirected is elsewhere. Nothing here looks into a calendar.

mod json;
mod pox;
mod soap;

use std::collections::BTreeMap;

use crate::fault::{self, AUTODISCOVER, Moment, Struck};
use crate::room::Room;
use crate::world::RoomNumber;
use crate::xml::Element;
use crate::{Fault, Request, Response, ServerProfile, SimError, World};

/// Where Autodiscover sends those who ask about an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Redirect {
    /// To the same mailbox under another address, as for a room that moved to the cloud.
    Address(String),
    /// To another Autodiscover.
    Url(String),
}

/// What Autodiscover knows besides the rooms themselves.
#[derive(Debug)]
pub(crate) struct Autodiscover {
    /// By address, in lower case.
    redirects: BTreeMap<String, Redirect>,
    groups: BTreeMap<RoomNumber, String>,
    /// Where those are sent who do not sign in.
    plain_redirect: Option<String>,
    /// Where the services are for who is inside.
    pub(crate) internal_ews_url: String,
}

impl Default for Autodiscover {
    fn default() -> Self {
        Self {
            redirects: BTreeMap::new(),
            groups: BTreeMap::new(),
            plain_redirect: None,
            internal_ews_url: "https://mailbox.exchange.example/EWS/Exchange.asmx".to_owned(),
        }
    }
}

/// The group of rooms that were not put into another one.
const GROUP: &str = "DAG-1";

/// What there is to say about an address.
enum Located<'a> {
    Here { room: &'a Room, group: &'a str },
    Elsewhere(&'a Redirect),
    Nowhere,
}

impl World {
    /// Sends whoever asks Autodiscover about an address elsewhere; the address need not be a room's.
    pub fn redirect(&mut self, address: &str, to: Redirect) {
        self.autodiscover.redirects.insert(address.to_lowercase(), to);
    }

    /// Gives a room another `GroupingInformation`: rooms of one group may share a streaming connection.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownRoom`].
    pub fn set_group(&mut self, room: &str, group: &str) -> Result<(), SimError> {
        let room = self.room_number(room)?;
        self.autodiscover.groups.insert(room, group.to_owned());
        Ok(())
    }

    /// Sends whoever asks with `GET`, and so without signing in, elsewhere by status 302; nothing asks for a sign-in.
    pub fn redirect_plainly(&mut self, url: Option<&str>) {
        self.autodiscover.plain_redirect = url.map(ToOwned::to_owned);
    }

    /// Where the services are said to be for who is inside: `EXCH` and `InternalEwsUrl`. Nothing answers there.
    pub fn set_internal_ews_url(&mut self, url: &str) {
        url.clone_into(&mut self.autodiscover.internal_ews_url);
    }

    /// The address of a page on this server, as the client calls the server.
    pub(crate) fn own_url(&self, request: &Request, path: &str) -> String {
        let scheme = if self.has_certificate() { "https" } else { "http" };
        format!("{scheme}://{}{path}", request.header_value("Host").unwrap_or("localhost"))
    }

    fn locate(&self, address: &str) -> Located<'_> {
        if let Some(redirect) = self.autodiscover.redirects.get(&address.to_lowercase()) {
            return Located::Elsewhere(redirect);
        }
        // An alias is no address.
        let number = self.room_number(address).ok().filter(|_| address.contains('@'));
        let found = number.and_then(|number| Some((number, self.room(number)?)));
        found.map_or(Located::Nowhere, |(number, room)| {
            let group = self.autodiscover.groups.get(&number).map_or(GROUP, String::as_str);
            Located::Here { room, group }
        })
    }
}

/// Answers a request below `/autodiscover/`, its path in lower case; nothing when there is no such page.
pub(crate) fn handle(world: &mut World, path: &str, request: &Request) -> Option<Response> {
    let page = Page::of(world.profile(), path.strip_prefix("/autodiscover/autodiscover.")?)?;
    let fault = strike(world, request);
    if fault == Some(Fault::SignInForgotten) {
        world.forget_connections();
    }
    if let Some(response) = fault.and_then(|fault| fault::page::instead(world, fault, request)) {
        return Some(response);
    }
    let response = page.answer(world, request);
    Some(match fault {
        Some(fault) => fault::page::arriving(fault, response),
        None => response,
    })
}

/// The dialects of Autodiscover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Page {
    Json,
    Pox,
    Soap,
}

impl Page {
    fn of(server: ServerProfile, suffix: &str) -> Option<Self> {
        match suffix {
            "xml" => Some(Self::Pox),
            "svc" => Some(Self::Soap).filter(|_| server.has_soap_autodiscover()),
            json => {
                let found = json == "json" || json.starts_with("json/");
                (found && server.has_json_autodiscover()).then_some(Self::Json)
            }
        }
    }

    fn answer(self, world: &mut World, request: &Request) -> Response {
        let answer = match self {
            Self::Json => return json::answer(world, request),
            Self::Pox => pox::answer,
            Self::Soap => soap::answer,
        };
        if let Some(url) = &world.autodiscover.plain_redirect
            && (self, request.method.as_str()) == (Self::Pox, "GET")
        {
            return Response::empty(302).header("Location", url.as_str());
        }
        if let Err(refusal) = world.signed_in(request) {
            return refusal;
        }
        if request.method != "POST" {
            return Response::new(405, "text/plain", "post a request here").header("Allow", "POST");
        }
        answer(world, request)
    }
}

/// The fault, if any, that strikes a request.
fn strike(world: &mut World, request: &Request) -> Option<Fault> {
    if world.faults.is_empty() {
        return None;
    }
    let document = Element::parse(&request.body);
    let in_body = document.iter().flat_map(Element::walk).map(|element| element.text().to_owned());
    let named: Vec<String> = in_body.chain(json::address(request)).collect();
    let rooms: Vec<RoomNumber> = named.iter().filter_map(|name| world.room_number(name).ok()).collect();
    let call = Struck {
        operation: AUTODISCOVER,
        rooms: &rooms,
        items: 0,
        resumes: false,
        anchored: true,
        moment: Moment::Call,
    };
    let World { faults, dice, now, .. } = world;
    faults.strike(*now, dice, &call)
}

fn ews_url(world: &World, request: &Request) -> String {
    world.own_url(request, "/EWS/Exchange.asmx")
}

impl ServerProfile {
    /// Whether GetUserSettings is there (2010 and later).
    fn has_soap_autodiscover(self) -> bool {
        self >= Self::Exchange2010Sp1
    }

    /// Whether JSON v2 is there (2016 and later).
    fn has_json_autodiscover(self) -> bool {
        self >= Self::Exchange2016
    }
}
