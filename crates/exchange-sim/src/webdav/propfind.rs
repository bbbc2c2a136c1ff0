//! PROPFIND (RFC 2518 §8.1) of the folders that are served.

use chrono::SecondsFormat;

use super::multistatus::{Name, Resource, Value, document};
use super::path::{Folder, encoded};
use super::{Call, WebdavManners};
use crate::Response;
use crate::xml::Element;

/// Properties by their local names, and what they are in full.
const KNOWN: [(&str, &str); 10] = [
    ("calendar", "urn:schemas:httpmail:calendar"),
    ("inbox", "urn:schemas:httpmail:inbox"),
    ("deleteditems", "urn:schemas:httpmail:deleteditems"),
    ("msgfolderroot", "urn:schemas:httpmail:msgfolderroot"),
    ("sendmsg", "urn:schemas:httpmail:sendmsg"),
    ("displayname", "DAV:displayname"),
    ("outlookfolderclass", "http://schemas.microsoft.com/exchange/outlookfolderclass"),
    ("x670a0040", "http://schemas.microsoft.com/mapi/proptag/x670a0040"),
    ("x670b0003", "http://schemas.microsoft.com/mapi/proptag/x670b0003"),
    ("visiblecount", "DAV:visiblecount"),
];

pub(super) fn answer(call: &Call<'_>, manners: &WebdavManners) -> Response {
    let asked = Element::parse(&call.request.body);
    let asked = asked.as_ref().and_then(|asked| asked.child("prop"));
    let Some(asked) = asked else { return Response::empty(400) };
    let brief = call.request.header_value("Brief").is_some_and(|brief| brief.eq_ignore_ascii_case("t"));
    let path = call.request.path.split('?').next().unwrap_or_default();
    let mut resource = Resource { href: call.address(manners, path), ..Resource::default() };
    for property in &asked.children {
        let known = KNOWN.iter().find(|(local, _)| *local == property.name);
        let name = known.map_or_else(|| Name::alias(&property.name), |(_, uri)| Name::of(uri));
        match value(call, manners, &property.name) {
            Some(value) => resource.has.push((name, value)),
            None if brief => {}
            None => resource.lacks.push(name),
        }
    }
    Response::new(207, "text/xml", document(&[resource], false, None)).header("Accept-Ranges", "rows")
}

fn value(call: &Call<'_>, manners: &WebdavManners, name: &str) -> Option<Value> {
    let room = call.world.room(call.room)?;
    // no slash at the end of well-known folders
    let below = |folder: &str| {
        let path = format!("/exchange/{}/{}", encoded(&room.mailbox.address), encoded(folder));
        Some(Value::Text(call.address(manners, &path)))
    };
    match (call.folder, name) {
        (Folder::Root | Folder::NonIpmSubtree, "calendar") => below(&manners.calendar),
        (Folder::Root | Folder::NonIpmSubtree, "inbox") => below("Inbox"),
        (Folder::Root | Folder::NonIpmSubtree, "deleteditems") => below("Deleted Items"),
        (Folder::Root | Folder::NonIpmSubtree, "msgfolderroot") => below(""),
        (Folder::Root | Folder::NonIpmSubtree, "sendmsg") => below("##DavMailSubmissionURI##"),
        (Folder::Calendar, "displayname") => Some(Value::Text(manners.calendar.clone())),
        (Folder::Calendar, "outlookfolderclass") => Some(Value::Text("IPF.Appointment".to_owned())),
        (Folder::Calendar, "x670a0040") => {
            let at = room.calendar.committed_at()?;
            Some(Value::Typed("dateTime.tz", at.to_rfc3339_opts(SecondsFormat::Millis, true)))
        }
        (Folder::Calendar, "x670b0003") => Some(Value::Typed("int", room.calendar.deletions().to_string())),
        (Folder::Calendar, "visiblecount") => Some(Value::Typed("int", room.calendar.len().to_string())),
        _ => None,
    }
}
