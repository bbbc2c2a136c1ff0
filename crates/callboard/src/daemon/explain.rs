//! Answers why a room shows what it shows.

use crate::{
    explaining::{self, Mirrored},
    planning::Planning,
    room_signs::generation,
};
use control::{Health, Message, Question, RoomHealth, Trouble};
use meeting_model::{
    availability::{Age, true_as_of},
    clock::{Clock, Now},
    id::{Revision, RoomId, ServerId},
};
use std::{collections::BTreeSet, sync::Arc};
use store::{DisplayReader, WriterHandle};
use tokio::sync::watch;

/// Answers why a room shows what it shows. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Explainer {
    pub(crate) planning: watch::Receiver<Arc<Planning>>,
    pub(crate) writer: WriterHandle,
    pub(crate) reader: DisplayReader,
    pub(crate) clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Explainer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Explainer").finish_non_exhaustive()
    }
}

impl Explainer {
    /// The answer, or why there is none.
    pub(crate) async fn answer(&self, question: &Question, health: &Health) -> Message {
        let planning = Arc::clone(&self.planning.borrow());
        let room = RoomId::new(&question.room);
        let Some(source) = planning.sources.get(&room) else {
            return Message::Refused {
                sentence: "the daemon does not look after this room".to_owned(),
                unknown_rooms: vec![question.room.clone()],
            };
        };
        let now = self.clock.now();
        let told = match explaining::moment(question, now.wall) {
            Ok(_) => self.explained(question, &planning, &source.server, health, now).await,
            Err(sentence) => Err(sentence),
        };
        match told {
            Ok(told) => told,
            Err(sentence) => Message::Refused { sentence, unknown_rooms: Vec::new() },
        }
    }

    async fn explained(
        &self,
        question: &Question,
        planning: &Planning,
        server: &ServerId,
        health: &Health,
        now: Now,
    ) -> Result<Message, String> {
        let mirrored = self.mirrored(question, health, now).await.map_err(|error| error.to_string())?;
        let server = health.servers.iter().find(|health| health.server == server.as_str());
        let server = server.and_then(|server| server.version.as_deref()).and_then(generation);
        let told = explaining::explained(question, planning, server, &mirrored, now)?;
        Ok(Message::Explained(Box::new(told)))
    }

    async fn mirrored(
        &self,
        question: &Question,
        health: &Health,
        now: Now,
    ) -> Result<Mirrored, store::Error> {
        let room = RoomId::new(&question.room);
        let known = self.writer.known(room.clone(), BTreeSet::new());
        let shown = self.writer.shown_at(room.clone(), question.at.unwrap_or(now.wall));
        let devices = self.writer.devices();
        let (known, shown, devices) = (known.await?, shown.await?, devices.await?);
        let stored = self.reader.room(room.clone()).await?.as_of;
        let heard = health.rooms.iter().find(|health| health.room == question.room);
        let of_now = heard.filter(|_| question.at.is_none());
        let troubles = of_now.into_iter().flat_map(RoomHealth::troubles);
        let heard = heard.map(|health| Age { rev: Revision(health.rev), as_of: health.as_of });
        let of_room = devices.into_iter().filter(|device| device.room == room);
        let trouble = |device: &str| {
            let device = health.devices.iter().find(|health| health.device == device);
            device.and_then(|health| health.trouble.clone()).filter(|_| question.at.is_none())
        };
        Ok(Mirrored {
            as_of: true_as_of(Age { rev: known.rev, as_of: stored }, heard, now.wall),
            known,
            shown,
            troubles: troubles
                .map(|(sentence, retry_at)| Trouble { sentence: sentence.to_owned(), retry_at })
                .collect(),
            devices: of_room.map(|one| (one.device.clone(), trouble(one.device.as_str()))).collect(),
        })
    }
}
