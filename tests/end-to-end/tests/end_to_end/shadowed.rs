//! A daemon that tells its devices nothing, and says what each would have got.

use crate::CALLBOARD;
use control::{Shadow, ShadowDevice};
use end_to_end::{Program, Stage, exchange, until};

/// What the room's phone would have got, as the command tells programs.
async fn shadow(program: &Program) -> Option<ShadowDevice> {
    let ended = program.run("shadow berlin --json").await;
    let Shadow { mut devices, .. } = serde_json::from_str(&ended.out).ok()?;
    devices.pop()
}

fn titles(meetings: &[control::ShadowMeeting]) -> Vec<&str> {
    meetings.iter().map(|meeting| meeting.title.as_str()).collect()
}

async fn would_show(program: &Program, expected: &[&str]) -> ShadowDevice {
    let shows = async || shadow(program).await.filter(|device| titles(&device.shows) == expected);
    until(&format!("{expected:?} on a phone that is told nothing"), shows).await
}

fn invite(stage: &Stage, subject: &str, offset: &str) {
    stage.exchange().with(|world, now| {
        let (start, end) = (stage.at(offset), stage.at(offset) + chrono::TimeDelta::minutes(30));
        world.organizer("kim").invites("berlin").to(subject).at(start, end).send(now).unwrap();
    });
}

#[tokio::test]
async fn a_shadow_says_what_devices_would_have_got_and_the_next_daemon_tells_them() {
    let plan = exchange().room("berlin").meeting("Review").at("+2h").meeting("Salary").at("+3h").private();
    let stage = plan.open().await;
    let program = Program::on(CALLBOARD, &stage);
    let daemon = program.start("--log info daemon --shadow");
    stage.until_status("every room to be read", control::Health::is_ready).await;
    let first = would_show(&program, &["Review", "Private meeting"]).await;
    invite(&stage, "Budget", "+4h");
    let then = would_show(&program, &["Review", "Private meeting", "Budget"]).await;
    assert!(then.told > first.told);
    assert_eq!(titles(&then.tellings[0].came), ["Budget"], "{then:?}");
    assert_eq!(then.tellings[0].went, []);

    let said = program.run("shadow").await;
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.out.contains("would show now") && said.out.contains("Private meeting"), "{said:?}");
    let status = program.run("status").await;
    assert!(
        status.out.contains("devices are told nothing: the daemon was started with `--shadow`"),
        "{status:?}"
    );
    assert_eq!(stage.rows("berlin").await.unwrap(), stage.truth().await["berlin"], "the feed is served");
    assert_eq!(stage.phones().pushes("berlin"), 0, "nothing was delivered");
    let log = daemon.log();
    assert!(log.contains("would have told a device"), "{log}");
    assert!(!log.contains("Budget") && !log.contains("Review"), "no subject is logged: {log}");
    assert_eq!(daemon.terminate().await.code(), Some(0));

    let daemon = program.daemon("info");
    stage.until_phone("berlin", &stage.phone_truth("berlin").await).await;
    let refused = program.run("shadow").await;
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.err.contains("start it with `--shadow` to try it first"), "{refused:?}");
    assert_eq!(daemon.terminate().await.code(), Some(0));
    stage.close().await;
}
