//! How many phones can fetch their menu: a feed on a socket, and everybody who asks in the same two cores.
//!
//! First as fast as it goes over so many connections, then at a steady rate, for which the time of each answer counts from
//! when it was due: what waits behind a slow answer is slow, too.
//!
//! ```sh
//! cargo bench -p feed --bench menu
//! ```

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    dead_code,
    reason = "a measurement may stop, tells what it found, and needs a part of the tests' site"
)]

#[path = "../tests/it/site.rs"]
mod site;

use site::{Site, meeting};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{Instant, sleep_until},
};

const CONNECTIONS: u32 = 64;
const SECONDS: u32 = 5;
const RATE: u32 = 15_000;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let hours = ["06", "07", "08", "09", "10", "11", "12", "13", "14", "15", "16", "17"];
        let day =
            hours.iter().map(|hour| meeting("Weekly staff", &format!("{hour}:00"), &format!("{hour}:45")));
        let site = Site::showing(day.collect());
        site.hears(1, site::NOW);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(feed::serve(
            listener,
            site.feed.router(),
            feed::Limits::default(),
            std::future::pending(),
        ));
        for (name, path) in [
            ("kept", "/phone/berlin/menu.xml"),
            ("read and made anew each time", "/phone/berlin/menu.xml?token=token-of-all-rooms"),
        ] {
            measure(address, path, None, 1).await;
            let (answers, times) = measure(address, path, None, SECONDS).await;
            println!(
                "{name}: {} answers/s over {CONNECTIONS} connections, {}",
                answers / SECONDS,
                said(&times)
            );
        }
        let (answers, times) = measure(address, "/phone/berlin/menu.xml", Some(RATE), SECONDS).await;
        println!("kept, at {RATE}/s: {} answers/s, {}", answers / SECONDS, said(&times));
    });
}

fn said(times: &[Duration]) -> String {
    let at = |share: usize| times[(times.len() - 1) * share / 1000].as_micros();
    format!("half within {} µs, 99 of 100 within {} µs, all within {} µs", at(500), at(990), at(1000))
}

/// How many answers came within so many seconds, and how long each took, in order.
async fn measure(address: SocketAddr, path: &str, rate: Option<u32>, seconds: u32) -> (u32, Vec<Duration>) {
    let times = Arc::new(Mutex::new(Vec::new()));
    let begin = Instant::now();
    let end = begin + Duration::from_secs(u64::from(seconds));
    let step = rate.map(|rate| Duration::from_secs(u64::from(CONNECTIONS)) / rate);
    let asking: Vec<_> = (0..CONNECTIONS)
        .map(|number| {
            let first = begin + step.unwrap_or_default() * number / CONNECTIONS;
            let (times, request) = (Arc::clone(&times), format!("GET {path} HTTP/1.1\r\nHost: feed\r\n\r\n"));
            tokio::spawn(async move {
                let own = ask(address, request.as_bytes(), first, step, end).await;
                times.lock().unwrap().extend(own);
            })
        })
        .collect();
    for one in asking {
        one.await.unwrap();
    }
    let mut times = std::mem::take(&mut *times.lock().unwrap());
    times.sort_unstable();
    (u32::try_from(times.len()).unwrap(), times)
}

/// Asks over one connection: when it is due, or as soon as there is an answer.
async fn ask(
    address: SocketAddr,
    request: &[u8],
    first: Instant,
    step: Option<Duration>,
    end: Instant,
) -> Vec<Duration> {
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.set_nodelay(true).unwrap();
    let (mut times, mut due, mut heard) = (Vec::new(), first, vec![0; 65_536]);
    loop {
        if step.is_some() {
            sleep_until(due).await;
        } else {
            due = Instant::now();
        }
        if due >= end {
            return times;
        }
        socket.write_all(request).await.unwrap();
        let mut got = 0;
        while !is_whole(&heard[..got]) {
            let more = socket.read(&mut heard[got..]).await.unwrap();
            assert!(more > 0, "the feed hung up");
            got += more;
        }
        assert!(heard.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&heard[..got]));
        times.push(due.elapsed());
        due += step.unwrap_or_default();
    }
}

fn is_whole(heard: &[u8]) -> bool {
    heard.ends_with(b"</CiscoIPPhoneMenu>")
}
