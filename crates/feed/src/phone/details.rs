//! One meeting.

use super::{
    document::{Content, Page, SoftKey},
    wording,
};
use crate::room::Room;
use chrono::{DateTime, Utc};
use meeting_model::{
    day::{self, Phase},
    display::Displayed,
};

/// The page of a meeting.
pub(crate) fn page(
    meeting: &Displayed,
    as_of: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    room: &Room,
) -> Page {
    let today = day::local_day(&room.zone, now);
    let hours = || match day::of_day(std::slice::from_ref(meeting), &today).first() {
        Some(meeting) => wording::hours(meeting, &today, &room.zone),
        None => wording::date(day::local_day(&room.zone, meeting.start).date),
    };
    Page {
        title: meeting.title().to_owned(),
        prompt: wording::staleness(as_of, now, &room.zone).or_else(|| Some(hours())),
        keys: keys(room),
        content: Content::Text(lines(meeting, now, room)),
    }
}

/// The page of a meeting that is not there.
pub(crate) fn gone(room: &Room) -> Page {
    Page::notice(&room.name, "This meeting is no longer in the room's calendar.", vec![back(room)])
}

fn lines(meeting: &Displayed, now: DateTime<Utc>, room: &Room) -> Vec<String> {
    let phase = match day::phase(meeting, now) {
        Phase::Running => Some("In progress".to_owned()),
        Phase::Past => Some("Ended".to_owned()),
        Phase::Coming => None,
    };
    let lines = [
        Some(meeting.title().to_owned()),
        Some(wording::when(meeting, &room.zone)),
        phase,
        meeting.organizer().map(|organizer| format!("Organizer: {organizer}")),
        meeting.location().map(|location| format!("Location: {location}")),
    ];
    lines.into_iter().flatten().collect()
}

fn keys(room: &Room) -> Vec<SoftKey> {
    vec![back(room), SoftKey::new("Update", "SoftKey:Update"), SoftKey::new("Exit", "SoftKey:Exit")]
}

/// No page is on the phone's stack, so that this one says where it came from.
fn back(room: &Room) -> SoftKey {
    SoftKey::new("Back", &room.links.menu)
}
