//! An engine, fed by hand.

use chrono::{DateTime, TimeDelta, Utc};
use exchange_wire::{Operation, ews::Dialect};
use meeting_model::{
    clock::Now,
    id::{DeviceId, Revision, RoomId, ServerId},
    settings::RoomSettings,
    zone::{RoomZone, ZoneDatabase},
};
use std::time::Duration;
use sync_engine::{
    AccountId, Action, Applied, CallId, Delivered, DeviceSettings, Engine, Event, Notifications, Reply,
    RoomPlan, RoomStart, ServerSettings, Site, Unreachable,
};

pub(crate) const DAY: Duration = Duration::from_hours(24);

/// An engine, the time, and what is to be done.
pub(crate) struct Bench {
    pub(crate) engine: Engine,
    pub(crate) elapsed: Duration,
    /// By how much the wall clock was set.
    pub(crate) stepped: TimeDelta,
    pub(crate) todo: Vec<Action>,
}

pub(crate) fn site(rooms: usize) -> Site {
    let mut site = Site::default();
    for server in ["hq", "lab"] {
        let settings = ServerSettings {
            dialect: Dialect::default(),
            webdav: None,
            autodiscover: None,
            account: AccountId::new(server),
            notifications: Some(Notifications::Pull),
            push: None,
            pull_interval: Duration::from_secs(15),
            renew_every: Duration::from_mins(20),
            reconcile_every: Duration::from_hours(1),
            max_concurrent: Some(4),
        };
        site.servers.insert(ServerId::new(server), settings);
    }
    for n in 0..rooms {
        let id = format!("room-{n}");
        let plan = RoomPlan {
            part_of: None,
            server: ServerId::new(if n == 0 { "lab" } else { "hq" }),
            mailbox: format!("{id}@example.com"),
            settings: settings(),
            devices: vec![DeviceSettings {
                id: DeviceId::new(format!("{id}/phone")),
                address: format!("10.0.0.{n}"),
            }],
        };
        site.rooms.insert(RoomId::new(id), plan);
    }
    site
}

pub(crate) fn settings() -> RoomSettings {
    let zone = RoomZone::named(&ZoneDatabase::bundled(), "Europe/Berlin").unwrap();
    RoomSettings::usual(zone, "room@example.com")
}

impl Bench {
    /// An engine of that many rooms: the first on the server `lab`, the others on `hq`.
    pub(crate) fn new(rooms: usize) -> Self {
        Self::of(site(rooms))
    }

    /// An engine of a site that was never seen before.
    pub(crate) fn of(site: Site) -> Self {
        Self::begun(site, TimeDelta::zero())
    }

    /// An engine of that many rooms, on a machine whose clock is wrong by so much.
    pub(crate) fn starting(rooms: usize, wrong_by: TimeDelta) -> Self {
        Self::begun(site(rooms), wrong_by)
    }

    /// An engine of a site that was read then, and restored.
    pub(crate) fn restored(site: Site, as_of: DateTime<Utc>) -> Self {
        Self::known_as_of(site, TimeDelta::zero(), Some(as_of))
    }

    fn begun(site: Site, stepped: TimeDelta) -> Self {
        Self::known_as_of(site, stepped, None)
    }

    fn known_as_of(site: Site, stepped: TimeDelta, as_of: Option<DateTime<Utc>>) -> Self {
        let starts = site.rooms.keys().map(|room| RoomStart {
            room: room.clone(),
            rev: Revision::default(),
            cursor: None,
            as_of,
            restored: as_of.is_some(),
        });
        let started = Event::Started { rooms: starts.collect(), devices: Vec::new() };
        let mut bench =
            Self { engine: Engine::new(site, 1), elapsed: Duration::ZERO, stepped, todo: Vec::new() };
        bench.on(started);
        bench
    }

    pub(crate) fn wall(&self) -> DateTime<Utc> {
        let morning: DateTime<Utc> = "2026-03-02T07:00:00Z".parse().unwrap();
        morning + self.stepped + self.elapsed
    }

    pub(crate) fn on(&mut self, event: Event) {
        let now = Now { wall: self.wall(), mono: self.elapsed };
        let actions = self.engine.on(event, now);
        self.todo.extend(actions);
    }

    /// Lets time pass until there is something new to do, waking the engine whenever it asks for it.
    pub(crate) fn pass(&mut self, span: Duration) {
        let (end, left, mut woken) = (self.elapsed + span, self.todo.len(), 0);
        while self.todo.len() == left {
            let wake = self.engine.next_wake();
            let wall = wake.wall.map(|wall| self.elapsed + (wall - self.wall()).to_std().unwrap_or_default());
            let Some(next) = wake.mono.into_iter().chain(wall).min().filter(|next| *next <= end) else {
                self.elapsed = end;
                return;
            };
            assert!(next > self.elapsed || woken < 1_000, "the engine wakes again and again");
            woken += 1;
            self.elapsed = next.max(self.elapsed);
            self.on(Event::Wake);
        }
    }

    /// What Exchange is asked: room, operation and how to answer.
    pub(crate) fn asked(&mut self) -> Vec<(RoomId, Operation, CallId)> {
        let mut asked = Vec::new();
        self.todo.retain(|action| match action {
            Action::Exchange { room, request, call, .. } => {
                asked.push((room.clone(), request.operation, *call));
                false
            }
            _ => true,
        });
        asked
    }

    pub(crate) fn answer(&mut self, call: CallId, status: u16, body: &str) {
        let reply = Reply { status, headers: Vec::new(), body: body.as_bytes().to_vec() };
        self.on(Event::Exchange { call, result: Ok(reply) });
    }

    /// Answers everything as a healthy Exchange with empty calendars, until nothing is asked any more.
    pub(crate) fn serve(&mut self) {
        loop {
            let asked = self.asked();
            let more = !asked.is_empty();
            for (_, operation, call) in asked {
                self.answer(call, 200, &healthy(operation));
            }
            if !self.serve_actions() && !more {
                return;
            }
        }
    }

    /// Lets time pass, and serves meanwhile.
    pub(crate) fn settle(&mut self, span: Duration) {
        let end = self.elapsed + span;
        while self.elapsed < end {
            self.serve();
            self.pass(end.saturating_sub(self.elapsed));
        }
        self.serve();
    }

    /// As [`Bench::serve`], but for one operation.
    pub(crate) fn serve_but(&mut self, left: Operation) {
        while let Some(at) = self.todo.iter().position(
            |action| matches!(action, Action::Exchange { request, .. } if request.operation != left),
        ) {
            let Action::Exchange { call, request, .. } = self.todo.remove(at) else { continue };
            self.answer(call, 200, &healthy(request.operation));
            self.serve_actions();
        }
    }

    /// Commits and delivers everything; says whether there was anything.
    pub(crate) fn serve_actions(&mut self) -> bool {
        let (todo, left): (Vec<_>, Vec<_>) = std::mem::take(&mut self.todo)
            .into_iter()
            .partition(|action| matches!(action, Action::Apply(_) | Action::Deliver(_) | Action::Settle(_)));
        self.todo = left;
        let any = !todo.is_empty();
        for action in todo {
            match action {
                Action::Apply(apply) => {
                    let applied = Applied { rev: Revision(1), ..Applied::default() };
                    self.on(Event::Applied { room: apply.room, result: Ok(applied) });
                }
                Action::Deliver(deliver) => {
                    let result = taken(self.wall() + TimeDelta::days(9));
                    self.on(Event::Delivered { device: deliver.device, result });
                }
                _ => {}
            }
        }
        any
    }

    pub(crate) fn as_of(&self, room: &str) -> Option<DateTime<Utc>> {
        self.engine.rooms().find(|(id, _)| id.as_str() == room)?.1.as_of()
    }

    pub(crate) fn trouble(&self, room: &str) -> Option<String> {
        let (_, room) = self.engine.rooms().find(|(id, _)| id.as_str() == room)?;
        self.engine.trouble_of(room)
    }
}

pub(crate) fn healthy(operation: Operation) -> String {
    let message = match operation {
        Operation::GetFolder => {
            r#"<Folders><CalendarFolder><FolderId Id="calendar"/></CalendarFolder></Folders>"#
        }
        Operation::Subscribe => "<SubscriptionId>s</SubscriptionId><Watermark>w</Watermark>",
        Operation::GetEvents => {
            "<Notification><SubscriptionId>s</SubscriptionId><MoreEvents>false</MoreEvents>\
             <StatusEvent><Watermark>w</Watermark></StatusEvent></Notification>"
        }
        Operation::FindItem => {
            r#"<RootFolder TotalItemsInView="0" IncludesLastItemInRange="true"><Items/></RootFolder>"#
        }
        Operation::SyncFolderItems => {
            "<SyncState>c3RhdGU=</SyncState><IncludesLastItemInRange>true</IncludesLastItemInRange><Changes/>"
        }
        _ => "",
    };
    format!(
        r#"<Envelope><Body><{operation}Response><ResponseMessages><{operation}ResponseMessage ResponseClass="Success">
        <ResponseCode>NoError</ResponseCode>{message}</{operation}ResponseMessage></ResponseMessages></{operation}Response></Body></Envelope>"#
    )
}

pub(crate) fn refused() -> Unreachable {
    Unreachable { whole_server: true, refusals: 0, sentence: "server `hq`: no connection".into() }
}

/// A device that took the first revision.
pub(crate) fn taken(next_change: DateTime<Utc>) -> Delivered {
    let (rev, digest) = (Revision(1), "present".into());
    Delivered::Acknowledged { rev, digest, sent: true, answered: true, next_change }
}
