//! What servers send to our listener.

use super::Engine;
use crate::{
    action::{Action, PushId},
    room::{Room, Way},
    settings::PushSettings,
};
use exchange_wire::{
    Problem,
    ews::send_notification::{self, Answer},
    webdav::notify::Notice,
};
use hmac::{Hmac, KeyInit, Mac};
use meeting_model::{clock::Now, id::RoomId};
use sha2::Sha256;

impl Engine {
    /// A way to subscribe by push: on a path of its own, which nobody can guess who does not know the secret.
    pub(super) fn way_to_push(&mut self, room: &RoomId, push: &PushSettings) -> Way {
        let mut mac = Hmac::<Sha256>::new_from_slice(&push.secret).expect("a key of any length will do");
        mac.update(room.as_str().as_bytes());
        mac.update(&self.dice.roll().to_be_bytes());
        let token = hex::encode(mac.finalize().into_bytes());
        self.pushes.insert(token.clone(), room.clone());
        Way::Push { url: format!("{}/{token}", push.url), token }
    }

    /// A way to subscribe by asking, with word on a path of its own.
    pub(super) fn way_with_word(&mut self, room: &RoomId, push: &PushSettings) -> Way {
        // what the subscription before was sent to says nothing any more
        self.pushes.retain(|_, told| told != room);
        match self.way_to_push(room, push) {
            Way::Push { url, token } => Way::Word { url, token },
            other => other,
        }
    }

    /// Somebody says that there is something to ask for. Word without an id is of a store that is about to stop: every
    /// subscription on its server is asked.
    pub(super) fn noticed(&mut self, notice: &Notice, now: Now, out: &mut Vec<Action>) {
        let Some(room) = self.pushes.get(&notice.token).and_then(|id| self.rooms.get(id)) else { return };
        let told: Vec<RoomId> = if notice.ids.is_empty() {
            let of_server = |other: &&Room| other.plan.server == room.plan.server;
            self.rooms.values().filter(of_server).map(|room| room.id.clone()).collect()
        } else {
            vec![room.id.clone()]
        };
        for id in told {
            let Some(room) = self.rooms.get_mut(&id) else { continue };
            room.noticed(notice, now.mono);
            self.settle_room(&id, now, out);
        }
    }

    /// A room has a new subscription: its former path leads nowhere any more, which ends the former subscription.
    pub(super) fn forget_push(&mut self, before: Option<String>, room: &RoomId) {
        let now = self.rooms.get(room).and_then(|room| room.push_path());
        if let Some(before) = before.filter(|before| Some(before.as_str()) != now) {
            self.pushes.remove(&before);
        }
    }

    pub(super) fn pushed(&mut self, push: PushId, token: &str, body: &[u8], now: Now, out: &mut Vec<Action>) {
        let Some(id) = self.pushes.get(token).cloned() else {
            return out.push(Action::AnswerPush { push, answer: Some(Answer::Unsubscribe) });
        };
        let Some(room) = self.rooms.get_mut(&id) else { return };
        let answer = match send_notification::parse(body) {
            Ok(pushed) if room.expects_push(token, &pushed.subscription) => {
                room.pushed(pushed.changed, now.mono);
                Some(Answer::Ok)
            }
            Ok(_) => Some(Answer::Unsubscribe),
            Err(error) if matches!(error.problem, Problem::SubscriptionLost { .. }) => {
                room.lose_push(token, now.mono);
                Some(Answer::Unsubscribe)
            }
            // whatever it was meant to tell, it is about this room
            Err(_) => {
                room.told_of_change(now.mono);
                None
            }
        };
        out.push(Action::AnswerPush { push, answer });
        self.settle_room(&id, now, out);
    }
}
