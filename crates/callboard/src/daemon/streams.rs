//! The connections on which servers tell of changes, each read by a task of its own.

use exchange_wire::Request;
use meeting_model::id::ServerId;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use subscriber::{Addressee, Subscriber};
use sync_engine::{ConnectionId, Event, Reply, StreamHeard, Unreachable};
use tokio::{
    sync::mpsc::UnboundedSender,
    task::{AbortHandle, JoinHandle},
};

/// How long a connection may be silent before it is given up here. The engine gives up much sooner; this is for an engine that
/// has forgotten it.
const SILENCE: Duration = Duration::from_mins(35);

/// The most of an answer that is read where it is no stream.
const LARGEST_REFUSAL: usize = 1 << 20;

/// A connection to be opened.
pub(crate) struct Opening {
    pub(crate) server: ServerId,
    /// The address of the web services, where it is not the configured one.
    pub(crate) at: Option<String>,
    pub(crate) request: Request,
}

/// The connections that are open. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Streams(Arc<Mutex<BTreeMap<ConnectionId, AbortHandle>>>);

impl Streams {
    /// Opens a connection; what it tells is posted until it ends or is closed.
    pub(crate) fn open(
        &self,
        connection: ConnectionId,
        opening: Opening,
        subscriber: Subscriber,
        events: UnboundedSender<Event>,
    ) {
        let this = self.clone();
        let post = move |heard| events.send(Event::Stream { connection, heard }).is_ok();
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let task: JoinHandle<()> = tokio::spawn(async move {
            tracing::debug!(server = %opening.server, "opening a stream");
            listen(&opening, &subscriber, post).await;
            this.forget(connection);
        });
        open.insert(connection, task.abort_handle());
    }

    /// Ends a connection: its socket is dropped, whatever it had to tell.
    pub(crate) fn close(&self, connection: ConnectionId) {
        if let Some(task) = self.forget(connection) {
            task.abort();
        }
    }

    fn forget(&self, connection: ConnectionId) -> Option<AbortHandle> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&connection)
    }
}

async fn listen(
    Opening { server, at, request }: &Opening,
    subscriber: &Subscriber,
    post: impl Fn(StreamHeard) -> bool,
) {
    let to = Addressee { server, at: at.as_deref() };
    let mut opened = match subscriber.open(to, request, SILENCE).await {
        Ok(opened) => opened,
        Err(unreachable) => {
            post(StreamHeard::Ended(Err(unreachable)));
            return;
        }
    };
    if opened.status != 200 {
        post(match whole(&mut opened).await {
            Ok(reply) => StreamHeard::Refused(reply),
            Err(unreachable) => StreamHeard::Ended(Err(unreachable)),
        });
        return;
    }
    let mut heard = post(StreamHeard::Opened);
    while heard {
        heard = match opened.next().await {
            Ok(Some(bytes)) => post(StreamHeard::Bytes(bytes)),
            Ok(None) => {
                post(StreamHeard::Ended(Ok(())));
                return;
            }
            Err(unreachable) => {
                post(StreamHeard::Ended(Err(unreachable)));
                return;
            }
        };
    }
}

/// The whole of an answer that is no stream, or as much of it as tells what it is.
async fn whole(opened: &mut subscriber::Opened) -> Result<Reply, Unreachable> {
    let mut reply = Reply { status: opened.status, headers: opened.headers.clone(), body: Vec::new() };
    while let Some(bytes) = opened.next().await? {
        reply.body.extend_from_slice(&bytes);
        if reply.body.len() > LARGEST_REFUSAL {
            break;
        }
    }
    Ok(reply)
}
