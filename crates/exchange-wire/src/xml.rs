//! XML as servers really write it.
//!
//! A reply becomes a tree of [`Element`]s, known by their local names. What XML forbids but servers send stays as it is where
//! it is a character (a control character, `&#x0;`, a bare `&`): whoever shows a text takes out what cannot be seen (rule S1).
//! What is none becomes U+FFFD. What could hurt us is refused: document types, depth, number and size beyond what any reply
//! needs.

use crate::{error::Problem, page};
use quick_xml::{
    encoding::{DetectedEncoding, decode, detect_encoding},
    errors::{Error as XmlError, IllFormedError, SyntaxError},
    events::{BytesStart, Event},
    name::QName,
    reader::Reader,
};
use std::borrow::Cow;

/// Bytes of a reply.
const MAX_BYTES: usize = 32 * 1024 * 1024;
/// Elements in a reply: fifty times what a full page of full items has.
const MAX_ELEMENTS: usize = 500_000;
/// Elements in one another.
const MAX_DEPTH: usize = 64;

/// One element and everything in it.
#[derive(Debug, Default)]
pub(crate) struct Element {
    /// Local name.
    pub(crate) name: String,
    /// What stands before the colon; empty without one.
    pub(crate) prefix: String,
    /// Local names and values; of a namespace declaration the name with its `xmlns:`.
    attributes: Vec<(String, String)>,
    /// In document order.
    pub(crate) children: Vec<Element>,
    /// Its own text, that of its children left out.
    text: String,
}

impl Element {
    /// The first child of that name.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children_named(name).next()
    }

    /// Every child of that name.
    pub(crate) fn children_named<'a, 'n>(
        &'a self,
        name: &'n str,
    ) -> impl Iterator<Item = &'a Self> + use<'a, 'n> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The first element of that name anywhere inside.
    pub(crate) fn descendant(&self, name: &str) -> Option<&Self> {
        self.children
            .iter()
            .find_map(|child| if child.name == name { Some(child) } else { child.descendant(name) })
    }

    /// Its text as it stands.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The text of the first child of that name that has any, without the space around it.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.children_named(name).map(|child| child.text.trim()).find(|text| !text.is_empty())
    }

    /// An attribute's value, where it is not empty.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let (_, value) = self.attributes.iter().find(|(key, _)| key == name)?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }

    /// The namespaces that it declares: prefixes, the empty one for its own, and their URIs.
    pub(crate) fn namespaces(&self) -> impl Iterator<Item = (&str, &str)> {
        self.attributes.iter().filter_map(|(name, uri)| {
            let prefix = name.strip_prefix("xmlns")?;
            Some((prefix.strip_prefix(':').unwrap_or(prefix), uri.as_str()))
        })
    }

    fn open(start: &BytesStart<'_>) -> Self {
        let named = |key: QName<'_>| match key.as_namespace_binding() {
            Some(_) => key.as_ref().to_owned(),
            None => key.local_name().as_ref().to_owned(),
        };
        let attributes = start
            .attributes()
            .with_checks(false)
            .flatten()
            .map(|attribute| (named(attribute.key), unescape(&attribute.value)))
            .collect();
        let prefix = start.name().prefix().map(|prefix| prefix.as_ref().to_owned()).unwrap_or_default();
        Self { name: start.local_name().as_ref().to_owned(), prefix, attributes, ..Self::default() }
    }
}

/// Reads a document.
///
/// # Errors
///
/// When it breaks off, is not XML, is a page for people, has a document type, or is larger than any reply.
pub(crate) fn parse(bytes: &[u8]) -> Result<Element, Problem> {
    match read(bytes) {
        Err(Problem::WebPage) => Err(page::problem(bytes)),
        read => read,
    }
}

fn read(bytes: &[u8]) -> Result<Element, Problem> {
    if bytes.len() > MAX_BYTES {
        return Err(Problem::ReplyTooLarge { limit: "32 MiB" });
    }
    let text = text_of(bytes)?;
    let mut reader = Reader::from_str(&text);
    reader.config_mut().allow_dangling_amp = true;
    let mut open: Vec<Element> = Vec::new();
    let mut elements = 0;
    loop {
        let event =
            reader.read_event().map_err(|error| problem(&error, bytes.len(), reader.error_position()))?;
        let closed = match event {
            Event::Start(start) => {
                open.push(admit(&start, open.len(), &mut elements)?);
                continue;
            }
            Event::Empty(start) => admit(&start, open.len(), &mut elements)?,
            // The reader pairs every end with its start.
            Event::End(_) => open.pop().unwrap_or_default(),
            Event::Text(piece) => {
                add_text(&mut open, &piece.xml10_content(), reader.buffer_position())?;
                continue;
            }
            Event::CData(piece) => {
                add_text(&mut open, &piece.xml10_content(), reader.buffer_position())?;
                continue;
            }
            Event::GeneralRef(name) => {
                let mut character = [0; 4];
                add_text(&mut open, referenced(&name).encode_utf8(&mut character), reader.buffer_position())?;
                continue;
            }
            Event::DocType(kind) => return Err(document_type(&kind, reader.buffer_position())),
            Event::Eof => return Err(Problem::Truncated { bytes: bytes.len() }),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => continue,
        };
        match open.last_mut() {
            Some(parent) => parent.children.push(closed),
            None => return Ok(closed),
        }
    }
}

/// `xs:boolean`.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// Text for use between tags and in attributes: markup is escaped, what XML 1.0 cannot hold is left out.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars().filter(|&character| is_legal(character)) {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            character => escaped.push(character),
        }
    }
    escaped
}

/// The bytes as text: by their byte order mark, else by what the declaration says, else as UTF-8.
fn text_of(bytes: &[u8]) -> Result<Cow<'_, str>, Problem> {
    let detected = detect_encoding(bytes);
    let start = detected.as_ref().map_or(0, DetectedEncoding::bom_len);
    let body = bytes.get(start..).unwrap_or_default();
    let encoding = match &detected {
        None | Some(DetectedEncoding::Utf8Bom) => None,
        Some(DetectedEncoding::AsciiCompatible) => {
            let head = String::from_utf8_lossy(body.get(..body.len().min(256)).unwrap_or_default());
            match Reader::from_str(&head).read_event() {
                Ok(Event::Decl(declaration)) => declaration.encoder(),
                _ => None,
            }
        }
        Some(sixteen_bit) => Some(sixteen_bit.encoding()),
    };
    match encoding.filter(|encoding| encoding.name() != "UTF-8") {
        None => Ok(String::from_utf8_lossy(body)),
        Some(encoding) => decode(body, encoding).map_err(|cause| problem(&cause.into(), bytes.len(), 0)),
    }
}

fn admit(start: &BytesStart<'_>, depth: usize, elements: &mut usize) -> Result<Element, Problem> {
    *elements += 1;
    if depth == 0 && start.local_name().as_ref().eq_ignore_ascii_case("html") {
        return Err(Problem::WebPage);
    }
    if depth >= MAX_DEPTH {
        return Err(Problem::ReplyTooLarge { limit: "64 elements in one another" });
    }
    if *elements > MAX_ELEMENTS {
        return Err(Problem::ReplyTooLarge { limit: "500000 elements" });
    }
    Ok(Element::open(start))
}

fn add_text(open: &mut [Element], text: &str, position: u64) -> Result<(), Problem> {
    match open.last_mut() {
        Some(element) => element.text.extend(text.chars().map(character)),
        None if text.trim().is_empty() => {}
        None => {
            return Err(Problem::Malformed { position, reason: "text stands before the first element" });
        }
    }
    Ok(())
}

fn document_type(kind: &str, position: u64) -> Problem {
    let name = kind.split_whitespace().next().unwrap_or_default();
    if name.eq_ignore_ascii_case("html") {
        Problem::WebPage
    } else {
        Problem::Malformed { position, reason: "a document type is declared, which no reply needs" }
    }
}

/// What the reader met, in our words: its own quote the reply.
fn problem(error: &XmlError, bytes: usize, position: u64) -> Problem {
    let reason = match error {
        XmlError::Syntax(SyntaxError::InvalidBangMarkup) => "markup begins that nobody knows",
        XmlError::Syntax(_) => return Problem::Truncated { bytes },
        XmlError::IllFormed(IllFormedError::MismatchedEndTag { .. }) => {
            "an element is closed that is not the open one"
        }
        XmlError::IllFormed(IllFormedError::UnmatchedEndTag(_)) => "an element is closed that is not open",
        XmlError::Encoding(_) => "the bytes are not in the encoding that is declared",
        _ => "it is ill-formed",
    };
    Problem::Malformed { position, reason }
}

/// An attribute's value with its references resolved.
fn unescape(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('&') {
        text.extend(before.chars().map(character));
        let reference = after.split_once(';');
        text.push(reference.map_or('&', |(name, _)| referenced(name)));
        rest = reference.map_or(after, |(_, after)| after);
    }
    text.extend(rest.chars().map(character));
    text
}

/// What a reference stands for. Nothing defines others than these five names.
fn referenced(name: &str) -> char {
    match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "apos" => '\'',
        "quot" => '"',
        _ => character_reference(name).map_or(char::REPLACEMENT_CHARACTER, character),
    }
}

fn character_reference(name: &str) -> Option<char> {
    let number = name.strip_prefix('#')?;
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => number.parse(),
    };
    char::from_u32(code.ok()?)
}

/// The same, unless Unicode assigns it to nothing (U+FFFE and U+FFFF).
fn character(found: char) -> char {
    if is_legal(found) || found.is_control() { found } else { char::REPLACEMENT_CHARACTER }
}

/// XML 1.0 §2.2 Char.
fn is_legal(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Element {
        parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn names_are_local_and_text_is_joined() {
        let root =
            read(r#"<s:a xmlns:s="u"> <t:b x:Id="1 &amp; 2">p&lt;<![CDATA[<q>]]>&#x72;<c/>s</t:b></s:a>"#);
        let b = root.child("b").unwrap();
        assert_eq!((root.name.as_str(), b.attribute("Id"), b.text()), ("a", Some("1 & 2"), "p<<q>rs"));
        assert!(root.descendant("c").is_some());
    }

    #[test]
    fn prefixes_and_their_namespaces_are_kept() {
        let root = read(r#"<a:m xmlns:a="DAV:" xmlns="u" a:Id="1"><i:0x0023 xmlns:i="v"/><li/></a:m>"#);
        assert_eq!(root.namespaces().collect::<Vec<_>>(), [("a", "DAV:"), ("", "u")]);
        let names: Vec<_> =
            root.children.iter().map(|one| (one.prefix.as_str(), one.name.as_str())).collect();
        assert_eq!(names, [("i", "0x0023"), ("", "li")]);
        assert_eq!((root.prefix.as_str(), root.attribute("Id")), ("a", Some("1")));
    }

    #[test]
    fn what_is_no_character_becomes_a_replacement_character() {
        let root = read("<a b='&#0;x'>&#x0;&#x1A;\u{1}&nbsp;&#xD83D;&#xFFFFFFFFF;\u{FFFE}&#xFFFF; R&D</a>");
        assert_eq!(root.text(), "\0\u{1A}\u{1}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD} R&D");
        assert_eq!(root.attribute("b"), Some("\0x"));
    }

    /// Rule S1: a control character is not seen, a U+FFFD that the server sent is.
    #[test]
    fn a_subject_loses_its_control_characters() {
        let root = read("<Subject>Bud\u{7}get &#x1B;[31m&#0; \u{FFFD}</Subject>");
        assert_eq!(meeting_model::subject::clean(root.text()), "Budget [31m \u{FFFD}");
    }

    #[test]
    fn encodings_are_read_by_mark_or_declaration() {
        let sixteen = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
        let mut marked = vec![0xFF, 0xFE];
        marked.extend(sixteen("<a>ü</a>"));
        let cases: [&[u8]; 5] = [
            &marked,
            &sixteen("<?xml version='1.0' encoding='utf-16'?><a>ü</a>"),
            b"\xEF\xBB\xBF<a>\xC3\xBC</a>",
            b"<?xml version='1.0' encoding='iso-8859-1'?><a>\xFC</a>",
            b"<?xml version='1.0'?><a>\xC3\xBC</a>",
        ];
        for case in cases {
            assert_eq!(parse(case).unwrap().text(), "ü");
        }
        assert_eq!(parse(b"<a>\xFF</a>").unwrap().text(), "\u{FFFD}");
    }

    #[test]
    fn what_could_hurt_is_refused() {
        let deep = "<a>".repeat(MAX_DEPTH + 1);
        let many = format!("<a>{}</a>", "<b/>".repeat(MAX_ELEMENTS));
        for (text, expected) in [
            (r#"<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>"#, "document type"),
            (deep.as_str(), "64 elements in one another"),
            (many.as_str(), "500000 elements"),
            ("Unauthorized", "before the first element"),
            ("<a><b></a>", "expected XML"),
            ("<!DOCTYPE html><html><br></html>", "a web page"),
            ("<HTML><br></HTML>", "a web page"),
            ("", "break off"),
            ("<a><b/>", "break off"),
            ("<a", "break off"),
        ] {
            let problem = parse(text.as_bytes()).unwrap_err().to_string();
            assert!(problem.contains(expected), "{problem} does not say {expected}");
        }
    }

    #[test]
    fn a_problem_never_quotes_the_reply() {
        for text in [
            "<a>Secret</Secret>",
            "<a></a Secret>",
            "<a></Secret",
            "<!Secret><a/>",
            "Secret",
            "<!DOCTYPE Secret><a/>",
        ] {
            let problem = parse(text.as_bytes()).unwrap_err();
            assert!(!problem.to_string().contains("Secret"), "{problem}");
        }
    }

    #[test]
    fn what_we_write_reads_back() {
        let text = "R&D <\"会議\"> 'x'";
        assert_eq!(read(&format!("<a b=\"{0}\">{0}</a>", escape(text))).text(), text);
        assert_eq!(escape("a\u{0}b\u{FFFF}"), "ab");
    }
}
