//! A daemon that is killed again and again in the middle of its work, and what the last one finds.

use crate::CALLBOARD;
use chrono::{DateTime, TimeDelta, Utc};
use control::Health;
use end_to_end::{Plan, Program, Stage, exchange, until};
use exchange_sim::{Fault, Injection, MeetingHandle};
use std::{
    collections::BTreeSet,
    env,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

const ROOMS: [&str; 4] = ["berlin", "oslo", "paris", "rome"];

/// Meetings of a room: those of a long day, and of the two behind it.
const MEETINGS: i64 = 60;

/// How often the daemon is killed, where `CALLBOARD_KILLS` does not say so.
const KILLS: u64 = 30;

/// How long Exchange rests between two changes.
const REST: Duration = Duration::from_millis(15);

fn plan() -> Plan {
    ROOMS.iter().fold(exchange(), |plan, room| {
        (0..MEETINGS).fold(plan.room(room), |plan, number| {
            plan.meeting(&format!("{room} {number}")).at(&format!("+{}m", minutes(number)))
        })
    })
}

/// Twenty a day, from now on.
fn minutes(number: i64) -> i64 {
    60 + (number / 20) * 24 * 60 + (number % 20) * 40
}

/// A number from the environment, or this one.
fn given(name: &str, or: u64) -> u64 {
    env::var(name).map_or(or, |text| text.parse().expect("a number"))
}

/// Chance, from a seed (SplitMix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()]
    }
}

/// A meeting that is changed again and again.
struct Changing {
    handle: MeetingHandle,
    subject: String,
    start: DateTime<Utc>,
    cancelled: bool,
}

/// Changes meetings by chance, as long as it may: moved by minutes, renamed, at last some called off.
async fn change(stage: &Stage, mut chance: Chance, stop: &AtomicBool) -> usize {
    let subjects = ROOMS.iter().flat_map(|room| (0..MEETINGS).map(move |number| (room, number)));
    let mut all: Vec<Changing> = subjects
        .map(|(room, number)| {
            let subject = format!("{room} {number}");
            let start = stage.at(&format!("+{}m", minutes(number)));
            Changing { handle: stage.meeting(&subject), subject, start, cancelled: false }
        })
        .collect();
    let mut done = 0;
    while !stop.load(Ordering::Relaxed) {
        let which = usize::try_from(chance.below(all.len() as u64)).unwrap();
        let (one, what) = (&mut all[which], chance.below(12));
        if !one.cancelled {
            stage.exchange().with(|world, now| match what {
                0 => {
                    one.cancelled = true;
                    world.cancel(one.handle, now).unwrap();
                }
                1..6 => {
                    one.start += TimeDelta::minutes(i64::try_from(what).unwrap());
                    let end = one.start + TimeDelta::minutes(30);
                    world.reschedule(one.handle, one.start, end, now).unwrap();
                }
                _ => world.rename(one.handle, &format!("{}, change {done}", one.subject), now).unwrap(),
            });
            done += 1;
        }
        tokio::time::sleep(REST).await;
    }
    done
}

/// When a daemon is killed.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// After so many milliseconds: while it starts, mostly.
    After(u64),
    /// After so many further requests to Exchange: while rooms are opened and read, while changes are followed.
    Asked(usize),
    /// After so many further pages were fetched by phones: while it delivers.
    Fetched(usize),
}

impl Moment {
    fn any(chance: &mut Chance) -> Self {
        let count = |chance: &mut Chance, most| usize::try_from(1 + chance.below(most)).unwrap();
        match chance.below(4) {
            0 => Self::After(chance.below(250)),
            1 => Self::Fetched(count(chance, 4)),
            _ => Self::Asked(count(chance, 36)),
        }
    }

    async fn come(self, stage: &Stage) {
        let (asked, fetched) = (stage.ews.count(), stage.feed.count());
        match self {
            Self::After(span) => tokio::time::sleep(Duration::from_millis(span)).await,
            Self::Asked(more) => {
                until("requests", async || (stage.ews.count() >= asked + more).then_some(())).await;
            }
            Self::Fetched(more) => {
                until("pages", async || (stage.feed.count() >= fetched + more).then_some(())).await;
            }
        }
    }
}

/// Kills one daemon after the other, each at a moment of its own; some must subscribe anew meanwhile, some read everything.
async fn kill(stage: &Stage, program: &Program, mut chance: Chance, kills: u64) {
    for _ in 0..kills {
        let fault = chance.one_of(&[None, Some(Fault::SubscriptionLost), Some(Fault::InvalidSyncState)]);
        if let Some(fault) = fault {
            let room = chance.one_of(&ROOMS);
            let injection = Injection::of(fault).next(1).in_room(room);
            stage.exchange().with(|world, _| world.inject(injection)).unwrap();
        }
        let daemon = program.daemon("info");
        Moment::any(&mut chance).come(stage).await;
        daemon.kill();
    }
}

/// Every room of the feed holds what Exchange says, each meeting once, and every phone shows it.
async fn holds_the_truth(stage: &Stage) {
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
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whenever_it_is_killed_nothing_is_lost_and_nothing_is_there_twice() {
    let (seed, kills) = (given("CALLBOARD_SEED", 1), given("CALLBOARD_KILLS", KILLS));
    println!("seed {seed}, {kills} kills; again with CALLBOARD_SEED={seed}");
    let stage = plan().open().await;
    let program = Program::on(CALLBOARD, &stage);
    let stop = AtomicBool::new(false);
    let rounds = async {
        kill(&stage, &program, Chance(seed), kills).await;
        stop.store(true, Ordering::Relaxed);
    };
    let (changes, ()) = tokio::join!(change(&stage, Chance(!seed), &stop), rounds);
    assert!(changes > 100, "much changed meanwhile: {changes}");

    let daemon = program.daemon("info");
    stage.until_status("every room to be read", Health::is_ready).await;
    holds_the_truth(&stage).await;
    stage
        .until_status("devices that are done, and no trouble", |health| {
            health.rooms.iter().all(|room| room.trouble.is_none())
                && health.devices.iter().all(|it| it.acknowledged >= it.wanted && it.trouble.is_none())
        })
        .await;
    let diff = program.run("diff --all").await;
    assert_eq!(diff.code, Some(0), "{diff:?}");
    let log = daemon.log();
    assert!(!log.contains("ERROR") && !log.contains("panicked"), "{log}");
    assert!(daemon.terminate().await.success());
    stage.close().await;
}
