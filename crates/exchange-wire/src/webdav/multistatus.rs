//! 207 Multi-Status (RFC 2518 §11), as Exchange writes it.
//!
//! Properties are known by their namespaces, whatever their prefixes. Names that XML forbids (`0x00000023`) and characters
//! that it cannot hold are read all the same.

use super::{failed, property, reply};
use crate::{
    error::{Error, Problem},
    http::{Method, Reply},
    xml::{self, Element},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const DAV: &str = "DAV:";

/// Prefixes and their namespaces, the innermost last.
type Scope<'a> = Vec<(&'a str, &'a str)>;

/// What is said of one resource.
#[derive(Debug, Default, PartialEq, Eq, Clone, Serialize, Deserialize)]
pub(super) struct Response {
    /// Its address.
    pub(super) href: String,
    /// The status of the resource as a whole, where there is one.
    pub(super) status: Option<u16>,
    /// The subscriptions that are spoken of.
    pub(super) subscriptions: Vec<String>,
    /// The properties that it has.
    pub(super) properties: Properties,
}

/// Properties by their URIs, each with one value or more.
#[derive(Debug, Default, PartialEq, Eq, Clone, Serialize, Deserialize)]
pub(super) struct Properties(BTreeMap<String, Vec<String>>);

impl Properties {
    /// The value of a property that is not empty, without the space around it.
    pub(super) fn value(&self, uri: &str) -> Option<&str> {
        self.text(uri).map(str::trim).filter(|value| !value.is_empty())
    }

    /// A property's text as it stands.
    pub(super) fn text(&self, uri: &str) -> Option<&str> {
        self.0.get(uri)?.first().map(String::as_str)
    }

    /// A property's number.
    pub(super) fn number(&self, uri: &str) -> Option<i32> {
        self.value(uri)?.parse().ok()
    }
}

/// The responses of a reply, in order.
///
/// # Errors
///
/// When it is not a whole multistatus: see [`Problem`].
pub(super) fn parse(method: Method, reply: &Reply<'_>) -> Result<Vec<Response>, Error> {
    if reply.status != 207 {
        return Err(failed(method, reply::refusal(method, reply)));
    }
    read(reply.body).map_err(|problem| failed(method, problem))
}

fn read(body: &[u8]) -> Result<Vec<Response>, Problem> {
    let root = xml::parse(body)?;
    let mut scope = Scope::new();
    scope.extend(root.namespaces());
    if root.name != "multistatus" || namespace(&scope, &root) != DAV {
        let found = root.name.chars().filter(|letter| !letter.is_control()).take(100).collect();
        return Err(Problem::Unexpected { expected: "multistatus".to_owned(), found });
    }
    let responses = root.children.iter().filter(|child| child.name == "response");
    responses.map(|one| response(&inner(&scope, one), one)).collect()
}

fn response<'a>(scope: &Scope<'a>, element: &'a Element) -> Result<Response, Problem> {
    let mut response = Response {
        href: element.value("href").ok_or(Problem::Missing { element: "href" })?.to_owned(),
        status: element.value("status").and_then(status),
        ..Response::default()
    };
    let subscriptions = element.children_named("subscriptionID").flat_map(|ids| ids.children_named("li"));
    response.subscriptions.extend(subscriptions.map(|id| id.text().trim().to_owned()));
    for propstat in element.children_named("propstat") {
        // what is missing is listed under a status of its own
        if propstat.value("status").and_then(status).is_none_or(|status| status != 200) {
            continue;
        }
        let scope = inner(scope, propstat);
        for prop in propstat.children_named("prop") {
            let scope = inner(&scope, prop);
            response.properties.0.extend(prop.children.iter().map(|one| property(&inner(&scope, one), one)));
        }
    }
    Ok(response)
}

/// One property. Several values are elements `v` inside it.
fn property(scope: &Scope<'_>, element: &Element) -> (String, Vec<String>) {
    let uri = property::uri(namespace(scope, element), &element.name);
    let several: Vec<String> = element.children_named("v").map(|value| value.text().to_owned()).collect();
    // a property that is itself an address holds it in an element
    let inside = element.child("href").map_or(element.text(), Element::text);
    (uri, if several.is_empty() { vec![inside.to_owned()] } else { several })
}

fn inner<'a>(scope: &Scope<'a>, element: &'a Element) -> Scope<'a> {
    scope.iter().copied().chain(element.namespaces()).collect()
}

fn namespace<'a>(scope: &Scope<'a>, element: &Element) -> &'a str {
    let declared = scope.iter().rev().find(|(prefix, _)| *prefix == element.prefix);
    declared.map(|(_, uri)| *uri).unwrap_or_default()
}

/// The number in `HTTP/1.1 200 OK`.
fn status(line: &str) -> Option<u16> {
    line.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn properties(inside: &str) -> Properties {
        let body = format!(
            r#"<?xml version="1.0"?><x:multistatus xmlns:x="DAV:" xmlns:c="xml:"><x:response><x:href>/a</x:href>
            <x:propstat><x:status>HTTP/1.1 200 OK</x:status><x:prop>{inside}</x:prop></x:propstat>
            <x:propstat><x:status>HTTP/1.1 404 Resource Not Found</x:status><x:prop><u:uid xmlns:u="urn:schemas:calendar:"/></x:prop>
            </x:propstat></x:response></x:multistatus>"#
        );
        read(body.as_bytes()).unwrap().remove(0).properties
    }

    #[test]
    fn properties_are_known_by_their_namespaces() {
        let found = properties(
            r#"<q:subject xmlns:q="urn:schemas:httpmail:">A&#01;B</q:subject><subject xmlns="urn:schemas:mailheader:">C</subject>
            <i:0x00000023 xmlns:i="http://schemas.microsoft.com/mapi/id/{6ED8DA90-450B-101B-98DA-00AA003F1305}/">BAAA</i:0x00000023>
            <k:rrule xmlns:k="urn:schemas:calendar:"><c:v>one</c:v><c:v>two</c:v></k:rrule><uid>alias</uid>"#,
        );
        assert_eq!(found.text(property::SUBJECT), Some("A\u{1}B"));
        assert_eq!(found.value("urn:schemas:mailheader:subject"), Some("C"));
        assert_eq!(found.value(property::CLEAN_GLOBAL_OBJECT_ID), Some("BAAA"));
        assert_eq!(found.0["urn:schemas:calendar:rrule"], ["one", "two"]);
        assert_eq!((found.value("uid"), found.value(property::UID)), (Some("alias"), None));
    }

    #[test]
    fn what_is_no_whole_multistatus_is_refused() {
        for (body, expected) in [
            ("<a:multistatus xmlns:a='DAV:'><a:response>", "break off"),
            ("<html><body>Outlook Web Access</body></html>", "a web page"),
            ("<multistatus/>", "expected `multistatus`, found `multistatus`"),
            ("<a:multistatus xmlns:a='DAV:'><a:response/></a:multistatus>", "expected `href`"),
        ] {
            let problem = read(body.as_bytes()).unwrap_err().to_string();
            assert!(problem.contains(expected), "{problem} does not say {expected}");
        }
        assert_eq!(read(b"<a:multistatus xmlns:a='DAV:'/>").unwrap(), []);
    }
}
