//! The configuration is changed while the daemon runs.

use crate::CALLBOARD;
use end_to_end::{Program, Running, Stage, exchange, until};
use exchange_sim::phone::Screen;
use serde_json::{Value, json};
use std::fs;

/// A configuration without one of its rooms.
fn without(text: &str, room: &str) -> String {
    let id = format!("\nid = \"{room}\"\n");
    let mut parts = text.split("\n[[room]]");
    let head = parts.next().unwrap().to_owned();
    parts.filter(|part| !part.starts_with(&id)).fold(head, |text, part| text + "\n[[room]]" + part)
}

async fn daemon(program: &Program, stage: &Stage) -> Running {
    let daemon = program.daemon("info");
    stage.until_status("every room to be read", control::Health::is_ready).await;
    daemon
}

/// Waits until a phone shows nothing of ours.
async fn until_empty(stage: &Stage, phone: &str) {
    let empty = async || stage.phones().screen(phone).filter(|screen| *screen == Screen::default());
    until(&format!("nothing on the phone `{phone}`"), empty).await;
}

/// What a reload wrote of what has changed, without ports.
fn changes(out: &str) -> Vec<String> {
    let without_port = |line: &str| match line.rsplit_once("127.0.0.1:") {
        Some((before, rest)) => {
            format!("{before}PHONE{}", rest.trim_start_matches(|c: char| c.is_ascii_digit()))
        }
        None => line.to_owned(),
    };
    out.lines().filter(|line| !line.starts_with("warning: ")).map(without_port).collect()
}

#[tokio::test]
async fn rooms_come_and_go_while_the_daemon_runs() {
    let plan = exchange().room("berlin").meeting("Review").at("+2h").room("oslo").meeting("Budget").at("+3h");
    let stage = plan.open().await;
    let all = fs::read_to_string(stage.config()).unwrap();
    let program = Program::on(CALLBOARD, &stage);
    stage.reconfigure(|text| without(&text, "oslo"));
    let running = daemon(&program, &stage).await;
    stage.until_phone("berlin", &stage.phone_truth("berlin").await).await;
    assert_eq!(stage.rows("oslo").await, None);

    stage.reconfigure(|_| all.clone());
    let reload = program.run("reload").await;
    assert_eq!(reload.code, Some(0), "{reload:?}");
    assert_eq!(changes(&reload.out), ["room oslo: added", "device oslo/cisco-ip-phone@PHONE: added"]);
    stage.until_phone("oslo", &stage.phone_truth("oslo").await).await;
    assert_eq!(stage.rows("oslo").await, stage.truth().await.remove("oslo"));
    until("two subscriptions", async || (stage.subscriptions().await == 2).then_some(())).await;

    stage.reconfigure(|text| without(&text, "berlin"));
    let reload = program.run("reload").await;
    assert_eq!(changes(&reload.out), ["room berlin: removed", "device berlin/cisco-ip-phone@PHONE: removed"]);
    until_empty(&stage, "berlin").await;
    assert_eq!(stage.get("/phone/berlin/menu.xml").await, None);
    until("one subscription", async || (stage.subscriptions().await == 1).then_some(())).await;
    let health = stage.status().await.unwrap();
    assert_eq!(health.rooms.iter().map(|room| room.room.as_str()).collect::<Vec<_>>(), ["oslo"]);
    let unknown = program.run("resync-room berlin").await;
    assert_eq!(unknown.code, Some(2), "{unknown:?}");

    stage.reconfigure(|_| all);
    assert_eq!(program.run("reload").await.code, Some(0));
    stage.until_phone("berlin", &stage.phone_truth("berlin").await).await;
    let again = program.run("reload").await;
    assert_eq!(changes(&again.out), ["nothing has changed"]);
    fs::write(stage.folder().join("password"), "another").unwrap();
    let planned = program.run("reload --dry-run --json").await;
    assert_eq!(serde_json::from_str::<Value>(&planned.out).unwrap()["passwords"], json!(["hq"]));
    assert_eq!(changes(&program.run("reload").await.out), ["password of hq: changed"]);
    running.terminate().await;
    stage.close().await;
}

#[tokio::test]
async fn a_mistake_changes_nothing_and_is_told_in_the_log_and_to_whoever_asks() {
    let stage = exchange().room("berlin").meeting("Review").at("+2h").room("oslo").open().await;
    let good = fs::read_to_string(stage.config()).unwrap();
    let program = Program::on(CALLBOARD, &stage);
    let running = daemon(&program, &stage).await;
    let bad =
        without(&good, "oslo").replace("auto-accept", "automatic").replace("pull_interval", "pul_interval");
    stage.reconfigure(|_| bad);
    running.hang_up();
    let told = async || {
        let log = running.log();
        (log.contains("did you mean `pull_interval`?") && log.contains("did you mean `auto-accept`?"))
            .then_some(())
    };
    until("both mistakes in the log", told).await;
    let reload = program.run("reload").await;
    assert_eq!((reload.code, reload.err.lines().count()), (Some(78), 2), "{reload:?}");
    assert_eq!(stage.status().await.unwrap().rooms.len(), 2);

    // what the file names is part of it
    stage.reconfigure(|_| without(&good, "oslo"));
    for secret in ["password", "phone-password"] {
        fs::rename(stage.folder().join(secret), stage.folder().join(format!("{secret}.away"))).unwrap();
    }
    let reload = program.run("reload").await;
    assert_eq!(reload.code, Some(78), "{reload:?}");
    let [server, phone]: [&str; 2] = reload.err.lines().collect::<Vec<_>>().try_into().unwrap();
    assert!(
        server.starts_with("`hq`: password file") && phone.starts_with("`berlin/cisco-ip-phone@"),
        "{reload:?}"
    );
    assert_eq!(stage.status().await.unwrap().rooms.len(), 2);
    stage.until_phone("berlin", &stage.phone_truth("berlin").await).await;
    running.terminate().await;
    stage.close().await;
}

#[tokio::test]
async fn a_phone_that_gets_another_room_shows_that_room_and_a_hang_up_is_enough() {
    let plan = exchange().room("berlin").meeting("Review").at("+2h").room("oslo").meeting("Budget").at("+3h");
    let stage = plan.open().await;
    let program = Program::on(CALLBOARD, &stage);
    let running = daemon(&program, &stage).await;
    stage.until_phone("berlin", &stage.phone_truth("berlin").await).await;
    stage.until_phone("oslo", &stage.phone_truth("oslo").await).await;
    let url = |phone: &str| stage.phones().base_url(phone).unwrap().to_owned();
    let (berlin, oslo) = (url("berlin"), url("oslo"));
    stage.reconfigure(|text| without(&text, "berlin").replace(&oslo, &berlin));
    running.hang_up();
    stage.until_phone("berlin", &stage.phone_truth("oslo").await).await;
    until_empty(&stage, "oslo").await;
    let executed = stage.phones().history("berlin");
    assert!(executed.last().unwrap().url.contains("/phone/oslo/"), "{executed:?}");
    // a phone is empty before the daemon has heard so from it
    let both = async || (running.log().matches("shows nothing of ours any more").count() == 2).then_some(());
    until("both to be told empty", both).await;
    assert!(!running.log().contains("ERROR"), "{}", running.log());
    running.terminate().await;
    stage.close().await;
}

#[tokio::test]
async fn what_cannot_change_while_running_is_told_and_left_as_it_is() {
    let stage = exchange().room("berlin").open().await;
    let program = Program::on(CALLBOARD, &stage);
    let running = daemon(&program, &stage).await;
    stage.reconfigure(|text| text.replace("listen = \"", "listen = \"127.0.0.1:1\" # \""));
    let reload = program.run("reload").await;
    assert_eq!(changes(&reload.out), ["nothing has changed"]);
    let warning =
        "warning: restart-needed: the change of [feed] takes effect at the next start; restart the daemon";
    assert!(reload.out.lines().any(|line| line == warning), "{reload:?}");
    let told =
        |health: &control::Health| health.warnings.iter().any(|warning| warning.id == "restart-needed");
    stage.until_status("the warning", told).await;
    assert!(stage.get("/livez").await.is_some(), "it is served where it was");
    running.terminate().await;
    stage.close().await;
}

#[tokio::test]
async fn a5_a_switch_of_who_accepts_says_before_it_is_done_how_many_meetings_go_and_come_back() {
    let plan = exchange().room("berlin").meeting("Review").at("+2h").meeting("Budget").at("+4h");
    let stage = plan.room("oslo").meeting("Talk").at("+3h").room("bern").open().await;
    let program = Program::on(CALLBOARD, &stage);
    let running = daemon(&program, &stage).await;
    stage.until_phone("berlin", &stage.phone_truth("berlin").await).await;
    stage.reconfigure(|text| text.replace("auto-accept", "proxy"));

    let goes = [
        ("berlin", "with `acceptance = \"proxy\"` 2 meetings disappear until accepted again"),
        ("oslo", "with `acceptance = \"proxy\"` 1 meeting disappears until accepted again"),
        ("bern", "with `acceptance = \"proxy\"` no meeting disappears or appears"),
    ];
    let said = |out: &str, form: fn(&str, &str) -> String| {
        goes.iter().all(|(room, sentence)| out.lines().any(|line| line == form(room, sentence)))
    };
    let check = program.run("check --offline").await;
    let [warnings, hints] =
        ["warning", "hint"].map(|level| check.out.matches(&format!("{level}: room")).count());
    assert_eq!((check.code, warnings, hints), (Some(0), 2, 1), "{check:?}");
    let look = program.run("reload --dry-run").await;
    let line = |room: &str, sentence: &str| format!("room {room}: {sentence}");
    assert!(look.code == Some(0) && said(&look.out, line), "{look:?}");
    assert!(look.out.ends_with("nothing was changed: this is what a reload would change\n"), "{look:?}");
    stage.until_phone("berlin", &stage.phone_truth("berlin").await).await;

    let reload = program.run("reload").await;
    assert!(reload.code == Some(0) && said(&reload.out, line), "{reload:?}");
    stage.until_phone("berlin", &["No meetings today".to_owned()]).await;
    let log = running.log();
    assert_eq!(log.matches("other meetings count as accepted from now on").count(), 3, "{log}");
    let waits =
        |health: &control::Health| health.warnings.iter().any(|one| one.id == "awaiting-reacceptance");
    stage.until_status("a warning of what waits", waits).await;
    let check = program.run("check --offline").await;
    assert!(!check.out.contains("disappear"), "it is done: {check:?}");

    // Back again, this time over a restart: the log says so before anything is shown.
    running.terminate().await;
    stage.reconfigure(|text| text.replace("proxy", "auto-accept"));
    let back = program.run("check --offline --json").await;
    assert!(back.out.contains("with `acceptance = \\\"auto-accept\\\"` 2 meetings appear\""), "{back:?}");
    let running = daemon(&program, &stage).await;
    stage.until_phone("berlin", &stage.phone_truth("berlin").await).await;
    let log = running.log();
    assert!(log.contains("acceptance=\"auto-accept\" hides=0 shows=2"), "{log}");
    running.terminate().await;
    stage.close().await;
}
