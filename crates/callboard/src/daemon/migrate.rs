//! Rooms are read from another server from now on, while the daemon runs.

use super::operating::{Reach, not_known};
use crate::{
    config::Config,
    migrating::{Migrating, Read, Stored},
};
use control::{Message, Migrate, MigrationReport};
use meeting_model::id::{RoomId, ServerId};
use std::{collections::BTreeMap, sync::Arc};
use sync_engine::{Event, Wish};
use tokio::sync::mpsc;

impl Reach {
    /// Holds rooms against themselves on another server, has those read from there that show the same, and tells of each.
    pub(super) async fn migrate(&self, asked: Migrate, tell: &mpsc::UnboundedSender<Message>) -> Message {
        let rooms = match self.named(asked.rooms.clone()) {
            Ok(rooms) => rooms,
            Err(unknown) => return not_known(unknown),
        };
        match self.try_migrate(rooms, asked, tell).await {
            Ok(failed) => Message::Done { failed },
            Err(error) => Message::Refused { sentence: format!("{error:#}"), unknown_rooms: Vec::new() },
        }
    }

    async fn try_migrate(
        &self,
        rooms: Vec<RoomId>,
        asked: Migrate,
        tell: &mpsc::UnboundedSender<Message>,
    ) -> anyhow::Result<usize> {
        let to = ServerId::new(&asked.to);
        let config = Config::clone(&self.present.borrow());
        let migrating = Migrating::begin(config, asked, Arc::clone(&self.explainer.clock))?;
        let planning = Arc::clone(&self.explainer.planning.borrow());
        let (mut ready, mut failed) = (BTreeMap::new(), 0);
        let mut report = |report: MigrationReport| {
            failed += usize::from(!report.is_well());
            let _ = tell.send(Message::Migration(report));
        };
        let mut reading = migrating.reading(rooms);
        while let Some(read) = reading.next().await {
            let stored = self.stored(&read).await?;
            let judged = migrating.judge(&read, &planning, stored);
            if migrating.is_ready(&judged) {
                ready.insert(read.room, judged);
            } else {
                report(judged);
            }
        }
        for done in self.switch(ready, &to).await? {
            report(done);
        }
        Ok(failed)
    }

    async fn stored(&self, read: &Read) -> Result<Stored, store::Error> {
        let room = &read.room;
        let known = self.explainer.writer.known(room.clone(), read.meetings()).await?;
        let stored = self.explainer.reader.room(room.clone()).await?.as_of;
        let heard = self.health.borrow().rooms.iter().find(|health| health.room == room.as_str()).cloned();
        let heard = heard.filter(|health| health.rev == known.rev.0).and_then(|health| health.as_of);
        Ok(Stored { known, as_of: stored.max(heard) })
    }

    /// Has these rooms read from there; what became of each. One that cannot be read there after all goes back.
    async fn switch(
        &self,
        mut ready: BTreeMap<RoomId, MigrationReport>,
        to: &ServerId,
    ) -> anyhow::Result<Vec<MigrationReport>> {
        if ready.is_empty() {
            return Ok(Vec::new());
        }
        let there = ready.keys().map(|room| (room.clone(), to.clone())).collect();
        self.read_elsewhere(there).await?;
        let (mut done, mut back) = (Vec::new(), BTreeMap::new());
        let mut answers = self.wish(ready.keys().cloned().collect(), Wish::Resync);
        while let Some(answer) = answers.recv().await {
            let room = RoomId::new(&answer.room);
            let Some(report) = ready.remove(&room) else { continue };
            let failed = answer.result.as_ref().err().map(String::as_str);
            if failed.is_some() {
                back.insert(room, ServerId::new(&report.from));
            }
            done.push(Migrating::switched(report, failed));
        }
        if !back.is_empty() {
            self.read_elsewhere(back).await?;
        }
        Ok(done)
    }

    async fn read_elsewhere(&self, rooms: BTreeMap<RoomId, ServerId>) -> anyhow::Result<()> {
        let changed = self.reloads.read_elsewhere(rooms).await;
        changed.map_err(|mistakes| anyhow::anyhow!(mistakes.join("; ")))
    }

    /// Has the engine do something to rooms; their answers as they come.
    pub(super) fn wish(
        &self,
        rooms: Vec<RoomId>,
        wish: Wish,
    ) -> mpsc::UnboundedReceiver<control::RoomReport> {
        let (answers, reports) = mpsc::unbounded_channel();
        for room in rooms {
            let ticket = self.tickets.draw(answers.clone());
            let _ = self.events.send(Event::Wished { room, ticket, wish });
        }
        reports
    }
}
