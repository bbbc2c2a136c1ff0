//! Faults that are set: which calls they strike, and when.

use chrono::{DateTime, Utc};

use super::struck::Tally;
use crate::dice::Dice;
use crate::world::RoomNumber;
use crate::{Fault, SimError, World};

/// Which calls a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strikes {
    /// The next calls, that many.
    Next(u32),
    /// Calls at random, that many in a thousand.
    PerMille(u32),
    /// All calls from an instant until another.
    Between(DateTime<Utc>, DateTime<Utc>),
    /// All calls, until [`World::heal`].
    Always,
}

/// A fault with the calls it strikes: `Injection::of(Fault::ServerBusy).next(3).in_room("berlin")`.
#[derive(Debug, Clone)]
pub struct Injection {
    fault: Fault,
    strikes: Strikes,
    room: Option<String>,
    operation: Option<String>,
}

impl Injection {
    /// A fault that strikes the next call.
    pub fn of(fault: Fault) -> Self {
        Self { fault, strikes: Strikes::Next(1), room: None, operation: None }
    }

    /// The same for other calls.
    #[must_use]
    pub fn striking(mut self, strikes: Strikes) -> Self {
        self.strikes = strikes;
        self
    }

    /// The same for the next `count` calls.
    #[must_use]
    pub fn next(self, count: u32) -> Self {
        self.striking(Strikes::Next(count))
    }

    /// Only calls about one room.
    #[must_use]
    pub fn in_room(mut self, room: &str) -> Self {
        self.room = Some(room.to_owned());
        self
    }

    /// Only one operation, such as `GetItem`; all of Autodiscover is `Autodiscover`.
    #[must_use]
    pub fn on(mut self, operation: &str) -> Self {
        self.operation = Some(operation.to_owned());
        self
    }

    /// Which fault it is.
    pub fn fault(&self) -> Fault {
        self.fault
    }

    /// Which calls it strikes from now on.
    pub fn strikes(&self) -> Strikes {
        self.strikes
    }

    /// In which room alone.
    pub fn room(&self) -> Option<&str> {
        self.room.as_deref()
    }

    /// In which operation alone.
    pub fn operation(&self) -> Option<&str> {
        self.operation.as_deref()
    }

    /// Whether it is for a request with such an element in its body: that of GetUserAvailability alone has the
    /// name of its type ([MS-OXWAVLS] 3.1.4.1).
    fn is_for(&self, element: &str) -> bool {
        let named = if element == "GetUserAvailabilityRequest" { "GetUserAvailability" } else { element };
        self.operation.as_ref().is_none_or(|operation| operation == named || operation == element)
    }
}

/// What Autodiscover is called where operations are named.
pub(crate) const AUTODISCOVER: &str = "Autodiscover";

/// What a fault may strike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// A call.
    Call,
    /// What an open stream says.
    Envelope,
    /// What an open stream says of events.
    Events,
}

/// A call that a fault may strike.
#[derive(Debug)]
pub(crate) struct Struck<'a> {
    pub(crate) operation: &'a str,
    pub(crate) rooms: &'a [RoomNumber],
    /// How many items it asks for by id.
    pub(crate) items: usize,
    /// Whether it carries a sync state.
    pub(crate) resumes: bool,
    /// Whether it impersonates nobody, or says so before the service is reached.
    pub(crate) anchored: bool,
    pub(crate) moment: Moment,
}

/// The faults that are set.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults {
    set: Vec<Injected>,
    /// How many were ever set: each has an id of its own.
    newest: u64,
    /// Whom they have struck.
    pub(super) tally: Tally,
}

#[derive(Debug, Clone)]
struct Injected {
    id: u64,
    room: Option<RoomNumber>,
    injection: Injection,
}

impl Faults {
    pub(crate) fn is_empty(&self) -> bool {
        self.set.is_empty()
    }

    /// The faults that are set, each with its id.
    pub(crate) fn set(&self) -> impl Iterator<Item = (u64, &Injection)> {
        self.set.iter().map(|injected| (injected.id, &injected.injection))
    }

    /// The id of the fault that was set last.
    pub(crate) fn newest(&self) -> u64 {
        self.newest
    }

    /// Takes one away; whether it was there.
    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let before = self.set.len();
        self.set.retain(|injected| injected.id != id);
        self.set.len() < before
    }

    /// The first fault that strikes a call.
    pub(crate) fn strike(&mut self, now: DateTime<Utc>, dice: &mut Dice, call: &Struck<'_>) -> Option<Fault> {
        self.strike_in(now, dice, call).map(|(fault, _)| fault)
    }

    /// The same with the room that it was set for.
    pub(crate) fn strike_in(
        &mut self,
        now: DateTime<Utc>,
        dice: &mut Dice,
        call: &Struck<'_>,
    ) -> Option<(Fault, Option<RoomNumber>)> {
        let mut struck = None;
        for Injected { room, injection, .. } in &mut self.set {
            let here = room.is_none_or(|room| call.rooms.contains(&room));
            let this = injection.is_for(call.operation);
            if !here || !this || !injection.fault.concerns(call) {
                continue;
            }
            let hit = match &mut injection.strikes {
                Strikes::Next(left) => left.checked_sub(1).map(|fewer| *left = fewer).is_some(),
                Strikes::PerMille(rate) => dice.chance(*rate),
                Strikes::Between(from, until) => *from <= now && now < *until,
                Strikes::Always => true,
            };
            if hit {
                struck = Some((injection.fault, *room));
                break;
            }
        }
        self.set.retain(|injected| injected.injection.strikes != Strikes::Next(0));
        if let Some((fault, room)) = struck.filter(|_| call.moment == Moment::Call) {
            let here = call.rooms.iter().filter(|here| room.is_none_or(|room| room == **here));
            here.for_each(|room| self.tally.note(fault, *room, now));
        }
        struck
    }
}

impl World {
    /// Sets a fault.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownRoom`] when it names a room that is not there.
    pub fn inject(&mut self, injection: Injection) -> Result<(), SimError> {
        let room = injection.room.as_deref().map(|room| self.room_number(room)).transpose()?;
        self.faults.newest += 1;
        self.faults.set.push(Injected { id: self.faults.newest, room, injection });
        Ok(())
    }

    /// Takes all faults away.
    pub fn heal(&mut self) {
        self.faults.set.clear();
    }
}
