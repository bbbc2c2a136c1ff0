//! 207 Multi-Status as Exchange writes it: prefixes in the order of their use, the status before the properties.

use std::fmt::Write as _;

use crate::xml::Xml;

/// The types of values ([MS-OXCDATA] 2.11.1.6), with the slash that belongs to it.
const TYPES: &str = "urn:uuid:c2f41010-65b3-11d1-a29f-00aa00c14882/";

/// The value of a property.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Text(String),
    /// With its `dt`.
    Typed(&'static str, String),
}

/// One resource and what it has; what it lacks, where that is to be told.
#[derive(Debug, Default)]
pub(super) struct Resource {
    pub(super) href: String,
    /// Names as they are written, and their values.
    pub(super) has: Vec<(Name, Value)>,
    pub(super) lacks: Vec<Name>,
    /// What became of it since a blob was given out.
    pub(super) change: Option<&'static str>,
}

/// A property's name, in two parts; without a namespace where it was given another name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) namespace: String,
    pub(super) local: String,
}

impl Name {
    /// The name of a property by its URI: the namespace ends with the last of `/ : ; # ?`. What is named by number is
    /// written with eight digits, though no name of XML begins so.
    pub(super) fn of(uri: &str) -> Self {
        let at = uri.rfind(['/', ':', ';', '#', '?']).map_or(0, |at| at + 1);
        let (namespace, local) = uri.split_at(at);
        let number = namespace.contains("/mapi/id/").then(|| local.strip_prefix("0x")).flatten();
        let number = number.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let local = number.map_or_else(|| local.to_owned(), |number| format!("0x{number:08x}"));
        Self { namespace: namespace.to_owned(), local }
    }

    /// A name that the query gave.
    pub(super) fn alias(name: &str) -> Self {
        Self { namespace: String::new(), local: name.to_owned() }
    }
}

/// The namespace of replication.
const REPL: &str = "http://schemas.microsoft.com/repl/";

/// The document, with the blob that a client is to send next where it replicates.
pub(super) fn document(resources: &[Resource], control_characters: bool, collblob: Option<&str>) -> String {
    let mut namespaces: Vec<&str> = collblob.map(|_| REPL).into_iter().collect();
    for resource in resources {
        for name in resource.has.iter().map(|(name, _)| name).chain(&resource.lacks) {
            let known = ["DAV:", ""].contains(&name.namespace.as_str());
            if !known && !namespaces.contains(&name.namespace.as_str()) {
                namespaces.push(&name.namespace);
            }
        }
    }
    let mut text = format!("<?xml version=\"1.0\"?><a:multistatus xmlns:b=\"{TYPES}\"");
    for (place, namespace) in namespaces.iter().enumerate() {
        let _ = write!(text, " xmlns:{}=\"{namespace}\"", letter(place));
    }
    text.push_str(" xmlns:c=\"xml:\" xmlns:a=\"DAV:\">");
    let tag = |name: &Name| match name.namespace.as_str() {
        "" => name.local.clone(),
        "DAV:" => format!("a:{}", name.local),
        other => {
            let place = namespaces.iter().position(|known| *known == other).unwrap_or_default();
            format!("{}:{}", letter(place), name.local)
        }
    };
    if let Some(blob) = collblob {
        let _ = write!(text, "<d:repl><d:collblob>{blob}</d:collblob></d:repl>");
    }
    for resource in resources {
        let _ = write!(text, "<a:response><a:href>{}</a:href>", escaped(&resource.href));
        text.push_str("<a:propstat><a:status>HTTP/1.1 200 OK</a:status><a:prop>");
        for (name, value) in &resource.has {
            let tag = tag(name);
            let _ = match value {
                Value::Text(value) => {
                    let odd = control_characters && name.local == "subject";
                    write!(text, "<{tag}>{}{}</{tag}>", escaped(value), if odd { "&#01;" } else { "" })
                }
                Value::Typed(dt, value) => write!(text, "<{tag} b:dt=\"{dt}\">{}</{tag}>", escaped(value)),
            };
        }
        text.push_str("</a:prop></a:propstat>");
        if !resource.lacks.is_empty() {
            text.push_str("<a:propstat><a:status>HTTP/1.1 404 Resource Not Found</a:status><a:prop>");
            for name in &resource.lacks {
                let _ = write!(text, "<{}/>", tag(name));
            }
            text.push_str("</a:prop></a:propstat>");
        }
        if let Some(change) = resource.change {
            let _ = write!(text, "<d:changetype>{change}</d:changetype>");
        }
        text.push_str("</a:response>");
    }
    text.push_str("</a:multistatus>");
    text
}

/// Prefixes go on from d.
fn letter(place: usize) -> String {
    let place = u8::try_from(place).unwrap_or(u8::MAX);
    match place {
        0..=22 => char::from(b'd' + place).to_string(),
        _ => format!("z{place}"),
    }
}

/// Text; line ends come back as LF alone.
fn escaped(text: &str) -> String {
    let mut xml = Xml::default();
    xml.text(&text.replace("\r\n", "\n"));
    xml.finish()
}
