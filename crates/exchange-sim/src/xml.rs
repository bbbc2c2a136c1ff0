//! The world's own reading and writing of XML.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

/// Deeper nesting than this is no request.
const DEPTH: usize = 64;

/// The namespaces that are told from each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Namespace {
    /// None, or one that nothing asks about.
    #[default]
    Other,
    /// Messages of Exchange Web Services.
    Messages,
    /// Types of Exchange Web Services.
    Types,
}

impl Namespace {
    pub(crate) const MESSAGES: &str = "http://schemas.microsoft.com/exchange/services/2006/messages";
    pub(crate) const TYPES: &str = "http://schemas.microsoft.com/exchange/services/2006/types";

    fn of(resolved: &ResolveResult<'_>) -> Self {
        match resolved {
            ResolveResult::Bound(bound) if bound.as_ref() == Self::MESSAGES => Self::Messages,
            ResolveResult::Bound(bound) if bound.as_ref() == Self::TYPES => Self::Types,
            _ => Self::Other,
        }
    }
}

/// An element by its local name: prefixes are cut off, and who cares for its namespace must ask.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) namespace: Namespace,
    /// Where its tag ends in the document, in bytes.
    pub(crate) position: usize,
    attributes: Vec<(String, String)>,
    pub(crate) children: Vec<Element>,
    text: String,
}

impl Element {
    /// Reads a document; anything that is not well-formed, and any DTD, is nothing.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let mut reader = NsReader::from_str(text.trim_start_matches('\u{feff}'));
        let mut open = vec![Self::default()];
        loop {
            let (resolved, event) = reader.read_resolved_event().ok()?;
            let namespace = Namespace::of(&resolved);
            let position = usize::try_from(reader.buffer_position()).ok()?;
            match event {
                Event::Start(start) if open.len() < DEPTH => {
                    open.push(Self { namespace, position, ..Self::begin(&start)? });
                }
                Event::Empty(start) => {
                    let empty = Self { namespace, position, ..Self::begin(&start)? };
                    open.last_mut()?.children.push(empty);
                }
                Event::End(_) => {
                    let done = open.pop()?;
                    open.last_mut()?.children.push(done);
                }
                Event::Text(text) => open.last_mut()?.text.push_str(&text.xml10_content()),
                Event::CData(text) => open.last_mut()?.text.push_str(&text.xml10_content()),
                Event::GeneralRef(reference) => {
                    let text = &mut open.last_mut()?.text;
                    match reference.resolve_char_ref().ok()? {
                        Some(letter) => text.push(letter),
                        None => text.push_str(resolve_predefined_entity(&reference.xml10_content())?),
                    }
                }
                Event::Start(_) | Event::DocType(_) => return None,
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
                Event::Eof => break,
            }
        }
        let mut document = open.pop().filter(|_| open.is_empty())?;
        document.children.pop()
    }

    fn begin(start: &BytesStart<'_>) -> Option<Self> {
        let mut element = Self { name: start.local_name().as_ref().to_owned(), ..Self::default() };
        for attribute in start.attributes() {
            let attribute = attribute.ok()?;
            // Declarations, and what other namespaces say of any element.
            if attribute.key.as_namespace_binding().is_some() || attribute.key.prefix().is_some() {
                continue;
            }
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned();
            element.attributes.push((attribute.key.local_name().as_ref().to_owned(), value));
        }
        Some(element)
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn all_attributes(&self) -> &[(String, String)] {
        &self.attributes
    }

    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    pub(crate) fn path(&self, names: &[&str]) -> Option<&Self> {
        names.iter().try_fold(self, |element, name| element.child(name))
    }

    /// Its text, trimmed.
    pub(crate) fn text(&self) -> &str {
        self.text.trim()
    }

    pub(crate) fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(Self::text)
    }

    /// Itself and everything below.
    pub(crate) fn walk(&self) -> Vec<&Self> {
        let below = self.children.iter().flat_map(Self::walk);
        std::iter::once(self).chain(below).collect()
    }
}

/// XML being written. Elements are closed by leaving their closure, so that they always are.
#[derive(Debug, Default)]
pub(crate) struct Xml(String);

impl Xml {
    pub(crate) fn document() -> Self {
        Self("<?xml version=\"1.0\" encoding=\"utf-8\"?>".to_owned())
    }

    pub(crate) fn finish(self) -> String {
        self.0
    }

    /// An element with attributes and whatever `content` writes.
    pub(crate) fn element(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        content: impl FnOnce(&mut Self),
    ) {
        self.open(name, attributes);
        let before = self.0.len();
        content(self);
        if self.0.len() == before {
            self.0.pop();
            self.0.push_str("/>");
        } else {
            self.0.push_str("</");
            self.0.push_str(name);
            self.0.push('>');
        }
    }

    /// An element that holds others.
    pub(crate) fn within(&mut self, name: &str, content: impl FnOnce(&mut Self)) {
        self.element(name, &[], content);
    }

    /// An element without content.
    pub(crate) fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.element(name, attributes, |_| {});
    }

    /// An element that holds a text.
    pub(crate) fn leaf(&mut self, name: &str, text: &str) {
        self.element(name, &[], |xml| xml.text(text));
    }

    /// An element that holds a value whose text needs no escaping.
    pub(crate) fn value(&mut self, name: &str, value: impl std::fmt::Display) {
        self.leaf(name, &value.to_string());
    }

    /// An element that holds an instant in UTC, in whole seconds.
    pub(crate) fn instant(&mut self, name: &str, instant: DateTime<Utc>) {
        self.value(name, instant.format("%Y-%m-%dT%H:%M:%SZ"));
    }

    /// Escaped text. Control characters, which XML 1.0 forbids, are sent as references, as Exchange does.
    pub(crate) fn text(&mut self, text: &str) {
        for letter in text.chars() {
            match letter {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\r' | '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' => {
                    // Writing to a string cannot fail.
                    let _ = write!(self.0, "&#x{:X};", u32::from(letter));
                }
                _ => self.0.push(letter),
            }
        }
    }

    /// XML that was written before.
    pub(crate) fn written(&mut self, xml: &str) {
        self.0.push_str(xml);
    }

    fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.0.push('<');
        self.0.push_str(name);
        for (key, value) in attributes {
            self.0.push(' ');
            self.0.push_str(key);
            self.0.push_str("=\"");
            self.text(value);
            self.0.push('"');
        }
        self.0.push('>');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let mut xml = Xml::document();
        xml.element("m:A", &[("Id", "a\"<&>")], |xml| {
            xml.leaf("t:B", " R&D <x> ");
            xml.empty("t:C", &[]);
        });
        let written = xml.finish();
        let read = Element::parse(written.as_bytes()).unwrap();
        assert_eq!(read.name, "A");
        assert_eq!(read.attribute("Id"), Some("a\"<&>"));
        assert_eq!(read.text_of("B"), Some("R&D <x>"));
        assert!(read.child("C").is_some_and(|c| c.children.is_empty() && c.text().is_empty()));
    }

    #[test]
    fn what_is_not_well_formed_is_nothing() {
        for text in ["", "<a>", "<a></b>", "<!DOCTYPE a><a/>", "<a>&unknown;</a>", "text"] {
            assert_eq!(Element::parse(text.as_bytes()), None, "{text}");
        }
        let deep = "<a>".repeat(100) + &"</a>".repeat(100);
        assert_eq!(Element::parse(deep.as_bytes()), None);
    }

    #[test]
    fn namespaces_are_those_in_scope() {
        let text = format!(
            "<a xmlns=\"{}\" xmlns:t=\"{}\"><t:b/><c xmlns=\"\"/></a>",
            Namespace::MESSAGES,
            Namespace::TYPES
        );
        let read = Element::parse(text.as_bytes()).unwrap();
        assert_eq!((read.namespace, read.all_attributes()), (Namespace::Messages, [].as_slice()));
        let below: Vec<Namespace> = read.children.iter().map(|child| child.namespace).collect();
        assert_eq!(below, [Namespace::Types, Namespace::Other]);
    }

    #[test]
    fn control_characters_are_sent_as_references() {
        let mut xml = Xml::default();
        xml.leaf("a", "x\u{1a}y");
        assert_eq!(xml.finish(), "<a>x&#x1A;y</a>");
    }
}
