//! Why a room shows what it shows, one line for each meeting.

use super::{
    Page, Tint,
    status::warn,
    time::{age, clock, days, moment, span_at},
};
use chrono::{DateTime, Utc};
use control::{Explained, ExplainedMeeting, OnDevice, Trouble};
use meeting_model::{explain::SubjectSource, subject::shortened, zone::RoomZone};
use std::{collections::BTreeMap, io};

/// So much of a title is printed, in graphemes: it is whole where programs read it.
const TITLE: usize = 100;

/// Which meetings are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Listing {
    /// Those that are over, too.
    pub past: bool,
    /// They are some of the calendar only, by their titles or their day.
    pub some: bool,
}

/// Writes what became of each meeting, why, and what to do: of what runs or is to come, and of what is over only how much
/// there is, unless it is wanted.
///
/// # Errors
/// When it cannot be written.
pub fn explain(page: &mut Page<'_>, told: &Explained, listing: Listing) -> io::Result<()> {
    let room = page.paint(Tint::Heading, &told.room);
    let zone = page.zone(&told.room).cloned();
    let zone = zone.as_ref();
    let utc = if zone.is_none() { " (times in UTC)" } else { "" };
    let when = match told.as_of {
        Some(as_of) => format!("as of {}, {} ago", clock(as_of, zone), age(told.at - as_of)),
        None => format!("at {}", moment(told.at, zone)),
    };
    page.line(&format!("{room}{utc}: revision {}, {when}", told.rev))?;
    told.notes.iter().try_for_each(|note| page.line(&format!("  {note}")))?;
    if told.unread {
        page.line("  not read yet: nobody knows what is in its calendar")?;
    }
    told.troubles.iter().try_for_each(|trouble| in_trouble(page, trouble, zone))?;
    if told.meetings.is_empty() && !told.unread {
        let sentence = if listing.some { "no such meeting is known" } else { "nothing is in this calendar" };
        page.line(&format!("  {sentence}"))?;
    }
    let is_left_out = |meeting: &&ExplainedMeeting| !listing.past && is_over(meeting, told.at);
    let (left_out, listed): (Vec<_>, Vec<_>) = told.meetings.iter().partition(is_left_out);
    devices_in_trouble(page, &listed)?;
    listed.into_iter().try_for_each(|meeting| line(page, meeting, zone, told.at))?;
    match left_out.len() {
        0 => {}
        1 => page.line("  1 meeting is over: `--past` lists it, too")?,
        over => page.line(&format!("  {over} meetings are over: `--past` lists them, too"))?,
    }
    told.warnings.iter().try_for_each(|warning| warn(page, warning))
}

fn in_trouble(page: &mut Page<'_>, trouble: &Trouble, zone: Option<&RoomZone>) -> io::Result<()> {
    let again = trouble.retry_at.map(|at| format!("; tried again at {}", clock(at, zone)));
    let sentence = format!("{}{}", trouble.sentence, again.unwrap_or_default());
    let sentence = page.paint(Tint::Bad, &sentence);
    page.line(&format!("  {sentence}"))
}

/// What is wrong with a device is said once, and not of every meeting that it does not have.
fn devices_in_trouble(page: &mut Page<'_>, meetings: &[&ExplainedMeeting]) -> io::Result<()> {
    let devices = meetings.iter().flat_map(|meeting| &meeting.devices);
    let troubles: BTreeMap<&str, &str> =
        devices.filter_map(|device| Some((device.device.as_str(), device.trouble.as_deref()?))).collect();
    troubles.into_iter().try_for_each(|(device, trouble)| {
        let trouble = page.paint(Tint::Bad, trouble);
        page.line(&format!("  device `{device}`: {trouble}"))
    })
}

fn is_over(meeting: &ExplainedMeeting, at: DateTime<Utc>) -> bool {
    meeting.end < at || (meeting.end == at && meeting.start < at)
}

fn line(
    page: &mut Page<'_>,
    meeting: &ExplainedMeeting,
    zone: Option<&RoomZone>,
    at: DateTime<Utc>,
) -> io::Result<()> {
    let head = format!(
        "{}  {}",
        match meeting.all_day {
            Some(dates) => days(dates, zone, at),
            None => span_at(meeting.start, meeting.end, zone, at),
        },
        shortened(meeting.title.as_deref().unwrap_or("(forgotten)"), TITLE)
    );
    let head = page.paint(Tint::Plain, &head);
    let rule = meeting.rule.as_ref().map_or_else(String::new, |rule| format!(" ({rule})"));
    let fate = page.paint(tint(&meeting.fate), &format!("{}{rule}", meeting.fate));
    let rest = page.paint(Tint::Plain, &parts(meeting, zone).join("; "));
    page.line(&format!("  {head}: {fate}: {rest}"))
}

fn tint(fate: &str) -> Tint {
    match fate {
        "shown" => Tint::Good,
        "hidden" | "gone" => Tint::Bad,
        _ => Tint::Notice,
    }
}

fn parts(meeting: &ExplainedMeeting, zone: Option<&RoomZone>) -> Vec<String> {
    let said = |what: &'static str| move |at| format!("{what} {}", moment(at, zone));
    let mut parts = vec![meeting.why.clone()];
    parts.extend(meeting.mailbox.as_ref().map(|mailbox| format!("in `{mailbox}`")));
    parts.extend(meeting.decided.map(said("decided")));
    parts.extend(meeting.subject.clone());
    let is_revealed =
        meeting.concealed && meeting.subject.as_deref() != Some(SubjectSource::Hidden.words().as_str());
    parts.extend(is_revealed.then(|| "displays hide what it is called".to_owned()));
    let join = match &meeting.join {
        Some((rule, place)) => Some(format!("join address by `{rule}` from the {place}")),
        // Of what is gone, and of what has changed since the past that is told of, neither is known.
        None => meeting.subject.is_some().then(|| "no join address found".to_owned()),
    };
    parts.extend(join);
    parts.extend(meeting.zone_stands_in.then(|| "its zone is not known, the room's stands in".to_owned()));
    parts.extend(meeting.written.map(said("written")));
    parts.extend(meeting.seen.map(said("last seen")));
    parts.extend(meeting.gone.map(said("gone since")));
    parts.extend(meeting.devices.iter().filter(|device| device.has_it).map(|device| on_device(device, zone)));
    let without = meeting.devices.iter().filter(|device| !device.has_it);
    let without: Vec<_> = without.map(|device| format!("`{}`", device.device)).collect();
    parts.extend((!without.is_empty()).then(|| format!("not yet on {}", without.join(", "))));
    parts.extend(meeting.remedy.as_ref().map(|remedy| format!("to do: {remedy}")));
    parts
}

fn on_device(device: &OnDevice, zone: Option<&RoomZone>) -> String {
    match device.since {
        None => format!("on `{}`", device.device),
        Some(since) => format!("on `{}` since {}", device.device, moment(since, zone)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::tests::{page_in_berlin, page_without_zones};
    use insta::assert_snapshot;

    const TOLD: &str = r#"{
        "room": "boardroom-9", "at": "2026-11-24T08:14:15Z", "rev": 12, "as_of": "2026-11-24T08:14:03Z",
        "warnings": [{"id": "auto-accept-off", "about": "boardroom-9", "sentence": "nobody answers",
                      "remedy": "Set-CalendarProcessing 'b9@example.com' -AutomateProcessing AutoAccept"}],
        "meetings": [
            {"key": "00", "start": "2026-11-24T09:00:00Z", "end": "2026-11-24T10:00:00Z", "title": "Budget",
             "fate": "shown", "rule": "A6", "why": "the room accepted it", "decided": "2026-11-23T08:00:00Z",
             "subject": "subject as written", "join": ["teams", "body"], "zone_stands_in": true,
             "written": "2026-11-23T07:59:00Z", "seen": "2026-11-24T08:14:03Z", "gone": null,
             "devices": [{"device": "b9/phone", "has_it": true, "since": "2026-11-23T08:00:01Z"},
                         {"device": "b9/panel", "has_it": false, "since": null,
                          "trouble": "refused our name and password: check them"}],
             "remedy": null},
            {"key": "01", "start": "2026-11-24T11:00:00Z", "end": "2026-11-24T12:00:00Z", "title": null,
             "fate": "gone", "rule": "A4", "why": "declined by the room, probably", "decided": null,
             "subject": null, "join": null, "zone_stands_in": false, "written": null, "seen": null,
             "gone": "2026-11-24T08:00:00Z", "devices": [], "remedy": "accept it"}
        ]
    }"#;

    fn told() -> Explained {
        serde_json::from_str(TOLD).unwrap()
    }

    #[test]
    fn every_meeting_takes_one_line() {
        assert_snapshot!(page_in_berlin(|page| explain(page, &told(), Listing::default())), @"
        boardroom-9: revision 12, as of 09:14:03, 12s ago
          device `b9/panel`: refused our name and password: check them
          10:00–11:00 Tue 24 Nov  Budget: shown (A6): the room accepted it; decided 2026-11-23 09:00; subject as written; join address by `teams` from the body; its zone is not known, the room's stands in; written 2026-11-23 08:59; last seen 2026-11-24 09:14; on `b9/phone` since 2026-11-23 09:00; not yet on `b9/panel`
          12:00–13:00 Tue 24 Nov  (forgotten): gone (A4): declined by the room, probably; gone since 2026-11-24 09:00; to do: accept it

        warning auto-accept-off boardroom-9: nobody answers
          Set-CalendarProcessing 'b9@example.com' -AutomateProcessing AutoAccept
        ");
    }

    #[test]
    fn what_is_revealed_is_marked_and_what_is_endless_is_cut() {
        let mut told = told();
        told.warnings.clear();
        told.meetings.truncate(1);
        let line = |told: &Explained| {
            let page = page_in_berlin(|page| explain(page, told, Listing::default()));
            page.lines().nth(2).unwrap().to_owned()
        };
        assert!(!line(&told).contains("displays hide"));
        told.meetings[0].concealed = true;
        assert!(
            line(&told).contains("; subject as written; displays hide what it is called; "),
            "{}",
            line(&told)
        );
        told.meetings[0].subject = Some(SubjectSource::Hidden.words());
        assert!(!line(&told).contains("displays hide"), "its title is the mask");
        told.meetings[0].title = Some("👩‍👩‍👧".repeat(3000));
        told.meetings[0].join = None;
        assert!(line(&told).contains("; no join address found; "), "{}", line(&told));
        assert!(line(&told).contains(&format!(" {}…: shown", "👩‍👩‍👧".repeat(99))), "{}", line(&told));
    }

    #[test]
    fn the_past_is_told_as_such() {
        let past = Explained { as_of: None, warnings: Vec::new(), meetings: Vec::new(), ..told() };
        assert_snapshot!(page_without_zones(|page| explain(page, &past, Listing::default())), @"
        boardroom-9 (times in UTC): revision 12, at 2026-11-24 08:14 UTC
          nothing is in this calendar
        ");
        let searched = Listing { some: true, ..Listing::default() };
        let page = page_without_zones(|page| explain(page, &past, searched));
        assert!(page.ends_with("  no such meeting is known\n"), "{page}");
    }

    #[test]
    fn a_room_that_was_never_read_is_not_said_to_be_empty() {
        let retry_at = Some("2026-11-24T08:15:00Z".parse().unwrap());
        let troubles = vec![Trouble { sentence: "no such mailbox".into(), retry_at }];
        let (warnings, meetings) = (Vec::new(), Vec::new());
        let told = Explained { rev: 0, as_of: None, unread: true, troubles, warnings, meetings, ..told() };
        assert_snapshot!(page_in_berlin(|page| explain(page, &told, Listing::default())), @"
        boardroom-9: revision 0, at 2026-11-24 09:14
          not read yet: nobody knows what is in its calendar
          no such mailbox; tried again at 09:15:00
        ");
    }

    #[test]
    fn what_is_over_is_counted_unless_it_is_wanted() {
        let mut told = told();
        told.warnings.clear();
        let lines = |told: &Explained, past| {
            let listing = Listing { past, ..Listing::default() };
            let page = page_in_berlin(|page| explain(page, told, listing));
            page.lines()
                .skip(1)
                .filter(|line| !line.contains("device `"))
                .map(|line| line.trim().to_owned())
                .collect::<Vec<_>>()
        };
        told.at = "2026-11-24T10:00:00Z".parse().unwrap();
        let listed = lines(&told, false);
        assert!(listed[0].starts_with("12:00–13:00 Tue 24 Nov"), "{listed:#?}");
        assert_eq!(listed[1..], ["1 meeting is over: `--past` lists it, too"]);
        assert!(lines(&told, true)[0].starts_with("10:00–11:00 Tue 24 Nov"));
        told.at = "2026-11-25T10:00:00Z".parse().unwrap();
        assert_eq!(lines(&told, false), ["2 meetings are over: `--past` lists them, too"]);
    }
}
