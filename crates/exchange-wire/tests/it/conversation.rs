//! Whole conversations with a server that is a script.

mod confirming;
mod overtaken;
mod seeking;

use crate::reply;
use chrono::{DateTime, TimeDelta, Utc};
use exchange_wire::{
    Error, Operation, Problem, Request,
    ews::{
        Dialect, Mailbox,
        read::{Limits, Outcome, Read, Step},
        subscribe::Kind,
        watch::Watch,
    },
};
use meeting_model::{
    clock::Window,
    id::ItemId,
    item::{CalendarItem, ItemKind},
    join::JoinRules,
    observed::{Coverage, Cursor, Protocol},
};
use std::time::Duration;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn window() -> Window {
    Window { start: at("2026-05-11T00:00:00Z"), end: at("2026-07-10T00:00:00Z") }
}

fn mailbox() -> Mailbox {
    Mailbox::new("berlin@example.com")
}

fn delta(limits: Limits) -> (Read, Request) {
    let cursor = Cursor { protocol: Protocol::Ews, bytes: b"state 0".to_vec() };
    Read::delta(Dialect::default(), mailbox(), &cursor, window(), &JoinRules::default(), limits).unwrap()
}

fn complete(limits: Limits) -> (Read, Request) {
    Read::complete(Dialect::default(), mailbox(), window(), &JoinRules::default(), limits)
}

/// Answers each request by the script until the read is done; says what was asked, too.
fn run(
    (mut read, mut request): (Read, Request),
    mut script: impl FnMut(&Request) -> (u16, String),
) -> (Vec<String>, Result<Outcome, Error>) {
    let mut asked = Vec::new();
    loop {
        asked.push(gist(&request));
        assert!(asked.len() < 5_000, "the read does not end");
        let (status, body) = script(&request);
        match read.on_reply(&reply(status, &body)) {
            Ok(Step::Send(next, then)) => (read, request) = (*next, then),
            Ok(Step::Done(outcome)) => return (asked, Ok(outcome)),
            Err(error) => return (asked, Err(error)),
        }
    }
}

/// What a request asks for: the state and the page's size, or the ids, or the window.
fn gist(request: &Request) -> String {
    let inside = |from: &str, to: &str| {
        request
            .body
            .split(from)
            .skip(1)
            .map(|rest| rest.split(to).next().unwrap())
            .collect::<Vec<_>>()
            .join(" ")
    };
    match request.operation {
        Operation::SyncFolderItems => {
            format!("changes {}/{}", inside("<m:SyncState>", "<"), inside("<m:MaxChangesReturned>", "<"))
        }
        Operation::GetItem => format!("items {}", ids(request).join(" ")),
        Operation::FindItem => {
            format!("view {} {}", inside("StartDate=\"", "\""), inside("EndDate=\"", "\""))
        }
        other => other.to_string(),
    }
}

fn ids(request: &Request) -> Vec<&str> {
    request.body.split("<t:ItemId Id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

fn envelope(operation: &str, messages: &[String]) -> (u16, String) {
    let messages = messages.concat();
    let body = format!(
        "<Envelope><Body><{operation}Response><ResponseMessages>{messages}</ResponseMessages></{operation}Response></Body></Envelope>"
    );
    (200, body)
}

fn each<T>(things: &[T], write: impl Fn(&T) -> String) -> String {
    things.iter().map(write).collect::<Vec<_>>().concat()
}

fn success(inside: &str) -> String {
    format!(r#"<x ResponseClass="Success"><ResponseCode>NoError</ResponseCode>{inside}</x>"#)
}

fn failure(code: &str) -> String {
    format!(r#"<x ResponseClass="Error"><ResponseCode>{code}</ResponseCode></x>"#)
}

/// A page of changes: `+id` is there, `-id` is gone.
fn page(state: &str, is_last: bool, changes: &str) -> (u16, String) {
    let changes: String = changes
        .split_whitespace()
        .map(|change| match change.split_at(1) {
            ("+", id) => format!("<Create><CalendarItem>{}</CalendarItem></Create>", listed(id)),
            (_, id) => format!("<Delete><ItemId Id=\"{id}\"/></Delete>"),
        })
        .collect();
    let inside = format!(
        "<SyncState>{state}</SyncState><IncludesLastItemInRange>{is_last}</IncludesLastItemInRange><Changes>{changes}</Changes>"
    );
    envelope("SyncFolderItems", &[success(&inside)])
}

/// An id and, where it says `id@date`, a single meeting of an hour on that day.
fn listed(id: &str) -> String {
    match id.split_once('@') {
        Some((id, date)) => format!(
            "<ItemId Id=\"{id}\"/><Start>{date}T08:00:00Z</Start><End>{date}T09:00:00Z</End><CalendarItemType>Single</CalendarItemType>"
        ),
        None => format!("<ItemId Id=\"{id}\"/>"),
    }
}

fn meeting(id: &str) -> String {
    let inside = format!(
        "<ItemId Id=\"{id}\"/><Subject>{id}</Subject><Start>2026-05-18T08:00:00Z</Start><End>2026-05-18T09:00:00Z</End>"
    );
    success(&format!("<Items><CalendarItem>{inside}</CalendarItem></Items>"))
}

/// A daily series with exceptions on these days of May, read by `id-day`.
fn series(id: &str, days: &[u32]) -> String {
    let exceptions = each(days, |day| {
        format!(
            "<Occurrence><ItemId Id=\"{id}-{day:02}\"/><OriginalStart>2026-05-{day:02}T08:00:00Z</OriginalStart>\
             <Start>2026-05-{day:02}T10:00:00Z</Start><End>2026-05-{day:02}T11:00:00Z</End></Occurrence>"
        )
    });
    success(&format!(
        "<Items><CalendarItem><ItemId Id=\"{id}\"/><Start>2026-05-01T08:00:00Z</Start><End>2026-05-01T09:00:00Z</End>\
         <CalendarItemType>RecurringMaster</CalendarItemType><Recurrence><DailyRecurrence/>\
         <NoEndRecurrence><StartDate>2026-05-01</StartDate></NoEndRecurrence></Recurrence>\
         <ModifiedOccurrences>{exceptions}</ModifiedOccurrences></CalendarItem></Items>"
    ))
}

/// Every item that is asked for, as `item` writes it.
fn items(request: &Request, item: impl Fn(&str) -> String) -> (u16, String) {
    envelope("GetItem", &ids(request).into_iter().map(item).collect::<Vec<_>>())
}

fn view(is_whole: bool, ids: &[&str]) -> (u16, String) {
    let items = each(ids, |id| format!("<CalendarItem>{}</CalendarItem>", listed(id)));
    let root =
        format!("<RootFolder IncludesLastItemInRange=\"{is_whole}\"><Items>{items}</Items></RootFolder>");
    envelope("FindItem", &[success(&root)])
}

fn names(ids: &[ItemId]) -> Vec<&str> {
    ids.iter().map(ItemId::as_str).collect()
}

fn item_names(items: &[CalendarItem]) -> Vec<&str> {
    items.iter().map(|item| item.item_id.as_str()).collect()
}

fn problem(result: Result<Outcome, Error>) -> Problem {
    result.unwrap_err().problem
}

#[test]
fn a_delta_pages_to_the_end_and_the_last_word_wins() {
    let mut pages = [
        page("state 1", false, "+a +b -c +d"),
        page("state 2", false, "-a +c"),
        page("state 3", true, "+e -e"),
    ]
    .into_iter();
    let (asked, outcome) = run(delta(Limits::default()), |request| match request.operation {
        Operation::SyncFolderItems => pages.next().unwrap(),
        _ => items(request, meeting),
    });
    assert_eq!(asked, ["changes state 0/512", "changes state 1/512", "changes state 2/512", "items b c d"]);
    let Outcome { observed, cursor } = outcome.unwrap();
    assert_eq!(item_names(&observed.items), ["b", "c", "d"]);
    assert_eq!(names(&observed.deleted), ["a", "e"]);
    assert_eq!(observed.coverage, Coverage::Delta);
    assert_eq!(cursor.unwrap(), Cursor { protocol: Protocol::Ews, bytes: b"state 3".to_vec() });
}

#[test]
fn a_quiet_delta_is_one_request() {
    let (asked, outcome) = run(delta(Limits::default()), |_| page("state 1", true, ""));
    assert_eq!(asked.len(), 1);
    assert!(outcome.unwrap().observed.items.is_empty());
}

#[test]
fn a_complete_read_leaves_out_what_was_over_before_the_window() {
    let (asked, outcome) = run(complete(Limits::default()), |request| match request.operation {
        Operation::SyncFolderItems => {
            page("new", true, "+old@2026-05-10 +now@2026-05-11 +far@2027-01-01 +unsaid")
        }
        _ => items(request, meeting),
    });
    assert_eq!(asked, ["changes /512", "items far now unsaid"]);
    let Outcome { observed, cursor } = outcome.unwrap();
    assert_eq!(observed.coverage, Coverage::Complete { window: window(), confirmed: false });
    assert_eq!(cursor.unwrap().bytes, b"new");
}

#[test]
fn items_that_are_gone_or_broken_never_lose_the_others() {
    let (_, outcome) = run(delta(Limits::default()), |request| match request.operation {
        Operation::SyncFolderItems => page("s", true, "+corrupt +forbidden +gone +well"),
        _ => items(request, |id| match id {
            "corrupt" => failure("ErrorItemCorrupt"),
            "forbidden" => failure("ErrorAccessDenied"),
            "gone" => failure("ErrorItemNotFound"),
            id => meeting(id),
        }),
    });
    let observed = outcome.unwrap().observed;
    assert_eq!(item_names(&observed.items), ["well"]);
    assert_eq!(names(&observed.unreadable), ["corrupt", "forbidden"]);
    assert!(observed.deleted.is_empty(), "whoever lists it says so for ever");
}

#[test]
fn a_batch_that_was_stopped_is_resumed_with_less_and_then_more() {
    let limits = Limits { items: 3, ..Limits::default() };
    let mut stopped = false;
    let (asked, outcome) = run(delta(limits), |request| match request.operation {
        Operation::SyncFolderItems => page("s", true, "+a +b +c +d +e"),
        _ if !stopped => {
            stopped = true;
            items(request, |id| if id == "a" { meeting(id) } else { failure("ErrorBatchProcessingStopped") })
        }
        _ => items(request, meeting),
    });
    assert_eq!(asked[1..], ["items a b c", "items b", "items c d", "items e"]);
    assert_eq!(item_names(&outcome.unwrap().observed.items), ["a", "b", "c", "d", "e"]);
}

#[test]
fn a_batch_that_is_too_much_is_halved_and_then_doubled() {
    for answer in [(413, String::new()), (400, String::new()), (500, fault("ErrorTimeoutExpired"))] {
        let (asked, outcome) = run(delta(Limits::default()), |request| match request.operation {
            Operation::SyncFolderItems => page("s", true, "+a +b +c +d +e"),
            _ if ids(request).len() > 2 => answer.clone(),
            _ => items(request, meeting),
        });
        assert_eq!(asked[1..], ["items a b c d e", "items a b", "items c d e", "items c", "items d e"]);
        assert_eq!(outcome.unwrap().observed.items.len(), 5);
    }
}

#[test]
fn one_item_that_breaks_its_reply_is_found_and_left_unread() {
    let (_, outcome) = run(delta(Limits::default()), |request| match request.operation {
        Operation::SyncFolderItems => page("s", true, "+a +b +bad +c"),
        _ if ids(request).contains(&"bad") => (200, "<Envelope><Body></Envelope>".to_owned()),
        _ => items(request, meeting),
    });
    let observed = outcome.unwrap().observed;
    assert_eq!(item_names(&observed.items), ["a", "b", "c"]);
    assert_eq!(names(&observed.unreadable), ["bad"]);
}

#[test]
fn when_every_reply_is_broken_it_is_not_the_items() {
    let many = "+a+b+c+d+e+f+g+h+i+j+k+l+m+n+o+p+q+r+s+t".replace('+', " +");
    let (_, outcome) = run(delta(Limits::default()), |request| match request.operation {
        Operation::SyncFolderItems => page("s", true, &many),
        _ => (200, "<Envelope><Body></Envelope>".to_owned()),
    });
    assert!(matches!(problem(outcome), Problem::Malformed { .. }));
}

#[test]
fn exceptions_are_read_by_their_own_ids_and_put_into_their_series() {
    let (asked, outcome) =
        run(delta(Limits { items: 2, ..Limits::default() }), |request| match request.operation {
            Operation::SyncFolderItems => page("s", true, "+daily +other"),
            _ => items(request, |id| match id {
                // The 10th was over before the window.
                "daily" => series(id, &[10, 12, 13, 14]),
                "daily-13" => failure("ErrorItemCorrupt"),
                "other" => series(id, &[20]),
                id => meeting(id),
            }),
        });
    assert_eq!(asked[1..], ["items daily other", "items daily-12 daily-13", "items daily-14 other-20"]);
    let observed = outcome.unwrap().observed;
    let read: Vec<Vec<_>> = observed
        .items
        .iter()
        .map(|item| {
            let exceptions = &item.series.as_ref().unwrap().exceptions;
            exceptions
                .iter()
                .map(|exception| exception.item.as_ref().map(|item| item.item_id.as_str()))
                .collect()
        })
        .collect();
    assert_eq!(read, [vec![None, Some("daily-12"), None, Some("daily-14")], vec![Some("other-20")]]);
    let exception = observed.items[0].series.as_ref().unwrap().exceptions[1].clone();
    assert_eq!(exception.original_start, at("2026-05-12T08:00:00Z"));
    assert_eq!(exception.item.unwrap().kind, ItemKind::Exception);
    assert!(observed.unreadable.is_empty());
}

#[test]
fn a_page_that_is_too_large_is_asked_for_again_and_smaller() {
    let (asked, outcome) = run(delta(Limits::default()), |request| match request.operation {
        Operation::SyncFolderItems if request.body.contains(">512<") => {
            (200, format!("<Envelope>{}</Envelope>", "<a/>".repeat(600_000)))
        }
        _ => page("s", true, ""),
    });
    assert_eq!(asked, ["changes state 0/512", "changes state 0/256"]);
    assert!(outcome.is_ok());
}

#[test]
fn pages_that_lead_nowhere_end_with_an_error() {
    let (asked, outcome) = run(delta(Limits::default()), |_| page("state 0", false, "+a"));
    assert_eq!(
        (asked.len(), problem(outcome)),
        (1, Problem::NoProgress { found: "the SyncState that was sent" })
    );
    let mut number = 0;
    let mut next = |changes: &str| {
        number += 1;
        page(&format!("state {number}"), false, changes)
    };
    let (_, outcome) = run(delta(Limits::default()), |_| next(""));
    assert_eq!(problem(outcome), Problem::NoProgress { found: "one empty page after another" });
    let (_, outcome) = run(delta(Limits::default()), |_| next("+a"));
    assert_eq!(problem(outcome), Problem::NoProgress { found: "no end of pages" });
}

#[test]
fn errors_of_the_mailbox_or_the_server_end_the_read() {
    for (answer, expected) in [
        ((401, String::new()), "status 401"),
        ((200, fault("ErrorServerBusy")), "ErrorServerBusy"),
        (envelope("GetItem", &[failure("ErrorMailboxMoveInProgress")]), "ErrorMailboxMoveInProgress"),
        (envelope("GetItem", &[failure("ErrorAccessDenied")]), "ErrorAccessDenied"),
        (envelope("GetItem", &[]), "expected 1 response messages, found 0"),
        (page("s", true, ""), "expected `GetItemResponse`, found `SyncFolderItemsResponse`"),
        ((200, "<html></html>".to_owned()), "a web page"),
        ((413, String::new()), "status 413"),
    ] {
        let (_, outcome) = run(delta(Limits::default()), |request| match request.operation {
            Operation::SyncFolderItems => page("s", true, "+a"),
            _ => answer.clone(),
        });
        let error = outcome.unwrap_err().to_string();
        assert!(error.starts_with("GetItem: ") && error.contains(expected), "{error}");
    }
}

#[test]
fn a_cursor_of_another_protocol_is_no_sync_state() {
    for (protocol, bytes) in [(Protocol::Webdav, "x"), (Protocol::Ews, "")] {
        let cursor = Cursor { protocol, bytes: bytes.into() };
        let begun = Read::delta(
            Dialect::default(),
            mailbox(),
            &cursor,
            window(),
            &JoinRules::default(),
            Limits::default(),
        );
        assert!(matches!(begun.unwrap_err().problem, Problem::SyncStateInvalid { .. }));
    }
}

fn fault(code: &str) -> String {
    format!(
        "<Envelope><Body><Fault><faultcode>{code}</faultcode><faultstring>no</faultstring></Fault></Body></Envelope>"
    )
}
