//! Rooms that are read from another server from now on: over WebDAV until now, and over EWS from then on.

use crate::CALLBOARD;
use callboard::system_clock::SystemClock;
use end_to_end::{Ended, Plan, Program, Stage, exchange, stage::ACCOUNT, tap::Exchange, until};
use exchange_sim::{
    Account, CalendarProcessing, ChannelBinding, Fault, Injection, Rights, Room, ServerProfile, SignIn,
    StoreVersion, World,
    script::{self, Pace},
    server::{self, Running},
};
use meeting_model::clock::Clock;
use serde_json::json;
use std::{fmt::Write, fs, sync::Arc};

/// A stage whose Exchange 2007 serves the same mailboxes over WebDAV, `legacy`, and over EWS, `hq`: rooms are on the former.
async fn on_webdav(plan: Plan) -> Stage {
    let stage = plan.open().await;
    stage.exchange().with(|world, _| {
        world.set_profile(ServerProfile::Exchange2007Sp1);
        let rooms: Vec<String> = world.rooms().map(str::to_owned).collect();
        for room in rooms {
            world.grant(ACCOUNT, &room, Rights::Full).unwrap();
        }
    });
    stage.read_over_webdav(StoreVersion::Exchange2007, stage.exchange().addr(), "pull_interval = \"1s\"\n");
    stage
}

fn server(name: &str, url: &str) -> String {
    format!(
        "\n[exchange.{name}]\nprotocol = \"ews\"\nurl = \"{url}\"\nusername = \"{ACCOUNT}\"\n\
         password_file = \"password\"\npull_interval = \"1s\"\n"
    )
}

/// What a command wrote, line by line without alignment.
fn lines(ended: &Ended) -> Vec<String> {
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    ended.out.lines().map(words).collect()
}

/// What the feed says of a room's meetings, with the names that they have there.
async fn fed(stage: &Stage, room: &str) -> Vec<serde_json::Value> {
    let (from, to) = (stage.at("-1d").date_naive(), stage.at("+21d").date_naive());
    let text = stage.get(&format!("/api/rooms/{room}/meetings?from={from}&to={to}")).await.unwrap();
    let told: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut meetings = told["meetings"].as_array().unwrap().clone();
    for meeting in &mut meetings {
        meeting.as_object_mut().unwrap().remove("true_as_of").unwrap();
    }
    meetings
}

/// Whether bytes hold some words.
fn holds(bytes: &[u8], words: &str) -> bool {
    String::from_utf8_lossy(bytes).contains(words)
}

/// What is warned of.
async fn warned(stage: &Stage, id: &str) -> bool {
    let health = stage.status().await.unwrap();
    health.warnings.iter().any(|warning| warning.id == id)
}

#[tokio::test]
async fn a_room_that_is_switched_shows_what_it_showed_and_stays_switched() {
    let plan = exchange().room("berlin").meeting("Review").at("+2h").meeting("Standup").at("+4h").daily(5);
    let stage = on_webdav(plan.meeting("Salary").at("+6h").private()).await;
    let program = Program::on(CALLBOARD, &stage);
    let daemon = program.daemon("info");
    stage.until_status("every room to be read", control::Health::is_ready).await;
    let phone = stage.phone_truth("berlin").await;
    stage.until_phone("berlin", &phone).await;
    let (before, pushes) = (fed(&stage, "berlin").await, stage.phones().pushes("berlin"));
    assert_eq!((before.len(), stage.subscriptions().await), (7, 0), "{before:?}");

    let dry = program.run("migrate berlin --to hq --dry-run").await;
    assert_eq!(lines(&dry), ["berlin: 7 of 7 meetings match on hq; dry run: it would be read from hq"]);
    assert_eq!((dry.code, stage.subscriptions().await), (Some(0), 0), "{dry:?}");

    let real = program.run("migrate --all --to hq").await;
    assert_eq!(real.code, Some(0), "{real:?}");
    assert_eq!(lines(&real)[0], "berlin: 7 of 7 meetings match on hq; read from hq now");
    assert!(real.out.contains("to `exchange = \"hq\"`"), "{real:?}");
    assert_eq!(fed(&stage, "berlin").await, before, "nothing leaves, nothing comes twice");
    until("a subscription over EWS", async || (stage.subscriptions().await == 1).then_some(())).await;
    assert_eq!(stage.phones().pushes("berlin"), pushes, "and nothing was pushed");

    // WebDAV ends, and the configuration still names it
    stage.exchange().with(|world, now| {
        world.set_webdav(None);
        let (start, end) = (stage.at("+8h"), stage.at("+9h"));
        world.organizer("kim").invites("berlin").to("Told by EWS").at(start, end).send(now).unwrap();
    });
    stage.until_phone("berlin", &stage.phone_truth("berlin").await).await;
    assert!(warned(&stage, "migrated").await);
    assert_eq!(daemon.terminate().await.code(), Some(0));
    let daemon = program.daemon("info");
    stage
        .until_status("the room to be read again", |health| {
            health.is_ready() && health.servers.iter().all(|server| server.trouble.is_none())
        })
        .await;
    let again = program.run("migrate berlin --to hq").await;
    assert_eq!(lines(&again)[0], "berlin: is read from hq already");
    let checked = program.run("check --json").await;
    let checked: serde_json::Value = serde_json::from_str(&checked.out).unwrap();
    assert_eq!(checked["rooms"][0]["server"], "hq", "a check asks where the daemon reads: {checked}");
    let dry = program.run("migrate berlin --to hq --dry-run").await;
    assert_eq!(lines(&dry), ["berlin: is read from hq already"]);
    assert_eq!(stage.rows("berlin").await.unwrap(), stage.truth().await["berlin"]);

    stage.reconfigure(|text| text.replace("exchange = \"legacy\"", "exchange = \"hq\""));
    assert_eq!(program.run("reload").await.code, Some(0));
    assert!(!warned(&stage, "migrated").await, "the line says what is done");
    assert_eq!(daemon.terminate().await.code(), Some(0));
    stage.close().await;
}

#[tokio::test]
async fn a_switch_that_fails_in_its_last_step_is_taken_back() {
    let stage = on_webdav(exchange().room("berlin").meeting("Review").at("+2h")).await;
    let program = Program::on(CALLBOARD, &stage);
    let daemon = program.daemon("info");
    stage.until_status("the room to be read", control::Health::is_ready).await;
    let before = fed(&stage, "berlin").await;
    // the new server is read first, and goes away while the old one takes its time
    stage.exchange().with(|world, _| world.inject(Injection::of(Fault::SlowReply).on("SEARCH")).unwrap());
    let goes_away = async {
        let is_read =
            |exchange: &Exchange| exchange.status == Some(200) && holds(&exchange.got, "GetItemResponse");
        until("the new server to be read", async || stage.ews.heard().iter().any(is_read).then_some(()))
            .await;
        stage.ews.close();
    };
    let (failed, ()) = tokio::join!(program.run("migrate berlin --to hq --json"), goes_away);
    let told: serde_json::Value = serde_json::from_str(&failed.out).unwrap();
    assert_eq!(
        (failed.code, &told["to"], &told["rooms"][0]["from"]),
        (Some(1), &json!("hq"), &json!("legacy"))
    );
    let trouble = told["rooms"][0]["result"]["trouble"].as_str().unwrap();
    assert!(trouble.contains("server `hq`") && trouble.contains("no connection"), "{failed:?}");
    let log = daemon.log();
    let moves = log.matches("the room is to be read elsewhere").count();
    assert_eq!(moves, 2, "there, and back: {log}");

    assert_eq!(fed(&stage, "berlin").await, before, "displays keep what they show");
    assert!(!warned(&stage, "migrated").await, "it is read where its line says");
    stage.exchange().with(|world, now| {
        let (start, end) = (stage.at("+5h"), stage.at("+6h"));
        world.organizer("kim").invites("berlin").to("Told by WebDAV").at(start, end).send(now).unwrap();
    });
    stage.until_phone("berlin", &stage.phone_truth("berlin").await).await;
    assert_eq!(stage.subscriptions().await, 0, "nobody listens on the new server");
    assert_eq!(daemon.terminate().await.code(), Some(0));
    stage.close().await;
}

/// Another Exchange, with these rooms and what is in their calendars.
async fn another(stage: &Stage, rooms: &[(&str, &[(&str, &str)])]) -> Running {
    let now = stage.at("+0m");
    let mut world = World::new(2, now);
    let password = fs::read_to_string(stage.folder().join("password")).unwrap();
    world.add_account(Account::new(ACCOUNT, &password).with_rights(Rights::Reviewer));
    for (alias, meetings) in rooms {
        let at_once = CalendarProcessing::preserving().after(chrono::TimeDelta::zero());
        world.add_room(Room::new(alias).processing(at_once)).unwrap();
        for (subject, offset) in *meetings {
            let start = stage.at(offset);
            let end = start + chrono::TimeDelta::minutes(30);
            world.organizer("kim").invites(alias).to(subject).at(start, end).send(now).unwrap();
        }
    }
    let clock = SystemClock::start();
    let clock: server::Clock = Arc::new(move || clock.now().wall);
    server::serve(world, "127.0.0.1:0", clock).await.unwrap()
}

#[tokio::test]
async fn what_does_not_match_is_listed_and_keeps_a_room_where_it_is() {
    let plan = exchange().room("berlin").meeting("Review").at("+2h").meeting("Budget").at("+4h");
    let stage = plan.room("oslo").meeting("Weekly").at("+3h").open().await;
    let there = [
        ("berlin", [("Review", "+2h"), ("Only there", "+5h")].as_slice()),
        ("oslo", [("Weekly", "+3h")].as_slice()),
    ];
    let elsewhere = another(&stage, &there).await;
    let mut lab = server("lab", &elsewhere.ews_url());
    write!(lab, "{}", server("nowhere", "http://127.0.0.1:9/EWS/Exchange.asmx")).unwrap();
    stage.reconfigure(|text| text + &lab);
    let program = Program::on(CALLBOARD, &stage);
    assert_eq!(program.run("resync-room --all").await.code, Some(0));

    let refused = program.run("migrate --all --to lab").await;
    assert_eq!(refused.code, Some(1), "{refused:?}");
    let said = lines(&refused);
    assert!(
        said.contains(
            &"oslo: 1 of 1 meetings match on lab (1 by what they say); read from lab now".to_owned()
        ),
        "{refused:?}"
    );
    let sum = "berlin: 1 of 3 meetings match on lab (1 by what they say); stays on hq: more differ than `--tolerate` allows";
    let place = said.iter().position(|line| line == sum).unwrap_or_else(|| panic!("{refused:?}"));
    assert!(said[place + 1].starts_with("- not on lab") && said[place + 1].ends_with("Budget"), "{said:?}");
    assert!(
        said[place + 2].starts_with("+ only on lab") && said[place + 2].ends_with("Only there"),
        "{said:?}"
    );
    assert!(refused.out.contains("until then `status` reminds you"), "{refused:?}");
    assert_eq!(
        lines(&program.run("resync-room berlin").await),
        ["berlin: no difference; 2 shown, revision 1"]
    );

    let silent = program.run("migrate berlin --to nowhere").await;
    assert_eq!(silent.code, Some(1), "{silent:?}");
    assert!(lines(&silent)[0].starts_with("berlin: stays on hq: "), "{silent:?}");
    let unknown = program.run("migrate berlin --to lap").await;
    assert_eq!(
        (unknown.code, unknown.err.trim_end()),
        (Some(2), "callboard: no server `lap`: did you mean `lab`?")
    );

    let enough = program.run("migrate berlin --to lab --tolerate 67%").await;
    assert_eq!(enough.code, Some(0), "{enough:?}");
    let mut after = lines(&program.run("resync-room --all").await);
    after.sort();
    assert_eq!(
        after,
        ["berlin: no difference; 2 shown, revision 2", "oslo: no difference; 1 shown, revision 2",]
    );
    elsewhere.shutdown().await;
    stage.close().await;
}

#[tokio::test]
async fn the_mirror_stands_in_for_a_server_that_does_not_answer() {
    let stage = on_webdav(exchange().room("berlin").meeting("Review").at("+2h").room("oslo")).await;
    let program = Program::on(CALLBOARD, &stage);
    assert_eq!(program.run("resync-room berlin").await.code, Some(0));
    stage.exchange().with(|world, _| world.set_webdav(None));

    let never = program.run("migrate oslo --to hq --dry-run").await;
    assert!(lines(&never)[0].contains("never before: there is nothing to compare with"), "{never:?}");
    let fresh = program.run("migrate berlin --to hq --dry-run").await;
    assert_eq!(fresh.code, Some(0), "{fresh:?}");
    let said = lines(&fresh);
    assert_eq!(said[0], "berlin: 1 of 1 meetings match on hq; dry run: it would be read from hq");
    assert!(said[1].starts_with("held against what was mirrored of legacy as of "), "{said:?}");
    assert!(said[1].contains("404"), "it says why: {said:?}");
    let unasked = program.run("migrate berlin --to hq --from-mirror").await;
    let said = lines(&unasked);
    assert_eq!(said[0], "berlin: 1 of 1 meetings match on hq; read from hq now");
    assert!(said[1].starts_with("held against") && !said[1].contains("404"), "{said:?}");
    assert_eq!(
        lines(&program.run("resync-room berlin").await),
        ["berlin: no difference; 1 shown, revision 2"]
    );
    stage.close().await;
}

#[tokio::test]
async fn a_week_is_the_same_over_webdav_and_ews_for_an_account_of_ntlm() {
    let stage = on_webdav(exchange().room("berlin").room("oslo")).await;
    stage.exchange().with(|world, now| {
        script::demo_week(world, now, &["berlin", "oslo"]).unwrap();
        script::set_pace(world, Pace::Still);
        world.set_sign_in(SignIn::windows(ChannelBinding::None));
    });
    let by_ntlm = "password_file = \"password\"\npull_interval";
    stage.reconfigure(|text| text.replace(by_ntlm, &format!("auth = \"ntlm\"\n{by_ntlm}")));
    let program = Program::on(CALLBOARD, &stage);
    let dry = program.run("migrate --all --to hq --dry-run").await;
    assert_eq!(dry.code, Some(0), "{dry:?}");
    let mut said = lines(&dry);
    said.sort();
    for (line, room) in said.iter().zip(["berlin", "oslo"]) {
        let count = line.strip_prefix(&format!("{room}: ")).and_then(|rest| rest.split(' ').next()).unwrap();
        assert!(count.parse::<usize>().unwrap() > 20, "much is in the week: {line}");
        let all =
            format!("{room}: {count} of {count} meetings match on hq; dry run: it would be read from hq");
        assert_eq!(*line, all);
    }
    stage.close().await;
}
