//! What a row of a calendar says of itself ([MS-XWDCAL] 2.2, [MS-OXOCAL] 2.2.1).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};

use super::multistatus::Value;
use super::sql::Literal;
use super::vtimezone::vtimezone;
use crate::item::{FreeBusy, ResponseType, Sensitivity, View};

/// What an item is known by, whatever it is called.
pub(super) const REPL_UID: &str = "http://schemas.microsoft.com/repl/repl-uid";

/// The value of [`REPL_UID`].
pub(super) fn repl_uid(number: u64) -> Value {
    Value::Text(format!("rid:{number:044x}"))
}

/// A row: an item, or one occurrence as the store expands it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) view: View<'a>,
    /// CdoInstanceType: 0 single, 1 master, 2 instance, 3 exception.
    pub(super) kind: i64,
}

impl<'a> Row<'a> {
    /// An item as it lies in the folder.
    pub(super) fn stored(view: View<'a>) -> Self {
        Self { view, kind: i64::from(view.item.recurrence.is_some()) }
    }

    /// What the store makes of an item between two instants.
    pub(super) fn expanded(view: View<'a>) -> Self {
        let kind = match (view.date, view.exception) {
            (None, _) => 0,
            (Some(_), None) => 2,
            (Some(_), Some(_)) => 3,
        };
        Self { view, kind }
    }

    /// A property as it is compared in a condition.
    pub(super) fn literal(&self, uri: &str) -> Option<Literal> {
        match uri {
            "DAV:ishidden" | "DAV:isfolder" | "DAV:iscollection" => return Some(Literal::Truth(false)),
            "urn:schemas:calendar:dtstart" => return Some(Literal::Time(self.view.start())),
            "urn:schemas:calendar:dtend" => return Some(Literal::Time(self.view.end())),
            "DAV:getlastmodified" => return Some(Literal::Time(self.view.item.modified_at)),
            _ => {}
        }
        Some(match self.value(uri)? {
            Value::Typed("int", number) => Literal::Number(number.parse().ok()?),
            Value::Typed("boolean", truth) => Literal::Truth(truth == "1"),
            Value::Text(text) | Value::Typed(_, text) => Literal::Text(text),
        })
    }

    /// A property as it is told.
    pub(super) fn value(&self, uri: &str) -> Option<Value> {
        let (view, item) = (&self.view, self.view.item);
        let text =
            |text: &str| Some(text).filter(|text| !text.is_empty()).map(|text| Value::Text(text.to_owned()));
        match uri {
            "DAV:contentclass" => text("urn:content-classes:appointment"),
            "DAV:getetag" => text(&format!("\"{:016x}{:016x}\"", item.number, item.changed)),
            "DAV:getlastmodified" => Some(time(item.modified_at)),
            "DAV:creationdate" => Some(time(item.created_at)),
            "http://schemas.microsoft.com/exchange/outlookmessageclass" => text("IPM.Appointment"),
            "http://schemas.microsoft.com/exchange/sensitivity" => Some(int(sensitivity(view.sensitivity()))),
            REPL_UID => Some(repl_uid(item.number)),
            "urn:schemas:httpmail:subject" => Some(Value::Text(view.subject().to_owned())),
            // instances are no real items: they have no body
            "urn:schemas:httpmail:textdescription" if self.kind < 2 => text(view.body()),
            "urn:schemas:httpmail:to" => text(&people(item.attendees.iter().chain(&item.optional))),
            "http://schemas.microsoft.com/mapi/apptstateflags" => Some(int(view.state().into())),
            "http://schemas.microsoft.com/mapi/responsestatus" | "urn:schemas:calendar:attendeestatus" => {
                Some(int(response(view.response())))
            }
            "http://schemas.microsoft.com/mapi/apptreplytime" => view.replied_at().map(time),
            "http://schemas.microsoft.com/mapi/apptsequence" | "urn:schemas:calendar:sequence" => {
                Some(int(item.sequence.into()))
            }
            uri => match uri
                .strip_prefix("http://schemas.microsoft.com/mapi/id/{6ED8DA90-450B-101B-98DA-00AA003F1305}/")
            {
                Some(number) => self.id(number),
                None => self.calendar(uri.strip_prefix("urn:schemas:calendar:")?),
            },
        }
    }

    fn calendar(&self, name: &str) -> Option<Value> {
        let (view, item) = (&self.view, self.view.item);
        let text =
            |text: &str| Some(text).filter(|text| !text.is_empty()).map(|text| Value::Text(text.to_owned()));
        match name {
            "uid" => text(&item.id.uid()),
            "instancetype" => Some(int(self.kind)),
            "recurrenceid" => view.original().map(|(start, _)| time(start)),
            "dtstart" => Some(time(view.start())),
            "dtend" => Some(time(view.end())),
            "alldayevent" => Some(Value::Typed("boolean", u8::from(item.all_day).to_string())),
            "location" => text(view.location()),
            "organizer" => text(&format!("\"{}\" <{}>", item.organizer.name, item.organizer.address)),
            "busystatus" => text(busy(view.show_as())),
            "meetingstatus" => text(if view.cancelled() { "CANCELLED" } else { "CONFIRMED" }),
            "timezone" => Some(Value::Text(vtimezone(&item.zone, item.start))),
            "created" => Some(time(item.created_at)),
            _ => None,
        }
    }

    /// PidLidGlobalObjectId and PidLidCleanGlobalObjectId.
    fn id(&self, number: &str) -> Option<Value> {
        let bytes = match u32::from_str_radix(number.strip_prefix("0x")?, 16).ok()? {
            0x3 => self.view.global_object_id(),
            0x23 => self.view.item.id.clean(),
            _ => return None,
        };
        Some(Value::Typed("bin.base64", STANDARD.encode(bytes)))
    }
}

fn time(instant: DateTime<Utc>) -> Value {
    Value::Typed("dateTime.tz", instant.to_rfc3339_opts(SecondsFormat::Millis, true))
}

fn int(number: i64) -> Value {
    Value::Typed("int", number.to_string())
}

fn people<'a>(people: impl Iterator<Item = &'a crate::item::Mailbox>) -> String {
    let each: Vec<_> = people.map(|one| format!("\"{}\" <{}>", one.name, one.address)).collect();
    each.join(", ")
}

fn sensitivity(sensitivity: Sensitivity) -> i64 {
    match sensitivity {
        Sensitivity::Normal => 0,
        Sensitivity::Personal => 1,
        Sensitivity::Private => 2,
        Sensitivity::Confidential => 3,
    }
}

fn response(response: ResponseType) -> i64 {
    match response {
        ResponseType::Organizer => 1,
        ResponseType::Tentative => 2,
        ResponseType::Accept => 3,
        ResponseType::Decline => 4,
        ResponseType::NoResponseReceived => 5,
    }
}

fn busy(show_as: FreeBusy) -> &'static str {
    match show_as {
        FreeBusy::Free => "FREE",
        FreeBusy::Tentative => "TENTATIVE",
        FreeBusy::OutOfOffice => "OOF",
        // what these versions do not know is busy
        FreeBusy::Busy | FreeBusy::WorkingElsewhere | FreeBusy::NoData => "BUSY",
    }
}
