//! Finding the folder that a request names.

use super::Call;
use super::id::{Folder, Id};
use super::soap::EwsError;
use crate::account::Rights;
use crate::world::RoomNumber;
use crate::xml::Element;

impl Call<'_> {
    /// The folder of a `FolderId` or a `DistinguishedFolderId`, if the caller may read it.
    pub(super) fn folder(&self, named: &Element) -> Result<(RoomNumber, Folder), EwsError> {
        let (room, folder) = self.place(named)?;
        self.may_read(room)?;
        // Rights on a calendar open no folder with messages.
        let messages = matches!(folder, Folder::Inbox | Folder::SentItems | Folder::DeletedItems);
        if messages && self.rights(room) < Rights::Full {
            return Err(EwsError::of("ErrorAccessDenied"));
        }
        Ok((room, folder))
    }

    /// The same to be told of what happens in it. Where nobody looks whether the caller may read it, it is one in which
    /// nothing ever happens.
    pub(super) fn folder_to_watch(&self, named: &Element) -> Result<(RoomNumber, Folder), EwsError> {
        let (room, folder) = self.place(named)?;
        let blind = !self.world.profile.habits().refuses_blind_subscriptions;
        match self.may_read(room) {
            Err(error) if blind && error.code == "ErrorAccessDenied" => Ok((room, Folder::Store)),
            may => may.map(|()| (room, folder)),
        }
    }

    fn place(&self, named: &Element) -> Result<(RoomNumber, Folder), EwsError> {
        let id = named.attribute("Id").ok_or_else(|| EwsError::of("ErrorSchemaValidation"))?;
        let (room, folder) = if named.name == "DistinguishedFolderId" {
            let room = self.mailbox(named)?;
            let folder = match id {
                "calendar" => Folder::Calendar,
                "deleteditems" => Folder::DeletedItems,
                "msgfolderroot" => Folder::Root,
                "inbox" => Folder::Inbox,
                "sentitems" => Folder::SentItems,
                "root" => Folder::Store,
                _ => return Err(EwsError::of("ErrorFolderNotFound")),
            };
            (room, folder)
        } else {
            match self.world.id(id) {
                Some(Id::Folder(room, folder)) => (room, folder),
                _ => return Err(EwsError::of("ErrorInvalidIdMalformed")),
            }
        };
        Ok((room, folder))
    }

    /// The calendar that is named; another folder is not one.
    pub(super) fn calendar(&self, named: &Element, otherwise: &'static str) -> Result<RoomNumber, EwsError> {
        match self.folder(named)? {
            (room, Folder::Calendar) => Ok(room),
            _ => Err(EwsError::of(otherwise)),
        }
    }

    /// The mailbox of a distinguished folder: the one it names, else the impersonated one.
    fn mailbox(&self, named: &Element) -> Result<RoomNumber, EwsError> {
        match named.path(&["Mailbox", "EmailAddress"]) {
            None => self
                .impersonated
                .or_else(|| self.world.home(&self.login))
                .ok_or_else(|| EwsError::of("ErrorMissingEmailAddress")),
            Some(address) => self
                .world
                .room_number(address.text())
                .map_err(|_unknown| EwsError::of("ErrorNonExistentMailbox")),
        }
    }
}
