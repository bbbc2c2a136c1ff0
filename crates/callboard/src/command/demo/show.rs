//! What the audience sees: the phones, live; a line for each change; or JSON.

use crate::command::{
    Terminal,
    demo::{
        cast::Cast,
        follow::{Arrival, Follower, Summary},
    },
};
use exchange_sim::Expect;
use exchange_sim::phone::Screen;
use serde::Serialize;
use serde_json::json;
use std::io;

/// How wide a phone is drawn, in characters.
const WIDTH: usize = 46;

/// How many lines of a phone are drawn.
const LINES: usize = 8;

/// How many phones are drawn.
const PHONES: usize = 4;

/// What the audience sees.
pub(super) struct Show<'a, 'b> {
    json: bool,
    feed: String,
    cast: &'a Cast,
    terminal: &'a mut Terminal<'b>,
    drawn: Vec<Screen>,
    height: usize,
}

impl<'a, 'b> Show<'a, 'b> {
    pub(super) fn new(json: bool, feed: &str, cast: &'a Cast, terminal: &'a mut Terminal<'b>) -> Self {
        Self { json, feed: feed.to_owned(), cast, terminal, drawn: Vec::new(), height: 0 }
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
        self.say(&format!("  {0}/phone/{first}/menu.xml   what the phone in {first} fetches", self.feed))?;
        self.say(&format!("  {0}/api/rooms   the same for programs; Ctrl-C ends it\n", self.feed))
    }

    /// Shows what has arrived.
    pub(super) fn follow(&mut self, arrivals: &[Arrival], follower: &Follower) -> io::Result<()> {
        if !self.terminal.colour {
            for arrival in arrivals {
                let line = if self.json { json_line(arrival) } else { text_line(arrival) };
                self.say(&line)?;
            }
            return Ok(());
        }
        if self.json {
            for arrival in arrivals {
                self.say(&json_line(arrival))?;
            }
            return Ok(());
        }
        let screens: Vec<Screen> =
            self.cast.rooms.iter().take(PHONES).map(|stage| self.cast.screen(&stage.room)).collect();
        if screens == self.drawn && arrivals.is_empty() {
            return Ok(());
        }
        let picture = self.picture(&screens, arrivals.last(), follower);
        self.drawn = screens;
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
        match missing {
            0 => self.say("every change arrived on the right phone"),
            _ => self.say(&format!("{missing} changes did not arrive; `--json` names them")),
        }
    }

    fn say(&mut self, line: &str) -> io::Result<()> {
        writeln!(self.terminal.out, "{line}")?;
        self.terminal.out.flush()
    }

    fn picture(&self, screens: &[Screen], last: Option<&Arrival>, follower: &Follower) -> String {
        let mut lines = Vec::new();
        for (stage, screen) in self.cast.rooms.iter().zip(screens) {
            lines.push(format!(
                "\u{250c}\u{2500} {} {}\u{2510}",
                stage.room,
                "\u{2500}".repeat(WIDTH - stage.room.len() - 1)
            ));
            lines.push(row(&format!("{}  {}", screen.title, screen.prompt)));
            for n in 0..LINES {
                lines.push(row(screen.lines.get(n).map_or("", String::as_str)));
            }
            lines.push(format!("\u{2514}{}\u{2518}", "\u{2500}".repeat(WIDTH + 2)));
        }
        let more = self.cast.rooms.len().saturating_sub(PHONES);
        if more > 0 {
            lines.push(format!("and {more} more phones"));
        }
        lines.push(match last {
            Some(arrival) => format!("\x1b[1m{}\x1b[0m", text_line(arrival)),
            None => String::new(),
        });
        let figure =
            |percent| follower.percentile(percent).map_or("-".to_owned(), |millis| millis.to_string());
        lines.push(format!(
            "{} changes on phones; half within {} ms, 99 of 100 within {} ms",
            follower.arrived(),
            figure(50),
            figure(99)
        ));
        lines.join("\n") + "\n"
    }
}

fn row(text: &str) -> String {
    let cut: String = text.chars().take(WIDTH).collect();
    format!("\u{2502} {cut:<WIDTH$} \u{2502}")
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

fn json_line(arrival: &Arrival) -> String {
    event("change", arrival)
}

fn text_line(arrival: &Arrival) -> String {
    let change = &arrival.change;
    let (start, subject) = match &change.expect {
        Expect::Shown { start, subject, private, .. } | Expect::Moved { start, subject, private, .. } => {
            (start, if *private { "Private meeting" } else { subject.as_str() })
        }
        Expect::Gone { start, subject, .. } => (start, subject.as_str()),
    };
    let what = json!(change.what);
    let took = arrival.millis.map(|millis| format!("on the phone after {millis} ms"));
    format!(
        "{}  {:12} {:9} {}  {subject}  {}",
        change.at.format("%H:%M:%S"),
        change.room,
        what.as_str().unwrap_or_default(),
        start.format("%H:%MZ"),
        took.unwrap_or_else(|| "already so on the phone".to_owned()),
    )
}
