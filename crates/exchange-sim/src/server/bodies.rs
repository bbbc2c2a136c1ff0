//! Bodies of replies that stay open: chunks are carried from the world as it says them.

use std::collections::BTreeMap;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use axum::body::Body;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_util::io::ReaderStream;

use super::Shared;
use crate::{StreamId, Then, World};

/// The largest chunk that is carried as one.
const LARGEST_CHUNK: usize = 64 << 10;

type Chunk = io::Result<Vec<u8>>;

/// The open bodies of a server; none once it has stopped.
#[derive(Debug)]
pub(super) struct Bodies(Mutex<Option<BTreeMap<StreamId, UnboundedSender<Chunk>>>>);

impl Bodies {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Some(BTreeMap::new())))
    }

    fn with<R>(
        &self,
        change: impl FnOnce(&mut Option<BTreeMap<StreamId, UnboundedSender<Chunk>>>) -> R,
    ) -> R {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A place for what a stream says.
    pub(super) fn open(&self, stream: StreamId) -> UnboundedReceiver<Chunk> {
        let (sender, receiver) = unbounded_channel();
        self.with(|bodies| match bodies {
            Some(bodies) => {
                bodies.insert(stream, sender);
            }
            None => broken(&sender),
        });
        receiver
    }

    /// Carries what streams have said since.
    pub(super) fn carry(&self, world: &mut World, now: chrono::DateTime<chrono::Utc>) {
        for stream in world.ready_streams() {
            self.with(|bodies| {
                let Some(bodies) = bodies else { return };
                let Some(sender) = bodies.get(&stream) else { return };
                let said = world.stream_chunks(stream, now);
                for chunk in said.chunks {
                    // A client that went away is noticed where its body is dropped.
                    let _ = sender.send(Ok(chunk));
                }
                match said.then {
                    Then::Open => {}
                    Then::Closed => {
                        bodies.remove(&stream);
                    }
                    Then::Broken => {
                        broken(sender);
                        bodies.remove(&stream);
                    }
                }
            });
        }
    }

    fn forget(&self, stream: StreamId) {
        self.with(|bodies| bodies.as_mut().and_then(|bodies| bodies.remove(&stream)));
    }

    /// Breaks all bodies off, now and from now on.
    pub(super) fn stop(&self) {
        for sender in self.with(Option::take).unwrap_or_default().values() {
            broken(sender);
        }
    }
}

fn broken(sender: &UnboundedSender<Chunk>) {
    let _ = sender.send(Err(io::Error::from(io::ErrorKind::ConnectionReset)));
}

/// A body that lasts as long as its stream.
pub(super) fn lasting(shared: Arc<Shared>, stream: StreamId, said: UnboundedReceiver<Chunk>) -> Body {
    let lasting = Lasting { shared, stream, said, rest: Vec::new() };
    Body::from_stream(ReaderStream::with_capacity(lasting, LARGEST_CHUNK))
}

struct Lasting {
    shared: Arc<Shared>,
    stream: StreamId,
    said: UnboundedReceiver<Chunk>,
    /// What is left of a chunk that was too large.
    rest: Vec<u8>,
}

impl AsyncRead for Lasting {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.rest.is_empty() {
            match ready!(self.said.poll_recv(context)) {
                None => return Poll::Ready(Ok(())),
                Some(chunk) => self.rest = chunk?,
            }
        }
        let fitting = self.rest.len().min(buffer.remaining());
        let rest = self.rest.split_off(fitting);
        buffer.put_slice(&self.rest);
        self.rest = rest;
        Poll::Ready(Ok(()))
    }
}

impl Drop for Lasting {
    fn drop(&mut self) {
        let (shared, stream) = (&self.shared, self.stream);
        shared.bodies.forget(stream);
        shared.with(|world, now| world.hang_up(stream, now));
    }
}
