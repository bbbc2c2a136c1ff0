//! What a request is told when something is the matter with a mailbox.

use super::Call;
use super::soap::EwsError;
use crate::account::Rights;
use crate::world::RoomNumber;
use crate::xml::Element;
use crate::{MailboxState, World};

impl Call<'_> {
    /// Fails when nobody reaches the mailbox.
    pub(super) fn reachable(&self, room: RoomNumber) -> Result<(), EwsError> {
        trouble(self.world, room).map_or(Ok(()), |code| Err(EwsError::of(code)))
    }
}

fn trouble(world: &World, room: RoomNumber) -> Option<&'static str> {
    match world.room(room)?.state {
        MailboxState::Healthy | MailboxState::Full | MailboxState::Disabled => None,
        MailboxState::NeverOpened => Some("ErrorFolderNotFound"),
        MailboxState::Moving => Some("ErrorMailboxMoveInProgress"),
        MailboxState::StoreUnavailable => Some("ErrorMailboxStoreUnavailable"),
        MailboxState::OtherSite => Some("ErrorProxyRequestNotAllowed"),
        MailboxState::Deleted => Some("ErrorNonExistentMailbox"),
    }
}

/// Whether the mailbox is there, and its primary address is one ([MS-OXWSCDATA] ConnectingSIDType).
pub(super) fn may_be_impersonated(world: &World, room: RoomNumber, who: &Element) -> Result<(), EwsError> {
    let Some(room) = world.room(room) else { return Ok(()) };
    if room.state == MailboxState::Deleted {
        return Err(EwsError::of("ErrorNonExistentMailbox").with("SmtpAddress", who.text().to_owned()));
    }
    let primary = &room.mailbox.address;
    if who.name == "PrimarySmtpAddress" && !who.text().eq_ignore_ascii_case(primary) {
        return Err(EwsError::of("ErrorNonPrimarySmtpAddress").with("Primary", primary.clone()));
    }
    Ok(())
}

impl World {
    /// What marks the sync states of a mailbox: of this world, and of the database in which it lies.
    pub(super) fn sync_tag(&self, room: RoomNumber) -> u32 {
        self.tag.wrapping_add(self.room(room).map_or(0, |room| room.moves))
    }

    /// What the owner of one mailbox may do in another.
    pub(super) fn rights_of(&self, owner: RoomNumber, room: RoomNumber) -> Rights {
        let account = self.room(owner).and_then(|owner| self.accounts.get(&owner.alias));
        account.map_or(Rights::None, |account| account.rights_in(room))
    }
}
