//! What servers send to our listener.

use super::Engine;
use crate::{
    action::{Action, PushId},
    room::Way,
    settings::PushSettings,
};
use exchange_wire::{
    Problem,
    ews::send_notification::{self, Answer},
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
