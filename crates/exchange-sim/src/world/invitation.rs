//! The sentence an organizer says: who invites which rooms to what, when, how often.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};

use super::World;
use crate::item::{FreeBusy, Sensitivity};
use crate::meeting::{Meeting, MeetingHandle};
use crate::particulars::Particulars;
use crate::{GlobalObjectId, Pattern, Range, Recurrence, SimError, Zone};

/// A person about to invite.
#[derive(Debug)]
pub struct Organizer<'a> {
    world: &'a mut World,
    alias: String,
}

impl<'a> Organizer<'a> {
    /// Names the first room.
    pub fn invites(self, room: &str) -> Invitation<'a> {
        let now = self.world.now;
        Invitation {
            world: self.world,
            organizer: self.alias,
            rooms: vec![room.to_owned()],
            attendees: Vec::new(),
            optional: Vec::new(),
            subject: String::new(),
            body: String::new(),
            attached: false,
            location: None,
            join_url: None,
            sensitivity: Sensitivity::Normal,
            show_as: FreeBusy::Busy,
            start: now,
            end: now,
            all_day: None,
            zone: Zone::utc(),
            pattern: None,
            range: Range::NoEnd,
            uid: None,
        }
    }
}

/// An invitation being written; nothing happens before [`Invitation::send`].
#[derive(Debug)]
pub struct Invitation<'a> {
    world: &'a mut World,
    organizer: String,
    rooms: Vec<String>,
    attendees: Vec<String>,
    optional: Vec<String>,
    subject: String,
    body: String,
    attached: bool,
    location: Option<String>,
    join_url: Option<String>,
    sensitivity: Sensitivity,
    show_as: FreeBusy,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    all_day: Option<(NaiveDate, u64)>,
    zone: Zone,
    pattern: Option<Pattern>,
    range: Range,
    uid: Option<String>,
}

impl Invitation<'_> {
    /// One more room.
    #[must_use]
    pub fn and(mut self, room: &str) -> Self {
        self.rooms.push(room.to_owned());
        self
    }

    /// The subject.
    #[must_use]
    pub fn to(mut self, subject: &str) -> Self {
        subject.clone_into(&mut self.subject);
        self
    }

    /// Start and end.
    #[must_use]
    pub fn at(mut self, start: DateTime<Utc>, end: DateTime<Utc>) -> Self {
        (self.start, self.end) = (start, end);
        self
    }

    /// Whole civil days of the meeting's zone, from `first` on.
    #[must_use]
    pub fn all_day(mut self, first: NaiveDate, days: u64) -> Self {
        self.all_day = Some((first, days));
        self
    }

    /// The zone it is written in; UTC unless said.
    #[must_use]
    pub fn in_zone(mut self, zone: &Zone) -> Self {
        self.zone = zone.clone();
        self
    }

    /// One more person.
    #[must_use]
    pub fn with(mut self, person: &str) -> Self {
        self.attendees.push(person.to_owned());
        self
    }

    /// One more person, who need not come.
    #[must_use]
    pub fn perhaps_with(mut self, person: &str) -> Self {
        self.optional.push(person.to_owned());
        self
    }

    /// The body, as plain text.
    #[must_use]
    pub fn saying(mut self, body: &str) -> Self {
        body.clone_into(&mut self.body);
        self
    }

    /// With something attached.
    #[must_use]
    pub fn attaching(mut self) -> Self {
        self.attached = true;
        self
    }

    /// The location; the rooms' names unless said.
    #[must_use]
    pub fn located(mut self, location: &str) -> Self {
        self.location = Some(location.to_owned());
        self
    }

    /// The address to join it online.
    #[must_use]
    pub fn online(mut self, join_url: &str) -> Self {
        self.join_url = Some(join_url.to_owned());
        self
    }

    /// The UID that another calendar made up for it; Exchange's own unless said.
    #[must_use]
    pub fn known_as(mut self, uid: &str) -> Self {
        self.uid = Some(uid.to_owned());
        self
    }

    /// Flags it as private.
    #[must_use]
    pub fn private(self) -> Self {
        self.sensitivity(Sensitivity::Private)
    }

    /// How secret it is.
    #[must_use]
    pub fn sensitivity(mut self, sensitivity: Sensitivity) -> Self {
        self.sensitivity = sensitivity;
        self
    }

    /// How it is to show on free/busy bars.
    #[must_use]
    pub fn showing(mut self, show_as: FreeBusy) -> Self {
        self.show_as = show_as;
        self
    }

    /// Every day.
    #[must_use]
    pub fn daily(self) -> Self {
        self.every(Pattern::Daily { interval: 1 })
    }

    /// Every week, on the day of the start.
    #[must_use]
    pub fn weekly(self) -> Self {
        self.every(Pattern::Weekly { interval: 1, days: Vec::new(), first_day: chrono::Weekday::Mon })
    }

    /// Any pattern.
    #[must_use]
    pub fn every(mut self, pattern: Pattern) -> Self {
        self.pattern = Some(pattern);
        self
    }

    /// That many times; for ever unless said.
    #[must_use]
    pub fn times(mut self, count: u32) -> Self {
        self.range = Range::Count(count);
        self
    }

    /// Up to that civil date, included.
    #[must_use]
    pub fn until(mut self, last: NaiveDate) -> Self {
        self.range = Range::Until(last);
        self
    }

    /// Through that range.
    #[must_use]
    pub(crate) fn through(mut self, range: Range) -> Self {
        self.range = range;
        self
    }

    /// Sends it. The rooms' attendants begin with their work.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownRoom`], [`SimError::EndsBeforeStart`].
    pub fn send(self, now: DateTime<Utc>) -> Result<MeetingHandle, SimError> {
        self.world.advance(now);
        let rooms =
            self.rooms.iter().map(|room| self.world.room_number(room)).collect::<Result<Vec<_>, _>>()?;
        let resources = rooms.iter().filter_map(|room| self.world.room(*room));
        let resources = resources.map(|room| room.mailbox.clone()).collect();
        let (start, end) = self.all_day.map_or((self.start, self.end), |(first, days)| {
            let midnight = |date: NaiveDate| self.zone.instant(date.and_time(NaiveTime::MIN));
            (midnight(first), midnight(first + Days::new(days)))
        });
        if end < start {
            return Err(SimError::EndsBeforeStart);
        }
        let first = self.zone.date(start);
        let recurrence = self.pattern.map(|pattern| Recurrence { pattern, start: first, range: self.range });
        let own = GlobalObjectId::new(&mut self.world.dice, now);
        let meeting = Meeting {
            id: self.uid.as_deref().map_or(own, GlobalObjectId::foreign),
            organizer: self.world.person(&self.organizer),
            attendees: self.attendees.iter().map(|alias| self.world.person(alias)).collect(),
            optional: self.optional.iter().map(|alias| self.world.person(alias)).collect(),
            resources,
            sent: true,
            rooms,
            subject: self.subject,
            body: self.body,
            attached: self.attached,
            location: self.location,
            join_url: self.join_url,
            particulars: Particulars::none(),
            sensitivity: self.sensitivity,
            show_as: self.show_as,
            start,
            end,
            zone: self.zone,
            all_day: self.all_day.is_some(),
            recurrence,
            exceptions: std::collections::BTreeMap::new(),
            sequence: 0,
            cancelled: false,
        };
        Ok(self.world.publish(meeting, now))
    }
}

impl World {
    /// Somebody, by alias, about to invite rooms: `world.organizer("kim").invites("berlin")`.
    pub fn organizer(&mut self, alias: &str) -> Organizer<'_> {
        Organizer { world: self, alias: alias.to_owned() }
    }
}
