//! Mailboxes, their state and their settings, set by commands.

use serde::Deserialize;
use serde_json::{Value, json};

use super::settings::{merge, profile_name};
use super::{Refusal, read};
use crate::{BookingPolicy, CalendarProcessing, MailboxState, Room, ServerProfile, World, Zone};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewRoom {
    alias: String,
    name: Option<String>,
    address: Option<String>,
    /// A Windows id or an IANA name.
    zone: Option<String>,
    /// How many people it seats.
    capacity: Option<u32>,
    processing: Option<CalendarProcessing>,
}

impl NewRoom {
    fn add(&self, world: &mut World) -> Result<(), Refusal> {
        check_alias(&self.alias)?;
        self.address.as_deref().map_or(Ok(()), check_address)?;
        let mut room = Room::new(&self.alias).processing(self.processing.unwrap_or_default());
        if let Some(name) = &self.name {
            room = room.named(name);
        }
        if let Some(address) = &self.address {
            room = room.at_address(address);
        }
        if let Some(zone) = &self.zone {
            room = room.in_zone(Zone::named(zone)?);
        }
        if let Some(capacity) = self.capacity {
            room = room.seating(capacity);
        }
        Ok(world.add_room(room)?)
    }
}

pub(super) fn add_room(world: &mut World, _: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    let room: NewRoom = read(body)?;
    room.add(world)?;
    Ok(json!({ "room": room.alias }))
}

/// A person with a mailbox, who signs in by alias.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPerson {
    alias: String,
    password: String,
}

pub(super) fn add_person(world: &mut World, _: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    let NewPerson { alias, password } = read(body)?;
    if !alias.contains('@') {
        check_alias(&alias)?;
    }
    world.add_person(&alias, &password)?;
    Ok(json!({ "address": world.address(&alias)? }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewRoomList {
    name: String,
    address: String,
    rooms: Vec<String>,
}

pub(super) fn add_room_list(world: &mut World, _: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    let NewRoomList { name, address, rooms } = read(body)?;
    check_address(&address)?;
    let rooms: Vec<&str> = rooms.iter().map(String::as_str).collect();
    world.add_room_list(&name, &address, &rooms)?;
    Ok(json!({ "room_list": address }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    state: MailboxState,
}

pub(super) fn set_state(world: &mut World, parts: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    world.set_mailbox_state(named(parts), read::<State>(body)?.state)?;
    Ok(json!({}))
}

pub(super) fn set_processing(world: &mut World, parts: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    let mut processing = serde_json::to_value(world.processing(named(parts))?)?;
    merge(&mut processing, &read(body)?);
    world.set_processing(named(parts), serde_json::from_value(processing)?)?;
    Ok(json!({}))
}

pub(super) fn set_policy(world: &mut World, parts: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    world.set_policy(named(parts), read::<BookingPolicy>(body)?)?;
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Address {
    address: String,
}

pub(super) fn add_address(world: &mut World, parts: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    let Address { address } = read(body)?;
    check_address(&address)?;
    world.add_address(named(parts), &address)?;
    Ok(json!({}))
}

pub(super) fn relocate(world: &mut World, parts: &[&str], _: &[u8]) -> Result<Value, Refusal> {
    world.move_mailbox(named(parts))?;
    Ok(json!({}))
}

pub(super) fn fail_over(world: &mut World, parts: &[&str], _: &[u8]) -> Result<Value, Refusal> {
    world.fail_over(named(parts))?;
    Ok(json!({}))
}

/// An alias stands in paths and before the `@` of addresses.
fn check_alias(alias: &str) -> Result<(), Refusal> {
    let fits = alias.chars().all(|letter| letter.is_alphanumeric() || "-_.".contains(letter));
    let expected = "1 to 64 letters, digits, `-`, `_` or `.`";
    if fits && (1..=64).contains(&alias.len()) {
        Ok(())
    } else {
        Err(Refusal::Value { place: "alias", expected })
    }
}

fn check_address(address: &str) -> Result<(), Refusal> {
    let whole = |part: &str| {
        !part.is_empty() && !part.contains(|letter: char| letter == '@' || letter.is_whitespace())
    };
    let parts = address.split_once('@').filter(|(local, domain)| whole(local) && whole(domain));
    parts.map(|_| ()).ok_or(Refusal::Value { place: "address", expected: "one like `berlin@rooms.example`" })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Server {
    #[serde(with = "profile_name")]
    profile: ServerProfile,
}

pub(super) fn set_server(world: &mut World, parts: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    world.set_mailbox_server(named(parts), read::<Server>(body)?.profile)?;
    Ok(json!({}))
}

/// The mailbox that stands in the path; rooms and people alike.
pub(super) fn named<'a>(parts: &[&'a str]) -> &'a str {
    parts.first().copied().unwrap_or_default()
}
