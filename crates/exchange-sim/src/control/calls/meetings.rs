//! The calls about meetings.

use super::{Call, call};
use crate::control::meeting;

pub(super) const CALLS: &[Call] = &[
    call(
        "POST",
        "meetings",
        "sends an invitation and tells the meeting's number; `zone` is a Windows id or an IANA name\n  \
         In place of `start` and `end`: `all_day`, such as {\"first\": \"2027-03-01\", \"days\": 2}\n  \
         `repeats` is daily, weekly, monthly, yearly or an object: `every` day, week, month or year, with an `interval`;\n  \
         of weeks, `days` and `first_day`; of months and years, `day`, or `which` (First to Fourth, Last) `on` (Monday to\n  \
         Sunday, Day, Weekday, WeekendDay); of years, `month`. It goes on for ever, or `times`, or `until` a date",
        r#"{"organizer": "lee", "rooms": ["berlin"], "attendees": ["kim"], "optional": ["alex"], "subject": "Review",
  "body": "", "attached": false, "location": "Berlin, ground floor", "zone": "Europe/Berlin",
  "start": "2027-03-01T09:00:00Z", "end": "2027-03-01T10:00:00Z",
  "repeats": {"every": "week", "interval": 1, "days": ["Monday"], "first_day": "Monday"}, "times": 5,
  "sensitivity": "Normal", "show_as": "Busy", "join_url": "https://meet.example/1",
  "uid": "7@calendar.example"}"#,
        meeting::send,
    ),
    call(
        "POST",
        "bookings",
        "writes into a room's calendar without an invitation",
        r#"{"room": "berlin", "subject": "Repairs", "start": "2027-03-02T09:00:00Z", "end": "2027-03-02T10:00:00Z"}"#,
        meeting::book,
    ),
    call(
        "POST",
        "meetings/{number}/move",
        "another time; with `occurrence`, here and below, of one date of a series",
        r#"{"start": "2027-03-08T11:00:00Z", "end": "2027-03-08T12:00:00Z", "occurrence": "2027-03-08"}"#,
        meeting::reschedule,
    ),
    call(
        "POST",
        "meetings/{number}/rename",
        "another subject",
        r#"{"subject": "Final review"}"#,
        meeting::rename,
    ),
    call(
        "POST",
        "meetings/{number}/classify",
        "Normal, Personal, Private or Confidential",
        r#"{"sensitivity": "Private"}"#,
        meeting::classify,
    ),
    call(
        "POST",
        "meetings/{number}/answer",
        "what a delegate answers for a room: accept, tentative or decline",
        r#"{"room": "berlin", "answer": "accept"}"#,
        meeting::answer,
    ),
    call(
        "POST",
        "meetings/{number}/check-in",
        "somebody is there",
        r#"{"room": "berlin"}"#,
        meeting::check_in,
    ),
    call(
        "POST",
        "meetings/{number}/delete",
        "somebody deletes a room's copy; `how` is HardDelete, unless SoftDelete or MoveToDeletedItems is said",
        r#"{"room": "berlin", "occurrence": "2027-03-15"}"#,
        meeting::delete,
    ),
    call(
        "POST",
        "meetings/{number}/cancel",
        "the organizer calls it off",
        r#"{"occurrence": "2027-03-22"}"#,
        meeting::cancel,
    ),
];
