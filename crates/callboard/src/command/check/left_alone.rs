//! Accounts that the daemon leaves alone: to a lock-out policy an attempt of ours is another of its own.

use crate::{config::Config, control_client, state_dir::StateDir};
use chrono::{DateTime, Utc};
use control::{Health, ServerHealth, ServerState};
use meeting_model::id::ServerId;
use std::collections::BTreeMap;

/// Accounts in lower case that were refused, and until when nobody tries them. Without a daemon there are none: nobody remembers.
pub(super) fn accounts(config: &Config, now: DateTime<Utc>) -> BTreeMap<String, DateTime<Utc>> {
    // where none answers, there is none
    let answer = control_client::status(&StateDir::new(&config.state_dir).control_socket());
    let health = answer.ok().flatten().unwrap_or_default();
    let refused = health.servers.iter().filter(|server| server.state == ServerState::SignInRefused);
    refused.filter_map(|server| left_alone(server, &health, config, now)).collect()
}

/// The account of a server, and when the first of its rooms is tried again.
fn left_alone(
    refused: &ServerHealth,
    health: &Health,
    config: &Config,
    now: DateTime<Utc>,
) -> Option<(String, DateTime<Utc>)> {
    let id = ServerId::new(&refused.server);
    let is_there = |room: &str| {
        let room = config.rooms.iter().find(|one| one.id.as_str() == room);
        room.is_some_and(|room| room.calendars().any(|calendar| calendar.server == id))
    };
    let rooms = health.rooms.iter().filter(|room| is_there(&room.room));
    let until = rooms.filter_map(|room| room.retry_at).min().filter(|until| *until > now)?;
    Some((config.servers.get(&id)?.sign_in.account().to_lowercase(), until))
}
