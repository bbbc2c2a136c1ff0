//! A scenario without one of its rooms.

use super::{Act, Deed, Invitation, Scenario, Scene};

impl Scenario {
    /// The same without a room: those behind it move up, and what concerned it alone does not happen.
    pub(crate) fn leave_out(&mut self, room: usize) {
        if room >= self.rooms.len() {
            return;
        }
        self.rooms.remove(room);
        let scenes = std::mem::take(&mut self.scenes).into_iter();
        let without = |Scene { at, act }| Some(Scene { at, act: act.without(room)? });
        self.scenes = scenes.filter_map(without).collect();
    }
}

/// The number of a room where another one is left out; nothing where it is that one.
fn number(room: usize, gone: usize) -> Option<usize> {
    (room != gone).then(|| if room > gone { room - 1 } else { room })
}

impl Act {
    fn without(self, gone: usize) -> Option<Self> {
        let number = |room| number(room, gone);
        Some(match self {
            Self::Invite(id, invitation) => Self::Invite(id, invitation.without(gone)?),
            Self::Book(id, booking) => Self::Book(id, booking.without(gone)?),
            Self::Do(id, deed) => Self::Do(id, deed.without(gone)?),
            Self::Switch(room, proxy) => Self::Switch(number(room)?, proxy),
            Self::MoveMailbox(room) => Self::MoveMailbox(number(room)?),
            Self::Mailbox(room, state) => Self::Mailbox(number(room)?, state),
            Self::Fault { fault, strikes, room: Some(room) } => {
                Self::Fault { fault, strikes, room: Some(number(room)?) }
            }
            Self::Phone(room, on) => Self::Phone(number(room)?, on),
            Self::Reboot(room) => Self::Reboot(number(room)?),
            Self::Mute(room, times) => Self::Mute(number(room)?, times),
            Self::Slow(room, times) => Self::Slow(number(room)?, times),
            Self::Resync(room) => Self::Resync(number(room)?),
            of_all @ (Self::Fault { room: None, .. } | Self::Service(_) | Self::Mishap(_)) => of_all,
        })
    }
}

impl Invitation {
    fn without(mut self, gone: usize) -> Option<Self> {
        self.rooms = self.rooms.into_iter().filter_map(|room| number(room, gone)).collect();
        (!self.rooms.is_empty()).then_some(self)
    }
}

impl Deed {
    fn without(self, gone: usize) -> Option<Self> {
        let number = |room| number(room, gone);
        Some(match self {
            Self::Answer(room, answer) => Self::Answer(number(room)?, answer),
            Self::AnswerOne(which, room, answer) => Self::AnswerOne(which, number(room)?, answer),
            Self::Delete(room) => Self::Delete(number(room)?),
            Self::DeleteOne(which, room) => Self::DeleteOne(which, number(room)?),
            of_all => of_all,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Size;

    #[test]
    fn whatever_is_left_concerns_the_same_rooms_by_their_new_numbers() {
        let size = Size { days: 2, rooms: 3, acts: 40, faults: 60, ..Size::default() };
        let whole = Scenario::of(5, size);
        let mut less = whole.clone();
        less.leave_out(1);
        assert_eq!(less.rooms, [whole.rooms[0], whole.rooms[2]]);
        let told = |scenario: &Scenario, act: fn(&Act) -> Option<usize>| -> Vec<usize> {
            scenario.scenes.iter().filter_map(|scene| act(&scene.act)).collect()
        };
        let acts: [fn(&Act) -> Option<usize>; 3] = [
            |act| if let Act::Fault { room, .. } = act { *room } else { None },
            |act| if let Act::Do(_, Deed::Answer(room, _)) = act { Some(*room) } else { None },
            |act| {
                if let Act::Invite(_, Invitation { rooms, .. }) = act { rooms.last().copied() } else { None }
            },
        ];
        for (place, act) in acts.into_iter().enumerate() {
            let (before, after) = (told(&whole, act), told(&less, act));
            assert!(before.contains(&1) && before.contains(&2) && after.contains(&1), "{place}");
            assert!(!after.contains(&2), "{place}: the last is now called as the middle one was");
        }
        let faults = acts[0];
        let twos = |rooms: &[usize], wanted| rooms.iter().filter(|room| **room == wanted).count();
        assert_eq!(twos(&told(&whole, faults), 2), twos(&told(&less, faults), 1));
    }
}
