//! A believable week: what lies in the rooms' calendars to begin with, and what people change of it.

mod online;
mod pace;
mod week;

use chrono::{DateTime, Days, Duration, NaiveTime, Timelike as _, Utc};

use crate::dice::Dice;
use crate::item::{ResponseType, View};
use crate::meeting::MeetingHandle;
use crate::room::Room;
use crate::world::RoomNumber;
use crate::{Answer, AutomateProcessing, SimError, World};

pub use self::pace::Pace;
pub use self::week::demo_week;

use self::pace::Beat;

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
/// How soon the first thing happens.
const FIRST_STEP: Duration = Duration::seconds(1);
/// How many rooms are looked at for one where it is not night.
const LOOKS: usize = 12;
/// When people have gone home.
const EVENING: Duration = Duration::hours(20);
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
    beat: Beat,
    /// When the next step is due; nothing else that wakes the script counts.
    due: Option<DateTime<Utc>>,
}

impl Script {
    fn new(rooms: Vec<RoomNumber>, dice: Dice, now: DateTime<Utc>) -> Self {
        Self { rooms, dice, beat: Beat::new(Pace::default(), now), due: None }
    }
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
    world.script = Some(Script::new(rooms, dice, now));
    set_pace(world, Pace::default());
}

/// Lets the script go on at another pace, if one is being played; says whether one is.
pub fn set_pace(world: &mut World, pace: Pace) -> bool {
    let now = world.now;
    let Some(script) = &mut world.script else { return false };
    script.beat = Beat::new(pace, now);
    let due = now + FIRST_STEP;
    script.due = Some(due);
    world.wake_script(due);
    true
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
    online::joined(world.organizer(who).invites(room).to(what), what).at(start, end).send(now)
}

/// Until when the script books: displays show a room's day, and nobody meets late in the evening who can meet before.
fn horizon(room: &Room, at: DateTime<Utc>) -> DateTime<Utc> {
    let today = room.zone.date(at);
    let midnight = room.zone.instant((today + Days::new(1)).and_time(NaiveTime::MIN));
    let evening = room.zone.instant(today.and_time(NaiveTime::MIN) + EVENING);
    let ends = [evening, midnight].into_iter().find(|ends| *ends - at >= SHORTEST_DAY);
    ends.map_or(at + HORIZON, |ends| ends.min(at + HORIZON))
}

fn quarter_before(now: DateTime<Utc>) -> DateTime<Utc> {
    let past = Duration::minutes(i64::from(now.minute() % 15)) + Duration::seconds(i64::from(now.second()));
    (now - past).with_nanosecond(0).unwrap_or(now)
}

impl World {
    /// Plays one step, and arranges for the next.
    pub(crate) fn play(&mut self, at: DateTime<Utc>) {
        let Some(mut script) = self.script.take_if(|script| script.due == Some(at)) else { return };
        if let Some(room) = self.at_work(&mut script, at) {
            // A sentence that makes no sense any more is left out.
            let _ = self.step(room, &mut script.dice, at);
        }
        script.due = script.beat.pause(at, &mut script.dice).map(|pause| at + pause);
        let due = script.due;
        self.script = Some(script);
        if let Some(due) = due {
            self.wake_script(due);
        }
    }

    /// A room in which somebody does something: it is not night there, and people are busy.
    fn at_work(
        &self,
        Script { rooms, dice, beat, .. }: &mut Script,
        at: DateTime<Utc>,
    ) -> Option<RoomNumber> {
        let (awake, busy) = (0..LOOKS.min(rooms.len())).find_map(|_| {
            let number = dice.pick(rooms).copied()?;
            let busy = beat.busy(&self.room(number)?.zone, at);
            (busy > 0).then_some((number, busy))
        })?;
        (dice.below(10) < busy).then_some(awake)
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

    /// A time at which nothing is in the room's calendar but what was called off, or lasts all day.
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
            let passes = |view: &View<'_>| view.cancelled() || view.item.all_day;
            room.calendar.view(start, end).iter().all(passes).then_some((start, end))
        })
    }
}
