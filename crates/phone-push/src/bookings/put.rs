//! The payload of `xCommand Bookings Put`, by the endpoint's firmware (RoomOS xAPI, "Bookings Put").

use super::{Booking, Dial, EARLY_JOIN, Protocol, zulu};
use meeting_model::join::Dials;
use serde::Serialize;

/// What a firmware knows of meetings: Cisco's schemas of CE 9.15, 10.19, 11.14 and 26.4 differ in this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum Firmware {
    /// Before 10: no links, and no platforms.
    #[default]
    Ce9,
    /// From 10 on: links, and whose meeting it is.
    RoomOs10,
    /// From 26 on: also that there is nothing to dial.
    RoomOs26,
}

impl Firmware {
    /// By what an endpoint calls its software: `ce9.15.17.4`, `RoomOS 11.14.5.0`, `26.4.1`.
    pub(crate) fn of_version(version: &str) -> Self {
        let number = version.trim_start_matches(|c: char| !c.is_ascii_digit()).split('.').next();
        match number.and_then(|number| number.parse::<u32>().ok()) {
            Some(26..) => Self::RoomOs26,
            Some(10..) => Self::RoomOs10,
            _ => Self::Ce9,
        }
    }

    /// What it can dial.
    pub(crate) fn dials(self) -> Dials {
        if self == Self::Ce9 { Dials::Addresses } else { Dials::Links }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Payload<'a> {
    bookings: Vec<Item<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Item<'a> {
    id: &'a str,
    title: &'a str,
    privacy: &'static str,
    organizer: Organizer<'a>,
    time: Time,
    number: &'a str,
    protocol: &'static str,
    call_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    meeting_platform: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Organizer<'a> {
    name: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Time {
    #[serde(rename = "StartTime")]
    start: String,
    /// In minutes.
    duration: i64,
    /// In seconds.
    start_time_buffer: u32,
    /// In seconds.
    end_time_buffer: u32,
}

/// The whole list, as JSON without a line end: WebSockets take none in a parameter.
pub(crate) fn payload(bookings: &[Booking], firmware: Firmware) -> String {
    let bookings = bookings.iter().map(|booking| item(booking, firmware)).collect();
    serde_json::to_string(&Payload { bookings }).expect("plain data has a form in JSON")
}

fn item(booking: &Booking, firmware: Firmware) -> Item<'_> {
    let (number, protocol) = match &booking.dial {
        Some(Dial { number, protocol, .. }) => (number.as_str(), protocol_word(*protocol)),
        // the fields are required; before 26 an empty number is all that says so
        None => ("", if firmware == Firmware::RoomOs26 { "None" } else { "SIP" }),
    };
    Item {
        id: &booking.id,
        title: &booking.title,
        privacy: if booking.private { "Private" } else { "Public" },
        organizer: Organizer { name: booking.organizer.as_deref().unwrap_or_default() },
        time: Time {
            start: zulu(booking.start),
            duration: minutes(booking),
            start_time_buffer: EARLY_JOIN,
            end_time_buffer: 0,
        },
        number,
        protocol,
        call_type: "Video",
        meeting_platform: platform(booking, firmware),
    }
}

/// Rounded up: a meeting of half a minute is one.
fn minutes(booking: &Booking) -> i64 {
    let seconds = (booking.end - booking.start).num_seconds();
    (seconds.div_euclid(60) + i64::from(seconds.rem_euclid(60) > 0)).max(1)
}

fn platform(booking: &Booking, firmware: Firmware) -> Option<&'static str> {
    let known = firmware >= Firmware::RoomOs10;
    booking.dial.as_ref()?.platform.filter(|_| known).map(super::Platform::word)
}

fn protocol_word(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Sip => "SIP",
        Protocol::H323 => "H323",
        Protocol::WebRtc => "WebRTC",
    }
}
