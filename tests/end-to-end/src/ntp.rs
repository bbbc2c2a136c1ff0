//! A stand-in NTP server. It makes its packets by hand, as RFC 5905 §7.3 draws them, and shares nothing with what it judges.

use chrono::{DateTime, TimeDelta, Utc};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{net::UdpSocket, task::JoinHandle};

/// An NTP server on loopback, as long as it is not dropped.
#[derive(Debug)]
pub struct NtpServer {
    addr: SocketAddr,
    ahead: Arc<Mutex<TimeDelta>>,
    serving: JoinHandle<()>,
}

impl NtpServer {
    /// A server whose clock is so far ahead of this machine's.
    pub async fn ahead_by(ahead: TimeDelta) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a loopback port is free");
        let addr = socket.local_addr().expect("a socket has an address");
        let ahead = Arc::new(Mutex::new(ahead));
        let serving = tokio::spawn(serve(socket, Arc::clone(&ahead)));
        Self { addr, ahead, serving }
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Sets its clock.
    pub fn set(&self, ahead: TimeDelta) {
        *self.ahead.lock().unwrap_or_else(PoisonError::into_inner) = ahead;
    }
}

impl Drop for NtpServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(socket: UdpSocket, ahead: Arc<Mutex<TimeDelta>>) {
    let mut query = [0; 128];
    while let Ok((_, from)) = socket.recv_from(&mut query).await {
        let ahead = *ahead.lock().unwrap_or_else(PoisonError::into_inner);
        let time = bits(crate::stage::now() + ahead);
        let origin = query.get(40..48).unwrap_or_default();
        // no leap, version 4, a server; stratum 2, poll 64 s, precision 2^-24; root delay and dispersion of a quarter millisecond
        let head = [0b00_100_100, 2, 6, 0xe8, 0, 0, 0, 0x10, 0, 0, 0, 0x10];
        let packet = [&head, b"STND".as_slice(), &time, origin, &time, &time].concat();
        // whoever asked may have gone
        let _ = socket.send_to(&packet, from).await;
    }
}

/// 64 bits of seconds and fraction since 1900.
fn bits(instant: DateTime<Utc>) -> [u8; 8] {
    let seconds = u64::try_from(instant.timestamp() + 2_208_988_800).unwrap_or_default() & 0xffff_ffff;
    let fraction = (u64::from(instant.timestamp_subsec_nanos()) << 32) / 1_000_000_000;
    (seconds << 32 | fraction).to_be_bytes()
}
