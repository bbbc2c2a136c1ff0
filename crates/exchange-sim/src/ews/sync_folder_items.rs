//! SyncFolderItems ([MS-OXWSSYNC] 3.1.4.2): what changed since a state.
//!
//! Occurrences are not items: a change to one of them is an update of its master.

use super::calendar_item::Writer;
use super::id::{Folder, Id};
use super::shape::Shape;
use super::soap::{EwsError, Messages};
use super::sync_state::{self, Told};
use super::{Call, calendar_item, stray_item};
use crate::fault::Fault;
use crate::item::{CalendarItem, View};
use crate::stray::StrayItem;
use crate::world::RoomNumber;
use crate::xml::Xml;

/// What one page says, and what the client knows after it.
struct Page<'a> {
    changes: Vec<Change<'a>>,
    told: Told,
    last: bool,
}

enum Change<'a> {
    Create(&'a CalendarItem),
    Update(&'a CalendarItem),
    Stray(&'a StrayItem),
    /// Nothing else of such an item ever changes.
    ReadFlag(&'a StrayItem),
    Delete {
        number: u64,
        changed: u64,
    },
}

pub(super) fn answer(call: &Call<'_>) -> Result<String, EwsError> {
    let invalid = || EwsError::of("ErrorSchemaValidation");
    let shape = Shape::read(call.body.child("ItemShape"))?;
    let folder = call.body.child("SyncFolderId").and_then(|folder| folder.children.first());
    let folder = folder.ok_or_else(invalid)?;
    let most: usize = call.body.text_of("MaxChangesReturned").and_then(|most| most.parse().ok()).unwrap_or(0);
    if !(1..=512).contains(&most) && call.world.profile.habits().refuses_page_lengths {
        return Err(invalid());
    }
    let most = if call.fault == Some(Fault::ShortPage) { 1 } else { most.min(512) };
    let mut messages = Messages::new("SyncFolderItems");
    let page = calendar_item::check(&shape, call)
        .and_then(|()| call.calendar(folder, "ErrorSyncFolderNotFound"))
        .and_then(|room| page(call, room, most).map(|page| (room, page)));
    match page {
        Ok((room, page)) => messages.success(|xml| write(call, &shape, room, &page, xml)),
        Err(error) => messages.error(&error, |xml| {
            xml.empty("m:SyncState", &[]);
            xml.leaf("m:IncludesLastItemInRange", "true");
        }),
    }
    Ok(messages.finish())
}

fn page<'a>(call: &'a Call<'_>, room: RoomNumber, most: usize) -> Result<Page<'a>, EwsError> {
    let invalid = || EwsError::of("ErrorInvalidSyncStateData");
    let state = call.body.text_of("SyncState").filter(|state| !state.is_empty());
    if state.is_some() && call.fault == Some(Fault::InvalidSyncState) {
        return Err(invalid());
    }
    let mut told = match state {
        None => Told::new(),
        Some(state) => match sync_state::read(call.world.sync_tag(room), room, state) {
            None if !call.world.profile.habits().refuses_sync_states => Told::new(),
            read => read.ok_or_else(invalid)?,
        },
    };
    if call.fault == Some(Fault::EmptyCalendar) {
        return Ok(Page { changes: Vec::new(), told, last: true });
    }
    let mut changes = changes_since(call, room, &told);
    let last = changes.len() <= most && most > 0;
    changes.truncate(most);
    for change in &changes {
        match change {
            Change::Create(item) | Change::Update(item) => told.insert(item.number, call.changed(room, item)),
            Change::Stray(stray) | Change::ReadFlag(stray) => told.insert(stray.number, stray.changed),
            Change::Delete { number, .. } => told.remove(number),
        };
    }
    Ok(Page { changes, told, last })
}

fn changes_since<'a>(call: &'a Call<'_>, room: RoomNumber, told: &Told) -> Vec<Change<'a>> {
    let Some(calendar) = call.world.room(room).map(|room| &room.calendar) else { return Vec::new() };
    let ignored: Vec<&str> = call
        .body
        .child("Ignore")
        .map_or(&[][..], |all| &all.children)
        .iter()
        .filter_map(|id| id.attribute("Id"))
        .collect();
    let ignores = |number: &u64| {
        call.world.profile.habits().ignores_items
            && !ignored.is_empty()
            && ignored.contains(&call.world.id_text(Id::Item(room, Folder::Calendar, *number)).as_str())
    };
    let known = |number: u64, changed: u64| told.get(&number) == Some(&changed) || ignores(&number);
    let items = calendar.items().filter(|item| !known(item.number, call.changed(room, item))).map(|item| {
        let told = told.contains_key(&item.number);
        (item.changed, if told { Change::Update(item) } else { Change::Create(item) })
    });
    let strays = calendar.strays().filter(|stray| !known(stray.number, stray.changed));
    let strays = strays.map(|stray| {
        let told = told.contains_key(&stray.number);
        (stray.changed, if told { Change::ReadFlag(stray) } else { Change::Stray(stray) })
    });
    let mut changes: Vec<_> = items.chain(strays).collect();
    changes.sort_by_key(|(changed, _)| *changed);
    if call.world.profile.newest_first() {
        changes.reverse();
    }
    let gone = told.iter().filter(|(number, _)| !calendar.holds(**number));
    let gone = gone.map(|(number, changed)| Change::Delete { number: *number, changed: *changed });
    changes.into_iter().map(|(_, change)| change).chain(gone).collect()
}

fn write(call: &Call<'_>, shape: &Shape, room: RoomNumber, page: &Page<'_>, xml: &mut Xml) {
    xml.leaf("m:SyncState", &sync_state::write(call.world.sync_tag(room), room, &page.told));
    xml.value("m:IncludesLastItemInRange", page.last);
    xml.within("m:Changes", |xml| {
        for change in &page.changes {
            let (element, item) = match change {
                Change::Stray(stray) => {
                    xml.within("t:Create", |xml| stray_item::write(call, shape, room, stray, xml));
                    continue;
                }
                Change::ReadFlag(stray) => {
                    xml.within("t:ReadFlagChange", |xml| {
                        stray_item::write_id(call, room, stray, xml);
                        xml.value("t:IsRead", stray.is_read);
                    });
                    continue;
                }
                Change::Create(item) => ("t:Create", item),
                Change::Update(item) => ("t:Update", item),
                Change::Delete { number, changed } => {
                    let id = call.world.id_text(Id::Item(room, Folder::Calendar, *number));
                    let key = call.world.change_key(room, *changed);
                    xml.within("t:Delete", |xml| {
                        xml.empty("t:ItemId", &[("Id", &id), ("ChangeKey", &key)]);
                    });
                    continue;
                }
            };
            xml.within(element, |xml| Writer::brief(call, shape, room, View::whole(item)).write(xml));
        }
    });
}
