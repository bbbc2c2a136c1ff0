//! What became of each meeting of a room, and why: all that `callboard explain` tells.

use super::Address;
use crate::{
    admin::{layout, said},
    text::one_line,
};
use chrono::{DateTime, NaiveTime, Utc};
use control::{Explained, ExplainedMeeting, OnDevice};
use maud::{Markup, html};
use meeting_model::zone::RoomZone;
use serde::Deserialize;
use url::form_urlencoded;

/// How many meetings a page has: on a phone each takes a third of the screen.
const PAGE: usize = 20;

/// Which meetings somebody wants to see.
#[derive(Debug, Deserialize, Default)]
pub(crate) struct Wanted {
    /// The moment that is to be explained; absent: now.
    pub(super) at: Option<DateTime<Utc>>,
    /// Words of what is said of them.
    #[serde(default)]
    q: String,
    #[serde(default)]
    show: Show,
    #[serde(default)]
    page: usize,
}

/// By when they are.
#[derive(Debug, Deserialize, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
enum Show {
    Past,
    All,
    /// What runs first.
    #[default]
    #[serde(other)]
    Ahead,
}

impl Show {
    const EVERY: [(Self, &str, &str); 3] = [
        (Self::Ahead, "ahead", "Now and to come"),
        (Self::Past, "past", "Ended"),
        (Self::All, "all", "All days"),
    ];

    fn word(self) -> &'static str {
        Self::EVERY.iter().find(|(show, ..)| *show == self).map_or("ahead", |(_, word, _)| word)
    }
}

impl Wanted {
    fn wants(&self, meeting: &ExplainedMeeting, now: DateTime<Utc>) -> bool {
        let has_ended = meeting.end < now || (meeting.end == now && meeting.start < now);
        let is_then = match self.show {
            Show::Ahead => !has_ended,
            Show::Past => has_ended,
            Show::All => true,
        };
        let ExplainedMeeting { title, fate, rule, why, .. } = meeting;
        let [title, rule] = [title, rule].map(|text| text.as_deref().unwrap_or_default());
        let text = format!("{title} {fate} {rule} {why}").to_lowercase();
        is_then && self.q.to_lowercase().split_whitespace().all(|word| text.contains(word))
    }

    fn link(&self, page: usize) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if let Some(at) = self.at {
            query.append_pair("at", &moment(at));
        }
        query.append_pair("q", &self.q).append_pair("show", self.show.word());
        query.append_pair("page", &page.to_string()).finish()
    }
}

/// A moment as it stands in an address.
pub(super) fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

/// What somebody looks for.
pub(super) fn search(address: &Address<'_>, wanted: &Wanted) -> Markup {
    html! {
        form .search method="get" action={ (address) "#decisions" } role="search" data-renews="#decided" {
            @if let Some(at) = wanted.at { input type="hidden" name="at" value=(moment(at)); }
            label for="q" { "Search" }
            input #q type="search" name="q" value=(one_line(&wanted.q)) placeholder="Title, rule or reason" autocomplete="off";
            label for="show" { "Show" }
            select #show name="show" {
                @for (show, word, name) in Show::EVERY {
                    option value=(word) selected[show == wanted.show] { (name) }
                }
            }
            button type="submit" { "Find" }
        }
    }
}

/// The meetings that are looked for: those that have ended from the latest on.
pub(super) fn found(
    explained: &Explained,
    address: &Address<'_>,
    wanted: &Wanted,
    zone: &RoomZone,
) -> Markup {
    let now = explained.at;
    let mut found: Vec<_> = explained.meetings.iter().filter(|one| wanted.wants(one, now)).collect();
    if wanted.show == Show::Past {
        found.reverse();
    }
    let pages = found.len().div_ceil(PAGE).max(1);
    let page = wanted.page.min(pages - 1);
    let listed: Vec<_> = found.iter().skip(page * PAGE).take(PAGE).copied().collect();
    let number = format!("{} of {} meetings", found.len(), explained.meetings.len());
    let link = |to: usize| format!("{address}?{}#decisions", wanted.link(to));
    html! {
        @if explained.meetings.is_empty() && explained.unread { p .faint { "This room was not read yet: nobody knows what is in its calendar." } }
        @else if explained.meetings.is_empty() { p .faint { "There is nothing in the calendar that could be shown." } }
        @else if listed.is_empty() { p .faint { "Nothing is found among " (explained.meetings.len()) " meetings: try other words, or all days." } }
        @else {
            (table(&listed, Walls { zone, now }))
            (layout::pager("Pages of decisions", &number, page, pages, link))
        }
    }
}

fn table(meetings: &[&ExplainedMeeting], walls: Walls<'_>) -> Markup {
    let now = walls.now;
    html! {
        table .stacked.decisions {
            thead { tr { th scope="col" { "When" } th scope="col" { "Meeting" } th scope="col" { "Fate" } th scope="col" { "Why" } th scope="col" { "Devices" } } }
            tbody {
                @for meeting in meetings {
                    tr {
                        td { @let (date, hours) = walls.span(meeting); span { (date) } " " span { (hours) } @if meeting.start <= now && now < meeting.end { " " span .badge.idle { "now" } } }
                        th scope="row" {
                            bdi { (meeting.title.as_deref().map_or("(forgotten)".to_owned(), one_line)) }
                            (facts(&origins(meeting)))
                        }
                        td data-name="Fate" { (fate(meeting)) }
                        td data-name="Why" {
                            (said::sentence(&meeting.why))
                            @if let Some(remedy) = &meeting.remedy { p .trouble { "To do: " (said::sentence(remedy)) } }
                            (facts(&times(meeting, walls)))
                        }
                        td data-name="Devices" { (devices(&meeting.devices, walls)) }
                    }
                }
            }
        }
    }
}

fn fate(ExplainedMeeting { fate, rule, .. }: &ExplainedMeeting) -> Markup {
    let kind = match fate.as_str() {
        "shown" => "good",
        "hidden" | "gone" => "bad",
        _ => "idle",
    };
    html! { span class={ "badge " (kind) } { (fate) } @if let Some(rule) = rule { " " span .faint { (rule) } } }
}

fn facts(facts: &[String]) -> Markup {
    html! { @if !facts.is_empty() { p .facts { (said::sentence(&facts.join(" · "))) } } }
}

/// Where what is shown comes from.
fn origins(meeting: &ExplainedMeeting) -> Vec<String> {
    let ExplainedMeeting { subject, join, zone_stands_in, mailbox, .. } = meeting;
    let join = match join {
        Some((rule, place)) => Some(format!("join address by `{rule}` from the {place}")),
        // Of what is gone, and of the past, neither is known.
        None => subject.is_some().then(|| "no join address found".to_owned()),
    };
    let zone = zone_stands_in.then(|| "its zone is not known, the room's stands in".to_owned());
    let mailbox = mailbox.as_ref().map(|mailbox| format!("in `{mailbox}`"));
    [subject.clone(), join, zone, mailbox].into_iter().flatten().collect()
}

fn times(meeting: &ExplainedMeeting, walls: Walls<'_>) -> Vec<String> {
    let ExplainedMeeting { decided, written, seen, gone, .. } = meeting;
    let told = [("decided", decided), ("written", written), ("last seen", seen), ("gone since", gone)];
    let told = told.into_iter().filter_map(|(what, at)| Some(format!("{what} {}", walls.moment((*at)?))));
    told.collect()
}

fn devices(devices: &[OnDevice], walls: Walls<'_>) -> Markup {
    let have = devices.iter().filter(|device| device.has_it).count();
    let kind = if have == devices.len() { "good" } else { "idle" };
    html! {
        @if devices.is_empty() { span .faint { "none is told" } }
        @else {
            details {
                summary { span class={ "badge " (kind) } { (have) " of " (devices.len()) " have it" } }
                ul .facts {
                    @for OnDevice { device, has_it, since, trouble } in devices {
                        li { (one_line(device)) @match (has_it, since) {
                            (false, _) => { ": not yet" @if let Some(trouble) = trouble { ": " (one_line(trouble)) } },
                            (true, None) => {},
                            (true, Some(since)) => { " since " (walls.moment(*since)) },
                        } }
                    }
                }
            }
        }
    }
}

/// The time as the room's walls tell it.
#[derive(Clone, Copy)]
struct Walls<'a> {
    zone: &'a RoomZone,
    now: DateTime<Utc>,
}

impl Walls<'_> {
    /// `Sun 22 Nov` and `10:02–11:17`. The midnight that ends a day belongs to it.
    fn span(self, meeting: &ExplainedMeeting) -> (String, String) {
        let (start, end) = (self.zone.local(meeting.start), self.zone.local(meeting.end));
        let ends_its_day = end.time() == NaiveTime::MIN && start.date().succ_opt() == Some(end.date());
        let last = match end {
            _ if ends_its_day => "24:00".to_owned(),
            end if end.date() == start.date() => end.format("%H:%M").to_string(),
            end => end.format("%a %-d %b %H:%M").to_string(),
        };
        (start.format("%a %-d %b").to_string(), format!("{}–{last}", start.format("%H:%M")))
    }

    /// `10:02` today, `21 Nov 10:02` on another day.
    fn moment(self, at: DateTime<Utc>) -> String {
        let (local, today) = (self.zone.local(at), self.zone.local(self.now).date());
        let form = if local.date() == today { "%H:%M" } else { "%-d %b %H:%M" };
        local.format(form).to_string()
    }
}
