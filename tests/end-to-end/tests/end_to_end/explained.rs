//! Why a room shows what it shows, and how its meetings are joined.

use crate::CALLBOARD;
use chrono::TimeDelta;
use end_to_end::{Program, Stage, exchange, until};
use exchange_sim::Answer;
use serde_json::Value;
use std::fs;

const INVITATION: &str = "The wording of this invitation is kept by nobody.\n\
    Conference number: 8812345\nhttps://acme.webex.com/meet/kim\nhttps://zoom.us/j/84512345678\n";

/// The rule that finds numbers, in the configuration.
const NUMBERS: &str = "\n[[join.number]]\nlabel = \"conference number\"\nprefix = \"88\"\ndigits = \"7\"\n";

/// What is told of a room.
async fn told(program: &Program, words: &str) -> Value {
    let ended = program.run(&format!("explain berlin --json {words}")).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    serde_json::from_str(&ended.out).unwrap()
}

/// One field of every meeting that is told of.
fn each(told: &Value, field: &str) -> Vec<String> {
    let text = |meeting: &Value| meeting[field].as_str().unwrap_or("none").to_owned();
    told["meetings"].as_array().unwrap().iter().map(text).collect()
}

/// The meetings that are told of, without when they were last seen: a daemon that hears nothing new does not write that down
/// every time.
fn unchanging(told: &Value) -> Vec<Value> {
    let mut meetings = told["meetings"].as_array().unwrap().clone();
    for meeting in &mut meetings {
        meeting.as_object_mut().unwrap().remove("seen").unwrap();
    }
    meetings
}

/// What the feed says of a room's meetings, one after the other.
async fn meetings(stage: &Stage) -> Option<Vec<Value>> {
    let text = stage.get("/api/rooms/berlin/meetings").await?;
    let answer: Value = serde_json::from_str(&text).unwrap();
    Some(answer["meetings"].as_array().unwrap().clone())
}

#[tokio::test]
async fn every_meeting_is_explained_with_a_daemon_and_without() {
    let plan = exchange().room("berlin").meeting("Review").at("+2h").meeting("Perhaps").at("+3h").tentative();
    let stage = plan.meeting("Takeover").at("+4h").private().meeting("Gone").at("+5h").open().await;
    let program = Program::on(CALLBOARD, &stage);
    assert_eq!(program.run("explain oslo").await.code, Some(2));
    let early = program.run("explain berlin").await;
    assert_eq!(early.code, Some(2), "{early:?}");
    assert!(early.err.contains("was read yet"), "{early:?}");
    assert!(!stage.state_dir().path().exists(), "asking leaves nothing behind");

    let daemon = program.daemon("info");
    stage.until_status("every room to be read", control::Health::is_ready).await;
    stage.until_phone("berlin", &stage.phone_truth("berlin").await).await;
    let gone = stage.meeting("Gone");
    stage.exchange().with(|world, now| world.delete_from("berlin", gone, now).unwrap());
    let is_gone = async || {
        let told = told(&program, "").await;
        let has_it = told["meetings"][0]["devices"][0]["has_it"] == true;
        (each(&told, "fate")[3] == "gone" && has_it).then_some(told)
    };
    let asked = until("the meeting to be gone, and the phone to have the rest", is_gone).await;
    assert_eq!(each(&asked, "title"), ["Review", "Perhaps", "Private meeting", "Gone"]);
    assert_eq!(each(&asked, "fate"), ["shown", "hidden", "shown", "gone"]);
    assert_eq!(each(&asked, "rule"), ["A6", "A4", "A6", "A6"]);
    assert_eq!(each(&asked, "subject")[..3], ["subject as written", "subject as written", "subject hidden"]);
    assert!(each(&asked, "remedy")[1].contains("delegate has yet to accept or decline"), "{asked:#}");
    let phone = &asked["meetings"][0]["devices"][0];
    assert!(phone["device"].as_str().unwrap().starts_with("berlin/cisco-ip-phone@"), "{phone}");
    assert!(phone["since"].is_string() && asked["as_of"].is_string(), "{asked:#}");
    assert_eq!(asked["meetings"][1]["devices"], Value::Array(Vec::new()), "nothing tells a phone of it");

    assert_eq!(each(&told(&program, "--meeting REVIEW").await, "title"), ["Review"]);
    assert!(each(&told(&program, "--meeting takeover").await, "title").is_empty(), "it is masked");
    let revealed = told(&program, "--meeting takeover --reveal").await;
    assert_eq!(each(&revealed, "title"), ["Takeover"]);
    assert_eq!(revealed["meetings"][0]["concealed"], true, "{revealed:#}");

    let before = asked["meetings"][3]["decided"].clone();
    assert!(before.is_null(), "of what is gone it is told when it went: {asked:#}");
    let future = program.run("explain berlin --at 2100-01-01T00:00:00Z").await;
    assert_eq!(future.code, Some(2), "{future:?}");
    assert!(future.err.contains("2100-01-01 00:00 UTC is yet to come"), "{future:?}");
    daemon.terminate().await;

    let alone = told(&program, "").await;
    assert_eq!(unchanging(&alone), unchanging(&asked), "the mirror says the same");
    assert!(alone["notes"][0].as_str().unwrap().starts_with("no daemon runs"), "{alone:#}");
    let page = program.run("explain berlin").await;
    let line = page.out.lines().find(|line| line.contains("Perhaps")).unwrap();
    assert!(line.contains("hidden (A4)") && line.contains("to do: "), "{line}");
    stage.close().await;
}

#[tokio::test]
async fn a_moment_that_is_gone_is_explained_as_it_was() {
    let plan = exchange().room("berlin").meeting("Review").at("+2h").meeting("Retro").at("+3h");
    let stage = plan.meeting("Kept").at("+4h").run().await;
    let program = Program::on(CALLBOARD, &stage);
    let shown = async || {
        let told = told(&program, "").await;
        (told["meetings"][2]["devices"][0]["has_it"] == true).then(|| told["at"].as_str().unwrap().to_owned())
    };
    let then = until("the phone to have them", shown).await;
    let (review, retro) = (stage.meeting("Review"), stage.meeting("Retro"));
    stage.exchange().with(|world, now| {
        world.answer("berlin", review, Answer::Decline, now).unwrap();
        world.delete_from("berlin", retro, now).unwrap();
    });
    let changed = async || {
        let told = told(&program, "").await;
        let fates = each(&told, "fate");
        (fates[0] != "shown" && fates[1] == "gone").then(|| told["at"].as_str().unwrap().to_owned())
    };
    let after = until("one to be declined, and one to be gone", changed).await;
    let was = told(&program, &format!("--at {then}")).await;
    assert_eq!(each(&was, "title"), ["Review", "Retro", "Kept"]);
    assert_eq!(each(&was, "fate"), ["shown", "shown", "shown"]);
    assert_eq!(was["meetings"][0]["devices"][0]["has_it"], true, "{was:#}");
    assert!(was["meetings"][1]["gone"].is_string(), "it has gone since: {was:#}");
    assert_eq!(each(&was, "subject"), ["none", "none", "subject as written"]);
    assert!(was["meetings"][2]["seen"].is_string(), "{was:#}");
    assert!(was["notes"][0].as_str().unwrap().contains("not kept"), "{was:#}");
    let later = told(&program, &format!("--at {after}")).await;
    assert_eq!(each(&later, "title")[1], "Retro", "{later:#}");
    assert_eq!(each(&later, "fate")[1], "gone", "{later:#}");
    assert_eq!(each(&later, "gone")[1], each(&was, "gone")[1]);
    stage.close().await;
}

#[tokio::test]
async fn an_invitation_is_joined_by_what_each_display_can_dial() {
    let mut stage = exchange().room("berlin").open().await;
    stage.reconfigure(|text| text + NUMBERS);
    stage.exchange().with(|world, now| {
        for (subject, hours) in [("Review", 2), ("Takeover", 3)] {
            let start = now + TimeDelta::hours(hours);
            let invitation = world.organizer("kim").invites("berlin").to(subject).saying(INVITATION);
            let invitation = invitation.at(start, start + TimeDelta::minutes(30));
            let invitation = if subject == "Takeover" { invitation.private() } else { invitation };
            invitation.send(now).unwrap();
        }
    });
    stage.start().await;
    let both = until("both", async || meetings(&stage).await.filter(|all| all.len() == 2)).await;
    let join =
        |video: &str, web: &str| serde_json::json!({ "video": video, "number": "8812345", "web": web });
    assert_eq!(both[0]["join"], join("kim@acme.webex.com", "https://acme.webex.com/meet/kim"));
    assert_eq!(both[1]["join"], Value::Null, "an address may be a name");

    for (meeting, dials) in [(&both[0], true), (&both[1], false)] {
        let key = meeting["key"].as_str().unwrap();
        let page = stage.get(&format!("/phone/berlin/meetings/{key}.xml")).await.unwrap();
        assert_eq!(page.contains("<URL>Dial:8812345</URL>"), dials, "{page}");
    }
    let program = Program::on(CALLBOARD, &stage);
    let asked = told(&program, "").await;
    assert_eq!(asked["meetings"][0]["join"], serde_json::json!(["webex", "body"]));
    for file in fs::read_dir(stage.state_dir().path()).unwrap().map(|file| file.unwrap().path()) {
        let bytes = fs::read(&file).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&bytes).contains("kept by nobody"), "{}", file.display());
    }

    stage.reconfigure(|text| {
        text.replace("\n[[join.number]]", "\n[join]\norder = [\"zoom\"]\n[[join.number]]")
    });
    assert_eq!(program.run("reload").await.code, Some(0));
    let zoom = async || {
        let all = meetings(&stage).await?;
        (all[0]["join"]["video"] == "84512345678@zoomcrc.com").then_some(())
    };
    until("the calendar to be read again, by other rules", zoom).await;
    stage.close().await;
}

#[tokio::test]
async fn other_settings_show_other_words_and_exchange_is_not_asked() {
    let stage = exchange().room("berlin").meeting("Review").at("+2h").run().await;
    let titles = async || {
        let rows = stage.rows("berlin").await?;
        Some(rows.into_iter().map(|row| row.title).collect::<Vec<_>>())
    };
    until("the meeting", async || titles().await.filter(|titles| titles == &["Review"])).await;
    let is_read = |sent: &[u8]| String::from_utf8_lossy(sent).contains("<m:GetItem>");
    let reads = || stage.ews.heard().iter().filter(|exchange| is_read(&exchange.sent)).count();
    let before = reads();
    stage.reconfigure(|text| text.replace("acceptance = ", "subjects = \"busy\"\nacceptance = "));
    assert_eq!(Program::on(CALLBOARD, &stage).run("reload").await.code, Some(0));
    until("the corridor to see less", async || titles().await.filter(|titles| titles == &["Busy"])).await;
    assert_eq!(reads(), before);
    stage.close().await;
}
