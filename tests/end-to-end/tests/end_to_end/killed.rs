//! A daemon that is killed in the middle of its work, and what the next one finds.

use crate::CALLBOARD;
use chrono::TimeDelta;
use end_to_end::{Plan, Program, Stage, exchange, until};
use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, Ordering},
};

const ROOMS: [&str; 4] = ["berlin", "oslo", "paris", "rome"];

/// Meetings of a room: those of a long day, and of the days behind it.
const MEETINGS: i64 = 160;

/// After how many further requests the daemon is killed, round after round: while rooms are opened, while the first ones
/// are read, in between, while changes are followed.
const ROUNDS: [usize; 6] = [3, 9, 6, 14, 20, 33];

fn plan() -> Plan {
    ROOMS.iter().fold(exchange(), |plan, room| {
        (0..MEETINGS).fold(plan.room(room), |plan, number| {
            // twenty a day, from now on
            let minutes = 60 + (number / 20) * 24 * 60 + (number % 20) * 40;
            plan.meeting(&format!("{room} {number}")).at(&format!("+{minutes}m"))
        })
    })
}

/// Changes one meeting after the other, as long as it may: some are moved by five minutes, some renamed, some called off.
async fn change(stage: &Stage, stop: &AtomicBool) -> usize {
    let mut done = 0;
    for number in 0..MEETINGS {
        for room in ROOMS {
            if stop.load(Ordering::Relaxed) {
                return done;
            }
            let meeting = stage.meeting(&format!("{room} {number}"));
            let row = stage.truth().await.remove(room).unwrap();
            let row = row.iter().find(|row| row.title == format!("{room} {number}")).unwrap().clone();
            let five = TimeDelta::minutes(5);
            stage.exchange().with(|world, now| match number % 3 {
                0 => world.reschedule(meeting, row.start + five, row.end + five, now).unwrap(),
                1 => world.rename(meeting, &format!("{room} {number}, again"), now).unwrap(),
                _ => world.cancel(meeting, now).unwrap(),
            });
            done += 1;
        }
    }
    done
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whenever_it_is_killed_nothing_is_lost_and_nothing_is_there_twice() {
    let stage = plan().open().await;
    let program = Program::on(CALLBOARD, &stage);
    let stop = AtomicBool::new(false);
    let rounds = async {
        for further in ROUNDS {
            let goal = stage.ews.count() + further;
            let daemon = program.daemon("info");
            until("requests", async || (stage.ews.count() >= goal).then_some(())).await;
            daemon.kill();
        }
        stop.store(true, Ordering::Relaxed);
    };
    let (changes, ()) = tokio::join!(change(&stage, &stop), rounds);
    assert!(changes > 20, "much changed meanwhile: {changes}");

    let daemon = program.daemon("info");
    let truth = stage.truth().await;
    for room in ROOMS {
        until("the feed to agree with Exchange", async || {
            stage.rows(room).await.filter(|rows| *rows == truth[room])
        })
        .await;
        let (from, to) = (stage.at("-1d").date_naive(), stage.at("+21d").date_naive());
        let json = stage.get(&format!("/api/rooms/{room}/meetings?from={from}&to={to}")).await.unwrap();
        let keys: Vec<&str> = json.split("\"key\":\"").skip(1).filter_map(|rest| rest.get(..32)).collect();
        assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), truth[room].len(), "no row twice");
        stage.until_phone(room, &stage.phone_truth(room).await).await;
    }
    let health = stage
        .until_status("devices that are done", |health| {
            health.devices.iter().all(|device| device.acknowledged >= device.wanted)
        })
        .await;
    assert!(health.rooms.iter().all(|room| room.trouble.is_none()), "{health:?}");
    assert!(health.devices.iter().all(|device| device.trouble.is_none()), "{health:?}");
    let log = daemon.log();
    assert!(!log.contains("ERROR") && !log.contains("panicked"), "{log}");
    assert!(daemon.terminate().await.success());
    stage.close().await;
}
