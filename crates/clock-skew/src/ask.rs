//! Asks one NTP server once.

use crate::{
    address::NtpAddress,
    error::NoSample,
    packet::{Answer, Query},
};
use chrono::{DateTime, Utc};
use std::{
    io::ErrorKind,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};
use tokio::{
    net::{UdpSocket, lookup_host},
    time::{Instant, timeout_at},
};

/// The most that is read of an answer: what is longer is none that was asked for.
const LONGEST_ANSWER: usize = 1024;

/// Asks a server once, by the steady clock that `clock` reads, and waits for its answer for at most `patience`. `poll` is how
/// often it is asked, as a power of two in seconds; `resolved` is where it answered before.
///
/// The socket takes what comes from the server's own address and port only, and each question goes out from a port of its
/// own. What anybody could have sent is passed over: garbage does not keep the answer away.
///
/// # Errors
/// Where no answer came that can be used.
pub async fn ask(
    address: &NtpAddress,
    resolved: Option<SocketAddr>,
    poll: u8,
    patience: Duration,
    clock: impl Fn() -> DateTime<Utc>,
) -> Result<(SocketAddr, Answer), NoSample> {
    let deadline = Instant::now() + patience;
    let server = match resolved {
        Some(server) => server,
        None => resolve(address, deadline).await?,
    };
    let socket = connect(server).await.map_err(|error| NoSample::Unreachable(error.kind()))?;
    let query = Query::new(poll);
    let sent = clock();
    socket.send(query.bytes()).await.map_err(|error| NoSample::Unreachable(error.kind()))?;
    let mut passed_over = NoSample::Silent(patience);
    let mut reply = [0; LONGEST_ANSWER];
    loop {
        let Ok(arrived) = timeout_at(deadline, socket.recv(&mut reply)).await else {
            return Err(passed_over);
        };
        let received = clock();
        // what the network says of an address that nobody listens on
        let length = arrived.map_err(|error| NoSample::Unreachable(error.kind()))?;
        match query.read(reply.get(..length).unwrap_or_default(), sent, received) {
            Ok(answer) => return Ok((server, answer)),
            Err(said) if said.is_said_by_the_server() => return Err(said),
            Err(bogus) => passed_over = bogus,
        }
    }
}

async fn resolve(address: &NtpAddress, deadline: Instant) -> Result<SocketAddr, NoSample> {
    let found = timeout_at(deadline, lookup_host((address.host(), address.port()))).await;
    match found {
        Ok(Ok(mut addresses)) => addresses.next().ok_or(NoSample::Name(ErrorKind::NotFound)),
        Ok(Err(error)) => Err(NoSample::Name(error.kind())),
        Err(_) => Err(NoSample::Name(ErrorKind::TimedOut)),
    }
}

async fn connect(server: SocketAddr) -> std::io::Result<UdpSocket> {
    let socket = match server {
        SocketAddr::V4(_) => UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).await?,
        SocketAddr::V6(_) => UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0)).await?,
    };
    socket.connect(server).await?;
    Ok(socket)
}
