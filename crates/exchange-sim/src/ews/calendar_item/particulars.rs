//! Writing what people wrote of an item and nobody here decides by.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::Duration;

use super::{Schema, V2013, Writer};
use crate::ServerProfile;
use crate::particulars::{Importance, Leaves};
use crate::xml::Xml;

pub(super) fn categories(w: &Writer<'_, '_>, xml: &mut Xml) {
    let categories = &w.view.particulars().categories;
    if !categories.is_empty() {
        xml.within("t:Categories", |xml| {
            for category in categories {
                xml.leaf("t:String", category);
            }
        });
    }
}

pub(super) fn importance(w: &Writer<'_, '_>, xml: &mut Xml) {
    xml.leaf(
        "t:Importance",
        match w.view.particulars().importance {
            Importance::Low => "Low",
            Importance::Normal => "Normal",
            Importance::High => "High",
        },
    );
}

/// A calendar item is due when it begins.
pub(super) fn reminder_due_by(w: &Writer<'_, '_>, xml: &mut Xml) {
    w.time("t:ReminderDueBy", w.view.start(), xml);
}

pub(super) fn reminder_is_set(w: &Writer<'_, '_>, xml: &mut Xml) {
    xml.value("t:ReminderIsSet", w.view.particulars().reminder.is_set);
}

pub(super) fn reminder_next_time(w: &Writer<'_, '_>, xml: &mut Xml) {
    let reminder = w.view.particulars().reminder;
    if reminder.is_set {
        let at = w.view.start() - Duration::minutes(reminder.minutes.into());
        w.time("t:ReminderNextTime", at, xml);
    }
}

pub(super) fn reminder_minutes(w: &Writer<'_, '_>, xml: &mut Xml) {
    xml.value("t:ReminderMinutesBeforeStart", w.view.particulars().reminder.minutes);
}

/// What a row of a table is known by: opaque, and the same for as long as the row is there.
pub(super) fn instance_key(w: &Writer<'_, '_>, xml: &mut Xml) {
    let day = w.view.date.map(|date| chrono::Datelike::num_days_from_ce(&date)).unwrap_or_default();
    let mut key = w.room.0.to_be_bytes().to_vec();
    key.extend(w.view.item.number.to_be_bytes());
    key.extend(day.to_be_bytes());
    xml.leaf("t:InstanceKey", &STANDARD.encode(key));
}

/// The body as a fragment that a page can hold, unless it is wanted as text.
pub(super) fn normalized_body(w: &Writer<'_, '_>, xml: &mut Xml) {
    if w.brief {
        return;
    }
    let (kind, body) = if w.shape.plain_normalized_body {
        ("Text", w.view.body().to_owned())
    } else {
        ("HTML", super::escaped(w.view.body()))
    };
    xml.element("t:NormalizedBody", &[("BodyType", kind)], |xml| xml.text(&body));
}

pub(super) fn response_requested(w: &Writer<'_, '_>, xml: &mut Xml) {
    xml.value("t:IsResponseRequested", !w.view.particulars().asks_no_response);
}

pub(super) fn inbox_reminders(w: &Writer<'_, '_>, xml: &mut Xml) {
    let reminders = &w.view.particulars().inbox_reminders;
    if has_newest(w) && !reminders.is_empty() {
        xml.within("t:InboxReminders", |xml| {
            for reminder in reminders {
                xml.within("t:InboxReminder", |xml| leaves(reminder, xml));
            }
        });
    }
}

/// In NetMeeting, unless it says otherwise; told up to 2013.
pub(super) fn conference_type(w: &Writer<'_, '_>, xml: &mut Xml) {
    if let Some(kind) = w.view.particulars().conference_type.filter(|_| w.call.schema <= V2013) {
        xml.value("t:ConferenceType", kind);
    }
}

pub(super) fn new_time_proposal(w: &Writer<'_, '_>, xml: &mut Xml) {
    xml.value("t:AllowNewTimeProposal", !w.view.particulars().takes_no_proposals);
}

pub(super) fn is_online(w: &Writer<'_, '_>, xml: &mut Xml) {
    xml.value("t:IsOnlineMeeting", w.view.particulars().is_online || w.view.item.join_url.is_some());
}

pub(super) fn workspace_url(w: &Writer<'_, '_>, xml: &mut Xml) {
    said("t:MeetingWorkspaceUrl", &w.view.particulars().workspace_url, xml);
}

pub(super) fn net_show_url(w: &Writer<'_, '_>, xml: &mut Xml) {
    said("t:NetShowUrl", &w.view.particulars().net_show_url, xml);
}

/// The location by its name, with what else is known of it.
pub(super) fn enhanced_location(w: &Writer<'_, '_>, xml: &mut Xml) {
    let (name, place) = (w.view.location(), &w.view.particulars().place);
    if name.is_empty() && place.is_none() {
        return;
    }
    xml.within("t:EnhancedLocation", |xml| {
        xml.leaf("t:DisplayName", name);
        let Some(place) = place else { return };
        if let Some(annotation) = &place.annotation {
            xml.leaf("t:Annotation", annotation);
        }
        if !place.address.is_empty() {
            xml.within("t:PostalAddress", |xml| leaves(&place.address, xml));
        }
    });
}

/// Who gets into the meeting of a join address, as meetings are made by default.
pub(super) fn online_settings(w: &Writer<'_, '_>, xml: &mut Xml) {
    if w.view.item.join_url.is_some() {
        xml.within("t:OnlineMeetingSettings", |xml| {
            xml.leaf("t:LobbyBypass", "EnabledForGatewayParticipants");
            xml.leaf("t:AccessLevel", "Everyone");
            xml.leaf("t:Presenters", "Everyone");
        });
    }
}

pub(super) fn not_to_be_forwarded(w: &Writer<'_, '_>, xml: &mut Xml) {
    if has_newest(w) {
        xml.value("t:DoNotForwardMeeting", w.view.particulars().not_to_be_forwarded);
    }
}

/// Whether the server has what came with 2016, whatever it is called in the schema.
fn has_newest(w: &Writer<'_, '_>) -> bool {
    w.call.schema >= Schema::Later && w.call.world.profile >= ServerProfile::Exchange2016
}

fn said(element: &str, text: &str, xml: &mut Xml) {
    if !text.is_empty() {
        xml.leaf(element, text);
    }
}

fn leaves(leaves: &Leaves, xml: &mut Xml) {
    for (name, text) in leaves {
        xml.leaf(&format!("t:{name}"), text);
    }
}
