//! By how much clocks were said to be wrong.

use std::collections::BTreeMap;

/// A figure that has moved by less is no news, in seconds.
const NEWS: f64 = 1.0;

/// By how much each clock was said to be wrong when they were last judged, in seconds. Each estimate differs a little from the one
/// before: it is said anew where it has moved by more than its uncertainty and a second.
#[derive(Debug, Default)]
pub struct Said {
    before: BTreeMap<String, f64>,
    now: BTreeMap<String, f64>,
}

impl Said {
    /// The clocks are judged again. What is not said of one this time is forgotten.
    pub(super) fn begin(&mut self) {
        self.before = std::mem::take(&mut self.now);
    }

    /// What to say of a clock that is so far ahead, give or take the uncertainty.
    pub(super) fn figure(&mut self, clock: &str, ahead: f64, uncertainty: f64) -> f64 {
        let last = self.before.get(clock).copied();
        let said = last.filter(|last| (ahead - last).abs() <= uncertainty.max(NEWS)).unwrap_or(ahead);
        self.now.insert(clock.to_owned(), said);
        said
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clocks::spoken;

    #[test]
    fn a_figure_is_said_anew_where_it_has_moved_by_more_than_a_second_and_its_uncertainty() {
        let mut said = Said::default();
        let told = [(45.0, 0.1), (45.7, 0.1), (44.1, 0.1), (46.2, 0.1), (49.0, 3.0), (50.0, 3.0)];
        let told = told.map(|(ahead, uncertainty)| {
            said.begin();
            spoken(said.figure("EX01", ahead, uncertainty))
        });
        assert_eq!(told, ["45.0 s", "45.0 s", "45.0 s", "46.2 s", "46.2 s", "50.0 s"]);
        said.begin();
        said.begin();
        assert_eq!(spoken(said.figure("EX01", 50.3, 0.1)), "50.3 s", "it was right meanwhile");
    }
}
