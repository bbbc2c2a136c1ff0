//! Who plays: the stand-in Exchange, the rooms and their phones.

use super::{others::Others, stripped};
use crate::{cli::Demo, command::demo::PULL_INTERVAL, system_clock::SystemClock};
use anyhow::Context;
use chrono::{TimeDelta, Timelike};
use exchange_sim::{
    Account, CalendarProcessing, Change, Rights, Room, World, Zone,
    phone::{Phone, Screen, Shown},
    script,
    server::{self, Phones, Ports, Running},
};
use meeting_model::{
    clock::Clock,
    zone::{RoomZone, ZoneDatabase},
};
use std::{fmt::Write, fs, os::unix::fs::OpenOptionsExt, path::Path, sync::Arc, time::Duration};
use tokio::time::Instant;

/// The account the daemon signs in with, and its password.
pub(super) const ACCOUNT: (&str, &str) = ("callboard", "demo");

/// How long the rooms' attendants take.
const ATTENDANT: TimeDelta = TimeDelta::milliseconds(600);

/// How long the last change is given to reach every device of the first room, and how often it is looked.
const SETTLES: Duration = Duration::from_secs(3);
const LOOKS_EVERY: Duration = Duration::from_millis(50);

/// Cities all around the globe: it is morning in some of them.
const CITIES: [(&str, &str, &str); 24] = [
    ("honolulu", "Pacific/Honolulu", "Hawaiian Standard Time"),
    ("anchorage", "America/Anchorage", "Alaskan Standard Time"),
    ("los-angeles", "America/Los_Angeles", "Pacific Standard Time"),
    ("phoenix", "America/Phoenix", "US Mountain Standard Time"),
    ("chicago", "America/Chicago", "Central Standard Time"),
    ("new-york", "America/New_York", "Eastern Standard Time"),
    ("halifax", "America/Halifax", "Atlantic Standard Time"),
    ("sao-paulo", "America/Sao_Paulo", "E. South America Standard Time"),
    ("praia", "Atlantic/Cape_Verde", "Cape Verde Standard Time"),
    ("reykjavik", "Atlantic/Reykjavik", "Greenwich Standard Time"),
    ("london", "Europe/London", "GMT Standard Time"),
    ("berlin", "Europe/Berlin", "W. Europe Standard Time"),
    ("helsinki", "Europe/Helsinki", "FLE Standard Time"),
    ("nairobi", "Africa/Nairobi", "E. Africa Standard Time"),
    ("dubai", "Asia/Dubai", "Arabian Standard Time"),
    ("karachi", "Asia/Karachi", "Pakistan Standard Time"),
    ("kolkata", "Asia/Kolkata", "India Standard Time"),
    ("dhaka", "Asia/Dhaka", "Bangladesh Standard Time"),
    ("bangkok", "Asia/Bangkok", "SE Asia Standard Time"),
    ("singapore", "Asia/Singapore", "Singapore Standard Time"),
    ("tokyo", "Asia/Tokyo", "Tokyo Standard Time"),
    ("brisbane", "Australia/Brisbane", "E. Australia Standard Time"),
    ("noumea", "Pacific/Noumea", "Central Pacific Standard Time"),
    ("suva", "Pacific/Fiji", "Fiji Standard Time"),
];

/// The hours of a morning: what is booked within the script's eight hours ends before midnight.
const MORNING: std::ops::Range<u32> = 7..13;

/// A room of the demo.
#[derive(Debug, Clone)]
pub(super) struct Stage {
    pub(super) room: String,
    pub(super) zone: RoomZone,
    windows_zone: &'static str,
}

/// Everybody who plays.
pub(super) struct Cast {
    pub(super) rooms: Vec<Stage>,
    exchange: Running,
    phones: Phones,
    /// What else shows the first room.
    pub(super) others: Others,
}

impl Cast {
    /// Fills the rooms' calendars and starts the stand-ins.
    pub(super) async fn assemble(
        asked: &Demo,
        zones: &ZoneDatabase,
        clock: SystemClock,
    ) -> anyhow::Result<Self> {
        let now = clock.now().wall;
        let rooms = stages(usize::from(asked.rooms), zones, clock)?;
        let mut world = World::new(asked.seed, now);
        world.add_account(Account::new(ACCOUNT.0, ACCOUNT.1).with_rights(Rights::Reviewer));
        for stage in &rooms {
            let processing = CalendarProcessing::preserving().after(ATTENDANT);
            let zone = Zone::pair(stage.windows_zone, stage.zone.name())?;
            world.add_room(Room::new(&stage.room).in_zone(zone).processing(processing))?;
        }
        let names: Vec<&str> = rooms.iter().map(|stage| stage.room.as_str()).collect();
        script::demo_week(&mut world, now, &names)?;
        stripped::book(&mut world, &rooms, now)?;

        let told: server::Clock = Arc::new(move || clock.now().wall);
        let exchange = server::serve(world, "127.0.0.1:0", Arc::clone(&told)).await?;
        let phones = rooms.iter().map(|stage| Phone::new(&stage.room, ACCOUNT.0, ACCOUNT.1)).collect();
        let phones = Phones::serve(phones, Ports::Each, Arc::clone(&told)).await?;
        let first = rooms.first().map(|stage| stage.room.as_str()).unwrap_or_default();
        let others = Others::serve(first, told).await?;
        Ok(Self { rooms, exchange, phones, others })
    }

    /// The configuration, as an administrator would type it.
    pub(super) fn configuration(&self, folder: &Path, feed: &str) -> anyhow::Result<String> {
        let listen = feed.trim_start_matches("http://");
        for (file, secret) in [("password", ACCOUNT.1), ("sign-in", SIGN_IN)] {
            fs::OpenOptions::new()
                .create_new(true)
                .write(true)
                .mode(0o600)
                .open(folder.join(file))
                .and_then(|mut file| std::io::Write::write_all(&mut file, secret.as_bytes()))
                .context("the demo's password file cannot be written")?;
        }
        let mut text = format!(
            "state_dir = {state:?}\n\
             [feed]\nlisten = {listen:?}\npublic_url = {feed:?}\n[admin]\ntoken_file = \"sign-in\"\n\
             [exchange.demo]\nprotocol = \"ews\"\nurl = {url:?}\nusername = {user:?}\n\
             password_file = \"password\"\npull_interval = \"{interval}s\"\n\
             [join]\ndomains = [\"video.example.com\"]\n\
             [[join.number]]\nlabel = \"Conference number\"\nprefix = \"88\"\ndigits = \"7\"\n",
            state = folder.join("state").display().to_string(),
            url = self.exchange.ews_url(),
            user = ACCOUNT.0,
            interval = PULL_INTERVAL.as_secs(),
        );
        for stage in &self.rooms {
            let address = self.exchange.with(|world, _| world.address(&stage.room).map(str::to_owned))?;
            let phone = self.phones.base_url(&stage.room).unwrap_or_default();
            // a string takes all that is written to it
            let _ = write!(
                text,
                "[[room]]\nid = {id:?}\nmailbox = {address:?}\nexchange = \"demo\"\ntime_zone = {zone:?}\n\
                 acceptance = \"auto-accept\"\n\
                 [[room.device]]\nkind = \"cisco-ip-phone\"\nurl = \"{phone}/CGI/Execute\"\n\
                 username = {user:?}\npassword_file = \"password\"\n",
                id = stage.room,
                zone = stage.zone.name(),
                user = ACCOUNT.0,
            );
            text.push_str(&self.others.configuration(&stage.room));
        }
        Ok(text)
    }

    /// What the stand-in has done since a change, by its id.
    pub(super) fn changes_since(&self, id: u64) -> Vec<Change> {
        self.exchange.with(|world, _| world.changes_since(id).cloned().collect())
    }

    /// The id of the last thing that the stand-in has done.
    pub(super) fn last_change(&self) -> u64 {
        self.exchange.with(|world, _| world.last_change())
    }

    /// Ends the script: what is under way is still decided.
    pub(super) fn rest(&self) {
        self.exchange.with(|world, _| script::end(world));
    }

    /// Whether nothing is under way any more.
    pub(super) fn is_quiet(&self) -> bool {
        self.exchange.with(|world, _| world.is_settled())
    }

    /// What a room's phone has shown so far.
    pub(super) fn history(&self, room: &str) -> Vec<Shown> {
        self.phones.history(room)
    }

    /// What a room's phone shows.
    pub(super) fn screen(&self, room: &str) -> Screen {
        self.phones.screen(room).unwrap_or_default()
    }

    /// How many pushes all phones have taken.
    pub(super) fn pushes(&self) -> u64 {
        self.rooms.iter().map(|stage| self.phones.pushes(&stage.room)).sum()
    }

    /// The devices of the first room that do not show what the others do.
    pub(super) fn differing(&self) -> Vec<&'static str> {
        let first = self.rooms.first().map(|stage| self.screen(&stage.room));
        self.others.differing(&first.unwrap_or_default())
    }

    /// Waits until all of them show the same, for a while.
    pub(super) async fn settle(&self) {
        let ends = Instant::now() + SETTLES;
        while !self.differing().is_empty() && Instant::now() < ends {
            tokio::time::sleep(LOOKS_EVERY).await;
        }
    }

    /// Ends the stand-ins.
    pub(super) async fn leave(self) {
        self.others.leave().await;
        self.phones.shutdown().await;
        self.exchange.shutdown().await;
    }
}

/// What administrators of the demo sign in with. Nobody but this machine reaches it.
pub(super) const SIGN_IN: &str = "demonstration-only";

/// Rooms in cities where it is morning.
fn stages(count: usize, zones: &ZoneDatabase, clock: SystemClock) -> anyhow::Result<Vec<Stage>> {
    let now = clock.now().wall;
    let mut cities = Vec::new();
    for (city, iana, windows_zone) in CITIES {
        let zone = RoomZone::named(zones, iana)?;
        if MORNING.contains(&zone.local(now).hour()) {
            cities.push((city, zone, windows_zone));
        }
    }
    let rooms = cities.iter().cycle().enumerate().take(count).map(|(n, (city, zone, windows_zone))| {
        let room = match n / cities.len() {
            0 => (*city).to_owned(),
            floor => format!("{city}-{}", floor + 1),
        };
        Stage { room, zone: zone.clone(), windows_zone }
    });
    Ok(rooms.collect())
}
