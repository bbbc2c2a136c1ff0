//! Changes, as they are committed, for whoever listens.
//!
//! Server-Sent Events (WHATWG HTML §9.2). Every event has an id: which run of the program it is of, and a number. Whoever
//! comes back with the last one they heard is told what came after it, as far as that is remembered; else they are told to
//! read everything anew.

use axum::response::sse::{Event, KeepAlive, Sse};
use control::Health;
use futures_util::{Stream, stream};
use meeting_model::id::RoomId;
use serde::Serialize;
use std::{
    collections::{BTreeSet, VecDeque},
    convert::Infallible,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use store::Changed;
use tokio::sync::{broadcast, watch};

/// How many events are remembered for those who come back.
const REMEMBERED: usize = 10_000;

/// How many events somebody may be behind.
const BEHIND: usize = 1024;

/// How often something is sent in any case, so that a connection that is gone is noticed.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Everything that is told.
pub(crate) struct Events {
    /// Which run of the program this is.
    run: String,
    told: Mutex<VecDeque<Told>>,
    tell: broadcast::Sender<Told>,
    /// Closes when the program ends.
    health: watch::Receiver<Health>,
}

/// One event.
#[derive(Debug, Clone)]
struct Told {
    number: u64,
    /// Absent where events were lost: everything is to be read anew.
    changed: Option<Changed>,
}

/// Which rooms somebody hears of.
#[derive(Debug, Clone)]
pub(crate) enum Heard {
    /// Every one.
    All,
    /// These.
    Rooms(BTreeSet<RoomId>),
}

#[derive(Serialize)]
struct ChangedEvent<'a> {
    room: &'a str,
    rev: i64,
}

impl Events {
    pub(crate) fn new(health: watch::Receiver<Health>) -> Self {
        let mut run = [0; 8];
        // Without randomness two runs may share a name: then somebody reads one change too few until their next look.
        let _ = getrandom::fill(&mut run);
        Self { run: hex::encode(run), told: Mutex::default(), tell: broadcast::Sender::new(BEHIND), health }
    }

    /// Tells of a change.
    pub(crate) fn tell(&self, changed: &Changed) {
        self.put(Some(changed.clone()));
    }

    /// Some changes were not heard of.
    pub(crate) fn forget(&self) {
        self.put(None);
    }

    fn put(&self, changed: Option<Changed>) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let event = Told { number: told.back().map_or(1, |last| last.number + 1), changed };
        if told.len() >= REMEMBERED {
            told.pop_front();
        }
        told.push_back(event.clone());
        // Nobody may listen.
        let _ = self.tell.send(event);
    }

    /// Everything from now on, after what came since `last_id`.
    pub(crate) fn listen(
        &self,
        heard: Heard,
        last_id: Option<&str>,
    ) -> Sse<impl Stream<Item = Result<Event, Infallible>> + use<>> {
        let (missed, listener) = {
            let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
            (self.missed(&told, last_id), self.tell.subscribe())
        };
        let listening =
            Listening { run: self.run.clone(), heard, missed, listener, health: self.health.clone() };
        let events = stream::unfold(listening, async |mut listening| {
            let event = listening.next().await?;
            Some((Ok(event), listening))
        });
        Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT))
    }

    /// What came since an event: at first one that gives whoever is new an id to come back with.
    fn missed(&self, told: &VecDeque<Told>, last_id: Option<&str>) -> VecDeque<Told> {
        let newest = told.back().map_or(0, |last| last.number);
        let begin = Told { number: newest, changed: None };
        let heard = last_id.and_then(|id| id.strip_prefix(&self.run)?.strip_prefix('-')?.parse::<u64>().ok());
        let oldest = told.front().map_or(1, |first| first.number);
        match heard {
            Some(heard) if heard <= newest && heard + 1 >= oldest => {
                told.iter().filter(|event| event.number > heard).cloned().collect()
            }
            _ => VecDeque::from([begin]),
        }
    }
}

/// Somebody who listens.
struct Listening {
    run: String,
    heard: Heard,
    missed: VecDeque<Told>,
    listener: broadcast::Receiver<Told>,
    health: watch::Receiver<Health>,
}

impl Listening {
    async fn next(&mut self) -> Option<Event> {
        loop {
            let told = match self.missed.pop_front() {
                Some(told) => told,
                None => self.told().await?,
            };
            let id = format!("{}-{}", self.run, told.number);
            match told.changed {
                None => return Some(Event::default().event("reset").id(id).data("{}")),
                Some(Changed { room, rev }) if self.heard.of(&room) => {
                    let changed = ChangedEvent { room: room.as_str(), rev: rev.0 };
                    let data = serde_json::to_string(&changed).expect("plain data has a JSON form");
                    return Some(Event::default().event("changed").id(id).data(data));
                }
                Some(_) => {}
            }
        }
    }

    /// Nothing, once the program ends.
    async fn told(&mut self) -> Option<Told> {
        loop {
            tokio::select! {
                told = self.listener.recv() => return match told {
                    Ok(told) => Some(told),
                    // What is next tells where it goes on.
                    Err(broadcast::error::RecvError::Lagged(_)) => {
                        let Told { number, .. } = self.listener.recv().await.ok()?;
                        Some(Told { number, changed: None })
                    }
                    Err(broadcast::error::RecvError::Closed) => None,
                },
                changed = self.health.changed() => changed.ok()?,
            }
        }
    }
}

impl Heard {
    fn of(&self, room: &RoomId) -> bool {
        match self {
            Self::All => true,
            Self::Rooms(rooms) => rooms.contains(room),
        }
    }
}
