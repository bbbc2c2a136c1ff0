//! The mirror's file in trouble: damaged, locked, on a disk that is full or fails, in a directory that is read-only, and
//! replaced by an older one. What is said, that it goes on when the trouble ends, and that no device shows what is wrong.

use crate::CALLBOARD;
use control::Health;
use end_to_end::{Program, Running, Stage, exchange, until};
use std::{
    fs,
    io::Write,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

/// A room with a meeting, and a daemon that has read it.
async fn stage() -> (Stage, Program, Running) {
    let stage = exchange().room("berlin").meeting("Review").at("+2h").open().await;
    let program = Program::on(CALLBOARD, &stage);
    let daemon = begin(&stage, &program).await;
    (stage, program, daemon)
}

async fn begin(stage: &Stage, program: &Program) -> Running {
    let daemon = program.daemon("info");
    stage.until_status("every room to be read", Health::is_ready).await;
    in_step(stage).await;
    daemon
}

/// Feed and phone show what Exchange says.
async fn in_step(stage: &Stage) {
    let truth = stage.truth().await.remove("berlin").unwrap();
    until("the feed to agree with Exchange", async || {
        stage.rows("berlin").await.filter(|rows| *rows == truth)
    })
    .await;
    stage.until_phone("berlin", &stage.phone_truth("berlin").await).await;
}

fn rename(stage: &Stage, subject: &str) {
    let meeting = stage.meeting("Review");
    stage.exchange().with(|world, now| world.rename(meeting, subject, now)).unwrap();
}

/// Everything is well again: nothing differs, nothing is in trouble, nothing was logged as an error.
async fn well_again(stage: Stage, program: &Program, daemon: Running) {
    in_step(&stage).await;
    stage
        .until_status("an end of the trouble", |health| {
            health.rooms.iter().all(|room| room.trouble.is_none())
                && health.devices.iter().all(|device| device.trouble.is_none())
                && health.devices.iter().all(|device| device.acknowledged >= device.wanted)
        })
        .await;
    let diff = program.run("diff --all").await;
    assert_eq!(diff.code, Some(0), "{diff:?}");
    let log = daemon.log();
    assert!(!log.contains("ERROR") && !log.contains("panicked"), "{log}");
    assert!(daemon.terminate().await.success());
    stage.close().await;
}

/// What the room is in trouble with, said by `status`.
async fn trouble(stage: &Stage) -> String {
    let health = stage.until_status("trouble", |health| health.rooms[0].trouble.is_some()).await;
    let told = health.rooms[0].trouble.clone().unwrap();
    told.replace(&stage.folder().display().to_string(), "[folder]")
}

fn backup_of(stage: &Stage) -> PathBuf {
    stage.folder().join("backup.sqlite")
}

#[tokio::test]
async fn a_restored_mirror_catches_up_and_no_device_is_left_or_sees_the_past() {
    let (stage, program, daemon) = stage().await;
    let backup = backup_of(&stage);
    let (back_up, restore) =
        (format!("backup {}", backup.display()), format!("restore {}", backup.display()));
    let made = program.run(&back_up).await;
    assert!(
        made.code == Some(0) && made.out.starts_with("backed up 1 rooms with 1 meetings, true as of "),
        "{made:?}"
    );
    assert_eq!(fs::metadata(&backup).unwrap().permissions().mode() & 0o777, 0o600);
    let again = program.run(&back_up).await;
    assert!(again.code == Some(2) && again.err.contains("is already there"), "{again:?}");

    // what the phone has seen since: another title, which is Exchange's no more when the backup comes back
    rename(&stage, "Budget");
    in_step(&stage).await;
    let held = program.run(&restore).await;
    assert!(held.code == Some(75) && held.err.contains("another callboard is running"), "{held:?}");
    daemon.kill();
    let refused = program.run(&restore).await;
    assert!(refused.code == Some(2) && refused.err.contains("--replace"), "{refused:?}");
    rename(&stage, "Review");
    let restored = program.run(&format!("{restore} --replace")).await;
    assert_eq!(restored.code, Some(0), "{restored:?}");
    let mut left: Vec<_> = fs::read_dir(stage.state_dir().path()).unwrap().collect();
    left.retain(|file| {
        !["lock", "control.sock", "callboard.sqlite"]
            .map(Into::into)
            .contains(&file.as_ref().unwrap().file_name())
    });
    assert!(left.is_empty(), "{left:?}");
    let daemon = begin(&stage, &program).await;

    // what the backup holds is Exchange's no more: nobody is shown it
    rename(&stage, "Planning");
    in_step(&stage).await;
    daemon.kill();
    assert_eq!(program.run(&format!("{restore} --replace")).await.code, Some(0));
    let before = stage.feed.heard().len();
    let daemon = begin(&stage, &program).await;
    // the phone shows the right page from before, but the mirror does not know that: it is told again
    let pages = until("the phone to be told again", async || {
        let mut pages = stage.feed.heard().split_off(before);
        pages.retain(|page| page.request.contains("/phone/"));
        (!pages.is_empty()).then_some(pages)
    })
    .await;
    assert!(pages.iter().all(|page| !String::from_utf8_lossy(&page.got).contains("Review")));
    well_again(stage, &program, daemon).await;
}

#[tokio::test]
async fn a_damaged_mirror_is_refused_and_restored() {
    let (stage, program, daemon) = stage().await;
    let backup = backup_of(&stage).display().to_string();
    assert_eq!(program.run(&format!("backup {backup}")).await.code, Some(0));
    assert!(daemon.terminate().await.success());
    let mirror = stage.state_dir().database();
    let mut bytes = fs::read(&mirror).unwrap();
    let half = bytes.len() / 2;
    bytes[half..].fill(0x5a);
    fs::write(&mirror, bytes).unwrap();

    for words in ["daemon", &format!("backup {backup}-2")] {
        let ended = program.run(words).await;
        assert_eq!(ended.code, Some(65), "{words}: {ended:?}");
        let remedy = "callboard.sqlite`: the file is damaged; restore it from a backup, move it away and every room is read afresh";
        assert!(ended.err.contains(remedy), "{words}: {ended:?}");
    }
    assert!(!Path::new(&format!("{backup}-2")).exists(), "nothing is left of what cannot be copied");
    let taken_for_it = fs::copy(&backup, &mirror).unwrap();
    let ended = program.run("daemon").await;
    assert!(taken_for_it > 0 && ended.code == Some(65) && ended.err.contains("it is a backup"), "{ended:?}");
    let whole = fs::read(&backup).unwrap();
    for (broken, found) in [
        (&whole[..whole.len() / 2], " is damaged; name another"),
        (b"words".repeat(200).as_slice(), "; name another"),
    ] {
        let file = format!("{backup}-broken");
        fs::write(&file, broken).unwrap();
        let refused = program.run(&format!("restore {file} --replace")).await;
        let ending = format!("{found}; nothing was restored, and the mirror is as it was\n");
        assert!(refused.code == Some(65) && refused.err.ends_with(&ending), "{refused:?}");
        assert!(refused.err.starts_with(&format!("callboard: backup `{file}`: expected a ")), "{refused:?}");
        assert_eq!(fs::metadata(&mirror).unwrap().len(), taken_for_it);
    }
    assert_eq!(program.run(&format!("restore {backup} --replace")).await.code, Some(0));
    let daemon = begin(&stage, &program).await;
    well_again(stage, &program, daemon).await;
}

#[tokio::test]
async fn another_programs_lock_is_waited_for() {
    let (stage, program, daemon) = stage().await;
    let other = rusqlite::Connection::open(stage.state_dir().database()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    rename(&stage, "Budget");
    let told = trouble(&stage).await;
    assert_eq!(
        told,
        "room `berlin`: database `[folder]/state/callboard.sqlite`: another program is writing to it; try again"
    );
    let shown = stage.rows("berlin").await.unwrap();
    assert_eq!(shown[0].title, "Review", "what was committed goes on being served");
    other.execute_batch("COMMIT").unwrap();
    well_again(stage, &program, daemon).await;
}

#[tokio::test]
async fn a_disk_that_takes_no_more_is_waited_for() {
    let (stage, program, daemon) = stage().await;
    // what is written into a file may not grow it any more, as with a quota
    let log = stage.state_dir().database().display().to_string() + "-wal";
    let size = fs::metadata(log).unwrap().len();
    daemon.limit_files(Some(size));
    rename(&stage, "Budget");
    let told = trouble(&stage).await;
    assert_eq!(
        told,
        "room `berlin`: database `[folder]/state/callboard.sqlite`: the disk failed and nothing was stored; look at the system's log"
    );
    assert_eq!(stage.rows("berlin").await.unwrap()[0].title, "Review");
    daemon.limit_files(None);
    well_again(stage, &program, daemon).await;
}

/// A small disk of its own, as long as it is not dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Nothing where this user may not mount one.
    fn at(path: &Path) -> Option<Self> {
        fs::create_dir_all(path).unwrap();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs"])
            .arg(path)
            .output();
        mount.is_ok_and(|done| done.status.success()).then(|| Self(path.to_owned()))
    }

    /// Fills it to the last byte.
    fn fill(&self) -> PathBuf {
        let path = self.0.join("filler");
        let mut file = fs::File::create(&path).unwrap();
        let full = (0..).find_map(|_| file.write_all(&[0; 1024]).err()).unwrap();
        assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[tokio::test]
async fn a_full_disk_is_said_and_waited_for() {
    let stage = exchange().room("berlin").meeting("Review").at("+2h").open().await;
    let Some(disk) = SmallDisk::at(stage.state_dir().path()) else {
        println!("skipped: this user may not mount a disk");
        return;
    };
    let program = Program::on(CALLBOARD, &stage);
    let daemon = begin(&stage, &program).await;
    let filler = disk.fill();
    for subject in ["Budget", "Budget, again", "Planning"] {
        rename(&stage, subject);
    }
    // the write-ahead log has room for what is written over it: it is used up first
    let told = until("the disk to be full for the mirror", async || {
        rename(&stage, "Planning");
        rename(&stage, "Budget");
        let health = stage.status().await?;
        health.rooms[0].trouble.clone()
    })
    .await;
    assert!(told.ends_with("the disk is full and nothing was stored; free some space"), "{told}");
    let backup = program.run(&format!("backup {}", disk.0.join("backup").display())).await;
    assert!(backup.code == Some(74) && backup.err.contains("the disk is full"), "{backup:?}");
    daemon.kill();
    let ended = program.run("daemon").await;
    assert!(ended.code == Some(74) && ended.err.contains("free some space"), "{ended:?}");
    fs::remove_file(filler).unwrap();
    let daemon = begin(&stage, &program).await;
    well_again(stage, &program, daemon).await;
    drop(disk);
}

#[tokio::test]
async fn a_directory_that_is_read_only_is_refused() {
    let (stage, program, daemon) = stage().await;
    assert!(daemon.terminate().await.success());
    let state = stage.state_dir();
    for (path, mode) in
        [(state.database(), 0o400), (state.path().join("lock"), 0o400), (state.path().into(), 0o500)]
    {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    let Some(ended) = program.run_bound_by_modes("daemon").await else {
        println!("skipped: modes do not bind this user, and it may not be bound by them");
        return;
    };
    assert_eq!(ended.code, Some(77), "{ended:?}");
    assert!(ended.err.contains("lock`: it cannot be written"), "{ended:?}");
    for (path, mode) in [(state.path().into(), 0o700), (state.path().join("lock"), 0o600)] {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    let ended = program.run_bound_by_modes("daemon").await.unwrap();
    assert_eq!(ended.code, Some(77), "{ended:?}");
    assert!(ended.err.contains("let callboard own the file and write its directory"), "{ended:?}");
    fs::set_permissions(state.database(), fs::Permissions::from_mode(0o600)).unwrap();
    let daemon = begin(&stage, &program).await;
    well_again(stage, &program, daemon).await;
}
