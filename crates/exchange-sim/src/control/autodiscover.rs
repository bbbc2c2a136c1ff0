//! What Autodiscover tells, set by commands.

use serde::Deserialize;
use serde_json::{Value, json};

use super::Refusal;
use crate::{Redirect, World};

/// Where those who ask about an address are sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRedirect {
    address: String,
    to: Target,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Target {
    Address(String),
    Url(String),
}

impl NewRedirect {
    pub(super) fn set(self, world: &mut World) -> Value {
        let to = match self.to {
            Target::Address(address) => Redirect::Address(address),
            Target::Url(url) => Redirect::Url(url),
        };
        world.redirect(&self.address, to);
        json!({})
    }
}

/// A room's `GroupingInformation`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewGroup {
    room: String,
    group: String,
}

impl NewGroup {
    pub(super) fn set(self, world: &mut World) -> Result<Value, Refusal> {
        world.set_group(&self.room, &self.group)?;
        Ok(json!({}))
    }
}
