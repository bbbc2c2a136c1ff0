//! CalendarItemType ([MS-OXWSMTGS] 2.2.4): from the wire to the model.

use super::{body, date_time, recurrence, time_zone};
use crate::xml::{self, Element};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use meeting_model::{
    global_object_id::GlobalObjectId,
    id::ItemId,
    item::{CalendarItem, Exception, ItemKind, Person, Response, Sensitivity, Series, ShowAs},
    join::{self, Invitation, Join, JoinRules},
};
use serde::{Deserialize, Serialize};

/// An item as a list names it: its id, and what else the list tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// The server's id.
    pub id: ItemId,
    /// Single meeting, series, or part of one.
    pub kind: Option<ItemKind>,
    /// When it starts. Of a series: its first occurrence.
    pub start: Option<DateTime<Utc>>,
    /// When it ends. Of a series: its first occurrence.
    pub end: Option<DateTime<Utc>>,
}

/// An item that was read whole, and the ids by which its exceptions can be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meeting {
    /// The item.
    pub item: CalendarItem,
    /// The server's ids of its series' exceptions, in their order; `None` where the server gave none.
    pub exception_ids: Vec<Option<ItemId>>,
}

impl Listed {
    /// Reads an entry; `None` when it has no id.
    pub(super) fn read(item: &Element) -> Option<Self> {
        Some(Self {
            id: ItemId::new(item.child("ItemId")?.attribute("Id")?),
            kind: kind(item),
            start: instant(item, "Start"),
            end: instant(item, "End"),
        })
    }

    /// Whether it is certain that nothing of it lies after the instant.
    pub(crate) fn is_over_at(&self, instant: DateTime<Utc>) -> bool {
        self.kind == Some(ItemKind::Single)
            && match (self.start, self.end) {
                (Some(start), Some(end)) if start < end => end <= instant,
                (Some(start), Some(_)) => start < instant,
                _ => false,
            }
    }
}

/// Reads a CalendarItem that was asked for by `id`; `None` when it lacks what every item needs, or says something that
/// cannot be understood where a guess would show a wrong meeting.
pub(super) fn to_meeting(item: &Element, id: &ItemId, join: &JoinRules) -> Option<Meeting> {
    let instant = |name| instant(item, name);
    let start = instant("Start")?;
    let kind = kind(item).unwrap_or(match item.child("Recurrence") {
        Some(_) => ItemKind::RecurringMaster,
        None => ItemKind::Single,
    });
    let (series, exception_ids) = match kind {
        ItemKind::RecurringMaster => series(item).map(|(series, ids)| (Some(series), ids))?,
        ItemKind::Single | ItemKind::Exception => (None, Vec::new()),
    };
    let item = CalendarItem {
        item_id: id.clone(),
        change_key: item.child("ItemId").and_then(|id| id.attribute("ChangeKey")).map(str::to_owned),
        kind,
        clean_global_object_id: clean_global_object_id(item),
        uid: item.value("UID").map(str::to_owned),
        subject: item.child("Subject").map(|subject| subject.text().to_owned()),
        sensitivity: sensitivity(item),
        show_as: show_as(item, "LegacyFreeBusyStatus"),
        start,
        end: instant("End")?.max(start),
        all_day: flag(item, "IsAllDayEvent").unwrap_or_default(),
        is_meeting: flag(item, "IsMeeting"),
        is_cancelled: flag(item, "IsCancelled").unwrap_or_default(),
        appointment_state: number(item, "AppointmentState"),
        response: response(item),
        reply_time: instant("AppointmentReplyTime"),
        sequence: number(item, "AppointmentSequenceNumber"),
        last_modified: instant("LastModifiedTime"),
        organizer: item.child("Organizer").and_then(|organizer| organizer.child("Mailbox")).map(person),
        location: item.value("Location").map(str::to_owned),
        has_body: body::has_words(item),
        lost_body: false,
        join: join_addresses(item, join),
        zone: time_zone::of_item(item),
        series,
    };
    Some(Meeting { item, exception_ids })
}

/// Section F of the rules. The people of a meeting are named in bodies, below their signatures.
fn join_addresses(item: &Element, rules: &JoinRules) -> Join {
    let lists = ["RequiredAttendees", "OptionalAttendees", "Resources"];
    let attendees = lists.iter().filter_map(|list| item.child(list)).flat_map(|list| &list.children);
    let mailboxes =
        item.child("Organizer").into_iter().chain(attendees).filter_map(|one| one.child("Mailbox"));
    let people: Vec<&str> = mailboxes.filter_map(|mailbox| mailbox.value("EmailAddress")).collect();
    let invitation = Invitation {
        online_meeting_url: item.value("JoinOnlineMeetingUrl"),
        location: item.value("Location"),
        body: body::of(item),
        people: &people,
    };
    join::find(&invitation, rules)
}

fn series(item: &Element) -> Option<(Series, Vec<Option<ItemId>>)> {
    let modified = item.child("ModifiedOccurrences").map(|list| list.children.as_slice()).unwrap_or_default();
    let deleted = item.child("DeletedOccurrences").map(|list| list.children.as_slice()).unwrap_or_default();
    let series = Series {
        recurrence: recurrence::parse(item.child("Recurrence")?)?,
        exceptions: modified.iter().map(exception).collect::<Option<_>>()?,
        deleted: deleted.iter().map(|gone| instant(gone, "Start")).collect::<Option<_>>()?,
        overrides: Vec::new(),
    };
    let id = |occurrence: &Element| Some(ItemId::new(occurrence.child("ItemId")?.attribute("Id")?));
    Some((series, modified.iter().map(id).collect()))
}

fn exception(occurrence: &Element) -> Option<Exception> {
    let instant = |name| instant(occurrence, name);
    let start = instant("Start")?;
    let original_start = instant("OriginalStart")?;
    Some(Exception { original_start, start, end: instant("End")?.max(start), item: None })
}

fn kind(item: &Element) -> Option<ItemKind> {
    match item.value("CalendarItemType")? {
        "Single" => Some(ItemKind::Single),
        "RecurringMaster" => Some(ItemKind::RecurringMaster),
        "Occurrence" | "Exception" => Some(ItemKind::Exception),
        _ => None,
    }
}

/// PidLidCleanGlobalObjectId (0x23), else PidLidGlobalObjectId (0x03) made clean.
pub(super) fn clean_global_object_id(item: &Element) -> Option<GlobalObjectId> {
    ["35", "3"].into_iter().find_map(|property| global_object_id(item, property)).map(GlobalObjectId::clean)
}

/// One of the two GlobalObjectIds, by the number of its property in the set Meeting ([MS-OXPROPS] PSETID_Meeting).
pub(super) fn global_object_id(item: &Element, property_id: &str) -> Option<GlobalObjectId> {
    let property = item.children_named("ExtendedProperty").find(|property| {
        property.child("ExtendedFieldURI").and_then(|uri| uri.attribute("PropertyId")) == Some(property_id)
    })?;
    GlobalObjectId::parse(&STANDARD.decode(property.value("Value")?).ok()?).ok()
}

/// A person's mailbox. What is not an SMTP address (`/o=…`) is none.
fn person(mailbox: &Element) -> Person {
    Person {
        name: mailbox.value("Name").map(str::to_owned),
        address: mailbox.value("EmailAddress").filter(|address| address.contains('@')).map(str::to_owned),
    }
}

/// A word we do not know hides the item: it is there to protect somebody.
pub(super) fn sensitivity(item: &Element) -> Sensitivity {
    match item.value("Sensitivity") {
        None | Some("Normal") => Sensitivity::Normal,
        Some("Personal") => Sensitivity::Personal,
        Some("Confidential") => Sensitivity::Confidential,
        Some(_) => Sensitivity::Private,
    }
}

/// A LegacyFreeBusyType, in the element of that name.
pub(super) fn show_as(item: &Element, name: &str) -> ShowAs {
    match item.value(name) {
        Some("Free") => ShowAs::Free,
        Some("Tentative") => ShowAs::Tentative,
        Some("OOF") => ShowAs::OutOfOffice,
        Some("WorkingElsewhere") => ShowAs::WorkingElsewhere,
        Some("NoData") => ShowAs::NoData,
        _ => ShowAs::Busy,
    }
}

pub(super) fn response(item: &Element) -> Response {
    match item.value("MyResponseType") {
        Some("Organizer") => Response::Organizer,
        Some("Tentative") => Response::Tentative,
        Some("Accept") => Response::Accept,
        Some("Decline") => Response::Decline,
        Some("NoResponseReceived") => Response::NoResponseReceived,
        _ => Response::Unknown,
    }
}

pub(super) fn flag(item: &Element, name: &str) -> Option<bool> {
    xml::boolean(item.value(name)?)
}

pub(super) fn number(item: &Element, name: &str) -> Option<i32> {
    item.value(name)?.parse().ok()
}

pub(super) fn instant(item: &Element, name: &str) -> Option<DateTime<Utc>> {
    date_time::instant(item.value(name)?)
}
