//! FindItem ([MS-OXWSSRCH] 3.1.4.2, [MS-OXWSMTGS] CalendarView): what overlaps a span, series expanded.

use chrono::{DateTime, Months, Utc};

use super::calendar_item::Writer;
use super::shape::Shape;
use super::soap::{EwsError, Messages};
use super::{Call, calendar_item};
use crate::fault::Fault;
use crate::item::View;
use crate::world::RoomNumber;
use crate::xml::Element;

/// What is to be found.
enum Wanted {
    /// All that overlaps a span.
    Span { from: DateTime<Utc>, until: DateTime<Utc>, most: Option<usize> },
    /// Single items and masters, as they lie in the folder.
    Folder,
}

pub(super) fn answer(call: &Call<'_>) -> Result<String, EwsError> {
    let invalid = || EwsError::of("ErrorSchemaValidation");
    let shape = Shape::read(call.body.child("ItemShape"))?;
    let folders = call.body.child("ParentFolderIds").ok_or_else(invalid)?;
    let wanted = call.body.child("CalendarView").map_or(Ok(Wanted::Folder), |view| span(call, view))?;
    let valid = calendar_item::check(&shape, call);
    let mut messages = Messages::new("FindItem");
    for folder in &folders.children {
        let room = valid
            .clone()
            .and_then(|()| in_order(&wanted))
            .and_then(|()| call.calendar(folder, "ErrorCalendarFolderIsInvalidForCalendarView"));
        match room.and_then(|room| find(call, room, &wanted).map(|found| (room, found))) {
            Err(error) => messages.error(&error, |_| {}),
            Ok((room, (views, total))) => messages.success(|xml| {
                let last = (views.len() == total).to_string();
                let counts = [("TotalItemsInView", total.to_string()), ("IncludesLastItemInRange", last)];
                let counts = counts.each_ref().map(|(name, value)| (*name, value.as_str()));
                xml.element("m:RootFolder", &counts, |xml| {
                    xml.within("t:Items", |xml| {
                        for view in views {
                            Writer::brief(call, &shape, room, view).write(xml);
                        }
                    });
                });
            }),
        }
    }
    Ok(messages.finish())
}

fn span(call: &Call<'_>, view: &Element) -> Result<Wanted, EwsError> {
    let invalid = || EwsError::of("ErrorSchemaValidation");
    let bound = |name| view.attribute(name).ok_or_else(invalid).and_then(|text| call.instant(text));
    let most = match view.attribute("MaxEntriesReturned") {
        None => None,
        Some(most) => Some(most.parse().ok().filter(|most| *most > 0).ok_or_else(invalid)?),
    };
    Ok(Wanted::Span { from: bound("StartDate")?, until: bound("EndDate")?, most })
}

fn in_order(wanted: &Wanted) -> Result<(), EwsError> {
    match wanted {
        Wanted::Span { from, until, .. } if until < from => {
            Err(EwsError::of("ErrorCalendarEndDateIsEarlierThanStartDate"))
        }
        Wanted::Span { from, until, .. } if *until > *from + Months::new(24) => {
            Err(EwsError::of("ErrorCalendarViewRangeTooBig"))
        }
        _ => Ok(()),
    }
}

/// What is returned, and how much there is.
fn find<'a>(
    call: &'a Call<'_>,
    room: RoomNumber,
    wanted: &Wanted,
) -> Result<(Vec<View<'a>>, usize), EwsError> {
    let Some(calendar) = call.world.room(room).map(|room| &room.calendar) else { return Ok((Vec::new(), 0)) };
    let (mut views, most) = match wanted {
        _ if call.fault == Some(Fault::EmptyCalendar) => (Vec::new(), None),
        Wanted::Span { from, until, most } if !call.world.profile.expands_series() => {
            (calendar.unexpanded(*from, *until), *most)
        }
        Wanted::Span { from, until, most } => (calendar.view(*from, *until), *most),
        Wanted::Folder => (calendar.items().map(View::whole).collect(), None),
    };
    let total = views.len();
    let limit = call.world.throttle.find_count_limit();
    if most.is_none() && total > limit {
        return Err(EwsError::of("ErrorExceededFindCountLimit"));
    }
    views.truncate(most.unwrap_or(limit).min(limit));
    Ok((views, total))
}
