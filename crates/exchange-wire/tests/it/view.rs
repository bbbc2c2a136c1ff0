//! Views of a calendar as the server expands it, with a server that is a script.

use crate::reply;
use chrono::{DateTime, TimeDelta, Utc};
use exchange_wire::{
    Error, Operation, Problem, Request,
    ews::{
        Dialect, Mailbox,
        read::{
            Limits, View,
            view::{Step, Viewed},
        },
    },
};
use meeting_model::clock::Window;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn days(days: i64) -> Window {
    let start = at("2026-05-11T00:00:00Z");
    Window { start, end: start + TimeDelta::days(days) }
}

/// Answers each request by the script until all is viewed; says what was asked, too.
fn run(
    window: Window,
    view: u16,
    has_series: bool,
    mut script: impl FnMut(Operation, Window) -> String,
) -> (Vec<(Operation, Window)>, Result<Viewed, Error>) {
    let limits = Limits { view, ..Limits::default() };
    let mailbox = Mailbox::new("berlin@example.com");
    let (mut view, mut request) = View::begin(Dialect::default(), mailbox, window, limits, has_series);
    let mut asked = Vec::new();
    loop {
        let window = asked_for(&request);
        asked.push((request.operation, window));
        assert!(asked.len() < 5_000, "the view does not end");
        let body = script(request.operation, window);
        match view.on_reply(&reply(200, &body)) {
            Ok(Step::Send(next, then)) => (view, request) = (*next, then),
            Ok(Step::Done(viewed)) => return (asked, Ok(viewed)),
            Err(error) => return (asked, Err(error)),
        }
    }
}

/// The window that a request asks for.
fn asked_for(request: &Request) -> Window {
    let between = |from: &str, to: &str| {
        let (_, rest) = request.body.split_once(from).unwrap();
        let text = rest.split_once(to).unwrap().0;
        at(&format!("{}Z", text.trim_end_matches('Z')))
    };
    match request.operation {
        Operation::FindItem => {
            Window { start: between("StartDate=\"", "\""), end: between("EndDate=\"", "\"") }
        }
        Operation::GetUserAvailability => {
            Window { start: between("<t:StartTime>", "<"), end: between("<t:EndTime>", "<") }
        }
        other => panic!("{other} was asked"),
    }
}

/// One item of a scripted calendar.
struct Item(String, &'static str, DateTime<Utc>, DateTime<Utc>);

fn occurrences(kind: &'static str, count: i64) -> Vec<Item> {
    (0..count)
        .map(|day| {
            let start = at("2026-05-11T08:00:00Z") + TimeDelta::days(day);
            Item(format!("o{day:03}"), kind, start, start + TimeDelta::hours(1))
        })
        .collect()
}

/// What a server with room for `most` items shows of a calendar.
fn shown(items: &[Item], window: Window, most: usize) -> String {
    let inside: Vec<_> = items.iter().filter(|item| window.overlaps(item.2, item.3)).collect();
    let rows: Vec<_> = inside.iter().take(most).map(|item| row(&item.0, item.1, item.2, item.3)).collect();
    folder(inside.len() <= most, &rows.concat())
}

fn row(id: &str, kind: &str, start: DateTime<Utc>, end: DateTime<Utc>) -> String {
    format!(
        "<CalendarItem><ItemId Id=\"{id}\"/><Start>{}</Start><End>{}</End>\
         <CalendarItemType>{kind}</CalendarItemType></CalendarItem>",
        start.to_rfc3339(),
        end.to_rfc3339()
    )
}

fn folder(is_last: bool, rows: &str) -> String {
    let inside =
        format!("<RootFolder IncludesLastItemInRange=\"{is_last}\"><Items>{rows}</Items></RootFolder>");
    found(&format!("<x ResponseClass=\"Success\"><ResponseCode>NoError</ResponseCode>{inside}</x>"))
}

fn found(message: &str) -> String {
    format!(
        "<Envelope><Body><FindItemResponse><ResponseMessages>{message}</ResponseMessages></FindItemResponse></Body></Envelope>"
    )
}

fn refused(code: &str) -> String {
    found(&format!("<x ResponseClass=\"Error\"><ResponseCode>{code}</ResponseCode></x>"))
}

fn availability(message: &str, events: &str) -> String {
    format!(
        "<Envelope><Body><GetUserAvailabilityResponse><FreeBusyResponseArray><FreeBusyResponse>\
         <ResponseMessage>{message}</ResponseMessage><FreeBusyView><FreeBusyViewType>FreeBusy</FreeBusyViewType>\
         <CalendarEventArray>{events}</CalendarEventArray></FreeBusyView></FreeBusyResponse></FreeBusyResponseArray>\
         </GetUserAvailabilityResponse></Body></Envelope>"
    )
}

fn ids(viewed: &Viewed) -> Vec<&str> {
    viewed.rows.iter().map(|row| row.id.as_str()).collect()
}

#[test]
fn a_view_that_holds_all_it_may_is_split_until_every_part_holds_less() {
    let items = occurrences("Occurrence", 60);
    for most in [60, 59, 30, 10, 2] {
        let (asked, viewed) = run(days(60), most, true, |_, window| shown(&items, window, most.into()));
        let viewed = viewed.unwrap();
        assert_eq!(ids(&viewed), items.iter().map(|item| item.0.as_str()).collect::<Vec<_>>(), "{most}");
        assert_eq!((viewed.complete, viewed.expands, viewed.busy), (days(60), true, None));
        assert!(asked.len() > 1, "{most}: a full view was believed to be whole");
    }
    let (asked, viewed) = run(days(60), 61, true, |_, window| shown(&items, window, 61));
    assert_eq!((asked.len(), viewed.unwrap().rows.len()), (1, 60));
}

#[test]
fn a_view_that_says_it_is_cut_off_is_split() {
    let items = occurrences("Occurrence", 40);
    let (asked, viewed) = run(days(40), 1000, true, |_, window| shown(&items, window, 25));
    assert_eq!(viewed.unwrap().rows.len(), 40);
    assert_eq!(asked.len(), 3);
    // What is too much for the server is split as well.
    let mut first = true;
    let (asked, viewed) = run(days(40), 1000, true, |_, window| {
        if std::mem::take(&mut first) {
            refused("ErrorExceededFindCountLimit")
        } else {
            shown(&items, window, 25)
        }
    });
    assert_eq!((asked.len(), viewed.unwrap().rows.len()), (3, 40));
}

#[test]
fn a_view_that_never_becomes_whole_is_an_error() {
    let (_, viewed) = run(days(7), 1000, true, |_, _| folder(false, ""));
    assert!(matches!(viewed.unwrap_err().problem, Problem::NoProgress { .. }));
    // Rows without times cannot be compared, and a view without them would not be complete.
    let (_, viewed) =
        run(days(7), 1000, true, |_, _| folder(true, "<CalendarItem><ItemId Id=\"a\"/></CalendarItem>"));
    assert_eq!(viewed.unwrap_err().problem, Problem::Missing { element: "Start" });
}

#[test]
fn no_view_is_longer_than_exchange_takes() {
    let items = occurrences("Occurrence", 1);
    let (asked, viewed) = run(days(1500), 1000, true, |_, window| shown(&items, window, 1000));
    assert_eq!(viewed.unwrap().complete, days(1500));
    assert!(asked.iter().all(|(_, window)| window.end - window.start <= TimeDelta::days(730)));
    let mut end = days(0).end;
    for (_, window) in asked {
        assert_eq!(window.start, end, "the windows leave a gap");
        end = window.end;
    }
    assert_eq!(end, days(1500).end);
}

#[test]
fn what_overlaps_two_parts_is_one_row_and_what_only_touches_the_window_is_none() {
    let long = Item("long".into(), "Single", at("2026-05-11T12:00:00Z"), at("2026-05-20T12:00:00Z"));
    let mut items = occurrences("Occurrence", 10);
    items.push(long);
    let (_, viewed) = run(days(10), 6, true, |_, window| shown(&items, window, 6));
    assert_eq!(ids(&viewed.unwrap()).iter().filter(|id| **id == "long").count(), 1);

    let window = days(2);
    let touching = [
        ("before", window.start - TimeDelta::hours(1), window.start),
        ("point", window.start, window.start),
        ("after", window.end, window.end + TimeDelta::hours(1)),
    ];
    let rows = touching.map(|(id, start, end)| row(id, "Single", start, end)).concat();
    let (_, viewed) = run(window, 1000, false, |_, _| folder(true, &rows));
    assert_eq!(ids(&viewed.unwrap()), ["point"]);
}

#[test]
fn a_server_that_does_not_expand_is_asked_when_the_room_is_busy() {
    let series = occurrences("RecurringMaster", 1);
    let single = occurrences("Single", 1);
    let busy = "<CalendarEvent><StartTime>2026-05-12T08:00:00</StartTime><EndTime>2026-05-12T09:00:00</EndTime>\
                <BusyType>Busy</BusyType></CalendarEvent>";
    // (what the view shows, whether a series is known, whether the server is taken to expand)
    for (items, has_series, expands) in
        [(&series, false, false), (&series, true, false), (&single, true, false), (&single, false, true)]
    {
        let (asked, viewed) = run(days(67), 1000, has_series, |operation, window| match operation {
            Operation::FindItem => shown(items, window, 1000),
            _ => availability("", busy),
        });
        let viewed = viewed.unwrap();
        assert_eq!(viewed.expands, expands);
        let view = viewed.clone().into_view();
        let listed = usize::from(expands || items[0].1 == "RecurringMaster");
        let told = usize::from(!expands);
        assert_eq!(view.rows.len(), listed + told, "single meetings are among the spans already");
        assert_eq!(view.is_complete(), expands, "what is not expanded reaches nowhere");
        let asked_busy: Vec<_> =
            asked.iter().filter(|(operation, _)| *operation != Operation::FindItem).collect();
        if expands {
            assert!(asked_busy.is_empty() && viewed.busy.is_none());
            continue;
        }
        assert_eq!(asked_busy.len(), 2, "67 days are more than one call answers");
        assert!(asked_busy.iter().all(|(_, window)| window.end - window.start <= TimeDelta::days(42)));
        let starts: Vec<_> = viewed.busy.unwrap().iter().map(|busy| busy.start).collect();
        assert_eq!(starts, [at("2026-05-12T08:00:00Z")], "told twice, it is there once");
    }
}

#[test]
fn without_the_right_to_know_when_it_is_busy_the_rows_remain() {
    let items = occurrences("RecurringMaster", 1);
    for (message, is_kept) in [
        ("<ResponseCode>ErrorNoFreeBusyAccess</ResponseCode>", true),
        ("<ResponseCode>ErrorMailRecipientNotFound</ResponseCode>", true),
        ("<ResponseCode>ErrorServerBusy</ResponseCode>", false),
    ] {
        let (_, viewed) = run(days(7), 1000, false, |operation, window| match operation {
            Operation::FindItem => shown(&items, window, 1000),
            _ => availability(message, ""),
        });
        match viewed {
            Ok(viewed) => assert_eq!((viewed.expands, viewed.busy, is_kept), (false, None, true)),
            Err(error) => assert!(!is_kept && matches!(error.problem, Problem::ServerBusy { .. }), "{error}"),
        }
    }
}

#[test]
fn a_window_that_is_too_long_for_availability_is_split() {
    let items = occurrences("RecurringMaster", 1);
    let (asked, viewed) = run(days(40), 1000, false, |operation, window| match operation {
        Operation::FindItem => shown(&items, window, 1000),
        _ if window.end - window.start > TimeDelta::days(10) => {
            availability("<ResponseCode>ErrorTimeIntervalTooBig</ResponseCode>", "")
        }
        _ => availability("", ""),
    });
    assert_eq!(viewed.unwrap().busy, Some(Vec::new()));
    assert_eq!(asked.len(), 1 + 3 + 4);
}
