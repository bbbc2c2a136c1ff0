//! A believable week: what lies in the rooms' calendars to begin with, and one change every second or two.

mod week;

use chrono::{DateTime, Days, Duration, NaiveTime, Timelike as _, Utc};

use crate::dice::Dice;
use crate::item::{ResponseType, View};
use crate::meeting::MeetingHandle;
use crate::room::Room;
use crate::world::RoomNumber;
use crate::{Answer, AutomateProcessing, SimError, World};

pub use self::week::demo_week;

const PEOPLE: [&str; 8] = ["kim", "lee", "alex", "sam", "robin", "jo", "max", "ali"];
const SUBJECTS: [&str; 16] = [
    "Design review",
    "Budget",
    "Weekly planning",
    "Customer call",
    "Interview",
    "Release check",
    "Supplier meeting",
    "Road map",
    "Support hand-over",
    "Contract talks",
    "Training",
    "Retrospective",
    "Site visit",
    "Safety briefing",
    "Demo rehearsal",
    "Press call",
];
/// How far ahead of now the script books, unless the room's day ends before.
const HORIZON: Duration = Duration::hours(8);
/// So little of a day is not enough to play in: the script goes on into the next one.
const SHORTEST_DAY: Duration = Duration::hours(2);
/// A room with this many meetings ahead gets no more.
const CROWDED: usize = 9;

/// A script that is being played.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    rooms: Vec<RoomNumber>,
    /// Its own dice: faults do not change what it plays.
    dice: Dice,
}

/// One thing to do next.
#[derive(Debug, Clone, Copy)]
enum Step {
    Create,
    Move,
    Rename,
    Cancel,
    Accept,
}

/// Begins to play in rooms.
fn begin(world: &mut World, rooms: Vec<RoomNumber>, dice: Dice, now: DateTime<Utc>) {
    world.script = Some(Script { rooms, dice });
    world.wake_script(now + Duration::seconds(1));
}

/// Ends the script: from now on only what is due already happens.
pub fn end(world: &mut World) {
    world.script = None;
}

fn invite(
    world: &mut World,
    room: &str,
    dice: &mut Dice,
    (start, end): (DateTime<Utc>, DateTime<Utc>),
    now: DateTime<Utc>,
) -> Result<MeetingHandle, SimError> {
    let who = dice.pick(&PEOPLE).copied().unwrap_or("kim");
    let what = dice.pick(&SUBJECTS).copied().unwrap_or("Budget");
    world.organizer(who).invites(room).to(what).at(start, end).send(now)
}

/// Until when the script books: displays show a room's day.
fn horizon(room: &Room, at: DateTime<Utc>) -> DateTime<Utc> {
    let tomorrow = room.zone.date(at) + Days::new(1);
    let midnight = room.zone.instant(tomorrow.and_time(NaiveTime::MIN));
    if midnight - at < SHORTEST_DAY { at + HORIZON } else { midnight.min(at + HORIZON) }
}

fn quarter_before(now: DateTime<Utc>) -> DateTime<Utc> {
    let past = Duration::minutes(i64::from(now.minute() % 15)) + Duration::seconds(i64::from(now.second()));
    (now - past).with_nanosecond(0).unwrap_or(now)
}

impl World {
    /// Plays one step, and arranges for the next.
    pub(crate) fn play(&mut self, at: DateTime<Utc>) {
        let Some(mut script) = self.script.take() else { return };
        let dice = &mut script.dice;
        if let Some(room) = dice.pick(&script.rooms).copied() {
            // A sentence that makes no sense any more is left out.
            let _ = self.step(room, dice, at);
        }
        let pause = 1000 + i64::try_from(dice.below(1000)).unwrap_or(0);
        self.script = Some(script);
        self.wake_script(at + Duration::milliseconds(pause));
    }

    fn step(&mut self, room: RoomNumber, dice: &mut Dice, at: DateTime<Utc>) -> Result<(), SimError> {
        let Some(alias) = self.room(room).map(|room| room.alias.clone()) else { return Ok(()) };
        let (coming, waiting) = self.coming(room, at);
        let step = match dice.below(100) {
            _ if coming.len() < 3 && !waiting.is_empty() => Step::Accept,
            _ if coming.len() < 3 => Step::Create,
            0..40 if coming.len() < CROWDED => Step::Create,
            0..65 => Step::Move,
            65..85 => Step::Rename,
            85..95 if !waiting.is_empty() => Step::Accept,
            _ => Step::Cancel,
        };
        let chosen = match step {
            Step::Create => None,
            Step::Accept => dice.pick(&waiting).copied(),
            Step::Move | Step::Rename | Step::Cancel => dice.pick(&coming).copied(),
        };
        match (step, chosen) {
            (Step::Create, _) => {
                if let Some(slot) = self.free_slot(room, dice, at) {
                    invite(self, &alias, dice, slot, at)?;
                }
                Ok(())
            }
            (_, None) => Ok(()),
            (Step::Accept, Some(meeting)) => self.answer(&alias, meeting, Answer::Accept, at),
            (Step::Cancel, Some(meeting)) => self.cancel(meeting, at),
            (Step::Rename, Some(meeting)) => {
                let subject = dice.pick(&SUBJECTS).copied().unwrap_or("Budget");
                self.rename(meeting, subject, at)
            }
            (Step::Move, Some(meeting)) => match self.free_slot(room, dice, at) {
                Some((start, end)) => self.reschedule(meeting, start, end, at),
                None => Ok(()),
            },
        }
    }

    /// Single meetings that begin within the horizon: those that were accepted, and those that wait for a proxy.
    fn coming(&self, room: RoomNumber, at: DateTime<Utc>) -> (Vec<MeetingHandle>, Vec<MeetingHandle>) {
        let Some(room) = self.room(room) else { return (Vec::new(), Vec::new()) };
        let until = horizon(room, at);
        let attended = room.processing.automate_processing == AutomateProcessing::AutoAccept;
        let answered = |wanted: &dyn Fn(ResponseType) -> bool| {
            let items = room.calendar.items().filter(|item| {
                let single = item.recurrence.is_none() && !item.cancelled;
                single && item.start > at && item.start < until && wanted(item.response)
            });
            items.filter_map(|item| item.meeting).collect()
        };
        let accepted = answered(&|response| response == ResponseType::Accept);
        let waiting = answered(&|response| match response {
            ResponseType::Tentative => true,
            ResponseType::NoResponseReceived => !attended,
            _ => false,
        });
        (accepted, waiting)
    }

    /// A time at which nothing at all is in the room's calendar, not even what is cancelled.
    fn free_slot(
        &self,
        room: RoomNumber,
        dice: &mut Dice,
        at: DateTime<Utc>,
    ) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let room = self.room(room)?;
        let first = quarter_before(at) + Duration::minutes(15);
        let quarters = u64::try_from((horizon(room, at) - first).num_minutes() / 15).unwrap_or(0);
        (0..20).find_map(|_| {
            let start = first + Duration::minutes(15 * i64::try_from(dice.below(quarters)).unwrap_or(0));
            let length = dice.pick(&[15, 30, 30, 45, 60]).copied().unwrap_or(30);
            let end = start + Duration::minutes(length);
            room.calendar.view(start, end).iter().all(View::cancelled).then_some((start, end))
        })
    }
}
