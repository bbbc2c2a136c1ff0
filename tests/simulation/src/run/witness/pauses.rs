//! Exchange is left alone for as long as it wants to be, and is never asked for more at once than agreed.

use super::Witness;
use chrono::{DateTime, TimeDelta, Utc};
use meeting_model::id::RoomId;
use std::collections::BTreeMap;
use sync_engine::{CallId, Event, Reply, StreamHeard};

/// The longest pause that is kept, however long a server asks for.
const LONGEST: TimeDelta = TimeDelta::minutes(15);

/// What is under way to Exchange, and the pause that it wants.
#[derive(Debug, Default)]
pub(super) struct Asked {
    under_way: BTreeMap<CallId, RoomId>,
    paused_until: Option<DateTime<Utc>>,
}

impl Asked {
    /// Whether something is asked about a room.
    pub(super) fn is_asked_about(&self, room: &str) -> bool {
        self.under_way.values().any(|asked| asked.as_str() == room)
    }
}

impl Witness {
    /// The program asks Exchange: for an answer about a room, or, where there is no call, for a stream.
    pub(crate) fn asks(&mut self, call: Option<(CallId, &RoomId)>, most: usize, now: DateTime<Utc>) {
        if let Some(until) = self.asked.paused_until.filter(|until| now < *until) {
            self.break_rule(
                "Exchange is asked in a pause that it wants",
                now,
                format!("it lasts until {until}"),
            );
        }
        self.asked.under_way.extend(call.map(|(call, room)| (call, room.clone())));
        let under_way = self.asked.under_way.len();
        if under_way > most {
            self.break_rule(
                "Exchange is asked for more at once than agreed",
                now,
                format!("for {under_way}"),
            );
        }
    }

    /// The program hears an answer.
    pub(crate) fn hears(&mut self, event: &Event, now: DateTime<Utc>) {
        let reply = match event {
            Event::Exchange { call, result } => {
                self.asked.under_way.remove(call);
                result.as_ref().ok()
            }
            Event::Stream { heard: StreamHeard::Refused(reply), .. } => Some(reply),
            _ => None,
        };
        let until = reply.and_then(pause).map(|pause| now + pause.min(LONGEST));
        self.asked.paused_until = self.asked.paused_until.max(until);
    }
}

/// For how long an answer wants Exchange to be left alone (EWS: `BackOffMilliseconds` of `MessageXml`; HTTP: RFC 9110, section 10.2.3).
fn pause(reply: &Reply) -> Option<TimeDelta> {
    let body = String::from_utf8_lossy(&reply.body);
    let number = |text: &str| text.split(|other: char| !other.is_ascii_digit()).next()?.parse().ok();
    let of_body = body.split_once("BackOffMilliseconds\">").and_then(|(_, rest)| number(rest));
    let named = |(name, _): &&(String, String)| name.eq_ignore_ascii_case("retry-after");
    let of_headers = reply.headers.iter().find(named).and_then(|(_, seconds)| number(seconds));
    of_body.map(TimeDelta::milliseconds).or(of_headers.map(TimeDelta::seconds))
}
