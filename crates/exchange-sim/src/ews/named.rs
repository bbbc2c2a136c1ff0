//! The items that a request names in order to change them, and the ids that the reply gives back.

use chrono::NaiveDate;

use super::Call;
use super::get_item;
use super::id::{Folder, Id};
use super::soap::EwsError;
use crate::account::Rights;
use crate::item::View;
use crate::world::RoomNumber;
use crate::xml::{Element, Xml};

impl Call<'_> {
    /// Fails unless the caller may write into a mailbox.
    pub(super) fn may_write(&self, room: RoomNumber) -> Result<(), EwsError> {
        self.may_read(room)?;
        if self.rights(room) == Rights::Full { Ok(()) } else { Err(EwsError::of("ErrorAccessDenied")) }
    }

    /// What an id says, wherever the item is now.
    pub(super) fn id_named(&self, named: &Element) -> Option<Id> {
        self.world.id(named.attribute("Id")?)
    }

    /// The item or the occurrence of a calendar that an element names.
    pub(super) fn item_named<'a>(
        &'a self,
        named: Option<&Element>,
    ) -> Result<(RoomNumber, View<'a>), EwsError> {
        let named = named.ok_or_else(|| EwsError::of("ErrorSchemaValidation"))?;
        match get_item::find(self, named)? {
            (room, Folder::Calendar, view) => Ok((room, view)),
            _ => Err(EwsError::of("ErrorCalendarCannotUpdateDeletedItem")),
        }
    }

    /// A new item, by its id alone.
    pub(super) fn write_new(&self, room: RoomNumber, number: u64, xml: &mut Xml) {
        xml.within("t:CalendarItem", |xml| self.write_id(room, &(number, None), xml));
    }

    /// The id of an item or an occurrence, with its change key of now.
    pub(super) fn write_id(
        &self,
        room: RoomNumber,
        (number, date): &(u64, Option<NaiveDate>),
        xml: &mut Xml,
    ) {
        let whole = Id::Item(room, Folder::Calendar, *number);
        let id = self.world.id_text(date.map_or(whole, |date| Id::Occurrence(room, *number, date)));
        let item = self.world.room(room).and_then(|room| room.calendar.item(*number));
        let key = self.world.change_key(room, item.map_or(0, |item| item.changed));
        xml.empty("t:ItemId", &[("Id", &id), ("ChangeKey", &key)]);
    }

    /// The id of an item in another folder.
    pub(super) fn write_moved(&self, room: RoomNumber, folder: Folder, number: u64, xml: &mut Xml) {
        let calendar = self.world.room(room).map(|room| &room.calendar);
        let item = calendar.and_then(|calendar| match folder {
            Folder::DeletedItems => calendar.discarded(number),
            _ => calendar.item(number),
        });
        let id = self.world.id_text(Id::Item(room, folder, number));
        let key = self.world.change_key(room, item.map_or(0, |item| item.changed));
        xml.empty("t:ItemId", &[("Id", &id), ("ChangeKey", &key)]);
    }
}
