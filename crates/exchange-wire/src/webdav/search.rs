//! SEARCH with SQL (the SDK's "SEARCH Method"): what a calendar holds, page by page.

use super::{Mailbox, property};
use crate::{
    http::{Method, Reply, Request},
    xml::escape,
};
use chrono::{DateTime, SecondsFormat, Utc};
use meeting_model::clock::Window;
use serde::{Deserialize, Serialize};

/// Rows in a page.
pub(super) const PAGE: usize = 100;

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Query {
    /// What takes place in a window, series expanded by the store: a condition on dates makes it do so.
    Window(Window),
    /// The series themselves.
    Masters,
    /// Anything at all in a window, asked as simply as can be.
    Anything(Window),
}

/// All that a meeting is made of.
const WHOLE: [&str; 27] = [
    property::ETAG,
    property::LAST_MODIFIED,
    property::UID,
    property::INSTANCE_TYPE,
    property::RECURRENCE_ID,
    property::START,
    property::END,
    property::ALL_DAY,
    property::SUBJECT,
    property::LOCATION,
    property::ORGANIZER,
    property::TO,
    property::CC,
    property::BODY,
    property::BUSY_STATUS,
    property::MEETING_STATUS,
    property::TIME_ZONE,
    property::TIME_ZONE_ID,
    property::STATE,
    property::RESPONSE,
    property::REPLY_TIME,
    property::SEQUENCE,
    property::SENSITIVITY,
    property::REPL_UID,
    property::GLOBAL_OBJECT_ID,
    property::CLEAN_GLOBAL_OBJECT_ID,
    property::CONTENT_CLASS,
];

/// What says that there is something.
const TRACE: [&str; 3] = [property::INSTANCE_TYPE, property::START, property::END];

/// Asks for a page of rows from the one of this number on.
pub(super) fn request(mailbox: &Mailbox, folder: &str, query: Query, first: usize) -> Request {
    let body = format!(
        r#"<?xml version="1.0"?><D:searchrequest xmlns:D="DAV:"><D:sql>{}</D:sql></D:searchrequest>"#,
        escape(&sql(query))
    );
    let headers = [
        ("Depth", "1".to_owned()),
        ("Brief", "t".to_owned()),
        ("Range", format!("rows={first}-{}", first + PAGE - 1)),
    ];
    mailbox.request(Method::Search, folder, headers, body)
}

fn sql(query: Query) -> String {
    let names =
        |columns: &[&str]| columns.iter().map(|column| format!("\"{column}\"")).collect::<Vec<_>>().join(",");
    let appointments = format!(
        "\"{}\" = False AND \"{}\" = 'urn:content-classes:appointment'",
        property::HIDDEN,
        property::CONTENT_CLASS
    );
    let (columns, condition) = match query {
        Query::Window(window) => {
            let instances = format!("NOT \"{}\" = 1", property::INSTANCE_TYPE);
            (names(&WHOLE), format!("{appointments} AND {instances} AND {}", within(window)))
        }
        Query::Masters => (names(&WHOLE), format!("{appointments} AND \"{}\" = 1", property::INSTANCE_TYPE)),
        Query::Anything(window) => (names(&TRACE), within(window)),
    };
    let order = property::START;
    format!(
        "SELECT {columns} FROM Scope('SHALLOW TRAVERSAL OF \"\"') WHERE {condition} ORDER BY \"{order}\" ASC"
    )
}

fn within(window: Window) -> String {
    let cast = |instant: DateTime<Utc>| {
        format!("CAST(\"{}\" AS 'dateTime.tz')", instant.to_rfc3339_opts(SecondsFormat::Millis, true))
    };
    format!(
        "\"{}\" > {} AND \"{}\" < {}",
        property::END,
        cast(window.start),
        property::START,
        cast(window.end)
    )
}

/// `Content-Range: rows 0-99; total=144`: the first row, the last, and how many there are.
pub(super) fn content_range(reply: &Reply<'_>) -> Option<(usize, usize, usize)> {
    let (rows, total) = reply.header("Content-Range")?.trim().strip_prefix("rows")?.split_once(';')?;
    let (first, last) = rows.trim().split_once('-')?;
    let total = total.trim().strip_prefix("total=")?;
    Some((first.trim().parse().ok()?, last.trim().parse().ok()?, total.trim().parse().ok()?))
}
