use super::*;
use meeting_model::{
    display::{PublicKey, Words},
    id::{Revision, RoomId},
    zone::{RoomZone, ZoneDatabase},
};

fn at(time: &str) -> DateTime<Utc> {
    format!("2026-03-02T{time}Z").parse().unwrap()
}

fn meeting(start: &str, end: &str) -> Displayed {
    Displayed {
        key: PublicKey::new(start),
        start: at(start),
        end: at(end),
        all_day: None,
        words: Words::Private { organizer: None },
        tentative: false,
        lingers: TimeDelta::zero(),
    }
}

fn present(now: &str) -> Present {
    let day = at("00:00:00").date_naive();
    Present {
        room: RoomId::new("berlin"),
        room_name: "Berlin".to_owned(),
        rev: Revision(1),
        now: at(now),
        zone: RoomZone::named(&ZoneDatabase::bundled(), "Etc/UTC").unwrap(),
        meetings: vec![
            Displayed { all_day: Some((day, day)), ..meeting("00:00:00", "23:59:59") },
            meeting("09:00:00", "10:00:00"),
            meeting("09:10:00", "09:30:00"),
        ],
        spells: Vec::new(),
        as_of: None,
    }
}

#[test]
fn a_reminder_comes_ten_minutes_before_and_at_the_start() {
    let reminders = Reminders::default();
    for (now, next) in [
        ("00:00:00", Some("08:50:00")),
        ("08:49:59", Some("08:50:00")),
        ("08:50:00", Some("09:00:00")),
        ("09:00:00", Some("09:10:00")),
        ("09:10:00", None),
    ] {
        assert_eq!(reminders.next(&present(now)), next.map(at), "{now}");
    }
}

#[test]
fn a_reminder_is_due_once_and_never_late() {
    let due = |now: &str, since: Option<&str>| {
        let present = present(now);
        let due = Reminders::default().due(&present, since.map(at));
        due.map(|meeting| meeting.key.as_str().to_owned())
    };
    for (now, since, meeting) in [
        ("08:50:00", Some("08:00:00"), Some("09:00:00")),
        ("08:50:30", Some("08:00:00"), Some("09:00:00")),
        ("08:50:01", Some("08:50:00"), None), // it came already
        ("08:51:00", Some("08:00:00"), None), // it is past
        ("08:50:00", None, None),             // the program has just started
        ("09:00:00", Some("08:59:59"), Some("09:10:00")), // of two the later
        ("09:10:00", Some("09:00:00"), Some("09:10:00")),
        ("08:45:00", Some("08:55:00"), None), // the clock was set back
        ("12:00:00", Some("08:00:00"), None), // the clock was put forward
    ] {
        assert_eq!(due(now, since).as_deref(), meeting, "{now} since {since:?}");
    }
}
