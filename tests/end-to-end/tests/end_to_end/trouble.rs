//! What goes wrong between us and Exchange: one sentence that names the room and the remedy, and nothing lost.

use crate::CALLBOARD;
use end_to_end::{Program, Row, Stage, exchange, stage::ACCOUNT};
use exchange_sim::{Fault, Injection, Rights, StoreVersion, Strikes};

/// Lets a room be read, then spoils something, and gives the one sentence that every command and the daemon say of it.
/// Whatever that is, feed and phone go on showing what they showed.
async fn sentence(spoil: impl FnOnce(&Stage)) -> String {
    let mut stage = exchange().room("berlin").meeting("Review").at("+2h").open().await;
    let program = Program::on(CALLBOARD, &stage);
    let read = program.run("resync-room --all").await;
    assert_eq!(read.code, Some(0), "{read:?}");
    spoil(&stage);

    let check = program.run("check").await;
    let alone = program.run("resync-room berlin").await;
    stage.start_unread().await;
    let health = stage.until_status("trouble", |health| health.rooms[0].trouble.is_some()).await;
    let status = program.run("status --json").await;
    let asked = program.run("resync-room berlin").await;
    assert_eq!([check.code, alone.code, status.code, asked.code], [Some(1), Some(1), Some(0), Some(1)]);

    let told = health.rooms[0].trouble.clone().unwrap();
    assert!(status.out.contains(&serde_json::to_string(&told).unwrap()), "{}", status.out);
    let sentence = redacted(&told, &stage);
    let wrong: Vec<&str> = check.out.lines().filter_map(|line| line.strip_prefix("wrong: ")).collect();
    assert_eq!(redacted(&wrong.join("\n"), &stage), sentence);
    for resync in [alone, asked] {
        let of_berlin = sentence.replacen("room `berlin`:", "berlin:", 1);
        assert_eq!(redacted(resync.out.trim_end(), &stage), of_berlin);
    }

    let review = Row { start: stage.at("+2h"), end: stage.at("+150m"), title: "Review".to_owned() };
    assert_eq!(stage.rows("berlin").await.unwrap(), std::slice::from_ref(&review));
    stage.until_phone("berlin", &[stage.line(&review)]).await;
    stage.close().await;
    sentence
}

/// Without what differs from run to run, and between the operations that are asked for.
fn redacted(sentence: &str, stage: &Stage) -> String {
    let sentence = sentence.replace(&stage.ews.addr().to_string(), "[exchange]");
    let sentence = sentence.replace("SyncFolderItems", "GetFolder");
    match sentence.split_once(" bytes that break off") {
        Some((before, after)) => {
            let before = before.trim_end_matches(|digit: char| digit.is_ascii_digit());
            format!("{before}[some] bytes that break off{after}")
        }
        None => sentence,
    }
}

fn always(fault: Fault) -> impl FnOnce(&Stage) {
    move |stage| {
        let injection = Injection::of(fault).striking(Strikes::Always);
        stage.exchange().with(|world, _| world.inject(injection).unwrap());
    }
}

#[tokio::test]
async fn nobody_listens() {
    insta::assert_snapshot!(sentence(|stage| stage.ews.close()).await, @"room `berlin`: server `hq` at `[exchange]`: no connection: Connection refused (os error 111); check `url`, that the server runs, and that no firewall stands between");
}

#[tokio::test]
async fn the_password_is_wrong() {
    insta::assert_snapshot!(sentence(|stage| stage.write_secret("password", "guess")).await, @r"room `berlin`: GetFolder: expected to be signed in, found status 401, offering `Basic`; name or password is wrong: check both, as `DOMAIN\account` or `account@domain`");
}

#[tokio::test]
async fn an_account_that_is_left_alone_is_not_tried_for_a_look() {
    let mut stage = exchange().room("berlin").open().await;
    let program = Program::on(CALLBOARD, &stage);
    always(Fault::AccountLocked)(&stage);
    stage.start_unread().await;
    stage.until_status("trouble", |health| health.rooms[0].retry_at.is_some()).await;
    let asked = stage.ews.count();
    for (words, code, said) in [
        ("diff --all", 1, "it is locked out; unlock the service account"),
        ("diff berlin", 1, "; not asked: it is tried again at "),
        ("explain berlin", 0, "\n  not read yet: nobody knows what is in its calendar\n"),
        ("explain berlin", 0, "\n  room `berlin`: GetFolder: the account cannot sign in: it is locked out"),
        ("check", 1, "not asked, as the daemon leaves its account alone until "),
    ] {
        let ended = program.run(words).await;
        assert!(ended.code == Some(code) && ended.out.contains(said), "{words}: {ended:?}");
        assert_eq!(stage.ews.count(), asked, "{words}");
    }
    assert_eq!(program.run("check --now").await.code, Some(1));
    assert!(stage.ews.count() > asked);
    stage.close().await;
}

#[tokio::test]
async fn a_proxy_shows_its_sign_in_form() {
    insta::assert_snapshot!(sentence(always(Fault::SignInPage)).await, @"room `berlin`: GetFolder: expected an answer from Exchange Web Services, found a page where people sign in; let `/EWS/Exchange.asmx` through the proxy without forms-based sign-in, or configure the server's own address");
}

#[tokio::test]
async fn the_server_sends_us_to_outlook_on_the_web() {
    insta::assert_snapshot!(sentence(always(Fault::RedirectToOwa)).await, @"room `berlin`: GetFolder: expected an answer from Exchange Web Services, found a page where people sign in; let `/EWS/Exchange.asmx` through the proxy without forms-based sign-in, or configure the server's own address");
}

#[tokio::test]
async fn a_proxy_s_form_has_waited_too_long() {
    insta::assert_snapshot!(sentence(always(Fault::LoginTimeout)).await, @"room `berlin`: GetFolder: expected an answer from Exchange Web Services, found that a sign-in form's session has ended (status 440); let `/EWS/Exchange.asmx` through the proxy with the account's own sign-in, not by a form that keeps sessions");
}

#[tokio::test]
async fn the_account_is_locked() {
    insta::assert_snapshot!(sentence(always(Fault::AccountLocked)).await, @"room `berlin`: GetFolder: the account cannot sign in: it is locked out; unlock the service account, and look for who else tries passwords for it, then `callboard resync-room berlin`");
}

#[tokio::test]
async fn an_account_that_was_unlocked_is_asked_again_as_soon_as_somebody_says_so() {
    let mut stage = exchange().room("berlin").meeting("Review").at("+2h").open().await;
    stage.start().await;
    let program = Program::on(CALLBOARD, &stage);
    for command in ["resync-room berlin", "reload"] {
        always(Fault::AccountLocked)(&stage);
        assert_eq!(program.run("resync-room berlin").await.code, Some(1));
        let begun = stage.at("+0s");
        let left_alone = |health: &control::Health| {
            let retry_at = health.rooms[0].retry_at;
            retry_at.is_some_and(|at| at > begun + chrono::TimeDelta::minutes(10))
        };
        stage.until_status("the account left alone", left_alone).await;
        stage.exchange().with(|world, _| world.heal());
        assert_eq!(program.run(command).await.code, Some(0), "{command}");
        stage.until_status("no trouble", |health| health.rooms[0].trouble.is_none()).await;
    }
    stage.close().await;
}

#[tokio::test]
async fn web_services_are_turned_off() {
    insta::assert_snapshot!(sentence(always(Fault::EwsDisabled)).await, @"room `berlin`: GetFolder: expected permission to use Exchange Web Services, found status 403; allow Exchange Web Services for the account, the mailbox and this program: `Set-CASMailbox -EwsEnabled $true`, `Set-OrganizationConfig -EwsApplicationAccessPolicy`; Exchange Online has it off since 2026-10-01 unless `Set-OrganizationConfig -EwsEnabled $true -EwsAllowedAppIDs` names this application, and for good from 2027-04-01");
}

#[tokio::test]
async fn the_reply_stops_in_the_middle() {
    insta::assert_snapshot!(sentence(always(Fault::TruncatedBody)).await, @"room `berlin`: GetFolder: expected a whole reply, found [some] bytes that break off; it is asked again; if this goes on, look for a proxy or filter on the way that cuts replies");
}

#[tokio::test]
async fn the_connection_breaks_in_the_middle() {
    insta::assert_snapshot!(sentence(always(Fault::ConnectionClosed)).await, @"room `berlin`: server `hq` at `[exchange]`: the answer to GetFolder broke off: the connection was closed; it is asked again; if this goes on, look at what stands between, and whether the port in `url` wants `https://`");
}

#[tokio::test]
async fn the_reply_is_to_something_else() {
    insta::assert_snapshot!(sentence(always(Fault::OtherOperation)).await, @"room `berlin`: GetFolder: expected `GetFolderResponse`, found `ResolveNamesResponse`; it is asked again; if this goes on, look for a proxy or cache on the way that mixes up replies");
}

#[tokio::test]
async fn the_mailbox_does_not_exist() {
    let elsewhere = |text: String| text.replace("berlin@rooms.example", "berlln@rooms.example");
    insta::assert_snapshot!(sentence(|stage| stage.reconfigure(elsewhere)).await, @"room `berlin`: GetFolder: there is no mailbox of this address: `ErrorNonExistentMailbox`; configure the room's primary SMTP address, as `Get-Mailbox -RecipientTypeDetails RoomMailbox` lists them");
}

#[tokio::test]
async fn the_account_may_not_read_the_room() {
    let forbidden = |stage: &Stage| {
        let grant = |world: &mut exchange_sim::World| world.grant(ACCOUNT, "berlin", Rights::None);
        stage.exchange().with(|world, _| grant(world).unwrap());
    };
    insta::assert_snapshot!(sentence(forbidden).await, @r"room `berlin`: GetFolder: the account may not read this calendar: `ErrorAccessDenied`; `Add-MailboxFolderPermission 'berlin@rooms.example:\Calendar' -User 'svc-callboard' -AccessRights Reviewer`, or full access to the mailbox; in another language `Get-MailboxFolderStatistics 'berlin@rooms.example' -FolderScope Calendar` says what the folder is called");
}

#[tokio::test]
async fn a_room_that_is_not_answered_holds_its_turn_no_longer_than_its_timeout() {
    let plan = exchange()
        .room("berlin")
        .room("oslo")
        .meeting("Budget")
        .at("+2h")
        .room("rome")
        .meeting("Review")
        .at("+3h");
    let mut stage = plan.open().await;
    let one_by_one = "[exchange.hq]\nrequest_timeout = \"1s\"\nmax_concurrent = 1\n";
    stage.reconfigure(|text| text.replace("[exchange.hq]\n", one_by_one));
    let no_reply = Injection::of(Fault::NoReply).in_room("berlin").striking(Strikes::Always);
    stage.exchange().with(|world, _| world.inject(no_reply).unwrap());
    stage.start_unread().await;
    for room in ["oslo", "rome"] {
        stage.until_phone(room, &stage.phone_truth(room).await).await;
    }
    // on a slow machine the others have waited for a second, too, and are asked again
    let alone = |health: &control::Health| {
        health.rooms.iter().map(|room| room.trouble.is_some()).eq([true, false, false])
    };
    let health = stage.until_status("trouble in one room alone", alone).await;
    let sentence = redacted(health.rooms[0].trouble.as_ref().unwrap(), &stage);
    insta::assert_snapshot!(sentence, @"room `berlin`: server `hq` at `[exchange]`: expected an answer to GetFolder within 1 s, found none; if this happens often, look at the server's load and at what stands between");
    stage.close().await;
}

#[tokio::test]
async fn a_wrong_password_is_tried_twice_at_most_however_many_rooms_there_are() {
    let names: Vec<String> = (1..=12).map(|number| format!("room-{number}")).collect();
    let plan = names.iter().fold(exchange(), |plan, name| plan.room(name));
    let mut stage = plan.open().await;
    stage.write_secret("password", "guess");
    stage.start_unread().await;
    let begun = stage.at("+0s");
    let health = stage
        .until_status("the second refusal", |health| {
            let retry_at = health.rooms.iter().filter_map(|room| room.retry_at).min();
            retry_at.is_some_and(|at| at > begun + chrono::TimeDelta::minutes(10))
        })
        .await;
    assert_eq!(health.servers[0].state, control::ServerState::SignInRefused);
    let refused =
        |stage: &Stage| stage.ews.heard().iter().filter(|exchange| exchange.status == Some(401)).count();
    assert_eq!((refused(&stage), stage.ews.count()), (2, 2), "an account that is asked too often is locked");
    let program = Program::on(CALLBOARD, &stage);
    assert_eq!(program.run("resync-room --all").await.code, Some(1));
    assert_eq!((refused(&stage), stage.ews.count()), (3, 3), "an operator asks once, for however many rooms");
    stage.close().await;
}

#[tokio::test]
async fn a_wrong_password_over_webdav_is_tried_no_oftener() {
    let names: Vec<String> = (1..=6).map(|number| format!("room-{number}")).collect();
    let plan = names.iter().fold(exchange(), |plan, name| plan.room(name));
    let mut stage = plan.open().await;
    stage.read_over_webdav(StoreVersion::Exchange2003, stage.ews.addr(), "");
    stage.write_secret("password", "guess");
    let refused =
        |stage: &Stage| stage.ews.heard().iter().filter(|exchange| exchange.status == Some(401)).count();
    let program = Program::on(CALLBOARD, &stage);
    let told: serde_json::Value = serde_json::from_str(&program.run("check --json").await.out).unwrap();
    assert_eq!((&told["rooms"][0]["failed"], refused(&stage)), (&"sign-in".into(), 1), "{told:#}");
    stage.start_unread().await;
    let begun = stage.at("+0s");
    stage
        .until_status("the second refusal", |health| {
            let retry_at = health.rooms.iter().filter_map(|room| room.retry_at).min();
            retry_at.is_some_and(|at| at > begun + chrono::TimeDelta::minutes(10))
        })
        .await;
    assert_eq!(refused(&stage), 3, "an account that is asked too often is locked");
    stage.write_secret("password", "correct horse");
    let program = Program::on(CALLBOARD, &stage);
    assert_eq!(program.run("reload").await.code, Some(0));
    assert_eq!(program.run("resync-room --all").await.code, Some(0));
    stage.close().await;
}
