//! What the stand-in's calendars truly hold.

use super::{Line, Run};
use chrono::{DateTime, TimeDelta, Utc};
use meeting_model::clock::Window;
use serde_json::Value;
use std::collections::BTreeMap;

impl Run {
    /// What a room's calendar truly holds: see [`Run::truths`].
    pub fn truth(&mut self, room: &str) -> Vec<Line> {
        self.truths().remove(room).expect("the room is in the world")
    }

    /// What the rooms' calendars truly hold, by the stand-in's own reckoning: accepted or booked directly, not cancelled,
    /// inside the window; private meetings without their subject.
    pub fn truths(&mut self) -> BTreeMap<String, Vec<Line>> {
        let window = Window { start: self.now - TimeDelta::days(7), end: self.now + TimeDelta::days(60) };
        let state = self.world.handle(self.now, &exchange_sim::Request::get("/sim/state"));
        let state: Value = serde_json::from_slice(&state.body).expect("the state is JSON");
        let rooms = state.get("rooms").and_then(Value::as_array).expect("the state lists rooms").iter();
        rooms.map(|room| (text(room, "alias").to_owned(), truth_of(room, window))).collect()
    }
}

/// What one room of `/sim/state` truly holds.
fn truth_of(room: &Value, window: Window) -> Vec<Line> {
    let items = room.get("items").and_then(Value::as_array).expect("a room lists items").iter();
    let mut truth: Vec<Line> = items
        .filter(|item| matches!(text(item, "response"), "Accept" | "Organizer"))
        .filter(|item| item.get("cancelled") == Some(&Value::Bool(false)))
        .map(|item| (instant(item, "start"), instant(item, "end"), title(item)))
        .filter(|(start, end, _)| window.overlaps(*start, *end))
        .collect();
    truth.sort();
    truth
}

fn text<'a>(item: &'a Value, name: &str) -> &'a str {
    item.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn instant(item: &Value, name: &str) -> DateTime<Utc> {
    text(item, name).parse().expect("an instant in the state")
}

fn title(item: &Value) -> String {
    match text(item, "sensitivity") {
        "Private" | "Confidential" => "Private meeting".to_owned(),
        _ => text(item, "subject").to_owned(),
    }
}
