//! An NTP server that answers as it is told to. It makes its packets by hand, as RFC 5905 §7.3 draws them.

use chrono::{DateTime, TimeDelta, Utc};
use std::{net::SocketAddr, time::Duration};
use tokio::{net::UdpSocket, task::JoinHandle};

/// What is answered.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Manner {
    /// The time, so far from the true one.
    Time(TimeDelta),
    /// Nothing.
    Silence,
    /// Bytes that are no packet, then the time.
    GarbageThenTime,
    /// Bytes that are no packet.
    Garbage,
    /// The first bytes of a packet.
    Short,
    /// An answer to another question.
    StaleOrigin,
    /// An answer to another question, that refuses; then the time.
    ForeignKissThenTime,
    /// The time, from another port.
    FromElsewhere,
    /// A kiss-o'-death packet.
    Kiss([u8; 4]),
    /// The leap indicator's alarm.
    LeapAlarm,
    /// This stratum.
    Stratum(u8),
    /// This mode.
    Mode(u8),
}

/// A server on loopback, as long as it is needed.
#[derive(Debug)]
pub(crate) struct StandIn {
    pub(crate) address: SocketAddr,
    serving: JoinHandle<()>,
}

impl StandIn {
    pub(crate) async fn serve(manner: Manner) -> Self {
        Self::serve_on("127.0.0.1:0", manner).await
    }

    pub(crate) async fn serve_on(address: &str, manner: Manner) -> Self {
        let socket = UdpSocket::bind(address).await.unwrap();
        let address = socket.local_addr().unwrap();
        Self { address, serving: tokio::spawn(serve(socket, manner)) }
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(socket: UdpSocket, manner: Manner) {
    let mut query = [0; 128];
    while let Ok((length, from)) = socket.recv_from(&mut query).await {
        assert!(length >= 48 && query[0] & 0b111 == 3, "a question is a client's");
        let time = answer(&query, TimeDelta::zero());
        let with = |place: usize, byte: u8| {
            let mut packet = time.clone();
            packet[place] = byte;
            packet
        };
        let packets = match manner {
            Manner::Time(ahead) => vec![answer(&query, ahead)],
            Manner::Silence => Vec::new(),
            Manner::GarbageThenTime => vec![b"garbage".to_vec(), vec![0xff; 900], Vec::new(), time],
            Manner::Garbage => vec![vec![0xff; 48]],
            Manner::Short => vec![time[..40].to_vec()],
            Manner::StaleOrigin => vec![with(30, time[30] ^ 1)],
            Manner::ForeignKissThenTime => {
                let mut kiss = with(30, time[30] ^ 1);
                kiss[1] = 0;
                kiss[12..16].copy_from_slice(b"DENY");
                vec![kiss, time]
            }
            Manner::FromElsewhere => {
                let other = UdpSocket::bind("127.0.0.1:0").await.unwrap();
                other.send_to(&time, from).await.unwrap();
                Vec::new()
            }
            Manner::Kiss(code) => {
                let mut kiss = with(1, 0);
                kiss[12..16].copy_from_slice(&code);
                vec![kiss]
            }
            Manner::LeapAlarm => vec![with(0, 0b11_100_100)],
            Manner::Stratum(stratum) => vec![with(1, stratum)],
            Manner::Mode(mode) => vec![with(0, 0b00_100_000 | mode)],
        };
        for packet in packets {
            // whoever asked may have gone
            let _ = socket.send_to(&packet, from).await;
        }
    }
}

fn answer(query: &[u8], ahead: TimeDelta) -> Vec<u8> {
    let now = bits(now() + ahead);
    let mut packet = vec![0b00_100_100, 2, 6, 0xe8];
    packet.extend([0, 0, 0, 0x10, 0, 0, 0, 0x10]);
    packet.extend(*b"STND");
    packet.extend(now);
    packet.extend(&query[40..48]);
    packet.extend(now);
    packet.extend(now);
    packet
}

fn bits(instant: DateTime<Utc>) -> [u8; 8] {
    let seconds = u64::try_from(instant.timestamp() + 2_208_988_800).unwrap() & 0xffff_ffff;
    let fraction = (u64::from(instant.timestamp_subsec_nanos()) << 32) / 1_000_000_000;
    (seconds << 32 | fraction).to_be_bytes()
}

/// The system's clock.
#[expect(clippy::disallowed_methods, reason = "a server knows the time")]
pub(crate) fn now() -> DateTime<Utc> {
    DateTime::<Utc>::from(std::time::SystemTime::now())
}

/// How long a test waits for what does not come.
pub(crate) const BRIEFLY: Duration = Duration::from_secs(1);

/// How long a test waits for what comes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
