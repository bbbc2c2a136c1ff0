//! Follows every change from the room's calendar to the room's phone.

use crate::command::demo::cast::Cast;
use chrono::{DateTime, Utc};
use exchange_sim::{Change, Expect, MeetingHandle, phone::Screen};
use meeting_model::{privacy::MASK, zone::RoomZone};
use std::collections::BTreeMap;

/// A change that is on the phone.
#[derive(Debug, Clone, serde::Serialize)]
pub(super) struct Arrival {
    #[serde(flatten)]
    pub(super) change: Change,
    /// How long it took; absent where the phone said so already: a meeting was given the name it had.
    #[serde(rename = "phone_ms")]
    pub(super) millis: Option<u64>,
}

/// When a phone shows what is expected of it.
enum Sighting {
    /// It did before.
    Before,
    /// Since then.
    Since(DateTime<Utc>),
    /// It does not.
    Never,
}

/// What the demo came to.
#[derive(Debug, Clone, serde::Serialize)]
pub(super) struct Summary {
    pub(super) rooms: usize,
    pub(super) meetings: usize,
    pub(super) changes: usize,
    /// Changes that are on no phone.
    pub(super) missing: usize,
    /// Rooms whose calendar was not read.
    pub(super) unread: usize,
    /// Whether it was interrupted: what is missing may have been on its way.
    pub(super) interrupted: bool,
    pub(super) pushes: u64,
    /// The devices of the first room that show something else than another of them.
    pub(super) differing: Vec<&'static str>,
    pub(super) p50_ms: Option<u64>,
    pub(super) p99_ms: Option<u64>,
}

/// Follows every change from the room's calendar to the room's phone.
#[derive(Debug, Default)]
pub(super) struct Follower {
    /// The last change that was seen, by its id.
    seen: u64,
    /// Changes that are on no phone yet, by room and meeting: what is expected is what the last one says.
    pending: BTreeMap<(String, MeetingHandle), Vec<Change>>,
    millis: Vec<u64>,
    arrived: usize,
}

impl Follower {
    /// What lay in the calendars before the daemon looked was no change.
    pub(super) fn skip_what_was_there(&mut self, cast: &Cast) {
        self.seen = cast.last_change();
    }

    /// Looks at calendars and phones, and tells what has arrived.
    pub(super) fn look(&mut self, cast: &Cast) -> Vec<Arrival> {
        for change in cast.changes_since(self.seen) {
            self.seen = change.id;
            self.pending.entry((change.room.clone(), change.meeting)).or_default().push(change);
        }
        let mut arrivals = Vec::new();
        for stage in &cast.rooms {
            let screens: Vec<(DateTime<Utc>, Screen)> =
                cast.history(&stage.room).into_iter().map(|shown| (shown.at, shown.screen)).collect();
            self.pending.retain(|(room, _), changes| {
                if *room != stage.room {
                    return true;
                }
                let since = match sighting(changes, &screens, &stage.zone) {
                    Sighting::Never => return true,
                    Sighting::Before => None,
                    Sighting::Since(at) => Some(at),
                };
                arrivals.extend(changes.drain(..).map(|change| {
                    let millis = since.and_then(|at| u64::try_from((at - change.at).num_milliseconds()).ok());
                    Arrival { change, millis }
                }));
                false
            });
        }
        self.arrived += arrivals.len();
        self.millis.extend(arrivals.iter().filter_map(|arrival| arrival.millis));
        arrivals
    }

    /// Whether every change has arrived.
    pub(super) fn is_done(&self) -> bool {
        self.pending.is_empty()
    }

    /// The changes that are on no phone.
    pub(super) fn missing(&self) -> impl Iterator<Item = &Change> {
        self.pending.values().flatten()
    }

    /// How many changes have arrived.
    pub(super) fn arrived(&self) -> usize {
        self.arrived
    }

    /// The time that this share of the changes took at most, in milliseconds.
    pub(super) fn percentile(&self, percent: usize) -> Option<u64> {
        let mut sorted = self.millis.clone();
        sorted.sort_unstable();
        let rank = (sorted.len() * percent).div_ceil(100);
        sorted.get(rank.saturating_sub(1)).copied()
    }

    /// How many changes there were.
    pub(super) fn changes(&self) -> usize {
        self.arrived + self.missing().count()
    }
}

impl Summary {
    /// Whether all went well, or was not let to.
    pub(super) fn is_good(&self) -> bool {
        self.interrupted || (self.missing == 0 && self.unread == 0)
    }
}

/// When the phone first showed what the last of these changes expects.
fn sighting(changes: &[Change], screens: &[(DateTime<Utc>, Screen)], zone: &RoomZone) -> Sighting {
    let (Some(first), Some(last)) = (changes.first(), changes.last()) else { return Sighting::Never };
    let shows = |screen: &Screen| shows(screen, &last.expect, zone);
    let before = screens.iter().rfind(|(at, _)| *at < first.at);
    if before.is_some_and(|(_, screen)| shows(screen)) {
        return Sighting::Before;
    }
    let mut after = screens.iter().filter(|(at, _)| *at >= first.at);
    after.find(|(_, screen)| shows(screen)).map_or(Sighting::Never, |(at, _)| Sighting::Since(*at))
}

/// Whether a screen shows what is expected: the very line of a meeting, and of where it was before nothing.
fn shows(screen: &Screen, expect: &Expect, zone: &RoomZone) -> bool {
    let time = |at: &DateTime<Utc>| zone.local(*at).format("%H:%M").to_string();
    let title = |subject: &str, private: bool| if private { MASK } else { subject }.to_owned();
    let mut lines = screen.lines.iter().map(|line| line.strip_prefix("Now ").unwrap_or(line));
    match expect {
        Expect::Shown { start, end, subject, private } => {
            lines.any(|line| line == format!("{}-{} {}", time(start), time(end), title(subject, *private)))
        }
        Expect::Moved { from, start, end, subject, private } => {
            // how long it was before is not told
            let (began, title) = (format!("{}-", time(from)), title(subject, *private));
            let there = format!("{}-{} {title}", time(start), time(end));
            let was = |line: &&str| line.starts_with(&began) && line.ends_with(&title) && *line != there;
            lines.clone().any(|line| line == there) && !lines.any(|line| was(&line))
        }
        Expect::Gone { start, end, subject, private } => {
            let was = format!("{}-{} {}", time(start), time(end), title(subject, *private));
            !screen.is_blank() && lines.all(|line| line != was)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use meeting_model::zone::ZoneDatabase;

    fn screen(lines: &[&str]) -> Screen {
        Screen {
            title: "berlin".into(),
            lines: lines.iter().map(ToString::to_string).collect(),
            ..Screen::default()
        }
    }

    #[test]
    fn a_screen_shows_what_a_change_expects_or_does_not() {
        let zone = RoomZone::named(&ZoneDatabase::bundled(), "Europe/Berlin").unwrap();
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let (nine, ten) = (at("2026-11-21T08:00:00Z"), at("2026-11-21T09:00:00Z"));
        let budget = |private| Expect::Shown { start: nine, end: ten, subject: "Budget".into(), private };
        let gone = |private| Expect::Gone { start: nine, end: ten, subject: "Budget".into(), private };
        let moved =
            |from, start, end| Expect::Moved { from, start, end, subject: "Budget".into(), private: false };
        let eight = at("2026-11-21T07:00:00Z");
        for (line, expect, expected) in [
            ("09:00-10:00 Budget", budget(false), true),
            ("Now 09:00-10:00 Budget", budget(false), true),
            ("09:00-10:30 Budget", budget(false), false),
            ("09:00-10:00 Next year's Budget", budget(false), false),
            ("09:00-10:00 Budget", budget(true), false),
            ("09:00-10:00 Private meeting", budget(true), true),
            ("09:00-10:00 Budget", gone(false), false),
            ("10:00-11:00 Budget", gone(false), true),
            ("09:00-10:00 Private meeting", gone(true), false),
            ("10:00-11:00 Private meeting", gone(true), true),
            ("08:00-09:00 Budget", moved(nine, eight, nine), true),
            ("09:00-10:00 Budget", moved(nine, eight, nine), false),
            ("09:00-10:00 Budget", moved(nine, nine, ten), true),
            ("09:00-10:30 Budget", moved(nine, nine, ten), false),
        ] {
            assert_eq!(shows(&screen(&[line]), &expect, &zone), expected, "{line}, {expect:?}");
        }
        let twice = screen(&["08:00-09:00 Budget", "09:00-10:00 Budget"]);
        assert!(!shows(&twice, &moved(nine, eight, nine), &zone), "it is also where it was");
        assert!(!shows(&Screen::default(), &gone(false), &zone), "a dark phone tells nothing");
    }
}
