//! Autodiscover: where the services of a mailbox are ([MS-OXDSCLI], [MS-OXWSADISC], and JSON v2).
//!
//! A server tells its own address, under the name by which it was asked; a mailbox that was redirected is
//! elsewhere. Nothing here looks into a calendar.

mod json;
mod pox;
mod soap;

use std::collections::BTreeMap;

use crate::room::Room;
use crate::world::RoomNumber;
use crate::{Request, Response, ServerProfile, SimError, World};

/// Where Autodiscover sends those who ask about an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Redirect {
    /// To the same mailbox under another address, as for a room that moved to the cloud.
    Address(String),
    /// To another Autodiscover.
    Url(String),
}

/// What Autodiscover knows besides the rooms themselves.
#[derive(Debug, Default)]
pub(crate) struct Autodiscover {
    /// By address, in lower case.
    redirects: BTreeMap<String, Redirect>,
    groups: BTreeMap<RoomNumber, String>,
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
    let page = path.strip_prefix("/autodiscover/autodiscover.")?;
    if world.profile().has_json_autodiscover() && (page == "json" || page.starts_with("json/")) {
        return Some(json::answer(world, request));
    }
    let answer = match page {
        "xml" => pox::answer,
        "svc" if world.profile().has_soap_autodiscover() => soap::answer,
        _ => return None,
    };
    if let Err(refusal) = world.signed_in(request) {
        return Some(refusal);
    }
    if request.method != "POST" {
        return Some(Response::new(405, "text/plain", "post a request here").header("Allow", "POST"));
    }
    Some(answer(world, request))
}

/// The address of a page on this server, as the client calls the server.
fn url(world: &World, request: &Request, path: &str) -> String {
    let scheme = if world.has_certificate() { "https" } else { "http" };
    format!("{scheme}://{}{path}", request.header_value("Host").unwrap_or("localhost"))
}

fn ews_url(world: &World, request: &Request) -> String {
    url(world, request, "/EWS/Exchange.asmx")
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
