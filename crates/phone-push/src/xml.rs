//! What devices answer, as a tree.

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};
use std::borrow::Cow;

/// Deeper than this nothing is read: a device's answer has some ten levels.
const DEPTH: usize = 64;

/// An element: names are as they were written, but for their prefix.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) children: Vec<Element>,
    pub(crate) text: String,
}

/// There is no document, or it is broken; in the words of a sentence.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NoDocument(pub(crate) &'static str);

impl Element {
    /// Reads a document. Character references to what XML does not know are taken as they are: endpoints send them in names
    /// that their displays told them.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, NoDocument> {
        let text: String = decode(body).chars().filter(|c| !c.is_control() || c.is_whitespace()).collect();
        let mut reader = Reader::from_str(&text);
        let mut open = vec![Self::default()];
        loop {
            let event = reader.read_event().map_err(|_broken| NoDocument("broken XML"))?;
            match event {
                Event::Start(start) if open.len() < DEPTH => open.push(Self::begin(&start)),
                Event::Start(_) => return Err(NoDocument("a document that is too deep")),
                Event::Empty(start) => under(&mut open, Self::begin(&start)),
                Event::End(_) => {
                    let closed = open.pop().unwrap_or_default();
                    under(&mut open, closed);
                }
                Event::Text(text) => push_text(&mut open, text.as_ref()),
                Event::CData(text) => push_text(&mut open, text.as_ref()),
                Event::GeneralRef(reference) => push_text(&mut open, &resolved(&reference)),
                Event::Eof => break,
                Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Comment(_) => {}
            }
        }
        let mut whole = open.pop().filter(|_| open.is_empty()).ok_or(NoDocument("broken XML"))?;
        if whole.children.is_empty() { Err(NoDocument("no document")) } else { Ok(whole.children.remove(0)) }
    }

    fn begin(start: &BytesStart<'_>) -> Self {
        let name = start.local_name().as_ref().to_owned();
        let attributes = start.attributes().flatten().filter_map(|attribute| {
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
            Some((attribute.key.local_name().as_ref().to_owned(), value.into_owned()))
        });
        Self { attributes: attributes.collect(), name, ..Self::default() }
    }

    /// The value of an attribute.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The first element of this name, this one included, in the order of the document.
    pub(crate) fn find(&self, name: &str) -> Option<&Self> {
        if self.name == name {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.find(name))
    }

    /// The text of the first element of this name.
    pub(crate) fn text_of(&self, name: &str) -> Option<&str> {
        self.find(name).map(|element| element.text.trim())
    }
}

fn under(open: &mut [Element], closed: Element) {
    if let Some(parent) = open.last_mut() {
        parent.children.push(closed);
    }
}

fn push_text(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

fn resolved(reference: &quick_xml::events::BytesRef<'_>) -> String {
    if let Ok(Some(c)) = reference.resolve_char_ref() {
        return c.to_string();
    }
    match reference.as_ref() {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => "",
    }
    .to_owned()
}

/// Phones name ISO-8859-1, or nothing and mean it; what is UTF-8 is taken as such.
fn decode(body: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(body) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(body.iter().map(|byte| char::from(*byte)).collect()),
    }
}

/// The first characters of what a device says, fit for a sentence.
pub(crate) fn printable(text: &str, most: usize) -> String {
    text.chars().filter(|c| !c.is_control() && *c != '`').take(most).collect()
}

/// A text that XML 1.0 can hold: characters that it cannot (§2.2) are left out.
pub(crate) fn holdable(text: &str) -> Cow<'_, str> {
    let fits = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r');
    let fits = |c: char| fits(c) && !matches!(c, '\u{fffe}' | '\u{ffff}');
    if text.chars().all(fits) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().filter(|c| fits(*c)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_with_its_attributes_and_texts() {
        let body = b"<?xml version='1.0'?><a:Command xmlns:a='x'><R status=\"O&amp;K\"><V>a&lt;b&#1;</V><E/></R></a:Command>";
        let read = Element::parse(body).unwrap();
        assert_eq!((read.name.as_str(), read.text_of("V")), ("Command", Some("a<b\u{1}")));
        assert_eq!(read.find("R").unwrap().attribute("status"), Some("O&K"));
        assert!(read.find("E").is_some() && read.find("F").is_none());
        assert_eq!(
            Element::parse(b"<N>\x02Monitor\x05</N>").unwrap().text,
            "Monitor",
            "as a display's name is"
        );
        assert_eq!(Element::parse(b"<N>\xFCber</N>").unwrap().text, "\u{fc}ber");
    }

    #[test]
    fn what_a_document_declares_is_not_used() {
        let body = b"<!DOCTYPE x [<!ENTITY e \"lol\"><!ENTITY f SYSTEM \"file:///etc/passwd\">]><a b=\"&e;\" c=\"d\">1&e;2&f;3</a>";
        let read = Element::parse(body).unwrap();
        assert_eq!((read.text.as_str(), read.attribute("b"), read.attribute("c")), ("123", None, Some("d")));
    }

    #[test]
    fn what_is_no_document_says_so() {
        for (body, is) in [
            ("", "no document"),
            ("hello", "no document"),
            ("<a", "broken XML"),
            ("<a><b></a>", "broken XML"),
            ("<a>", "broken XML"),
        ] {
            assert_eq!(Element::parse(body.as_bytes()), Err(NoDocument(is)), "{body}");
        }
        assert_eq!(
            Element::parse("<a>".repeat(100).as_bytes()),
            Err(NoDocument("a document that is too deep"))
        );
    }
}
