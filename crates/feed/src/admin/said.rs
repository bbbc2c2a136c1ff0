//! How pages say what health tells.

use crate::text::one_line;
use chrono::{DateTime, TimeDelta, Utc};
use control::{RoomHealth, RoomState, ServerState, ToldBy, Warning};
use maud::{Markup, html};
use meeting_model::availability::is_stale;

/// How somebody is, in a word and a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) word: &'static str,
    pub(super) kind: &'static str,
}

/// How a room is.
pub(super) fn of_room(room: Option<&RoomHealth>, now: DateTime<Utc>) -> Standing {
    let of = |word, kind| Standing { word, kind };
    match room {
        None => of("not looked at yet", "idle"),
        Some(room) if room.trouble.is_some() => of("in trouble", "bad"),
        Some(room) if room.as_of.is_none() => of("being read", "idle"),
        Some(room) if is_stale(room.as_of, now) => of("out of date", "warn"),
        Some(RoomHealth { state: RoomState::Live, .. }) => of("live", "good"),
        Some(RoomHealth { state: RoomState::BackingOff, .. }) => of("waiting", "warn"),
        Some(_) => of("reading", "idle"),
    }
}

/// How a server is.
pub(super) fn of_server(state: ServerState) -> Standing {
    let of = |word, kind| Standing { word, kind };
    match state {
        ServerState::Unknown => of("not asked yet", "idle"),
        ServerState::Up => of("up", "good"),
        ServerState::BackingOff => of("busy, we wait", "warn"),
        ServerState::SignInRefused => of("sign-in refused", "bad"),
        ServerState::Down => of("down", "bad"),
    }
}

/// What tells us of a room's changes.
pub(super) fn told_by(room: Option<&RoomHealth>) -> &'static str {
    match room.and_then(|room| room.told_by) {
        Some(ToldBy::Streaming) => "told by streaming",
        Some(ToldBy::Push) => "told by pushes",
        Some(ToldBy::Pull) => "asked for events",
        Some(ToldBy::Looking) => "looked at every minute",
        None => "not subscribed to",
    }
}

/// A word with its colour.
pub(super) fn badge(standing: Standing) -> Markup {
    html! { span class={ "badge " (standing.kind) } { (standing.word) } }
}

/// `12 s ago`, with the instant behind it.
pub(super) fn ago(at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Markup {
    let Some(at) = at else { return html! { span .faint { "never" } } };
    html! { time datetime=(at.to_rfc3339()) title=(instant(at)) { (span(now - at)) " ago" } }
}

/// A length of time as people say it, rounded down.
pub(super) fn span(span: TimeDelta) -> String {
    let seconds = span.num_seconds().max(0);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..86400 => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{} d {} h", seconds / 86400, seconds % 86400 / 3600),
    }
}

/// An instant, for those who look twice.
pub(super) fn instant(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// A text in one line; what it quotes in backticks is code.
pub(super) fn sentence(text: &str) -> Markup {
    let line = one_line(text);
    let is_paired = line.matches('`').count().is_multiple_of(2);
    html! {
        @if is_paired {
            @for (n, part) in line.split('`').enumerate() {
                @if n % 2 == 0 { (part) } @else { code { (part) } }
            }
        } @else { (line) }
    }
}

/// What is wrong, as whoever is to blame may have said it.
pub(super) fn trouble(sentence: &str) -> Markup {
    html! { p .trouble { (self::sentence(sentence)) } }
}

/// Warnings, each with what to do.
pub(super) fn warnings(warnings: &[&Warning]) -> Markup {
    html! {
        ul .warnings {
            @for Warning { id, about, sentence, remedy } in warnings {
                li {
                    p { strong { @if let Some(about) = about { (one_line(about)) ": " } (self::sentence(sentence)) } }
                    p { (self::sentence(remedy)) }
                    code .faint { (id) }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_is_code() {
        for (text, said) in [
            ("`a` and `<b>`", "<code>a</code> and <code>&lt;b&gt;</code>"),
            ("one ` alone", "one ` alone"),
            ("", ""),
        ] {
            assert_eq!(sentence(text).into_string(), said);
        }
    }

    #[test]
    fn spans_are_said_as_people_say_them() {
        for (seconds, said) in [
            (-5, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (3599, "59 min"),
            (3661, "1 h 1 min"),
            (90_000, "1 d 1 h"),
        ] {
            assert_eq!(span(TimeDelta::seconds(seconds)), said);
        }
    }
}
