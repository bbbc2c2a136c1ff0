//! Who talks next.

use meeting_model::id::RoomId;
use std::collections::{BTreeMap, BTreeSet};

/// How urgent it is that a room talks: the more urgent comes first, and among equals whoever has waited longest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Urgency {
    /// An operator waits for it.
    Operator,
    /// Its calendar is known to have changed, or something that is shown is in doubt.
    Change,
    /// It is not watched yet, was never read, or its subscription is to be asked.
    Watch,
    /// It is only to be seen whether anything was missed.
    Background,
}

/// The rooms that wait for their turn, each once.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    order: BTreeSet<(Urgency, u64, RoomId)>,
    places: BTreeMap<RoomId, (Urgency, u64)>,
    arrivals: u64,
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

    /// Takes whoever is next.
    pub(crate) fn next(&mut self) -> Option<RoomId> {
        let (_, _, room) = self.order.pop_first()?;
        self.places.remove(&room);
        Some(room)
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
