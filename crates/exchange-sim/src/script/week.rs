//! A believable week: what people find who look at the rooms' calendars on one of its days.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike as _, Days, Duration, NaiveDate, NaiveTime, Utc, Weekday};

use super::online::joined;
use super::{PEOPLE, SUBJECTS, begin};
use crate::dice::Dice;
use crate::item::{FreeBusy, View};
use crate::world::RoomNumber;
use crate::{Answer, AutomateProcessing, CalendarProcessing, MeetingHandle, Pattern, SimError, World, Zone};

/// When the first meeting may begin and the last must have ended, in minutes of the room's day.
const OPENS: u64 = 8 * 60;
const CLOSES: u64 = 18 * 60;
const WORKING_DAYS: [Weekday; 5] = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];

/// How many days before and after now have meetings, whatever week they are of.
const AROUND: u64 = 3;
/// How many rooms get a whole week. Of the others only two days are filled: ten thousand rooms shall fit in memory.
const WHOLE: usize = 100;
/// How many rooms share a meeting.
const SHARING: usize = 8;

type Span = (DateTime<Utc>, DateTime<Utc>);

/// Fills rooms with a plausible working week and goes on changing what lies ahead, at [`Pace::Believable`](super::Pace)
/// unless [`set_pace`](super::set_pace) says otherwise.
///
/// The week is that of `now`, on a weekend the next one; its days are those of each room's zone. Every room
/// gets a stand-up on every day and a weekly meeting, both begun weeks ago and both with exceptions, single
/// meetings, one of them private, one tentative, one cancelled and two that conflict, an all-day event and a
/// booking of its own; up to eight rooms share one meeting. Some invitations say how to join from afar. There are single meetings also on the days before and
/// after `now`, whatever week they are of, and on its own day even if that is a Sunday. Rooms beyond the first
/// hundred get the weekly meeting, and single ones today and tomorrow. What rooms should show after each step is
/// in [`World::changes`].
///
/// # Errors
///
/// [`SimError::NoRooms`], [`SimError::UnknownRoom`].
pub fn demo_week(world: &mut World, now: DateTime<Utc>, rooms: &[&str]) -> Result<(), SimError> {
    world.advance(now);
    if rooms.is_empty() {
        return Err(SimError::NoRooms);
    }
    let numbers = rooms.iter().map(|room| world.room_number(room)).collect::<Result<Vec<_>, _>>()?;
    let before = rooms.iter().map(|room| world.processing(room)).collect::<Result<Vec<_>, _>>()?;
    let mut dice = Dice::new(u64::from_be_bytes(world.dice.bytes()));
    for (room, processing) in rooms.iter().zip(&before) {
        let at_once = processing.deciding(AutomateProcessing::AutoAccept).after(Duration::zero());
        world.set_processing(room, at_once)?;
    }
    let weeks = rooms.iter().map(|room| Week::new(world, room, now)).collect::<Result<Vec<_>, _>>()?;
    let (whole, sketched) = weeks.split_at(weeks.len().min(WHOLE));
    for week in whole {
        week.furnish(world, &mut dice)?;
    }
    for neighbours in whole.chunks(SHARING) {
        all_hands(world, neighbours)?;
    }
    for week in whole {
        week.fill(world, &mut dice, &week.dates())?;
    }
    for week in sketched {
        week.team_meeting(world)?;
        week.fill(world, &mut dice, &BTreeSet::from([week.today, week.today + Days::new(1)]))?;
    }
    world.advance(now);
    for (room, processing) in rooms.iter().zip(before) {
        world.set_processing(room, processing)?;
    }
    begin(world, numbers, dice, now);
    Ok(())
}

/// A meeting that rooms share.
fn all_hands(world: &mut World, weeks: &[Week<'_>]) -> Result<(), SimError> {
    let Some((first, others)) = weeks.split_first() else { return Ok(()) };
    // On the half hour, so that no stand-up of a zone so many hours away is in its way.
    let (start, end) = first.at(Weekday::Thu, 14 * 60 + 30, 30);
    let everybody = world.organizer("robin").invites(first.room).to("All hands").in_zone(&first.zone);
    let everybody = others.iter().fold(everybody.at(start, end), |meeting, week| meeting.and(week.room));
    everybody.send(first.now)?;
    Ok(())
}

/// A room's working week.
struct Week<'a> {
    room: &'a str,
    number: RoomNumber,
    zone: Zone,
    today: NaiveDate,
    monday: NaiveDate,
    now: DateTime<Utc>,
}

impl<'a> Week<'a> {
    fn new(world: &World, room: &'a str, now: DateTime<Utc>) -> Result<Self, SimError> {
        let zone = world.named_room(room)?.zone.clone();
        let today = zone.date(now);
        let weekend = matches!(today.weekday(), Weekday::Sat | Weekday::Sun);
        let monday = today.week(Weekday::Mon).first_day() + Days::new(if weekend { 7 } else { 0 });
        Ok(Self { room, number: world.room_number(room)?, zone, today, monday, now })
    }

    fn date(&self, day: Weekday) -> NaiveDate {
        self.monday + Days::new(day.num_days_from_monday().into())
    }

    /// So many minutes, from a minute of a day on.
    fn at(&self, day: Weekday, minute: u64, length: u64) -> Span {
        self.on(self.date(day), minute, length)
    }

    /// The same three weeks earlier, by the wall clock.
    fn long_before(&self, day: Weekday, minute: u64, length: u64) -> Span {
        self.on(self.date(day) - Days::new(21), minute, length)
    }

    fn on(&self, date: NaiveDate, minute: u64, length: u64) -> Span {
        let wall = |minute: u64| date.and_time(NaiveTime::MIN) + Duration::minutes(minute.cast_signed());
        (self.zone.instant(wall(minute)), self.zone.instant(wall(minute + length)))
    }

    /// What the week always holds.
    fn furnish(&self, world: &mut World, dice: &mut Dice) -> Result<(), SimError> {
        self.series(world)?;
        let fair = world.organizer("jo").invites(self.room).to("Open day").in_zone(&self.zone);
        fair.all_day(self.date(Weekday::Fri), 1).showing(FreeBusy::Free).send(self.now)?;
        let (start, end) = self.at(Weekday::Wed, 17 * 60 + 30, 30);
        world.book(self.room, "Room check", start, end, self.now)?;
        self.doubtful(world, dice)?;
        self.conflict(world, dice)
    }

    /// Single meetings here and there.
    fn fill(&self, world: &mut World, dice: &mut Dice, dates: &BTreeSet<NaiveDate>) -> Result<(), SimError> {
        for date in dates {
            for _ in 0..2 + dice.below(3) {
                self.single(world, dice, *date)?;
            }
        }
        Ok(())
    }

    /// The days with single meetings: those of the week, those around now, and today.
    fn dates(&self) -> BTreeSet<NaiveDate> {
        let week = WORKING_DAYS.map(|day| self.date(day));
        let around =
            (self.today - Days::new(AROUND)).iter_days().take(usize::try_from(2 * AROUND + 1).unwrap_or(0));
        let works = |date: &NaiveDate| *date == self.today || WORKING_DAYS.contains(&date.weekday());
        week.into_iter().chain(around.filter(works)).collect()
    }

    /// A stand-up on every day and a weekly meeting: moved, renamed and called off here and there.
    fn series(&self, world: &mut World) -> Result<(), SimError> {
        let every_day = Pattern::Weekly { interval: 1, days: WORKING_DAYS.to_vec(), first_day: Weekday::Mon };
        let (start, end) = self.long_before(Weekday::Mon, 9 * 60, 15);
        let stand_up = world.organizer("alex").invites(self.room).to("Stand-up").in_zone(&self.zone);
        let stand_up = stand_up.at(start, end).every(every_day).times(50).send(self.now)?;
        let weekly = self.team_meeting(world)?;
        let (start, end) = self.at(Weekday::Wed, 11 * 60 + 30, 15);
        world.reschedule_occurrence(stand_up, self.date(Weekday::Wed), start, end, self.now)?;
        world.cancel_occurrence(stand_up, self.date(Weekday::Fri), self.now)?;
        let tuesday = self.date(Weekday::Tue);
        world.rename_occurrence(weekly, tuesday, "Team meeting with the auditors", self.now)?;
        world.delete_occurrence(self.room, weekly, tuesday + Days::new(7), self.now)
    }

    /// A weekly meeting that began weeks ago.
    fn team_meeting(&self, world: &mut World) -> Result<MeetingHandle, SimError> {
        let (start, end) = self.long_before(Weekday::Tue, 10 * 60, 60);
        let weekly = world.organizer("kim").invites(self.room).to("Team meeting").in_zone(&self.zone);
        weekly.with("lee").with("sam").at(start, end).weekly().times(10).send(self.now)
    }

    /// What is secret, undecided or called off.
    fn doubtful(&self, world: &mut World, dice: &mut Dice) -> Result<(), SimError> {
        let (start, end) = self.at(Weekday::Mon, 15 * 60, 45);
        let appraisal = world.organizer("lee").invites(self.room).to("Appraisal").in_zone(&self.zone);
        appraisal.private().at(start, end).send(self.now)?;
        let tentative = self.invite(world, dice, self.at(Weekday::Wed, 15 * 60, 60))?;
        world.answer(self.room, tentative, Answer::Tentative, self.now)?;
        let cancelled = self.invite(world, dice, self.at(Weekday::Thu, 10 * 60, 60))?;
        world.cancel(cancelled, self.now)
    }

    /// Two meetings of which somebody let the second in.
    fn conflict(&self, world: &mut World, dice: &mut Dice) -> Result<(), SimError> {
        self.invite(world, dice, self.at(Weekday::Fri, 10 * 60, 60))?;
        let processing = world.processing(self.room)?;
        world.set_processing(self.room, CalendarProcessing { allow_conflicts: true, ..processing })?;
        self.invite(world, dice, self.at(Weekday::Fri, 10 * 60 + 30, 60))?;
        world.set_processing(self.room, processing)
    }

    /// One more meeting, where the day has room for it.
    fn single(&self, world: &mut World, dice: &mut Dice, date: NaiveDate) -> Result<(), SimError> {
        let slot = (0..20).find_map(|_| {
            let length = dice.pick(&[30, 30, 45, 60, 60, 90]).copied().unwrap_or(30);
            let quarters = (CLOSES - OPENS - length) / 15;
            let slot = self.on(date, OPENS + 15 * dice.below(quarters + 1), length);
            self.is_free(world, slot).then_some(slot)
        });
        slot.map_or(Ok(()), |slot| self.invite(world, dice, slot).map(|_| ()))
    }

    /// Whether nothing lies there but what lasts all day or was called off.
    fn is_free(&self, world: &World, (start, end): Span) -> bool {
        let passes = |view: &View<'_>| view.cancelled() || view.item.all_day;
        world.room(self.number).is_some_and(|room| room.calendar.view(start, end).iter().all(passes))
    }

    /// Invites the room; it has answered when this returns.
    fn invite(
        &self,
        world: &mut World,
        dice: &mut Dice,
        (start, end): Span,
    ) -> Result<MeetingHandle, SimError> {
        let who = dice.pick(&PEOPLE).copied().unwrap_or("kim");
        let what = dice.pick(&SUBJECTS).copied().unwrap_or("Budget");
        let meeting = world.organizer(who).invites(self.room).to(what).in_zone(&self.zone);
        let meeting = joined(meeting, what).at(start, end).send(self.now)?;
        world.advance(self.now);
        Ok(meeting)
    }
}
