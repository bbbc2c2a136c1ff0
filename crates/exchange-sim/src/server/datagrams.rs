//! Datagrams that the world wants sent.

use chrono::{DateTime, Utc};
use tokio::net::UdpSocket;
use tokio_util::task::TaskTracker;

use crate::World;

/// What sends datagrams for a server.
#[derive(Debug)]
pub(super) struct Datagrams {
    tasks: TaskTracker,
}

impl Datagrams {
    pub(super) fn new(tasks: &TaskTracker) -> Self {
        Self { tasks: tasks.clone() }
    }

    /// Sends those that are due. Whether anybody is there is not known, and nobody asks.
    pub(super) fn carry(&self, world: &mut World, now: DateTime<Utc>) {
        for datagram in world.datagrams(now) {
            self.tasks.spawn(async move {
                let Ok(socket) = UdpSocket::bind("0.0.0.0:0").await else { return };
                let _ = socket.send_to(&datagram.bytes, &datagram.to).await;
            });
        }
    }
}
