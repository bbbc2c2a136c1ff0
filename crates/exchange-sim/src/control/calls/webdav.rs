//! The calls about WebDAV.

use super::{Call, call};
use crate::control::webdav;

pub(super) const CALLS: &[Call] = &[
    call(
        "GET",
        "webdav",
        "how it is served, null where it is not; the subscriptions, when they were renewed, and how many sessions there are",
        "",
        |world, _, _| webdav::tell(world),
    ),
    call(
        "PATCH",
        "webdav",
        "serves Exchange 2003 or 2007 below /exchange, or changes how (RFC 7396): the rest is as set up first; \
         sign_in http or forms, lost_ids told or left-out, invalid_collblob bad-request, unprocessable or full-list",
        r#"{"version": "exchange2003", "sign_in": "http", "calendar": "Kalender", "rows": 25, "lost_ids": "left-out",
  "invalid_collblob": "full-list", "host": "backend.example", "longest_ms": 3600000, "control_characters": true,
  "datagrams": {"again_ms": 30000, "lost_per_mille": 100, "doubled": true}}"#,
        webdav::patch,
    ),
    call(
        "POST",
        "webdav/restart",
        "restarts the store: it cannot be reached for that long, its subscriptions are gone, their numbers begin anew",
        r#"{"for_ms": 5000}"#,
        webdav::restart,
    ),
    call(
        "POST",
        "webdav/fail-over",
        "another store takes over: subscriptions are gone, and belong to another group from now on",
        "",
        |world, _, _| Ok(webdav::fail_over(world)),
    ),
    call("POST", "webdav/end-sessions", "ends every session of a form", "", |world, _, _| {
        Ok(webdav::end_sessions(world))
    }),
    call(
        "POST",
        "rooms/{room}/webdav",
        "refuses its mailbox to everybody over WebDAV, or no more",
        r#"{"forbidden": false}"#,
        webdav::forbid,
    ),
    call(
        "POST",
        "meetings/{number}/spoil",
        "spoils a room's copy: the store fails whenever it should list it",
        r#"{"room": "berlin"}"#,
        webdav::spoil,
    ),
    call(
        "POST",
        "meetings/{number}/ghosts",
        "the store goes on listing a series as it is in a room now, whatever becomes of it, beside what it is then",
        r#"{"room": "berlin"}"#,
        webdav::keep_expansion,
    ),
    call(
        "DELETE",
        "webdav/ghosts",
        "clears what the store had expanded: no ghost is left",
        "",
        |world, _, _| Ok(webdav::clear_expansions(world)),
    ),
    call("DELETE", "webdav", "serves it no more", "", |world, _, _| Ok(webdav::end(world))),
];
