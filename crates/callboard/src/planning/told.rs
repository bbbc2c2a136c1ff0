//! What an operator is told of plans and comparisons.

use control::{Compared, DiffKind, DiffLine, Differing, Resynced};
use meeting_model::{
    compare::{Comparison, Difference},
    known::Known,
    plan::{Change, ChangeKind, Plan},
};
use std::collections::BTreeMap;
use store::Committed;

/// What an operator is told of a read that was too empty to be believed.
pub(super) const NOT_BELIEVED: &str = "its calendar came back empty while meetings are shown; nothing was removed, and a second \
     read by another operation decides, a minute later";

/// What a plan changes.
pub(super) fn of_plan(plan: &Plan, known: &Known, committed: Option<&Committed>, dry_run: bool) -> Resynced {
    let mut shown: BTreeMap<_, bool> =
        known.occurrences.values().map(|one| (&one.key, one.decision.is_shown())).collect();
    shown.extend(plan.occurrences.iter().map(|one| (&one.key, one.decision.is_shown())));
    for key in &plan.removed_occurrences {
        shown.remove(key);
    }
    Resynced {
        rev: committed.map_or(plan.base, |committed| committed.rev).0,
        applied: !dry_run,
        shown: shown.values().filter(|shown| **shown).count(),
        lines: plan.changes.iter().map(line).collect(),
        comparison: None,
    }
}

/// A room that was not read.
pub(super) fn of_nothing(plan: &Plan, known: &Known) -> Resynced {
    Resynced {
        rev: plan.base.0,
        applied: false,
        shown: known.occurrences.values().filter(|one| one.decision.is_shown()).count(),
        lines: Vec::new(),
        comparison: None,
    }
}

/// Where the mirror differs from what the server makes of the calendar.
pub(super) fn of_comparison(comparison: &Comparison, known: &Known) -> Compared {
    Compared {
        compared: comparison.compared,
        differences: comparison.differences.iter().map(|difference| differing(difference, known)).collect(),
    }
}

fn differing(difference: &Difference, known: &Known) -> Differing {
    let occurrence = difference.key.as_ref().and_then(|key| known.occurrences.get(key));
    let displayed = occurrence.and_then(|occurrence| occurrence.displayed.as_ref());
    Differing {
        kind: difference.kind.name().to_owned(),
        mirrored: difference.ours.map(|ours| (ours.start, ours.end)),
        served: difference.server.map(|server| (server.start, server.end)),
        title: displayed.map(|displayed| displayed.title().to_owned()),
    }
}

fn line(change: &Change) -> DiffLine {
    let why = match &change.decision {
        Some(decision) => decision.sentence().to_string(),
        None => "it is no longer in the room's calendar".to_owned(),
    };
    DiffLine {
        kind: match change.kind {
            ChangeKind::Added => DiffKind::Added,
            ChangeKind::Changed => DiffKind::Changed,
            ChangeKind::Removed => DiffKind::Removed,
        },
        start: change.displayed.start,
        end: change.displayed.end,
        title: change.displayed.title().to_owned(),
        rule: change.decision.map(|decision| decision.rule.to_string()),
        why,
    }
}
