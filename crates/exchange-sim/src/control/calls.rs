//! Every call, with an example: the table that commands are looked up in, and the page that explains them.

mod meetings;
mod webdav;

use serde_json::Value;

use super::{Refusal, account, autodiscover, fault, mailbox, outage, settings, state, stray, time};
use crate::World;

/// The parts of the path that stand for something, in their order.
type Parts<'a> = [&'a str];

/// What a call is told comes last: its body, or the query of a GET.
type CarryOut = fn(&mut World, &Parts<'_>, &[u8]) -> Result<Value, Refusal>;

/// One thing that can be asked or told.
struct Call {
    method: &'static str,
    /// Below `/sim/`; a part in braces stands for any.
    path: &'static str,
    does: &'static str,
    /// A body that it takes; empty where it takes none.
    body: &'static str,
    carry_out: CarryOut,
}

const fn call(
    method: &'static str,
    path: &'static str,
    does: &'static str,
    body: &'static str,
    carry_out: CarryOut,
) -> Call {
    Call { method, path, does, body, carry_out }
}

/// Subjects, each with its calls.
const SUBJECTS: [(&str, &[Call]); 7] = [
    ("What there is", WORLD),
    ("The server", SERVER),
    ("Mailboxes", MAILBOXES),
    ("Who may sign in, and see what", ACCOUNTS),
    ("Meetings", meetings::CALLS),
    ("Autodiscover", AUTODISCOVER),
    ("WebDAV", webdav::CALLS),
];

const WORLD: &[Call] = &[
    call(
        "GET",
        "state",
        "the time, and what every room's calendar truly holds; `?room=NAME` for one room, `?skip=0&take=100` for a page",
        "",
        |world, _, query| state::of(world, query),
    ),
    call(
        "GET",
        "changes",
        "what rooms should show differently, in order, the last ten thousand; `?since=ID` for those after one",
        "",
        state::changes,
    ),
    call(
        "POST",
        "time",
        "lets time pass at once: `advance_ms`, or `to` an instant",
        r#"{"advance_ms": 60000}"#,
        time::pass,
    ),
    call(
        "POST",
        "pace",
        "how often somebody changes something in the week that fills the calendars: believable, brisk or still; `plays` \
         says whether there is one",
        r#"{"pace": "brisk"}"#,
        time::set_pace,
    ),
    call("POST", "seed", "lets chance begin anew", r#"{"seed": 7}"#, time::reseed),
];

const SERVER: &[Call] = &[
    call(
        "GET",
        "settings",
        "its version (`profile`), sign-in, throttling, ways of notifying, clock, what the subjects of cancelled \
         meetings begin with, whether nobody knows what was not answered, and where the inside reaches it",
        "",
        |world, _, _| settings::tell(world),
    ),
    call(
        "PATCH",
        "settings",
        "changes some of that and tells all of it (RFC 7396: what is left out stays, null takes a limit away); \
         a `profile` brings its own throttling and notifying",
        r#"{"profile": "exchange-2016", "date_offset_ms": 45000, "call_time_ms": 20,
  "cancelled_prefix": "Abgesagt:", "unanswered_is_unknown": true,
  "internal_ews_url": "https://mailbox.exchange.example/EWS/Exchange.asmx",
  "sign_in": {"basic": false, "ntlm": true, "negotiate": true, "channel_binding": "require"},
  "throttling": {"max_concurrency": 10, "spending": null},
  "notifying": {"streaming": false, "push": false}}"#,
        settings::patch,
    ),
    call(
        "POST",
        "restart",
        "restarts the web services: all subscriptions and streams are lost",
        "",
        |world, _, _| {
            world.restart_web_services();
            Ok(Value::Object(serde_json::Map::new()))
        },
    ),
    call(
        "POST",
        "outage",
        "nobody reaches the server for that long, by the clock on the wall: connections are closed as they come, what is \
         asked on open ones is never answered",
        r#"{"for_ms": 5000}"#,
        outage::begin,
    ),
    call(
        "GET",
        "faults",
        "all faults with their meaning, the codes for faults such as `code:ErrorTimeoutExpired`, and what is set",
        "",
        |world, _, _| Ok(fault::list(world)),
    ),
    call(
        "POST",
        "faults",
        "sets a fault and tells its id: for the `next` calls, `per_mille` of them, `from` an instant `until` another, or `always`; \
         in one `room` or all, for one `operation` or all",
        r#"{"fault": "server-busy", "per_mille": 50, "operation": "GetItem"}"#,
        fault::inject,
    ),
    call("DELETE", "faults/{id}", "takes one fault away, by the id that setting it told", "", fault::remove),
    call("DELETE", "faults", "takes all faults away", "", |world, _, _| {
        world.heal();
        Ok(Value::Object(serde_json::Map::new()))
    }),
];

const MAILBOXES: &[Call] = &[
    call(
        "POST",
        "rooms",
        "adds a room; `zone` is a Windows id or an IANA name, and what `processing` leaves out is as in a new mailbox",
        r#"{"alias": "berlin", "name": "Berlin", "address": "berlin@rooms.example",
  "zone": "W. Europe Standard Time", "processing": {"DeleteSubject": false, "DelayMs": 0}}"#,
        mailbox::add_room,
    ),
    call(
        "POST",
        "rooms/{room}/processing",
        "what its attendant does from now on; as with Set-CalendarProcessing, what is left out stays",
        r#"{"DeleteSubject": false, "AddOrganizerToSubject": false, "AllowConflicts": true, "DelayMs": 0}"#,
        mailbox::set_processing,
    ),
    call(
        "POST",
        "rooms/{room}/policy",
        "who is treated differently by it",
        r#"{"ResourceDelegates": ["kim"], "BookInPolicy": ["lee"]}"#,
        mailbox::set_policy,
    ),
    call(
        "POST",
        "rooms/{room}/state",
        "healthy, never-opened, moving, store-unavailable, other-site, deleted, full or disabled",
        r#"{"state": "healthy"}"#,
        mailbox::set_state,
    ),
    call(
        "POST",
        "rooms/{room}/addresses",
        "one more address",
        r#"{"address": "berlin-1@rooms.example"}"#,
        mailbox::add_address,
    ),
    call(
        "POST",
        "rooms/{room}/strays",
        "puts what is no calendar item into its calendar: message, meeting-request or item",
        r#"{"kind": "message", "subject": "Agenda"}"#,
        stray::misplace,
    ),
    call(
        "POST",
        "rooms/{room}/strays/mark",
        "marks all of them as read, or as not read",
        r#"{"read": true}"#,
        stray::mark,
    ),
    call(
        "POST",
        "rooms/{room}/fail-over",
        "lets the next server take it over: its subscriptions are lost",
        "",
        mailbox::fail_over,
    ),
    call("POST", "rooms/{room}/relocate", "moves it to another database", "", mailbox::relocate),
    call(
        "POST",
        "rooms/{room}/server",
        "puts it on a server of another version",
        r#"{"profile": "exchange-2013"}"#,
        mailbox::set_server,
    ),
    call(
        "POST",
        "rooms/{room}/rights",
        "what an account may do in it: none, free-busy, reviewer or full",
        r#"{"login": "svc", "rights": "free-busy"}"#,
        account::grant,
    ),
    call(
        "POST",
        "people",
        "gives a person a mailbox, and an account of that alias",
        r#"{"alias": "kim", "password": "secret"}"#,
        mailbox::add_person,
    ),
    call(
        "POST",
        "room-lists",
        "a list that rooms are looked up in",
        r#"{"name": "Berlin", "address": "berlin-rooms@rooms.example", "rooms": ["berlin"]}"#,
        mailbox::add_room_list,
    ),
];

const ACCOUNTS: &[Call] = &[call(
    "POST",
    "accounts",
    "an account, with rights in all rooms and in some; an `application` signs in with tokens",
    r#"{"login": "reader", "password": "secret", "rights": "reviewer", "rooms": {"berlin": "full"},
  "impersonates": true, "application": false,
  "password_ends": "2026-12-01T08:00:00Z"}"#,
    account::add,
)];

const AUTODISCOVER: &[Call] = &[
    call(
        "POST",
        "redirects",
        "where those who ask about an address are sent: to an `address` or a `url`",
        r#"{"address": "moved@rooms.example", "to": {"address": "moved@cloud.example"}}"#,
        autodiscover::redirect,
    ),
    call(
        "POST",
        "redirects/plain",
        "where `GET` without any sign-in is sent by status 302; null: it asks for a sign-in",
        r#"{"url": "https://exchange.example/autodiscover/autodiscover.xml"}"#,
        autodiscover::redirect_plainly,
    ),
    call(
        "POST",
        "groups",
        "a room's GroupingInformation",
        r#"{"room": "berlin", "group": "DAG-2"}"#,
        autodiscover::set_group,
    ),
];

/// Carries out the call of a method and a path.
pub(super) fn carry_out(world: &mut World, method: &str, path: &str, body: &[u8]) -> Result<Value, Refusal> {
    let asked: Vec<&str> = path.split('/').collect();
    let calls = SUBJECTS.iter().flat_map(|(_, calls)| *calls).filter(|call| call.method == method);
    let mut found = calls.filter_map(|call| Some((call, parts(call.path, &asked)?)));
    let (call, parts) = found.next().ok_or_else(|| Refusal::Unknown(format!("{method} {path}")))?;
    (call.carry_out)(world, &parts, body)
}

/// What stands where a path has braces, if it is that path.
fn parts<'a>(path: &str, asked: &[&'a str]) -> Option<Vec<&'a str>> {
    let mut parts = Vec::new();
    let mut asked = asked.iter();
    for part in path.split('/') {
        let said = asked.next()?;
        if part.starts_with('{') {
            parts.push(*said);
        } else if part != *said {
            return None;
        }
    }
    asked.next().is_none().then_some(parts)
}

/// What `GET /sim/` tells.
pub(super) fn page() -> String {
    let mut page = String::from(
        "A stand-in Exchange takes these calls, from anybody. Bodies and replies are JSON; what is refused has status\n\
         400 or 404 and an `error` that says why. Rooms go by alias or address, instants are RFC 3339.\n",
    );
    for (subject, calls) in SUBJECTS {
        page.extend(["\n", subject, "\n"]);
        for Call { method, path, does, body, .. } in calls {
            page.extend(["\n", method, " /sim/", path, "\n  ", does, "\n"]);
            page.extend(body.lines().flat_map(|line| ["  ", line, "\n"]));
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_is_taken() {
        let mut world = World::new(1, "2027-03-01T08:50:00Z".parse().unwrap());
        let [whole, server, boxes, accounts, meetings, found, webdav] = SUBJECTS.map(|(_, calls)| calls);
        // a meeting needs its room first, and an outage is the last that is asked for
        for call in [boxes, accounts, meetings, found, webdav, whole, server].into_iter().flatten() {
            let path = call.path.replace("{room}", "berlin").replace("{number}", "1").replace("{id}", "1");
            let told = carry_out(&mut world, call.method, &path, call.body.as_bytes());
            assert!(told.is_ok(), "{} {path}: {told:?}", call.method);
        }
    }

    #[test]
    fn a_path_is_found_by_its_parts() {
        assert_eq!(parts("rooms/{room}/state", &["rooms", "berlin", "state"]), Some(vec!["berlin"]));
        for other in [&["rooms", "berlin"][..], &["rooms", "berlin", "state", "x"], &["rooms", "berlin", "x"]]
        {
            assert_eq!(parts("rooms/{room}/state", other), None);
        }
    }
}
