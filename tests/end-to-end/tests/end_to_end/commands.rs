//! The commands, as an operator runs them.

use crate::CALLBOARD;
use chrono::TimeDelta;
use end_to_end::{Ended, Program, Stage, exchange, stage::ACCOUNT, until};
use exchange_sim::{CalendarProcessing, Rights};
use std::{fs, os::unix::fs::PermissionsExt, path::Path};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// What was written, without what differs from run to run.
fn redacted(text: &str, stage: &Stage) -> String {
    text.replace(&stage.folder().display().to_string(), "[folder]").trim_end().to_owned()
}

/// What a command wrote, line by line without the times of meetings.
fn lines(ended: &Ended) -> Vec<String> {
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    ended.out.lines().map(words).collect()
}

/// A daemon that has read every room.
async fn daemon(program: &Program, stage: &Stage) -> end_to_end::Running {
    let daemon = program.daemon("info");
    stage.until_status("every room to be read", control::Health::is_ready).await;
    daemon
}

#[tokio::test]
async fn a_resync_without_a_daemon_tells_the_difference_and_applies_it() {
    let plan = exchange().room("berlin").meeting("Review").at("+2h").room("oslo").meeting("Budget").at("+3h");
    let stage = plan.open().await;
    let program = Program::on(CALLBOARD, &stage);
    let dry = program.run("resync-room berlin --dry-run").await;
    assert_eq!(dry.code, Some(0), "{dry:?}");
    assert_eq!(lines(&dry)[0], "berlin: dry run: 1 added; 1 shown, revision 0");
    assert!(
        lines(&dry)[1].starts_with("+ ") && lines(&dry)[1].ends_with("Review A6 the room accepted it"),
        "{dry:?}"
    );

    let real = program.run("resync-room berlin").await;
    assert_eq!(lines(&real)[0], "berlin: 1 added; 1 shown, revision 1", "a dry run changes nothing");
    let again = program.run("resync-room berlin").await;
    assert_eq!(lines(&again), ["berlin: no difference; 1 shown, revision 1"]);
    let all = program.run("resync-room --all").await;
    assert_eq!((lines(&all).len(), all.code), (3, Some(0)), "{all:?}");
    // whichever was answered first
    assert!(lines(&all).contains(&"oslo: 1 added; 1 shown, revision 1".to_owned()), "{all:?}");

    let state = stage.state_dir();
    assert_eq!([mode(state.path()), mode(&state.database())], [0o700, 0o600]);
    stage.close().await;
}

#[tokio::test]
async fn s4_a_resync_without_a_daemon_finds_a_stripped_subject_in_the_meeting_request() {
    let stage = exchange().room("berlin").open().await;
    stage.reconfigure(|text| text + "\n[meetings]\nrecover_from_inbox = true\n");
    stage.exchange().with(|world, now| {
        world.grant(ACCOUNT, "berlin", Rights::Full).unwrap();
        world.set_processing("berlin", CalendarProcessing::default().after(TimeDelta::zero())).unwrap();
        let start = stage.at("+2h");
        let invitation = world.organizer("kim").invites("berlin").to("Budget");
        invitation.at(start, start + TimeDelta::hours(1)).send(now).unwrap();
    });
    let ended = Program::on(CALLBOARD, &stage).run("resync-room berlin").await;
    let told = lines(&ended);
    assert_eq!((ended.code, told.len()), (Some(0), 4), "{ended:?}");
    assert_eq!(told[0], "berlin: 1 added; 1 shown, revision 1");
    assert!(told[1].contains("Meeting ("), "{told:?}");
    assert_eq!(told[2], "berlin: 1 changed; 1 shown, revision 2");
    assert!(told[3].contains("Budget"), "{told:?}");
    stage.close().await;
}

#[tokio::test]
async fn a_resync_beside_a_daemon_is_done_by_the_daemon() {
    let stage = exchange().room("berlin").meeting("Review").at("+2h").room("oslo").open().await;
    let program = Program::on(CALLBOARD, &stage);
    let running = daemon(&program, &stage).await;
    let state = stage.state_dir();
    assert_eq!(
        [mode(state.path()), mode(&state.database()), mode(&state.control_socket())],
        [0o700, 0o600, 0o600]
    );

    for (words, expected) in [
        ("resync-room berlin", vec!["berlin: no difference; 1 shown, revision 1"]),
        ("resync-room berlin --dry-run", vec!["berlin: dry run: no difference; 1 shown, revision 1"]),
    ] {
        let ended = program.run(words).await;
        assert_eq!(
            (lines(&ended), ended.code),
            (expected.iter().map(ToString::to_string).collect(), Some(0))
        );
    }
    let live =
        |health: &control::Health| health.rooms.iter().all(|room| room.state == control::RoomState::Live);
    stage.until_status("both rooms to be watched", live).await;
    let all = program.run("resync-room --all").await;
    let mut rooms = lines(&all);
    rooms.sort();
    assert_eq!(rooms[0], "berlin: no difference; 1 shown, revision 1");
    assert!(rooms[1].starts_with("oslo: no difference; 0 shown"), "{all:?}");

    let status = program.run("status").await;
    assert!(status.out.contains("ready") && status.out.contains("live"), "{}", status.out);
    let status = program.run("status --json").await;
    let health: control::Health = serde_json::from_str(&status.out).unwrap();
    assert!(health.is_ready() && health.rooms.len() == 2);

    let diff = program.run("diff berlin --json").await;
    insta::assert_snapshot!(diff.out, @r#"{"rooms":[{"room":"berlin","result":{"rev":1,"applied":false,"shown":1,"lines":[],"comparison":{"compared":1,"differences":[]}}}]}"#);
    let nobody = program.run("diff berlim --json").await;
    assert_eq!(nobody.code, Some(2));
    insta::assert_snapshot!(nobody.out, @r#"{"errors":[{"sentence":"no room `berlim`: did you mean `berlin`?; known rooms: berlin, oslo"}]}"#);
    stage.reconfigure(|text| text.replace("listen = ", "lissten = "));
    let status = program.run("status").await;
    assert!(status.code == Some(0) && status.out.contains("ready"), "the daemon is well: {status:?}");
    assert!(status.err.contains("cannot be used: `callboard check` says why"), "{status:?}");
    let check = program.run("check --json").await;
    assert_eq!(check.code, Some(78));
    let told: serde_json::Value = serde_json::from_str(&check.out).unwrap();
    assert_eq!(told["errors"][0]["sentence"], "unknown key `lissten` in [feed]: did you mean `listen`?");
    assert!(told["errors"][0]["line"].is_u64() && told["errors"][0]["file"].is_string(), "{told}");
    running.terminate().await;
    let status = program.run("status --json").await;
    assert_eq!((status.code, status.out), (Some(78), check.out), "no daemon could start on it");
    stage.close().await;
}

#[tokio::test]
async fn a_daemon_that_is_asked_to_stop_gives_its_subscriptions_back() {
    let stage = exchange().room("berlin").meeting("Review").room("oslo").open().await;
    let program = Program::on(CALLBOARD, &stage);
    let running = daemon(&program, &stage).await;
    until("two subscriptions", async || (stage.subscriptions().await == 2).then_some(())).await;
    let ended = running.terminate().await;
    assert_eq!(ended.code(), Some(0));
    assert_eq!(stage.subscriptions().await, 0);
    assert!(!stage.state_dir().control_socket().exists());
    let log = fs::read_to_string(stage.folder().join("daemon.log")).unwrap();
    assert!(log.contains("callboard has stopped") && !log.contains("ERROR"), "{log}");
    stage.close().await;
}

#[tokio::test]
async fn only_one_daemon_works_on_a_state_directory() {
    let stage = exchange().room("berlin").open().await;
    let program = Program::on(CALLBOARD, &stage);
    let running = daemon(&program, &stage).await;
    let second = program.run("--log off daemon").await;
    assert_eq!(second.code, Some(75), "{second:?}");
    let sentence = second.err.lines().last().unwrap();
    insta::assert_snapshot!(redacted(sentence, &stage), @"callboard: state directory `[folder]/state`: another callboard is running on it; stop that one, or give this one a `state_dir` of its own");
    assert_eq!(program.run("status").await.code, Some(0), "the first one goes on");
    running.terminate().await;
    stage.close().await;
}

#[tokio::test]
async fn a_room_that_is_not_known_is_met_with_the_one_that_was_meant() {
    let stage = exchange().room("boardroom-9").room("cellar").open().await;
    let program = Program::on(CALLBOARD, &stage);
    let ended = program.run("resync-room bordroom-9").await;
    assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""));
    insta::assert_snapshot!(ended.err.trim_end(), @r"
    callboard: no room `bordroom-9`: did you mean `boardroom-9`?
    known rooms: boardroom-9, cellar
    ");
    assert_eq!(program.run("resync-room").await.code, Some(2), "no room at all");
    stage.close().await;
}

#[tokio::test]
async fn without_a_daemon_there_is_no_status() {
    let stage = exchange().room("berlin").open().await;
    let ended = Program::on(CALLBOARD, &stage).run("status").await;
    assert_eq!((ended.code, ended.out.as_str()), (Some(69), ""));
    insta::assert_snapshot!(redacted(&ended.err, &stage), @"callboard: no daemon answers at `[folder]/state/control.sock` (No such file or directory (os error 2)); start one with `callboard daemon`");
    stage.close().await;
}

#[tokio::test]
async fn every_mistake_in_the_configuration_is_told_with_its_place() {
    let stage = exchange().room("berlin").open().await;
    let program = Program::on(CALLBOARD, &stage);
    stage.reconfigure(|text| {
        text.replace("auto-accept", "automatic").replace("pull_interval", "pul_interval")
    });
    for command in ["check", "daemon", "status", "resync-room berlin"] {
        let ended = program.run(command).await;
        assert_eq!((ended.code, ended.out.as_str()), (Some(78), ""), "{command}");
        insta::allow_duplicates! {
            insta::assert_snapshot!(redacted(&ended.err, &stage), @"
            [folder]/callboard.toml:12:1: unknown key `pul_interval` in [exchange.hq]: did you mean `pull_interval`?
            [folder]/callboard.toml:19:14: `acceptance`: expected `auto-accept` or `proxy`, found `automatic`: did you mean `auto-accept`?
            ");
        }
    }
    let missing = Program::on(CALLBOARD, &stage).run("check --config nowhere.toml").await;
    assert_eq!(missing.code, Some(78));
    assert_eq!(missing.err, "nowhere.toml: no such file: name another with --config\n");
    assert_eq!(stage.ews.count(), 0, "nobody was asked");
    stage.close().await;
}

#[tokio::test]
async fn an_offline_check_asks_nobody_and_an_online_one_opens_every_calendar() {
    let stage = exchange().room("berlin").meeting("Review").room("oslo").open().await;
    let program = Program::on(CALLBOARD, &stage);
    let offline = program.run("check --offline").await;
    assert_eq!((offline.code, stage.ews.count()), (Some(0), 0), "{offline:?}");
    assert!(offline.out.starts_with("configuration: no mistakes; 2 rooms on 1 server\n"), "{}", offline.out);
    assert!(offline.out.contains("\n2 devices: not asked; `callboard status` says"), "{}", offline.out);
    let online = program.run("check").await;
    assert_eq!(online.code, Some(0), "{online:?}");
    let calendars = online.out.lines().filter(|line| line.contains("  can be read  "));
    assert_eq!(calendars.count(), 2, "{}", online.out);
    assert_eq!(stage.subscriptions().await, 0, "what was taken is given back");
    assert!(!stage.state_dir().path().exists(), "a check changes nothing");

    fs::remove_file(stage.folder().join("password")).unwrap();
    let missing = program.run("check --offline").await;
    assert_eq!(missing.code, Some(1), "{missing:?}");
    insta::assert_snapshot!(redacted(missing.out.lines().last().unwrap(), &stage), @"wrong: server `hq`: password file `[folder]/password`: expected a file this user can read: No such file or directory (os error 2)");
    stage.close().await;
}

#[tokio::test]
async fn a_check_tells_at_once_all_that_is_wrong_with_this_machine() {
    let stage = exchange().room("berlin").open().await;
    let program = Program::on(CALLBOARD, &stage);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap();
    fs::write(stage.folder().join("ca.pem"), "no certificate").unwrap();
    stage.reconfigure(|text| {
        let lines = text.lines().map(|line| match line.split_once(" = ") {
            Some(("state_dir", _)) => "state_dir = \"password/state\"".to_owned(),
            Some(("listen", _)) => format!("listen = \"{listen}\""),
            Some(("pull_interval", _)) => format!("{line}\nca_file = \"ca.pem\""),
            _ => line.to_owned(),
        });
        lines.collect::<Vec<_>>().join("\n")
    });
    let ended = program.run("check").await;
    assert_eq!((ended.code, stage.ews.count()), (Some(78), 0), "{ended:?}");
    assert!(
        ended.out.starts_with("configuration: mistakes, as told below; 1 room on 1 server\n"),
        "{ended:?}"
    );
    let wrong: Vec<&str> = ended.out.lines().filter(|line| line.starts_with("wrong: ")).collect();
    let wrong = redacted(&wrong.join("\n"), &stage).replace(&listen.to_string(), "[listen]");
    insta::assert_snapshot!(wrong, @"
    wrong: `state_dir` `[folder]/password/state`: expected a directory at `[folder]/password`, found a file; name another
    wrong: `listen` `[listen]`: it cannot be listened on; name another, or stop what listens there: Address already in use (os error 98)
    wrong: `ca_file` `[folder]/ca.pem`: certificates of server `hq`: expected PEM or DER, found neither; export the issuing authority's certificate as Base-64 or DER: invalid peer certificate: BadEncoding
    wrong: room `berlin`: not asked, as its server `hq` cannot be signed in to
    ");
    stage.close().await;
}

#[tokio::test]
async fn a_mirror_of_a_newer_callboard_is_not_touched() {
    // sqlite3 newer-schema.sqlite "PRAGMA page_size = 512; CREATE TABLE refinery_schema_history
    // (version INTEGER, name TEXT, applied_on TEXT, checksum TEXT);
    // INSERT INTO refinery_schema_history VALUES (7001, 'later', '2030-01-01T00:00:00Z', '0')"
    const NEWER: &[u8] = include_bytes!("../../fixtures/newer-schema.sqlite");
    let stage = exchange().room("berlin").open().await;
    let state = stage.state_dir();
    state.create().unwrap();
    fs::write(state.database(), NEWER).unwrap();
    for command in ["--log off daemon", "resync-room berlin"] {
        let ended = Program::on(CALLBOARD, &stage).run(command).await;
        assert_eq!(ended.code, Some(65), "{ended:?}");
        insta::allow_duplicates! {
            insta::assert_snapshot!(redacted(ended.err.lines().last().unwrap(), &stage), @"callboard: database `[folder]/state/callboard.sqlite`: expected schema 8 or older, found 7001: a newer callboard wrote it; run that version, or move it away");
        }
        assert_eq!(fs::read(state.database()).unwrap(), NEWER);
    }
    stage.close().await;
}

#[tokio::test]
async fn help_and_version_are_there() {
    let stage = exchange().open().await;
    let program = Program::on(CALLBOARD, &stage);
    let help = program.run("--help").await;
    assert_eq!((help.code, help.err.as_str()), (Some(0), ""));
    for command in ["demo", "daemon", "reload", "resync-room", "check", "status"] {
        assert!(help.out.contains(&format!("\n  {command} ")), "{}", help.out);
        assert_eq!(program.run(&format!("{command} --help")).await.code, Some(0));
    }
    let version = program.run("--version").await;
    assert!(version.out.starts_with("callboard 0.1.0\n"), "{}", version.out);
    assert_eq!(program.run("").await.code, Some(2));
    stage.close().await;
}

#[tokio::test]
async fn the_demo_ends_by_itself_and_misses_nothing() {
    /// What is not told, but found when the room is looked at again, takes a minute. How fast it is where a machine does
    /// nothing else is measured elsewhere.
    const SLOWEST_MS: u64 = 20_000;
    let stage = exchange().open().await;
    let demo = Program::on(CALLBOARD, &stage).run("demo --for 10s --json --port 0").await;
    assert_eq!(demo.code, Some(0), "{demo:?}");
    let summary: serde_json::Value = serde_json::from_str(demo.out.lines().last().unwrap()).unwrap();
    let number = |name: &str| summary[name].as_u64().unwrap_or_else(|| panic!("`{name}` in {summary}"));
    assert_eq!(number("missing"), 0);
    assert!(number("changes") > 0 && number("pushes") > 0, "{summary}");
    assert!(number("p99_ms") <= SLOWEST_MS, "{summary}");
    stage.close().await;
}
