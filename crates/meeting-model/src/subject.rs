//! Rules S1 to S4: what a meeting is called.

use crate::{acceptance::is_direct, item::CalendarItem, privacy::BUSY};
use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// Rule S1: the text as written, trimmed, without control characters and without the characters that override the
/// direction of what follows (they could turn a display's own words around). Nothing else changes.
pub fn clean(text: &str) -> String {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return text.trim().to_owned();
    }
    let kept: String = text.chars().filter(|c| !c.is_control() && !overrides_direction(*c)).collect();
    kept.trim().to_owned()
}

/// At most so many graphemes: a longer text ends in an ellipsis, which counts as one.
pub fn shortened(text: &str, graphemes: usize) -> Cow<'_, str> {
    let Some(keep) = graphemes.checked_sub(1) else { return Cow::Borrowed("") };
    let mut ends = text.grapheme_indices(true).map(|(start, _)| start);
    // The text fits unless there is a grapheme after the last one allowed.
    match (ends.nth(keep), ends.next()) {
        (Some(cut), Some(_)) => {
            Cow::Owned(text.get(..cut).unwrap_or_default().trim_end().to_owned() + "\u{2026}")
        }
        _ => Cow::Borrowed(text),
    }
}

/// U+202A to U+202E and U+2066 to U+2069 (Unicode Standard Annex 9, explicit directional formatting).
fn overrides_direction(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// What a room does to subjects.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Naming<'a> {
    /// The room's own addresses.
    pub(crate) mailboxes: &'a [String],
    /// Whether Exchange puts the organizer's name before the subject here (rule S2).
    pub(crate) has_prefix: bool,
}

/// How an item is worded, by the rules of subjects.
#[derive(Clone)]
pub(crate) struct Wording {
    /// The subject that it carries itself, if it is one. See [`written`].
    pub(crate) subject: Option<String>,
    pub(crate) organizer: Option<String>,
    pub(crate) location: Option<String>,
}

impl Wording {
    pub(crate) fn of(item: &CalendarItem, naming: Naming<'_>) -> Self {
        let location = item.location.as_deref().map(clean).filter(|text| !text.is_empty());
        Self { subject: written(item, naming), organizer: organizer_name(item), location }
    }
}

/// What is left of a subject that the booking attendant may have rewritten (section B of the rules).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// DeleteSubject.
    Empty,
    /// DeleteSubject and AddOrganizerToSubject.
    Organizer,
    /// AddOrganizerToSubject only: the organizer's name, a space, and text.
    Prefixed,
}

/// Which of the three shapes an item's subject has, if any.
pub(crate) fn shape(item: &CalendarItem) -> Option<Shape> {
    let subject = clean(item.subject.as_deref().unwrap_or_default());
    let organizer = organizer_name(item);
    match organizer {
        _ if subject.is_empty() => Some(Shape::Empty),
        Some(organizer) if folded(&subject) == folded(&organizer) => Some(Shape::Organizer),
        Some(organizer) => without_prefix(&subject, &organizer).map(|_| Shape::Prefixed),
        None => None,
    }
}

/// The same subject without the organizer's name, which is forgotten (rule P7).
pub(crate) fn without_name(item: &CalendarItem) -> Option<String> {
    let subject = clean(item.subject.as_deref()?);
    let organizer = organizer_name(item).unwrap_or_default();
    match shape(item) {
        Some(Shape::Empty | Shape::Organizer) => None,
        Some(Shape::Prefixed) => without_prefix(&subject, &organizer).map(str::to_owned),
        None => Some(subject),
    }
}

/// The subject that an item itself carries, if it is one: not empty, and not the organizer's name, which is what the
/// booking attendant leaves of a subject it deleted. The organizer's name before it is taken off where the room is known
/// to add it (rule S2). What was written straight into the room's calendar was never rewritten: it is as written.
pub(crate) fn written(item: &CalendarItem, naming: Naming<'_>) -> Option<String> {
    let subject = clean(item.subject.as_deref()?);
    if subject.is_empty() {
        return None;
    }
    let organizer = organizer_name(item).filter(|_| !is_direct(item, naming.mailboxes));
    let Some(organizer) = organizer else { return Some(subject) };
    if folded(&subject) == folded(&organizer) {
        return None;
    }
    let rest = if naming.has_prefix { without_prefix(&subject, &organizer) } else { None };
    Some(rest.map(str::to_owned).unwrap_or(subject))
}

/// Rule S4 (4): what a meeting is called whose subject was never seen.
pub(crate) fn placeholder(organizer: Option<&str>) -> String {
    organizer.map_or_else(|| "Meeting".to_owned(), |name| format!("Meeting ({name})"))
}

/// Whether a title is one that [`placeholder`] made.
pub(crate) fn is_placeholder(title: &str) -> bool {
    title == "Meeting" || title == BUSY || (title.starts_with("Meeting (") && title.ends_with(')'))
}

/// The organizer's display name, cleaned as a subject is.
pub(crate) fn organizer_name(item: &CalendarItem) -> Option<String> {
    let name = clean(item.organizer.as_ref()?.name.as_deref()?);
    (!name.is_empty()).then_some(name)
}

/// What follows the organizer's name and a space.
fn without_prefix<'a>(subject: &'a str, organizer: &str) -> Option<&'a str> {
    let organizer = folded(organizer);
    // No form of a name is longer than four times its composed one: what lies further on need not be looked at.
    let longest = organizer.len() * 4;
    subject
        .match_indices(char::is_whitespace)
        .map_while(|(at, _)| subject.split_at_checked(at).filter(|_| at <= longest))
        .find(|(name, _)| folded(name) == organizer)
        .map(|(_, rest)| rest.trim())
}

/// As names are compared: trimmed, composed (NFC), without case.
fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.trim().to_ascii_lowercase();
    }
    text.trim().nfc().flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests;
