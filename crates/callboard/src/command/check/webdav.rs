//! One room of a server that is spoken to over WebDAV: it is found, subscribed to and read as the daemon does it.

use super::{
    failure::Failure,
    meetings,
    report::{Answers, Finding, RoomFound},
    room::Asking,
};
use crate::{
    conversing,
    room_signs::{configured_generation, generation},
    site,
};
use exchange_wire::{
    Error, Reply, Request,
    calendar::{Calendar, Look, Opening, Read, Step},
    ews::subscribe::Kind,
    webdav::Mailbox,
};
use meeting_model::clock::{Clock, Window};
use std::time::Duration;
use sync_engine::{Webdav, next_step};

impl Asking {
    /// Asks all there is to ask of a room over WebDAV.
    pub(super) async fn ask_over_webdav(
        &self,
        found: &mut RoomFound,
        findings: &mut Vec<Finding>,
    ) -> Result<(), Failure> {
        let Some(Webdav { directory, session }) = site::webdav(&self.server) else { return Ok(()) };
        let calendar = Calendar::Webdav(Mailbox::new(&directory, &self.room.mailbox, session));
        let looked = self.talk(calendar.look(), Look::on_reply).await?;
        found.exchange = looked.map_err(|error| Failure::of(&error, None))?.version;
        let kind = Kind::Pull { timeout: Duration::from_mins(1) };
        match self.talk(calendar.subscribe(&kind, None, None), Opening::on_reply).await? {
            Ok(watch) => {
                // Where it cannot be given back, it ends by itself within the hour.
                self.send(&watch.close()).await?;
                found.subscriptions = Some(true);
            }
            Err(error) => {
                found.subscriptions = Some(false);
                let sentence = next_step::of_error(&error).sentence;
                findings.push(Finding::warning(self.room.says(&sentence)));
            }
        }
        let (now, settings) = (self.clock.now(), &self.room.settings);
        if settings.subjects.recover_from_inbox {
            let sentence = "`recover_from_inbox` is on, and does nothing over WebDAV: subjects are taken from other rooms' copies";
            findings.push(Finding::hint(next_step::of_room(&self.room.id, sentence)));
        }
        let window = Window { start: now.wall - settings.back, end: now.wall + settings.ahead };
        let read = calendar.read_whole(window, &settings.join);
        let outcome = self.talk(read, Read::on_reply).await?;
        let observed = outcome.map_err(|error| Failure::of(&error, None))?.observed;
        let seen = meetings::seen(&self.room.id, &observed, settings, &self.zones, now);
        (found.answers, found.accepting) = (seen.answers, seen.answers.and_then(Answers::most));
        let told = found.exchange.as_deref();
        let generation = told.and_then(generation).or_else(|| configured_generation(&self.server));
        findings.extend(seen.findings(&self.room, generation));
        Ok(())
    }

    async fn talk<C, D>(
        &self,
        begun: (C, Request),
        on_reply: impl Fn(C, &Reply<'_>) -> Result<Step<C, D>, Error>,
    ) -> Result<Result<D, Error>, Failure> {
        Ok(conversing::carry(&self.subscriber, self.located.of(&self.id), begun, on_reply).await?)
    }
}
