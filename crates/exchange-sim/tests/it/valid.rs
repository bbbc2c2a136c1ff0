//! Asking, where every reply must be valid by the schemas too.

use std::collections::BTreeSet;
use std::ops::{Deref, DerefMut};
use std::sync::Mutex;

use chrono::{DateTime, Utc};
use exchange_sim::{Request, World};

use crate::client::{envelope, get_item, ids, item_id, request, sync, text};
use crate::xsd::Schema;

/// A world whose replies, as far as they were asked for here, are judged when it is dropped.
pub(crate) struct Site {
    world: World,
    schema: Option<Schema>,
}

impl Site {
    /// The world, for a server: what it is asked then is judged no more.
    pub(crate) fn into_world(self) -> World {
        self.world
    }
}

impl From<World> for Site {
    fn from(world: World) -> Self {
        Self { world, schema: Schema::find() }
    }
}

impl Deref for Site {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl DerefMut for Site {
    fn deref_mut(&mut self) -> &mut World {
        &mut self.world
    }
}

/// Sends a request and expects a valid reply with that status.
pub(crate) fn answer(site: &mut Site, now: DateTime<Utc>, request: &Request, status: u16) -> String {
    let response = site.world.handle(now, request);
    let reply = response.text();
    assert_eq!(response.status, status, "{reply}");
    if let Some(schema) = &site.schema
        && is_new(&reply)
    {
        schema.check("reply", &reply);
    }
    reply
}

/// An item's id, a change key, a sync state.
fn opaque(part: &str) -> bool {
    let word = part.chars().all(|letter| letter.is_ascii_alphanumeric() || "+/=".contains(letter));
    part.len() >= 20 && word && part.chars().any(|letter| letter.is_ascii_digit())
}

/// Whether no reply before was the same but for its numbers and ids, which do not make it less valid.
fn is_new(reply: &str) -> bool {
    static SEEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let parts = reply.split(['"', '<', '>']).map(|part| if opaque(part) { "id" } else { part });
    let shape: String = parts.flat_map(str::chars).filter(|letter| !letter.is_ascii_digit()).collect();
    SEEN.lock().unwrap().insert(shape)
}

pub(crate) fn ask(site: &mut Site, now: DateTime<Utc>, body: &str) -> String {
    answer(site, now, &request("", body), 200)
}

/// The code of a SOAP fault.
pub(crate) fn fault(site: &mut Site, now: DateTime<Utc>, body: &str) -> String {
    code_in(&answer(site, now, &request("", body), 500))
}

pub(crate) fn code_in(fault: &str) -> String {
    fault.split("e:ResponseCode xmlns:e=").nth(1).unwrap().split(['>', '<']).nth(1).unwrap().to_owned()
}

/// Asks as somebody else, whose password is `secret`.
pub(crate) fn ask_as(site: &mut Site, login: &str, now: DateTime<Utc>, body: &str) -> String {
    let request = Request::post("/EWS/Exchange.asmx", envelope("", body)).basic(login, "secret");
    answer(site, now, &request, 200)
}

/// The response codes of all messages of a reply.
pub(crate) fn code(reply: &str) -> String {
    text(reply, "m:ResponseCode")
}

/// All items of a calendar, singles and masters, as GetItem tells them; newest first.
pub(crate) fn items(site: &mut Site, now: DateTime<Utc>, address: &str) -> Vec<String> {
    let listed = ask(site, now, &sync(address, None, 512));
    let asked: Vec<String> = ids(&listed, "t:ItemId");
    asked.iter().map(|id| ask(site, now, &get_item(&item_id(id)))).collect()
}

/// The only item of a calendar.
pub(crate) fn item(site: &mut Site, now: DateTime<Utc>, address: &str) -> String {
    let mut items = items(site, now, address);
    assert_eq!(items.len(), 1, "one item in {address}");
    items.remove(0)
}

/// The attribute of the first element of a name.
pub(crate) fn attribute(xml: &str, element: &str, name: &str) -> String {
    let tag = xml.split(&format!("<{element} ")).nth(1).unwrap().split('>').next().unwrap();
    tag.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap().to_owned()
}
