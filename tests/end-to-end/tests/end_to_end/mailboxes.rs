//! A room of several mailboxes, through the whole program.

use crate::CALLBOARD;
use chrono::TimeDelta;
use end_to_end::{Program, Row, Stage, exchange, until};
use exchange_sim::{Fault, Injection, Strikes};
use serde_json::Value;

/// A hall in two parts, on the phone of the western one: each has a meeting, and one is in both.
async fn hall() -> Stage {
    let plan = exchange().room("west").meeting("Choir").at("+2h").room("east").meeting("Chess").at("+3h");
    let stage = plan.open().await;
    let start = stage.at("+4h");
    stage.exchange().with(|world, now| {
        let invitation = world.organizer("kim").invites("west").and("east").to("Town hall");
        invitation.at(start, start + TimeDelta::hours(1)).send(now).unwrap();
    });
    stage.reconfigure(|text| {
        let (text, _) = text.split_once("\n[[room]]\nid = \"east\"").unwrap();
        let text = text.replace("id = \"west\"", "id = \"hall\"");
        text.replace(
            "mailbox = \"west@rooms.example\"",
            "mailboxes = [\"west@rooms.example\", \"east@rooms.example\"]",
        )
    });
    stage
}

/// What the hall should show of these mailboxes.
async fn truth(stage: &Stage, mailboxes: &[&str]) -> Vec<Row> {
    let mut truth = stage.truth().await;
    let mut rows: Vec<Row> = mailboxes.iter().flat_map(|mailbox| truth.remove(*mailbox).unwrap()).collect();
    rows.sort();
    rows.dedup();
    rows
}

/// Waits until the phone shows the meetings of these mailboxes, and the feed says the same.
async fn until_shown(stage: &Stage, mailboxes: &[&str]) {
    let truth = truth(stage, mailboxes).await;
    let lines: Vec<String> = truth.iter().map(|row| stage.line(row)).collect();
    stage.until_phone("west", &lines).await;
    assert_eq!(stage.rows("hall").await.unwrap(), truth);
}

#[tokio::test]
async fn a_room_shows_its_mailboxes_and_loses_one_alone_by_a_reload() {
    let stage = hall().await;
    let program = Program::on(CALLBOARD, &stage);
    let running = program.daemon("info");
    stage.until_status("the hall to be read", control::Health::is_ready).await;
    until_shown(&stage, &["west", "east"]).await;
    let titles: Vec<String> = stage.rows("hall").await.unwrap().into_iter().map(|row| row.title).collect();
    assert_eq!(titles, ["Choir", "Chess", "Town hall"], "what is booked in both is shown once");
    until("two subscriptions", async || (stage.subscriptions().await == 2).then_some(())).await;
    let diff = program.run("diff --all").await;
    assert_eq!(diff.code, Some(0), "{diff:?}");
    let of_mailboxes =
        |mailbox: &str| diff.out.contains(&format!("hall ({mailbox}@rooms.example): as on the server"));
    assert!(of_mailboxes("west") && of_mailboxes("east"), "{diff:?}");
    let explained = program.run("explain hall --meeting Chess").await;
    assert!(explained.out.contains("; in `east@rooms.example`; "), "{explained:?}");

    stage.reconfigure(|text| text.replace(", \"east@rooms.example\"]", "]"));
    let reload = program.run("reload").await;
    assert_eq!((reload.code, reload.out.lines().next()), (Some(0), Some("room hall: changed")), "{reload:?}");
    until_shown(&stage, &["west"]).await;
    until("one subscription", async || (stage.subscriptions().await == 1).then_some(())).await;

    stage.reconfigure(|text| {
        text.replace("\"west@rooms.example\"]", "\"west@rooms.example\", \"east@rooms.example\"]")
    });
    assert_eq!(program.run("reload").await.code, Some(0));
    until_shown(&stage, &["west", "east"]).await;
    running.terminate().await;
    stage.close().await;
}

#[tokio::test]
async fn the_mailbox_that_is_in_trouble_is_named_and_the_other_goes_on() {
    let stage = hall().await;
    let program = Program::on(CALLBOARD, &stage);
    let read = program.run("resync-room hall").await;
    assert_eq!((read.code, read.out.matches("hall (").count()), (Some(0), 2), "each is read: {read:?}");
    let denied = Injection::of(Fault::AccessDenied).in_room("east").striking(Strikes::Always);
    stage.exchange().with(|world, _| world.inject(denied).unwrap());

    let check = program.run("check --json").await;
    let report: Value = serde_json::from_str(&check.out).unwrap();
    let failed: Vec<_> =
        report["rooms"].as_array().unwrap().iter().map(|one| (&one["mailbox"], &one["failed"])).collect();
    let (west, east) = (Value::from("west@rooms.example"), Value::from("east@rooms.example"));
    assert_eq!(
        (check.code, failed),
        (Some(1), vec![(&west, &Value::Null), (&east, &Value::from("calendar"))])
    );

    let running = program.daemon("info");
    let health = stage.until_status("trouble", |health| health.rooms[0].trouble.is_some()).await;
    let named = "room `hall`, mailbox `east@rooms.example`: ";
    assert!(health.rooms[0].trouble.as_ref().unwrap().starts_with(named), "{health:?}");
    let start = stage.at("+5h");
    stage.exchange().with(|world, now| {
        let invitation = world.organizer("lee").invites("west").to("Dance");
        invitation.at(start, start + TimeDelta::hours(1)).send(now).unwrap();
    });
    until_shown(&stage, &["west", "east"]).await;
    let resync = program.run("resync-room hall").await;
    assert_eq!(resync.code, Some(1), "{resync:?}");
    let told = |start: &str| resync.out.lines().any(|line| line.starts_with(start));
    assert!(told("hall (west@rooms.example): no difference"), "{resync:?}");
    assert!(told("hall (east@rooms.example): "), "{resync:?}");
    let status = program.run("status").await.out;
    assert!(status.contains("  west@rooms.example") && status.contains("  east@rooms.example"), "{status}");
    running.terminate().await;
    stage.close().await;
}
