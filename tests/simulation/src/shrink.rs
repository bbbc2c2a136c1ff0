//! What broke a rule, made as short as it can be: with fewer acts, fewer rooms, fewer days.

use crate::{
    Violation, play,
    scenario::{Scenario, Scene},
};
use std::{
    cell::RefCell,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// How often a scenario is played to make it shorter, at most.
const MOST_PLAYS: usize = 600;

/// What a scenario that broke a rule is reduced to.
#[derive(Debug)]
pub struct Shrunk {
    /// The shortest scenario that was found to break the same rule.
    pub scenario: Scenario,
    /// How it breaks it.
    pub violation: Violation,
}

/// Plays a scenario for what is wrong with it: a program that panics breaks a rule too.
pub fn judge(scenario: &Scenario) -> Option<Violation> {
    match catch_unwind(AssertUnwindSafe(|| play(scenario, false))) {
        Ok(played) => played.violation,
        Err(panic) => Some(panicked(scenario, panic.as_ref())),
    }
}

thread_local! {
    /// Where this thread panicked last.
    static PANICKED_AT: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Panics are told as the rule that they break, with their place, and not by themselves.
pub fn note_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|location| format!("{location}: ")).unwrap_or_default();
        PANICKED_AT.set(place);
    }));
}

/// A panic, as the rule that it breaks.
pub(crate) fn panicked(scenario: &Scenario, panic: &(dyn std::any::Any + Send)) -> Violation {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("panicked");
    let told = format!("{}{text}", PANICKED_AT.take());
    Violation { rule: "the program panics", at: scenario.begins, told }
}

/// Leaves out of a scenario that broke a rule whatever it does not need for that (Zeller and Hildebrandt, Simplifying and
/// Isolating Failure-Inducing Input, 2002).
pub fn shrink(scenario: &Scenario, violation: Violation) -> Shrunk {
    shrink_by(scenario, violation, judge)
}

/// The same, by somebody else's judgement.
fn shrink_by(
    scenario: &Scenario,
    violation: Violation,
    judge: impl Fn(&Scenario) -> Option<Violation>,
) -> Shrunk {
    let best = Shrunk { scenario: scenario.clone(), violation };
    let mut shrinking = Shrinking { best, plays: 0, judge };
    let over = shrinking.best.violation.at - scenario.begins;
    shrinking.attempt(|best| best.scenes.retain(|scene| scene.at <= over));
    let mut parts = 2;
    while parts <= shrinking.length() && shrinking.plays < MOST_PLAYS {
        let length = shrinking.length();
        let part = length.div_ceil(parts);
        let left_out = (0..length).step_by(part).find(|from| {
            shrinking.attempt(|best| {
                let until = (*from + part).min(best.scenes.len());
                drop(best.scenes.drain(*from..until));
            })
        });
        parts = match left_out {
            Some(_) => parts.saturating_sub(1).max(2),
            None if part == 1 => break,
            None => parts * 2,
        };
    }
    for room in (0..scenario.rooms.len()).rev() {
        if shrinking.best.scenario.rooms.len() > 1 {
            shrinking.attempt(|best| best.leave_out(room));
        }
    }
    shrinking.best
}

struct Shrinking<J> {
    best: Shrunk,
    plays: usize,
    judge: J,
}

impl<J: Fn(&Scenario) -> Option<Violation>> Shrinking<J> {
    fn length(&self) -> usize {
        self.best.scenario.scenes.len()
    }

    /// Takes a shorter scenario for the best, where it breaks the same rule.
    fn attempt(&mut self, shorten: impl FnOnce(&mut Scenario)) -> bool {
        if self.plays >= MOST_PLAYS {
            return false;
        }
        self.plays += 1;
        let mut scenario = self.best.scenario.clone();
        shorten(&mut scenario);
        let found = (self.judge)(&scenario).filter(|found| found.rule == self.best.violation.rule);
        let Some(violation) = found else { return false };
        self.best = Shrunk { scenario, violation };
        true
    }
}

impl Shrunk {
    /// Everything that happens in it, line by line, until the rule is broken; nothing where it panics.
    pub fn trace(&self) -> String {
        let played = catch_unwind(AssertUnwindSafe(|| play(&self.scenario, true)));
        played.map(|played| played.trace.text().to_owned()).unwrap_or_default()
    }

    /// What happens in it, a line for each act, and how it ends.
    pub fn told(&self) -> String {
        let Scenario { seed, begins, face, pull, renew, reconcile, late, word, rooms, html, links, scenes } =
            &self.scenario;
        let site = format!(
            "seed {seed}, from {begins}, {face:?}, asked every {pull:?}, renewed every {renew:?}, compared every {reconcile:?}{}{}{}{}",
            if *late { ", late" } else { "" },
            if *word { ", by word" } else { "" },
            if *html { ", bodies as HTML" } else { "" },
            if *links { ", with links" } else { "" },
        );
        let rooms = rooms.iter().enumerate().map(|(number, (processing, walls))| {
            let (room, mode) = (Scenario::alias(number), processing.automate_processing);
            format!("{room} in {walls}: {mode:?} after {} ms", processing.delay_ms)
        });
        let acts = scenes
            .iter()
            .map(|Scene { at, act }| format!("{} {act:?}", (*begins + *at).format("%d %H:%M:%S%.3f")));
        let Violation { rule, at, told: seen } = &self.violation;
        let end = format!("{} {rule}: {seen}\n", at.format("%d %H:%M:%S%.3f"));
        let lines: Vec<String> = [site].into_iter().chain(rooms).chain(acts).chain([end]).collect();
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Act, Size};
    use chrono::TimeDelta;

    #[test]
    fn what_a_broken_rule_does_not_need_is_left_out() {
        let drawn = Scenario::of(3, Size { days: 3, rooms: 4, ..Size::default() });
        let invited = |scenario: &Scenario| {
            scenario.scenes.iter().filter(|scene| matches!(scene.act, Act::Invite(..))).count()
        };
        assert!(invited(&drawn) > 2 && drawn.scenes.len() > 50 && drawn.rooms.len() == 4);
        let last = drawn.scenes.iter().rev().find(|scene| matches!(scene.act, Act::Invite(..))).unwrap().at;
        // whoever invites twice breaks a rule, an hour later
        let judge = |scenario: &Scenario| {
            let at = scenario.begins + last + TimeDelta::hours(1);
            let violation = Violation { rule: "invited twice", at, told: String::new() };
            (invited(scenario) >= 2).then_some(violation)
        };
        let shrunk = shrink_by(&drawn, judge(&drawn).unwrap(), judge).scenario;
        assert_eq!((invited(&shrunk), shrunk.scenes.len()), (2, 2));
        assert!(shrunk.rooms.len() <= 2, "each is to one room, or both to the same");
        let untouched = shrink_by(&drawn, judge(&drawn).unwrap(), |_| None).scenario;
        assert_eq!(untouched.scenes, drawn.scenes, "nothing shorter breaks it");
    }
}
