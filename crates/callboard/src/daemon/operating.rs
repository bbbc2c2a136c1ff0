//! Does what operators ask for, on the control socket and on the administrator's pages.

use super::{explain::Explainer, reload::Reloads, shadow::Shadows, tickets::Tickets};
use crate::{command::check, config::Config};
use control::{ClockReport, Health, Message, Request};
use feed::Operator;
use meeting_model::{id::RoomId, zone::ZoneDatabase};
use std::{collections::BTreeSet, sync::Arc};
use sync_engine::{Event, Wish};
use tokio::sync::{mpsc, watch};

/// What an operator can reach.
#[derive(Debug, Clone)]
pub(crate) struct Reach {
    /// The rooms there are.
    pub(crate) rooms: watch::Receiver<BTreeSet<RoomId>>,
    /// How everything is.
    pub(crate) health: watch::Receiver<Health>,
    /// Operators who wait.
    pub(crate) tickets: Tickets,
    /// The engine's ear.
    pub(crate) events: mpsc::UnboundedSender<Event>,
    /// Who reads the configuration again.
    pub(crate) reloads: Reloads,
    /// Who knows why rooms show what they show.
    pub(crate) explainer: Explainer,
    /// The configuration in force.
    pub(crate) present: watch::Receiver<Arc<Config>>,
    /// The rules of time zones.
    pub(crate) zones: ZoneDatabase,
    /// What devices would have got, where they are told nothing.
    pub(crate) shadows: Option<Shadows>,
    /// How right the clocks are.
    pub(crate) clocks: watch::Receiver<ClockReport>,
}

impl Operator for Reach {
    fn ask(&self, request: Request) -> mpsc::UnboundedReceiver<Message> {
        let (tell, told) = mpsc::unbounded_channel();
        tokio::spawn(self.clone().perform(request, tell));
        told
    }
}

impl Reach {
    /// Does what is asked; whoever asked may have gone.
    async fn perform(self, request: Request, tell: mpsc::UnboundedSender<Message>) {
        let last = match request {
            Request::Clock => Message::Clock(Box::new(self.clocks.borrow().clone())),
            Request::Status => Message::Status(self.health.borrow().clone()),
            Request::Resync { rooms, dry_run } => {
                let wish = if dry_run { Wish::DryRun } else { Wish::Resync };
                self.meet(rooms, wish, &tell).await
            }
            Request::Diff { rooms } => self.meet(rooms, Wish::Compare, &tell).await,
            Request::Migrate(asked) => self.migrate(asked, &tell).await,
            Request::Explain(question) => {
                let health = self.health.borrow().clone();
                self.explainer.answer(&question, &health).await
            }
            Request::Shadow { rooms } => self.shadow(rooms),
            Request::Test { server } => {
                let config = Arc::clone(&self.present.borrow());
                match check::connection(&config, &server, &self.zones).await {
                    Ok(tested) => Message::Tested(tested),
                    Err(sentence) => Message::Refused { sentence, unknown_rooms: Vec::new() },
                }
            }
            Request::Reload { dry_run } => match self.reloads.reload(dry_run).await {
                Ok(reloaded) => Message::Reloaded(reloaded),
                Err(mistakes) => Message::Mistaken { mistakes },
            },
        };
        let _ = tell.send(last);
    }

    fn shadow(&self, rooms: Vec<String>) -> Message {
        let Some(shadows) = &self.shadows else {
            let sentence =
                "the daemon tells its devices what they show; start it with `--shadow` to try it first";
            return Message::Refused { sentence: sentence.to_owned(), unknown_rooms: Vec::new() };
        };
        match self.named(rooms) {
            Ok(rooms) => {
                Message::Shadow(shadows.of(&rooms.into_iter().collect(), self.health.borrow().started))
            }
            Err(unknown) => not_known(unknown),
        }
    }

    /// The rooms of these ids, or all; the ids of those that are not known, where there are any.
    pub(super) fn named(&self, rooms: Vec<String>) -> Result<Vec<RoomId>, Vec<String>> {
        let known = self.rooms.borrow().clone();
        let rooms: Vec<RoomId> = if rooms.is_empty() {
            known.iter().cloned().collect()
        } else {
            rooms.into_iter().map(RoomId::new).collect()
        };
        let unknown: Vec<String> =
            rooms.iter().filter(|room| !known.contains(room)).map(ToString::to_string).collect();
        if unknown.is_empty() { Ok(rooms) } else { Err(unknown) }
    }

    /// Has rooms read or compared, and tells of each as it is done.
    async fn meet(&self, rooms: Vec<String>, wish: Wish, tell: &mpsc::UnboundedSender<Message>) -> Message {
        let rooms = match self.named(rooms) {
            Ok(rooms) => rooms,
            Err(unknown) => return not_known(unknown),
        };
        let planning = Arc::clone(&self.explainer.planning.borrow());
        let calendars = rooms.iter().flat_map(|room| planning.calendars.of_room(room));
        let calendars: Vec<RoomId> = calendars.map(|(id, _)| id.clone()).collect();
        let total = calendars.len();
        let mut reports = self.wish(calendars, wish);
        let (mut done, mut failed) = (0, 0);
        while let Some(report) = reports.recv().await {
            done += 1;
            failed += usize::from(report.result.is_err());
            let _ = tell.send(Message::Room(report));
            let _ = tell.send(Message::Progress { done, total });
        }
        Message::Done { failed }
    }
}

/// What is told where rooms are not known.
pub(super) fn not_known(unknown_rooms: Vec<String>) -> Message {
    let sentence = "the daemon does not look after every one of these rooms".to_owned();
    Message::Refused { sentence, unknown_rooms }
}
