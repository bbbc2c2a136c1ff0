//! A day's meetings.
//!
//! Where the calendar was not read lately the first line says that nobody knows, and no line says that there are none (section E
//! of the rules).
//!
//! Of today what runs comes first and is marked, then what stands for the whole day, then what is to come, in order of
//! start. What has ended is left out: a phone shows a few lines, and whoever stands before it wants to know about now.

use super::{
    details::dialled,
    document::{Content, MenuItem, Page, SoftKey},
    model::Phone,
    wording,
};
use crate::{
    language::{Language, filled},
    room::Pages,
};
use chrono::{DateTime, TimeDelta, Utc};
use meeting_model::{
    day::{self, LocalDay, Phase},
    display::{Displayed, Present},
};

/// The lines of a menu (CiscoIPPhone.xsd).
const LINES: usize = 100;

/// So long before it starts a meeting can be joined from the menu.
const EARLY_JOIN: TimeDelta = TimeDelta::minutes(10);

/// The menu of a room's local day.
pub(crate) fn page(
    present: &Present,
    day: &LocalDay,
    pages: Pages<'_>,
    Phone { language, .. }: Phone,
) -> Page {
    let is_today = day.window.contains(present.now);
    let listed = day::of_day(&present.meetings, day);
    let mut ahead: Vec<_> =
        listed.iter().copied().filter(|meeting| !is_today || is_ahead(meeting, present.now)).collect();
    // Stable: within each of the three, in order of start.
    ahead.sort_by_key(|meeting| (!runs(meeting, present.now), meeting.all_day.is_none()));
    let unknown = wording::unknown(present.as_of, present.now, &present.zone, language);
    let room = LINES - usize::from(unknown.is_some());
    let shown = if ahead.len() > room { room - 1 } else { ahead.len() };
    let lines = ahead.iter().take(shown).map(|meeting| MenuItem {
        name: name(meeting, day, present, language),
        url: pages.meeting(&meeting.key),
    });
    let is_known = unknown.is_none();
    let last = last_line(is_known, is_today, listed.len(), ahead.len(), ahead.len() - shown, language);
    let saying = |line: String| MenuItem { name: line, url: pages.menu() };
    let items = unknown.map(saying).into_iter().chain(lines).chain(last.map(saying)).collect();
    let staleness = wording::staleness(present.as_of, present.now, &present.zone, language);
    Page {
        title: present.room_name.clone(),
        is_urgent: staleness.is_some() || !is_today,
        prompt: Some(match staleness {
            None => language.date(day.date),
            Some(staleness) => format!("{}, {staleness}", language.short_date(day.date)),
        }),
        keys: keys(&ahead, day, present.now, pages, language),
        content: Content::Menu(items),
    }
}

/// Whether a meeting of the day runs or is to come. One that stands for the whole day does so until the day ends,
/// whatever zone it was made in.
fn is_ahead(meeting: &Displayed, now: DateTime<Utc>) -> bool {
    meeting.all_day.is_some() || day::phase(meeting, now) != Phase::Past
}

/// Whether it runs, and not for the whole day.
fn runs(meeting: &Displayed, now: DateTime<Utc>) -> bool {
    day::phase(meeting, now) == Phase::Running && meeting.all_day.is_none()
}

/// `09:00-10:00 Weekly staff`, and `Now 09:00-10:00 Weekly staff` while it runs.
fn name(meeting: &Displayed, day: &LocalDay, present: &Present, language: &Language) -> String {
    let hours = wording::hours(meeting, day, &present.zone, language);
    let title = language.title(meeting);
    if runs(meeting, present.now) {
        format!("{} {title}", filled(&language.phone.now, "hours", &hours))
    } else {
        format!("{hours} {title}")
    }
}

/// A phone shows four keys at once. A menu has no `SoftKey:Update`: the key fetches the page itself.
fn keys(
    ahead: &[&Displayed],
    day: &LocalDay,
    now: DateTime<Utc>,
    pages: Pages<'_>,
    language: &Language,
) -> Vec<SoftKey> {
    let words = &language.phone;
    let select = SoftKey::new(&words.select, "SoftKey:Select");
    let exit = SoftKey::new(&words.exit, "SoftKey:Exit");
    let next_day = day.date.succ_opt().map(|next| SoftKey::new(&words.next_day, pages.menu_on(next)));
    if !day.window.contains(now) {
        let today = SoftKey::new(&words.today, pages.menu());
        return [Some(select), Some(today), next_day, Some(exit)].into_iter().flatten().collect();
    }
    let update = SoftKey::new(&words.update, pages.menu());
    let joinable =
        |meeting: &&&Displayed| meeting.start - EARLY_JOIN <= now && day::phase(meeting, now) != Phase::Past;
    let join = ahead.iter().filter(joinable).find_map(|meeting| dialled(meeting));
    match join.map(|url| SoftKey::new(&words.join, url)) {
        Some(join) => {
            [Some(join), Some(select), next_day, Some(exit), Some(update)].into_iter().flatten().collect()
        }
        None => [Some(select), Some(update), next_day, Some(exit)].into_iter().flatten().collect(),
    }
}

/// A line that says why there are no more, as far as that is known.
fn last_line(
    is_known: bool,
    is_today: bool,
    listed: usize,
    ahead: usize,
    more: usize,
    language: &Language,
) -> Option<String> {
    let words = &language.phone;
    let number = |sentence: &str| filled(sentence, "number", &more.to_string()).into_owned();
    match (listed, ahead) {
        _ if more > 0 => Some(number(if is_today { &words.more_today } else { &words.more })),
        _ if ahead > 0 => None,
        _ if !is_known => None,
        (0, _) if is_today => Some(words.none_today.clone()),
        (0, _) => Some(words.none.clone()),
        _ => Some(words.no_more.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::tests::{links, meeting, new_phone, present, utc};
    use meeting_model::{
        display::Words,
        join::{Found, Join, JoinRule, Place},
    };

    /// Today's menu.
    fn menu(present: &Present, as_of: Option<DateTime<Utc>>) -> Page {
        let links = links();
        let pages = Pages { links: &links, token: None, day: None };
        let present = Present { as_of, ..present.clone() };
        page(&present, &day::local_day(&present.zone, present.now), pages, new_phone())
    }

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
                &["Now until 10:00 night", "Now 09:00-10:00 early", "All day fair", "12:00-13:00 noon"][..],
            ),
            ("09:00", &["All day fair", "12:00-13:00 noon"]),
            ("16:00", &["All day fair"]),
        ] {
            present.now = utc(&format!("2026-11-21T{now}:00Z"));
            let page = menu(&present, Some(present.now));
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
                "State unknown: last read 20 Nov 09:00",
                "Sat 21 Nov, as of 20 Nov 09:00",
            ),
            (vec![], None, "The calendar has not been read yet", "Sat 21 Nov, not read yet"),
        ] {
            let page = menu(&present(meetings), as_of);
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
        let stale = TimeDelta::minutes(15);
        for (n, age, last) in [
            (100, TimeDelta::zero(), "10:00-11:00 100"),
            (101, TimeDelta::zero(), "and 2 more today"),
            (99, stale, "10:00-11:00 99"),
            (100, stale, "and 2 more today"),
        ] {
            let present = meetings(n);
            let page = menu(&present, Some(present.now - age));
            assert_eq!((lines(&page).len(), *lines(&page).last().unwrap()), (100, last), "{n} {age}");
        }
    }

    #[test]
    fn e_what_was_not_read_lately_is_unknown_before_anything_else() {
        let runs = meeting("runs", utc("2026-11-21T07:30:00Z"), utc("2026-11-21T09:00:00Z"));
        let present = present(vec![runs]);
        let page = menu(&present, Some(utc("2026-11-21T07:45:00Z")));
        assert_eq!(lines(&page), ["State unknown: last read 08:45", "Now 08:30-10:00 runs"]);
    }

    fn joined(number: &str, start: &str, end: &str) -> Displayed {
        let found = Found { address: number.to_owned(), rule: JoinRule::Number, place: Place::Body };
        let join = Join { number: Some(found), ..Join::default() };
        let words = Words::Open { title: "call".to_owned(), organizer: None, location: None, join };
        Displayed { words, ..meeting("call", utc(start), utc(end)) }
    }

    #[test]
    fn a_key_joins_what_runs_or_is_about_to() {
        let keys = |meeting: Displayed| {
            let page = menu(&present(vec![meeting]), Some(utc("2026-11-21T08:00:00Z")));
            page.keys.into_iter().map(|key| format!("{} {}", key.name, key.url)).collect::<Vec<_>>()
        };
        let (soon, later) = ("2026-11-21T08:10:00Z", "2026-11-21T08:10:01Z");
        let end = "2026-11-21T09:00:00Z";
        assert_eq!(keys(joined("5551234", soon, end))[0], "Join Dial:5551234");
        for none in
            [joined("5551234", later, end), joined("+495551234", soon, end), joined("kim@video", soon, end)]
        {
            assert_eq!(keys(none)[0], "Select SoftKey:Select");
        }
    }

    #[test]
    fn another_day_is_listed_whole() {
        let present = present(vec![
            meeting("today", utc("2026-11-21T09:00:00Z"), utc("2026-11-21T10:00:00Z")),
            meeting("early", utc("2026-11-22T06:00:00Z"), utc("2026-11-22T07:00:00Z")),
        ]);
        let shown = |date: &str| {
            let day = day::day_of(&present.zone, date.parse().unwrap());
            let links = links();
            let pages = Pages { links: &links, token: None, day: None };
            let page = page(&present, &day, pages, new_phone());
            let keys: Vec<_> = page.keys.iter().map(|key| key.name.clone()).collect();
            (lines(&page).join("|"), page.prompt.clone().unwrap(), keys.join(" "))
        };
        let said = |text: &str, prompt: &str| {
            (text.to_owned(), prompt.to_owned(), "Select Today Next Day Exit".to_owned())
        };
        assert_eq!(shown("2026-11-22"), said("07:00-08:00 early", "Sun 22 Nov 2026"));
        assert_eq!(shown("2026-11-23"), said("No meetings", "Mon 23 Nov 2026"));
    }
}
