//! What is said to and by Exchange, without what it tells of people and meetings: for a record of what happened.
//!
//! What is known to be the protocol's own (ids, cursors, codes, instants, recurrences) stays; every other text gives way to
//! something that stands in for it, known or not. So whoever reads the masked bytes comes to the same requests, and learns no
//! subject, person, place or body. Of a GlobalObjectId the form stays, and nothing of what its maker wrote into it.

use crate::{http::PLAIN_HTTP, markup, page};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use meeting_model::global_object_id::GlobalObjectId;
use std::{collections::BTreeSet, sync::LazyLock};

/// The elements whose text is the protocol's own, by their local names.
static KEPT: LazyLock<BTreeSet<&str>> =
    LazyLock::new(|| include_str!("../data/kept_elements.txt").lines().collect());

/// The attributes whose value is the protocol's own.
static KEPT_ATTRIBUTES: LazyLock<BTreeSet<&str>> =
    LazyLock::new(|| include_str!("../data/kept_attributes.txt").lines().collect());

/// What decides something wherever a text holds it.
const SIGNS: [&str; 4] = ["AccessDeniedException", "server version is invalid", "locked out", PLAIN_HTTP];

/// PidLidGlobalObjectId and PidLidCleanGlobalObjectId, as EWS numbers them ([MS-OXPROPS]).
const GLOBAL_OBJECT_IDS: [&str; 2] = ["3", "35"];

/// Where the data of a GlobalObjectId begin ([MS-OXOCAL] 2.2.1.27).
const DATA: usize = 40;

/// With what a document of UTF-8 may begin.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// How something that stands in for a text begins.
const STAND_IN: &str = "~";

/// The attribute that says what of a tag betrays a page where people sign in.
const SAYS: &str = "says";

/// One document being masked, piece by piece. What comes out of a piece ends with the last tag in it, so that whoever waits
/// for the end of something sees it with the same piece.
#[derive(Debug, Default)]
pub struct Mask {
    pending: Vec<u8>,
    /// The local name of the element that was opened last, as long as no other was opened or closed.
    leaf: String,
    /// Whether the extended property that was begun last is a GlobalObjectId.
    is_global_object_id: bool,
    /// Whether the value that was begun last is a response code, as ErrorInternalServerError holds one that says more.
    is_code: bool,
}

impl Mask {
    /// Masks a whole document.
    pub fn whole(document: &[u8], stand_in: &dyn Fn(&[u8]) -> String) -> Vec<u8> {
        let mut mask = Self::default();
        let mut masked = mask.take(document, stand_in);
        masked.extend(mask.end(stand_in));
        masked
    }

    /// Takes the next piece. What `stand_in` makes of a text is written for it behind a `~`: letters and digits, please.
    pub fn take(&mut self, piece: &[u8], stand_in: &dyn Fn(&[u8]) -> String) -> Vec<u8> {
        let mut pending = std::mem::take(&mut self.pending);
        pending.extend_from_slice(piece);
        let mut masked = Vec::with_capacity(pending.len());
        let mut rest = pending.as_slice();
        while let Some((token, behind)) = markup::first(rest) {
            self.write(token, stand_in, &mut masked);
            rest = behind;
        }
        self.pending = rest.to_vec();
        masked
    }

    /// Takes the end of the document, wherever it is.
    pub fn end(self, stand_in: &dyn Fn(&[u8]) -> String) -> Vec<u8> {
        let Self { pending, .. } = &self;
        match pending.first() {
            None => Vec::new(),
            Some(b'<') => b"<".to_vec(),
            Some(_) => self.masked_text(pending, stand_in),
        }
    }

    fn write(&mut self, token: &[u8], stand_in: &dyn Fn(&[u8]) -> String, masked: &mut Vec<u8>) {
        if let Some(text) = token.strip_prefix(b"<![CDATA[") {
            let text = text.strip_suffix(b"]]>").unwrap_or(text);
            let keeps = self.keeps(text);
            masked.extend(if keeps { token.to_vec() } else { self.masked_text(text, stand_in) });
        } else if token.starts_with(b"<!--") {
            // nothing is lost with a comment
        } else if token.starts_with(b"<!") {
            let is_page = is_page(&String::from_utf8_lossy(token));
            masked.extend_from_slice(if is_page { b"<!DOCTYPE html>" } else { b"<!DOCTYPE other>" });
        } else if token.starts_with(b"<?") {
            masked.extend(declaration(&String::from_utf8_lossy(token)).into_bytes());
        } else if let Some(name) = token.strip_prefix(b"</") {
            let name = String::from_utf8_lossy(name.strip_suffix(b">").unwrap_or(name));
            masked.extend(format!("</{}>", named(name.trim_end(), stand_in)).into_bytes());
            self.leaf.clear();
        } else if token.starts_with(b"<") {
            self.write_tag(&String::from_utf8_lossy(token), stand_in, masked);
        } else {
            masked.extend(self.masked_text(token, stand_in));
        }
    }

    fn write_tag(&mut self, tag: &str, stand_in: &dyn Fn(&[u8]) -> String, masked: &mut Vec<u8>) {
        let inside = tag.trim_start_matches('<').trim_end_matches('>');
        let is_empty = inside.ends_with('/');
        let inside = inside.trim_end_matches('/');
        let (name, attributes) = inside.split_once(|c: char| c.is_ascii_whitespace()).unwrap_or((inside, ""));
        let local = local(name);
        if local == "Value" {
            self.is_code = false;
        }
        masked.extend_from_slice(b"<");
        masked.extend(named(name, stand_in).into_bytes());
        for (key, value) in attributes_of(attributes) {
            let is_name = is_named(name) && matches!(local, "Value" | "Period") && key == "Name";
            let is_namespace = key == "xmlns" || key.starts_with("xmlns:");
            let is_known = is_name || is_namespace || KEPT_ATTRIBUTES.contains(self::local(key));
            let keeps = is_named(key) && is_known;
            let masked_value = || standing_in(value.as_bytes(), stand_in);
            let value = if keeps { value.to_owned() } else { masked_value() };
            let (key_written, value_written) = (named(key, stand_in), value.replace('"', "&quot;"));
            masked.extend(format!(" {key_written}=\"{value_written}\"").into_bytes());
            if key == "Name" {
                self.is_code = value == "InnerErrorResponseCode";
            }
            if local == "ExtendedFieldURI" && key == "PropertyId" {
                self.is_global_object_id = GLOBAL_OBJECT_IDS.contains(&value.as_str());
            }
        }
        let signs: Vec<_> = page::signs(tag.trim_start_matches('<')).collect();
        if !signs.is_empty() {
            masked.extend(format!(" {SAYS}=\"{STAND_IN} {}\"", signs.join(" ")).into_bytes());
        }
        masked.extend_from_slice(if is_empty { b"/>" } else { b">" });
        if local == "ExtendedProperty" {
            self.is_global_object_id = false;
        }
        self.leaf.clear();
        // what stands for a name is the name of nothing that may stay
        if !is_empty && is_named(name) {
            self.leaf.push_str(local);
        }
    }

    fn masked_text(&self, text: &[u8], stand_in: &dyn Fn(&[u8]) -> String) -> Vec<u8> {
        if self.keeps(text) {
            return text.to_vec();
        }
        if self.is_id() {
            return masked_id(text, stand_in).into_bytes();
        }
        if self.leaf == "href" {
            return masked_address(&String::from_utf8_lossy(text), stand_in).into_bytes();
        }
        let mut masked = standing_in(text.trim_ascii(), stand_in);
        let said = String::from_utf8_lossy(text);
        for sign in SIGNS.iter().filter(|sign| said.contains(**sign)) {
            masked = masked + " " + sign;
        }
        masked.into_bytes()
    }

    fn keeps(&self, text: &[u8]) -> bool {
        let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text).trim_ascii();
        let is_number = || text.iter().all(u8::is_ascii_digit);
        text.is_empty()
            || KEPT.contains(self.leaf.as_str())
            || (self.leaf == "Value" && (self.is_code || (!self.is_global_object_id && is_number())))
    }

    fn is_id(&self) -> bool {
        (self.leaf == "Value" && self.is_global_object_id) || is_global_object_id(&self.leaf)
    }
}

/// The same id with other data: equal ids stay equal.
pub fn global_object_id(id: &GlobalObjectId, stand_in: &dyn Fn(&[u8]) -> String) -> GlobalObjectId {
    let (head, data) = id.as_bytes().split_at_checked(DATA).unwrap_or((id.as_bytes(), &[]));
    let masked = stand_in(data);
    let masked = masked.bytes().chain(std::iter::once(0)).cycle().take(data.len());
    let bytes: Vec<u8> = head.iter().copied().chain(masked).collect();
    GlobalObjectId::parse(&bytes).expect("it has the form of the other")
}

/// Whether it is a name: pages and other texts have many things in angle brackets, addresses of people among them.
fn is_named(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':'))
}

/// A name as it stands, where it is one.
fn named(name: &str, stand_in: &dyn Fn(&[u8]) -> String) -> String {
    if is_named(name) { name.to_owned() } else { format!("_{}", stand_in(name.as_bytes())) }
}

/// Whether a document type is that of pages (`<!DOCTYPE html>`).
fn is_page(document_type: &str) -> bool {
    let mut words = document_type.trim_start_matches("<!").split(|c: char| c.is_whitespace() || c == '>');
    words.next().is_some_and(|word| word.eq_ignore_ascii_case("doctype"))
        && words.find(|word| !word.is_empty()).is_some_and(|kind| kind.eq_ignore_ascii_case("html"))
}

/// The declaration of a document, as far as it is one (XML 1.0 §2.8); nothing of any other instruction.
fn declaration(instruction: &str) -> String {
    let Some(inside) = instruction.strip_prefix("<?xml ") else { return String::new() };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let said = attributes_of(inside).into_iter().filter(|(key, value)| {
        ["version", "encoding", "standalone"].contains(key) && value.chars().all(is_plain)
    });
    let said = said.flat_map(|(key, value)| [" ", key, "=\"", value, "\""]);
    ["<?xml"].into_iter().chain(said).chain(["?>"]).collect()
}

fn masked_id(text: &[u8], stand_in: &dyn Fn(&[u8]) -> String) -> String {
    let bytes = STANDARD.decode(text.trim_ascii()).unwrap_or_default();
    match GlobalObjectId::parse(&bytes) {
        Ok(id) => STANDARD.encode(global_object_id(&id, stand_in).as_bytes()),
        Err(_) => standing_in(text, stand_in),
    }
}

/// The two GlobalObjectIds, as WebDAV numbers them: `x00000023`, `0x23`, `_x0030_x3`.
fn is_global_object_id(local: &str) -> bool {
    let number = local.trim_start_matches("_x0030_").trim_start_matches('0').strip_prefix('x');
    matches!(number.and_then(|digits| u32::from_str_radix(digits, 16).ok()), Some(0x3 | 0x23))
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

fn standing_in(text: &[u8], stand_in: &dyn Fn(&[u8]) -> String) -> String {
    format!("{STAND_IN}{}", stand_in(text))
}

/// The address of an item, which Exchange makes of its subject: its folder stays.
fn masked_address(address: &str, stand_in: &dyn Fn(&[u8]) -> String) -> String {
    match address.rsplit_once('/') {
        Some((_, "")) => address.to_owned(),
        Some((folder, name)) => format!("{folder}/{}", standing_in(name.as_bytes(), stand_in)),
        None => standing_in(address.as_bytes(), stand_in),
    }
}

/// Names and values, as far as they can be understood.
fn attributes_of(mut rest: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    while let Some((key, behind)) = rest.split_once('=') {
        let behind = behind.trim_start();
        let Some(quote) = behind.chars().next().filter(|quote| matches!(quote, '"' | '\'')) else { break };
        let Some((value, next)) = behind.strip_prefix(quote).and_then(|behind| behind.split_once(quote))
        else {
            break;
        };
        // before it may stand what has no value
        found.push((key.split_whitespace().next_back().unwrap_or_default(), value));
        rest = next;
    }
    found
}
