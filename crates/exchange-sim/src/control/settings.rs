//! The settings of the server itself, told and changed as one JSON document.

use chrono::Duration;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Refusal, read};
use crate::{Notifying, ServerProfile, SignIn, ThrottlingPolicy, World, milliseconds};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    #[serde(with = "profile_name")]
    profile: ServerProfile,
    sign_in: SignIn,
    throttling: ThrottlingPolicy,
    notifying: Notifying,
    cancelled_prefix: String,
    unanswered_is_unknown: bool,
    internal_ews_url: String,
    #[serde(rename = "call_time_ms", with = "milliseconds")]
    call_time: Duration,
    #[serde(rename = "date_offset_ms", with = "milliseconds")]
    date_offset: Duration,
}

impl Settings {
    fn of(world: &World) -> Self {
        Self {
            profile: world.profile(),
            sign_in: world.sign_in(),
            throttling: world.throttling(),
            notifying: world.notifying,
            cancelled_prefix: world.cancelled_prefix.clone(),
            unanswered_is_unknown: world.unanswered_is_unknown,
            internal_ews_url: world.autodiscover.internal_ews_url.clone(),
            call_time: world.throttle.call_time(),
            date_offset: world.date_offset(),
        }
    }
}

/// A server by its name.
#[derive(Deserialize)]
struct Named {
    #[serde(with = "profile_name")]
    profile: ServerProfile,
}

pub(super) fn tell(world: &World) -> Result<Value, Refusal> {
    Ok(serde_json::to_value(Settings::of(world))?)
}

/// Changes what a merge patch names, all of it or, where something is wrong, nothing.
pub(super) fn patch(world: &mut World, _: &[&str], body: &[u8]) -> Result<Value, Refusal> {
    let patch: Value = read(body)?;
    let names = |name: &str| patch.get(name).is_some();
    let mut settings = Settings::of(world);
    if names("profile") {
        let Named { profile } = Named::deserialize(&patch)?;
        settings = Settings { throttling: profile.throttling(), notifying: profile.notifying(), ..settings };
    }
    let mut merged = serde_json::to_value(settings)?;
    merge(&mut merged, &patch);
    let settings: Settings = serde_json::from_value(merged)?;
    if names("profile") {
        world.set_profile(settings.profile);
    }
    if names("sign_in") {
        world.set_sign_in(settings.sign_in);
    }
    if names("throttling") {
        world.set_throttling(settings.throttling);
    }
    world.set_notifying(settings.notifying);
    world.set_cancelled_prefix(&settings.cancelled_prefix);
    world.set_unanswered_is_unknown(settings.unanswered_is_unknown);
    world.set_internal_ews_url(&settings.internal_ews_url);
    world.set_call_time(settings.call_time);
    world.set_date_offset(settings.date_offset);
    tell(world)
}

/// JSON Merge Patch (RFC 7396 §2).
pub(super) fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Value::Object(members) = target else { return };
    for (name, change) in changes {
        if change.is_null() {
            members.remove(name);
        } else {
            merge(members.entry(name).or_insert(Value::Null), change);
        }
    }
}

/// A server profile in JSON: its name.
pub(super) mod profile_name {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    use crate::ServerProfile;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
    pub(in crate::control) fn serialize<S: Serializer>(
        profile: &ServerProfile,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let known = ServerProfile::NAMES.iter().find(|(_, known)| known == profile);
        serializer.serialize_str(known.map_or("", |(name, _)| name))
    }

    pub(in crate::control) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<ServerProfile, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_patch_changes_what_it_names() {
        // The examples of RFC 7396 appendix A that the rule turns on.
        let table = [
            (json!({ "a": "b" }), json!({ "a": "c" }), json!({ "a": "c" })),
            (json!({ "a": "b", "b": "c" }), json!({ "a": null }), json!({ "b": "c" })),
            (
                json!({ "a": { "b": "c" } }),
                json!({ "a": { "b": "d", "c": null } }),
                json!({ "a": { "b": "d" } }),
            ),
            (json!({ "e": null }), json!({ "a": 1 }), json!({ "e": null, "a": 1 })),
            (json!({}), json!({ "a": { "bb": { "ccc": null } } }), json!({ "a": { "bb": {} } })),
            (json!([1, 2]), json!({ "a": "b", "c": null }), json!({ "a": "b" })),
        ];
        for (mut target, patch, merged) in table {
            merge(&mut target, &patch);
            assert_eq!(target, merged, "{patch}");
        }
    }
}
