//! Mailboxes: those of people beside those of rooms, and what can be the matter with them.

use super::{PEOPLE, RoomNumber, World};
use crate::item::Mailbox;
use crate::room::{BookingPolicy, MailboxKind, MailboxState, Room};
use crate::{Account, Rights, SimError};

/// What the directory knows besides mailboxes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Directory {
    /// The mailboxes of accounts, by login.
    homes: std::collections::BTreeMap<String, RoomNumber>,
    pub(crate) room_lists: Vec<RoomList>,
    /// The domains of the organization.
    domains: std::collections::BTreeSet<String>,
}

impl Directory {
    pub(super) fn accept_mail_for(&mut self, address: &str) {
        if let Some((_, domain)) = address.split_once('@') {
            self.domains.insert(domain.to_lowercase());
        }
    }
}

/// A distribution group of rooms.
#[derive(Debug, Clone)]
pub(crate) struct RoomList {
    pub(crate) mailbox: Mailbox,
    pub(crate) rooms: Vec<RoomNumber>,
}

impl World {
    /// Gives a person a mailbox with a calendar, and an account that signs in by the same alias.
    ///
    /// From now on what the person sends lies in that calendar too, and what the account writes into it
    /// by Exchange Web Services is sent.
    ///
    /// # Errors
    ///
    /// [`SimError::RoomExists`] when the alias or the address is that of a mailbox.
    pub fn add_person(&mut self, alias: &str, password: &str) -> Result<(), SimError> {
        let mailbox = self.person(alias);
        let number = RoomNumber(u32::try_from(self.rooms.len()).unwrap_or(u32::MAX));
        self.add_room(Room::person(alias, mailbox))?;
        let mut account = Account::new(alias, password);
        account.rights.insert(number, Rights::Full);
        self.directory.homes.insert(account.login.clone(), number);
        self.add_account(account);
        Ok(())
    }

    /// One more address at which a mailbox is known; it is not its primary one.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownRoom`]; [`SimError::RoomExists`] when the address is taken.
    pub fn add_address(&mut self, room: &str, address: &str) -> Result<(), SimError> {
        let number = self.room_number(room)?;
        let key = address.to_lowercase();
        if self.names.contains_key(&key) {
            return Err(SimError::RoomExists(address.to_owned()));
        }
        self.names.insert(key, number);
        Ok(())
    }

    /// A room list that Exchange offers to those who look for a room.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownRoom`].
    pub fn add_room_list(&mut self, name: &str, address: &str, rooms: &[&str]) -> Result<(), SimError> {
        let rooms = rooms.iter().map(|room| self.room_number(room)).collect::<Result<_, _>>()?;
        let mailbox = Mailbox { name: name.to_owned(), address: address.to_owned() };
        self.directory.room_lists.push(RoomList { mailbox, rooms });
        Ok(())
    }

    /// Lets something be the matter with a mailbox, or ends it.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownRoom`].
    pub fn set_mailbox_state(&mut self, room: &str, state: MailboxState) -> Result<(), SimError> {
        let number = self.room_number(room)?;
        if let Some(room) = self.rooms.get_mut(number.index()) {
            room.state = state;
        }
        Ok(())
    }

    /// Completes the move of a mailbox to another database: its subscriptions are gone, and watermarks and
    /// sync states from before are not good any more. Items keep their ids.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownRoom`].
    pub fn move_mailbox(&mut self, room: &str) -> Result<(), SimError> {
        let number = self.room_number(room)?;
        if let Some(room) = self.rooms.get_mut(number.index()) {
            room.moves += 1;
            room.state = MailboxState::Healthy;
        }
        let lost: Vec<_> = self.subscriptions.of_room(number).map(|(key, _)| key).collect();
        for key in lost {
            self.subscriptions.remove(key);
        }
        Ok(())
    }

    /// Says who is treated differently by a room's attendant. Delegates get every right in its calendar.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownRoom`].
    pub fn set_policy(&mut self, room: &str, policy: BookingPolicy) -> Result<(), SimError> {
        let number = self.room_number(room)?;
        for delegate in &policy.resource_delegates {
            self.grant(delegate, room, Rights::Full)?;
        }
        if let Some(room) = self.rooms.get_mut(number.index()) {
            room.policy = policy;
        }
        Ok(())
    }

    /// Whether somebody is of another organization.
    pub(super) fn is_external(&self, person: &Mailbox) -> bool {
        let domain = person.address.split_once('@').map(|(_, domain)| domain.to_lowercase());
        domain.is_none_or(|domain| domain != PEOPLE && !self.directory.domains.contains(&domain))
    }

    /// The mailbox of an account of its own.
    pub(crate) fn home(&self, login: &str) -> Option<RoomNumber> {
        self.directory.homes.get(login).copied()
    }

    /// The mailbox that has an address, if it is a person's.
    pub(crate) fn home_of(&self, person: &Mailbox) -> Option<RoomNumber> {
        let number = self.room_number(&person.address).ok()?;
        self.room(number).filter(|room| room.kind == MailboxKind::Person).map(|_| number)
    }
}
