//! Writing a calendar item: only the properties asked for, in the order of the schema.

mod meeting_time_zone;
mod other;
mod particulars;
mod property;
mod recurrence;
mod since;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};

pub(super) use self::property::free_busy_word;

use super::Call;
use super::id::{Folder, Id};
use super::shape::{Base, Shape};
use super::soap::{EwsError, Schema};
use crate::item::{CalendarItem, Mailbox, View};
use crate::meeting_request::is_request;
use crate::profile::Habits;
use crate::world::RoomNumber;
use crate::xml::Xml;

/// How much of a long text FindItem and SyncFolderItems return.
const BRIEF_TEXT: usize = 255;
/// PidLidGlobalObjectId and PidLidCleanGlobalObjectId.
const GLOBAL_OBJECT_ID: u32 = 3;
pub(super) const CLEAN_GLOBAL_OBJECT_ID: u32 = 35;

/// PidTagMessageClass.
pub(super) fn item_class(item: &CalendarItem) -> &'static str {
    if is_request(item) { "IPM.Schedule.Meeting.Request" } else { "IPM.Appointment" }
}

/// One property: its name in requests, since when it exists, which base shapes hold it, how it is written.
struct Property(&'static str, Schema, Base, fn(&Writer<'_, '_>, &mut Xml));

use Base::{AllProperties as All, Default as Usual, Never};
use Schema::{
    Exchange2007 as V2007, Exchange2007Sp1 as V2007Sp1, Exchange2010 as V2010, Exchange2013 as V2013, Later,
};

/// The properties before the extended ones ([MS-OXWSCORE] ItemType).
const BEFORE_EXTENDED: &[Property] = &[
    Property("item:ParentFolderId", V2007, All, property::parent),
    Property("item:ItemClass", V2007, All, |w, xml| xml.leaf("t:ItemClass", item_class(w.view.item))),
    Property("item:Subject", V2007, Usual, property::subject),
    Property("item:Sensitivity", V2007, All, property::sensitivity),
    Property("item:Body", V2007, All, |w, xml| w.body("t:Body", w.shape.html, xml)),
    Property("item:DateTimeReceived", V2007, All, |w, xml| {
        w.time("t:DateTimeReceived", w.view.item.created_at, xml);
    }),
    Property("item:Categories", V2007, All, particulars::categories),
    Property("item:Importance", V2007, All, particulars::importance),
    Property("item:IsDraft", V2007, All, |_, xml| xml.leaf("t:IsDraft", "false")),
    Property("item:DateTimeSent", V2007, All, |w, xml| w.time("t:DateTimeSent", w.view.item.created_at, xml)),
    Property("item:DateTimeCreated", V2007, All, |w, xml| {
        w.time("t:DateTimeCreated", w.view.item.created_at, xml);
    }),
    Property("item:ReminderDueBy", V2007, All, particulars::reminder_due_by),
    Property("item:ReminderIsSet", V2007, All, particulars::reminder_is_set),
    Property("item:ReminderNextTime", V2013, All, particulars::reminder_next_time),
    Property("item:ReminderMinutesBeforeStart", V2007, All, particulars::reminder_minutes),
    Property("item:HasAttachments", V2007, Usual, |w, xml| {
        xml.value("t:HasAttachments", w.view.item.attached);
    }),
];

/// The properties after the extended ones ([MS-OXWSCORE] ItemType, [MS-OXWSMTGS] CalendarItemType).
const AFTER_EXTENDED: &[Property] = &[
    Property("item:LastModifiedTime", V2007Sp1, All, |w, xml| {
        w.time("t:LastModifiedTime", w.view.item.modified_at, xml);
    }),
    Property("item:InstanceKey", V2013, Never, particulars::instance_key),
    Property("item:NormalizedBody", V2013, Never, particulars::normalized_body),
    Property("item:TextBody", V2013, Never, |w, xml| w.body("t:TextBody", false, xml)),
    Property("calendar:UID", V2007Sp1, All, property::uid),
    Property("calendar:RecurrenceId", V2007Sp1, All, property::recurrence_id),
    Property("calendar:DateTimeStamp", V2007Sp1, All, |w, xml| {
        w.time("t:DateTimeStamp", w.view.item.created_at, xml);
    }),
    Property("calendar:Start", V2007, Usual, |w, xml| w.time("t:Start", w.view.start(), xml)),
    Property("calendar:End", V2007, Usual, |w, xml| w.time("t:End", w.view.end(), xml)),
    Property("calendar:OriginalStart", V2007, All, |w, xml| w.original("t:OriginalStart", xml)),
    Property("calendar:IsAllDayEvent", V2007, All, |w, xml| {
        xml.value("t:IsAllDayEvent", w.view.item.all_day);
    }),
    Property("calendar:LegacyFreeBusyStatus", V2007, Usual, property::free_busy),
    Property("calendar:Location", V2007, Usual, property::location),
    Property("calendar:IsMeeting", V2007, All, |w, xml| xml.value("t:IsMeeting", w.view.item.is_meeting())),
    Property("calendar:IsCancelled", V2007, All, |w, xml| xml.value("t:IsCancelled", w.view.cancelled())),
    Property("calendar:IsRecurring", V2007, All, property::is_recurring),
    Property("calendar:MeetingRequestWasSent", V2007, All, |w, xml| {
        xml.value("t:MeetingRequestWasSent", w.view.item.request_sent);
    }),
    Property("calendar:IsResponseRequested", V2007, All, particulars::response_requested),
    Property("calendar:CalendarItemType", V2007, Usual, property::item_type),
    Property("calendar:MyResponseType", V2007, All, property::response),
    Property("calendar:Organizer", V2007, Usual, property::organizer),
    Property("calendar:RequiredAttendees", V2007, All, property::required_attendees),
    Property("calendar:OptionalAttendees", V2007, All, property::optional_attendees),
    Property("calendar:Resources", V2007, All, property::resources),
    Property("calendar:InboxReminders", Later, All, particulars::inbox_reminders),
    Property("calendar:Duration", V2007, All, property::duration),
    Property("calendar:TimeZone", V2007, All, property::time_zone),
    Property("calendar:AppointmentReplyTime", V2007, All, property::reply_time),
    Property("calendar:AppointmentSequenceNumber", V2007, All, property::sequence),
    Property("calendar:AppointmentState", V2007, All, |w, xml| {
        xml.value("t:AppointmentState", w.view.state());
    }),
    Property("calendar:Recurrence", V2007, All, recurrence::recurrence),
    Property("calendar:FirstOccurrence", V2007, All, recurrence::first_occurrence),
    Property("calendar:LastOccurrence", V2007, All, recurrence::last_occurrence),
    Property("calendar:ModifiedOccurrences", V2007, All, recurrence::modified_occurrences),
    Property("calendar:DeletedOccurrences", V2007, All, recurrence::deleted_occurrences),
    Property("calendar:MeetingTimeZone", V2007, All, meeting_time_zone::write),
    Property("calendar:StartTimeZone", V2010, All, |w, xml| w.zone("t:StartTimeZone", xml)),
    Property("calendar:EndTimeZone", V2010, All, |w, xml| w.zone("t:EndTimeZone", xml)),
    Property("calendar:ConferenceType", V2007, All, particulars::conference_type),
    Property("calendar:AllowNewTimeProposal", V2007, All, particulars::new_time_proposal),
    Property("calendar:IsOnlineMeeting", V2007, All, particulars::is_online),
    Property("calendar:MeetingWorkspaceUrl", V2007, All, particulars::workspace_url),
    Property("calendar:NetShowUrl", V2007, All, particulars::net_show_url),
    Property("calendar:EnhancedLocation", V2013, All, particulars::enhanced_location),
    Property("calendar:StartWallClock", V2013, All, |w, xml| w.wall("t:StartWallClock", w.view.start(), xml)),
    Property("calendar:EndWallClock", V2013, All, |w, xml| w.wall("t:EndWallClock", w.view.end(), xml)),
    Property("calendar:StartTimeZoneId", V2013, All, |w, xml| {
        xml.leaf("t:StartTimeZoneId", w.view.item.zone.id());
    }),
    Property("calendar:EndTimeZoneId", V2013, All, |w, xml| {
        xml.leaf("t:EndTimeZoneId", w.view.item.zone.id());
    }),
    Property("calendar:IntendedFreeBusyStatus", V2013, All, property::intended),
    Property("calendar:JoinOnlineMeetingUrl", V2013, All, property::join_url),
    Property("calendar:OnlineMeetingSettings", V2013, All, particulars::online_settings),
    Property("calendar:IsOrganizer", V2013, All, |w, xml| {
        xml.value("t:IsOrganizer", w.view.item.is_own());
    }),
    Property("calendar:DoNotForwardMeeting", Later, All, particulars::not_to_be_forwarded),
];

/// Fails when a shape asks for a property that its schema version does not have.
pub(super) fn check(shape: &Shape, call: &Call<'_>) -> Result<(), EwsError> {
    if !call.world.profile.habits().refuses_unknown_properties {
        return Ok(());
    }
    let since = |uri: &str| {
        let mut properties = BEFORE_EXTENDED.iter().chain(AFTER_EXTENDED);
        properties.find(|known| known.0 == uri).map_or_else(|| since::since(uri), |known| known.1)
    };
    if shape.fields().any(|uri| call.schema < since(uri)) {
        Err(EwsError::of("ErrorInvalidPropertyRequest"))
    } else {
        Ok(())
    }
}

/// One item about to be written.
pub(super) struct Writer<'a, 'c> {
    call: &'a Call<'c>,
    shape: &'a Shape,
    room: RoomNumber,
    folder: Folder,
    view: View<'a>,
    /// As FindItem and SyncFolderItems write it: no body, no attendees, no series data, an organizer's name only.
    brief: bool,
}

impl<'a, 'c> Writer<'a, 'c> {
    pub(super) fn full(
        call: &'a Call<'c>,
        shape: &'a Shape,
        room: RoomNumber,
        folder: Folder,
        view: View<'a>,
    ) -> Self {
        Self { call, shape, room, folder, view, brief: false }
    }

    pub(super) fn brief(call: &'a Call<'c>, shape: &'a Shape, room: RoomNumber, view: View<'a>) -> Self {
        Self { call, shape, room, folder: Folder::Calendar, view, brief: true }
    }

    /// The same for an item of another folder.
    pub(super) fn lying_in(mut self, folder: Folder) -> Self {
        self.folder = folder;
        self
    }

    pub(super) fn write(&self, xml: &mut Xml) {
        let is_request = is_request(self.view.item);
        xml.within(if is_request { "t:MeetingRequest" } else { "t:CalendarItem" }, |xml| {
            self.item_id("t:ItemId", &self.view, xml);
            self.properties(BEFORE_EXTENDED, xml);
            for property in &self.shape.extended {
                let bytes = match property.meeting_property() {
                    Some(GLOBAL_OBJECT_ID) => self.view.global_object_id(),
                    Some(CLEAN_GLOBAL_OBJECT_ID) => self.view.item.id.clean(),
                    _ => continue,
                };
                property.write(&STANDARD.encode(bytes), xml);
            }
            // what a request says of its meeting is not written
            if !is_request {
                self.properties(AFTER_EXTENDED, xml);
            }
        });
    }

    fn properties(&self, properties: &[Property], xml: &mut Xml) {
        for Property(uri, since, base, write) in properties {
            let wanted = self.shape.wants(uri, *base);
            let plain = self.habits().writes_what_is_asked;
            let written = if plain { wanted } else { other::writes(self, uri, wanted) };
            if self.call.schema >= *since && written {
                write(self, xml);
            }
        }
    }

    fn habits(&self) -> &'static Habits {
        self.call.world.profile.habits()
    }

    fn item_id(&self, element: &str, view: &View<'_>, xml: &mut Xml) {
        let world = &self.call.world;
        let id = match self.folder {
            Folder::DeletedItems | Folder::Inbox => {
                world.id_text(Id::Item(self.room, self.folder, view.item.number))
            }
            _ => world.view_id(self.room, view),
        };
        let key = world.change_key(self.room, self.call.changed(self.room, view.item));
        xml.empty(element, &[("Id", &id), ("ChangeKey", &key)]);
    }

    /// Instants are written in the zone of the request's context, else in UTC.
    fn time(&self, element: &str, instant: DateTime<Utc>, xml: &mut Xml) {
        match &self.call.zone {
            None => xml.instant(element, instant),
            Some(zone) => xml.value(element, zone.offset_form(instant).format("%Y-%m-%dT%H:%M:%S%:z")),
        }
    }

    fn original(&self, element: &str, xml: &mut Xml) {
        if let Some((start, _)) = self.view.original() {
            self.time(element, start, xml);
        }
    }

    fn wall(&self, element: &str, instant: DateTime<Utc>, xml: &mut Xml) {
        let shown = self.view.item.zone.offset_form(instant);
        xml.value(element, shown.format("%Y-%m-%dT%H:%M:%S%:z"));
    }

    fn body(&self, element: &str, html: bool, xml: &mut Xml) {
        if self.brief {
            return;
        }
        let html = html || (element == "t:Body" && self.call.world.bodies_are_html);
        let body = self.view.body();
        let kind = if html { "HTML" } else { "Text" };
        xml.element(element, &[("BodyType", kind)], |xml| {
            if html && !body.is_empty() {
                xml.text(&format!("<html><body>{}</body></html>", escaped(body)));
            } else {
                xml.text(body);
            }
        });
    }

    fn mailbox(&self, mailbox: &Mailbox, xml: &mut Xml) {
        xml.within("t:Mailbox", |xml| {
            xml.leaf("t:Name", &mailbox.name);
            if !self.brief {
                xml.leaf("t:EmailAddress", &mailbox.address);
                xml.leaf("t:RoutingType", "SMTP");
                if self.call.schema >= V2010 {
                    xml.leaf("t:MailboxType", "Mailbox");
                }
            }
        });
    }

    fn attendee(&self, mailbox: &Mailbox, response: &str, at: Option<DateTime<Utc>>, xml: &mut Xml) {
        xml.within("t:Attendee", |xml| {
            self.mailbox(mailbox, xml);
            xml.leaf("t:ResponseType", response);
            if let Some(at) = at {
                self.time("t:LastResponseTime", at, xml);
            }
        });
    }

    fn zone(&self, element: &str, xml: &mut Xml) {
        let zone = &self.view.item.zone;
        xml.empty(element, &[("Name", zone.display_name()), ("Id", zone.id())]);
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('\n', "<br>\n")
}
