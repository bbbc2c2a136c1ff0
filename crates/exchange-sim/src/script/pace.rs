//! How often somebody does something: people work in bouts, with lulls between them, and go home.

use std::str::FromStr;

use chrono::{DateTime, Datelike as _, Duration, Timelike as _, Utc, Weekday};

use crate::dice::Dice;
use crate::{SimError, Zone};

/// How often the script does something, however many rooms there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Pace {
    /// As people do: a few changes within seconds, then nothing for up to a minute; where it is lunchtime, early or late
    /// less, on a weekend hardly anything, and nothing at night. The first two minutes are as [`Pace::Brisk`], whatever
    /// the hour, so that whoever has just come sees something happen.
    #[default]
    Believable,
    /// A change every second or two, day and night.
    Brisk,
    /// Nothing happens by itself.
    Still,
}

/// How long a believable script is lively to begin with.
const OPENING: Duration = Duration::minutes(2);

/// How much goes on in each hour of a working day, of ten. On a weekend it is one at most.
const HOURS: [u64; 24] = [0, 0, 0, 0, 0, 0, 0, 2, 6, 10, 10, 8, 3, 7, 10, 9, 6, 3, 1, 0, 0, 0, 0, 0];

impl Pace {
    /// All paces by name.
    pub const NAMES: [(&'static str, Self); 3] =
        [("believable", Self::Believable), ("brisk", Self::Brisk), ("still", Self::Still)];
}

impl FromStr for Pace {
    type Err = SimError;

    fn from_str(name: &str) -> Result<Self, SimError> {
        let known = Self::NAMES.iter().find(|(candidate, _)| *candidate == name);
        known.map(|(_, pace)| *pace).ok_or_else(|| SimError::UnknownPace(name.to_owned()))
    }
}

/// A pace being kept.
#[derive(Debug, Clone)]
pub(super) struct Beat {
    pace: Pace,
    opens_until: DateTime<Utc>,
    /// How many more steps follow each other closely.
    bout: u64,
}

impl Beat {
    pub(super) fn new(pace: Pace, now: DateTime<Utc>) -> Self {
        Self { pace, opens_until: now + OPENING, bout: 0 }
    }

    /// How much goes on in a room at that hour, of ten.
    pub(super) fn busy(&self, zone: &Zone, at: DateTime<Utc>) -> u64 {
        match self.pace {
            Pace::Still => 0,
            Pace::Brisk => 10,
            Pace::Believable if at < self.opens_until => 10,
            Pace::Believable => {
                let wall = zone.wall(at);
                let weekend = matches!(wall.weekday(), Weekday::Sat | Weekday::Sun);
                let busy = HOURS.get(wall.hour() as usize).copied().unwrap_or_default();
                if weekend { busy.min(1) } else { busy }
            }
        }
    }

    /// How long it is until the next step, if there is to be one.
    pub(super) fn pause(&mut self, at: DateTime<Utc>, dice: &mut Dice) -> Option<Duration> {
        let (least, more) = match (self.pace, self.bout.checked_sub(1)) {
            (Pace::Still, _) => return None,
            (Pace::Brisk, _) => (1_000, 1_000),
            (Pace::Believable, _) if at < self.opens_until => (1_000, 1_000),
            (Pace::Believable, Some(fewer)) => {
                self.bout = fewer;
                (1_500, 6_000)
            }
            (Pace::Believable, None) => {
                self.bout = dice.below(6);
                (10_000, 45_000)
            }
        };
        Some(Duration::milliseconds(least + i64::try_from(dice.below(more)).unwrap_or(0)))
    }
}
