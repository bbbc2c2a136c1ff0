//! Compares what was typed with itself, and makes the [`Config`] of it.

use super::{
    Config, RawConfig,
    clock::{self, RawClock},
    device::RawDevice,
    feed::{RawFeed, without_slash},
    notes::{Given, Notes, line_and_column},
    notify::RawNotify,
    push::RawPush,
    room::RawRoom,
    server::RawServer,
    value::{is_loopback, is_unspecified, not_among},
};
use control::Warning;
use meeting_model::{id::RoomId, zone::ZoneDatabase};
use std::{
    collections::{BTreeMap, btree_map::Entry},
    path::Path,
};

/// The longest URL that a phone takes (Cisco Unified IP Phone Services Application Development Notes 7.1).
const PHONE_URL_LIMIT: usize = 256;

/// What stands behind a phone's menu URL: `?device=` and 32 hexadecimal digits.
const DEVICE_IN_URL: usize = 40;

/// Makes the configuration, or notes why there is none.
pub(super) fn config(
    raw: RawConfig,
    text: &str,
    base: &Path,
    zones: &ZoneDatabase,
    notes: &mut Notes,
) -> Option<Config> {
    unique_rooms(&raw, text, notes);
    unique_devices(&raw, text, notes);
    known_servers(&raw, notes);
    phone_urls(&raw, notes);
    listened_for_pushes(&raw, notes);
    for room in &raw.rooms {
        room.check(notes);
    }
    for join in raw.rooms.iter().map(|room| &room.join).chain([&raw.join]) {
        join.check(notes);
    }
    let push = raw.push.as_ref().map(RawPush::meaning);
    let warnings = warnings(&raw, text);
    // All of them, before the first without a meaning ends this.
    let rooms: Vec<_> = raw.rooms.iter().map(|room| room.meaning(&raw, zones, notes)).collect();
    let servers: Option<_> = raw.servers.iter().map(|server| server.meaning(base)).collect();
    Some(Config {
        file: None,
        state_dir: base.join(raw.state_dir?.value),
        feed: raw.feed?.meaning()?,
        admin: raw.admin,
        push: push.flatten(),
        notify: raw.notify.as_ref().and_then(RawNotify::meaning),
        shadow: false,
        servers: servers?,
        rooms: rooms.into_iter().collect::<Option<_>>()?,
        clock: raw.clock.and_then(RawClock::meaning),
        flight: raw.flight.and_then(|given| given.value),
        warnings,
    })
}

/// No two rooms share an id.
fn unique_rooms(raw: &RawConfig, text: &str, notes: &mut Notes) {
    let ids = raw.rooms.iter().filter_map(|room| room.id.clone());
    unique(ids.map(|id| ("`id`: room".to_owned(), id)), text, notes);
}

/// No room has one device twice, and no device is two rooms': it would show now the one's meetings and now the other's.
fn unique_devices(raw: &RawConfig, text: &str, notes: &mut Notes) {
    let (mut ids, mut of_rooms) = (Vec::new(), Vec::new());
    for room in &raw.rooms {
        let id = room.id.as_ref().map(|id| RoomId::new(&id.value));
        let mut own = BTreeMap::new();
        for device in &room.devices {
            let Some((key, at)) = device.told_by() else { continue };
            if let Some(device_id) = id.as_ref().and_then(|id| device.id(id)) {
                ids.push((format!("`{key}`: device"), Given { value: device_id.to_string(), at }));
            }
            for (key, known) in id.iter().flat_map(|id| device.known_by(id)) {
                own.entry(known.value).or_insert((key, known.at));
            }
        }
        let other = |key| format!("`{key}`: the device of another room,");
        of_rooms.extend(own.into_iter().map(|(value, (key, at))| (other(key), Given { value, at })));
    }
    unique(ids, text, notes);
    unique(of_rooms, text, notes);
}

/// No two have one name. With each goes which key tells it, and of what.
fn unique(names: impl IntoIterator<Item = (String, Given<String>)>, text: &str, notes: &mut Notes) {
    let mut first = BTreeMap::new();
    for (what, Given { value, at }) in names {
        if let Some(before) = first.insert(value.to_lowercase(), at) {
            let (line, _) = line_and_column(text, before);
            notes.mistake(at, format!("{what} `{value}` is already in line {line}"));
        }
    }
}

/// Every room's server is described.
fn known_servers(raw: &RawConfig, notes: &mut Notes) {
    let names = raw.servers.iter().map(|server| server.name.as_str());
    if raw.servers.is_empty() {
        return;
    }
    let of_mailboxes = raw.rooms.iter().flat_map(RawRoom::calendars).filter_map(|(_, exchange)| exchange);
    let of_rooms = raw.rooms.iter().filter_map(|room| room.exchange.as_ref());
    for Given { value, at } in of_rooms.chain(of_mailboxes) {
        if !names.clone().any(|name| name == value) {
            notes.absent(*at, format!("`exchange`: {}", not_among(value, names.clone())));
        }
    }
}

/// Servers that push have somewhere to push to.
fn listened_for_pushes(raw: &RawConfig, notes: &mut Notes) {
    for at in raw.servers.iter().filter_map(RawServer::pushes_at).filter(|_| raw.push.is_none()) {
        notes
            .mistake(at, "`notifications`: expected a table [push] that says where `push` leads, found none");
    }
}

/// A phone can hold the URL of every room's menu.
fn phone_urls(raw: &RawConfig, notes: &mut Notes) {
    let Some(Given { value: public_url, at }) = raw.feed.as_ref().and_then(|feed| feed.public_url.as_ref())
    else {
        return;
    };
    let ids = raw.rooms.iter().filter_map(|room| room.id.as_ref());
    let Some(room) = ids.map(|id| &id.value).max_by_key(|id| id.len()) else { return };
    let length =
        format!("{}/phone/{room}/menu.xml", without_slash(public_url)).chars().count() + DEVICE_IN_URL;
    if length > PHONE_URL_LIMIT {
        notes.mistake(
            *at,
            format!(
                "`public_url`: expected at most {PHONE_URL_LIMIT} characters in the menu URL of room `{room}`, \
                 which is all a phone takes, found {length}"
            ),
        );
    }
}

/// What is allowed and unwise.
fn warnings(raw: &RawConfig, text: &str) -> Vec<Warning> {
    let mut all: Vec<_> = raw.servers.iter().filter_map(RawServer::warning).collect();
    all.extend(shared_mailboxes(raw, text));
    all.extend(raw.feed.as_ref().and_then(|feed| unreachable_feed(feed, raw)));
    all.extend(clock::warning(raw.clock.as_ref()));
    all
}

/// Two rooms of one mailbox show the same meetings, and are read twice.
fn shared_mailboxes(raw: &RawConfig, text: &str) -> Vec<Warning> {
    let mut first: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut shared = Vec::new();
    let rooms = raw.rooms.iter().enumerate();
    let mailboxes =
        rooms.flat_map(|(place, room)| room.calendars().map(move |(given, _)| (place, room, given)));
    for (place, room, Given { value, at }) in mailboxes {
        let (line, _) = line_and_column(text, at);
        match first.entry(value.to_lowercase()) {
            Entry::Vacant(free) => drop(free.insert((place, line))),
            // on two servers: a room that is being migrated
            Entry::Occupied(before) if before.get().0 == place => {}
            Entry::Occupied(before) => shared.push(Warning {
                id: "mailbox-shared".into(),
                about: room.id.as_ref().map(|id| id.value.clone()),
                sentence: format!(
                    "the mailbox `{value}` in line {line} is already in line {}",
                    before.get().1
                ),
                remedy: "give each room its own mailbox, or one room all the devices".into(),
            }),
        }
    }
    shared
}

/// Devices elsewhere cannot come back to this machine's loopback address, or to no address in particular.
fn unreachable_feed(feed: &RawFeed, raw: &RawConfig) -> Option<Warning> {
    let public_url = &feed.public_url.as_ref()?.value;
    let elsewhere = |device: &RawDevice| device.calls_from().is_some_and(|url| !is_loopback(url));
    let some_elsewhere = raw.rooms.iter().flat_map(|room| &room.devices).any(elsewhere);
    let unreachable = is_loopback(public_url) || is_unspecified(public_url);
    (unreachable && some_elsewhere).then(|| Warning {
        id: "public-url-unreachable".into(),
        about: None,
        sentence: format!(
            "devices are told to come back to `{}`, which they cannot reach",
            without_slash(public_url)
        ),
        remedy: "give [feed] public_url the name or address by which devices reach this machine".into(),
    })
}
