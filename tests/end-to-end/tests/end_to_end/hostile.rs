//! The real program among people who mean ill: ten thousand requests to each of its doors of which it can serve some and must
//! refuse the rest, and what it leaves behind for others to find.

mod answered;
mod asking;
mod operating;

use crate::CALLBOARD;
use answered::{Statuses, answers, is_endless};
use asking::{Asking, Dice, Learnt};
use control::{Message, Request};
use end_to_end::{Program, Stage, exchange, free_address, until};
use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    os::unix::net::UnixStream,
    path::Path,
    thread,
    time::Duration,
};

/// How many requests come to each door.
const REQUESTS: usize = 10_000;

/// How many of them at once.
const AT_ONCE: usize = 8;

/// By so much the daemon's memory may have grown at its largest, in MB.
const MOST_GROWTH: u64 = 64;

/// What administrators sign in with.
const TOKEN: &str = "a-token-for-administrators";

/// Has everybody come to one door, and gives how often each kind of answer was given. Whoever knocks gives how many requests
/// that were, and what came of them.
fn besiege<K: Ord + Send>(knock: impl Fn(&mut Dice) -> (usize, Vec<K>) + Sync) -> BTreeMap<K, usize> {
    let mut all = BTreeMap::new();
    thread::scope(|scope| {
        let besiegers: Vec<_> = (1..=AT_ONCE)
            .map(|part| {
                let (knock, mut dice) = (&knock, Dice(0x9E37_79B9_7F4A_7C15 ^ u64::try_from(part).unwrap()));
                scope.spawn(move || {
                    let (mut asked, mut kinds) = (0, Vec::new());
                    while asked < REQUESTS / AT_ONCE {
                        let (count, told) = knock(&mut dice);
                        asked += count;
                        kinds.extend(told);
                    }
                    kinds
                })
            })
            .collect();
        for kind in besiegers.into_iter().flat_map(|besieger| besieger.join().unwrap()) {
            *all.entry(kind).or_default() += 1;
        }
    });
    all
}

/// Asks over HTTP, and judges every answer: it is one, it is no failure but 503, which says that somebody came at a bad time, and
/// none is missing where what was asked for was whole.
fn over_http(address: SocketAddr, asking: &Asking) -> (usize, Vec<u16>) {
    let Asking { bytes, whole } = asking;
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    // who is refused in the middle of a sentence is hung up on
    let _ = stream.write_all(bytes);
    if whole.is_none() {
        // else it would be waited for the rest, in vain
        let _ = stream.shutdown(Shutdown::Write);
    }
    let (mut heard, mut part) = (Vec::new(), [0; 16 << 10]);
    while let Ok(count @ 1..) = stream.read(&mut part) {
        heard.extend_from_slice(&part[..count]);
        if is_endless(&heard) {
            break;
        }
    }
    let answers = answers(&heard);
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    let said = || format!("{} was answered {}", bytes.escape_ascii(), heard.escape_ascii());
    assert!(statuses.iter().all(|status| *status < 500 || *status == 503), "{}", said());
    if let Some(count) = whole {
        let is_heard_out = answers.last().is_some_and(|last| last.is_last || statuses.len() == *count);
        assert!(is_heard_out && statuses.len() <= *count, "{}", said());
    }
    (whole.unwrap_or(1), statuses)
}

/// What an operator is told in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Told {
    /// That it was no request, and where not.
    NoRequest,
    /// That what was asked for is not there.
    Refused,
    /// What was asked for.
    Answered,
}

/// Asks on the control socket: who is not understood is told why, and everybody else is told something to the end.
fn over_socket(socket: &Path, line: &[u8]) -> (usize, Vec<Told>) {
    let mut stream = UnixStream::connect(socket).unwrap();
    let _ = stream.write_all(line);
    let _ = stream.shutdown(Shutdown::Write);
    let mut heard = Vec::new();
    let _ = stream.read_to_end(&mut heard);
    let messages = heard.split_inclusive(|byte| *byte == b'\n').map(serde_json::from_slice::<Message>);
    let last = messages.map(Result::unwrap).collect::<Vec<_>>().pop();
    // what is sent after the first line is not read
    let asked = line.split_inclusive(|byte| *byte == b'\n').next().unwrap_or_default();
    let told = match (serde_json::from_slice::<Request>(asked), last) {
        (Err(error), Some(Message::Refused { sentence, .. })) if sentence.contains(&error.to_string()) => {
            Told::NoRequest
        }
        (Ok(_), Some(Message::Refused { sentence, .. })) if !sentence.is_empty() => Told::Refused,
        (Ok(_), Some(Message::Status(_) | Message::Clock(_) | Message::Explained(_))) => Told::Answered,
        (_, last) => panic!("{} was told {last:?}", asked.escape_ascii()),
    };
    (1, vec![told])
}

/// What somebody can learn who looks over an administrator's shoulder.
async fn learnt(stage: &Stage) -> Learnt {
    let nowhere = reqwest::redirect::Policy::none();
    let http = reqwest::Client::builder().no_proxy().redirect(nowhere).build().unwrap();
    let url = format!("http://{}/sign-in", stage.feed.addr());
    let signed_in = http.post(url).form(&[("secret", TOKEN), ("then", "/")]).send().await.unwrap();
    let cookie = signed_in.headers().get("set-cookie").expect("an administrator is signed in");
    let push_token = async || {
        let asked: Vec<u8> = stage.ews.heard().into_iter().flat_map(|exchange| exchange.sent).collect();
        let asked = String::from_utf8(asked).unwrap();
        Some(asked.split_once("/ews-push/")?.1.split_once('<')?.0.to_owned())
    };
    Learnt {
        cookie: cookie.to_str().unwrap().split(';').next().unwrap().to_owned(),
        push_token: until("a push subscription", push_token).await,
    }
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
    stage.write_secret("admin-token", TOKEN);
    let pushes = free_address();
    stage.reconfigure(|text| {
        let push = format!(
            "\n[push]\nlisten = \"{pushes}\"\nurl = \"http://{pushes}\"\n\n\
             [admin]\ntoken_file = \"admin-token\"\n\n[[room]]"
        );
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
    let learnt = learnt(&stage).await;
    let besieged = tokio::task::spawn_blocking(move || {
        let feed: Statuses = besiege(|dice| over_http(feed, &dice.for_feed(&learnt)));
        let push: Statuses = besiege(|dice| over_http(pushes, &dice.for_push_listener(&learnt)));
        let control = besiege(|dice| over_socket(&socket, &dice.for_operator()));
        (feed, push, control)
    });
    let (feed, push, control) = besieged.await.unwrap();
    let said = format!("{feed:?}\n{push:?}\n{control:?}");
    // 400 may be the HTTP library's word before anybody of ours is asked; every other of these is our own
    for (door, at_least) in [
        (
            &feed,
            &[(200, 1_000), (303, 200), (304, 20), (401, 20), (403, 10), (404, 200), (405, 500), (422, 5)][..],
        ),
        (&push, &[(200, 200), (400, 500), (404, 500), (405, 200)][..]),
    ] {
        for (status, count) in at_least {
            assert!(door.get(status).is_some_and(|times| times >= count), "{count} times {status}: {said}");
        }
    }
    for told in [Told::NoRequest, Told::Refused, Told::Answered] {
        assert!(control.get(&told).is_some_and(|times| *times > 500), "{told:?}: {said}");
    }

    let grown = largest_memory(daemon.id()) - before;
    assert!(grown < MOST_GROWTH, "{grown} MB more");
    assert_eq!(stage.rows("berlin").await.unwrap().len(), 1, "the feed serves on");
    assert!(stage.status().await.unwrap().is_ready(), "the control socket serves on");
    let log = daemon.log();
    assert!(!log.contains("panicked") && !log.contains("ERROR"), "{log}");
    assert!(daemon.terminate().await.success());
}
