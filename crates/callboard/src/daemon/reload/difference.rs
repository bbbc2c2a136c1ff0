//! What differs between two configurations.

use super::Passwords;
use crate::config::{Config, DeviceConfig, RoomConfig, ServerConfig};
use control::{Changed, Reloaded, Warning};
use meeting_model::id::ServerId;
use secrecy::ExposeSecret;
use std::collections::{BTreeMap, BTreeSet};

/// What an operator is told of it, apart from [`others`].
pub(super) fn between(before: &Config, now: &Config) -> Reloaded {
    let servers = |config: &Config| -> BTreeMap<String, ServerConfig> {
        config.servers.iter().map(|(id, server)| (id.to_string(), server.clone())).collect()
    };
    let rooms = |config: &Config| -> BTreeMap<String, RoomConfig> {
        let alone = |room: &RoomConfig| RoomConfig { devices: Vec::new(), ..room.clone() };
        config.rooms.iter().map(|room| (room.id.to_string(), alone(room))).collect()
    };
    let devices = |config: &Config| -> BTreeMap<String, DeviceConfig> {
        let devices = config.rooms.iter().flat_map(|room| &room.devices);
        devices.map(|device| (device.id.to_string(), device.clone())).collect()
    };
    let sections = [("[admin]", before.admin != now.admin), ("[clock]", before.clock != now.clock)];
    let sections = sections.into_iter().filter(|(_, differs)| *differs);
    Reloaded {
        sections: sections.map(|(section, _)| section.to_owned()).collect(),
        servers: changed(&servers(before), &servers(now)),
        rooms: changed(&rooms(before), &rooms(now)),
        devices: changed(&devices(before), &devices(now)),
        ..Reloaded::default()
    }
}

fn changed<T: PartialEq>(before: &BTreeMap<String, T>, now: &BTreeMap<String, T>) -> Changed {
    let differs = |name: &&String| before.get(*name).is_some_and(|was| now.get(*name) != Some(was));
    Changed {
        added: now.keys().filter(|name| !before.contains_key(*name)).cloned().collect(),
        changed: now.keys().filter(differs).cloned().collect(),
        removed: before.keys().filter(|name| !now.contains_key(*name)).cloned().collect(),
    }
}

/// Whose passwords are others than before. Whoever has come or goes is told of already.
pub(super) fn others(before: &Passwords, now: &Passwords) -> Vec<String> {
    let differs = |whose: &&String| match (before.get(*whose), now.get(*whose)) {
        (Some(before), Some(now)) => before.expose_secret() != now.expose_secret(),
        _ => false,
    };
    now.keys().filter(differs).cloned().collect()
}

/// The servers that are others now, or signed in to by another account: subscriptions there are none of ours any more.
pub(super) fn moved(before: &Config, now: &Config) -> BTreeSet<ServerId> {
    let is_other = |id: &ServerId, server: &ServerConfig| {
        before.servers.get(id).is_some_and(|was| {
            was.address != server.address || was.sign_in.account() != server.sign_in.account()
        })
    };
    now.servers.iter().filter(|(id, server)| is_other(id, server)).map(|(id, _)| id.clone()).collect()
}

/// Leaves in force what cannot change while the daemon runs, and warns of it.
pub(super) fn stay(now: &mut Config, before: &Config) -> Vec<Warning> {
    let mut later = Vec::new();
    if now.state_dir != before.state_dir {
        now.state_dir.clone_from(&before.state_dir);
        later.push("`state_dir`");
    }
    if now.flight != before.flight {
        now.flight = before.flight;
        later.push("`flight_record`");
    }
    if now.feed != before.feed {
        now.feed.clone_from(&before.feed);
        later.push("[feed]");
    }
    if now.push != before.push {
        now.push.clone_from(&before.push);
        later.push("[push]");
    }
    if now.notify != before.notify {
        now.notify.clone_from(&before.notify);
        later.push("[notify]");
    }
    // that was said on the command line
    now.shadow = before.shadow;
    let warning = |what: &str| Warning {
        id: "restart-needed".into(),
        about: None,
        sentence: format!("the change of {what} takes effect at the next start"),
        remedy: "restart the daemon".into(),
    };
    later.into_iter().map(warning).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use meeting_model::zone::ZoneDatabase;
    use std::path::Path;

    #[test]
    fn a_section_whose_change_takes_effect_is_told() {
        const LEAST: &str = r#"state_dir = "state"
            [feed]
            listen = "127.0.0.1:8480"
            public_url = "http://127.0.0.1:8480"
            [exchange.hq]
            protocol = "ews"
            url = "http://127.0.0.1:8081/EWS/Exchange.asmx"
            username = "svc"
            password_env = "HQ"
            [[room]]
            id = "berlin"
            mailbox = "berlin@example.com"
            exchange = "hq"
            time_zone = "Europe/Berlin"
            acceptance = "auto-accept"
            "#;
        let config = |sections: &str| {
            let text = format!("{LEAST}{sections}");
            Config::parse(&text, "c.toml", Path::new("/"), &ZoneDatabase::bundled()).unwrap()
        };
        let (admin, clock) =
            ("[admin]\ntoken_env = \"A\"\n", "[clock]\nntp_servers = [\"ntp.example.com\"]\n");
        for (before, now, told) in [
            (admin, admin, vec![]),
            (admin, "", vec!["[admin]"]),
            (admin, "[admin]\ntoken_env = \"B\"\n", vec!["[admin]"]),
            ("", &format!("{admin}{clock}"), vec!["[admin]", "[clock]"]),
        ] {
            let reloaded = between(&config(before), &config(now));
            assert_eq!(
                (&reloaded.sections, reloaded.is_anything()),
                (&told.iter().map(ToString::to_string).collect(), !told.is_empty()),
                "{before} to {now}"
            );
        }
    }
}
