//! One meeting on an endpoint's list.

use crate::xml::{Element, Xml};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

/// One meeting on an endpoint's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// Whose it is.
    pub organizer: String,
    /// What its button dials; without, it has none.
    pub number: Option<String>,
    /// How.
    pub protocol: String,
    /// Whose icon stands beside it.
    pub platform: Option<String>,
    /// Whether it is private.
    pub private: bool,
    /// When it starts.
    pub start: DateTime<Utc>,
    /// When it ends.
    pub end: DateTime<Utc>,
}

impl Listed {
    /// The list of a `Bookings Put`; nothing where a field is missing that has to be there.
    pub(super) fn of_payload(payload: &Value) -> Option<Vec<Self>> {
        payload.get("Bookings")?.as_array()?.iter().map(Self::of_item).collect()
    }

    fn of_item(item: &Value) -> Option<Self> {
        let text = |pointer: &str| item.pointer(pointer)?.as_str().map(str::to_owned);
        let start: DateTime<Utc> = text("/Time/StartTime")?.parse().ok()?;
        let minutes = item.pointer("/Time/Duration")?.as_i64()?;
        Some(Self {
            id: text("/Id")?,
            title: text("/Title")?,
            organizer: text("/Organizer/Name")?,
            number: Some(text("/Number")?).filter(|number| !number.is_empty()),
            protocol: text("/Protocol")?,
            platform: text("/MeetingPlatform"),
            private: text("/Privacy").as_deref() == Some("Private"),
            start,
            end: start + TimeDelta::minutes(minutes),
        })
    }

    /// The bookings below an element, as `/bookingsputxml` and TMS give them.
    pub(super) fn of_bookings(bookings: &Element) -> Option<Vec<Self>> {
        bookings.children.iter().filter(|child| child.name == "Booking").map(Self::of_booking).collect()
    }

    fn of_booking(booking: &Element) -> Option<Self> {
        let text = |path: &[&str]| booking.path(path).map(|found| found.text().to_owned());
        let instant = |name: &str| text(&["Time", name])?.parse().ok();
        let call = ["DialInfo", "Calls", "Call"];
        let of_call = |name| text(&[call.as_slice(), &[name]].concat());
        Some(Self {
            id: text(&["Id"])?,
            title: text(&["Title"])?,
            organizer: text(&["Organizer", "FirstName"]).unwrap_or_default(),
            number: of_call("Number"),
            protocol: of_call("Protocol").unwrap_or_default(),
            platform: None,
            private: text(&["Privacy"]).as_deref() == Some("Private"),
            start: instant("StartTime")?,
            end: instant("EndTime")?,
        })
    }

    pub(super) fn write(&self, xml: &mut Xml) {
        xml.element("Booking", &[("item", "1")], |xml| {
            xml.leaf("Id", &self.id);
            xml.leaf("Title", &self.title);
            xml.within("Time", |xml| {
                xml.leaf("StartTime", &zulu(self.start));
                xml.leaf("EndTime", &zulu(self.end));
            });
        });
    }

    pub(super) fn value(&self) -> Value {
        let time = json!({ "StartTime": zulu(self.start), "EndTime": zulu(self.end) });
        json!({ "Id": self.id, "Title": self.title, "Time": time })
    }
}

fn zulu(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}
