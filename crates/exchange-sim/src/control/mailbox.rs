//! Mailboxes, their state and their settings, set by commands.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Refusal, read};
use crate::{BookingPolicy, CalendarProcessing, MailboxState, MeetingHandle, World};

/// A person with a mailbox, who signs in by alias.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPerson {
    alias: String,
    password: String,
}

impl NewPerson {
    pub(super) fn add(self, world: &mut World) -> Result<Value, Refusal> {
        world.add_person(&self.alias, &self.password)?;
        Ok(json!({ "address": world.address(&self.alias)? }))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRoomList {
    name: String,
    address: String,
    rooms: Vec<String>,
}

impl NewRoomList {
    pub(super) fn add(self, world: &mut World) -> Result<Value, Refusal> {
        let rooms: Vec<&str> = self.rooms.iter().map(String::as_str).collect();
        world.add_room_list(&self.name, &self.address, &rooms)?;
        Ok(json!({ "room_list": self.address }))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    state: MailboxState,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Address {
    address: String,
}

/// `POST /sim/rooms/{room}/{verb}`; rooms and people alike.
pub(super) fn change(world: &mut World, room: &str, verb: &str, body: &[u8]) -> Result<Value, Refusal> {
    match verb {
        "state" => world.set_mailbox_state(room, read::<State>(body)?.state)?,
        "processing" => world.set_processing(room, read::<CalendarProcessing>(body)?)?,
        "policy" => world.set_policy(room, read::<BookingPolicy>(body)?)?,
        "addresses" => world.add_address(room, &read::<Address>(body)?.address)?,
        "relocate" => world.move_mailbox(room)?,
        _ => return Err(Refusal::Unknown(verb.to_owned())),
    }
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    room: String,
}

/// `POST /sim/meetings/{n}/check-in`.
pub(super) fn check_in(world: &mut World, meeting: MeetingHandle, body: &[u8]) -> Result<(), Refusal> {
    let Place { room } = read(body)?;
    let now = world.now;
    Ok(world.check_in(&room, meeting, now)?)
}
