//! `check`: what is wrong is told apart, and what is right is told by which right.

use crate::CALLBOARD;
use callboard::system_clock::SystemClock;
use chrono::TimeDelta;
use end_to_end::{Program, Stage, exchange, stage::ACCOUNT};
use exchange_sim::{
    Account, AutomateProcessing, CalendarProcessing, Fault, Injection, Rights, Room, ServerProfile, Strikes,
    World, server,
};
use meeting_model::clock::Clock;
use serde_json::Value;
use std::{fmt::Write, fs, sync::Arc};

/// What `check --json` says, and its exit code.
async fn checked(stage: &Stage) -> (Option<i32>, Value) {
    let ended = Program::on(CALLBOARD, stage).run("check --json").await;
    assert_eq!(ended.err, "", "progress is for terminals");
    (ended.code, serde_json::from_str(&ended.out).unwrap())
}

/// The sentences of a level about rooms, without what differs from run to run.
fn sentences(report: &Value, level: &str, stage: &Stage) -> String {
    let findings = report["findings"].as_array().unwrap();
    let of_level = findings.iter().filter(|finding| finding["level"] == level && finding["room"].is_string());
    let lines: Vec<_> = of_level.map(|finding| finding["sentence"].as_str().unwrap()).collect();
    lines.join("\n").replace(&stage.ews.addr().to_string(), "[exchange]")
}

fn grant(stage: &Stage, room: &str, rights: Rights) {
    stage.exchange().with(|world, _| world.grant(ACCOUNT, room, rights).unwrap());
}

fn always(stage: &Stage, fault: Fault) {
    let injection = Injection::of(fault).striking(Strikes::Always);
    stage.exchange().with(|world, _| world.inject(injection).unwrap());
}

type Spoil = fn(&Stage);

#[tokio::test]
async fn every_step_that_fails_is_told_from_the_others() {
    let table: [(&str, Spoil); 14] = [
        ("connection", |stage| stage.ews.close()),
        ("name", |stage| {
            let host = stage.ews.addr().to_string();
            stage.reconfigure(|text| text.replace(&host, "exchange.invalid"));
        }),
        ("sign-in", |stage| stage.write_secret("password", "guess")),
        ("service", |stage| always(stage, Fault::EwsDisabled)),
        ("service", |stage| always(stage, Fault::SignInPage)),
        ("sign-in", |stage| always(stage, Fault::AccountLocked)),
        ("service", |stage| always(stage, Fault::RedirectToOwa)),
        ("service", |stage| always(stage, Fault::LoginTimeout)),
        ("mailbox", |stage| stage.reconfigure(|text| text.replace("berlin@rooms", "berlln@rooms"))),
        ("calendar", |stage| grant(stage, "berlin", Rights::None)),
        ("calendar", |stage| grant(stage, "berlin", Rights::FreeBusy)),
        ("answer", |stage| always(stage, Fault::TruncatedBody)),
        ("answer", |stage| always(stage, Fault::ConnectionClosed)),
        ("answer", |stage| always(stage, Fault::OtherOperation)),
    ];
    for (step, spoil) in table {
        let stage = exchange().room("berlin").open().await;
        spoil(&stage);
        let (code, report) = checked(&stage).await;
        assert_eq!((code, &report["rooms"][0]["failed"]), (Some(1), &Value::from(step)), "{report:#}");
        stage.close().await;
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_no_server_that_is_down() {
    let stage = exchange().room("berlin").open().await;
    let clock = SystemClock::start();
    let mut world = World::new(1, clock.now().wall);
    world.add_account(Account::new(ACCOUNT, "correct horse").with_rights(Rights::Full));
    world.add_room(Room::new("berlin")).unwrap();
    let told: server::Clock = Arc::new(move || clock.now().wall);
    let secured = server::serve_tls(world, "127.0.0.1:0", told).await.unwrap();
    let plain = format!("http://{}/EWS/Exchange.asmx", stage.ews.addr());
    stage.reconfigure(|text| text.replace(&plain, &secured.ews_url()));

    let (code, report) = checked(&stage).await;
    assert_eq!((code, &report["rooms"][0]["failed"]), (Some(1), &Value::from("certificate")), "{report:#}");
    assert!(sentences(&report, "wrong", &stage).contains("trusted authority"), "{report:#}");

    fs::write(stage.folder().join("ca.pem"), secured.ca_certificate().unwrap()).unwrap();
    stage.reconfigure(|text| text.replace("[exchange.hq]\n", "[exchange.hq]\nca_file = \"ca.pem\"\n"));
    let (code, report) = checked(&stage).await;
    assert_eq!((code, &report["rooms"][0]["right"]), (Some(0), &Value::from("full-access")), "{report:#}");
    secured.shutdown().await;
    stage.close().await;
}

#[tokio::test]
async fn a_wrong_password_is_tried_once_however_many_rooms_and_servers_there_are() {
    let names: Vec<String> = (1..=12).map(|number| format!("room-{number}")).collect();
    let stage = names.iter().fold(exchange(), |plan, name| plan.room(name)).open().await;
    stage.write_secret("password", "guess");
    stage.reconfigure(|text| {
        let (before, after) = text.split_once("[exchange.hq]").unwrap();
        let (server, rooms) = after.split_once("\n\n").unwrap();
        let lab = server.replace(ACCOUNT, &ACCOUNT.to_uppercase());
        let (first, last) = rooms.rsplit_once("exchange = \"hq\"").unwrap();
        let rooms = format!("{first}exchange = \"lab\"{last}");
        format!("{before}[exchange.hq]{server}\n\n[exchange.lab]{lab}\n\n{rooms}")
    });
    let (code, report) = checked(&stage).await;
    assert_eq!((code, stage.ews.count()), (Some(1), 1), "{report:#}");
    let wrong = sentences(&report, "wrong", &stage);
    assert_eq!(wrong.lines().count(), 12);
    assert!(
        wrong.contains("room `room-2`: not asked, as its server `hq` failed for room `room-1`"),
        "{wrong}"
    );
    assert!(
        wrong.contains("room `room-12`: not asked, as its account was refused by server `hq`"),
        "{wrong}"
    );
    let told = Program::on(CALLBOARD, &stage).run("check").await.out;
    let told: Vec<_> = told.lines().filter(|line| line.contains("not asked, as")).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("wrong: 10 rooms (`room-2`, "), "{told:?}");
    stage.close().await;
}

#[tokio::test]
async fn a_password_that_is_about_to_end_is_told_before_it_does() {
    let stage = exchange().room("berlin").open().await;
    let (_, before) = checked(&stage).await;
    assert!(!before.to_string().contains("password"), "{before:#}");
    let ends = SystemClock::start().now().wall + TimeDelta::days(5);
    let account = Account::new(ACCOUNT, "correct horse").with_rights(Rights::Full).until(ends);
    stage.exchange().with(|world, _| world.add_account(account));
    let (code, report) = checked(&stage).await;
    let sentence = format!("the account's password ends on {}", ends.format("%Y-%m-%d"));
    assert!(report.to_string().contains(&sentence), "{report:#}");
    assert_eq!(code, Some(0), "a warning is no failure");
    stage.close().await;
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_waited_for_twice_however_many_rooms_there_are() {
    let names: Vec<String> = (1..=20).map(|number| format!("room-{number}")).collect();
    let stage = names.iter().fold(exchange(), |plan, name| plan.room(name)).open().await;
    stage.reconfigure(|text| text.replace("[exchange.hq]\n", "[exchange.hq]\nrequest_timeout = \"1s\"\n"));
    always(&stage, Fault::NoReply);
    let ended = Program::on(CALLBOARD, &stage).run("check").await;
    assert_eq!((ended.code, stage.ews.count()), (Some(1), 2));
    let told: Vec<_> = ended.out.lines().filter_map(|line| line.strip_prefix("wrong: ")).collect();
    insta::assert_snapshot!(told.join("\n").replace(&stage.ews.addr().to_string(), "[exchange]"), @r"
    2 rooms (`room-1`, `room-2`): server `hq` at `[exchange]`: expected an answer to GetFolder within 1 s, found none; if this happens often, look at the server's load and at what stands between
    18 rooms (`room-3`, `room-4`, `room-5`, `room-6`, `room-7`, `room-8`, `room-9`, `room-10`, `room-11`, `room-12` and 8 more, which `--json` names): not asked, as its server `hq` does not answer: 2 rooms in a row had no answer
    ");
    stage.close().await;
}

#[tokio::test]
async fn the_right_by_which_a_calendar_is_read_is_named() {
    let stage = exchange().room("berlin").room("oslo").room("paris").room("rome").open().await;
    grant(&stage, "berlin", Rights::Full);
    grant(&stage, "oslo", Rights::Reviewer);
    grant(&stage, "paris", Rights::FreeBusy);
    grant(&stage, "rome", Rights::None);
    let (code, report) = checked(&stage).await;
    assert_eq!(code, Some(1));
    let rooms = report["rooms"].as_array().unwrap();
    let rights: Vec<_> = rooms.iter().map(|room| room["right"].as_str().unwrap_or("none")).collect();
    assert_eq!(rights, ["full-access", "calendar-only", "free-busy-only", "none"]);
    insta::assert_snapshot!(sentences(&report, "hint", &stage), @r"
    room `paris`: the account sees when the room is busy, and nothing else; `ReadPermission`, which older guides ask for, shows who has rights and opens no calendar: `Add-MailboxFolderPermission 'paris@rooms.example:\Calendar' -User 'svc-callboard' -AccessRights Reviewer` (where the mailbox speaks another language, `Get-MailboxFolderStatistics 'paris@rooms.example' -FolderScope Calendar` says what the folder is called), or `Add-MailboxPermission 'paris@rooms.example' -User 'svc-callboard' -AccessRights FullAccess`
    room `rome`: the account sees nothing of the room; `ReadPermission`, which older guides ask for, shows who has rights and opens no calendar: `Add-MailboxFolderPermission 'rome@rooms.example:\Calendar' -User 'svc-callboard' -AccessRights Reviewer` (where the mailbox speaks another language, `Get-MailboxFolderStatistics 'rome@rooms.example' -FolderScope Calendar` says what the folder is called), or `Add-MailboxPermission 'rome@rooms.example' -User 'svc-callboard' -AccessRights FullAccess`
    ");
    stage.close().await;
}

#[tokio::test]
async fn an_inbox_that_is_to_be_searched_and_cannot_be_read_is_told() {
    let stage = exchange().room("berlin").room("oslo").open().await;
    grant(&stage, "berlin", Rights::Full);
    grant(&stage, "oslo", Rights::Reviewer);
    assert_eq!(sentences(&checked(&stage).await.1, "hint", &stage), "");
    stage.reconfigure(|text| text + "\n[meetings]\nrecover_from_inbox = true\n");
    let (code, report) = checked(&stage).await;
    assert_eq!(code, Some(0), "{report:#}");
    insta::assert_snapshot!(sentences(&report, "hint", &stage), @"room `oslo`: `recover_from_inbox` is on, and its Inbox cannot be read: subjects are looked for there after `Add-MailboxPermission 'oslo@rooms.example' -User 'svc-callboard' -AccessRights FullAccess`");
    stage.close().await;
}

#[tokio::test]
async fn a_refused_subscription_is_told_with_the_right_that_would_make_it_instant() {
    for (rights, works) in [(Rights::Reviewer, false), (Rights::Full, true)] {
        let stage = exchange().room("berlin").open().await;
        stage.exchange().with(|world, _| world.set_profile(ServerProfile::Exchange2007Sp1));
        grant(&stage, "berlin", rights);
        let (code, report) = checked(&stage).await;
        assert_eq!(
            (code, &report["rooms"][0]["subscriptions"]),
            (Some(0), &Value::from(works)),
            "{report:#}"
        );
        assert!(report["rooms"][0]["exchange"].as_str().unwrap().starts_with("8.1."), "{report:#}");
        if !works {
            insta::assert_snapshot!(sentences(&report, "warning", &stage), @"room `berlin`: Subscribe: no subscription to be had: not for this account and mailbox (`ErrorSubscriptionDelegateAccessNotSupported`); it is asked at intervals, and would be told at once after `Add-MailboxPermission 'berlin@rooms.example' -User 'svc-callboard' -AccessRights FullAccess`");
        }
        assert_eq!(stage.subscriptions().await, 0, "what was taken is given back");
        stage.close().await;
    }
}

#[tokio::test]
async fn too_many_subscriptions_are_no_matter_of_rights() {
    let stage = exchange().room("berlin").open().await;
    always(&stage, Fault::SubscriptionsExhausted);
    let (code, report) = checked(&stage).await;
    assert_eq!((code, &report["rooms"][0]["subscriptions"]), (Some(0), &Value::from(false)), "{report:#}");
    insta::assert_snapshot!(sentences(&report, "warning", &stage), @"room `berlin`: Subscribe: no subscription to be had: there are too many already (`ErrorExceededSubscriptionCount`); raise `EwsMaxSubscriptions` by a throttling policy for the account, or configure impersonation");
    stage.close().await;
}

#[tokio::test]
async fn what_exchange_strips_is_read_from_the_rooms_meetings() {
    for (profile, cmdlet) in [
        (ServerProfile::Exchange2019, "Set-CalendarProcessing"),
        (ServerProfile::Exchange2007Sp1, "Set-MailboxCalendarSettings"),
    ] {
        let stage = exchange().room("berlin").room("oslo").open().await;
        stage.exchange().with(|world, now| {
            world.set_profile(profile);
            for room in ["berlin", "oslo"] {
                world.grant(ACCOUNT, room, Rights::Full).unwrap();
            }
            let stripping = CalendarProcessing::default().after(TimeDelta::zero());
            world.set_processing("berlin", stripping).unwrap();
            for day in 1..=20 {
                let start = now + TimeDelta::days(day);
                let invitation = world.organizer("kim").invites("berlin").and("oslo").to("Review");
                let invitation = invitation.saying("Agenda").at(start, start + TimeDelta::hours(1));
                invitation.send(now).unwrap();
            }
        });
        let (code, report) = checked(&stage).await;
        assert_eq!(code, Some(0), "{report:#}");
        assert_eq!(report["rooms"][0]["accepting"], "accepts");
        assert_eq!(report["rooms"][0]["answers"]["accepted"], 20);
        let warnings = sentences(&report, "warning", &stage);
        assert_eq!(warnings.lines().count(), 2, "{warnings}");
        insta::allow_duplicates! {
            insta::assert_snapshot!(warnings.replace(cmdlet, "[cmdlet]"), @"
            room `berlin`: subject-not-preserved: Exchange seems to rewrite the subjects of what this room accepts (20 meetings); Exchange seems to strip subjects in this room: they are taken from what was read before it did, from the series, and from copies in other rooms; [cmdlet] 'berlin@rooms.example' -DeleteSubject $false -AddOrganizerToSubject $false
            room `berlin`: comments-deleted: Exchange seems to delete the text of what this room accepts, so that no join address can be read from it: none of the last 20 meetings has any, and some had one before or have lost their subject (20 of them); [cmdlet] 'berlin@rooms.example' -DeleteComments $false
            ");
        }
        stage.close().await;
    }
}

#[tokio::test]
async fn how_a_room_answers_is_read_from_its_meetings() {
    let stage =
        exchange().room("berlin").room("oslo").meeting("Review").tentative().room("rome").open().await;
    stage.exchange().with(|world, now| {
        let update = CalendarProcessing::preserving().deciding(AutomateProcessing::AutoUpdate);
        world.set_processing("berlin", update).unwrap();
        let (sent, start) = (now - TimeDelta::minutes(20), now + TimeDelta::hours(2));
        let invitation = world.organizer("kim").invites("berlin").to("Planning");
        invitation.at(start, start + TimeDelta::hours(1)).send(sent).unwrap();
    });
    let (code, report) = checked(&stage).await;
    assert_eq!(code, Some(0), "{report:#}");
    let rooms = report["rooms"].as_array().unwrap();
    let accepting: Vec<_> = rooms.iter().map(|room| room["accepting"].as_str()).collect();
    assert_eq!(accepting, [Some("nobody-answers"), Some("waits-for-delegate"), None], "{report:#}");
    let remedy = "Set-CalendarProcessing 'berlin@rooms.example' -AutomateProcessing AutoAccept";
    assert!(sentences(&report, "warning", &stage).contains(remedy), "{report:#}");
    assert!(sentences(&report, "hint", &stage).contains("room `oslo`: awaiting-delegate"), "{report:#}");
    stage.close().await;
}

#[tokio::test]
async fn every_character_of_an_address_is_asked_for() {
    let stage = exchange().room("berlin").open().await;
    let characters = ["~", "#", "%", "+", "&", "|", "*", "/", "!"];
    let mut rooms = String::new();
    for (number, character) in characters.iter().enumerate() {
        let address = format!("ro{character}om@rooms.example");
        stage.exchange().with(|world, _| {
            world.add_room(Room::new(&format!("room-{number}")).at_address(&address)).unwrap();
        });
        write!(
            rooms,
            "\n[[room]]\nid = \"room-{number}\"\nmailbox = \"{address}\"\nexchange = \"hq\"\n\
             time_zone = \"Europe/Berlin\"\nacceptance = \"auto-accept\"\n"
        )
        .unwrap();
    }
    stage.reconfigure(|text| text + &rooms);
    let (code, report) = checked(&stage).await;
    assert_eq!(code, Some(0), "{report:#}");
    let found = report["rooms"].as_array().unwrap();
    assert_eq!(found.len(), 1 + characters.len());
    assert!(found.iter().all(|room| room["failed"].is_null() && room["asked"] == true), "{report:#}");
    stage.close().await;
}

#[tokio::test]
async fn what_is_found_stands_in_a_table() {
    let stage = exchange().room("berlin").meeting("Review").room("oslo").room("rome").open().await;
    grant(&stage, "berlin", Rights::Full);
    grant(&stage, "rome", Rights::None);
    let ended = Program::on(CALLBOARD, &stage).run("check").await;
    assert_eq!(ended.code, Some(1));
    let table: Vec<_> = ended.out.lines().skip_while(|line| !line.starts_with("room ")).collect();
    let table = table.split(|line| line.is_empty()).next().unwrap().join("\n");
    insta::assert_snapshot!(table, @"
    room    server  Exchange   calendar         right          subscriptions  items  invitations
    berlin  hq      15.2.1544  can be read      full access    work           1      1 accepted
    oslo    hq      15.2.1544  can be read      calendar only  work           0
    rome    hq      15.2.1544  fails: calendar
    ");
    stage.close().await;
}
