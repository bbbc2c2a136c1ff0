//! An appointment ([MS-XWDCAL] 2.2, [MS-OXOCAL] 2.2.1): from its properties to the model.

use super::{
    cancelled,
    folder::instant,
    multistatus::{Properties, Response as Listed},
    person::{addresses, person},
    property, url, vtimezone,
};
use crate::xml;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, NaiveDate, Utc};
use meeting_model::{
    global_object_id::GlobalObjectId,
    id::ItemId,
    item::{CalendarItem, ItemKind, Response, Sensitivity, ShowAs},
    join::{self, Body, Invitation, Join, JoinRules},
    zone::ZoneRef,
};
use serde::{Deserialize, Serialize};

/// PidLidAppointmentStateFlags: cancelled.
const CANCELLED: i32 = 0x4;

/// What a row is ([MS-XWDCAL] 2.2.2.18 InstanceType, by the values of CdoInstanceType).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Instance {
    Single,
    Master,
    Occurrence,
    Exception,
}

/// One row, with the id that it goes by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Row {
    pub(super) id: ItemId,
    pub(super) instance: Instance,
    properties: Properties,
}

impl Row {
    pub(super) fn of(listed: Listed) -> Self {
        let Listed { href, properties, .. } = listed;
        let instance = match properties.number(property::INSTANCE_TYPE) {
            Some(1) => Instance::Master,
            Some(2) => Instance::Occurrence,
            Some(3) => Instance::Exception,
            _ => Instance::Single,
        };
        Self { id: ItemId::new(url::plain(&href)), instance, properties }
    }

    /// Whether it is one of a series.
    pub(super) fn repeats(&self) -> bool {
        matches!(self.instance, Instance::Occurrence | Instance::Exception)
    }

    fn value(&self, uri: &str) -> Option<&str> {
        self.properties.value(uri)
    }

    pub(super) fn start(&self) -> Option<DateTime<Utc>> {
        self.value(property::START).and_then(instant)
    }

    pub(super) fn end(&self) -> Option<DateTime<Utc>> {
        self.value(property::END).and_then(instant)
    }

    pub(super) fn uid(&self) -> Option<&str> {
        self.value(property::UID)
    }

    pub(super) fn subject(&self) -> Option<&str> {
        self.properties.text(property::SUBJECT)
    }

    /// The id that all occurrences and all copies share; Exchange 2003 may tell only an occurrence's own.
    pub(super) fn clean_global_object_id(&self) -> Option<GlobalObjectId> {
        let ids = [property::CLEAN_GLOBAL_OBJECT_ID, property::GLOBAL_OBJECT_ID];
        ids.into_iter().find_map(|uri| self.global_object_id(uri)).map(GlobalObjectId::clean)
    }

    /// What its series is known by.
    pub(super) fn series_id(&self) -> Option<GlobalObjectId> {
        self.clean_global_object_id().or_else(|| self.uid().map(GlobalObjectId::from_uid))
    }

    fn global_object_id(&self, uri: &str) -> Option<GlobalObjectId> {
        GlobalObjectId::parse(&STANDARD.decode(self.value(uri)?).ok()?).ok()
    }

    /// When the pattern would have started an occurrence: what it says, else the date in its GlobalObjectId at its
    /// series' time of day, else when it starts.
    pub(super) fn original_start(&self, series_start: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let said = self.value(property::RECURRENCE_ID).and_then(instant);
        let dated = || {
            let own = self.global_object_id(property::GLOBAL_OBJECT_ID)?;
            Some(date_of(&own)?.and_time(series_start.time()).and_utc())
        };
        let moved = self.instance == Instance::Exception;
        said.or_else(|| moved.then(dated).flatten()).or_else(|| self.start())
    }

    pub(super) fn response(&self) -> Response {
        match self.properties.number(property::RESPONSE) {
            Some(1) => Response::Organizer,
            Some(2) => Response::Tentative,
            Some(3) => Response::Accept,
            Some(4) => Response::Decline,
            Some(5) => Response::NoResponseReceived,
            _ => Response::Unknown,
        }
    }

    /// Rule A1, with the sign of a direct booking that was cancelled.
    pub(super) fn is_cancelled(&self) -> bool {
        let is = |uri, word: &str| self.value(uri).is_some_and(|value| value.eq_ignore_ascii_case(word));
        let freed = is(property::BUSY_STATUS, "FREE");
        is(property::MEETING_STATUS, "CANCELLED")
            || self.properties.number(property::STATE).is_some_and(|state| state & CANCELLED != 0)
            || (freed && self.subject().is_some_and(cancelled::is_cancelled))
    }

    /// The item; `None` without what every item needs.
    pub(super) fn to_meeting(&self, join: &JoinRules) -> Option<CalendarItem> {
        let start = self.start()?;
        let state = self.properties.number(property::STATE);
        Some(CalendarItem {
            item_id: self.id.clone(),
            change_key: self.value(property::ETAG).map(str::to_owned),
            kind: match self.instance {
                Instance::Single => ItemKind::Single,
                Instance::Master => ItemKind::RecurringMaster,
                Instance::Occurrence | Instance::Exception => ItemKind::Exception,
            },
            clean_global_object_id: self.clean_global_object_id(),
            uid: self.uid().map(str::to_owned),
            subject: self.subject().map(str::to_owned),
            sensitivity: self.sensitivity(),
            show_as: self.show_as(),
            start,
            end: self.end()?.max(start),
            all_day: self.value(property::ALL_DAY).and_then(xml::boolean).unwrap_or_default(),
            is_meeting: state.map(|state| state & 0x1 != 0),
            is_cancelled: self.is_cancelled(),
            appointment_state: state,
            response: self.response(),
            reply_time: self.value(property::REPLY_TIME).and_then(instant),
            sequence: self.properties.number(property::SEQUENCE),
            last_modified: self.value(property::LAST_MODIFIED).and_then(instant),
            organizer: self.value(property::ORGANIZER).and_then(person),
            location: self.value(property::LOCATION).map(str::to_owned),
            has_body: self.value(property::BODY).is_some(),
            lost_body: false,
            join: self.join_addresses(self.value(property::BODY), join),
            zone: self.zone(),
            series: None,
        })
    }

    /// The same of an exception, which the store tells without a body: what its series says counts.
    pub(super) fn to_exception(&self, series: &Self, join: &JoinRules) -> Option<CalendarItem> {
        let own = self.to_meeting(join)?;
        if own.has_body {
            return Some(own);
        }
        let body = series.value(property::BODY);
        Some(CalendarItem { has_body: body.is_some(), join: self.join_addresses(body, join), ..own })
    }

    /// Section F of the rules.
    fn join_addresses(&self, body: Option<&str>, rules: &JoinRules) -> Join {
        let lists = [property::ORGANIZER, property::TO, property::CC];
        let people: Vec<&str> =
            lists.iter().filter_map(|list| self.value(list)).flat_map(addresses).collect();
        let invitation = Invitation {
            online_meeting_url: None,
            location: self.value(property::LOCATION),
            body: body.map(Body::Text),
            people: &people,
        };
        join::find(&invitation, rules)
    }

    /// A number we do not know hides the item: it is there to protect somebody.
    pub(super) fn sensitivity(&self) -> Sensitivity {
        match self.value(property::SENSITIVITY) {
            None | Some("0") => Sensitivity::Normal,
            Some("1") => Sensitivity::Personal,
            Some("3") => Sensitivity::Confidential,
            Some(_) => Sensitivity::Private,
        }
    }

    fn show_as(&self) -> ShowAs {
        let word = self.value(property::BUSY_STATUS).unwrap_or_default().to_ascii_uppercase();
        match word.as_str() {
            "FREE" => ShowAs::Free,
            "TENTATIVE" => ShowAs::Tentative,
            "OOF" | "OUTOFOFFICE" => ShowAs::OutOfOffice,
            _ => ShowAs::Busy,
        }
    }

    /// The clocks that it brings along win over the number of its zone.
    fn zone(&self) -> ZoneRef {
        let number = || self.properties.number(property::TIME_ZONE_ID).and_then(|id| u32::try_from(id).ok());
        let own = self.value(property::TIME_ZONE).and_then(vtimezone::parse);
        own.or_else(|| number().map(ZoneRef::of_cdo)).unwrap_or_default()
    }
}

/// The civil date in an occurrence's GlobalObjectId ([MS-OXOCAL] 2.2.1.27: YH, YL, M, D).
fn date_of(id: &GlobalObjectId) -> Option<NaiveDate> {
    let &[high, low, month, day] = id.as_bytes().get(16..)?.first_chunk::<4>()?;
    NaiveDate::from_ymd_opt(i32::from(u16::from_be_bytes([high, low])), month.into(), day.into())
}
