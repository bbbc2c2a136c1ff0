//! chrony as the judge: what it says of the time, we say. `tests/outside/run` says where it is; without it, these tests say that
//! they are left out.

use crate::stand_in::{Manner, StandIn, now};
use chrono::TimeDelta;
use clock_skew::{Ntp, NtpAddress, Verdict, ask};
use std::{
    fs,
    net::UdpSocket,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;
use tokio::time::{Instant, sleep, timeout};

/// Where `chronyd` and `chronyc` are.
fn chrony() -> Option<PathBuf> {
    let folder = std::env::var_os("CALLBOARD_CHRONY").map(PathBuf::from);
    if folder.is_none() {
        println!("CALLBOARD_CHRONY is not set: left out, see tests/outside/run");
    }
    folder
}

/// A chronyd of our own, as long as it is needed. It never touches the system's clock (`-x`).
struct Chronyd {
    child: Child,
    address: NtpAddress,
    _folder: TempDir,
}

impl Drop for Chronyd {
    fn drop(&mut self) {
        // it may have ended
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Chronyd {
    /// One that takes this machine's clock for the truth.
    async fn start(programs: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = folder.path().join("chrony.conf");
        let place = folder.path().display();
        let text = format!(
            "local stratum 3\nallow 127.0.0.1\nport {port}\nbindaddress 127.0.0.1\ncmdport 0\n\
             pidfile {place}/chronyd.pid\nbindcmdaddress /\ndriftfile {place}/drift\n"
        );
        fs::write(&config, text).unwrap();
        let child = daemon(programs, &config).arg("-d").spawn().unwrap();
        let address = format!("127.0.0.1:{port}").parse().unwrap();
        let mut chronyd = Self { child, address, _folder: folder };
        chronyd.until_it_answers().await;
        chronyd
    }

    async fn until_it_answers(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while ask(&self.address, None, 6, Duration::from_millis(500), now).await.is_err() {
            assert_eq!(self.child.try_wait().unwrap(), None, "chronyd has ended");
            assert!(Instant::now() < deadline, "chronyd does not answer");
            sleep(Duration::from_millis(20)).await;
        }
    }
}

fn daemon(programs: &Path, config: &Path) -> Command {
    let mut command = Command::new(programs.join("chronyd"));
    // -x: it does not touch the system's clock; -U, -u: whoever runs the test may start it, and it stays that
    let user = Command::new("id").arg("-un").output().unwrap().stdout;
    let user = String::from_utf8(user).unwrap();
    command.args(["-x", "-U", "-u", user.trim(), "-f"]).arg(config);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// How far chrony finds the system's clock to be behind that server, in seconds: it measures once and ends (`-Q`).
async fn chronys_answer(programs: &Path, server: &NtpAddress) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("chrony.conf");
    let place = folder.path().display();
    let text = format!(
        "server {} port {} iburst maxsamples 1\npidfile {place}/chronyd.pid\nbindcmdaddress /\ncmdport 0\nport 0\n",
        server.host(),
        server.port()
    );
    fs::write(&config, text).unwrap();
    let mut command = tokio::process::Command::from(daemon(programs, &config));
    command.args(["-Q", "-t", "20"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = timeout(Duration::from_secs(30), command.output()).await.unwrap().unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    let wrong = said.split("System clock wrong by ").nth(1).unwrap_or_else(|| panic!("chronyd says: {said}"));
    wrong.split_whitespace().next().unwrap().parse().unwrap()
}

/// What we make of servers, each asked a few times.
async fn our_answer(servers: Vec<NtpAddress>) -> Ntp {
    let began = Instant::now();
    let mut ntp = Ntp::new(servers.clone(), Duration::ZERO);
    for _ in 0..4 {
        for (place, server) in servers.iter().enumerate() {
            let result = ask(server, None, 6, Duration::from_secs(2), now).await;
            ntp.answered(place, result, began.elapsed());
        }
    }
    ntp
}

/// How often both measure, before they are said to differ.
const TRIES: usize = 8;

#[tokio::test]
async fn our_offset_is_chronys_to_a_millisecond() {
    let Some(programs) = chrony() else { return };
    let chronyd = Chronyd::start(&programs).await;
    // a server that is 2.345 s ahead, of ours, and chrony itself
    let ahead = StandIn::serve(Manner::Time(TimeDelta::milliseconds(2_345))).await;
    let ahead: NtpAddress = ahead.address.into();
    for (server, about) in [(&chronyd.address, 0.0), (&ahead, 2.345)] {
        // a machine that does other things holds a packet up now and then, for either of them
        let mut told = Vec::new();
        let agree =
            |(ours, chronys): &(f64, f64)| (ours - about).abs() < 0.01 && (ours - chronys).abs() < 0.001;
        while !told.last().is_some_and(agree) {
            assert!(told.len() < TRIES, "ours and chrony's, of {server}: {told:?}");
            let chronys = chronys_answer(&programs, server).await;
            let ntp = our_answer(vec![server.clone()]).await;
            told.push((ntp.estimate(Duration::from_secs(1)).unwrap().offset, chronys));
        }
        println!("{server}: ours and chrony's, in seconds: {told:?}");
    }
}

#[tokio::test]
async fn of_three_servers_the_one_that_lies_by_five_seconds_is_named() {
    let Some(programs) = chrony() else { return };
    let (one, other) = (Chronyd::start(&programs).await, Chronyd::start(&programs).await);
    let liar = StandIn::serve(Manner::Time(TimeDelta::seconds(5))).await;
    let ntp = our_answer(vec![one.address.clone(), liar.address.into(), other.address.clone()]).await;
    let report = ntp.report(Duration::from_secs(1));
    let verdicts: Vec<Verdict> = report.iter().map(|source| source.verdict).collect();
    assert_eq!(verdicts, [Verdict::True, Verdict::Falseticker, Verdict::True]);
    assert_eq!(report.iter().map(|source| source.stratum).collect::<Vec<_>>(), [Some(3), Some(2), Some(3)]);
    assert!(ntp.estimate(Duration::from_secs(1)).unwrap().offset.abs() < 0.1);
}
