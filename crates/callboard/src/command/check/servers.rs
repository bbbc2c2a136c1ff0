//! The servers one after the other, and the rooms of each side by side once the first has signed in.

use super::{
    account,
    report::{Finding, RoomFound, Step},
    room::{Asked, Asking, not_asked},
};
use crate::{
    config::{Config, RoomConfig, ServerConfig},
    locating::Located,
    system_clock::SystemClock,
};
use chrono::{DateTime, Utc};
use exchange_wire::ews::Dialect;
use indicatif::ProgressBar;
use meeting_model::{clock::Clock, id::ServerId, observed::Protocol, zone::ZoneDatabase};
use std::{
    collections::{BTreeMap, VecDeque},
    mem, panic,
};
use subscriber::Subscriber;
use tokio::task::JoinSet;

/// Rooms that are asked at once: the smallest budget that Exchange gives an account is ten calls.
const AT_ONCE: usize = 8;

/// So many rooms without an answer, and none with one meanwhile, are a server that does not answer: of one room the mailbox may be
/// slow. Of those that are asked side by side all must be.
const SILENT: usize = 2;

/// What a check of all rooms needs.
struct Checking<'a> {
    config: &'a Config,
    zones: &'a ZoneDatabase,
    clock: SystemClock,
    bar: &'a ProgressBar,
    /// Accounts that were refused, in lower case, and by which server: one attempt is enough.
    refused: BTreeMap<String, ServerId>,
    /// Accounts that were refused to the daemon, in lower case, and until when it leaves them alone.
    left_alone: BTreeMap<String, DateTime<Utc>>,
    /// By the calendars' places in the configuration.
    found: BTreeMap<usize, (RoomFound, Vec<Finding>)>,
    /// What deserves attention of servers.
    findings: Vec<Finding>,
}

/// Asks every room. What was found is in the configuration's order, what deserves attention of servers before.
pub(super) async fn check(
    config: &Config,
    servers: &BTreeMap<ServerId, Subscriber>,
    left_alone: BTreeMap<String, DateTime<Utc>>,
    zones: &ZoneDatabase,
    clock: SystemClock,
    bar: &ProgressBar,
) -> (Vec<RoomFound>, Vec<Finding>) {
    let (refused, found, findings) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
    let mut checking = Checking { config, zones, clock, bar, refused, left_alone, found, findings };
    for (id, server) in &config.servers {
        checking.server(id, server, servers.get(id)).await;
    }
    let (rooms, of_rooms): (Vec<_>, Vec<_>) = checking.found.into_values().unzip();
    (rooms, checking.findings.into_iter().chain(of_rooms.into_iter().flatten()).collect())
}

impl Checking<'_> {
    /// Asks the rooms of one server. With a wrong password each attempt would count towards a lock-out, so that nobody else is
    /// asked before one room has signed in, nor once the server has failed as a whole.
    async fn server(&mut self, id: &ServerId, server: &ServerConfig, subscriber: Option<&Subscriber>) {
        let mut waiting = self.rooms_on(id);
        let account = server.sign_in.account().to_lowercase();
        let Some(subscriber) = subscriber else {
            return self.pass_over(&waiting, &format!("its server `{id}` cannot be signed in to"));
        };
        if let Some(other) = self.refused.get(&account) {
            return self.pass_over(&waiting, &format!("its account was refused by server `{other}`"));
        }
        if let Some(until) = self.left_alone.get(&account) {
            let until = until.format("%H:%M:%S UTC");
            return self.pass_over(&waiting, &format!(
                "the daemon leaves its account alone until {until}, since it was refused (`callboard status`); once that is mended, \
                 `callboard reload` tries it at once, and `callboard check --now` here"
            ));
        }
        let mut under_way = JoinSet::new();
        let mut dialect = server.dialect;
        let (mut signed_in, mut silent) = (false, 0);
        let mut located = BTreeMap::new();
        loop {
            let at_once = if signed_in { AT_ONCE } else { 1 };
            while under_way.len() < at_once
                && let Some((place, room)) = waiting.pop_front()
            {
                let asking = self.asking(id, server, subscriber, dialect, room);
                under_way.spawn(async move { (place, asking.ask().await) });
            }
            let Some(joined) = under_way.join_next().await else { break };
            let (place, asked) = joined.unwrap_or_else(|error| panic::resume_unwind(error.into_panic()));
            dialect = asked.dialect;
            located.extend(asked.located.told().map(|told| (told, asked.located.clone())));
            let failure = asked.failure.as_ref();
            // Only who has signed in is told of mailboxes.
            signed_in |= failure.is_none_or(|failure| failure.step >= Step::Mailbox);
            let of_server = failure.filter(|failure| !(failure.may_be_mailbox && signed_in));
            if of_server.is_some_and(|failure| failure.refused) {
                self.refused.insert(account.clone(), id.clone());
            }
            silent = if failure.is_some_and(|failure| failure.silent) { silent + 1 } else { 0 };
            if of_server.is_some_and(|failure| failure.whole_server) {
                let first = &asked.found.room;
                let why = format!("its server `{id}` failed for room `{first}`");
                self.pass_over(&mem::take(&mut waiting), &why);
            } else if silent >= at_once.max(SILENT) {
                let why = format!("its server `{id}` does not answer: {silent} rooms in a row had no answer");
                self.pass_over(&mem::take(&mut waiting), &why);
            }
            self.note(place, asked);
        }
        let hint = |told: &String| Finding::hint(format!("server `{id}`: {told}"));
        self.findings.extend(located.keys().map(hint));
        if signed_in && server.protocol == Protocol::Ews {
            let now = self.clock.now().wall;
            let anywhere = located.values().next().cloned().unwrap_or_default();
            self.findings.extend(account::findings(anywhere.of(id), subscriber, dialect, now).await);
        }
    }

    /// The rooms as they are at their calendars on a server, each with its place among all calendars.
    fn rooms_on(&self, server: &ServerId) -> VecDeque<(usize, RoomConfig)> {
        let rooms = self.config.rooms.iter();
        let calendars = rooms.flat_map(|room| room.calendars().map(move |calendar| (room, calendar)));
        let there = calendars.enumerate().filter(|(_, (_, calendar))| calendar.server == *server);
        there.map(|(place, (room, calendar))| (place, room.at(calendar))).collect()
    }

    fn asking(
        &self,
        id: &ServerId,
        server: &ServerConfig,
        subscriber: &Subscriber,
        dialect: Dialect,
        room: RoomConfig,
    ) -> Asking {
        Asking {
            id: id.clone(),
            server: server.clone(),
            subscriber: subscriber.clone(),
            dialect,
            room,
            zones: self.zones.clone(),
            clock: self.clock,
            located: Located::default(),
        }
    }

    fn note(&mut self, place: usize, asked: Asked) {
        self.bar.inc(1);
        self.found.insert(place, (asked.found, asked.findings));
    }

    fn pass_over(&mut self, rooms: &VecDeque<(usize, RoomConfig)>, why: &str) {
        for (place, room) in rooms {
            let finding = Finding::wrong(room.says(&format!("not asked, as {why}"))).about(room);
            self.bar.inc(1);
            self.found.insert(*place, (not_asked(room), vec![finding]));
        }
    }
}
