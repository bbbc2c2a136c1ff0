//! GetUserAvailability ([MS-OXWAVLS] 3.1.4.1): when a mailbox is busy, by the server's own expansion of its series.

use super::{Dialect, Mailbox, calendar_item, date_time, reply};
use crate::{
    error::Error,
    http::{Operation, Reply, Request},
    xml::{Element, escape},
};
use chrono::{DateTime, TimeDelta, Utc};
use meeting_model::{clock::Window, item::ShowAs};
use serde::{Deserialize, Serialize};

/// The longest window that servers answer for as installed (`maximumQueryIntervalDays`).
pub const LONGEST: TimeDelta = TimeDelta::days(42);

/// One span of a mailbox's calendar: a CalendarEvent without its details.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Busy {
    /// When it starts.
    pub start: DateTime<Utc>,
    /// When it ends.
    pub end: DateTime<Utc>,
    /// What it looks like to others.
    pub show_as: ShowAs,
}

/// A zone whose clocks always show UTC: its changes never come (`Month` 0).
const UTC: &str = concat!(
    "<t:TimeZone><t:Bias>0</t:Bias>",
    "<t:StandardTime><t:Bias>0</t:Bias><t:Time>00:00:00</t:Time><t:DayOrder>0</t:DayOrder><t:Month>0</t:Month>",
    "<t:DayOfWeek>Sunday</t:DayOfWeek></t:StandardTime>",
    "<t:DaylightTime><t:Bias>0</t:Bias><t:Time>00:00:00</t:Time><t:DayOrder>0</t:DayOrder><t:Month>0</t:Month>",
    "<t:DayOfWeek>Sunday</t:DayOfWeek></t:DaylightTime></t:TimeZone>",
);

/// Asks for the spans of one mailbox that overlap the window, which should not be longer than [`LONGEST`].
pub fn request(dialect: Dialect, mailbox: &Mailbox, window: Window) -> Request {
    let wall = |instant| date_time::format(instant).trim_end_matches('Z').to_owned();
    let body = format!(
        concat!(
            "<m:GetUserAvailabilityRequest>{zone}<m:MailboxDataArray><t:MailboxData><t:Email><t:Address>{address}",
            "</t:Address></t:Email><t:AttendeeType>Room</t:AttendeeType></t:MailboxData></m:MailboxDataArray>",
            "<t:FreeBusyViewOptions><t:TimeWindow><t:StartTime>{start}</t:StartTime><t:EndTime>{end}</t:EndTime>",
            "</t:TimeWindow><t:RequestedView>FreeBusy</t:RequestedView></t:FreeBusyViewOptions>",
            "</m:GetUserAvailabilityRequest>",
        ),
        zone = UTC,
        address = escape(mailbox.as_str()),
        start = wall(window.start),
        end = wall(window.end),
    );
    dialect.request(mailbox, Operation::GetUserAvailability, &body)
}

/// Reads the spans, whose times are those of the clocks that were asked for: UTC.
///
/// # Errors
///
/// When the reply does not tell them one by one: see [`Problem`](crate::Problem).
pub fn parse(reply: &Reply<'_>) -> Result<Vec<Busy>, Error> {
    let operation = Operation::GetUserAvailability;
    let missing = |element| reply::missing(operation, element);
    let answer = reply::answer(operation, reply)?;
    let mailbox = answer.child("FreeBusyResponseArray").and_then(|array| array.child("FreeBusyResponse"));
    let mailbox = mailbox.ok_or_else(|| missing("FreeBusyResponse"))?;
    if let Some(failure) = mailbox.child("ResponseMessage").and_then(reply::failure) {
        return Err(Error { operation, problem: failure.problem() });
    }
    let view = mailbox.child("FreeBusyView").ok_or_else(|| missing("FreeBusyView"))?;
    let mut kinds = view.value("FreeBusyViewType").unwrap_or_default().split_whitespace();
    // `MergedOnly` and `None` tell no spans: their absence is not freedom.
    if !kinds.any(|kind| kind.starts_with("FreeBusy") || kind.starts_with("Detailed")) {
        return Err(missing("CalendarEventArray"));
    }
    let events = view.child("CalendarEventArray").map(|array| array.children.as_slice()).unwrap_or_default();
    events.iter().map(busy).collect::<Option<_>>().ok_or_else(|| missing("StartTime"))
}

fn busy(event: &Element) -> Option<Busy> {
    let start = date_time::instant(event.value("StartTime")?)?;
    let end = date_time::instant(event.value("EndTime")?)?.max(start);
    Some(Busy { start, end, show_as: calendar_item::show_as(event, "BusyType") })
}
