//! Performs the engine's actions: each short, each posting one event.

use crate::{
    config::{Config, RoomConfig},
    daemon::{
        pushes::Pushes,
        shadow::Shadows,
        signs::Signs,
        streams::{Opening, Streams},
        tickets::Tickets,
    },
    planning::{self, Applying, Done, Planning},
    site::Devices,
};
use chrono::{DateTime, TimeDelta, Utc};
use meeting_model::{
    availability::believed,
    clock::{Clock, Now, Window},
    display::Present,
    id::{DeviceId, Revision, RoomId},
    withheld::Withheld,
    zone::RoomZone,
};
use phone_push::{Callbacks, PhonePush};
use std::{collections::BTreeMap, sync::Arc};
use store::{DialReader, DisplayReader, Outcome, Settlement, WriterHandle};
use subscriber::{Addressee, Subscriber, dated::Hears};
use sync_engine::{Action, Applied, Apply, ApplyError, Deliver, Delivered, Event, Settle};
use tokio::sync::mpsc::UnboundedSender;

/// How often a room is planned anew because its rows moved meanwhile. Rows move when another room teaches something
/// about a shared meeting, which few do at once.
const CONFLICTS: usize = 16;

/// The farthest that a device is told of.
pub(crate) const DEVICE_HORIZON: TimeDelta = TimeDelta::hours(72);

/// Everything the engine's actions need. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Performer {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) subscriber: Subscriber,
    /// Who hears what replies say of the time.
    pub(crate) hears: Arc<Hears>,
    pub(crate) writer: WriterHandle,
    pub(crate) reader: DisplayReader,
    /// Read for devices that dial, and for nobody else (rule P1).
    pub(crate) dials: DialReader,
    pub(crate) phones: Arc<PhonePush>,
    /// The devices that are no longer configured.
    pub(crate) leaving: Arc<PhonePush>,
    /// What all devices have in common.
    pub(crate) devices: Devices,
    /// The routes that devices call back on.
    pub(crate) callbacks: Callbacks,
    pub(crate) planning: Arc<Planning>,
    pub(crate) shown: Arc<BTreeMap<RoomId, ShownRoom>>,
    pub(crate) room_of: Arc<BTreeMap<DeviceId, RoomId>>,
    pub(crate) tickets: Tickets,
    pub(crate) signs: Signs,
    /// What devices would have got, where they are told nothing.
    pub(crate) shadows: Option<Shadows>,
    pub(crate) streams: Streams,
    pub(crate) pushes: Pushes,
    pub(crate) events: UnboundedSender<Event>,
}

/// What devices are told of a room besides its meetings.
#[derive(Debug, Clone)]
pub(crate) struct ShownRoom {
    pub(crate) name: String,
    pub(crate) zone: RoomZone,
}

/// What devices are told of the configured rooms.
pub(crate) fn shown(config: &Config) -> BTreeMap<RoomId, ShownRoom> {
    let shown = |room: &RoomConfig| ShownRoom { name: room.name.clone(), zone: room.settings.zone.clone() };
    config.rooms.iter().map(|room| (room.id.clone(), shown(room))).collect()
}

impl Performer {
    /// Starts an action; what comes of it is posted as an event.
    pub(crate) fn perform(&self, action: Action) {
        let this = self.clone();
        match action {
            Action::Exchange { call, server, at, room, request } => {
                tracing::debug!(%server, %room, operation = request.operation.name(), "asking exchange");
                tokio::spawn(async move {
                    let to = Addressee { server: &server, at: at.as_deref() };
                    let result = this.subscriber.exchange(to, &request).await;
                    this.post(Event::Exchange { call, result });
                });
            }
            Action::Discover { call, server, room, ask } => {
                tracing::debug!(%server, %room, url = ask.url, "asking autodiscover");
                tokio::spawn(async move {
                    let result = this.subscriber.discover(&server, &ask).await;
                    this.post(Event::Exchange { call, result: result.map_err(Into::into) });
                });
            }
            Action::OpenStream { connection, server, at, request } => {
                let (subscriber, events) = (self.subscriber.clone(), self.events.clone());
                self.streams.open(connection, Opening { server, at, request }, subscriber, events);
            }
            Action::CloseStream { connection } => self.streams.close(connection),
            Action::AnswerPush { push, answer } => self.pushes.answer(push, answer),
            Action::Apply(apply) => {
                tokio::spawn(async move {
                    let result = this.apply(&apply).await;
                    this.post(Event::Applied { room: apply.room, result });
                });
            }
            Action::Deliver(deliver) => {
                tokio::spawn(async move {
                    let result = this.deliver(&deliver).await;
                    this.post(Event::Delivered { device: deliver.device, result });
                });
            }
            // what nobody was told, nobody has
            Action::Settle(_) if self.shadows.is_some() => {}
            Action::Empty { device, .. } if self.shadows.is_some() => {
                self.post(Event::Emptied { device, result: Ok(()) });
            }
            Action::Settle(settle) => {
                tokio::spawn(async move { this.settle(settle).await });
            }
            Action::Empty { device, room } => {
                tokio::spawn(async move {
                    let result = this.leaving.empty(&device).await;
                    if result.is_ok() {
                        tracing::info!(%room, %device, "a device that was taken off shows nothing of ours any more");
                    }
                    this.post(Event::Emptied { device, result });
                });
            }
            Action::Refuse { ticket, room, sentence } => {
                self.tickets.answer(ticket, self.planning.report(&room, Err(sentence)));
            }
        }
    }

    fn post(&self, event: Event) {
        // where the loop has ended, nobody needs to know any more
        let _ = self.events.send(event);
    }

    async fn apply(&self, apply: &Apply) -> Result<Applied, ApplyError> {
        match self.try_apply(apply).await {
            Ok(Done { applied, told, differences, signs }) => {
                for (calendar, signs) in signs {
                    self.signs.put(&calendar, signs);
                }
                for (kind, count) in differences {
                    tracing::warn!(room = %apply.room, %kind, count, "the mirror differed from the server");
                }
                self.answer(apply, told);
                Ok(applied)
            }
            Err(error) => {
                self.answer(apply, Err(error.to_string()));
                Err(planning::not_applied(&error))
            }
        }
    }

    async fn try_apply(&self, apply: &Apply) -> Result<Done, store::Error> {
        let unknown = || store::Error::UnknownRoom { room: apply.room.clone() };
        let mut applying = Applying::begin(&self.planning, apply).ok_or_else(unknown)?;
        let mut conflicts = 0;
        while applying.goes_on() {
            let room = applying.room();
            let known = self.writer.known(room.clone(), applying.meetings()).await?;
            let before = known.rev;
            let committed = match applying.plan(known, self.surely(room)) {
                None => None,
                Some((epoch, commit)) => match self.writer.commit(epoch, commit).await {
                    Err(store::Error::Conflict { .. }) if conflicts < CONFLICTS => {
                        conflicts += 1;
                        continue;
                    }
                    committed => Some(committed?),
                },
            };
            if let Some(rev) = committed.as_ref().map(|committed| committed.rev).filter(|rev| *rev != before)
            {
                tracing::info!(%room, rev = rev.0, "committed");
            }
            applying.committed(committed.as_ref());
        }
        Ok(applying.end())
    }

    /// What is surely past by now in a room: earlier than now while clocks contradict each other, so that nothing is dropped
    /// early because one of them is wrong (rule C5).
    fn surely(&self, room: &RoomId) -> Now {
        let now = self.clock.now();
        Now { wall: now.wall - self.clock.lingers(room), ..now }
    }

    fn answer(&self, apply: &Apply, result: Result<control::Resynced, String>) {
        if let Some(ticket) = apply.ticket {
            self.tickets.answer(ticket, self.planning.report(&apply.room, result));
        }
    }

    async fn deliver(&self, deliver: &Deliver) -> Delivered {
        let Deliver { device, room, digest, since, as_of } = deliver;
        match self.present(room, *as_of, self.phones.dials(device)).await {
            Ok((present, withheld)) => {
                if let Some(shadows) = &self.shadows {
                    return shadows.deliver(&self.phones, deliver, &present, &withheld);
                }
                self.phones.deliver(device, &present, &withheld, digest.as_deref(), *since).await
            }
            Err(error) => {
                let sentence = format!("device `{device}`: {error}");
                Delivered::Failed { rev: Revision::default(), wait: None, sentence }
            }
        }
    }

    /// What a device of the room is to show now, and what one that dials is told besides. What is only tentative never
    /// reaches a device (rule A4).
    async fn present(
        &self,
        room: &RoomId,
        as_of: Option<DateTime<Utc>>,
        dials: bool,
    ) -> Result<(Present, Withheld), store::Error> {
        let shown = self.shown.get(room).ok_or_else(|| store::Error::UnknownRoom { room: room.clone() })?;
        let now = self.clock.now().wall;
        let today = meeting_model::day::local_day(&shown.zone, now).window;
        let lingers = self.clock.lingers(room);
        let window = Window { start: today.start - lingers, end: now + DEVICE_HORIZON };
        let (meta, mut meetings) = self.reader.meetings(room.clone(), window).await?;
        let spells = self.reader.spells(room.clone(), window).await?;
        let withheld =
            if dials { self.dials.withheld(room.clone(), window).await? } else { Withheld::default() };
        meetings.retain_mut(|meeting| {
            meeting.lingers = lingers;
            !meeting.tentative
        });
        let present = Present {
            room: room.clone(),
            room_name: shown.name.clone(),
            rev: meta.rev,
            now,
            zone: shown.zone.clone(),
            meetings,
            spells: spells.into_iter().map(|spell| spell.lingering(lingers)).collect(),
            // these rows or older ones were true then; what is stored may have been noted by a clock that was ahead
            as_of: believed(as_of.or(meta.as_of), now),
        };
        Ok((present, withheld))
    }

    async fn settle(&self, settle: Settle) {
        let Some(room) = self.room_of.get(&settle.device) else { return };
        let Some(epoch) = self.planning.epochs.get(room).copied() else { return };
        let outcome = match (settle.digest, settle.retry_in) {
            (Some(digest), None) => Outcome::Acknowledged { digest },
            (_, wait) => Outcome::Failed {
                attempts: settle.attempts,
                not_before: self.clock.now().wall + wait.unwrap_or_default(),
                error: settle.error.unwrap_or_default(),
            },
        };
        let settlement =
            Settlement { device: settle.device, epoch, rev: settle.rev, outcome, now: self.clock.now().wall };
        if let Err(error) = self.writer.settle(settlement).await {
            // the device is looked at again after a restart, and has at worst the same present twice
            tracing::warn!(%room, %error, "a delivery could not be recorded");
        }
    }
}
