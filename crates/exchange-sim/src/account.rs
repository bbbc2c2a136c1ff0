//! Who may sign in, and what they may see.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::world::RoomNumber;

/// What an account may do in a room's calendar.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Rights {
    /// Nothing.
    #[default]
    None,
    /// See when the room is taken (folder permission AvailabilityOnly).
    FreeBusy,
    /// Read the calendar (folder permission Reviewer).
    Reviewer,
    /// Everything (mailbox permission FullAccess).
    Full,
}

/// An account that signs in with a password, or an application that signs in with a token.
#[derive(Debug, Clone)]
pub struct Account {
    pub(crate) login: String,
    pub(crate) password: String,
    pub(crate) everywhere: Rights,
    pub(crate) rights: BTreeMap<RoomNumber, Rights>,
    pub(crate) impersonates: bool,
    pub(crate) application: bool,
    /// When the password ends, where it does.
    pub(crate) password_ends: Option<DateTime<Utc>>,
}

impl Account {
    /// An account without any rights.
    pub fn new(login: &str, password: &str) -> Self {
        Self {
            login: login.to_lowercase(),
            password: password.to_owned(),
            everywhere: Rights::None,
            rights: BTreeMap::new(),
            impersonates: false,
            application: false,
            password_ends: None,
        }
    }

    /// An application with its secret, which gets tokens from the token endpoint and impersonates whom it reads for
    /// (`full_access_as_app`).
    pub fn application(client_id: &str, secret: &str) -> Self {
        Self { application: true, ..Self::new(client_id, secret).impersonating() }
    }

    /// The same with rights in every room that has none of its own.
    #[must_use]
    pub fn with_rights(mut self, rights: Rights) -> Self {
        self.everywhere = rights;
        self
    }

    /// The same with the role ApplicationImpersonation.
    #[must_use]
    pub fn impersonating(mut self) -> Self {
        self.impersonates = true;
        self
    }

    /// The same with a password that ends; until then, and after it, it signs in.
    #[must_use]
    pub fn until(mut self, password_ends: DateTime<Utc>) -> Self {
        self.password_ends = Some(password_ends);
        self
    }

    pub(crate) fn rights_in(&self, room: RoomNumber) -> Rights {
        self.rights.get(&room).copied().unwrap_or(self.everywhere)
    }
}
