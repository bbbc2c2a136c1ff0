//! Bookings as XML: what `/bookingsputxml` takes, and what an endpoint that asks is answered.

use super::{Booking, EARLY_JOIN, Protocol, zulu};
use crate::xml::holdable;
use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};

/// A document for `/bookingsputxml`. The empty list clears.
pub(crate) fn set(bookings: &[Booking]) -> Vec<u8> {
    let mut xml = Xml::new();
    if bookings.is_empty() {
        xml.within("Bookings", &[], |xml| xml.leaf_with("Clear", &[("command", "True")], ""));
    } else {
        xml.within("Bookings", &[("item", "1"), ("status", "OK")], |xml| list(xml, bookings));
    }
    xml.finish()
}

/// The bookings alone, numbered.
pub(crate) fn list(xml: &mut Xml, bookings: &[Booking]) {
    for (number, booking) in (1_usize..).zip(bookings) {
        xml.within("Booking", &[("item", &number.to_string())], |xml| one(xml, booking));
    }
}

fn one(xml: &mut Xml, booking: &Booking) {
    xml.item("Id", &booking.id);
    xml.item("Title", &booking.title);
    xml.item("Agenda", "");
    xml.item("Privacy", if booking.private { "Private" } else { "Public" });
    xml.items("Organizer", |xml| {
        xml.item("FirstName", booking.organizer.as_deref().unwrap_or_default());
        xml.item("LastName", "");
        xml.item("Email", "");
    });
    xml.items("Time", |xml| {
        xml.item("StartTime", &zulu(booking.start));
        xml.item("StartTimeBuffer", &EARLY_JOIN.to_string());
        xml.item("EndTime", &zulu(booking.end));
        xml.item("EndTimeBuffer", "0");
    });
    xml.item("MaximumMeetingExtension", "5");
    xml.item("BookingStatus", "OK");
    xml.item("BookingStatusMessage", "");
    xml.items("Webex", |xml| {
        xml.item("Enabled", "False");
        xml.item("MeetingNumber", "");
        xml.item("Password", "");
    });
    xml.item("Encryption", "BestEffort");
    xml.item("Role", "Master");
    xml.item("Recording", "Disabled");
    xml.items("DialInfo", |xml| dial_info(xml, booking));
}

/// Links cannot be opened this way, and are not in the list that is made for it.
fn dial_info(xml: &mut Xml, booking: &Booking) {
    let dial = booking.dial.as_ref().filter(|dial| dial.protocol != Protocol::WebRtc);
    xml.items("Calls", |xml| {
        let Some(dial) = dial else { return };
        xml.items("Call", |xml| {
            xml.item("Number", &dial.number);
            xml.item("Protocol", if dial.protocol == Protocol::H323 { "H323" } else { "SIP" });
            xml.item("CallRate", "6000");
            xml.item("CallType", "Video");
        });
    });
    xml.item("ConnectMode", if dial.is_some() { "OBTP" } else { "Manual" });
}

/// A document in the making.
pub(crate) struct Xml(Writer<Vec<u8>>);

impl Xml {
    /// A document with its declaration.
    pub(crate) fn new() -> Self {
        let mut xml = Self(Writer::new(Vec::new()));
        xml.write(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)));
        xml
    }

    /// An element with what is written inside.
    pub(crate) fn within(&mut self, name: &str, attributes: &[(&str, &str)], inside: impl FnOnce(&mut Self)) {
        let start = BytesStart::new(name).with_attributes(attributes.iter().copied());
        self.write(Event::Start(start));
        inside(self);
        self.write(Event::End(BytesEnd::new(name)));
    }

    /// An element with a text; what XML cannot hold is left out.
    pub(crate) fn leaf_with(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.within(name, attributes, |xml| xml.write(Event::Text(BytesText::new(&holdable(text)))));
    }

    /// The same without attributes.
    pub(crate) fn leaf(&mut self, name: &str, text: &str) {
        self.leaf_with(name, &[], text);
    }

    fn item(&mut self, name: &str, text: &str) {
        self.leaf_with(name, &[("item", "1")], text);
    }

    fn items(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        self.within(name, &[("item", "1")], inside);
    }

    fn write(&mut self, event: Event<'_>) {
        self.0.write_event(event).expect("writing to memory does not fail");
    }

    /// The document.
    pub(crate) fn finish(self) -> Vec<u8> {
        self.0.into_inner()
    }
}
