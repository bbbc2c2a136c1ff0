//! PostEvent and its answer (namespace `http://www.tandberg.net/2004/11/SystemManagementService/`).

use crate::{
    bookings::{Booking, xml, xml::Xml},
    xml::Element,
};

const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const SERVICE: &str = "http://www.tandberg.net/2004/11/SystemManagementService/";
const BOOKINGS: &str = "http://www.cisco.com/TelePresence/Bookings/1.0";

/// When the endpoint is to ask next. No public document says the unit: TMS's own value is 15, which is minutes in all likelihood.
/// One is soon enough if it is, and cheap enough if it is seconds: an answer is a list that is there.
const HEART_BEAT: &str = "1";

/// Who asks.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Asking {
    mac_address: Option<String>,
    serial_number: Option<String>,
}

impl Asking {
    /// Reads a PostEvent; nothing where it is anything else.
    pub(crate) fn parse(body: &[u8]) -> Option<Self> {
        let envelope = Element::parse(body).ok().filter(|root| root.name == "Envelope")?;
        let identification = envelope.find("PostEvent")?.find("Identification")?;
        let text = |name| identification.text_of(name).filter(|text| !text.is_empty()).map(str::to_owned);
        Some(Self { mac_address: text("MACAddress"), serial_number: text("SerialNumber") })
    }

    /// What it says it is.
    pub(crate) fn identities(&self) -> impl Iterator<Item = &str> {
        self.mac_address.as_deref().into_iter().chain(self.serial_number.as_deref())
    }
}

/// The answer with the whole list.
pub(super) fn answer(list: &[Booking]) -> Vec<u8> {
    let mut document = Xml::new();
    document.within("soap:Envelope", &[("xmlns:soap", SOAP)], |xml| {
        xml.within("soap:Body", &[], |xml| {
            xml.within("PostEventResponse", &[("xmlns", SERVICE)], |xml| {
                xml.within("PostEventResult", &[], |xml| {
                    xml.within("Management", &[], |xml| management(xml, list));
                    xml.leaf("HeartBeatInterval", HEART_BEAT);
                });
            });
        });
    });
    document.finish()
}

/// Nothing but the calendar is managed.
fn management(xml: &mut Xml, list: &[Booking]) {
    for nothing in ["Directory", "Configuration", "Command"] {
        xml.leaf(nothing, "");
    }
    xml.within("Calendar", &[], |xml| {
        xml.within("Bookings", &[("xmlns", BOOKINGS)], |xml| xml::list(xml, list));
    });
    for nothing in ["FilesToDownload", "Software", "DocumentsToPost"] {
        xml.leaf(nothing, "");
    }
}
