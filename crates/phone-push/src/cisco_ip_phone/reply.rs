//! What a phone answers: a CiscoIPPhoneResponse, or a CiscoIPPhoneError.

use crate::xml::{Element, NoDocument, printable};

/// What a phone answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// It will fetch the page.
    Opened,
    /// It will not.
    NotOpened {
        /// Status of the first item that has one other than 0.
        status: i16,
        /// What it says of that item.
        data: String,
    },
    /// A CiscoIPPhoneError with its number.
    Error(u16),
    /// Anything else: what it was.
    Foreign(String),
}

impl Reply {
    /// Reads an answer. Phones fill up with empty items to three, so that their number says nothing.
    pub(super) fn parse(body: &[u8]) -> Self {
        let root = match Element::parse(body) {
            Ok(root) => root,
            Err(NoDocument(found)) => return Self::Foreign(found.to_owned()),
        };
        match root.name.as_str() {
            "CiscoIPPhoneError" => {
                match root.attribute("Number").and_then(|number| number.trim().parse().ok()) {
                    Some(number) => Self::Error(number),
                    None => Self::Foreign("a CiscoIPPhoneError without a number".to_owned()),
                }
            }
            "CiscoIPPhoneResponse" => Self::of_items(&root),
            name => Self::Foreign(format!("`{}`", printable(name, LONGEST_DATA))),
        }
    }

    /// Opened where every item has the status 0.
    fn of_items(root: &Element) -> Self {
        let mut reply = Self::Foreign("an empty CiscoIPPhoneResponse".to_owned());
        for item in root.children.iter().filter(|child| child.name == "ResponseItem") {
            match item.attribute("Status").map(|status| status.trim().parse()) {
                Some(Ok(0)) => reply = Self::Opened,
                Some(Ok(status)) => {
                    let data = printable(item.attribute("Data").unwrap_or_default(), LONGEST_DATA);
                    return Self::NotOpened { status, data };
                }
                Some(Err(_)) | None => return Self::Foreign("a ResponseItem without a status".to_owned()),
            }
        }
        reply
    }
}

/// The longest text of an item, in characters (CiscoIPPhone.xsd).
const LONGEST_DATA: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_has_a_meaning() {
        let not_opened = |status, data: &str| Reply::NotOpened { status, data: data.into() };
        let foreign = |found: &str| Reply::Foreign(found.into());
        let items = |items: &str| format!("<CiscoIPPhoneResponse>{items}</CiscoIPPhoneResponse>");
        let table = [
            (items(r#"<ResponseItem Status="0" Data="" URL="http://feed/"/>"#), Reply::Opened),
            (items(r#"<ResponseItem Status="0"/><ResponseItem Status="0" Data="" URL=""/>"#), Reply::Opened),
            (items(r#"<ResponseItem Status="0"></ResponseItem>"#), Reply::Opened),
            (
                items(r#"<ResponseItem Status="0"/><ResponseItem Status="6" Data="&lt;Failure&gt;`"/>"#),
                not_opened(6, "<Failure>"),
            ),
            (items(r#"<ResponseItem Data="x"/>"#), foreign("a ResponseItem without a status")),
            (items(""), foreign("an empty CiscoIPPhoneResponse")),
            ("<CiscoIPPhoneResponse/>".into(), foreign("an empty CiscoIPPhoneResponse")),
            (r#"<CiscoIPPhoneResponse><ResponseItem Status="0"/>"#.into(), foreign("broken XML")),
            (
                r#"<?xml version="1.0" encoding="iso-8859-1"?><CiscoIPPhoneError Number="4"/>"#.into(),
                Reply::Error(4),
            ),
            (r#"<CiscoIPPhoneError Number="3">file</CiscoIPPhoneError>"#.into(), Reply::Error(3)),
            ("<CiscoIPPhoneError/>".into(), foreign("a CiscoIPPhoneError without a number")),
            ("<!DOCTYPE html><html><body>hello</body></html>".into(), foreign("`html`")),
            ("hello".into(), foreign("no document")),
            ("<a".into(), foreign("broken XML")),
            (String::new(), foreign("no document")),
        ];
        for (body, reply) in table {
            assert_eq!(Reply::parse(body.as_bytes()), reply, "{body}");
        }
    }

    #[test]
    fn what_is_not_utf_8_is_iso_8859_1() {
        let body =
            b"<CiscoIPPhoneResponse><ResponseItem Status='1' Data='ung\xFCltig'/></CiscoIPPhoneResponse>";
        assert_eq!(Reply::parse(body), Reply::NotOpened { status: 1, data: "ungültig".into() });
    }
}
