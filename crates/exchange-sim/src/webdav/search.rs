//! SEARCH (the SDK's "SEARCH Method"): the rows of a calendar that meet a condition, a range of them at a time.

use chrono::{DateTime, Duration, Utc};

use super::appointment::{REPL_UID, Row, repl_uid};
use super::multistatus::{Name, Resource, document};
use super::path::{Folder, encoded};
use super::replication::{ChangeType, Collblob};
use super::sql::{Literal, Operator, Query};
use super::{Call, InvalidCollblob, WebdavManners};
use crate::fault::Fault;
use crate::item::View;
use crate::world::RoomNumber;
use crate::xml::Element;
use crate::{Response, World};

/// The store expands series no further than this from where a condition leaves one side open.
const HORIZON: Duration = Duration::days(730);

pub(super) fn answer(call: &mut Call<'_>, manners: &WebdavManners) -> Response {
    let Some(request) = Element::parse(&call.request.body) else { return Response::empty(400) };
    if let Some(blob) = request.path(&["repl", "collblob"]) {
        return replicated(call, manners, blob.text(), request.text_of("sql"));
    }
    let Some(query) = request.text_of("sql").and_then(Query::parse) else { return Response::empty(422) };
    if call.folder != Folder::Calendar || call.fault == Some(Fault::EmptyCalendar) {
        return told(&[], None, manners);
    }
    name_items(call.world, call.room);
    let Some(rows) = rows(call, &query) else { return stumbled() };
    let resources: Vec<Resource> = rows.iter().map(|row| resource(call, manners, &query, row)).collect();
    match call.request.header_value("Range").and_then(range) {
        None => told(&resources, None, manners),
        // past the end
        Some((first, _)) if first >= resources.len() => Response::empty(416),
        Some((first, last)) => {
            let most = first.saturating_add(manners.rows.max(1) - 1);
            let last = last.min(resources.len() - 1).min(most);
            told(
                resources.get(first..=last).unwrap_or_default(),
                Some((first, last, resources.len())),
                manners,
            )
        }
    }
}

/// What has changed since a blob was given out, and another blob; all of it where none was.
fn replicated(call: &mut Call<'_>, manners: &WebdavManners, blob: &str, sql: Option<&str>) -> Response {
    name_items(call.world, call.room);
    let known = match (blob.trim(), sql) {
        ("", None) => None,
        ("", Some(sql)) => Some(Collblob::empty(call.room.0, sql)),
        (blob, sql) => match (Collblob::read(blob, call.room.0, sql), manners.invalid_collblob) {
            (Some(known), _) => Some(known),
            (None, InvalidCollblob::BadRequest) => return Response::empty(400),
            (None, InvalidCollblob::Unprocessable) => None,
            (None, InvalidCollblob::FullList) => sql.map(|sql| Collblob::empty(call.room.0, sql)),
        },
    };
    // what the store expands has no history
    let query =
        known.as_ref().and_then(|known| Query::parse(known.sql())).filter(|query| span(query).is_none());
    let (Some(mut known), Some(query), Folder::Calendar) = (known, query, call.folder) else {
        return Response::empty(422);
    };
    let Some(rows) = rows(call, &query) else { return stumbled() };
    let changes = known.follow(&rows, |number| name_of(call, number).to_owned());
    let changed = changes.rows.into_iter().map(|(change, row)| Resource {
        change: Some(change.name()),
        ..resource(call, manners, &query, row)
    });
    let gone = changes.gone.into_iter().map(|(number, name)| Resource {
        href: href(call, manners, &name),
        has: vec![(Name::of(REPL_UID), repl_uid(number))],
        change: Some(ChangeType::Delete.name()),
        ..Resource::default()
    });
    let resources: Vec<Resource> = changed.chain(gone).collect();
    Response::new(207, "text/xml", document(&resources, manners.control_characters, Some(&known.write())))
}

fn stumbled() -> Response {
    Response::new(500, "text/html", "<html><body>Internal Server Error</body></html>")
}

fn told(resources: &[Resource], range: Option<(usize, usize, usize)>, manners: &WebdavManners) -> Response {
    let body = document(resources, manners.control_characters, None);
    let response = Response::new(207, "text/xml", body).header("Accept-Ranges", "rows");
    match range {
        Some((first, last, total)) => {
            response.header("Content-Range", format!("rows {first}-{last}; total={total}"))
        }
        None => response,
    }
}

/// `rows=0-99`, `rows=228-`.
fn range(value: &str) -> Option<(usize, usize)> {
    let (first, last) = value.trim().strip_prefix("rows=")?.split_once('-')?;
    Some((first.parse().ok()?, last.parse().unwrap_or(usize::MAX)))
}

/// The rows that a query finds; nothing where the store stumbles over an item.
fn rows<'a>(call: &'a Call<'_>, query: &Query) -> Option<Vec<Row<'a>>> {
    let calendar = &call.world.room(call.room)?.calendar;
    let stored = calendar.items().map(View::whole).map(Row::stored);
    let all: Vec<Row<'a>> = match span(query) {
        // conditions on dates make the store expand series; masters stay among the rows
        Some((from, until)) => {
            let masters = stored.filter(|row| row.kind == 1);
            let expanded = with_ghosts(call, calendar.view(from, until), from, until);
            expanded.into_iter().map(Row::expanded).chain(masters).collect()
        }
        None => stored.collect(),
    };
    let meets = |row: &Row<'_>| {
        query.condition.as_ref().is_none_or(|condition| condition.holds(&|uri: &str| row.literal(uri)))
    };
    let mut found: Vec<Row<'a>> = all.into_iter().filter(meets).collect();
    let spoilt = |row: &Row<'_>| {
        row.view.item.meeting.is_some_and(|meeting| call.world.webdav.spoilt.contains(&(call.room, meeting)))
    };
    if found.iter().any(spoilt) {
        return None;
    }
    if query.order.as_deref() == Some("urn:schemas:calendar:dtstart") {
        found.sort_by_key(|row| (row.view.start(), row.view.item.number));
    }
    Some(found)
}

/// What the store expands, and what it had expanded of series whose changes it has not noticed since.
fn with_ghosts<'a>(
    call: &'a Call<'_>,
    mut views: Vec<View<'a>>,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Vec<View<'a>> {
    let stale = call.world.webdav.expansions.range((call.room, 0)..=(call.room, u64::MAX));
    for ghost in stale.flat_map(|(_, (item, _))| item.within(from, until)) {
        let is_told = |view: &View<'_>| {
            view.item.number == ghost.item.number
                && view.start() == ghost.start()
                && view.cancelled() == ghost.cancelled()
        };
        if !views.iter().any(is_told) {
            views.push(ghost);
        }
    }
    views
}

/// Between which instants a condition asks, if it asks for any.
fn span(query: &Query) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let comparisons = query.condition.as_ref()?.comparisons();
    let (mut from, mut until) = (None, None);
    for (property, operator, literal) in comparisons {
        let is_date = ["urn:schemas:calendar:dtstart", "urn:schemas:calendar:dtend"].contains(&property);
        let Literal::Time(time) = literal else { continue };
        match operator {
            _ if !is_date => {}
            Operator::More | Operator::AtLeast => {
                from = Some(from.map_or(*time, |from: DateTime<Utc>| from.min(*time)));
            }
            Operator::Less | Operator::AtMost => {
                until = Some(until.map_or(*time, |until: DateTime<Utc>| until.max(*time)));
            }
            _ => (from, until) = (from.or(Some(*time)), until.or(Some(*time))),
        }
    }
    match (from, until) {
        (Some(from), Some(until)) => Some((from, until)),
        (Some(from), None) => Some((from, from + HORIZON)),
        (None, Some(until)) => Some((until - HORIZON, until)),
        (None, None) => None,
    }
}

fn resource(call: &Call<'_>, manners: &WebdavManners, query: &Query, row: &Row<'_>) -> Resource {
    let brief = call.request.header_value("Brief").is_some_and(|brief| brief.eq_ignore_ascii_case("t"));
    let href = href(call, manners, name_of(call, row.view.item.number));
    let mut resource = Resource { href, ..Resource::default() };
    for (uri, alias) in &query.columns {
        let name = alias.as_deref().map_or_else(|| Name::of(uri), Name::alias);
        match row.value(uri) {
            Some(value) => resource.has.push((name, value)),
            None if brief => {}
            None => resource.lacks.push(name),
        }
    }
    resource
}

/// What an item is called, or was when its expansion went stale.
fn name_of<'a>(call: &'a Call<'_>, number: u64) -> &'a str {
    let (webdav, key) = (&call.world.webdav, (call.room, number));
    let stale = || webdav.expansions.get(&key).map(|(_, name)| name);
    webdav.names.get(&key).or_else(stale).map_or("", String::as_str)
}

fn href(call: &Call<'_>, manners: &WebdavManners, name: &str) -> String {
    let address = call.world.room(call.room).map_or("", |room| room.mailbox.address.as_str());
    let path = format!("/exchange/{}/{}/{}", encoded(address), encoded(&manners.calendar), encoded(name));
    call.address(manners, &path)
}

/// New items are named by their subjects, the second of a name with `-2`: names of what is gone are used again.
pub(super) fn name_items(world: &mut World, room: RoomNumber) {
    let Some(found) = world.rooms.get(usize::try_from(room.0).unwrap_or(usize::MAX)) else { return };
    let names = &mut world.webdav.names;
    names.retain(|(other, number), _| *other != room || found.calendar.holds(*number));
    for item in found.calendar.items() {
        if names.contains_key(&(room, item.number)) {
            continue;
        }
        let subject = if item.subject.trim().is_empty() { "No Subject" } else { item.subject.trim() };
        let taken = |name: &String| names.iter().any(|((other, _), known)| *other == room && known == name);
        let numbered = (2..).map(|nth| format!("{subject}-{nth}.EML"));
        let free = std::iter::once(format!("{subject}.EML")).chain(numbered).find(|name| !taken(name));
        names.insert((room, item.number), free.unwrap_or_default());
    }
}
