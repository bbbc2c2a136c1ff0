//! The documents of a phone: order and limits of CiscoIPPhone.xsd 3.3.4.

use super::{charset::Charset, model::Phone};
use crate::language::Language;
use quick_xml::{
    Writer,
    events::{BytesDecl, BytesText, Event},
};
use std::io;

const TITLE: usize = 32;
const PROMPT: usize = 32;
const KEY_NAME: usize = 32;
const ITEM_NAME: usize = 64;
const ITEMS: usize = 100;
const TEXT: usize = 4000;
/// So that a long line leaves room for those after it.
const TEXT_LINE: usize = 1200;

/// A page of a phone. Its texts may be longer than the phone's limits, which [`xml`](Self::xml) holds them to; its
/// addresses may not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    /// The line above.
    pub(crate) title: String,
    /// The line below.
    pub(crate) prompt: Option<String>,
    /// Whether the prompt matters more than the title, where a phone has room for one of them.
    pub(crate) is_urgent: bool,
    /// What the keys do. Where there is one, a phone's own keys vanish.
    pub(crate) keys: Vec<SoftKey>,
    /// What is between the lines.
    pub(crate) content: Content,
}

/// What is between title and prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Content {
    /// A CiscoIPPhoneMenu.
    Menu(Vec<MenuItem>),
    /// A CiscoIPPhoneText, in lines.
    Text(Vec<String>),
}

/// A key below the display. They take their positions from left to right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SoftKey {
    pub(crate) name: String,
    pub(crate) url: String,
}

/// A line that can be selected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MenuItem {
    pub(crate) name: String,
    pub(crate) url: String,
}

impl SoftKey {
    pub(crate) fn new(name: &str, url: impl Into<String>) -> Self {
        Self { name: name.to_owned(), url: url.into() }
    }
}

impl Page {
    /// A page that says one thing.
    pub(crate) fn notice(title: &str, text: &str, mut keys: Vec<SoftKey>, language: &Language) -> Self {
        keys.push(SoftKey::new(&language.phone.exit, "SoftKey:Exit"));
        let content = Content::Text(vec![text.to_owned()]);
        Self { title: title.to_owned(), prompt: None, is_urgent: false, keys, content }
    }

    /// The document, within the phone's limits and in its encoding.
    pub(crate) fn xml(&self, phone: Phone) -> Vec<u8> {
        let charset = phone.charset;
        let document = self.write(phone).expect("writing to memory does not fail");
        charset.encode(String::from_utf8(document).expect("text was written"))
    }

    fn write(&self, Phone { charset, one_line, .. }: Phone) -> io::Result<Vec<u8>> {
        let mut xml = Writer::new_with_indent(Vec::new(), b' ', 1);
        xml.write_event(Event::Decl(BytesDecl::new("1.0", Some(charset.name()), None)))?;
        let root = match self.content {
            Content::Menu(_) => "CiscoIPPhoneMenu",
            Content::Text(_) => "CiscoIPPhoneText",
        };
        xml.create_element(root).write_inner_content(|xml| {
            let mut page = Elements { xml, charset };
            page.line("Title", &self.title, TITLE)?;
            // The 6900 series shows a prompt in place of the title (Development Notes 7.1, chapter 2).
            if let Some(prompt) = self.prompt.as_ref().filter(|_| self.is_urgent || !one_line) {
                page.line("Prompt", prompt, PROMPT)?;
            }
            for (key, position) in self.keys.iter().zip(1..=8) {
                page.key(key, position)?;
            }
            match &self.content {
                Content::Menu(items) => items.iter().take(ITEMS).try_for_each(|item| page.item(item)),
                Content::Text(lines) => page.lines("Text", lines),
            }
        })?;
        Ok(xml.into_inner())
    }
}

/// Elements one after the other.
struct Elements<'a> {
    xml: &'a mut Writer<Vec<u8>>,
    charset: Charset,
}

impl Elements<'_> {
    fn line(&mut self, name: &str, text: &str, limit: usize) -> io::Result<()> {
        self.verbatim(name, &self.charset.line(text, limit))
    }

    fn lines(&mut self, name: &str, lines: &[String]) -> io::Result<()> {
        let lines: Vec<_> = lines.iter().map(|line| self.charset.line(line, TEXT_LINE)).collect();
        self.verbatim(name, &self.charset.cut(lines.join("\n"), TEXT))
    }

    fn verbatim(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.xml.create_element(name).write_text_content(BytesText::new(text)).map(drop)
    }

    fn key(&mut self, key: &SoftKey, position: u8) -> io::Result<()> {
        let charset = self.charset;
        let within = |xml: &mut Writer<Vec<u8>>| {
            let mut within = Elements { xml, charset };
            within.line("Name", &key.name, KEY_NAME)?;
            within.verbatim("Position", &position.to_string())?;
            within.verbatim("URL", &key.url)
        };
        self.xml.create_element("SoftKeyItem").write_inner_content(within).map(drop)
    }

    fn item(&mut self, item: &MenuItem) -> io::Result<()> {
        let charset = self.charset;
        let within = |xml: &mut Writer<Vec<u8>>| {
            let mut within = Elements { xml, charset };
            within.line("Name", &item.name, ITEM_NAME)?;
            within.verbatim("URL", &item.url)
        };
        self.xml.create_element("MenuItem").write_inner_content(within).map(drop)
    }
}
