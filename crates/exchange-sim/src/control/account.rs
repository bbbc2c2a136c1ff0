//! Accounts and what they may do, set by commands.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::Refusal;
use crate::{Account, Rights, World};

/// An account that may sign in; one of the same login is replaced.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAccount {
    login: String,
    password: String,
    /// In every room that is not named.
    #[serde(default)]
    rights: Rights,
    /// By room.
    #[serde(default)]
    rooms: BTreeMap<String, Rights>,
    #[serde(default)]
    impersonates: bool,
}

impl NewAccount {
    pub(super) fn add(self, world: &mut World) -> Result<Value, Refusal> {
        let account = Account::new(&self.login, &self.password).with_rights(self.rights);
        world.add_account(if self.impersonates { account.impersonating() } else { account });
        for (room, rights) in self.rooms {
            world.grant(&self.login, &room, rights)?;
        }
        Ok(json!({ "login": self.login }))
    }
}
