//! One room: whether its calendar can be read, by which right, and what it shows of itself.

use super::{
    failure::Failure,
    meetings,
    report::{Answers, Finding, Right, RoomFound},
    rights::Grant,
};
use crate::{
    cmdlets::{Account, Concerned},
    config::{RoomConfig, ServerConfig},
    locating::{self, Located},
    system_clock::SystemClock,
};
use chrono::TimeDelta;
use exchange_wire::{
    Error, Problem, Refused, Request,
    ews::{
        Access, Dialect, Mailbox,
        get_folder::{self, Folder},
        get_user_availability,
        read::{Limits, Outcome, Read, Step as Next},
        server_version::{self, ServerVersion},
        subscribe::{self, Kind},
        unsubscribe,
    },
};
use meeting_model::{
    clock::{Clock, Window},
    id::ServerId,
    observed::{Observed, Protocol},
    zone::ZoneDatabase,
};
use std::time::Duration;
use subscriber::Subscriber;
use sync_engine::next_step;

/// What it takes to ask a room. Owns all it needs, so that rooms can be asked side by side.
#[derive(Debug, Clone)]
pub(super) struct Asking {
    pub(super) id: ServerId,
    pub(super) server: ServerConfig,
    pub(super) subscriber: Subscriber,
    /// In the schema version that the server was found to take.
    pub(super) dialect: Dialect,
    pub(super) room: RoomConfig,
    pub(super) zones: ZoneDatabase,
    pub(super) clock: SystemClock,
    /// Where its web services are.
    pub(super) located: Located,
}

/// What came of it.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) found: RoomFound,
    pub(super) findings: Vec<Finding>,
    /// Why its calendar could not be read.
    pub(super) failure: Option<Failure>,
    /// The schema version that the server took in the end.
    pub(super) dialect: Dialect,
    /// Where its web services are.
    pub(super) located: Located,
}

/// A room of which nothing is known.
pub(super) fn not_asked(room: &RoomConfig) -> RoomFound {
    RoomFound {
        room: room.id.to_string(),
        mailbox: room.of_several(),
        server: room.server.to_string(),
        exchange: None,
        failed: None,
        asked: false,
        right: None,
        subscriptions: None,
        items: None,
        accepting: None,
        answers: None,
    }
}

impl Asking {
    /// Asks all there is to ask of a room.
    pub(super) async fn ask(mut self) -> Asked {
        let mut found = RoomFound { asked: true, ..not_asked(&self.room) };
        let mut findings = Vec::new();
        let over_webdav = self.server.protocol == Protocol::Webdav;
        let asked = if over_webdav {
            self.ask_over_webdav(&mut found, &mut findings).await
        } else {
            self.ask_over_ews(&mut found, &mut findings).await
        };
        let failure = asked.err();
        if let Some(failure) = &failure {
            found.failed = Some(failure.step);
            found.exchange = failure.version.map(|version| version.to_string()).or(found.exchange);
            findings.push(Finding::wrong(self.room.says(&failure.sentence)));
            if failure.denied && !over_webdav {
                self.explain_denial(failure.version, &mut found, &mut findings).await;
            }
        }
        let account = Account::of(&self.server);
        let RoomConfig { id, mailbox, .. } = &self.room;
        let concerned = Concerned { room: id, mailbox, account: Some(&account) };
        let named = |finding: Finding| Finding { sentence: concerned.named(&finding.sentence), ..finding };
        let findings = findings.into_iter().map(|finding| named(finding).about(&self.room)).collect();
        Asked { found, findings, failure, dialect: self.dialect, located: self.located }
    }

    async fn ask_over_ews(
        &mut self,
        found: &mut RoomFound,
        findings: &mut Vec<Finding>,
    ) -> Result<(), Failure> {
        let (folder, version) = self.open().await?;
        found.exchange = version.map(|version| version.to_string());
        found.items = folder.total_count;
        self.look_around(version, found, findings).await
    }

    /// Finds the web services and opens the calendar, in an older schema version where the server refuses a newer one, as the
    /// daemon does.
    async fn open(&mut self) -> Result<(Folder, Option<ServerVersion>), Failure> {
        let located = locating::locate(&self.id, &self.server, &self.subscriber, &self.room.mailbox).await;
        self.located = located?;
        loop {
            let request = get_folder::request(self.dialect, &self.mailbox());
            let reply = self.send(&request).await?;
            let (reply, version) = (reply.as_wire(), server_version::parse(&reply.as_wire()));
            match get_folder::parse(&reply).and_then(Folder::readable) {
                Ok(folder) => return Ok((folder, version)),
                Err(error) => match self.dialect.version.older() {
                    Some(older) if matches!(error.problem, Problem::VersionRefused { .. }) => {
                        self.dialect.version = older;
                    }
                    _ => return Err(Failure::of(&error, version)),
                },
            }
        }
    }

    /// What an account that may read the calendar finds out besides.
    async fn look_around(
        &self,
        version: Option<ServerVersion>,
        found: &mut RoomFound,
        findings: &mut Vec<Finding>,
    ) -> Result<(), Failure> {
        found.right = self.right().await?;
        let grant = Grant { server: &self.server, room: &self.room, version };
        if self.room.settings.subjects.recover_from_inbox && found.right == Some(Right::CalendarOnly) {
            let sentence = format!(
                "`recover_from_inbox` is on, and its Inbox cannot be read: subjects are looked for there after {}",
                grant.full_access()
            );
            findings.push(Finding::hint(self.room.says(&sentence)));
        }
        match self.subscribe().await? {
            Ok(()) => found.subscriptions = Some(true),
            Err(error) => {
                let refused = matches!(error.problem, Problem::SubscriptionRefused { .. });
                found.subscriptions = refused.then_some(false);
                findings.push(Finding::warning(self.without_subscriptions(&error, &grant)));
            }
        }
        let observed = self.read(version).await?;
        let settings = &self.room.settings;
        let seen = meetings::seen(&self.room.id, &observed, settings, &self.zones, self.clock.now());
        (found.answers, found.accepting) = (seen.answers, seen.answers.and_then(Answers::most));
        findings.extend(seen.findings(&self.room, Some(grant.generation())));
        Ok(())
    }

    fn without_subscriptions(&self, error: &Error, grant: &Grant<'_>) -> String {
        let lacks_right =
            matches!(error.problem, Problem::SubscriptionRefused { refused: Refused::NotSupported, .. });
        let sentence = if lacks_right && self.server.dialect.access == Access::Delegate {
            let right = grant.full_access();
            format!("{error}; it is asked at intervals, and would be told at once after {right}")
        } else {
            next_step::of_error(error).sentence
        };
        self.room.says(&sentence)
    }

    /// Who may read the Inbox has the whole mailbox. Absent where that cannot be told.
    async fn right(&self) -> Result<Option<Right>, Failure> {
        if self.dialect.access == Access::Impersonation {
            return Ok(Some(Right::Impersonation));
        }
        let request = get_folder::inbox(self.dialect, &self.mailbox());
        let reply = self.send(&request).await?;
        Ok(match get_folder::parse(&reply.as_wire()).and_then(Folder::readable) {
            Ok(_) => Some(Right::FullAccess),
            // Exchange does not show folders that may not be seen.
            Err(Error { problem: Problem::AccessDenied { .. } | Problem::FolderNotFound { .. }, .. }) => {
                Some(Right::CalendarOnly)
            }
            Err(_) => None,
        })
    }

    /// Takes a subscription and gives it back.
    async fn subscribe(&self) -> Result<Result<(), Error>, Failure> {
        let kind = Kind::Pull { timeout: Duration::from_mins(1) };
        let request = subscribe::request(self.dialect, &self.mailbox(), &kind);
        let reply = self.send(&request).await?;
        let subscription = match subscribe::parse(&reply.as_wire()) {
            Ok(subscription) => subscription,
            Err(error) => return Ok(Err(error)),
        };
        // Where it cannot be given back, it ends by itself within a minute.
        let request = unsubscribe::request(self.dialect, &self.mailbox(), &subscription.id);
        self.send(&request).await?;
        Ok(Ok(()))
    }

    /// Reads the calendar as the daemon does at its start.
    async fn read(&self, version: Option<ServerVersion>) -> Result<Observed, Failure> {
        let (now, settings) = (self.clock.now().wall, &self.room.settings);
        let window = Window { start: now - settings.back, end: now + settings.ahead };
        let (mut read, mut request) =
            Read::complete(self.dialect, self.mailbox(), window, &settings.join, Limits::default());
        loop {
            let reply = self.send(&request).await?;
            match read.on_reply(&reply.as_wire()).map_err(|error| Failure::of(&error, version))? {
                Next::Send(further, next) => (read, request) = (*further, next),
                Next::Done(Outcome { observed, .. }) => return Ok(observed),
            }
        }
    }

    /// Tells an account that sees too little from one that sees nothing, and what would help.
    async fn explain_denial(
        &self,
        version: Option<ServerVersion>,
        found: &mut RoomFound,
        findings: &mut Vec<Finding>,
    ) {
        let now = self.clock.now().wall;
        let window = Window { start: now, end: now + TimeDelta::days(1) };
        let request = get_user_availability::request(self.dialect, &self.mailbox(), window);
        let told = match self.send(&request).await {
            Ok(reply) => get_user_availability::parse(&reply.as_wire()).map_err(|error| error.problem),
            Err(_) => return,
        };
        let sees = match told {
            Ok(_) => {
                found.right = Some(Right::FreeBusyOnly);
                "when the room is busy, and nothing else"
            }
            Err(Problem::AccessDenied { .. }) => "nothing of the room",
            Err(_) => "no calendar here",
        };
        let grant = Grant { server: &self.server, room: &self.room, version };
        findings.push(Finding::hint(self.room.says(&format!(
            "the account sees {sees}; `ReadPermission`, which older guides ask for, shows who has rights and opens no \
             calendar: {}",
            grant.read()
        ))));
    }

    pub(super) async fn send(&self, request: &Request) -> Result<sync_engine::Reply, Failure> {
        Ok(self.subscriber.ask(self.located.of(&self.id), request).await?)
    }

    fn mailbox(&self) -> Mailbox {
        Mailbox::new(&self.room.mailbox)
    }
}
