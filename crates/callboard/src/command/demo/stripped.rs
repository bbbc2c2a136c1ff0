//! A meeting whose subject one of its rooms has lost: what callboard shows there comes from the other (rule S4).

use super::cast::Stage;
use anyhow::Context;
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use exchange_sim::{CalendarProcessing, World};

/// What the meeting is called.
const SUBJECT: &str = "Steering group";

/// Books the first two rooms for one meeting of today. The attendant of the second rewrites it, as those of new room mailboxes
/// do. It is a series, which the script leaves alone.
pub(super) fn book(world: &mut World, rooms: &[Stage], now: DateTime<Utc>) -> anyhow::Result<()> {
    let [first, second, ..] = rooms else { return Ok(()) };
    let before = [world.processing(&first.room)?, world.processing(&second.room)?];
    let at_once = |processing: CalendarProcessing| {
        CalendarProcessing { allow_conflicts: true, ..processing }.after(TimeDelta::zero())
    };
    world.set_processing(&first.room, at_once(before[0]))?;
    world.set_processing(&second.room, at_once(CalendarProcessing::default()))?;
    let hour = now.duration_trunc(TimeDelta::hours(1)).context("an hour has no beginning")?;
    let (start, end) = (hour + TimeDelta::hours(2), hour + TimeDelta::minutes(150));
    let meeting = world.organizer("robin").invites(&first.room).and(&second.room).to(SUBJECT);
    meeting.at(start, end).weekly().times(4).send(now)?;
    world.advance(now);
    for (stage, processing) in [first, second].into_iter().zip(before) {
        world.set_processing(&stage.room, processing)?;
    }
    Ok(())
}
