//! What an account may do, and the cmdlet that gives it more, by the server's version.

use crate::config::{RoomConfig, ServerConfig, SignInConfig};
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
        let (room, account) = (&self.room.mailbox, account(self.server));
        format!("`Add-MailboxPermission '{room}' -User '{account}' -AccessRights FullAccess`")
    }

    /// Opens the calendar to the account.
    pub(super) fn read(&self) -> String {
        let (room, account) = (&self.room.mailbox, account(self.server));
        if self.server.dialect.access == Access::Impersonation {
            return format!(
                "`New-ManagementRoleAssignment -Role ApplicationImpersonation -User '{account}'` with a scope that holds `{room}`"
            );
        }
        // Exchange 2007 has no cmdlet for rights on a folder.
        match self.generation() {
            ServerGeneration::Exchange2010OrLater => format!(
                "`Add-MailboxFolderPermission '{room}:\\Calendar' -User '{account}' -AccessRights Reviewer`, or {}",
                self.full_access()
            ),
            ServerGeneration::Exchange2003 | ServerGeneration::Exchange2007 => format!(
                "`Add-ADPermission '{room}' -User '{account}' -ExtendedRights Receive-As`, or {}",
                self.full_access()
            ),
        }
    }
}

/// Who signs in.
pub(super) fn account(server: &ServerConfig) -> &str {
    match &server.sign_in {
        SignInConfig::Basic(account)
        | SignInConfig::Form(account)
        | SignInConfig::Ntlm(account)
        | SignInConfig::Negotiate { account, .. } => &account.username,
        SignInConfig::OAuth2 { client_id, .. } => client_id,
    }
}
