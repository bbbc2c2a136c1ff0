//! What a phone can show, as far as it says: which letters, how many lines.
//!
//! Development Notes 7.1, chapters 3 and 5.

use super::charset::Charset;
use crate::language::Language;
use axum::http::{HeaderMap, header};

/// The phone that asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Phone {
    /// The letters it can show.
    pub(crate) charset: Charset,
    /// Whether it has one line for title and prompt, and shows the prompt there: the 6900 series.
    pub(crate) one_line: bool,
    /// What it speaks.
    pub(crate) language: &'static Language,
}

impl Phone {
    /// Whoever sent these headers, in a room of that language.
    pub(crate) fn of(headers: &HeaderMap, language: &'static Language) -> Self {
        let model = headers.get("x-CiscoIPPhoneModelName").and_then(|model| model.to_str().ok());
        let number = model.map(number).unwrap_or_default();
        let asked = headers.contains_key(header::ACCEPT_CHARSET);
        let charset = if !asked && is_old(number) { Charset::Latin1 } else { Charset::accepted(headers) };
        Self {
            charset,
            one_line: number.len() == 4 && number.starts_with("69"),
            language: spoken(charset, language),
        }
    }
}

/// A language whose letters there are.
fn spoken(charset: Charset, language: &'static Language) -> &'static Language {
    let is_latin = |language: &Language| {
        language.weekdays.iter().all(|day| day.chars().all(|c| u8::try_from(c).is_ok()))
    };
    if charset == Charset::Latin1 && !is_latin(language) { Language::default() } else { language }
}

/// The digits of `CP-7970G`.
fn number(model: &str) -> &str {
    let digits = model.trim().trim_start_matches(|c: char| !c.is_ascii_digit());
    digits.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default()
}

/// Whether a model only shows the letters of its own locale, whatever it accepts.
fn is_old(number: &str) -> bool {
    matches!(number, "7905" | "7912" | "7920" | "7940" | "7960")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_tells_what_its_headers_do_not() {
        for (model, accepted, charset, one_line) in [
            (None, None, Charset::Utf8, false),
            (Some("CP-7970G"), None, Charset::Utf8, false),
            (Some("CP-7960G"), None, Charset::Latin1, false),
            (Some("CP-7940"), None, Charset::Latin1, false),
            (Some("CP-7941G-GE"), None, Charset::Utf8, false),
            (Some("Cisco IP Phone 7905"), None, Charset::Latin1, false),
            (Some("CP-7960G"), Some("utf-8"), Charset::Utf8, false),
            (Some("CP-6941"), None, Charset::Utf8, true),
            (Some("CP-7821"), None, Charset::Utf8, false),
            (Some("69"), None, Charset::Utf8, false),
            (Some(""), None, Charset::Utf8, false),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(model) = model {
                headers.insert("x-CiscoIPPhoneModelName", model.parse().unwrap());
            }
            if let Some(accepted) = accepted {
                headers.insert(header::ACCEPT_CHARSET, accepted.parse().unwrap());
            }
            let phone = Phone::of(&headers, Language::default());
            assert_eq!((phone.charset, phone.one_line), (charset, one_line), "{model:?} {accepted:?}");
        }
    }

    #[test]
    fn a_phone_without_the_letters_of_a_language_speaks_another() {
        let tag = |charset, tag| spoken(charset, Language::named(tag).unwrap()).tag;
        assert_eq!(tag(Charset::Utf8, "ja"), "ja");
        assert_eq!(tag(Charset::Latin1, "ja"), "en");
        assert_eq!(tag(Charset::Latin1, "fr"), "fr");
    }
}
