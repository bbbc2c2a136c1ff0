//! What the audience sees: the phones, live; a line for each change; or JSON.

use crate::command::{
    Terminal,
    demo::{
        cast::{Cast, SIGN_IN},
        follow::{Arrival, Follower, Summary},
        picture::Size,
    },
};
use exchange_sim::{Expect, phone::Screen};
use meeting_model::privacy::MASK;
use serde::Serialize;
use serde_json::json;
use std::io;

/// What the audience sees.
pub(super) struct Show<'a, 'b> {
    json: bool,
    feed: String,
    cast: &'a Cast,
    terminal: &'a mut Terminal<'b>,
    drawn: Vec<(&'a str, Screen)>,
    last: String,
    height: usize,
}

impl<'a, 'b> Show<'a, 'b> {
    pub(super) fn new(json: bool, feed: &str, cast: &'a Cast, terminal: &'a mut Terminal<'b>) -> Self {
        let (drawn, last, height) = (Vec::new(), String::new(), 0);
        Self { json, feed: feed.to_owned(), cast, terminal, drawn, last, height }
    }

    /// Says where the feed is.
    pub(super) fn opening(&mut self) -> io::Result<()> {
        let rooms: Vec<&str> = self.cast.rooms.iter().map(|stage| stage.room.as_str()).collect();
        if self.json {
            let told = json!({ "feed": self.feed, "rooms": rooms });
            return self.say(&event("started", told));
        }
        let first = rooms.first().copied().unwrap_or_default();
        self.say(&format!("callboard demo: {} rooms, the feed at {}", rooms.len(), self.feed))?;
        self.say(&format!("  {0}/   every room; sign in with `{SIGN_IN}`", self.feed))?;
        self.say(&format!("  {0}/rooms/{first}   the tablet at the door", self.feed))?;
        self.say(&format!("  {0}/phone/{first}/menu.xml   what the phone in {first} fetches", self.feed))?;
        if let Some(second) = rooms.get(1) {
            let found = "a subject that Exchange took away, and where it was found: under Decisions";
            self.say(&format!("  {}/admin/rooms/{second}   {found}", self.feed))?;
        }
        self.say(&format!("  {0}/api/rooms   the same for programs; Ctrl-C ends it", self.feed))?;
        self.say(&format!("  {}\n", self.cast.others.line()))
    }

    /// Shows what has arrived.
    pub(super) fn follow(&mut self, arrivals: &[Arrival], follower: &Follower) -> io::Result<()> {
        let size = Size::of_stdout().filter(|_| !self.json);
        if let Some(size) = size {
            return self.draw(size, arrivals.last(), follower);
        }
        for arrival in arrivals {
            self.say(&if self.json { event("change", arrival) } else { text_line(arrival) })?;
        }
        Ok(())
    }

    /// Draws the phones where they were drawn before.
    fn draw(&mut self, size: Size, last: Option<&Arrival>, follower: &Follower) -> io::Result<()> {
        let rooms = self.cast.rooms.iter().map(|stage| stage.room.as_str());
        let phones: Vec<(&str, Screen)> = rooms
            .take(size.phones(self.cast.rooms.len()).0)
            .map(|room| (room, self.cast.screen(room)))
            .collect();
        if phones == self.drawn && last.is_none() {
            return Ok(());
        }
        if let Some(arrival) = last {
            self.last = text_line(arrival);
        }
        let figure =
            |percent| follower.percentile(percent).map_or("-".to_owned(), |millis| millis.to_string());
        let arrived = follower.arrived();
        let figures = format!(
            "{arrived} changes on phones; half within {} ms, 99 of 100 within {} ms",
            figure(50),
            figure(99)
        );
        let picture = size.picture(&phones, self.cast.rooms.len(), &self.last, &figures);
        self.drawn = phones;
        let up = if self.height > 0 { format!("\x1b[{}A\x1b[J", self.height) } else { String::new() };
        self.height = picture.lines().count();
        write!(self.terminal.out, "{up}{picture}")?;
        self.terminal.out.flush()
    }

    /// Says what it came to.
    pub(super) fn curtain(&mut self, summary: &Summary, follower: &Follower) -> io::Result<()> {
        if self.json {
            for change in follower.missing() {
                self.say(&event("missing", change))?;
            }
            return self.say(&event("summary", summary));
        }
        let Summary { rooms, meetings, changes, missing, pushes, .. } = summary;
        self.say(&format!("\n{rooms} rooms, {meetings} meetings, {changes} changes, {pushes} pushes"))?;
        if let (Some(p50), Some(p99)) = (summary.p50_ms, summary.p99_ms) {
            self.say(&format!(
                "from the calendar to the phone: half within {p50} ms, 99 of 100 within {p99} ms"
            ))?;
        }
        if !summary.differing.is_empty() {
            self.say(&format!("{} did not show what the others do", summary.differing.join(" and ")))?;
        }
        if summary.unread > 0 {
            self.say(&format!("{} rooms had not been read", summary.unread))?;
        }
        match (changes, missing, summary.interrupted) {
            (0, _, _) => self.say("there was no change to follow"),
            (_, 0, _) => self.say("every change arrived on its room's phone"),
            (_, _, true) => self.say(&format!("{missing} changes were still on their way")),
            (_, _, false) => self.say(&format!("{missing} changes did not arrive; `--json` names them")),
        }
    }

    fn say(&mut self, line: &str) -> io::Result<()> {
        writeln!(self.terminal.out, "{line}")?;
        self.terminal.out.flush()
    }
}

/// One line of JSON.
fn event(event: &str, told: impl Serialize) -> String {
    #[derive(Serialize)]
    struct Event<'a, T> {
        event: &'a str,
        #[serde(flatten)]
        told: T,
    }
    json!(Event { event, told }).to_string()
}

fn text_line(arrival: &Arrival) -> String {
    let change = &arrival.change;
    let (start, subject) = match &change.expect {
        Expect::Shown { start, subject, private, .. }
        | Expect::Moved { start, subject, private, .. }
        | Expect::Gone { start, subject, private, .. } => (start, if *private { MASK } else { subject }),
    };
    let what = json!(change.what);
    let took = arrival.millis.map(|millis| format!("shown after {millis} ms"));
    format!(
        "{}  {:12} {:9} {}  {subject}  {}",
        change.at.format("%H:%M:%S"),
        change.room,
        what.as_str().unwrap_or_default(),
        start.format("%H:%MZ"),
        took.unwrap_or_else(|| "already shown".to_owned()),
    )
}
