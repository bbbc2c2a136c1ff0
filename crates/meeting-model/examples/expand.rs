//! Expands series as the plan does, for other programs to judge: one JSON object a line in, one array of `[start, end]` a
//! line out. `tests/outside/judge.py` says what the objects are. Zone rules are those of `TZDIR`, where it is set.

use chrono::{DateTime, Utc};
use meeting_model::{
    clock::Now,
    id::{ItemId, RoomId},
    item::{CalendarItem, Exception, ItemKind, Response, Sensitivity, Series, ShowAs},
    join::Join,
    known::Known,
    observed::{Coverage, Observed},
    plan::{Site, plan},
    privacy::SiteSecret,
    recurrence::Recurrence,
    settings::RoomSettings,
    zone::{RoomZone, ZoneDatabase, ZoneRef},
};
use serde::Deserialize;
use std::{
    error::Error,
    io::{BufRead, Write, stdin, stdout},
    time::Duration,
};

/// Start and end.
type Span = (DateTime<Utc>, DateTime<Utc>);

/// A series and a window.
#[derive(Deserialize)]
struct Case {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    all_day: bool,
    zone: String,
    recurrence: Recurrence,
    deleted: Vec<DateTime<Utc>>,
    /// Original start, start, end.
    moved: Vec<(DateTime<Utc>, DateTime<Utc>, DateTime<Utc>)>,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let zones = ZoneDatabase::system();
    let mut out = stdout().lock();
    for line in stdin().lock().lines() {
        let found = expanded(serde_json::from_str(&line?)?, &zones)?;
        writeln!(out, "{}", serde_json::to_string(&found)?)?;
    }
    Ok(())
}

fn expanded(case: Case, zones: &ZoneDatabase) -> Result<Vec<Span>, Box<dyn Error>> {
    let now = Now { wall: case.from, mono: Duration::ZERO };
    let settings = settings(zones, (case.to - case.from).to_std()?)?;
    let secret = SiteSecret::new([0; 32]);
    let site = Site { secret: &secret, zones };
    let observed = Observed { items: vec![item(case)], ..Observed::nothing(Coverage::Delta) };
    let plan = plan(&RoomId::new("room"), &Known::default(), Some(&observed), &settings, site, now);
    let mut found: Vec<_> = plan.occurrences.iter().map(|one| (one.start, one.end)).collect();
    found.sort_unstable();
    Ok(found)
}

fn item(case: Case) -> CalendarItem {
    let exception = |(original_start, start, end)| Exception { original_start, start, end, item: None };
    CalendarItem {
        item_id: ItemId::new("series"),
        change_key: None,
        kind: ItemKind::RecurringMaster,
        clean_global_object_id: None,
        uid: Some("series".to_owned()),
        subject: None,
        sensitivity: Sensitivity::Normal,
        show_as: ShowAs::Busy,
        start: case.start,
        end: case.end,
        all_day: case.all_day,
        is_meeting: Some(true),
        is_cancelled: false,
        appointment_state: None,
        response: Response::Accept,
        reply_time: None,
        sequence: None,
        last_modified: None,
        organizer: None,
        location: None,
        has_body: false,
        lost_body: false,
        join: Join::default(),
        zone: ZoneRef::Named(case.zone),
        series: Some(Series {
            recurrence: case.recurrence,
            exceptions: case.moved.into_iter().map(exception).collect(),
            deleted: case.deleted,
            overrides: Vec::new(),
        }),
    }
}

fn settings(zones: &ZoneDatabase, ahead: Duration) -> Result<RoomSettings, Box<dyn Error>> {
    let zone = RoomZone::named(zones, "Etc/UTC")?;
    Ok(RoomSettings { back: Duration::ZERO, ahead, ..RoomSettings::usual(zone, "room@example.com") })
}
