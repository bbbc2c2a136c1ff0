//! FindItem ([MS-OXWSSRCH] 3.1.4.2, [MS-OXWSMTGS] CalendarView): what overlaps a span, series expanded.

mod page;
mod restriction;

use chrono::{DateTime, Months, Utc};

use self::page::Page;
use self::restriction::Restriction;

use super::calendar_item::Writer;
use super::id::Folder;
use super::shape::Shape;
use super::soap::{EwsError, Messages};
use super::{Call, calendar_item};
use crate::fault::Fault;
use crate::item::View;
use crate::meeting_request::MeetingRequest;
use crate::world::RoomNumber;
use crate::xml::Element;

/// What is to be found.
enum Wanted {
    /// All that overlaps a span.
    Span { from: DateTime<Utc>, until: DateTime<Utc>, most: Option<usize> },
    /// Single items and masters, as they lie in the folder.
    Folder { restriction: Option<Restriction>, page: Option<Page> },
}

/// What was found, and how it lies in the whole.
struct Found<'a> {
    views: Vec<View<'a>>,
    total: usize,
    /// Where the next page begins.
    next: Option<usize>,
    last: bool,
}

pub(super) fn answer(call: &Call<'_>) -> Result<String, EwsError> {
    let invalid = || EwsError::of("ErrorSchemaValidation");
    let shape = Shape::read(call.body.child("ItemShape"))?;
    let folders = call.body.child("ParentFolderIds").ok_or_else(invalid)?;
    let wanted = wanted(call)?;
    let valid = calendar_item::check(&shape, call);
    let mut messages = Messages::new("FindItem");
    for folder in &folders.children {
        let place = valid.clone().and_then(|()| in_order(&wanted)).and_then(|()| match wanted {
            Wanted::Span { .. } => call
                .calendar(folder, "ErrorCalendarFolderIsInvalidForCalendarView")
                .map(|room| (room, Folder::Calendar)),
            Wanted::Folder { .. } => call.folder(folder),
        });
        match place.and_then(|place| find(call, place, &wanted).map(|found| (place, found))) {
            Err(error) => messages.error(&error, |_| {}),
            Ok(((room, folder), found)) => messages.success(|xml| {
                let next = found.next.map(|next| ("IndexedPagingOffset", next.to_string()));
                let counts = [
                    ("TotalItemsInView", found.total.to_string()),
                    ("IncludesLastItemInRange", found.last.to_string()),
                ];
                let counts: Vec<_> = next.into_iter().chain(counts).collect();
                let counts: Vec<_> = counts.iter().map(|(name, value)| (*name, value.as_str())).collect();
                xml.element("m:RootFolder", &counts, |xml| {
                    xml.within("t:Items", |xml| {
                        for view in found.views {
                            Writer::brief(call, &shape, room, view).lying_in(folder).write(xml);
                        }
                    });
                });
            }),
        }
    }
    Ok(messages.finish())
}

fn wanted(call: &Call<'_>) -> Result<Wanted, EwsError> {
    if let Some(view) = call.body.child("CalendarView") {
        let narrowed = ["Restriction", "SortOrder"].iter().any(|part| call.body.child(part).is_some());
        if narrowed && call.world.profile.habits().checks_schemas {
            return Err(EwsError::of("ErrorInvalidRequest"));
        }
        return span(call, view);
    }
    let restriction = call.body.child("Restriction").and_then(|restriction| restriction.children.first());
    let restriction = restriction.map(|restriction| Restriction::read(call, restriction)).transpose()?;
    let page = call.body.child("IndexedPageItemView").map(Page::read).transpose()?;
    Ok(Wanted::Folder { restriction, page })
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
    (room, folder): (RoomNumber, Folder),
    wanted: &Wanted,
) -> Result<Found<'a>, EwsError> {
    let nothing = Found { views: Vec::new(), total: 0, next: None, last: true };
    let Some(calendar) = call.world.room(room).map(|room| &room.calendar) else { return Ok(nothing) };
    if call.fault == Some(Fault::EmptyCalendar) {
        return Ok(nothing);
    }
    let limit = call.world.throttle.find_count_limit();
    let page_limit = if call.fault == Some(Fault::ShortPage) { 1 } else { limit };
    let (mut views, most) = match wanted {
        Wanted::Span { from, until, most } if !call.world.profile.habits().expands_series => {
            (calendar.unexpanded(*from, *until), *most)
        }
        Wanted::Span { from, until, most } => (calendar.view(*from, *until), *most),
        Wanted::Folder { restriction, page } => {
            let views = lying_in(call, room, folder, restriction.as_ref())?;
            if let Some(page) = page {
                let total = views.len();
                let (views, next, last) = page.cut(views, page_limit);
                return Ok(Found { views, total, next: Some(next), last });
            }
            (views, None)
        }
    };
    let total = views.len();
    if most.is_none() && total > limit {
        return Err(EwsError::of("ErrorExceededFindCountLimit"));
    }
    views.truncate(most.unwrap_or(limit).min(page_limit));
    let last = views.len() == total;
    Ok(Found { views, total, next: None, last })
}

/// The items of a folder that a restriction lets through, in the order asked for; the newest come first.
fn lying_in<'a>(
    call: &'a Call<'_>,
    room: RoomNumber,
    folder: Folder,
    restriction: Option<&Restriction>,
) -> Result<Vec<View<'a>>, EwsError> {
    let Some(calendar) = call.world.room(room).map(|room| &room.calendar) else { return Ok(Vec::new()) };
    let mut views: Vec<View<'a>> = match folder {
        Folder::Calendar => calendar.items().rev().map(View::whole).collect(),
        Folder::DeletedItems => {
            let requests = calendar.requests(true).into_iter().rev().map(MeetingRequest::view);
            requests.chain(calendar.all_discarded().rev().map(View::whole)).collect()
        }
        Folder::Inbox => calendar.requests(false).into_iter().rev().map(MeetingRequest::view).collect(),
        Folder::Root | Folder::SentItems | Folder::Store => Vec::new(),
    };
    views.retain(|view| restriction.is_none_or(|restriction| restriction.holds(view)));
    if let Some(order) = call.body.child("SortOrder") {
        restriction::sort(order, &mut views)?;
    }
    Ok(views)
}
