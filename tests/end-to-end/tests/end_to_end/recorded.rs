//! The flight recorder: what a daemon was told leads to the same once more.

use crate::CALLBOARD;
use control::Health;
use end_to_end::{Program, Running, Stage, exchange, until};
use exchange_sim::{Fault, Injection};
use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

async fn stage() -> (Stage, Program) {
    let plan = exchange().room("berlin").meeting("Review").at("+2h").meeting("Stand-up").at("+1h").daily(5);
    let stage = plan.room("oslo").meeting("Wolverine").at("+3h").private().open().await;
    stage.reconfigure(|text| format!("flight_record = \"8 MiB\"\n{text}"));
    let program = Program::on(CALLBOARD, &stage);
    (stage, program)
}

/// Has everything happen that leads to something: changes, faults, a reload, an operator's wishes.
async fn live(stage: &Stage, program: &Program, daemon: &Running) {
    stage.until_status("every room to be read", Health::is_ready).await;
    for fault in [Fault::TruncatedBody, Fault::ServerBusy, Fault::SubscriptionLost, Fault::InvalidSyncState] {
        stage.exchange().with(|world, now| {
            world.inject(Injection::of(fault).next(1)).unwrap();
            world.rename(stage.meeting("Review"), &format!("Review, {fault:?}"), now).unwrap();
        });
        let resync = program.run("resync-room --all").await;
        assert!(resync.code.is_some(), "{resync:?}");
    }
    let before = daemon.log().matches("the configuration was read again").count();
    stage.reconfigure(|text| text.replacen("acceptance = \"auto-accept\"", "acceptance = \"proxy\"", 1));
    daemon.hang_up();
    until("the reload", async || {
        (daemon.log().matches("the configuration was read again").count() > before).then_some(())
    })
    .await;
    // as long as Exchange wants a pause, nobody is compared
    until("a comparison", async || (program.run("diff --all").await.code == Some(0)).then_some(())).await;
}

fn record(stage: &Stage) -> PathBuf {
    stage.state_dir().flight()
}

#[tokio::test]
async fn what_a_daemon_was_told_leads_to_the_same_actions_again() {
    let (stage, program) = stage().await;
    let daemon = program.daemon("info");
    live(&stage, &program, &daemon).await;
    assert!(daemon.terminate().await.success());
    assert_eq!(fs::metadata(record(&stage)).unwrap().permissions().mode() & 0o777, 0o600);

    let replay = format!("replay {}", record(&stage).display());
    let replayed = program.run(&replay).await;
    assert_eq!(replayed.code, Some(0), "{}", replayed.out);
    for line in [
        "exchange 0 hq berlin GetFolder ",
        "apply berlin complete 2 items",
        "deliver berlin/",
        "reconfigured",
    ] {
        assert!(replayed.out.contains(line), "`{line}` in {}", replayed.out);
    }
    let last = replayed.out.lines().last().unwrap();
    assert!(last.ends_with(" actions: as was recorded"), "{last}");
    let told = fs::read_to_string(record(&stage)).unwrap();
    for secret in ["Review", "Wolverine", "kim@", "correct horse"] {
        assert!(!told.contains(secret) && !replayed.out.contains(secret), "{secret}");
    }

    // another engine would do something else: here the record says that this one did
    fs::write(record(&stage), told.replacen("GetFolder", "GetItem", 1)).unwrap();
    let differing = program.run(&format!("{replay} --differences")).await;
    assert_eq!(differing.code, Some(1), "{differing:?}");
    assert!(differing.out.contains("\n  - exchange 0 hq berlin GetItem "), "{differing:?}");
    assert!(differing.out.contains("\n  + exchange 0 hq berlin GetFolder "), "{differing:?}");
    assert!(
        differing.out.ends_with(": 1 events lead to something else than was recorded\n"),
        "{differing:?}"
    );

    for (from, to, sentence) in [
        (
            "\"format\":2",
            "\"format\":1",
            "expected a flight record of form 2, found form 1; replay it with callboard 0.1.0",
        ),
        ("{\"begun\"", "{\"began\"", "line 1: expected a flight record"),
        ("{\"heard\"", "{\"heart\"", "line 2: expected a flight record"),
    ] {
        fs::write(record(&stage), told.replacen(from, to, 1)).unwrap();
        let refused = program.run(&replay).await;
        assert!(refused.code == Some(65) && refused.err.contains(sentence), "{refused:?}");
    }
    let other = format!(
        "flight record `{}`: line 1: expected a flight record",
        stage.state_dir().database().display()
    );
    let folder =
        format!("flight record `{}`: expected a file, found a directory", stage.state_dir().path().display());
    for (file, sentence) in [(stage.state_dir().database(), other), (stage.state_dir().path().into(), folder)]
    {
        let refused = program.run(&format!("replay {}", file.display())).await;
        assert!(refused.code == Some(65) && refused.err.contains(&sentence), "{refused:?}");
    }
    let older = told.replacen("\"version\":\"0.1.0\"", "\"version\":\"0.0.9\"", 1);
    fs::write(record(&stage), older).unwrap();
    let warned = program.run(&replay).await;
    assert!(warned.code == Some(0) && warned.out.contains("which may decide otherwise"), "{warned:?}");
    stage.close().await;
}

#[tokio::test]
async fn the_record_of_a_daemon_that_was_killed_is_whole_up_to_its_end_and_kept_over_a_start() {
    let (stage, program) = stage().await;
    let daemon = program.daemon("info");
    stage.until_status("every room to be read", Health::is_ready).await;
    daemon.kill();
    let told = fs::read_to_string(record(&stage)).unwrap();
    let cut = told.trim_end().len() - 7;
    fs::write(record(&stage), &told.as_bytes()[..cut]).unwrap();
    let (asked, daemon) = (stage.ews.count(), program.daemon("info"));
    until("requests", async || (stage.ews.count() > asked + 2).then_some(())).await;
    assert!(daemon.terminate().await.success());
    let before = record(&stage).with_extension("before.jsonl");
    for file in [before, record(&stage)] {
        let replayed = program.run(&format!("replay {}", file.display())).await;
        assert_eq!(replayed.code, Some(0), "{}: {}", file.display(), replayed.out);
        assert!(replayed.out.contains("exchange 0 hq"), "{replayed:?}");
    }
    stage.close().await;
}

#[tokio::test]
async fn a_full_record_goes_on_from_what_the_engine_has_come_to_know() {
    const MOST: usize = 1 << 20;
    let plan = (0..12).fold(exchange(), |plan, room| {
        let plan = plan.room(&format!("room-{room}")).meeting(&format!("Wolverine {room}")).private();
        (0..8).fold(plan, |plan, nth| {
            plan.meeting(&format!("Review {room}.{nth}")).at(&format!("+{}h", nth + 2))
        })
    });
    let stage = plan.open().await;
    stage.reconfigure(|text| format!("flight_record = \"1 MiB\"\n{text}"));
    let program = Program::on(CALLBOARD, &stage);
    let daemon = program.daemon("info");
    stage.until_status("every room to be read", Health::is_ready).await;
    let parts = [record(&stage).with_extension("before.jsonl"), record(&stage)];
    // the second to be full
    let is_middle = || fs::read_to_string(&parts[0]).is_ok_and(|told| told.contains("\"engine\":{\"state\""));
    for round in 0.. {
        assert_eq!(program.run("resync-room --all").await.code, Some(0));
        if is_middle() {
            break;
        }
        assert!(round < 100, "the record does not become full");
    }
    assert!(daemon.terminate().await.success());
    let mut length = 0;
    for part in parts {
        let told = fs::read_to_string(&part).unwrap();
        length += told.len();
        for secret in ["Review", "Wolverine", "kim@", "correct horse"] {
            assert!(!told.contains(secret), "{secret}");
        }
        let replayed = program.run(&format!("replay {} --differences", part.display())).await;
        assert_eq!(replayed.code, Some(0), "{}: {}", part.display(), replayed.out);
        assert!(
            replayed.out.starts_with("recorded by callboard 0.1.0, 12 rooms, from the middle of its work\n")
        );
    }
    assert!(length <= MOST, "{length} bytes");
    stage.close().await;
}
