//! Clocks that are wrong: this machine's, an NTP server's, Exchange's.

#![expect(clippy::print_stdout, reason = "a test says what it leaves out, and how late a display was")]

use crate::CALLBOARD;
use chrono::{DateTime, TimeDelta, Utc};
use control::{ClockState, Health};
use end_to_end::{NtpServer, Plan, Program, Stage, exchange, until};
use exchange_sim::server::Hook;
use std::{collections::BTreeMap, fs, path::PathBuf, time::Duration};
use tokio::time::Instant;

/// A stage whose daemon asks these NTP servers, and Exchange once a second.
async fn stage(plan: Plan, servers: &[&NtpServer]) -> Stage {
    let stage = plan.open().await;
    let servers: Vec<String> = servers.iter().map(|server| format!("\"{}\"", server.addr())).collect();
    stage.reconfigure(|text| {
        let asked = text.replace("pull_interval", "notifications = \"pull\"\npull_interval");
        format!("{asked}\n[clock]\nntp_servers = [{}]\n", servers.join(", "))
    });
    stage
}

/// The system's clock.
fn now() -> DateTime<Utc> {
    use meeting_model::clock::Clock;
    callboard::system_clock::SystemClock::start().now().wall
}

/// A meeting that runs until then.
fn runs_until(stage: &Stage, title: &str, end: DateTime<Utc>) -> exchange_sim::MeetingHandle {
    let start = end - TimeDelta::minutes(30);
    stage.exchange().with(|world, now| {
        world.organizer("lee").invites("berlin").to(title).at(start, end).send(now).unwrap()
    })
}

fn says(health: &Health, about: Option<&str>, words: &str) -> bool {
    let is_it = |warning: &control::Warning| {
        warning.id == "clock-skew" && warning.about.as_deref() == about && warning.sentence.contains(words)
    };
    health.warnings.iter().any(is_it)
}

/// The library that tells a program another time; without it a printed reason to skip.
pub(crate) fn libfaketime() -> Option<PathBuf> {
    let folders = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let mut found = folders.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"));
    let library = found.find(|path| path.exists());
    assert!(library.is_some() || std::env::var_os("CI").is_none(), "Debian's package `faketime` is missing");
    if library.is_none() {
        println!("skipped: libfaketime is not here");
    }
    library
}

/// Whether a title stands in the phone's menu, and in the menu that the feed serves.
async fn shown(stage: &Stage, title: &str) -> (bool, bool) {
    let on_phone = stage
        .phones()
        .screen("berlin")
        .is_some_and(|screen| screen.lines.iter().any(|line| line.contains(title)));
    let menu = stage.get("/phone/berlin/menu.xml").await.unwrap_or_default();
    (on_phone, menu.contains(title))
}

/// Every kind of display, and whether it says that the room is taken by the meeting of this title.
async fn running(stage: &Stage, hook: &Hook, title: &str) -> [(&'static str, bool); 4] {
    let (on_phone, in_feed) = shown(stage, title).await;
    let json = stage.get("/api/rooms/berlin/meetings").await.unwrap_or_default();
    let posted = hook.documents().last().is_some_and(|told| told["occupancy"] == "occupied");
    let in_json = json.contains("\"occupancy\":\"occupied\"");
    [("phone", on_phone), ("feed", in_feed), ("JSON", in_json), ("webhook", posted)]
}

/// When each display stopped saying so.
async fn gone(stage: &Stage, hook: &Hook, title: &str) -> BTreeMap<&'static str, DateTime<Utc>> {
    let mut gone = BTreeMap::new();
    until(&format!("the end of `{title}`"), async || {
        let displays = running(stage, hook, title).await;
        let count = displays.len();
        for (what, _) in displays.into_iter().filter(|(_, runs)| !runs) {
            gone.entry(what).or_insert_with(now);
        }
        (gone.len() == count).then_some(())
    })
    .await;
    gone
}

/// A daemon whose clock is wrong by `first`, and is set to be wrong by `then` in the middle of a meeting.
async fn a_wrong_clock(library: PathBuf, first: &str, then: &str, said: &str) {
    let ntp = NtpServer::ahead_by(TimeDelta::zero()).await;
    let plan = exchange().room("berlin").meeting("Past").at("-3h").meeting("Review").at("+2h");
    let stage = stage(plan, &[&ntp]).await;
    let hook = Hook::serve("open sesame").await.unwrap();
    stage.write_secret("hook-secret", "open sesame");
    let clock = "\n[clock]";
    let device = format!(
        "\n[[room.device]]\nkind = \"webhook\"\nurl = \"{}\"\nsecret_file = \"hook-secret\"\n{clock}",
        hook.url()
    );
    stage.reconfigure(|text| text.replace(clock, &device));
    let offset = stage.folder().join("offset");
    fs::write(&offset, first).unwrap();
    let program = Program::on(CALLBOARD, &stage)
        .with("LD_PRELOAD", library.display().to_string())
        .with("FAKETIME_TIMESTAMP_FILE", offset.display().to_string())
        .with("FAKETIME_CACHE_DURATION", "1")
        .with("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .with("NO_FAKE_STAT", "1");
    let began = Instant::now();
    let daemon = program.daemon("info");
    let health = stage
        .until_status("a wrong clock to be said", |health| health.is_ready() && says(health, None, said))
        .await;
    // a machine that does many other things is given as much longer with everything
    let slow = began.elapsed();
    assert_eq!(health.clock, ClockState::Degraded, "{health:?}");

    // a calendar has no fractions
    let end = DateTime::from_timestamp((now() + 2 * slow).timestamp() + 10, 0).unwrap();
    runs_until(&stage, "Closing", end);
    let runs = async || running(&stage, &hook, "Closing").await.into_iter().all(|(_, runs)| runs);
    until("the meeting on every display", async || runs().await.then_some(())).await;
    assert!(stage.get("/phone/berlin/menu.xml").await.unwrap().contains("clock is wrong"), "displays say so");
    let truth = stage.truth().await.remove("berlin").unwrap();
    assert_eq!(stage.rows("berlin").await.unwrap(), truth, "nothing is missing");

    fs::write(&offset, then).unwrap();
    let stepped = Instant::now();
    until("the step to be noticed", async || daemon.log().contains("was stepped").then_some(())).await;
    // a second of it is the library's own
    assert!(stepped.elapsed() < Duration::from_secs(5) + slow, "{:?}", stepped.elapsed());
    assert!(now() < end, "this machine is too slow for this test");
    assert!(runs().await, "every display still shows it");

    for (what, at) in gone(&stage, &hook, "Closing").await {
        let late = at - end;
        assert!(late >= TimeDelta::zero(), "the {what} showed the end {late} early");
        println!("{first} then {then}: the {what} showed the end {} ms late", late.num_milliseconds());
        let most = TimeDelta::from_std(Duration::from_secs(2) + slow).unwrap();
        assert!(late < most, "the {what} showed the end {late} late");
    }
    assert_eq!(stage.rows("berlin").await.unwrap(), truth, "nothing was deleted");
    let json = stage.get("/api/rooms/berlin/meetings").await.unwrap();
    assert!(json.contains("\"clock_degraded\":true"), "{json}");
    daemon.terminate().await;
    stage.close().await;
}

#[tokio::test]
async fn three_hours_off_and_set_in_the_middle_of_a_meeting() {
    let Some(library) = libfaketime() else { return };
    tokio::join!(
        a_wrong_clock(library.clone(), "+3h", "-3h", "3 h 0 min ahead of NTP's"),
        a_wrong_clock(library, "-3h", "+3h", "3 h 0 min behind NTP's"),
    );
}

/// A daemon in front of an Exchange whose clock is wrong, and how long it takes to say so.
async fn an_exchange_that_is_off(ahead: TimeDelta, said: &str) -> (Stage, Duration, Health, NtpServer) {
    let ntp = NtpServer::ahead_by(TimeDelta::zero()).await;
    let mut stage = stage(exchange().room("berlin").meeting("Review").at("+2h"), &[&ntp]).await;
    stage.exchange().with(|world, _| world.set_date_offset(ahead));
    let began = Instant::now();
    stage.start().await;
    let health = stage.until_status("the skew to be said", |health| says(health, Some("hq"), said)).await;
    (stage, began.elapsed(), health, ntp)
}

#[tokio::test]
async fn an_exchange_two_seconds_off_is_found_and_not_degraded() {
    let (stage, took, health, _ntp) = an_exchange_that_is_off(TimeDelta::seconds(2), "ahead of NTP's").await;
    println!("2 s: said after {took:?}");
    assert_eq!(health.clock, ClockState::Skewed, "{health:?}");
    let json = stage.get("/api/rooms/berlin/meetings").await.unwrap();
    assert!(json.contains("\"clock_degraded\":false"), "{json}");
    stage.close().await;
}

#[tokio::test]
async fn c5_meetings_stay_until_an_exchange_that_is_behind_says_they_ended() {
    // 45 s behind: what ended half a minute ago stays, what ended a minute ago does not
    let (stage, took, health, _ntp) =
        an_exchange_that_is_off(TimeDelta::seconds(-45), " s behind NTP's").await;
    println!("45 s: said after {took:?}");
    assert_eq!(health.clock, ClockState::Degraded, "{health:?}");
    let just = runs_until(&stage, "Just ended", now() - TimeDelta::seconds(10));
    runs_until(&stage, "Over", now() - TimeDelta::seconds(60));
    until("what lingers", async || (shown(&stage, "Just ended").await == (true, true)).then_some(())).await;
    assert_eq!(shown(&stage, "Over").await, (false, false));
    // an explicit delete applies all the same
    stage.exchange().with(|world, now| world.cancel(just, now).unwrap());
    until("the cancellation", async || (shown(&stage, "Just ended").await == (false, false)).then_some(()))
        .await;
    // set right, it is told right as soon as it was wrong
    stage.exchange().with(|world, _| world.set_date_offset(TimeDelta::zero()));
    let mended = Instant::now();
    let health = stage.until_status("all to be well", |health| health.clock == ClockState::Good).await;
    println!("45 s: mended after {:?}", mended.elapsed());
    assert!(!says(&health, Some("hq"), ""), "{health:?}");
    stage.close().await;
}

#[tokio::test]
async fn c5_nothing_stays_for_longer_than_a_quarter_of_an_hour() {
    let (stage, took, health, _ntp) = an_exchange_that_is_off(TimeDelta::hours(-3), "3 h 0 min behind").await;
    println!("3 h: said after {took:?}");
    assert_eq!(health.clock, ClockState::Degraded, "{health:?}");
    runs_until(&stage, "Lingers", now() - TimeDelta::minutes(14));
    runs_until(&stage, "Over", now() - TimeDelta::minutes(16));
    until("what lingers", async || (shown(&stage, "Lingers").await == (true, true)).then_some(())).await;
    assert_eq!(shown(&stage, "Over").await, (false, false));
    let program = Program::on(CALLBOARD, &stage);
    let clock = program.run("clock").await;
    assert_eq!(clock.code, Some(1), "degraded: {clock:?}");
    assert!(clock.out.contains("3 h 0 min behind") && clock.out.contains("true"), "{}", clock.out);
    let json = program.run("clock --json").await;
    let report: control::ClockReport = serde_json::from_str(&json.out).unwrap();
    assert_eq!((json.code, report.state, report.exchange.len()), (Some(1), ClockState::Degraded, 1));
    let status = program.run("status").await;
    assert!(status.out.contains("degraded: a clock is wrong"), "{}", status.out);
    stage.close().await;
}

#[tokio::test]
async fn without_a_daemon_the_servers_are_asked_and_the_one_that_lies_is_named() {
    let zero = TimeDelta::zero();
    let servers = [
        NtpServer::ahead_by(zero).await,
        NtpServer::ahead_by(TimeDelta::seconds(5)).await,
        NtpServer::ahead_by(zero).await,
    ];
    let stage = stage(exchange().room("berlin"), &[&servers[0], &servers[1], &servers[2]]).await;
    let program = Program::on(CALLBOARD, &stage);
    let (clock, check) = tokio::join!(program.run("clock --json"), program.run("check"));
    assert_eq!(clock.code, Some(0), "{clock:?}");
    let report: control::ClockReport = serde_json::from_str(&clock.out).unwrap();
    let lies: Vec<bool> =
        report.ntp.iter().map(|source| source.verdict == control::NtpVerdict::Falseticker).collect();
    assert_eq!(lies, [false, true, false], "{report:?}");
    // the liar has no part in it; how exact it is hangs on how busy the machine is
    assert!(report.ahead_us.is_some_and(|us| us.abs() < 500_000), "{report:?}");
    let [exchange] = report.exchange.as_slice() else { panic!("{report:?}") };
    assert!(exchange.readings >= 8 && exchange.uncertainty_us < 1_000_000, "{exchange:?}");
    let named = format!("the NTP server `{}` is ", servers[1].addr());
    let is_named = |line: &str| line.contains(&named) && line.contains(" s ahead of what most say");
    assert!(check.out.lines().any(is_named), "{}", check.out);
    stage.close().await;
}
