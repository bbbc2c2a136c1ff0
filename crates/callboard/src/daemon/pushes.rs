//! What servers send to our listener, on its way to the engine and back.

use exchange_wire::ews::send_notification::Answer;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};
use subscriber::{
    notify,
    push::{self, Listener, Pushed},
};
use sync_engine::{Event, PushId};
use tokio::sync::{
    mpsc::{self, UnboundedSender},
    oneshot,
};

/// How many notifications may wait for the engine.
const WAITING: usize = 1_024;

/// Notifications that wait for their answers. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pushes(Arc<Mutex<Waiting>>);

#[derive(Debug, Default)]
struct Waiting {
    next: u64,
    answers: BTreeMap<PushId, oneshot::Sender<push::Answer>>,
}

/// Hands word of WebDAV subscriptions to the engine, until either ends.
pub(crate) async fn hear_word(listener: notify::Listener, events: UnboundedSender<Event>) {
    let (noticed, mut heard) = mpsc::channel(WAITING);
    let handing_on = async {
        while let Some(notice) = heard.recv().await {
            if events.send(Event::Noticed(notice)).is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = listener.serve(noticed) => {}
        () = handing_on => {}
    }
}

impl Pushes {
    /// Hands what the listener takes to the engine, until either ends.
    pub(crate) async fn serve(self, listener: Listener, events: UnboundedSender<Event>) {
        let (pushed, mut taken) = mpsc::channel(WAITING);
        let serving = listener.serve(pushed);
        let handing_on = async {
            while let Some(Pushed { token, body, answer }) = taken.recv().await {
                let push = self.wait(answer);
                if events.send(Event::Pushed { push, token, body }).is_err() {
                    return;
                }
            }
        };
        tokio::select! {
            () = serving => {}
            () = handing_on => {}
        }
    }

    fn wait(&self, answer: oneshot::Sender<push::Answer>) -> PushId {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let push = PushId(waiting.next);
        waiting.next += 1;
        // the listener has told servers to come again where no answer was given in time
        waiting.answers.retain(|_, answer| !answer.is_closed());
        waiting.answers.insert(push, answer);
        push
    }

    /// Answers a notification. Whoever sent it may have gone.
    pub(crate) fn answer(&self, push: PushId, answer: Option<Answer>) {
        let waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner).answers.remove(&push);
        let Some(sender) = waiting else { return };
        let answer = match answer {
            Some(answer) => push::Answer { status: 200, body: answer.body().into_bytes() },
            None => push::Answer { status: 400, body: Vec::new() },
        };
        let _ = sender.send(answer);
    }
}
