//! CiscoIPPhoneExecute and its replies (CiscoIPPhone.xsd 3.3.4; Development Notes 7.1, chapter 3).

use crate::xml::{Element, Xml};
use crate::{Request, Response};

/// CiscoIPPhoneError: the object could not be parsed.
pub(super) const PARSING: u8 = 1;
/// CiscoIPPhoneError: the credentials are wrong.
pub(super) const AUTHENTICATION: u8 = 4;

/// How large the object may be, in bytes.
const LARGEST_OBJECT: usize = 512;
/// How many characters an address may have.
const LONGEST_URL: usize = 256;

/// One thing that a push asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) url: String,
    pub(super) priority: u8,
}

impl Item {
    /// Whether it is a page to get, not an internal URI.
    pub(super) fn is_page(&self) -> bool {
        self.url.starts_with("http://") || self.url.starts_with("https://")
    }
}

/// The items of a push: one to three, of which at most one is a page.
pub(super) fn items(request: &Request) -> Option<Vec<Item>> {
    let object = field(&request.body, "XML").filter(|object| object.len() <= LARGEST_OBJECT)?;
    let execute =
        Element::parse(object.trim().as_bytes()).filter(|root| root.name == "CiscoIPPhoneExecute")?;
    let items = execute.children.iter().map(item).collect::<Option<Vec<_>>>()?;
    let pages = items.iter().filter(|item| item.is_page()).count();
    ((1..=3).contains(&items.len()) && pages <= 1).then_some(items)
}

fn item(element: &Element) -> Option<Item> {
    let url = element.attribute("URL").filter(|url| (1..=LONGEST_URL).contains(&url.chars().count()))?;
    let priority = element.attribute("Priority").map_or(Some(0), |priority| priority.parse().ok())?;
    (element.name == "ExecuteItem" && priority <= 2).then(|| Item { url: url.to_owned(), priority })
}

pub(super) fn response(items: &[Item]) -> Response {
    let mut xml = Xml::document();
    xml.within("CiscoIPPhoneResponse", |xml| {
        // A phone pads to three items.
        for index in 0..3 {
            let url = items.get(index).map_or("", |item| item.url.as_str());
            xml.empty("ResponseItem", &[("Status", "0"), ("Data", ""), ("URL", url)]);
        }
    });
    Response::new(200, "text/xml", xml.finish())
}

pub(super) fn error(number: u8) -> Response {
    let mut xml = Xml::document();
    xml.empty("CiscoIPPhoneError", &[("Number", &number.to_string())]);
    Response::new(200, "text/xml", xml.finish())
}

/// A field of an `application/x-www-form-urlencoded` body; its name is case-sensitive.
fn field(body: &[u8], name: &str) -> Option<String> {
    let mut fields = body.split(|byte| *byte == b'&');
    let value = fields.find_map(|field| field.strip_prefix(name.as_bytes())?.strip_prefix(b"="))?;
    let mut decoded = Vec::with_capacity(value.len());
    let mut rest = value.iter();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => decoded.push(b' '),
            b'%' => {
                let digits = [*rest.next()?, *rest.next()?];
                decoded.extend(hex::decode(digits).ok()?);
            }
            other => decoded.push(*other),
        }
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_fields_are_decoded() {
        assert_eq!(field(b"a=1&XML=%3Ca+b%3D%22c%22%2F%3E", "XML").as_deref(), Some("<a b=\"c\"/>"));
        assert_eq!(field(b"xml=1", "XML"), None, "the name is case-sensitive");
        assert_eq!(field(b"XML=%3", "XML"), None);
    }
}
