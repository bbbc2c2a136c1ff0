//! What may be used, and how much more of it after the warm-up.

use crate::usage::Usage;
use std::time::Duration;

const MB: f64 = 1024.0 * 1024.0;

/// One of the things that are measured.
pub(crate) struct Measure {
    pub(crate) name: &'static str,
    /// What one of the unit is, in what is measured.
    pub(crate) unit: (&'static str, f64),
    pub(crate) of: fn(&Usage) -> f64,
    /// More than this it may never be, in the unit.
    most: f64,
    /// From the warm-up to the end it may rise by this, in the unit, along the line that fits best.
    rise: f64,
    /// And by this for each change that organizers made: what rooms showed is kept for seven days.
    rise_per_change: f64,
}

/// How one of them went.
pub(crate) struct Found {
    first: f64,
    most: f64,
    last: f64,
    rise: f64,
}

impl Measure {
    pub(crate) const ALL: [Self; 5] = [
        Self::bounded("memory", ("MB", MB), |usage| usage.memory, 256.0, 16.0),
        Self::bounded("file descriptors", ("", 1.0), |usage| usage.descriptors, 512.0, 16.0),
        Self::bounded("threads", ("", 1.0), |usage| usage.threads, 64.0, 4.0),
        Self::bounded("tasks", ("", 1.0), |usage| usage.tasks, 2_000.0, 32.0),
        Self {
            rise_per_change: 1.0 / 1024.0,
            ..Self::bounded("database", ("MB", MB), |usage| usage.database, 256.0, 4.0)
        },
    ];

    /// What changes cost nothing of.
    const fn bounded(
        name: &'static str,
        unit: (&'static str, f64),
        of: fn(&Usage) -> f64,
        most: f64,
        rise: f64,
    ) -> Self {
        Self { name, unit, of, most, rise, rise_per_change: 0.0 }
    }

    /// How it went, in its unit.
    pub(crate) fn found(&self, series: &[Usage], warm: Duration) -> Found {
        let points: Vec<(f64, f64)> =
            series.iter().map(|usage| (usage.at.as_secs_f64(), (self.of)(usage) / self.unit.1)).collect();
        let settled: Vec<(f64, f64)> =
            points.iter().copied().filter(|(at, _)| *at >= warm.as_secs_f64()).collect();
        let span = settled.last().map_or(0.0, |last| last.0) - settled.first().map_or(0.0, |first| first.0);
        Found {
            first: settled.first().map_or(0.0, |point| point.1),
            most: points.iter().map(|point| point.1).fold(0.0, f64::max),
            last: settled.last().map_or(0.0, |point| point.1),
            rise: slope(&settled) * span,
        }
    }

    /// A row of a table: after the warm-up, at most, at the end, the rise between.
    pub(crate) fn row(&self, found: &Found) -> String {
        let Found { first, most, last, rise } = found;
        format!("| {} | {first:.0} | {most:.0} | {last:.0} | {rise:+.1} {} |", self.name, self.unit.0)
    }

    /// What is wrong with it, if anything is.
    pub(crate) fn broken(&self, found: &Found, changes: u32) -> Option<String> {
        let allowed = self.rise + self.rise_per_change * f64::from(changes);
        let is_broken = found.most > self.most || found.rise > allowed;
        is_broken.then(|| {
            let Self { name, unit: (unit, _), most, .. } = self;
            format!(
                "{name}: at most {:.0} of {most} {unit}, risen by {:.1} of {allowed:.1} {unit}",
                found.most, found.rise
            )
        })
    }
}

/// The slope of the straight line through points that fits best, by least squares.
fn slope(points: &[(f64, f64)]) -> f64 {
    let count = points.iter().fold(0.0, |count, _| count + 1.0);
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / f64::max(count, 1.0);
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let (mut along, mut square) = (0.0, 0.0);
    for point in points {
        along += (point.0 - x) * (point.1 - y);
        square += (point.0 - x).powi(2);
    }
    if square > 0.0 { along / square } else { 0.0 }
}
