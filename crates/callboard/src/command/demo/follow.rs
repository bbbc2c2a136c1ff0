//! Follows every change from the room's calendar to the room's phone.

use crate::command::demo::cast::Cast;
use chrono::{DateTime, Utc};
use exchange_sim::{Change, Expect, MeetingHandle, phone::Screen};
use meeting_model::zone::RoomZone;
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
    pub(super) pushes: u64,
    pub(super) p50_ms: Option<u64>,
    pub(super) p99_ms: Option<u64>,
}

/// Follows every change from the room's calendar to the room's phone.
#[derive(Debug, Default)]
pub(super) struct Follower {
    /// How many changes have been seen.
    seen: usize,
    /// Changes that are on no phone yet, by room and meeting: what is expected is what the last one says.
    pending: BTreeMap<(String, MeetingHandle), Vec<Change>>,
    millis: Vec<u64>,
    arrived: usize,
}

impl Follower {
    /// What lay in the calendars before the daemon looked was no change.
    pub(super) fn skip_what_was_there(&mut self, cast: &Cast) {
        self.seen = cast.changes().len();
    }

    /// Looks at calendars and phones, and tells what has arrived.
    pub(super) fn look(&mut self, cast: &Cast) -> Vec<Arrival> {
        let changes = cast.changes();
        for change in changes.iter().skip(self.seen) {
            self.pending.entry((change.room.clone(), change.meeting)).or_default().push(change.clone());
        }
        self.seen = changes.len().max(self.seen);
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

    pub(super) fn summary(&self, rooms: usize, meetings: usize, pushes: u64) -> Summary {
        let missing = self.missing().count();
        Summary {
            rooms,
            meetings,
            changes: self.arrived + missing,
            missing,
            pushes,
            p50_ms: self.percentile(50),
            p99_ms: self.percentile(99),
        }
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

fn shows(screen: &Screen, expect: &Expect, zone: &RoomZone) -> bool {
    let line = |start: DateTime<Utc>, subject: &str, private: bool| {
        let time = zone.local(start).format("%H:%M").to_string();
        let title = if private { "Private meeting" } else { subject };
        let begins = |line: &str| line.strip_prefix("Now ").unwrap_or(line).starts_with(&time);
        screen.lines.iter().any(|line| begins(line) && line.ends_with(title))
    };
    match expect {
        Expect::Shown { start, subject, private, .. } => line(*start, subject, *private),
        Expect::Moved { from, start, subject, private, .. } => {
            line(*start, subject, *private) && (from == start || !line(*from, subject, *private))
        }
        Expect::Gone { start, subject, .. } => !line(*start, subject, false) && !screen.is_blank(),
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
        let shown = Expect::Shown { start: nine, end: ten, subject: "Budget".into(), private: false };
        let hidden = Expect::Shown { start: nine, end: ten, subject: "Budget".into(), private: true };
        let gone = Expect::Gone { start: nine, end: ten, subject: "Budget".into() };
        let at_nine = screen(&["09:00-10:00 Budget"]);
        assert!(shows(&at_nine, &shown, &zone));
        assert!(!shows(&at_nine, &hidden, &zone));
        assert!(!shows(&at_nine, &gone, &zone));
        assert!(shows(&screen(&["09:00-10:00 Private meeting"]), &hidden, &zone));
        assert!(shows(&screen(&["10:00-11:00 Budget"]), &gone, &zone));
        assert!(shows(&screen(&["Now 09:00-10:00 Budget"]), &shown, &zone));
        let (eight, moved_from) = (at("2026-11-21T07:00:00Z"), nine);
        let earlier = Expect::Moved {
            from: moved_from,
            start: eight,
            end: nine,
            subject: "Budget".into(),
            private: false,
        };
        assert!(shows(&screen(&["08:00-09:00 Budget"]), &earlier, &zone), "its end is not its start");
    }
}
