//! The real program among people who mean ill: ten thousand requests that are none to each of its doors, and what it leaves
//! behind for others to find.

use crate::CALLBOARD;
use end_to_end::{Program, exchange, free_address};
use std::{
    fs,
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    os::unix::net::UnixStream,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

/// How many requests come to each door.
const REQUESTS: u64 = 10_000;

/// How many of them at once.
const AT_ONCE: u64 = 8;

/// By so much the daemon's memory may have grown at its largest, in MB.
const MOST_GROWTH: u64 = 64;

/// What requests are made of, some of it by the book.
const PIECES: [&[u8]; 24] = [
    b"GET ",
    b"POST ",
    b"/",
    b"/phone/berlin/menu.xml?day=",
    b"/ews-push/",
    b"/api/rooms/berlin/meetings?from=2026-11-21&to=",
    b"/rooms/berlin?token=%ff%00",
    b"/sign-in",
    b"/tms/x",
    b"/device/x/feedback",
    b"/authenticate?UserID=a&Password=",
    b" HTTP/1.1\r\n",
    b" HTTP/9.9\r\n",
    b"Host: h\r\n",
    b"Content-Length: 18446744073709551616\r\n",
    b"Content-Length: 3\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Cookie: session=\xff\xfe; session=",
    b"Content-Type: application/x-www-form-urlencoded\r\n",
    b"\r\n\r\n",
    b"ffffffffffffffff\r\n",
    b"{\"ask\":\"resync\",\"rooms\":[\"",
    b"<Envelope><Body><SendNotification>",
    b"\0\xff\x80\n",
];

/// xorshift64: the same requests every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit).unwrap()).unwrap()
    }

    /// A request of some pieces, some of them long, some of them spoilt.
    fn request(&mut self) -> Vec<u8> {
        let mut request = Vec::new();
        for _ in 0..=self.below(8) {
            match self.below(8) {
                0 => {
                    request.extend((0..self.below(64)).map(|_| 0x21 + u8::try_from(self.below(94)).unwrap()));
                }
                1 if self.below(20) == 0 => request.resize(request.len() + self.below(200_000), b'x'),
                _ => request.extend_from_slice(PIECES[self.below(PIECES.len())]),
            }
        }
        if let Some(spoilt) = Some(self.below(request.len() + 1)).filter(|at| *at < request.len()) {
            request[spoilt] ^= 1 << self.below(8);
        }
        request
    }
}

/// What comes back until the connection is closed.
fn heard(mut stream: impl Read) -> Vec<u8> {
    let mut answer = Vec::new();
    // who is refused in the middle of a sentence is hung up on
    let _ = stream.read_to_end(&mut answer);
    answer
}

/// Sends everything to one door, and gives how often it was answered.
fn besiege(knock: impl Fn(&[u8]) -> Vec<u8> + Sync, judge: impl Fn(&[u8], &[u8]) + Sync) -> usize {
    let answered = AtomicUsize::new(0);
    thread::scope(|scope| {
        for part in 0..AT_ONCE {
            let (knock, judge, answered) = (&knock, &judge, &answered);
            scope.spawn(move || {
                let mut dice = Dice(0x9E37_79B9_7F4A_7C15 ^ (part + 1));
                for _ in 0..REQUESTS / AT_ONCE {
                    let request = dice.request();
                    let answer = knock(&request);
                    judge(&request, &answer);
                    answered.fetch_add(usize::from(!answer.is_empty()), Ordering::Relaxed);
                }
            });
        }
    });
    answered.into_inner()
}

fn over_tcp(address: SocketAddr) -> impl Fn(&[u8]) -> Vec<u8> + Sync {
    move |bytes| {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let _ = (&stream).write_all(bytes);
        let _ = stream.shutdown(Shutdown::Write);
        heard(stream)
    }
}

/// An answer of HTTP, if there is one, is no failure of ours: 503 alone says that somebody came at a bad time.
fn is_no_failure(request: &[u8], answer: &[u8]) {
    let status = answer.strip_prefix(b"HTTP/1.").and_then(|rest| rest.get(2..5));
    let is_well = answer.is_empty() || status.is_some_and(|status| status[0] != b'5' || status == b"503");
    assert!(is_well, "{} was answered {}", request.escape_ascii(), answer.escape_ascii());
}

/// What the daemon has in RAM at its most, in MB.
fn largest_memory(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_bad_requests_at_every_door_change_nothing() {
    let stage = exchange().room("berlin").meeting("Review").at("+2h").open().await;
    let pushes = free_address();
    stage.reconfigure(|text| {
        let push = format!("\n[push]\nlisten = \"{pushes}\"\nurl = \"http://{pushes}\"\n\n[[room]]");
        text.replacen("\n[[room]]", &push, 1).replacen(
            "pull_interval = \"1s\"",
            "notifications = \"push\"",
            1,
        )
    });
    let program = Program::on(CALLBOARD, &stage);
    let daemon = program.daemon("info");
    stage.until_status("rooms that are read", control::Health::is_ready).await;
    let before = largest_memory(daemon.id());
    let limits = fs::read_to_string(format!("/proc/{}/limits", daemon.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "no core dump");

    let config = fs::read_to_string(stage.config()).unwrap();
    let listens = config.lines().find_map(|line| line.strip_prefix("listen = ")).unwrap();
    let feed: SocketAddr = listens.trim_matches('"').parse().unwrap();
    let socket = stage.state_dir().control_socket();
    let besieged = tokio::task::spawn_blocking(move || {
        let feed = besiege(over_tcp(feed), is_no_failure);
        let push = besiege(over_tcp(pushes), is_no_failure);
        let control = besiege(
            |bytes| {
                let stream = UnixStream::connect(&socket).unwrap();
                let _ = (&stream).write_all(bytes);
                let _ = stream.shutdown(Shutdown::Write);
                heard(stream)
            },
            |request, answer| {
                let said = serde_json::from_slice::<serde_json::Value>(answer).unwrap();
                assert_eq!(said["tell"], "refused", "{}", request.escape_ascii());
            },
        );
        [feed, push, control]
    });
    let [feed, push, control] = besieged.await.unwrap();
    assert!(feed > 1_000 && push > 1_000, "hardly anything was answered: {feed}, {push}");
    assert_eq!(u64::try_from(control).unwrap(), REQUESTS, "the socket says what is wrong every time");

    let grown = largest_memory(daemon.id()) - before;
    assert!(grown < MOST_GROWTH, "{grown} MB more");
    assert_eq!(stage.rows("berlin").await.unwrap().len(), 1, "the feed serves on");
    assert!(stage.status().await.unwrap().is_ready(), "the control socket serves on");
    let log = daemon.log();
    assert!(!log.contains("panicked") && !log.contains("ERROR"), "{log}");
    assert!(daemon.terminate().await.success());
}
