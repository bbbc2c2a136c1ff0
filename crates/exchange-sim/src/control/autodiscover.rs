//! What Autodiscover tells, set by commands.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Refusal, read};
use crate::{Redirect, World};

/// Where those who ask about an address are sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewRedirect {
    address: String,
    to: Target,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Target {
    Address(String),
    Url(String),
}

pub(super) fn redirect(world: &mut World, _: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    let NewRedirect { address, to } = read(body)?;
    let to = match to {
        Target::Address(address) => Redirect::Address(address),
        Target::Url(url) => Redirect::Url(url),
    };
    world.redirect(&address, to);
    Ok(json!({}))
}

/// Where those go who do not sign in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plainly {
    url: Option<String>,
}

pub(super) fn redirect_plainly(world: &mut World, _: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    world.redirect_plainly(read::<Plainly>(body)?.url.as_deref());
    Ok(json!({}))
}

/// A room's `GroupingInformation`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewGroup {
    room: String,
    group: String,
}

pub(super) fn set_group(world: &mut World, _: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    let NewGroup { room, group } = read(body)?;
    world.set_group(&room, &group)?;
    Ok(json!({}))
}
