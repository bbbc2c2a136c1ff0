//! What a room should show of what its calendar holds, by the rules.

use super::{Place, Watched};
use crate::scenario::Ways;
use chrono::{DateTime, TimeDelta, Utc};
use exchange_sim::{Held, ResponseType, Sensitivity};
use meeting_model::{
    display::Displayed,
    join::{Found, Join},
};
use std::collections::{BTreeMap, BTreeSet};

/// How far Exchange's clock, ours and the instant at which a switch is noticed may lie apart.
const AROUND_A_SWITCH: TimeDelta = TimeDelta::minutes(70);

/// What is known of a meeting besides what calendars hold.
#[derive(Debug, Default)]
pub(crate) struct Named {
    /// Whatever it, or an occurrence of it, was ever called.
    pub(crate) subjects: BTreeSet<String>,
    /// Whether it, or an occurrence of it, was ever private.
    pub(crate) was_private: bool,
}

/// What a room should show of one meeting or occurrence.
#[derive(Debug)]
pub(super) struct Expected {
    /// Whether it must be shown, as the first of these lines; else it may, as any.
    pub(super) must: bool,
    /// Whether the room has answered it.
    pub(super) answered: bool,
    pub(super) lines: Vec<Line>,
    pub(super) since: DateTime<Utc>,
}

impl Expected {
    pub(super) fn says_the_same_as(&self, other: &Self) -> bool {
        (self.must, &self.lines) == (other.must, &other.lines)
    }

    /// Nothing of it may be shown but that there is something.
    pub(super) fn mask(&mut self) {
        self.lines = std::mem::take(&mut self.lines).into_iter().map(Line::masked).collect();
    }
}

/// One line of a display.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) start: DateTime<Utc>,
    pub(super) end: DateTime<Utc>,
    all_day: bool,
    words: Words,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Words {
    Masked,
    Open { title: Title, organizer: String, location: String, ways: Ways },
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Title {
    Exactly(String),
    /// One of these, or what stands for a subject that nobody knows (rule S4); where it was ever private, or all of it is masked
    /// (rule P5).
    OneOf {
        titles: BTreeSet<String>,
        was_private: bool,
    },
}

impl Title {
    fn fits(&self, shown: &str, organizer: &str) -> bool {
        match self {
            Self::Exactly(title) => shown == title,
            Self::OneOf { titles, .. } => titles.contains(shown) || shown == format!("Meeting ({organizer})"),
        }
    }
}

impl Line {
    /// Whether a display says that there is something, and nothing of what it is.
    pub(super) fn fits_masked(&self, shown: &Displayed) -> bool {
        self.fits_in_time(shown) && shown.is_private() && shown.organizer().is_none()
    }

    /// Whether a display says that there is something then, and not as what waits for an answer: that is nothing to be shown here.
    fn fits_in_time(&self, shown: &Displayed) -> bool {
        (self.start, self.end, self.all_day) == (shown.start, shown.end, shown.all_day.is_some())
            && !shown.tentative
    }

    /// Whether a display says this.
    pub(super) fn fits(&self, shown: &Displayed) -> bool {
        self.fits_in_time(shown)
            && match &self.words {
                Words::Masked => self.fits_masked(shown),
                Words::Open { title: Title::OneOf { was_private: true, .. }, .. } if shown.is_private() => {
                    self.fits_masked(shown)
                }
                Words::Open { title, organizer, location, ways } => {
                    title.fits(shown.title(), organizer)
                        && shown.organizer() == Some(organizer)
                        && shown.location().unwrap_or_default() == location
                        && ways_of(shown) == *ways
                }
            }
    }

    /// Where it may be called one of several things, it may be called these too.
    fn widened(mut self, titles: &BTreeSet<String>) -> Self {
        if let Words::Open { title: Title::OneOf { titles: known, .. }, .. } = &mut self.words {
            known.extend(titles.iter().cloned());
        }
        self
    }

    /// Where it may be called one of several things, it may be called by this subject, too.
    pub(super) fn also_called(&mut self, subject: &str) {
        if let Words::Open { title: Title::OneOf { titles: known, .. }, organizer, .. } = &mut self.words {
            known.extend(rewritten(subject, organizer).map(|title| as_written(&title)));
        }
    }

    fn masked(self) -> Self {
        Self { words: Words::Masked, ..self }
    }

    pub(super) fn is_exact(&self) -> bool {
        matches!(self.words, Words::Open { title: Title::Exactly(_), .. })
    }
}

/// What a room should show of what its calendar holds; nothing where it must not be shown.
pub(super) fn of(
    held: &Held,
    ways: Ways,
    named: Option<&Named>,
    room: &Watched,
    before: Option<&Expected>,
) -> Option<Expected> {
    let since = DateTime::UNIX_EPOCH;
    if held.cancelled {
        return None;
    }
    let must = match held.response {
        ResponseType::Decline => return None,
        ResponseType::Organizer => true,
        ResponseType::Accept => match room.switched.zip(held.replied_at) {
            Some((switch, replied)) if replied + AROUND_A_SWITCH < switch => return None,
            Some((switch, replied)) => replied > switch + AROUND_A_SWITCH,
            None => room.switched.is_none(),
        },
        // its last shown version stays while the room has not answered (rule A7)
        ResponseType::Tentative | ResponseType::NoResponseReceived => {
            let mut lines: Vec<Line> = Vec::new();
            let last = before.into_iter().flat_map(|before| &before.lines);
            for line in last.chain(room.missed((held.meeting, held.occurrence))) {
                let line = line.clone().widened(&titles(held, named));
                // but what has become private does not wait for an answer
                let hides = is_hidden(held) || named.is_some_and(|named| named.was_private);
                let masked = hides.then(|| line.clone().masked());
                for line in [Some(line), masked].into_iter().flatten() {
                    if !lines.contains(&line) {
                        lines.push(line);
                    }
                }
            }
            return Some(Expected { must: false, answered: false, lines, since });
        }
    };
    let line = Line {
        start: held.start,
        end: held.end,
        all_day: held.all_day,
        words: words(held, ways, named, room),
    };
    Some(Expected { must, answered: true, lines: vec![line], since })
}

fn words(held: &Held, ways: Ways, named: Option<&Named>, room: &Watched) -> Words {
    if is_hidden(held) {
        return Words::Masked;
    }
    let title = match named {
        Some(named) if named.was_private || room.rewrites => {
            Title::OneOf { titles: titles(held, Some(named)), was_private: named.was_private }
        }
        _ => Title::Exactly(as_written(&held.subject)),
    };
    Words::Open { title, organizer: held.organizer.clone(), location: as_written(&held.location), ways }
}

/// How a display says that a meeting can be joined.
pub(super) fn ways_of(shown: &Displayed) -> Ways {
    let address = |found: &Option<Found>| found.as_ref().map(|found| found.address.clone());
    shown.join().map_or_else(Ways::default, |Join { video, number, web }| Ways {
        video: address(video),
        number: address(number),
        web: address(web),
    })
}

/// Whatever it may be called where its subject was rewritten.
fn titles(held: &Held, named: Option<&Named>) -> BTreeSet<String> {
    let subjects = named.into_iter().flat_map(|named| &named.subjects);
    let mut titles: BTreeSet<String> =
        subjects.flat_map(|subject| rewritten(subject, &held.organizer)).collect();
    titles.insert(held.subject.clone());
    titles.into_iter().map(|title| as_written(&title)).collect()
}

/// What an attendant may make of a subject.
fn rewritten(subject: &str, organizer: &str) -> [String; 2] {
    [subject.to_owned(), format!("{organizer} {subject}")]
}

/// Whether it is private as it lies there.
pub(super) fn is_hidden(held: &Held) -> bool {
    matches!(held.sensitivity, Sensitivity::Private | Sensitivity::Confidential)
}

/// A subject or a location as it may be shown (rule S1): without control characters and those that override the direction of writing.
fn as_written(subject: &str) -> String {
    let overrides = |c: char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let kept: String = subject.chars().filter(|c| !c.is_control() && !overrides(*c)).collect();
    kept.trim().to_owned()
}

/// Lines that are expected, each with its place.
pub(super) type ByTime<'a> = BTreeMap<(DateTime<Utc>, DateTime<Utc>), Vec<(&'a Place, &'a Line)>>;

/// The lines that are expected, by start and end.
pub(super) fn by_time(expected: &BTreeMap<Place, Expected>) -> ByTime<'_> {
    let mut by_time = ByTime::new();
    for (place, one) in expected {
        for line in &one.lines {
            by_time.entry((line.start, line.end)).or_default().push((place, line));
        }
    }
    by_time
}
