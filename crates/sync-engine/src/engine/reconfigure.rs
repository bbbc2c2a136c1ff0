//! The configuration changes while running: what is gone is let go, what is new begins, and what has stayed goes on.

use super::{Engine, Target, conversations::refuse_wish};
use crate::{
    action::{Action, CallId},
    event::RoomStart,
    room::Room,
    server::Server,
    settings::{AccountId, RoomPlan, ServerSettings, Site},
};
use meeting_model::{
    clock::Now,
    id::{Revision, RoomId, ServerId},
};
use std::collections::{BTreeMap, BTreeSet};

impl Engine {
    /// Makes the site this one. `moved` names the servers that are others now though their names have stayed.
    pub(super) fn reconfigure(
        &mut self,
        site: Site,
        moved: &BTreeSet<ServerId>,
        starts: Vec<RoomStart>,
        now: Now,
        out: &mut Vec<Action>,
    ) {
        if self.stopping {
            return;
        }
        let Site { servers, mut rooms } = site;
        rooms.retain(|_, plan| servers.contains_key(&plan.server));
        let uproot = |room: &Room| match rooms.get(&room.id) {
            Some(plan) => !room.lives_as(plan) || moved.contains(&plan.server),
            None => true,
        };
        let uprooted: BTreeSet<RoomId> =
            self.rooms.values().filter(|room| uproot(room)).map(|room| room.id.clone()).collect();
        self.leave_servers(&uprooted, now, out);
        self.unsubscribe_where_it_is_done_otherwise(&servers, now, out);
        self.change_servers(servers, moved);
        self.change_rooms(rooms, &uprooted, starts, now);
        self.change_devices(now, out);
        let known = self.rooms.values().filter(|room| room.as_of().is_some());
        let known: Vec<_> = known.map(|room| room.id.clone()).collect();
        for id in known {
            self.tell_devices(&id, now);
        }
        self.prove_accounts(now);
        let all: Vec<RoomId> = self.rooms.keys().cloned().collect();
        for id in all {
            self.settle_room(&id, now, out);
        }
    }

    /// These rooms have nothing to say any more where they were. What is answered to them is heard by nobody, and what is
    /// being committed for them moves no cursor.
    fn leave_servers(&mut self, uprooted: &BTreeSet<RoomId>, now: Now, out: &mut Vec<Action>) {
        for id in uprooted {
            self.unsubscribe(id, now, out);
            let Some(room) = self.rooms.get_mut(id) else { continue };
            refuse_wish(room, "its configuration has changed meanwhile", out);
            if let Some(server) = self.servers.get_mut(&room.plan.server) {
                server.dequeue(id);
            }
        }
        for call in self.calls.values_mut() {
            call.heard_by.take_if(|room| uprooted.contains(room));
        }
        self.pushes.retain(|_, room| !uprooted.contains(room));
        for apply in self.applying.values_mut().filter(|apply| uprooted.contains(&apply.room)) {
            (apply.observed, apply.view, apply.differed) = (None, None, None);
        }
    }

    fn unsubscribe(&mut self, id: &RoomId, now: Now, out: &mut Vec<Action>) {
        if let Some(path) = self.rooms.get(id).and_then(Room::push_path) {
            self.pushes.remove(path);
        }
        self.leave_stream(id, now, out);
        self.give_back(id);
    }

    /// Where changes are to be heard of in another way, rooms take other subscriptions.
    fn unsubscribe_where_it_is_done_otherwise(
        &mut self,
        servers: &BTreeMap<ServerId, ServerSettings>,
        now: Now,
        out: &mut Vec<Action>,
    ) {
        let otherwise = |id: &ServerId, server: &Server| {
            servers.get(id).is_some_and(|settings| {
                (settings.notifications, &settings.push)
                    != (server.settings.notifications, &server.settings.push)
            })
        };
        let changed: BTreeSet<&ServerId> =
            self.servers.iter().filter(|(id, server)| otherwise(id, server)).map(|(id, _)| id).collect();
        let rooms = self.rooms.values().filter(|room| changed.contains(&room.plan.server));
        let rooms: Vec<RoomId> = rooms.map(|room| room.id.clone()).collect();
        for id in rooms {
            self.unsubscribe(&id, now, out);
        }
    }

    fn change_servers(&mut self, servers: BTreeMap<ServerId, ServerSettings>, moved: &BTreeSet<ServerId>) {
        let is_void = |id: &ServerId| !servers.contains_key(id) || moved.contains(id);
        let void: Vec<CallId> =
            self.calls.iter().filter(|(_, call)| is_void(&call.server)).map(|(id, _)| *id).collect();
        for call in void {
            if let Some(call) = self.calls.remove(&call)
                && let Some(account) = self.account_mut(&call.server)
            {
                account.heard(call.credential);
            }
        }
        for id in self.servers.keys().filter(|id| is_void(id)) {
            self.by_mono.set(&Target::Server(id.clone()), None);
        }
        self.farewells.retain(|id, _| !is_void(id));
        self.servers.retain(|id, _| !is_void(id));
        for (id, settings) in servers {
            match self.servers.get_mut(&id) {
                Some(server) => {
                    server.resettle(settings);
                    server.try_again();
                }
                None => drop(self.servers.insert(id, Server::new(settings))),
            }
        }
        self.change_accounts();
    }

    /// Every account has to be accepted anew, by one request: its password may be another, whose first refusals must not come
    /// from all rooms at once. What was wrong with an account that was refused may have been mended.
    fn change_accounts(&mut self) {
        let named: BTreeSet<AccountId> =
            self.servers.values().map(|server| server.settings.account.clone()).collect();
        self.accounts.retain(|account, _| named.contains(account));
        for account in named {
            self.accounts.entry(account).or_default();
        }
        for account in self.accounts.values_mut() {
            account.renew();
        }
    }

    /// One room of each account is read, so that streams, which ask nothing by themselves, do not wait for the account to be
    /// accepted, and a password that is wrong is known at once.
    fn prove_accounts(&mut self, now: Now) {
        let mut proved = BTreeSet::new();
        for room in self.rooms.values_mut() {
            let server = self.servers.get(&room.plan.server);
            if server.is_some_and(|server| proved.insert(server.settings.account.clone())) {
                room.told_of_change(now.mono);
            }
        }
    }

    fn change_rooms(
        &mut self,
        rooms: BTreeMap<RoomId, RoomPlan>,
        uprooted: &BTreeSet<RoomId>,
        starts: Vec<RoomStart>,
        now: Now,
    ) {
        let mut starts: BTreeMap<RoomId, RoomStart> =
            starts.into_iter().map(|start| (start.room.clone(), start)).collect();
        let gone = uprooted.iter().filter_map(|id| self.rooms.get(id)).filter(|room| !room.is_first());
        let taken_off: BTreeSet<RoomId> = gone.map(|room| room.shown_by().clone()).collect();
        for id in uprooted {
            if let Some(room) = self.rooms.remove(id) {
                starts.insert(id.clone(), room.elsewhere());
            }
            self.by_mono.set(&Target::Room(id.clone()), None);
            self.by_wall.set(&Target::Room(id.clone()), None);
        }
        for (id, plan) in rooms {
            match self.rooms.get_mut(&id) {
                Some(room) => room.resettle(plan, now),
                None => self.begin_room(id, plan, &mut starts, now),
            }
        }
        let rooms = &self.rooms;
        self.restored.retain(|(by, id)| rooms.get(id).is_some_and(|room| room.shown_by() == by));
        // what they showed is taken off
        for room in taken_off {
            if let Some(room) = self.rooms.get_mut(&room) {
                room.wish_replan();
            }
        }
    }

    fn begin_room(&mut self, id: RoomId, plan: RoomPlan, starts: &mut BTreeMap<RoomId, RoomStart>, now: Now) {
        let Some(server) = self.servers.get(&plan.server) else { return };
        let mut room = Room::new(id.clone(), plan, &server.settings);
        let rev = Revision::default();
        let never_seen = || RoomStart { room: id.clone(), rev, cursor: None, as_of: None, restored: false };
        let start = starts.remove(&id).unwrap_or_else(never_seen);
        room.start(start, &server.settings, now, &mut self.dice);
        if self.applying.contains_key(&id) {
            room.await_plan();
        }
        self.rooms.insert(id, room);
    }
}
