//! CreateItem ([MS-OXWSMTGS] 3.1.4.2): appointments, meetings with invitations, and answers to requests.

use super::soap::{EwsError, Messages};
use super::{Call, written};
use crate::world::{Audience, RoomNumber};
use crate::xml::{Element, Xml};
use crate::{Answer, MailboxState};

pub(super) fn answer(call: &mut Call<'_>) -> Result<String, EwsError> {
    let body = call.body;
    let items = body.child("Items").ok_or_else(|| EwsError::of("ErrorSchemaValidation"))?;
    let mut messages = Messages::new("CreateItem");
    for item in &items.children {
        let created = match item.name.as_str() {
            "CalendarItem" => create(call, item).map(Some),
            "AcceptItem" => respond(call, item, Answer::Accept),
            "TentativelyAcceptItem" => respond(call, item, Answer::Tentative),
            "DeclineItem" => respond(call, item, Answer::Decline),
            "CancelCalendarItem" => cancel(call, item),
            _ => Err(EwsError::of("ErrorInvalidRequest")),
        };
        match created {
            Ok(created) => messages.success(|xml| {
                xml.within("m:Items", |xml| {
                    if let Some((room, number)) = created {
                        call.write_new(room, number, xml);
                    }
                });
            }),
            Err(error) => messages.error(&error, |xml: &mut Xml| xml.empty("m:Items", &[])),
        }
    }
    Ok(messages.finish())
}

type Created = (RoomNumber, u64);

fn create(call: &mut Call<'_>, item: &Element) -> Result<Created, EwsError> {
    let audience = match call.body.attribute("SendMeetingInvitations") {
        None => return Err(EwsError::of("ErrorSendMeetingInvitationsRequired")),
        Some("SendToNone") => Audience::Nobody,
        Some("SendOnlyToAll" | "SendToAllAndSaveCopy") => Audience::Everybody,
        Some(_) => return Err(EwsError::of("ErrorSchemaValidation")),
    };
    let folder = call.body.child("SavedItemFolderId").and_then(|folder| folder.children.first());
    let otherwise = "ErrorCannotCreateCalendarItemInNonCalendarFolder";
    let own = || call.impersonated.or_else(|| call.world.home(&call.login));
    let room = match folder {
        Some(folder) => call.calendar(folder, otherwise)?,
        None => own().ok_or_else(|| EwsError::of("ErrorMissingEmailAddress"))?,
    };
    call.may_write(room)?;
    if call.world.room(room).is_some_and(|room| room.state == MailboxState::Full) {
        return Err(EwsError::of("ErrorQuotaExceeded"));
    }
    let draft = written::draft(call, room, item)?;
    let number = call.world.compose(room, draft, audience);
    number.map(|number| (room, number)).ok_or_else(|| EwsError::of("ErrorItemNotFound"))
}

/// A proxy answers a request that lies in a calendar.
fn respond(call: &mut Call<'_>, item: &Element, answer: Answer) -> Result<Option<Created>, EwsError> {
    let (room, view) = call.item_named(item.child("ReferenceItemId"))?;
    if view.item.is_own() {
        return Err(EwsError::of(match answer {
            Answer::Accept => "ErrorCalendarIsOrganizerForAccept",
            Answer::Tentative => "ErrorCalendarIsOrganizerForTentative",
            Answer::Decline => "ErrorCalendarIsOrganizerForDecline",
        }));
    }
    if view.cancelled() {
        return Err(EwsError::of(match answer {
            Answer::Accept => "ErrorCalendarIsCancelledForAccept",
            Answer::Tentative => "ErrorCalendarIsCancelledForTentative",
            Answer::Decline => "ErrorCalendarIsCancelledForDecline",
        }));
    }
    let missing = || EwsError::of("ErrorItemNotFound");
    let (meeting, date) = (view.item.meeting.ok_or_else(missing)?, view.date);
    call.may_write(room)?;
    let alias = call.world.room(room).map(|room| room.alias.clone()).ok_or_else(missing)?;
    let now = call.now();
    let answered = match date {
        None => call.world.answer(&alias, meeting, answer, now),
        Some(date) => call.world.answer_occurrence(&alias, meeting, date, answer, now),
    };
    answered.map_err(|_gone| missing())?;
    Ok(call.world.copy(room, meeting).map(|item| (room, item.number)))
}

/// An organizer calls a meeting off, and keeps nothing of it.
fn cancel(call: &mut Call<'_>, item: &Element) -> Result<Option<Created>, EwsError> {
    let (room, view) = call.item_named(item.child("ReferenceItemId"))?;
    if !view.item.is_own() {
        return Err(EwsError::of("ErrorCalendarIsNotOrganizer"));
    }
    let (number, date) = (view.item.number, view.date);
    call.may_write(room)?;
    match date {
        None => {
            call.world.remove(room, number, crate::world::Disposal::MoveToDeletedItems, true);
        }
        Some(date) => call.world.remove_occurrence(room, number, date, true),
    }
    Ok(None)
}
