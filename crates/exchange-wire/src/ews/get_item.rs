//! GetItem ([MS-OXWSCORE] 3.1.4.4): everything about some items.

use super::{Dialect, Mailbox, Meeting, Version, calendar_item, each, field_uris, reply};
use crate::{
    error::{Denied, Error, Problem},
    http::{Operation, Reply, Request},
    xml::{Element, escape},
};
use meeting_model::{id::ItemId, join::JoinRules};

/// What every version knows, and the model asks for. Exchange has no cheaper sign that there is a body than the body; and the
/// people of a meeting are asked for because none of their addresses, which stand in bodies, is one to join by.
const ALWAYS: [&str; 24] = [
    "item:Subject",
    "item:Sensitivity",
    "item:Body",
    "item:LastModifiedTime",
    "calendar:UID",
    "calendar:Start",
    "calendar:End",
    "calendar:IsAllDayEvent",
    "calendar:LegacyFreeBusyStatus",
    "calendar:Location",
    "calendar:IsMeeting",
    "calendar:IsCancelled",
    "calendar:CalendarItemType",
    "calendar:MyResponseType",
    "calendar:Organizer",
    "calendar:RequiredAttendees",
    "calendar:OptionalAttendees",
    "calendar:Resources",
    "calendar:AppointmentReplyTime",
    "calendar:AppointmentSequenceNumber",
    "calendar:AppointmentState",
    "calendar:Recurrence",
    "calendar:ModifiedOccurrences",
    "calendar:DeletedOccurrences",
];

/// What the server says of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The item.
    Meeting(Box<Meeting>),
    /// Something else lies in the calendar: a message, a contact.
    NotAMeeting,
    /// It is not there any more.
    Gone,
    /// It is there, but cannot be read.
    Unreadable,
    /// The server stopped before it: ask again.
    Unprocessed,
}

/// Asks for these items, of which there must be at least one.
pub fn request(dialect: Dialect, mailbox: &Mailbox, ids: &[ItemId]) -> Request {
    let newer: &[&str] = match dialect.version {
        Version::Exchange2007Sp1 => &["calendar:MeetingTimeZone", "calendar:TimeZone"],
        Version::Exchange2010 | Version::Exchange2010Sp1 => &["calendar:StartTimeZone"],
        _ => &["calendar:StartTimeZone", "calendar:StartTimeZoneId", "calendar:JoinOnlineMeetingUrl"],
    };
    let body = format!(
        concat!(
            "<m:GetItem><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape><t:BodyType>Text</t:BodyType>",
            "<t:AdditionalProperties>{always}{newer}",
            "{global_object_ids}</t:AdditionalProperties></m:ItemShape><m:ItemIds>{ids}</m:ItemIds></m:GetItem>",
        ),
        always = field_uris(&ALWAYS),
        newer = field_uris(newer),
        global_object_ids = super::GLOBAL_OBJECT_IDS,
        ids = each(ids, |id| format!(r#"<t:ItemId Id="{}"/>"#, escape(id.as_str()))),
    );
    dialect.request(mailbox, Operation::GetItem, &body)
}

/// Reads what the server says of each item, in the order in which they were asked for, and looks for its join addresses: its
/// body goes no further.
///
/// An item that alone is missing, broken or forbidden is an [`Answer`]; what concerns the mailbox or the server is an
/// error, and so is a reply in which nothing but refusals came.
///
/// # Errors
///
/// When the reply does not answer for each of `ids`: see [`Problem`].
pub fn parse(reply: &Reply<'_>, ids: &[ItemId], join: &JoinRules) -> Result<Vec<Answer>, Error> {
    let operation = Operation::GetItem;
    let messages = reply::messages(operation, reply)?;
    if messages.len() != ids.len() {
        let problem = Problem::MessageCount { expected: ids.len(), found: messages.len() };
        return Err(Error { operation, problem });
    }
    let mut refused = None;
    let mut answers = Vec::with_capacity(ids.len());
    for (message, id) in messages.iter().zip(ids) {
        answers.push(match answer(message, id, ids, join) {
            Ok(answer) => answer,
            Err(problem @ Problem::AccessDenied { denied: Denied::Read, .. }) => {
                refused = Some(problem);
                Answer::Unreadable
            }
            Err(problem) => return Err(Error { operation, problem }),
        });
    }
    match refused {
        Some(problem) if !answers.iter().any(|answer| matches!(answer, Answer::Meeting(_))) => {
            Err(Error { operation, problem })
        }
        _ => Ok(answers),
    }
}

fn answer(message: &Element, id: &ItemId, asked: &[ItemId], join: &JoinRules) -> Result<Answer, Problem> {
    if let Some(failure) = reply::failure(message) {
        return match failure {
            failure if failure.is_gone() => Ok(Answer::Gone),
            failure if failure.is_of_one_item() => Ok(Answer::Unreadable),
            failure => match failure.problem() {
                Problem::TooMuch { .. } => Ok(Answer::Unprocessed),
                problem => Err(problem),
            },
        };
    }
    let Some(item) = message.child("Items").and_then(|items| items.children.first()) else {
        return Ok(Answer::Unreadable);
    };
    let found = item.child("ItemId").and_then(|id| id.attribute("Id"));
    if let Some(other) = asked.iter().find(|other| *other != id && Some(other.as_str()) == found) {
        return Err(Problem::Unexpected { expected: id.to_string(), found: other.to_string() });
    }
    if item.name != "CalendarItem" {
        return Ok(Answer::NotAMeeting);
    }
    Ok(calendar_item::to_meeting(item, id, join)
        .map_or(Answer::Unreadable, |meeting| Answer::Meeting(Box::new(meeting))))
}
