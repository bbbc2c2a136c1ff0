//! What can be the matter with a mailbox.

/// The state of a mailbox; people and attendants go on where Exchange lets them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MailboxState {
    /// Nothing.
    #[default]
    Healthy,
    /// Nobody has signed in yet, and nothing was delivered: it has no calendar (ErrorFolderNotFound).
    NeverOpened,
    /// It is being moved to another database (ErrorMailboxMoveInProgress).
    Moving,
    /// Its database is not mounted (ErrorMailboxStoreUnavailable). What is sent to it is lost.
    StoreUnavailable,
    /// It lies in another site, which this server does not reach (ErrorProxyRequestNotAllowed).
    OtherSite,
    /// It is gone (ErrorNonExistentMailbox). What is sent to it is lost.
    Deleted,
    /// It is over its quota: what is sent to it is lost, what it holds can be read.
    Full,
    /// Its account was disabled: what is sent to it is lost, what it holds can be read.
    Disabled,
}

impl MailboxState {
    /// Whether what is sent to it arrives. Mail waits while a mailbox moves, and so arrives.
    pub(crate) fn receives(self) -> bool {
        !matches!(self, Self::StoreUnavailable | Self::Deleted | Self::Full | Self::Disabled)
    }
}
