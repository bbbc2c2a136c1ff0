//! Listens for word that Exchange sends about WebDAV subscriptions: NOTIFY, one HTTP request in one datagram
//! (draft-goland-http-udp-00).
//!
//! Anybody can send one, and say to be anybody: what is heard is a reason to ask, and nothing more. So it may be lost, and is,
//! where more comes than anybody would send.

use exchange_wire::webdav::notify::{self, Notice};
use std::{io, net::SocketAddr, time::Duration};
use tokio::{
    net::UdpSocket,
    sync::mpsc,
    time::{Instant, sleep},
};

/// Room for one datagram, and a byte that shows one that is too long.
const LONGEST: usize = 4097;

/// How many datagrams are looked at within [`SPELL`]. A thousand rooms that change at once are told of within a few of them.
const MOST: u32 = 200;

/// The time for that.
const SPELL: Duration = Duration::from_secs(1);

/// How long a socket is left alone that reports an error.
const PAUSE: Duration = Duration::from_millis(100);

/// Listens at one address.
#[derive(Debug)]
pub struct Listener {
    socket: UdpSocket,
}

/// How much has been looked at.
#[derive(Debug)]
struct Allowance {
    since: Instant,
    used: u32,
}

impl Allowance {
    /// Whether one more may be looked at.
    fn take(&mut self, now: Instant) -> bool {
        if now.saturating_duration_since(self.since) >= SPELL {
            *self = Self { since: now, used: 0 };
        }
        self.used = self.used.saturating_add(1);
        self.used <= MOST
    }
}

impl Listener {
    /// Binds an address.
    ///
    /// # Errors
    /// Where it cannot be listened at.
    pub async fn bind(address: SocketAddr) -> io::Result<Self> {
        Ok(Self { socket: UdpSocket::bind(address).await? })
    }

    /// The address that was bound.
    ///
    /// # Errors
    /// Where the system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Hands on what can be understood, until nobody takes it any more. What nobody takes in time is dropped.
    pub async fn serve(self, noticed: mpsc::Sender<Notice>) {
        let mut datagram = [0; LONGEST];
        let mut allowance = Allowance { since: Instant::now(), used: 0 };
        loop {
            let received = tokio::select! {
                received = self.socket.recv_from(&mut datagram) => received,
                () = noticed.closed() => return,
            };
            let length = match received {
                Ok((length, _)) => length,
                // what we send nothing to can refuse nothing; a network that is away comes back
                Err(error) => {
                    tracing::debug!(%error, "no datagram was received");
                    sleep(PAUSE).await;
                    continue;
                }
            };
            if !allowance.take(Instant::now()) {
                continue;
            }
            if let Some(notice) = datagram.get(..length).and_then(notify::parse) {
                let _ = noticed.try_send(notice);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_much_is_looked_at_in_a_second_and_no_more() {
        let begin = Instant::now();
        let mut allowance = Allowance { since: begin, used: 0 };
        let looked_at = (0..1_000).filter(|_| allowance.take(begin)).count();
        assert_eq!(looked_at, 200);
        assert!(!allowance.take(begin + SPELL / 2));
        assert!(allowance.take(begin + SPELL));
    }
}
