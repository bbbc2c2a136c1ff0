//! How long this machine has slept: its monotonic clock stands still meanwhile, and the time since it was booted does not.

use std::{fmt, fs, time::Duration};

/// Where Linux tells the seconds since it was booted, sleep included, to a hundredth.
const UPTIME: &str = "/proc/uptime";

/// A shorter sleep is none: it is how coarsely both clocks are read.
const SHORTEST: Duration = Duration::from_millis(250);

/// How long this machine has slept.
pub(super) struct Slept {
    uptime: Box<dyn Fn() -> Option<Duration> + Send>,
    in_all: Duration,
    last: Option<(Duration, Duration)>,
}

impl Slept {
    /// Where the system does not tell, a sleep is taken for a step of its clock.
    pub(super) fn of_this_machine() -> Self {
        Self::told_by(|| uptime(&fs::read_to_string(UPTIME).ok()?))
    }

    pub(super) fn told_by(uptime: impl Fn() -> Option<Duration> + Send + 'static) -> Self {
        Self { uptime: Box::new(uptime), in_all: Duration::ZERO, last: None }
    }

    /// Since the start.
    pub(super) fn in_all(&self) -> Duration {
        self.in_all
    }

    /// Since the last look.
    pub(super) fn look(&mut self, mono: Duration) -> Duration {
        let Some(uptime) = (self.uptime)() else { return Duration::ZERO };
        let Some((mono_then, uptime_then)) = self.last.replace((mono, uptime)) else { return Duration::ZERO };
        let passed = mono.saturating_sub(mono_then);
        let slept = uptime.saturating_sub(uptime_then).saturating_sub(passed);
        let slept = if slept < SHORTEST { Duration::ZERO } else { slept };
        self.in_all += slept;
        slept
    }
}

impl fmt::Debug for Slept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slept").field("in_all", &self.in_all).finish_non_exhaustive()
    }
}

fn uptime(text: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(text.split_whitespace().next()?.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uptime_is_told_in_seconds() {
        assert_eq!(uptime("25302.71 98112.03\n"), Some(Duration::from_millis(25_302_710)));
        for text in ["", "never", "-1 2"] {
            assert_eq!(uptime(text), None, "{text}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_machine_tells() {
        assert!((Slept::of_this_machine().uptime)().is_some());
    }
}
