//! Today's meetings.
//!
//! What runs comes first and is marked, then what is to come, in order of start. What has ended is left out: a phone
//! shows a few lines, and whoever stands before it wants to know about now.

use super::{
    document::{Content, MenuItem, Page, SoftKey},
    wording,
};
use crate::room::Links;
use chrono::{DateTime, Utc};
use meeting_model::{
    day::{self, LocalDay, Phase},
    display::{Displayed, Present},
};

/// The lines of a menu (CiscoIPPhone.xsd).
const LINES: usize = 100;

/// The menu of a room's local day.
pub(crate) fn page(present: &Present, as_of: Option<DateTime<Utc>>, links: &Links) -> Page {
    let today = day::local_day(&present.zone, present.now);
    let listed = day::of_day(&present.meetings, &today);
    let ahead: Vec<_> = listed.iter().copied().filter(|meeting| is_ahead(meeting, present.now)).collect();
    let mut items: Vec<_> = ahead
        .iter()
        .take(if ahead.len() > LINES { LINES - 1 } else { LINES })
        .map(|meeting| MenuItem { name: name(meeting, &today, present), url: links.meeting(&meeting.key) })
        .collect();
    if let Some(line) = last_line(as_of.is_some(), listed.len(), ahead.len(), items.len()) {
        items.push(MenuItem { name: line, url: links.menu.clone() });
    }
    Page {
        title: present.room_name.clone(),
        prompt: Some(prompt(present, &today, as_of)),
        // A menu has no `SoftKey:Update`: the key fetches the page itself.
        keys: vec![
            SoftKey::new("Select", "SoftKey:Select"),
            SoftKey::new("Update", &links.menu),
            SoftKey::new("Exit", "SoftKey:Exit"),
        ],
        content: Content::Menu(items),
    }
}

/// Whether a meeting of the day runs or is to come. One that stands for the whole day does so until the day ends,
/// whatever zone it was made in.
fn is_ahead(meeting: &Displayed, now: DateTime<Utc>) -> bool {
    meeting.all_day.is_some() || day::phase(meeting, now) != Phase::Past
}

/// `09:00-10:00 Weekly staff`, and `Now 09:00-10:00 Weekly staff` while it runs.
fn name(meeting: &Displayed, today: &LocalDay, present: &Present) -> String {
    let hours = wording::hours(meeting, today, &present.zone);
    let runs = day::phase(meeting, present.now) == Phase::Running && meeting.all_day.is_none();
    format!("{}{hours} {}", if runs { "Now " } else { "" }, meeting.title())
}

/// `Sat 21 Nov 2026`, and `Sat 21 Nov, as of 09:12` where that is some time ago.
fn prompt(present: &Present, today: &LocalDay, as_of: Option<DateTime<Utc>>) -> String {
    match wording::staleness(as_of, present.now, &present.zone) {
        None => wording::date(today.date),
        Some(staleness) => format!("{}, {staleness}", today.date.format("%a %-d %b")),
    }
}

/// A line that says why there are no more.
fn last_line(was_read: bool, listed: usize, ahead: usize, shown: usize) -> Option<String> {
    match (listed, ahead) {
        _ if ahead > shown => Some(format!("and {} more today", ahead - shown)),
        _ if ahead > 0 => None,
        _ if !was_read => Some("The calendar has not been read yet".to_owned()),
        (0, _) => Some("No meetings today".to_owned()),
        _ => Some("No more meetings today".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::tests::{links, meeting, present, utc};

    fn lines(page: &Page) -> Vec<&str> {
        let Content::Menu(items) = &page.content else { panic!("{page:?}") };
        items.iter().map(|item| item.name.as_str()).collect()
    }

    #[test]
    fn what_runs_is_marked_and_what_has_ended_is_left_out() {
        let mut present = present(vec![
            meeting("night", utc("2026-11-20T21:00:00Z"), utc("2026-11-21T09:00:00Z")),
            Displayed {
                all_day: Some(("2026-11-21".parse().unwrap(), "2026-11-21".parse().unwrap())),
                ..meeting("fair", utc("2026-11-20T15:00:00Z"), utc("2026-11-21T15:00:00Z"))
            },
            meeting("early", utc("2026-11-21T08:00:00Z"), utc("2026-11-21T09:00:00Z")),
            meeting("noon", utc("2026-11-21T11:00:00Z"), utc("2026-11-21T12:00:00Z")),
            meeting("tomorrow", utc("2026-11-22T11:00:00Z"), utc("2026-11-22T12:00:00Z")),
        ]);
        for (now, listed) in [
            (
                "08:30",
                &["Now until 10:00 night", "All day fair", "Now 09:00-10:00 early", "12:00-13:00 noon"][..],
            ),
            ("09:00", &["All day fair", "12:00-13:00 noon"]),
            ("16:00", &["All day fair"]),
        ] {
            present.now = utc(&format!("2026-11-21T{now}:00Z"));
            let page = page(&present, Some(present.now), &links());
            assert_eq!(lines(&page), listed, "{now}");
        }
    }

    #[test]
    fn an_empty_menu_says_why() {
        let now = utc("2026-11-21T08:00:00Z");
        let past = meeting("past", utc("2026-11-21T06:00:00Z"), utc("2026-11-21T07:00:00Z"));
        for (meetings, as_of, line, prompt) in [
            (vec![], Some(now), "No meetings today", "Sat 21 Nov 2026"),
            (vec![past], Some(now), "No more meetings today", "Sat 21 Nov 2026"),
            (
                vec![],
                Some(utc("2026-11-20T08:00:59Z")),
                "No meetings today",
                "Sat 21 Nov, as of 20 Nov 09:00",
            ),
            (vec![], None, "The calendar has not been read yet", "Sat 21 Nov, not read yet"),
        ] {
            let page = page(&present(meetings), as_of, &links());
            assert_eq!((lines(&page), page.prompt.as_deref()), (vec![line], Some(prompt)));
        }
    }

    #[test]
    fn a_menu_has_a_hundred_lines() {
        let meetings = |n: usize| {
            let meeting =
                |n: usize| meeting(&n.to_string(), utc("2026-11-21T09:00:00Z"), utc("2026-11-21T10:00:00Z"));
            present((1..=n).map(meeting).collect())
        };
        for (n, shown, last) in [(100, 100, "10:00-11:00 100"), (101, 100, "and 2 more today")] {
            let present = meetings(n);
            let page = page(&present, Some(present.now), &links());
            assert_eq!((lines(&page).len(), *lines(&page).last().unwrap()), (shown, last));
        }
    }
}
