//! `[join]` and `[room.join]`: how the address to join a meeting by is found in its invitation.

use super::{
    notes::{Given, Notes},
    section::Section,
    value::{filled, not_among},
};
use meeting_model::join::{JoinRule, JoinRules, NumberPattern};
use std::ops::RangeInclusive;

/// The longest number that is dialled (E.164 has 15 digits, and there may be a prefix).
const LONGEST: usize = 32;

/// What `[join]` and `[room.join]` may both say.
#[derive(Debug, Clone, Default)]
pub(super) struct RawJoin {
    order: Option<Given<Vec<Given<JoinRule>>>>,
    domains: Option<Given<Vec<Given<String>>>>,
    numbers: Vec<RawNumber>,
}

/// `[[join.number]]`: a number that meetings are dialled by.
#[derive(Debug, Clone)]
struct RawNumber {
    label: Option<Given<String>>,
    prefix: Option<Given<String>>,
    digits: Option<Given<RangeInclusive<usize>>>,
}

impl RawJoin {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        Self {
            order: section.texts("order", rule),
            domains: section.texts("domains", domain),
            numbers: section.tables("number", RawNumber::read),
        }
    }

    /// What is said here, and for the rest what is said there.
    pub(super) fn or(&self, site: &Self) -> Self {
        Self {
            order: self.order.clone().or_else(|| site.order.clone()),
            domains: self.domains.clone().or_else(|| site.domains.clone()),
            numbers: if self.numbers.is_empty() { site.numbers.clone() } else { self.numbers.clone() },
        }
    }

    /// Notes what contradicts itself.
    pub(super) fn check(&self, notes: &mut Notes) {
        let order = self.order.iter().flat_map(|order| &order.value);
        let mut seen = Vec::new();
        for Given { value, at } in order {
            if seen.contains(value) {
                notes.mistake(*at, format!("`order`: `{}` is already in this list", value.id()));
            }
            seen.push(*value);
        }
        for number in &self.numbers {
            if let (Some(prefix), Some(digits)) = (&number.prefix, &number.digits)
                && prefix.value.len() > *digits.value.end()
            {
                let most = digits.value.end();
                notes.mistake(
                    prefix.at,
                    format!(
                        "`prefix`: expected at most the {most} digits of the number, found `{}`",
                        prefix.value
                    ),
                );
            }
        }
    }

    pub(super) fn meaning(&self) -> JoinRules {
        let default = JoinRules::default();
        let values =
            |given: &Given<Vec<Given<JoinRule>>>| given.value.iter().map(|rule| rule.value).collect();
        let texts = |given: &Given<Vec<Given<String>>>| {
            given.value.iter().map(|domain| domain.value.to_ascii_lowercase()).collect()
        };
        JoinRules {
            order: self.order.as_ref().map_or(default.order, values),
            domains: self.domains.as_ref().map_or(default.domains, texts),
            numbers: self.numbers.iter().filter_map(RawNumber::meaning).collect(),
        }
    }
}

impl RawNumber {
    fn read(section: &mut Section<'_>) -> Self {
        section.require(&["digits"]);
        Self {
            label: section.text("label", filled),
            prefix: section.text("prefix", prefix),
            digits: section.text("digits", digits),
        }
    }

    fn meaning(&self) -> Option<NumberPattern> {
        Some(NumberPattern {
            label: self.label.as_ref().map(|label| label.value.clone()),
            prefix: self.prefix.as_ref().map(|prefix| prefix.value.clone()).unwrap_or_default(),
            digits: self.digits.as_ref()?.value.clone(),
        })
    }
}

fn rule(text: &str) -> Result<JoinRule, String> {
    let found = JoinRule::ALL.into_iter().find(|rule| rule.id() == text);
    found.ok_or_else(|| not_among(text, JoinRule::ALL.iter().map(|rule| rule.id())))
}

/// A domain, of two labels at least.
fn domain(text: &str) -> Result<String, String> {
    let is_label = |label: &str| {
        !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') && label.len() < 64
    };
    if text.contains('.') && text.split('.').all(is_label) {
        return Ok(text.to_owned());
    }
    Err(format!("expected a domain such as `video.example.com`, found `{text}`"))
}

fn prefix(text: &str) -> Result<String, String> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(text.to_owned());
    }
    Err(format!("expected digits, found `{text}`"))
}

/// `7`, or `6-8`.
fn digits(text: &str) -> Result<RangeInclusive<usize>, String> {
    let (least, most) = text.split_once('-').unwrap_or((text, text));
    let number = |text: &str| text.trim().parse().ok().filter(|count| (1..=LONGEST).contains(count));
    match (number(least), number(most)) {
        (Some(least), Some(most)) if least <= most => Ok(least..=most),
        _ => Err(format!(
            "expected how many digits there are, as `7` or `6-8`, at most {LONGEST}, found `{text}`"
        )),
    }
}
