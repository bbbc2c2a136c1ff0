//! What an account may do, and the cmdlet that gives it more, by the server's version.

use crate::{
    cmdlets::{Account, quoted},
    config::{RoomConfig, ServerConfig},
};
use exchange_wire::ews::{Access, server_version::ServerVersion};
use meeting_model::decision::ServerGeneration;

/// Who has or lacks rights on what, and on which Exchange.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grant<'a> {
    pub(super) server: &'a ServerConfig,
    pub(super) room: &'a RoomConfig,
    pub(super) version: Option<ServerVersion>,
}

impl Grant<'_> {
    /// The booking attendant's generation; the newest where the server does not say.
    pub(super) fn generation(&self) -> ServerGeneration {
        match self.version.map_or(u16::MAX, |version| version.major) {
            ..8 => ServerGeneration::Exchange2003,
            8 => ServerGeneration::Exchange2007,
            _ => ServerGeneration::Exchange2010OrLater,
        }
    }

    /// Opens the whole mailbox to the account.
    pub(super) fn full_access(&self) -> String {
        match &self.account() {
            Account::User(name) => {
                let (room, name) = (quoted(&self.room.mailbox), quoted(name));
                format!("`Add-MailboxPermission {room} -User {name} -AccessRights FullAccess`")
            }
            application @ Account::Application(_) => format!("`{}`", application.impersonates()),
        }
    }

    /// Opens the calendar to the account.
    pub(super) fn read(&self) -> String {
        let room = quoted(&self.room.mailbox);
        let user = match &self.account() {
            Account::Application(id) => return self.of_application(id),
            account @ Account::User(_) if self.server.dialect.access == Access::Impersonation => {
                return format!("`{}` with a scope that holds {room}", account.impersonates());
            }
            Account::User(name) => quoted(name),
        };
        // Exchange 2007 has no cmdlet for rights on a folder.
        match self.generation() {
            ServerGeneration::Exchange2010OrLater => {
                let calendar = quoted(&format!("{}:\\Calendar", self.room.mailbox));
                format!(
                    "`Add-MailboxFolderPermission {calendar} -User {user} -AccessRights Reviewer` (where the mailbox speaks another \
                     language, `Get-MailboxFolderStatistics {room} -FolderScope Calendar` says what the folder is called), or {}",
                    self.full_access()
                )
            }
            ServerGeneration::Exchange2003 | ServerGeneration::Exchange2007 => format!(
                "`Add-ADPermission {room} -User {user} -ExtendedRights Receive-As`, or {}",
                self.full_access()
            ),
        }
    }

    /// An application has no rights on mailboxes: its permission opens all of them, or those that a policy or a scope holds.
    fn of_application(&self, id: &str) -> String {
        let (room, id, acts) = (quoted(&self.room.mailbox), quoted(id), self.account().impersonates());
        format!(
            "give the application `full_access_as_app` with an administrator's consent; where a policy keeps it to some mailboxes, which \
             `Test-ApplicationAccessPolicy -Identity {room} -AppId {id}` says, put the room into the group that \
             `Get-ApplicationAccessPolicy` shows; or `{acts}` with a scope that holds the room"
        )
    }

    fn account(&self) -> Account {
        Account::of(self.server)
    }
}
