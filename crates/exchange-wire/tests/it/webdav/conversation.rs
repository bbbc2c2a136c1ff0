//! Whole conversations: finding a calendar, and reading it.

use super::{at, mailbox, multistatus, response, window};
use exchange_wire::{
    Problem, Reply, Request,
    webdav::{
        Mailbox, Session,
        folder::{self, Discovery, Found},
        read::{Read, Step},
        view::{self, View},
    },
};
use meeting_model::{
    compare::RowKind,
    item::CalendarItem,
    join::JoinRules,
    observed::{Coverage, Cursor, Observed, Protocol},
};

/// What a search makes of a folder that answers so.
pub(super) fn found(reply: &Reply<'_>) -> Found {
    let (discovery, _) = Discovery::begin(mailbox());
    let root = multistatus(&response("/r/", "<e:calendar>http://other/exchange/r/Kalender</e:calendar>"));
    let folder::Step::Send(discovery, _) = discovery.on_reply(&crate::reply(207, &root)).unwrap() else {
        panic!()
    };
    match discovery.on_reply(reply).unwrap() {
        folder::Step::Done(found) => found,
        folder::Step::Send(_, request) => panic!("{request:?}"),
    }
}

/// A conversation played from statuses and bodies: the paths that were asked, and how it ended.
fn discovered(session: Session, replies: &[(u16, bool, &str)]) -> (Vec<String>, Result<Found, String>) {
    let (mut discovery, mut request) = Discovery::begin(Mailbox::new("exchange", "r@example.test", session));
    let mut paths = Vec::new();
    for (status, from_store, body) in replies {
        paths.push(request.path.unwrap());
        let headers: &[_] =
            if *from_store { &[("MS-WebStorage".to_owned(), "6.5.7638".to_owned())] } else { &[] };
        match discovery.on_reply(&Reply { status: *status, headers, body: body.as_bytes() }) {
            Ok(folder::Step::Send(further, next)) => (discovery, request) = (further, next),
            Ok(folder::Step::Done(found)) => return (paths, Ok(found)),
            Err(error) => return (paths, Err(error.to_string())),
        }
    }
    panic!("{paths:?} is not all that is asked")
}

/// How the account signs in, the replies, what was asked, and the folder or why there is none.
type Case<'a> = (Session, &'a [(u16, bool, &'a str)], &'a [&'a str], Result<&'a str, &'a str>);

const ROOT: &str = "/exchange/r@example.test/";
const SUBTREE: &str = "/exchange/r@example.test/NON_IPM_SUBTREE/";
const LITERAL: &str = "/exchange/r@example.test/Calendar/";

fn discovers(cases: &[Case<'_>]) {
    for (session, replies, paths, expected) in cases {
        let (asked, outcome) = discovered(*session, replies);
        assert_eq!(asked, *paths);
        let outcome = outcome.map(|found| found.folder);
        assert_eq!(outcome, expected.map(str::to_owned).map_err(str::to_owned));
    }
}

#[test]
fn a_calendar_is_found_by_what_the_account_may_read() {
    let address = "https://back/exchange/r%40example.test/Kalender";
    let named = multistatus(&response("/x/", &format!("<e:calendar>{address}</e:calendar>")));
    let folder =
        multistatus(&response("/x/", "<g:outlookfolderclass>IPF.Appointment</g:outlookfolderclass>"));
    let german = "/exchange/r%40example.test/Kalender/";
    discovers(&[
        (Session::Http, &[(207, true, &named), (207, true, &folder)], &[ROOT, german], Ok(german)),
        (
            Session::Http,
            &[(403, true, ""), (207, true, &named), (207, true, &folder)],
            &[ROOT, SUBTREE, german],
            Ok(german),
        ),
        (
            Session::Form,
            &[(440, false, ""), (440, false, ""), (207, true, &folder)],
            &[ROOT, SUBTREE, LITERAL],
            Ok(LITERAL),
        ),
    ]);
}

#[test]
fn why_there_is_no_calendar_is_the_first_reason_that_was_given() {
    let missing = "PROPFIND: there is no mailbox of this address: `status 404`";
    let denied = "PROPFIND: the account may not read this calendar: `status 403`";
    let forbidden = "PROPFIND: the account may not read this calendar: `status 440`";
    let unsigned = "PROPFIND: expected an answer from Exchange over WebDAV, found that a sign-in form's session has ended (status 440)";
    let other =
        "PROPFIND: the mailbox has no calendar that could be found: `its folder of that name is no calendar`";
    let named = multistatus(&response("/x/", "<e:calendar>/c</e:calendar>"));
    let contacts = multistatus(&response("/x/", "<g:outlookfolderclass>IPF.Contact</g:outlookfolderclass>"));
    let all = &[ROOT, SUBTREE, LITERAL];
    discovers(&[
        (Session::Form, &[(440, false, ""), (440, false, ""), (440, false, "")], all, Err(forbidden)),
        (Session::Http, &[(404, true, ""), (404, true, ""), (404, true, "")], all, Err(missing)),
        (Session::Http, &[(403, true, ""), (404, true, ""), (404, true, "")], all, Err(denied)),
        (Session::Http, &[(440, false, "")], &[ROOT], Err(unsigned)),
        (Session::Http, &[(207, true, &named), (207, true, &contacts)], &[ROOT, "/c/"], Err(other)),
    ]);
}

#[test]
fn a_mailbox_that_nobody_opened_and_a_server_without_webdav_are_told_apart() {
    let told = |replies: &[(u16, bool, &str)]| discovered(Session::Http, replies).1.unwrap_err();
    // not asked for again elsewhere: it may be the password
    assert!(told(&[(401, true, "")]).contains("found status 401 from its store"));
    assert!(told(&[(401, false, "")]).contains("expected to be signed in"));
    assert!(told(&[(404, false, "")]).contains("at this path, found status 404"));
}

/// Plays a read of the whole window: the requests that were made, and its end.
fn played(replies: &[(u16, Option<&str>, String)]) -> (Vec<Request>, Result<Observed, Problem>) {
    let cursor = Cursor { protocol: Protocol::Webdav, bytes: b"/c/".to_vec() };
    let (mut read, mut request) = Read::again(mailbox(), &cursor, window(), &JoinRules::default()).unwrap();
    let mut requests = Vec::new();
    for (status, range, body) in replies {
        let headers: Vec<_> =
            range.iter().map(|range| ("Content-Range".to_owned(), (*range).to_owned())).collect();
        requests.push(request);
        match read.on_reply(&Reply { status: *status, headers: &headers, body: body.as_bytes() }) {
            Ok(Step::Send(further, next)) => (read, request) = (*further, next),
            Ok(Step::Done(outcome)) => return (requests, Ok(outcome.observed)),
            Err(error) => return (requests, Err(error.problem)),
        }
    }
    panic!("{} requests were not all", requests.len())
}

fn single(name: &str, start: &str) -> String {
    let row = format!(
        "<d:instancetype b:dt=\"int\">0</d:instancetype><d:uid>{name}</d:uid><d:dtstart>{start}:00:00.000Z</d:dtstart>
        <d:dtend>{start}:30:00.000Z</d:dtend>"
    );
    response(&format!("http://back/c/{name}.EML"), &row)
}

fn ids(observed: &Observed) -> Vec<&str> {
    observed.items.iter().map(|item| item.item_id.as_str()).collect()
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers.iter().find(|(one, _)| *one == name).map(|(_, value)| value.as_str())
}

#[test]
fn rows_come_in_pages() {
    let page = |names: &[&str]| {
        multistatus(&names.iter().map(|name| single(name, "2008-09-16T10")).collect::<Vec<_>>().concat())
    };
    let (requests, observed) = played(&[
        (207, Some("rows 0-1; total=3"), page(&["a", "b"])),
        (207, Some("rows 2-2; total=3"), page(&["c"])),
    ]);
    assert_eq!(ids(&observed.unwrap()), ["/c/a.EML", "/c/b.EML", "/c/c.EML"]);
    let ranges: Vec<_> = requests.iter().map(|request| header(request, "Range").unwrap()).collect();
    assert_eq!(ranges, ["rows=0-99", "rows=2-101"]);
    for (name, expected) in [("Depth", "1"), ("Brief", "t"), ("Translate", "f"), ("Accept-Language", "en-us")]
    {
        assert_eq!(header(&requests[0], name), Some(expected));
    }
    assert_eq!(requests[0].affinity.as_deref(), Some("room101@example.test"));

    // a row was added between the pages: all is read anew
    let (requests, observed) = played(&[
        (207, Some("rows 0-0; total=2"), page(&["a"])),
        (207, Some("rows 1-1; total=3"), page(&["a"])),
        (207, Some("rows 0-2; total=3"), page(&["a", "b", "c"])),
    ]);
    assert_eq!((requests.len(), observed.unwrap().items.len()), (3, 3));

    // rows were taken away until the next page was behind the last
    let (_, observed) = played(&[
        (207, Some("rows 0-1; total=3"), page(&["a", "b"])),
        (416, None, String::new()),
        (207, Some("rows 0-0; total=1"), page(&["b"])),
    ]);
    assert_eq!(ids(&observed.unwrap()), ["/c/b.EML"]);
}

#[test]
fn nothing_is_believed_that_is_not_whole() {
    let one = multistatus(&single("a", "2008-09-16T10"));
    let cut = one.get(..one.len() - 20).unwrap().to_owned();
    for (reply, expected) in [
        ((207, None, cut), "break off"),
        ((207, Some("rows 0-4; total=5"), one.clone()), "expected 5 response messages, found 1"),
        ((207, Some("rows 7-7; total=9"), one), "other rows than were asked for"),
        ((200, None, "<html/>".to_owned()), "a web page"),
        ((404, None, String::new()), "at this path"),
    ] {
        let problem = played(&[reply]).1.unwrap_err().to_string();
        assert!(problem.contains(expected), "{problem} does not say {expected}");
    }
    for nothing in [(416, None, String::new()), (207, None, multistatus(""))] {
        let observed = played(&[nothing]).1.unwrap();
        assert_eq!(observed.coverage, Coverage::Complete { window: window(), confirmed: false });
        assert!(observed.items.is_empty());
    }
}

#[test]
fn around_a_spoilt_item_all_else_is_read_and_nothing_deleted() {
    // an item on 2008-09-16 spoils every window that it lies in
    let spoilt = at("2008-09-16T10:20:00Z");
    let cursor = Cursor { protocol: Protocol::Webdav, bytes: b"/c/".to_vec() };
    let (mut read, mut request) = Read::again(mailbox(), &cursor, window(), &JoinRules::default()).unwrap();
    let mut requests = 0;
    let observed = loop {
        requests += 1;
        let instants: Vec<_> = request
            .body
            .split("CAST(&quot;")
            .skip(1)
            .map(|rest| at(rest.split("&quot;").next().unwrap()))
            .collect();
        let (start, end) = (instants[0], instants[1]);
        let name = format!("{}", start.timestamp());
        let fails = start <= spoilt && spoilt < end;
        let (status, body) =
            if fails { (500, String::new()) } else { (207, multistatus(&single(&name, "2008-09-20T10"))) };
        match read.on_reply(&crate::reply(status, &body)).unwrap() {
            Step::Send(further, next) => (read, request) = (*further, next),
            Step::Done(outcome) => break outcome.observed,
        }
    };
    assert_eq!(observed.coverage, Coverage::Delta);
    assert_eq!((requests, observed.items.len()), (21, 10));
    // where everything fails, the store does
    let failing = vec![(500, None, String::new()); 30];
    let (requests, outcome) = played(&failing);
    assert!(outcome.unwrap_err().to_string().contains("status 500"));
    assert_eq!(requests.len(), 21);
}

fn occurrence(kind: u8, start: &str, more: &str) -> String {
    let row = format!(
        "<d:instancetype>{kind}</d:instancetype><d:uid>weekly</d:uid><e:subject>Weekly</e:subject>
        <d:dtstart>{start}:00:00.000Z</d:dtstart><d:dtend>{start}:30:00.000Z</d:dtend>{more}"
    );
    response("http://back/c/Weekly.EML", &row)
}

fn series() -> CalendarItem {
    let rows = [
        occurrence(2, "2008-09-03T08", ""),
        occurrence(
            3,
            "2008-09-11T09",
            "<d:recurrenceid>2008-09-10T08:00:00.000Z</d:recurrenceid><f:responsestatus>3</f:responsestatus>",
        ),
        occurrence(2, "2008-09-17T08", ""),
    ];
    let master = occurrence(
        1,
        "2008-08-06T08",
        "<d:timezoneid>4</d:timezoneid><e:textdescription>Agenda</e:textdescription><g:sensitivity>2</g:sensitivity>",
    );
    let (requests, observed) =
        played(&[(207, None, multistatus(&rows.concat())), (207, None, multistatus(&master))]);
    assert!(requests[1].body.contains("&quot;urn:schemas:calendar:instancetype&quot; = 1"));
    observed.unwrap().items.remove(0)
}

#[test]
fn a_series_is_what_the_store_lists_of_it_and_what_its_master_says() {
    let item = series();
    assert_eq!((item.has_body, item.sensitivity.is_hidden()), (true, true));
    let series = item.series.unwrap();
    let starts: Vec<_> =
        series.exceptions.iter().map(|one| (one.original_start, one.start, one.item.is_some())).collect();
    assert_eq!(
        starts,
        [
            (at("2008-09-03T08:00:00Z"), at("2008-09-03T08:00:00Z"), false),
            (at("2008-09-10T08:00:00Z"), at("2008-09-11T09:00:00Z"), true),
            (at("2008-09-17T08:00:00Z"), at("2008-09-17T08:00:00Z"), false),
        ]
    );
    assert_eq!(series.deleted, [at("2008-08-06T08:00:00Z")]);
}

#[test]
fn a_series_that_changes_before_its_master_is_asked_for_is_read_again() {
    let answered = |answer: u8| format!("<f:responsestatus>{answer}</f:responsestatus>");
    let rows = |answer, starts: &[&str]| {
        let rows: Vec<String> = starts.iter().map(|start| occurrence(2, start, &answered(answer))).collect();
        (207, None, multistatus(&rows.concat()))
    };
    let master = |answer| (207, None, multistatus(&occurrence(1, "2008-08-06T08", &answered(answer))));
    // the room accepts it, but for the second, where it is busy
    let (before, after) = (rows(5, &["2008-09-03T08", "2008-09-10T08"]), rows(3, &["2008-09-03T08"]));
    let (requests, observed) = played(&[before, master(3), after, master(3)]);
    assert_eq!(requests.len(), 4);
    assert_eq!(observed.unwrap().items[0].series.as_ref().unwrap().exceptions.len(), 1);
    // a store that always tells them so is believed
    let always = [rows(5, &["2008-09-03T08"]), master(3)];
    let (requests, observed) = played(&[always.clone(), always.clone(), always].concat());
    assert_eq!((requests.len(), observed.unwrap().items.len()), (6, 1));
}

#[test]
fn an_empty_calendar_is_confirmed_in_other_words() {
    for (rows, coverage) in [
        (String::new(), Coverage::Complete { window: window(), confirmed: true }),
        (occurrence(1, "2008-09-17T08", ""), Coverage::Complete { window: window(), confirmed: true }),
        (single("a", "2008-09-16T10"), Coverage::Delta),
    ] {
        let (read, _) = Read::confirm_empty(mailbox(), window());
        let root = multistatus(&response("/r/", "<e:calendar>/r/c</e:calendar>"));
        let Ok(Step::Send(read, _)) = read.on_reply(&crate::reply(207, &root)) else { panic!() };
        let folder = multistatus(&response("/r/c/", ""));
        let Ok(Step::Send(read, request)) = read.on_reply(&crate::reply(207, &folder)) else { panic!() };
        assert!(!request.body.contains("instancetype&quot; = 1"));
        let Ok(Step::Done(outcome)) = read.on_reply(&crate::reply(207, &multistatus(&rows))) else {
            panic!()
        };
        assert_eq!((outcome.observed.coverage, outcome.cursor), (coverage, None));
        assert!(outcome.observed.items.is_empty());
    }
}

#[test]
fn a_view_is_the_rows_themselves() {
    let (view, _) = View::begin(mailbox(), window());
    let root = multistatus(&response("/r/", "<e:calendar>/r/c</e:calendar>"));
    let Ok(view::Step::Send(view, _)) = view.on_reply(&crate::reply(207, &root)) else { panic!() };
    let folder = multistatus(&response("/r/c/", ""));
    let Ok(view::Step::Send(view, _)) = view.on_reply(&crate::reply(207, &folder)) else { panic!() };
    let rows = [single("a", "2008-09-16T10"), occurrence(2, "2008-09-17T08", "")].concat();
    let Ok(view::Step::Done(view)) = view.on_reply(&crate::reply(207, &multistatus(&rows))) else { panic!() };
    assert!(view.is_complete());
    let rows: Vec<_> =
        view.rows.iter().map(|row| (row.kind.unwrap(), row.start, row.original_start)).collect();
    let occurs = Some(at("2008-09-17T08:00:00Z"));
    assert_eq!(
        rows,
        [(RowKind::Occurrence, occurs, occurs), (RowKind::Single, Some(at("2008-09-16T10:00:00Z")), None)]
    );
}

#[test]
fn a_cursor_of_another_protocol_is_refused() {
    for cursor in [
        Cursor { protocol: Protocol::Ews, bytes: b"/c/".to_vec() },
        Cursor { protocol: Protocol::Webdav, bytes: Vec::new() },
    ] {
        let error = Read::again(mailbox(), &cursor, window(), &JoinRules::default()).unwrap_err();
        assert!(matches!(error.problem, Problem::SyncStateInvalid { .. }));
    }
    // a folder that was renamed is looked for again
    let cursor = Cursor { protocol: Protocol::Webdav, bytes: b"/c/".to_vec() };
    let (read, _) = Read::again(mailbox(), &cursor, window(), &JoinRules::default()).unwrap();
    let headers = [("MS-WebStorage".to_owned(), "6.5.7638".to_owned())];
    let error = read.on_reply(&Reply { status: 404, headers: &headers, body: b"" }).unwrap_err();
    assert!(matches!(error.problem, Problem::SyncStateInvalid { .. }));
}
