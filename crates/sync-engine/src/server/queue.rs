//! Who talks next.

use meeting_model::id::RoomId;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// So many turns are given to more urgent matters before one is given to a less urgent one that waits: a server that is busy with
/// changes all day is still compared with now and then.
const BEFORE_LESS_URGENT: u32 = 8;

/// How urgent it is that a room talks: the more urgent comes first, but for one turn in nine; among equals whoever has waited
/// longest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Urgency {
    /// An operator waits for it: before all others, always.
    Operator,
    /// Its calendar is known to have changed, or something that is shown is in doubt.
    Change,
    /// It is not watched yet, was never read, or its subscription is to be asked.
    Watch,
    /// It is only to be seen whether anything was missed.
    Background,
}

/// The rooms that wait for their turn, each once.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Queue {
    order: BTreeSet<(Urgency, u64, RoomId)>,
    places: BTreeMap<RoomId, (Urgency, u64)>,
    arrivals: u64,
    /// How many turns went to more urgent matters since somebody who only waits to be watched, or compared with, had one.
    passed_over: BTreeMap<Urgency, u32>,
}

impl Queue {
    /// A room wants its turn. One that waits already keeps its place, unless the matter has become more urgent.
    pub(crate) fn enter(&mut self, room: &RoomId, urgency: Urgency) {
        match self.places.get(room) {
            Some((present, _)) if *present <= urgency => return,
            _ => self.leave(room),
        }
        self.arrivals += 1;
        self.order.insert((urgency, self.arrivals, room.clone()));
        self.places.insert(room.clone(), (urgency, self.arrivals));
    }

    /// A room wants no turn any more.
    pub(crate) fn leave(&mut self, room: &RoomId) {
        if let Some((urgency, arrival)) = self.places.remove(room) {
            self.order.remove(&(urgency, arrival, room.clone()));
        }
    }

    /// Whether nobody waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Takes whoever is next.
    pub(crate) fn next(&mut self) -> Option<RoomId> {
        let (most_urgent, ..) = self.order.first()?;
        let most_urgent = *most_urgent;
        let mut turn = most_urgent;
        for urgency in [Urgency::Watch, Urgency::Background] {
            if urgency > most_urgent && most_urgent > Urgency::Operator && self.oldest(urgency).is_some() {
                let passed_over = self.passed_over.entry(urgency).or_default();
                *passed_over += 1;
                if *passed_over > BEFORE_LESS_URGENT {
                    turn = urgency;
                }
            }
        }
        self.passed_over.remove(&turn);
        let room = self.oldest(turn)?;
        self.leave(&room);
        Some(room)
    }

    /// Who has waited longest with a matter so urgent.
    fn oldest(&self, urgency: Urgency) -> Option<RoomId> {
        let from = (urgency, 0, RoomId::new(""));
        let (of, _, room) = self.order.range(from..).next()?;
        (*of == urgency).then(|| room.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(entries: &[(&str, Urgency)]) -> Vec<String> {
        let mut queue = Queue::default();
        for (room, urgency) in entries {
            queue.enter(&RoomId::new(*room), *urgency);
        }
        std::iter::from_fn(|| queue.next()).map(|room| room.to_string()).collect()
    }

    #[test]
    fn who_only_waits_to_be_compared_has_a_turn_in_nine_while_changes_never_end() {
        let mut queue = Queue::default();
        for room in ["hourly", "nightly"] {
            queue.enter(&RoomId::new(room), Urgency::Background);
        }
        queue.enter(&RoomId::new("unwatched"), Urgency::Watch);
        let mut turns = Vec::new();
        for nth in 0..30 {
            queue.enter(&RoomId::new(format!("change-{nth}")), Urgency::Change);
            turns.push(queue.next().unwrap().to_string());
        }
        let others: Vec<_> =
            turns.iter().enumerate().filter(|(_, room)| !room.starts_with("change")).collect();
        let others: Vec<(usize, &str)> = others.into_iter().map(|(nth, room)| (nth, room.as_str())).collect();
        assert_eq!(others, [(8, "hourly"), (9, "unwatched"), (17, "nightly")]);
    }

    #[test]
    fn operators_wait_for_nobody() {
        let mut queue = Queue::default();
        queue.enter(&RoomId::new("hourly"), Urgency::Background);
        for nth in 0..30 {
            queue.enter(&RoomId::new(format!("wish-{nth}")), Urgency::Operator);
        }
        for nth in 0..30 {
            assert_eq!(queue.next().unwrap().to_string(), format!("wish-{nth}"));
        }
    }

    #[test]
    fn the_urgent_come_first_and_nobody_twice() {
        use Urgency::{Background, Change, Operator, Watch};
        let entries = [
            ("a", Background),
            ("b", Watch),
            ("c", Change),
            ("b", Background),
            ("d", Operator),
            ("e", Change),
        ];
        assert_eq!(order(&entries), ["d", "c", "e", "b", "a"]);
        assert_eq!(
            order(&[("a", Background), ("b", Background), ("b", Operator), ("a", Change)]),
            ["b", "a"]
        );
    }
}
