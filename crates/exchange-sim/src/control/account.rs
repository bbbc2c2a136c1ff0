//! Accounts and what they may do, set by commands.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::mailbox::named;
use super::{Refusal, read};
use crate::{Account, Rights, World};

/// An account that may sign in; one of the same login is replaced.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewAccount {
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
    /// The login is the id of an application, the password its secret; it impersonates.
    #[serde(default)]
    application: bool,
    /// When its password ends, as it says of itself.
    #[serde(default)]
    password_ends: Option<DateTime<Utc>>,
}

pub(super) fn add(world: &mut World, _: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    let NewAccount { login, password, rights, rooms, impersonates, application, password_ends } = read(body)?;
    for room in rooms.keys() {
        world.address(room)?;
    }
    let new = if application { Account::application } else { Account::new };
    let account = new(&login, &password).with_rights(rights);
    let account = match password_ends {
        Some(ends) => account.until(ends),
        None => account,
    };
    world.add_account(if impersonates { account.impersonating() } else { account });
    for (room, rights) in rooms {
        world.grant(&login, &room, rights)?;
    }
    Ok(json!({ "login": login }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Grant {
    login: String,
    rights: Rights,
}

pub(super) fn grant(world: &mut World, parts: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    let Grant { login, rights } = read(body)?;
    world.grant(&login, named(parts), rights)?;
    Ok(json!({}))
}
