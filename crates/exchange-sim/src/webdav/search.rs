//! SEARCH (the SDK's "SEARCH Method"): the rows of a calendar that meet a condition, a range of them at a time.

use chrono::{DateTime, Duration, Utc};

use super::appointment::Row;
use super::multistatus::{Name, Resource, document};
use super::path::{Folder, encoded};
use super::sql::{Literal, Operator, Query};
use super::{Call, WebdavManners};
use crate::fault::Fault;
use crate::item::View;
use crate::world::RoomNumber;
use crate::xml::Element;
use crate::{Response, World};

/// The store expands series no further than this from where a condition leaves one side open.
const HORIZON: Duration = Duration::days(730);

pub(super) fn answer(call: &mut Call<'_>, manners: &WebdavManners) -> Response {
    let Some(request) = Element::parse(&call.request.body) else { return Response::empty(400) };
    let Some(query) = request.text_of("sql").and_then(Query::parse) else { return Response::empty(422) };
    if call.folder != Folder::Calendar || call.fault == Some(Fault::EmptyCalendar) {
        return told(&[], None, manners);
    }
    name_items(call.world, call.room);
    let Some(rows) = rows(call, &query) else {
        return Response::new(500, "text/html", "<html><body>Internal Server Error</body></html>");
    };
    let brief = call.request.header_value("Brief").is_some_and(|brief| brief.eq_ignore_ascii_case("t"));
    let resources: Vec<Resource> =
        rows.iter().map(|row| resource(call, manners, &query, row, brief)).collect();
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

fn told(resources: &[Resource], range: Option<(usize, usize, usize)>, manners: &WebdavManners) -> Response {
    let body = document(resources, manners.control_characters);
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
            calendar.view(from, until).into_iter().map(Row::expanded).chain(masters).collect()
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

fn resource(call: &Call<'_>, manners: &WebdavManners, query: &Query, row: &Row<'_>, brief: bool) -> Resource {
    let number = row.view.item.number;
    let name = call.world.webdav.names.get(&(call.room, number)).map_or("", String::as_str);
    let address = call.world.room(call.room).map_or("", |room| room.mailbox.address.as_str());
    let path = format!("/exchange/{}/{}/{}", encoded(address), encoded(&manners.calendar), encoded(name));
    let mut resource = Resource { href: call.address(manners, &path), ..Resource::default() };
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

/// New items are named by their subjects, the second of a name with `-2`: names of what is gone are used again.
fn name_items(world: &mut World, room: RoomNumber) {
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
