//! What a phone answers: a CiscoIPPhoneResponse, or a CiscoIPPhoneError.

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};
use std::borrow::Cow;

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
        let text = decode(body);
        let mut reader = Reader::from_str(&text);
        loop {
            match reader.read_event() {
                Ok(Event::Start(root)) => return Self::under(&root, Some(&mut reader)),
                Ok(Event::Empty(root)) => return Self::under(&root, None),
                Ok(Event::Eof) => return Self::Foreign("no document".to_owned()),
                Ok(_) => {}
                Err(_) => return Self::Foreign("broken XML".to_owned()),
            }
        }
    }

    fn under(root: &BytesStart<'_>, content: Option<&mut Reader<&[u8]>>) -> Self {
        match (root.name().as_ref(), content) {
            ("CiscoIPPhoneError", _) => match attribute(root, "Number").and_then(|n| n.trim().parse().ok()) {
                Some(number) => Self::Error(number),
                None => Self::Foreign("a CiscoIPPhoneError without a number".to_owned()),
            },
            ("CiscoIPPhoneResponse", Some(content)) => Self::of_items(content),
            ("CiscoIPPhoneResponse", None) => Self::Foreign("an empty CiscoIPPhoneResponse".to_owned()),
            (name, _) => Self::Foreign(format!("`{}`", printable(name))),
        }
    }

    fn of_items(content: &mut Reader<&[u8]>) -> Self {
        let mut reply = Self::Foreign("an empty CiscoIPPhoneResponse".to_owned());
        loop {
            match content.read_event() {
                Ok(Event::Start(item) | Event::Empty(item)) if item.name().as_ref() == "ResponseItem" => {
                    let status = attribute(&item, "Status").unwrap_or_default();
                    match status.trim().parse() {
                        Ok(0) => reply = Self::Opened,
                        Ok(status) => {
                            let data = printable(&attribute(&item, "Data").unwrap_or_default());
                            return Self::NotOpened { status, data };
                        }
                        Err(_) => return Self::Foreign("a ResponseItem without a status".to_owned()),
                    }
                }
                Ok(Event::End(end)) if end.name().as_ref() == "CiscoIPPhoneResponse" => return reply,
                Ok(Event::Eof) | Err(_) => return Self::Foreign("broken XML".to_owned()),
                Ok(_) => {}
            }
        }
    }
}

/// Phones name ISO-8859-1, or nothing and mean it; what is UTF-8 is taken as such.
fn decode(body: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(body) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(body.iter().map(|byte| char::from(*byte)).collect()),
    }
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = element.try_get_attribute(name).ok()??;
    Some(attribute.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned())
}

/// The first 32 characters (CiscoIPPhone.xsd allows no more) of what a phone says, fit for a sentence.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && *c != '`').take(32).collect()
}

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
