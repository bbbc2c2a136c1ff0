//! All rooms: how they are, what they show today, what wants looking at.

use super::{
    SignedIn,
    layout::{self, Tab},
    said, timeline,
};
use crate::{
    held::Shown,
    room::{Room, of_room},
    server::Shared,
    text::one_line,
};
use axum::{
    extract::{Query, State, rejection::QueryRejection},
    response::Response,
};
use chrono::{DateTime, Utc};
use control::{Health, RoomHealth};
use maud::{Markup, html};
use meeting_model::{availability::is_stale, day};
use serde::Deserialize;
use std::{collections::BTreeMap, sync::Arc};
use url::form_urlencoded;

/// How many rooms a page has.
const PAGE: usize = 100;

/// Which rooms somebody wants to see.
#[derive(Debug, Deserialize, Default)]
pub(crate) struct Wanted {
    /// Words of their names, ids or troubles.
    #[serde(default)]
    q: String,
    #[serde(default)]
    show: Show,
    #[serde(default)]
    page: usize,
}

/// By how they are.
#[derive(Debug, Deserialize, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
enum Show {
    Trouble,
    Stale,
    Devices,
    #[default]
    #[serde(other)]
    All,
}

/// A room with all that is said of it.
struct Line<'a> {
    room: &'a Room,
    health: Option<RoomHealth>,
    devices: usize,
    behind: usize,
    troubled: usize,
}

/// All rooms.
pub(crate) async fn page(
    State(feed): State<Arc<Shared>>,
    wanted: Result<Query<Wanted>, QueryRejection>,
    SignedIn(session): SignedIn,
) -> Response {
    let Ok(Query(wanted)) = wanted else {
        return layout::misdirected(&feed, &session, "Expected `page` as a number.");
    };
    let now = feed.clock.now().wall;
    let health = feed.health.borrow().clone();
    let lines = lines(&feed, &health);
    let found: Vec<&Line<'_>> = lines.iter().filter(|line| wanted.wants(line, now)).collect();
    let pages = found.len().div_ceil(PAGE).max(1);
    let page = wanted.page.min(pages - 1);
    let listed: Vec<_> = found.iter().skip(page * PAGE).take(PAGE).copied().collect();
    let mut days = BTreeMap::new();
    for line in &listed {
        let today = day::local_day(&line.room.zone, now).window;
        if let Ok((_, shown, _)) = feed.shown(line.room, today).await {
            days.insert(&line.room.id, shown);
        }
    }
    let warnings: Vec<_> = health.warnings.iter().collect();
    let main = html! {
        h1 { "Rooms" }
        div #live data-live="" {
            (tiles(&lines, &health, now))
            @if !warnings.is_empty() {
                details .card open[warnings.len() <= 3] {
                    summary { (warnings.len()) (if warnings.len() == 1 { " warning" } else { " warnings" }) }
                    (said::warnings(&warnings))
                }
            }
        }
        (search(&feed, &wanted))
        div #rooms data-live="" {
            @if lines.is_empty() {
                (layout::empty("No rooms yet", "Add a [[room]] to the configuration, or print them with `callboard rooms discover`, and reload."))
            } @else if found.is_empty() {
                (layout::empty("Nothing found", "No room is like that. Try fewer words, or another filter."))
            } @else {
                (timeline::legend())
                (table(&feed, &listed, &days, now))
                @let number = format!("{} {}", found.len(), if found.len() == 1 { "room" } else { "rooms" });
                (layout::pager("Pages of rooms", &number, page, pages, |to| format!("{}/?{}", feed.base, wanted.link(to))))
            }
        }
    };
    layout::page(&feed, &session, Tab::Rooms, "Rooms", &main)
}

fn lines<'a>(feed: &'a Shared, health: &Health) -> Vec<Line<'a>> {
    let mut devices: BTreeMap<&str, (usize, usize, usize)> = BTreeMap::new();
    for device in &health.devices {
        let (all, behind, troubled) = devices.entry(&device.room).or_default();
        *all += 1;
        *behind += usize::from(device.acknowledged < device.wanted);
        *troubled += usize::from(device.trouble.is_some());
    }
    let line = |room: &'a Room| {
        let (devices, behind, troubled) = devices.get(room.id.as_str()).copied().unwrap_or_default();
        Line { room, health: of_room(health, &room.id).cloned(), devices, behind, troubled }
    };
    let mut lines: Vec<_> = feed.rooms.values().map(|room| line(room)).collect();
    lines.sort_by_cached_key(|line| counted(line.room.id.as_str()));
    lines
}

/// What names are put in order by: as people count, `room-108` before `room-1079`.
fn counted(name: &str) -> Vec<(String, u64)> {
    let mut parts = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let (text, behind) = rest.split_at(rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len()));
        let (digits, behind) =
            behind.split_at(behind.find(|c: char| !c.is_ascii_digit()).unwrap_or(behind.len()));
        // What is too long to be counted is last.
        let number = if digits.is_empty() { 0 } else { digits.parse().unwrap_or(u64::MAX) };
        parts.push((text.to_owned(), number));
        rest = behind;
    }
    parts
}

impl Line<'_> {
    fn troubles(&self) -> impl Iterator<Item = &str> {
        self.health.iter().flat_map(RoomHealth::troubles).map(|(trouble, _)| trouble)
    }

    fn is_troubled(&self) -> bool {
        self.troubles().next().is_some()
    }

    fn is_stale(&self, now: DateTime<Utc>) -> bool {
        is_stale(self.health.as_ref().and_then(|health| health.as_of), now)
    }
}

impl Wanted {
    fn wants(&self, line: &Line<'_>, now: DateTime<Utc>) -> bool {
        let is_so = match self.show {
            Show::All => true,
            Show::Trouble => line.is_troubled(),
            Show::Stale => line.is_stale(now),
            Show::Devices => line.troubled > 0,
        };
        let troubles: Vec<&str> = line.troubles().collect();
        let text = format!("{} {} {}", line.room.id, line.room.name, troubles.join(" ")).to_lowercase();
        is_so && self.q.to_lowercase().split_whitespace().all(|word| text.contains(word))
    }

    fn link(&self, page: usize) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("q", &self.q)
            .append_pair("show", self.show.word())
            .append_pair("page", &page.to_string());
        query.finish()
    }
}

impl Show {
    const EVERY: [(Self, &str); 4] = [
        (Self::All, "All rooms"),
        (Self::Trouble, "In trouble"),
        (Self::Stale, "Out of date"),
        (Self::Devices, "Device trouble"),
    ];

    fn word(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Trouble => "trouble",
            Self::Stale => "stale",
            Self::Devices => "devices",
        }
    }
}

fn tiles(lines: &[Line<'_>], health: &Health, now: DateTime<Utc>) -> Markup {
    let troubled = lines.iter().filter(|line| line.is_troubled()).count();
    let stale = lines.iter().filter(|line| line.is_stale(now)).count();
    let well = lines.iter().filter(|line| !line.is_troubled() && !line.is_stale(now)).count();
    let devices = health.devices.iter().filter(|device| device.trouble.is_some()).count();
    let tile = |number: usize, of: usize, name: &str, kind: &str| {
        html! {
            div class={ "tile " (kind) } { p .number { (number) small { " / " (of) } } p { (name) } }
        }
    };
    let bad = |number: usize| if number > 0 { "bad" } else { "good" };
    html! {
        div .tiles {
            (tile(well, lines.len(), "rooms up to date", "good"))
            (tile(troubled, lines.len(), "rooms in trouble", bad(troubled)))
            (tile(stale, lines.len(), "rooms out of date", if stale > 0 { "warn" } else { "good" }))
            (tile(devices, health.devices.len(), "devices in trouble", bad(devices)))
        }
    }
}

fn search(feed: &Shared, wanted: &Wanted) -> Markup {
    html! {
        form .search method="get" action={ (feed.base) "/" } role="search" data-renews="#rooms" {
            label for="q" { "Search" }
            input #q type="search" name="q" value=(one_line(&wanted.q)) placeholder="Room, id or trouble" autocomplete="off";
            label for="show" { "Show" }
            select #show name="show" {
                @for (show, name) in Show::EVERY {
                    option value=(show.word()) selected[show == wanted.show] { (name) }
                }
            }
            button type="submit" { "Find" }
        }
    }
}

fn table(
    feed: &Shared,
    lines: &[&Line<'_>],
    days: &BTreeMap<&meeting_model::id::RoomId, Shown>,
    now: DateTime<Utc>,
) -> Markup {
    html! {
        table .rooms.stacked {
            caption .spoken { "Rooms, how they are, and what they show today" }
            thead {
                tr {
                    th scope="col" { "Room" }
                    th scope="col" { "State" }
                    th scope="col" { "Today, from midnight to midnight" }
                    th scope="col" { "True as of" }
                    th scope="col" { "Devices" }
                }
            }
            tbody {
                @for line in lines {
                    tr {
                        th scope="row" {
                            a href={ (feed.base) "/admin/rooms/" (line.room.links.segment()) } { (one_line(&line.room.name)) }
                            @if line.room.name != line.room.id.as_str() { span .faint { " " (line.room.id) } }
                        }
                        td {
                            (said::badge(said::of_room(line.health.as_ref(), now)))
                            " " span .faint { (said::told_by(line.health.as_ref())) }
                            @for trouble in line.troubles() { (said::trouble(trouble)) }
                        }
                        td .strip {
                            @match days.get(&line.room.id) {
                                Some(shown) => {
                                    (timeline::day(&line.room.name, &day::local_day(&line.room.zone, now), &line.room.zone, shown, now))
                                }
                                None => { span .faint { "cannot be read at the moment" } }
                            }
                        }
                        td data-name="True as of" { (said::ago(line.health.as_ref().and_then(|health| health.as_of), now)) }
                        td data-name="Devices" { (devices(line)) }
                    }
                }
            }
        }
    }
}

fn devices(line: &Line<'_>) -> Markup {
    html! {
        @if line.devices == 0 { span .faint { "none" } }
        @else if line.troubled > 0 { span .badge.bad { (line.troubled) " of " (line.devices) " in trouble" } }
        @else if line.behind > 0 { span .badge.idle { (line.behind) " of " (line.devices) " on their way" } }
        @else { span .badge.good { (line.devices) " up to date" } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_are_in_order_as_people_count() {
        let ordered =
            ["a", "a-2b", "a-10", "a-10b", "room-108", "room-1079", "room-1080", "room-99999999999999999999"];
        let mut names = ordered;
        names.reverse();
        names.sort_by_key(|name| counted(name));
        assert_eq!(names, ordered);
    }
}
