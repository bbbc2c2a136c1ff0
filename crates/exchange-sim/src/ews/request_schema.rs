//! Whether a request is one of the schema: names, namespaces, order, what must be there and what may not.
//!
//! Exchange validates before it does anything. What is not looked at is the form of dates and texts, the bounds of
//! numbers, which the operations check where they read them, and since which version of the schema an element exists.

mod content;

use std::collections::BTreeMap;
use std::slice;
use std::sync::LazyLock;

use self::content::{Matching, Particle};
use super::soap::EwsError;
use crate::Request;
use crate::xml::{Element, Namespace};

/// The schema of requests; `derive.py` says how it is written.
static REQUESTS: LazyLock<BTreeMap<&str, Kind>> = LazyLock::new(|| {
    let lines = include_str!("request_schema/requests.txt").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(Kind::read).collect()
});

/// A type of the schema.
struct Kind {
    attributes: Vec<Attribute>,
    content: Content,
}

struct Attribute {
    name: &'static str,
    required: bool,
    kind: &'static str,
}

/// What an element of a type, or an attribute, holds.
enum Content {
    Text,
    Bool,
    Int,
    /// One of these.
    Word(Vec<&'static str>),
    /// Any number of these, between blanks.
    Words(Vec<&'static str>),
    Elements(Particle),
}

/// What is wrong with a request, and after which byte of it.
struct Violation {
    position: usize,
    text: String,
}

/// Fails when a request violates the schema.
pub(super) fn check(request: &Request, body: &Element) -> Result<(), EwsError> {
    let Some(Content::Elements(particle)) = REQUESTS.get("request").map(|kind| &kind.content) else {
        return Ok(());
    };
    let mut matching = Matching::of(slice::from_ref(body));
    let violation = if matching.takes(particle) {
        matching.taken.iter().find_map(|(body, kind)| violation(body, kind))
    } else {
        Some(Violation {
            position: body.position,
            text: format!("The element {} is not declared.", named(body)),
        })
    };
    violation.map_or(Ok(()), |violation| {
        let before = request.body.get(..violation.position).unwrap_or_default();
        let lines = before.split(|byte| *byte == b'\n');
        let column = lines.clone().next_back().map_or(0, <[u8]>::len);
        Err(EwsError::violating(violation.text, lines.count(), column + 1))
    })
}

fn violation(element: &Element, kind: &str) -> Option<Violation> {
    let Kind { attributes, content } = REQUESTS.get(kind)?;
    let found = |text| Violation { position: element.position, text };
    if let Some(text) = attribute_violation(element, attributes) {
        return Some(found(text));
    }
    match content {
        Content::Elements(particle) => {
            let mut matching = Matching::of(&element.children);
            if !matching.takes(particle) || !matching.rest.is_empty() {
                return Some(match matching.rest.first() {
                    Some(child) => Violation {
                        position: child.position,
                        text: format!(
                            "The element {} has invalid child element {}.",
                            named(element),
                            named(child)
                        ),
                    },
                    None => found(format!("The element {} has incomplete content.", named(element))),
                });
            }
            if !element.text().is_empty() {
                return Some(found(format!("The element {} cannot contain text.", named(element))));
            }
            matching.taken.iter().find_map(|(child, kind)| violation(child, kind))
        }
        _ if !element.children.is_empty() => {
            Some(found(format!("The element {} cannot contain child element.", named(element))))
        }
        text if text.admits(element.text()) => None,
        _ => Some(found(invalid("element", &element.name, element.text(), kind))),
    }
}

fn attribute_violation(element: &Element, attributes: &[Attribute]) -> Option<String> {
    for (name, value) in element.all_attributes() {
        let Some(known) = attributes.iter().find(|known| known.name == name) else {
            return Some(format!("The '{name}' attribute is not declared."));
        };
        let admitted = REQUESTS.get(known.kind).is_none_or(|kind| kind.content.admits(value.trim()));
        if !admitted {
            return Some(invalid("attribute", name, value, known.kind));
        }
    }
    let missing = attributes.iter().find(|known| known.required && element.attribute(known.name).is_none());
    missing.map(|missing| format!("The required attribute '{}' is missing.", missing.name))
}

fn invalid(what: &str, name: &str, value: &str, kind: &str) -> String {
    let (prefix, kind) = kind.split_once(':').unwrap_or_default();
    let namespace = match prefix {
        "t" => Namespace::TYPES,
        "m" => Namespace::MESSAGES,
        _ => "http://www.w3.org/2001/XMLSchema",
    };
    format!(
        "The '{name}' {what} is invalid - The value '{value}' is invalid according to its datatype \
         '{namespace}:{kind}'"
    )
}

fn named(element: &Element) -> String {
    match element.namespace {
        Namespace::Messages => format!("'{}' in namespace '{}'", element.name, Namespace::MESSAGES),
        Namespace::Types => format!("'{}' in namespace '{}'", element.name, Namespace::TYPES),
        Namespace::Other => format!("'{}'", element.name),
    }
}

impl Kind {
    /// Reads a line: name, attributes, content.
    fn read(line: &'static str) -> Option<(&'static str, Self)> {
        let mut parts = line.split('\t');
        let (name, attributes, content) = (parts.next()?, parts.next()?, parts.next()?);
        let attributes = attributes.split_whitespace().filter_map(|attribute| {
            let (name, kind) = attribute.split_once(':')?;
            let bare = name.trim_end_matches('!');
            Some(Attribute { name: bare, required: bare != name, kind })
        });
        let words = |text: &'static str| text.split(' ').collect();
        let content = match content {
            "text" => Content::Text,
            "bool" => Content::Bool,
            "int" => Content::Int,
            list if list.starts_with("*=") => Content::Words(words(list.trim_start_matches("*="))),
            word if word.starts_with('=') => Content::Word(words(word.trim_start_matches('='))),
            group => Content::Elements(Particle::read(group)?),
        };
        Some((name, Self { attributes: attributes.collect(), content }))
    }
}

impl Content {
    fn admits(&self, text: &str) -> bool {
        match self {
            Self::Bool => matches!(text, "true" | "false" | "1" | "0"),
            Self::Int => text.parse::<i64>().is_ok(),
            Self::Word(words) => words.contains(&text),
            Self::Words(words) => text.split_whitespace().all(|word| words.contains(&word)),
            Self::Text | Self::Elements(_) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_that_is_named_is_written() {
        let lines = include_str!("request_schema/requests.txt").lines().filter(|line| !line.starts_with('#'));
        assert_eq!(REQUESTS.len(), lines.count(), "every line is read");
        for (name, kind) in REQUESTS.iter() {
            let below = match &kind.content {
                Content::Elements(particle) => particle.kinds(),
                _ => Vec::new(),
            };
            for known in kind.attributes.iter().map(|attribute| attribute.kind).chain(below) {
                assert!(REQUESTS.contains_key(known), "{name}: {known}");
            }
        }
    }
}
