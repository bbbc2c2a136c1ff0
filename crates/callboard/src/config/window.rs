//! `[window]`: which days are kept (RULES, "Window").

use super::{notes::Given, section::Section, value::span};
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

/// Which days are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WindowConfig {
    pub(super) back: Duration,
    pub(super) ahead: Duration,
}

impl Default for WindowConfig {
    fn default() -> Self {
        Self { back: 7 * DAY, ahead: 60 * DAY }
    }
}

impl WindowConfig {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        let default = Self::default();
        let or = |given: Option<Given<Duration>>, default| given.map_or(default, |given| given.value);
        Self {
            back: or(section.text("back", span(DAY..=365 * DAY)), default.back),
            ahead: or(section.text("ahead", span(DAY..=365 * DAY)), default.ahead),
        }
    }
}
