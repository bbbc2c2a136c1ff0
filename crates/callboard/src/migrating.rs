//! Rooms are held against themselves on another server, before they are read from there: what `migrate` does with a daemon and
//! without one.
//!
//! Both servers are asked for the whole window, beside the engine and with connections of their own. What each says goes
//! through the rules on top of what is known, and what a room would show is joined with what it shows
//! ([`meeting_model::migration`]). Nothing is stored by that: whoever finds all well then has the rooms read elsewhere, whose
//! first whole read moves rows, cursor and source in one commit.

mod judging;
mod reading;

use crate::{
    cmdlets::{Account, Concerned},
    config::Config,
    planning::Planning,
};
use chrono::{DateTime, Utc};
use control::{Migrate, Migration, MigrationOutcome, MigrationReport, StoodIn};
use meeting_model::{
    clock::Clock,
    id::{RoomId, ServerId},
    identity::MeetingId,
    known::Known,
    observed::Observed,
};
use reading::{Closed, NotRead};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use subscriber::Subscriber;
use tokio::task::JoinSet;

/// How old the mirror may be that stands in for a server unasked.
const STALE: Duration = Duration::from_mins(15);

/// How many rooms are read side by side.
const AT_ONCE: usize = 8;

/// Rooms to be held against themselves on another server.
#[derive(Clone)]
pub(crate) struct Migrating {
    config: Arc<Config>,
    subscriber: Subscriber,
    to: ServerId,
    asked: Arc<Migrate>,
    clock: Arc<dyn Clock>,
}

/// What the store knows of a room.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) known: Known,
    /// As of when that is true.
    pub(crate) as_of: Option<DateTime<Utc>>,
}

/// What both servers say of a room.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) room: RoomId,
    from: ServerId,
    here: Result<Observed, NotRead>,
    there: Result<Observed, NotRead>,
}

/// Rooms that are being read, some of them side by side.
///
/// A server that refuses us or does not answer is asked for the first room alone: no account is locked out by the others.
pub(crate) struct Reading {
    migrating: Migrating,
    to_come: std::vec::IntoIter<RoomId>,
    under_way: JoinSet<Read>,
    at_once: usize,
    closed: Closed,
}

impl Reading {
    /// The next room that both servers were asked for, as they come.
    pub(crate) async fn next(&mut self) -> Option<Read> {
        let free = self.at_once.saturating_sub(self.under_way.len());
        for room in self.to_come.by_ref().take(free) {
            let (migrating, closed) = (self.migrating.clone(), self.closed.clone());
            self.under_way.spawn(async move { migrating.read(room, &closed).await });
        }
        let read = self.under_way.join_next().await?;
        let read = read.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
        self.at_once = AT_ONCE;
        self.closed.learn(&self.migrating.to, &read);
        Some(read)
    }
}

impl Read {
    /// The meetings that are spoken of: what the store is to be asked for facts about.
    pub(crate) fn meetings(&self) -> BTreeSet<MeetingId> {
        [&self.here, &self.there].into_iter().flatten().flat_map(Observed::meeting_ids).collect()
    }
}

impl Migrating {
    /// For rooms as they are configured, and the migration that was asked for.
    ///
    /// # Errors
    /// Where a password or a certificate cannot be read, or no server has that name.
    pub(crate) fn begin(config: Config, asked: Migrate, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let to = ServerId::new(&asked.to);
        anyhow::ensure!(config.servers.contains_key(&to), "no server is called `{to}`");
        let subscriber = crate::site::subscriber(&config, clock.now().wall)?;
        Ok(Self { config: Arc::new(config), subscriber, to, asked: Arc::new(asked), clock })
    }

    /// Reads rooms from both servers.
    pub(crate) fn reading(&self, rooms: Vec<RoomId>) -> Reading {
        Reading {
            migrating: self.clone(),
            to_come: rooms.into_iter(),
            under_way: JoinSet::new(),
            at_once: 1,
            closed: Closed::default(),
        }
    }

    /// Whether a room is to be read from there now.
    pub(crate) fn is_ready(&self, report: &MigrationReport) -> bool {
        let outcome = report.result.as_ref().map(|migration| migration.outcome);
        outcome == Ok(MigrationOutcome::WouldSwitch) && !self.asked.dry_run
    }

    /// What is told of a room that was ready, once it was read from there, or could not be.
    pub(crate) fn switched(report: MigrationReport, failed: Option<&str>) -> MigrationReport {
        let MigrationReport { room, from, result } = report;
        let result = match failed {
            Some(sentence) => Err(sentence.to_owned()),
            None => result.map(|found| Migration { outcome: MigrationOutcome::Switched, ..found }),
        };
        MigrationReport { room, from, result }
    }

    /// Holds what a room would show against what it shows.
    pub(crate) fn judge(&self, read: &Read, planning: &Planning, stored: Stored) -> MigrationReport {
        let result = if read.from == self.to { Ok(already()) } else { self.judged(read, planning, stored) };
        let result = result.map_err(|sentence| self.named(&read.room, &sentence));
        MigrationReport { room: read.room.to_string(), from: read.from.to_string(), result }
    }

    /// The sentence with names in its cmdlets: they are about the server that is to be read.
    fn named(&self, room: &RoomId, sentence: &str) -> String {
        let account = self.config.servers.get(&self.to).map(Account::of);
        let configured = self.config.rooms.iter().find(|configured| configured.id == *room);
        let named = configured.map(|configured| {
            Concerned { room, mailbox: &configured.mailbox, account: account.as_ref() }.named(sentence)
        });
        named.unwrap_or_else(|| sentence.to_owned())
    }

    fn judged(&self, read: &Read, planning: &Planning, stored: Stored) -> Result<Migration, String> {
        let there = read.there.as_ref().map_err(|not_read| not_read.sentence.clone())?;
        let mirror = self.stands_in(read, stored.as_of)?;
        let now = self.clock.now();
        let as_of = mirror.as_ref().map_or(now.wall, |mirror| mirror.as_of);
        let said = judging::Said { here: read.here.as_ref().ok(), there, as_of };
        let joined = judging::join(planning, &read.room, stored.known, said, now)?;
        Ok(judging::told(&joined, mirror, self.asked.tolerate))
    }
    fn stands_in(&self, read: &Read, as_of: Option<DateTime<Utc>>) -> Result<Option<StoodIn>, String> {
        let Err(not_read) = &read.here else { return Ok(None) };
        let because = (!self.asked.from_mirror).then_some(not_read.sentence.as_str());
        stand_in(&read.from, because, as_of, self.clock.now().wall).map(Some)
    }
}

/// What stands in for a server that was not read, where that may be. `because` is absent where it was not to be asked: then the
/// mirror may be of any age.
fn stand_in(
    from: &ServerId,
    because: Option<&str>,
    as_of: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<StoodIn, String> {
    let said = because.map_or_else(String::new, |because| format!(" ({because})"));
    let as_of = as_of.ok_or_else(|| {
        format!("`{from}` was not read now{said}, and never before: there is nothing to compare with")
    })?;
    let age = now - as_of;
    if because.is_some() && age.to_std().is_ok_and(|age| age > STALE) {
        return Err(format!(
            "`{from}` cannot be read{said}, and what is mirrored of it is {} old; `--from-mirror` compares with that all the \
             same",
            crate::render::age(age)
        ));
    }
    Ok(StoodIn { as_of, age_seconds: age.num_seconds(), because: because.map(str::to_owned) })
}

fn already() -> Migration {
    Migration {
        matched: 0,
        soft: 0,
        mismatches: Vec::new(),
        mirror: None,
        outcome: MigrationOutcome::Already,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn a_mirror_stands_in_while_it_is_fresh_or_when_it_is_asked_for() {
        let from = ServerId::new("legacy");
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(1);
        let ago = |minutes| Some(now - TimeDelta::minutes(minutes));
        let silent = Some("no answer");
        for (because, as_of, expected) in [
            (silent, ago(15), None),
            (
                silent,
                ago(16),
                Some("cannot be read (no answer), and what is mirrored of it is 16m old; `--from-mirror`"),
            ),
            (None, ago(5_000), None),
            (silent, None, Some("never before")),
            (None, None, Some("never before")),
        ] {
            let found = stand_in(&from, because, as_of, now);
            match expected {
                None => assert_eq!(found.unwrap().as_of, as_of.unwrap()),
                Some(sentence) => assert!(found.unwrap_err().contains(sentence), "{sentence}"),
            }
        }
    }
}
