//! The sentence with which a test begins: which rooms there are, and what is in their calendars.

use crate::stage::Stage;
use chrono::TimeDelta;
use humantime_serde::re::humantime::parse_duration;

/// Begins a site: a stand-in Exchange that knows the account the program signs in with.
pub fn exchange() -> Plan {
    Plan::default()
}

/// A site that is being described. A word about a meeting is about the last one named, a meeting is in the last room.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    pub(crate) rooms: Vec<PlannedRoom>,
}

/// A room with a phone.
#[derive(Debug, Clone)]
pub(crate) struct PlannedRoom {
    pub(crate) alias: String,
    pub(crate) meetings: Vec<PlannedMeeting>,
}

/// A meeting that is in the calendar before anybody looks.
#[derive(Debug, Clone)]
pub(crate) struct PlannedMeeting {
    pub(crate) subject: String,
    pub(crate) from: TimeDelta,
    pub(crate) length: TimeDelta,
    pub(crate) private: bool,
    pub(crate) tentative: bool,
    pub(crate) days: Option<u32>,
}

impl Plan {
    /// A room, in a city where it is early in the morning.
    #[must_use]
    pub fn room(mut self, alias: &str) -> Self {
        self.rooms.push(PlannedRoom { alias: alias.to_owned(), meetings: Vec::new() });
        self
    }

    /// A meeting in the last room, in an hour, for half an hour, accepted.
    #[must_use]
    pub fn meeting(mut self, subject: &str) -> Self {
        let meeting = PlannedMeeting {
            subject: subject.to_owned(),
            from: TimeDelta::hours(1),
            length: TimeDelta::minutes(30),
            private: false,
            tentative: false,
            days: None,
        };
        self.rooms.last_mut().expect("a room comes before its meetings").meetings.push(meeting);
        self
    }

    /// When it begins, from now: `+2h`, `-30m`.
    #[must_use]
    pub fn at(self, offset: &str) -> Self {
        self.with(|meeting| meeting.from = span(offset))
    }

    /// It is private.
    #[must_use]
    pub fn private(self) -> Self {
        self.with(|meeting| meeting.private = true)
    }

    /// The room has accepted it only tentatively.
    #[must_use]
    pub fn tentative(self) -> Self {
        self.with(|meeting| meeting.tentative = true)
    }

    /// It takes place on that many days in a row.
    #[must_use]
    pub fn daily(self, days: u32) -> Self {
        self.with(|meeting| meeting.days = Some(days))
    }

    /// Sets the stage: stand-ins and configuration. No daemon runs.
    pub async fn open(self) -> Stage {
        Stage::set(&self).await
    }

    /// Sets the stage, and starts the daemon in this process. Every room has been read.
    pub async fn run(self) -> Stage {
        let mut stage = self.open().await;
        stage.start().await;
        stage
    }

    fn with(mut self, change: impl FnOnce(&mut PlannedMeeting)) -> Self {
        let last = self.rooms.last_mut().and_then(|room| room.meetings.last_mut());
        change(last.expect("a meeting comes before what is said of it"));
        self
    }
}

/// `+2h` or `-30m` as a span.
pub(crate) fn span(offset: &str) -> TimeDelta {
    let (sign, length) = match offset.split_at_checked(1) {
        Some(("+", length)) => (1, length),
        Some(("-", length)) => (-1, length),
        _ => panic!("expected `+` or `-` and a span of time, found `{offset}`"),
    };
    let length = parse_duration(length).expect("a span of time such as `2h`");
    TimeDelta::from_std(length).expect("a short span") * sign
}
