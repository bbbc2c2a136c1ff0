//! A scenario, played: every act at its time, with somebody who looks on.

mod deeds;

use crate::{
    Counts, Run, Site, Trace, Violation,
    lateness::Lateness,
    run::Witness,
    scenario::{Act, Face, MeetingId, Scenario, Service, Strikes},
};
use chrono::{DateTime, TimeDelta, Utc};
use exchange_sim::{
    CalendarProcessing, Injection, LostIds, MailboxState, MeetingHandle, StoreVersion, WebdavManners,
    WebdavSignIn,
};
use exchange_wire::ews::Version;
use meeting_model::{id::RoomId, settings::Acceptance};
use std::collections::{BTreeMap, BTreeSet};
use sync_engine::Notifications;

/// How long whatever waits because something failed may wait: the account that was refused twice, the server that asked for
/// patience, the subscription that was not allowed.
const PATIENCE: TimeDelta = TimeDelta::minutes(65);

/// What came of a scenario.
#[derive(Debug)]
pub struct Played {
    /// What happened, where it was written down.
    pub trace: Trace,
    /// How much.
    pub counts: Counts,
    /// What must not be and was, where something was.
    pub violation: Option<Violation>,
}

/// Plays a scenario, writing down what happens where that is wanted.
pub fn play(scenario: &Scenario, written: bool) -> Played {
    let mut player = Player::begin(scenario, written);
    for scene in &scenario.scenes {
        player.run.pass_until(scenario.begins + scene.at);
        if player.is_broken() {
            break;
        }
        if written {
            let told = format_args!("* {:?}", scene.act);
            player.run.trace.note(player.run.now, told);
        }
        player.count(&scene.act);
        player.act(&scene.act);
    }
    if !player.is_broken() {
        player.end(scenario);
    }
    let Run { trace, counts, witness, .. } = player.run;
    Played { trace, counts, violation: witness.and_then(|witness| witness.broken) }
}

struct Player {
    run: Run,
    rooms: usize,
    signs_in_by_form: bool,
    /// By when a subscription that was lost without a word is renewed, and its room read; absent where it is asked for.
    renewed: Option<TimeDelta>,
    meetings: BTreeMap<MeetingId, MeetingHandle>,
    /// Those that stand for whole days: they move to no other hours.
    whole_days: BTreeSet<MeetingHandle>,
}

impl Player {
    fn begin(scenario: &Scenario, written: bool) -> Self {
        let mut site = Site::beginning(scenario.seed, scenario.begins);
        for (number, (processing, walls)) in scenario.rooms.iter().enumerate() {
            site = site.room(&Scenario::alias(number), *processing, walls);
        }
        site = match scenario.face {
            Face::Ews(notifications) => site.told_by(notifications),
            Face::Webdav { newer, form } => {
                let site = site.over_webdav(manners(newer, form));
                if scenario.word { site.told_by_word() } else { site }
            }
        };
        site.world().set_bodies_are_html(scenario.html);
        if scenario.links {
            site = site.speaking(Version::Exchange2013);
        }
        let mut run = site.dialling().every(scenario.pull, scenario.renew, scenario.reconcile).begin();
        if !written {
            run.trace.silence();
        }
        run.lateness = scenario.late.then(|| Lateness::new(scenario.seed));
        run.witness = Some(Box::default());
        let mut player = Self {
            run,
            rooms: scenario.rooms.len(),
            signs_in_by_form: matches!(scenario.face, Face::Webdav { form: true, .. }),
            renewed: matches!(scenario.face, Face::Ews(Notifications::Streaming | Notifications::Push))
                .then(|| TimeDelta::from_std(scenario.renew * 3).unwrap_or(PATIENCE).max(PATIENCE)),
            meetings: BTreeMap::new(),
            whole_days: BTreeSet::new(),
        };
        for (number, (processing, _)) in scenario.rooms.iter().enumerate() {
            player.treats(number, processing);
        }
        player.run.look_anew();
        player
    }

    fn is_broken(&self) -> bool {
        self.run.witness.as_ref().is_some_and(|witness| witness.broken.is_some())
    }

    fn witness(&mut self) -> &mut Witness {
        self.run.witness.as_mut().expect("somebody looks on")
    }

    fn room(number: usize) -> RoomId {
        RoomId::new(Scenario::alias(number))
    }

    fn count(&mut self, act: &Act) {
        let counts = &mut self.run.counts;
        match act {
            Act::Invite(..) | Act::Book(..) | Act::Do(..) => counts.acts += 1,
            // nobody is signed in by a form
            Act::Service(Service::EndSessions) if !self.signs_in_by_form => {}
            act if act.goes_wrong() => counts.faults += 1,
            _ => {}
        }
    }

    fn act(&mut self, act: &Act) {
        let now = self.run.now;
        match act {
            Act::Invite(id, invitation) => self.invite(*id, invitation, now),
            Act::Book(id, invitation) => self.book(*id, invitation, now),
            Act::Do(id, deed) => {
                if let Some(meeting) = self.meetings.get(id).copied() {
                    self.deed(meeting, deed, now);
                }
            }
            Act::Service(service) => self.service(*service, now),
            Act::Mishap(mishap) => self.run.befall(*mishap),
            Act::Fault { fault, strikes, room } => {
                let strikes = match *strikes {
                    Strikes::Next(count) => exchange_sim::Strikes::Next(count),
                    Strikes::PerMille(rate) => exchange_sim::Strikes::PerMille(rate),
                    Strikes::For(span) => exchange_sim::Strikes::Between(now, now + span),
                };
                let injection = Injection::of(*fault).striking(strikes);
                let injection = match room {
                    Some(room) => injection.in_room(&Scenario::alias(*room)),
                    None => injection,
                };
                // one that is for a room that was left out befalls nobody
                let _ = self.run.world.inject(injection);
            }
            Act::Switch(room, _)
            | Act::MoveMailbox(room)
            | Act::Mailbox(room, _)
            | Act::Phone(room, _)
            | Act::Reboot(room)
            | Act::Mute(room, _)
            | Act::Slow(room, _)
            | Act::Resync(room) => {
                if *room < self.rooms {
                    self.in_room(*room, act);
                }
            }
        }
        self.run.look_at_the_world();
    }

    fn in_room(&mut self, room: usize, act: &Act) {
        let alias = Scenario::alias(room);
        match act {
            Act::Switch(_, proxy) => self.switch(room, *proxy),
            Act::MoveMailbox(_) => {
                // a stream that beats on though it has lost the subscription is believed until it is renewed
                let until = self.renewed.map(|renewed| self.run.now + renewed);
                let watched = self.witness().room(&Self::room(room));
                watched.deceived_until = watched.deceived_until.max(until);
                self.run.world.move_mailbox(&alias).expect("the room is there");
            }
            Act::Mailbox(_, state) => {
                self.run.world.set_mailbox_state(&alias, *state).expect("the room is there");
            }
            Act::Phone(_, on) => self.run.switch_phone(&alias, *on),
            Act::Reboot(_) => self.run.reboot_phone(&alias),
            Act::Mute(_, times) | Act::Slow(_, times) => {
                let phone = self.run.phone_of(&alias).expect("every room has one");
                let counter = if matches!(act, Act::Mute(..)) { &mut phone.mute } else { &mut phone.slow };
                *counter = *times;
            }
            Act::Resync(_) => self.run.resync(&alias),
            _ => {}
        }
    }

    /// Whether a room leaves meetings as they were sent is to be known of it.
    fn treats(&mut self, room: usize, processing: &CalendarProcessing) {
        let rewrites = processing.delete_subject
            || processing.add_organizer_to_subject
            || processing.remove_private_property;
        self.witness().room(&Self::room(room)).rewrites |= rewrites;
    }

    /// The program is started again, with another mode of acceptance in a room.
    fn switch(&mut self, room: usize, proxy: bool) {
        let id = Self::room(room);
        if !self.run.was_read(&id) {
            return;
        }
        let acceptance = if proxy { Acceptance::Proxy } else { Acceptance::AutoAccept };
        let now = self.run.now;
        let watched = self.witness().room(&id);
        watched.switches(proxy, now);
        self.run.look_anew();
        self.run.accept_by(&id, acceptance);
    }

    fn service(&mut self, service: Service, now: DateTime<Utc>) {
        match service {
            Service::Cut(cut) => self.run.cut_off(cut),
            Service::Restart(down) => {
                self.run.world.restart_store(now, down);
                self.run.world.restart_web_services();
            }
            Service::FailOver => {
                self.run.world.fail_over_store(now);
                self.run.world.restart_web_services();
            }
            Service::EndSessions => self.run.world.end_webdav_sessions(),
            Service::Heal => self.run.world.heal(),
        }
    }

    /// For how long rooms were judged.
    fn count_judged(&mut self, scenario: &Scenario) {
        let now = self.run.now;
        let unjudged = self.witness().unjudged(now);
        let counts = &mut self.run.counts;
        let seconds = |span: TimeDelta| u64::try_from(span.num_seconds()).unwrap_or_default();
        counts.room_seconds = seconds(now - scenario.begins) * self.rooms as u64;
        counts.unjudged = seconds(unjudged);
    }

    /// All faults stop, one catch-up passes, and everything is judged.
    fn end(&mut self, scenario: &Scenario) {
        self.run.world.heal();
        self.run.cut_off(false);
        self.run.lateness = None;
        for room in 0..self.rooms {
            let alias = Scenario::alias(room);
            let healthy = self.run.world.set_mailbox_state(&alias, MailboxState::Healthy);
            healthy.expect("the room is there");
            let phone = self.run.phone_of(&alias).expect("every room has one");
            (phone.off, phone.mute, phone.slow) = (false, 0, 0);
        }
        self.run.spare();
        let catch_up = TimeDelta::from_std(scenario.renew * 2).unwrap_or(PATIENCE);
        self.run.pass_until(self.run.now + PATIENCE + catch_up);
        if scenario.deceives() && scenario.reconcile.as_secs() > 3_600 {
            for room in 0..self.rooms {
                self.run.resync(&Scenario::alias(room));
            }
            self.run.pass_until(self.run.now + TimeDelta::minutes(5));
        }
        self.count_judged(scenario);
        if !self.is_broken() {
            self.run.look_finally(catch_up);
        }
    }
}

fn manners(newer: bool, form: bool) -> WebdavManners {
    let version = if newer { StoreVersion::Exchange2007 } else { StoreVersion::Exchange2003 };
    WebdavManners {
        sign_in: if form { WebdavSignIn::Forms } else { WebdavSignIn::Http },
        lost_ids: if newer { LostIds::LeftOut } else { LostIds::Told },
        rows: 25,
        ..WebdavManners::of(version)
    }
}
