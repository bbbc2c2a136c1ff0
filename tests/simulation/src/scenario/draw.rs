//! A scenario, drawn from a seed.

use super::{
    Act, Face, Scenario, Scene, Size,
    act::{Deed, Invitation, MeetingId, Service, Strikes, Times},
    faults, wording,
};
use crate::{
    dice::Dice,
    run::{Mishap, When},
    scenario::Deceit,
};
use chrono::{DateTime, Datelike, Days, TimeDelta, Utc, Weekday};
use exchange_sim::{
    Answer, AutomateProcessing, CalendarProcessing, DayIndex, DayKind, Fault, MailboxState, Pattern, Range,
};
use std::time::Duration;
use sync_engine::Notifications;

const ORGANIZERS: [&str; 6] = ["kim", "lee", "sam", "ada", "noor", "ivo"];

/// The zones in which people write, by their Windows ids.
const WRITTEN_IN: [&str; 6] = [
    "UTC",
    "W. Europe Standard Time",
    "Eastern Standard Time",
    "AUS Eastern Standard Time",
    "India Standard Time",
    "Pacific SA Standard Time",
];

/// The zones of walls.
const WALLS: [&str; 4] = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"];

/// What was drawn before there was anything else to draw stays as it is: the rest has dice of its own.
const OTHER_DICE: u64 = 0x6c61_7465_6e65_7373;

const HOUR: Duration = Duration::from_hours(1);

pub(super) fn scenario(seed: u64, size: Size) -> Scenario {
    let mut dice = Dice::new(seed);
    let begins = DateTime::from_timestamp(1_767_600_000 + dice.between(0, 360 * 24 * 3600), 0);
    let begins = begins.expect("an instant of 2026");
    let face = face(&mut dice);
    let seldom = dice.chance(25);
    let renew = size.renew.unwrap_or(match face {
        Face::Webdav { .. } => HOUR * 2 / 3,
        Face::Ews(_) => HOUR / 3,
    });
    let drawn = if seldom { HOUR * 24 * 90 } else { HOUR };
    let reconcile = size.reconcile.unwrap_or(drawn);
    let pull = size.pull.unwrap_or(Duration::from_secs(dice.pick(&[15, 60, 300])));
    let rooms: Vec<_> = (0..size.rooms).map(|_| (treatment(&mut dice), dice.pick(&WALLS))).collect();
    let mut drawing = Drawing { dice, begins, rooms: size.rooms, made: Vec::new(), deceives: !seldom };
    let mut scenes = drawing.scenes(size);
    scenes.sort_by_key(|scene| scene.at);
    let mut dice = Dice::new(seed ^ OTHER_DICE);
    let (late, word) = (dice.chance(40), dice.chance(50));
    let (late, word) = (size.late.unwrap_or(late), size.late.unwrap_or(word));
    let (html, links) = (false, false);
    let mut scenario =
        Scenario { seed, begins, face, pull, renew, reconcile, late, word, rooms, html, links, scenes };
    wording::write(&mut scenario, &drawing.made);
    scenario
}

fn face(dice: &mut Dice) -> Face {
    let webdav = |dice: &mut Dice| Face::Webdav { newer: dice.chance(50), form: dice.chance(50) };
    match dice.below(6) {
        0 | 1 => Face::Ews(Notifications::Streaming),
        2 => Face::Ews(Notifications::Pull),
        3 => Face::Ews(Notifications::Push),
        _ => webdav(dice),
    }
}

/// How a room treats requests.
fn treatment(dice: &mut Dice) -> CalendarProcessing {
    let preserving = CalendarProcessing::preserving();
    let after = |dice: &mut Dice| TimeDelta::milliseconds(dice.pick(&[0, 300, 3_000, 20_000]));
    match dice.below(10) {
        0 => CalendarProcessing::default(),
        1 => preserving.deciding(AutomateProcessing::AutoUpdate),
        2 => preserving.deciding(AutomateProcessing::None),
        3 => CalendarProcessing { remove_canceled_meetings: true, ..preserving.after(after(dice)) },
        4 => CalendarProcessing { allow_conflicts: true, ..preserving.after(after(dice)) },
        5 => CalendarProcessing {
            conflict_percentage_allowed: 60,
            maximum_conflict_instances: 99,
            ..preserving
        },
        _ => preserving.after(after(dice)),
    }
}

/// A meeting that was made.
#[derive(Debug, Clone)]
pub(super) struct Made {
    pub(super) id: MeetingId,
    pub(super) rooms: Vec<usize>,
    pub(super) recurs: bool,
    pub(super) private: bool,
    /// Whether the room has written it itself: there is nothing to answer.
    pub(super) booked: bool,
}

struct Drawing {
    dice: Dice,
    begins: DateTime<Utc>,
    rooms: usize,
    made: Vec<Made>,
    /// Whether Exchange may say what is not so.
    deceives: bool,
}

impl Drawing {
    fn scenes(&mut self, size: Size) -> Vec<Scene> {
        let rooms = u32::try_from(size.rooms).unwrap_or(u32::MAX);
        let acts = self.moments(size.days, size.acts * rooms * size.days);
        let mut scenes: Vec<Scene> = Vec::new();
        for at in acts {
            let act = self.act(at);
            scenes.push(Scene { at, act });
        }
        for at in self.moments(size.days, size.faults * size.days) {
            let (act, end) = self.trouble();
            let end = end.map(|(after, act)| Scene { at: at + after, act });
            scenes.extend([Scene { at, act }].into_iter().chain(end));
        }
        scenes
    }

    /// So many moments, in order; some follow others closely, and some are the very beginning.
    fn moments(&mut self, days: u32, count: u32) -> Vec<TimeDelta> {
        let span = i64::from(days) * 24 * 3600 * 1000;
        let mut moments: Vec<i64> = Vec::new();
        for _ in 0..count {
            let near = moments.last().copied().filter(|_| self.dice.chance(30));
            let at = match near {
                Some(near) => near + self.dice.between(0, 6_000),
                None if self.dice.chance(8) => self.dice.between(0, 60_000),
                None => self.dice.between(0, span),
            };
            moments.push(at.min(span));
        }
        moments.sort_unstable();
        moments.into_iter().map(TimeDelta::milliseconds).collect()
    }

    fn act(&mut self, at: TimeDelta) -> Act {
        let invites = self.made.is_empty() || self.dice.chance(40);
        if invites {
            return self.invite(at);
        }
        let last = self.made.len() - 1;
        let recent = if self.dice.chance(50) { last.saturating_sub(5) } else { 0 };
        let which = recent + self.dice.index(last - recent + 1);
        let made = self.made.get(which).cloned().expect("it is one of them");
        Act::Do(made.id, self.deed(&made))
    }

    fn invite(&mut self, at: TimeDelta) -> Act {
        let id = MeetingId(u32::try_from(self.made.len()).unwrap_or(u32::MAX));
        let books = self.dice.chance(12);
        let mut rooms = vec![self.dice.index(self.rooms)];
        while !books && self.dice.chance(25) {
            let other = self.dice.index(self.rooms);
            if !rooms.contains(&other) {
                rooms.push(other);
            }
        }
        let recurs = !books && self.dice.chance(18);
        let private = !books && self.dice.chance(10);
        let times = self.times(at);
        let invitation = Invitation {
            rooms: rooms.clone(),
            organizer: self.dice.pick(&ORGANIZERS),
            subject: self.subject(id, private),
            times,
            whole_days: (!books && self.dice.chance(5)).then(|| 1 + self.dice.below(3)),
            zone: self.dice.pick(&WRITTEN_IN),
            private,
            series: recurs.then(|| self.series(times)),
            location: None,
            body: None,
            link: None,
        };
        self.made.push(Made { id, rooms, recurs, private, booked: books });
        if books { Act::Book(id, invitation) } else { Act::Invite(id, invitation) }
    }

    /// What private meetings are called is known wherever it turns up.
    fn subject(&mut self, id: MeetingId, private: bool) -> String {
        let number = self.dice.below(1000);
        let word = if private { crate::run::SECRET } else { "about" };
        let strange = ["", "", "", "", " \u{202E}abc", " Ünïcödé 会議", "\t tab", " &<>\"'"];
        let strange = if private { "" } else { self.dice.pick(&strange) };
        format!("{word} {} {number}{strange}", id.0)
    }

    fn times(&mut self, at: TimeDelta) -> Times {
        let ahead = self.dice.weighed(&[(50, (-2, 12)), (25, (12, 48)), (20, (48, 240)), (5, (-72, 1200))]);
        let hours = TimeDelta::hours(self.dice.between(ahead.0, ahead.1));
        let quarter = TimeDelta::minutes(15 * self.dice.between(0, 3));
        let day = self.begins.timestamp().div_euclid(3600) * 3600;
        let hour = DateTime::from_timestamp(day, 0).unwrap_or(self.begins);
        let start = hour + TimeDelta::hours(at.num_hours()) + hours + quarter;
        let minutes = self.dice.weighed(&[(60, 30), (25, 60), (5, 0), (5, 240), (2, 3000), (3, 1)]);
        Times { start, lasts: TimeDelta::minutes(minutes) }
    }

    fn series(&mut self, times: Times) -> (Pattern, Range) {
        let kind = self.dice.pick(&[
            DayKind::One(Weekday::Tue),
            DayKind::Weekday,
            DayKind::WeekendDay,
            DayKind::Day,
        ]);
        let index = self.dice.pick(&[DayIndex::First, DayIndex::Third, DayIndex::Last]);
        let interval = self.dice.pick(&[1, 1, 1, 2, 3]);
        let (day, month) = (times.start.day(), times.start.month());
        let days = self.dice.pick(&[
            &[][..],
            &[Weekday::Mon, Weekday::Wed, Weekday::Fri][..],
            &[Weekday::Sun, Weekday::Tue][..],
        ]);
        let pattern = match self.dice.below(8) {
            0 | 1 => Pattern::Daily { interval },
            2..=4 => Pattern::Weekly { interval, days: days.to_vec(), first_day: Weekday::Mon },
            5 => Pattern::AbsoluteMonthly { interval, day },
            6 => Pattern::RelativeMonthly { interval, day: kind, index },
            _ if month.is_multiple_of(2) => Pattern::RelativeYearly { month, day: kind, index },
            _ => Pattern::AbsoluteYearly { month, day },
        };
        let until = times.start.date_naive() + Days::new(self.dice.below(60));
        let count = u32::try_from(1 + self.dice.below(30)).unwrap_or(1);
        let range = self.dice.pick(&[Range::NoEnd, Range::Count(count), Range::Until(until)]);
        (pattern, range)
    }

    fn deed(&mut self, made: &Made) -> Deed {
        let by = TimeDelta::minutes(15 * self.dice.between(-40, 40));
        let lasts = TimeDelta::minutes(self.dice.pick(&[30, 30, 60, 90]));
        let room = self.dice.pick(&made.rooms);
        let which = self.dice.index(12);
        let answer = self.dice.pick(&[Answer::Accept, Answer::Accept, Answer::Tentative, Answer::Decline]);
        if made.recurs && self.dice.chance(65) {
            return match self.dice.below(8) {
                0 | 1 => Deed::MoveOne(which, by),
                2 => Deed::RenameOne(which, self.subject(made.id, made.private)),
                3 | 4 => Deed::CancelOne(which),
                5 => Deed::DeleteOne(which, room),
                6 => Deed::AnswerOne(which, room, answer),
                _ => Deed::HideOne(which),
            };
        }
        match self.dice.below(16) {
            0..=4 => Deed::Move(by, lasts),
            5..=7 => Deed::Rename(self.subject(made.id, made.private)),
            8..=10 => Deed::Cancel,
            11 | 12 if !made.booked => Deed::Answer(room, answer),
            11..=14 => Deed::Delete(room),
            _ => Deed::Hide(made.private || self.dice.chance(70)),
        }
    }

    /// What goes wrong, and what ends it, after some time.
    fn trouble(&mut self) -> (Act, Option<(TimeDelta, Act)>) {
        let room = self.dice.index(self.rooms);
        let later = TimeDelta::seconds(self.dice.weighed(&[(50, 40), (30, 600), (15, 2_700), (5, 20_000)]));
        let service = |service| Act::Service(service);
        match self.dice.below(30) {
            0..=14 => self.fault(room),
            15 => (service(Service::Cut(true)), Some((later, service(Service::Cut(false))))),
            16 => (service(Service::Restart(later.min(TimeDelta::minutes(10)))), None),
            17 => (service(self.dice.pick(&[Service::FailOver, Service::EndSessions])), None),
            18 => (Act::MoveMailbox(room), None),
            19 => {
                let state = self.dice.pick(&[
                    MailboxState::Moving,
                    MailboxState::StoreUnavailable,
                    MailboxState::OtherSite,
                    MailboxState::Full,
                ]);
                (Act::Mailbox(room, state), Some((later, Act::Mailbox(room, MailboxState::Healthy))))
            }
            20..=22 => (Act::Mishap(self.death()), None),
            23 => {
                let times = u32::try_from(1 + self.dice.below(4)).unwrap_or(1);
                (Act::Mishap(Mishap::Disk(times)), None)
            }
            24 => {
                let by = TimeDelta::seconds(self.dice.pick(&[-3_600, -90, -3, 2, 90, 3_600]));
                let back = Act::Mishap(Mishap::Clock(-by));
                (Act::Mishap(Mishap::Clock(by)), Some((later, back)))
            }
            25 => (Act::Phone(room, false), Some((later, Act::Phone(room, true)))),
            26 => (Act::Reboot(room), None),
            27 => {
                let times = u32::try_from(1 + self.dice.below(3)).unwrap_or(1);
                (if self.dice.chance(50) { Act::Mute(room, times) } else { Act::Slow(room, times) }, None)
            }
            28 => (Act::Switch(room, true), Some((later, Act::Switch(room, false)))),
            _ => (Act::Resync(room), None),
        }
    }

    fn fault(&mut self, room: usize) -> (Act, Option<(TimeDelta, Act)>) {
        let fits = |fault: &Fault| faults::befalls(*fault) && (self.deceives || !fault.deceives());
        let faults: Vec<Fault> = Fault::NAMES.into_iter().map(|(_, fault)| fault).filter(fits).collect();
        let fault = self.dice.pick(&faults);
        let count = u32::try_from(1 + self.dice.below(6)).unwrap_or(1);
        let long = TimeDelta::seconds(self.dice.pick(&[5, 60, 900]));
        let strikes = match self.dice.below(10) {
            0..=5 => Strikes::Next(count),
            6 | 7 => Strikes::For(long),
            _ => Strikes::PerMille(300),
        };
        let room = self.dice.chance(60).then_some(room);
        let end = matches!(strikes, Strikes::PerMille(_));
        let end = end.then(|| (TimeDelta::minutes(20), Act::Service(Service::Heal)));
        (Act::Fault { fault, strikes, room }, end)
    }

    fn death(&mut self) -> Mishap {
        let when = self.dice.pick(&[When::AtOnce, When::BeforeCommit, When::AfterCommit]);
        let after = u32::try_from(self.dice.below(4)).unwrap_or_default();
        let away = TimeDelta::milliseconds(self.dice.pick(&[0, 200, 5_000, 600_000]));
        Mishap::Death { when, after, away }
    }
}
