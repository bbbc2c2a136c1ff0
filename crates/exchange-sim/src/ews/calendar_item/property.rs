//! Writing properties whose value needs a word more than its name.

use chrono::Duration;

use super::{BRIEF_TEXT, V2013, Writer};
use crate::ServerProfile;
use crate::ews::get_folder;
use crate::ews::soap::Schema;
use crate::item::{FreeBusy, Mailbox, ResponseType, Sensitivity, View};
use crate::xml::Xml;

pub(super) fn parent(w: &Writer<'_, '_>, xml: &mut Xml) {
    get_folder::write_id("t:ParentFolderId", w.call, w.room, w.folder, xml);
}

/// An empty subject is not written at all.
pub(super) fn subject(w: &Writer<'_, '_>, xml: &mut Xml) {
    shortened(w, "t:Subject", w.view.subject(), xml);
}

/// A text that is left out when it is empty, and cut where texts are brief.
fn shortened(w: &Writer<'_, '_>, element: &str, text: &str, xml: &mut Xml) {
    if !text.is_empty() {
        let most = if w.brief { BRIEF_TEXT } else { usize::MAX };
        xml.leaf(element, &text.chars().take(most).collect::<String>());
    }
}

pub(super) fn sensitivity(w: &Writer<'_, '_>, xml: &mut Xml) {
    xml.leaf("t:Sensitivity", sensitivity_word(w.view.sensitivity()));
}

/// Of what nobody answered yet, some servers say that nobody knows.
pub(super) fn response(w: &Writer<'_, '_>, xml: &mut Xml) {
    let response = match w.view.response() {
        ResponseType::NoResponseReceived if w.call.world.unanswered_is_unknown => "Unknown",
        response => response_word(response),
    };
    xml.leaf("t:MyResponseType", response);
}

pub(super) fn free_busy(w: &Writer<'_, '_>, xml: &mut Xml) {
    xml.leaf("t:LegacyFreeBusyStatus", free_busy_word(w.view.show_as(), w.call.schema));
}

pub(super) fn intended(w: &Writer<'_, '_>, xml: &mut Xml) {
    xml.leaf("t:IntendedFreeBusyStatus", free_busy_word(w.view.item.intended, w.call.schema));
}

pub(super) fn location(w: &Writer<'_, '_>, xml: &mut Xml) {
    shortened(w, "t:Location", w.view.location(), xml);
}

pub(super) fn item_type(w: &Writer<'_, '_>, xml: &mut Xml) {
    let View { item, date, exception } = &w.view;
    let kind = match (date, exception) {
        (None, _) if item.recurrence.is_some() => "RecurringMaster",
        (None, _) => "Single",
        (Some(_), Some(_)) => "Exception",
        (Some(_), None) => "Occurrence",
    };
    xml.leaf("t:CalendarItemType", kind);
}

pub(super) fn is_recurring(w: &Writer<'_, '_>, xml: &mut Xml) {
    let View { item, exception, .. } = &w.view;
    let exception = exception.is_some() && !w.habits().exceptions_recur;
    xml.value("t:IsRecurring", item.recurrence.is_some() && !exception);
}

/// The shared identity; a server may write what stands in its memory instead, or letters of the lower case.
pub(super) fn uid(w: &Writer<'_, '_>, xml: &mut Xml) {
    let item = w.view.item;
    let of_its_own = w.view.date.filter(|_| !w.habits().tells_recurrence_ids);
    let uid = match (w.habits().shares_uids, item.is_meeting()) {
        (true, _) => of_its_own.map_or_else(|| item.id.uid(), |date| item.id.uid_of_occurrence(date)),
        (false, false) => item.id.uid().to_lowercase(),
        (false, true) => item.id.junk(),
    };
    xml.leaf("t:UID", &uid);
}

pub(super) fn recurrence_id(w: &Writer<'_, '_>, xml: &mut Xml) {
    if w.habits().tells_recurrence_ids {
        w.original("t:RecurrenceId", xml);
    }
}

pub(super) fn organizer(w: &Writer<'_, '_>, xml: &mut Xml) {
    xml.within("t:Organizer", |xml| w.mailbox(&w.view.item.organizer, xml));
}

pub(super) fn required_attendees(w: &Writer<'_, '_>, xml: &mut Xml) {
    let item = w.view.item;
    if w.brief || (item.is_own() && item.attendees.is_empty()) {
        return;
    }
    xml.within("t:RequiredAttendees", |xml| {
        if !item.is_own() {
            w.attendee(&item.organizer, "Organizer", None, xml);
        }
        for attendee in &item.attendees {
            invited(w, attendee, xml);
        }
    });
}

pub(super) fn optional_attendees(w: &Writer<'_, '_>, xml: &mut Xml) {
    list("t:OptionalAttendees", w, &w.view.item.optional, xml);
}

pub(super) fn resources(w: &Writer<'_, '_>, xml: &mut Xml) {
    list("t:Resources", w, &w.view.item.resources, xml);
}

fn list(element: &str, w: &Writer<'_, '_>, mailboxes: &[Mailbox], xml: &mut Xml) {
    if !w.brief && !mailboxes.is_empty() {
        xml.within(element, |xml| {
            for mailbox in mailboxes {
                invited(w, mailbox, xml);
            }
        });
    }
}

/// An invited mailbox knows its own answer, the organizer those that came back; all others are unknown.
fn invited(w: &Writer<'_, '_>, mailbox: &Mailbox, xml: &mut Xml) {
    let item = w.view.item;
    let own = w.call.world.room(w.room).is_some_and(|room| room.mailbox == *mailbox);
    let reply = item.replies.get(&mailbox.address.to_lowercase());
    let (answer, at) = match reply {
        _ if own && !item.is_own() => (response_word(w.view.response()), w.view.replied_at()),
        Some((response, at)) => (response_word(*response), Some(*at)),
        None => ("Unknown", None),
    };
    w.attendee(mailbox, answer, at, xml);
}

pub(super) fn duration(w: &Writer<'_, '_>, xml: &mut Xml) {
    xml.leaf("t:Duration", &period(w.view.end() - w.view.start()));
}

/// As Windows shows it, in 2007 its id. Not returned for single items by 2016 and later ([MS-OXWSMTGS] appendix C).
pub(super) fn time_zone(w: &Writer<'_, '_>, xml: &mut Xml) {
    let (item, server) = (w.view.item, w.call.world.profile);
    if item.recurrence.is_some() || server < ServerProfile::Exchange2016 {
        let oldest = server == ServerProfile::Exchange2007Sp1;
        xml.leaf("t:TimeZone", if oldest { item.zone.id() } else { item.zone.display_name() });
    }
}

pub(super) fn reply_time(w: &Writer<'_, '_>, xml: &mut Xml) {
    if let Some(replied_at) = w.view.replied_at() {
        w.time("t:AppointmentReplyTime", replied_at, xml);
    }
}

pub(super) fn sequence(w: &Writer<'_, '_>, xml: &mut Xml) {
    xml.value("t:AppointmentSequenceNumber", w.view.item.sequence);
}

pub(super) fn join_url(w: &Writer<'_, '_>, xml: &mut Xml) {
    if let Some(join_url) = &w.view.item.join_url {
        xml.leaf("t:JoinOnlineMeetingUrl", join_url);
    }
}

fn sensitivity_word(sensitivity: Sensitivity) -> &'static str {
    match sensitivity {
        Sensitivity::Normal => "Normal",
        Sensitivity::Personal => "Personal",
        Sensitivity::Private => "Private",
        Sensitivity::Confidential => "Confidential",
    }
}

/// Before 2013 there is no word for working elsewhere: such a server says Free.
pub(in crate::ews) fn free_busy_word(show_as: FreeBusy, schema: Schema) -> &'static str {
    match show_as {
        FreeBusy::Free => "Free",
        FreeBusy::Tentative => "Tentative",
        FreeBusy::Busy => "Busy",
        FreeBusy::OutOfOffice => "OOF",
        FreeBusy::WorkingElsewhere if schema < V2013 => "Free",
        FreeBusy::WorkingElsewhere => "WorkingElsewhere",
        FreeBusy::NoData => "NoData",
    }
}

fn response_word(response: ResponseType) -> &'static str {
    match response {
        ResponseType::Organizer => "Organizer",
        ResponseType::Tentative => "Tentative",
        ResponseType::Accept => "Accept",
        ResponseType::Decline => "Decline",
        ResponseType::NoResponseReceived => "NoResponseReceived",
    }
}

/// A length in whole minutes, its parts as large as they can be (ISO 8601, as .NET writes it).
fn period(length: Duration) -> String {
    let part = |count: i64, letter: &str| if count > 0 { format!("{count}{letter}") } else { String::new() };
    let time = part(length.num_hours() % 24, "H") + &part(length.num_minutes() % 60, "M");
    let days = part(length.num_days(), "D");
    match (days.as_str(), time.as_str()) {
        ("", "") => "PT0S".to_owned(),
        (_, "") => format!("P{days}"),
        _ => format!("P{days}T{time}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_written_in_large_parts() {
        let table =
            [(0, "PT0S"), (30, "PT30M"), (120, "PT2H"), (90, "PT1H30M"), (1440, "P1D"), (1500, "P1DT1H")];
        for (minutes, text) in table {
            assert_eq!(period(Duration::minutes(minutes)), text);
        }
    }
}
