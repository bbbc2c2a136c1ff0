//! Which letters a phone can show.
//!
//! Development Notes 7.1, chapter 5: a page has to name its encoding, both in the document and in the Content-Type,
//! and it has to be one of the phone's Accept-Charset. Old models put ISO-8859-1 before UTF-8: they take UTF-8, but
//! can only show the letters of their own locale.

use crate::text::one_line;
use axum::http::{HeaderMap, header};
use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// How a page is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Charset {
    /// UTF-8.
    Utf8,
    /// ISO-8859-1.
    Latin1,
}

impl Charset {
    /// What a phone prefers; UTF-8 where it does not say (RFC 9110 §12.5.2).
    pub(crate) fn accepted(headers: &HeaderMap) -> Self {
        let listed: Vec<(String, f32)> = headers
            .get_all(header::ACCEPT_CHARSET)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(weighted)
            .collect();
        let weight = |name: &str| listed.iter().find(|(listed, _)| listed == name).map(|(_, weight)| *weight);
        let any = weight("*").unwrap_or(0.0);
        if weight("iso-8859-1").unwrap_or(any) > weight("utf-8").unwrap_or(any) {
            Self::Latin1
        } else {
            Self::Utf8
        }
    }

    /// Whether it is ISO-8859-1.
    pub(crate) fn is_latin1(self) -> bool {
        self == Self::Latin1
    }

    /// Its name in an XML declaration.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Latin1 => "iso-8859-1",
        }
    }

    /// The type of a page.
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Utf8 => "text/xml; charset=utf-8",
            Self::Latin1 => "text/xml; charset=iso-8859-1",
        }
    }

    /// A text as one line of at most `limit` characters, without what XML cannot hold (XML 1.0 §2.2), other control
    /// characters and double spaces.
    pub(crate) fn line(self, text: &str, limit: usize) -> String {
        self.cut(self.spell(&one_line(text)), limit)
    }

    /// At most `limit` characters of a text. What is too long is cut where one letter for people ends, and says so.
    pub(crate) fn cut(self, text: String, limit: usize) -> String {
        if text.chars().count() <= limit {
            return text;
        }
        let ellipsis = self.ellipsis();
        let mut left = limit.saturating_sub(ellipsis.chars().count());
        let kept: String = text
            .graphemes(true)
            .take_while(|letter| {
                let rest = left.checked_sub(letter.chars().count());
                left = rest.unwrap_or_default();
                rest.is_some()
            })
            .collect();
        format!("{}{ellipsis}", kept.trim_end())
    }

    /// The bytes of a text of [`line`](Self::line).
    pub(crate) fn encode(self, text: String) -> Vec<u8> {
        match self {
            Self::Utf8 => text.into_bytes(),
            Self::Latin1 => text.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect(),
        }
    }

    fn ellipsis(self) -> &'static str {
        match self {
            Self::Utf8 => "…",
            Self::Latin1 => "...",
        }
    }

    /// A text in the letters that there are; one question mark for each that there is not.
    fn spell(self, text: &str) -> String {
        match self {
            Self::Utf8 => text.to_owned(),
            Self::Latin1 => text.graphemes(true).map(latin1).collect(),
        }
    }
}

/// One letter for people in ISO-8859-1, or what a typewriter has in its place.
fn latin1(letter: &str) -> Cow<'static, str> {
    let composed: String = letter.nfc().collect();
    if composed.chars().all(|c| u8::try_from(c).is_ok()) {
        return Cow::Owned(composed);
    }
    Cow::Borrowed(match letter {
        "‘" | "’" | "‚" => "'",
        "“" | "”" | "„" => "\"",
        "‐" | "‑" | "–" | "—" | "−" => "-",
        "…" => "...",
        "€" => "EUR",
        "™" => "TM",
        _ => "?",
    })
}

fn weighted(listed: &str) -> (String, f32) {
    let (name, parameters) = listed.split_once(';').unwrap_or((listed, ""));
    let weight = parameters.trim().strip_prefix("q=").and_then(|weight| weight.trim().parse().ok());
    (name.trim().to_ascii_lowercase(), weight.unwrap_or(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_gets_what_it_prefers() {
        for (accepted, charset) in [
            (None, Charset::Utf8),
            (Some("utf-8, iso-8859-1;q=0.8"), Charset::Utf8),
            (Some("iso-8859-1, utf-8;q=0.8"), Charset::Latin1),
            (Some("ISO-8859-1"), Charset::Latin1),
            (Some("iso-8859-1;q=0.5, *"), Charset::Utf8),
            (Some("iso-8859-1, *;q=0.1"), Charset::Latin1),
            (Some("UTF-8"), Charset::Utf8),
            (Some("shift_jis"), Charset::Utf8),
            (Some("iso-8859-1, utf-8"), Charset::Utf8),
            (Some(";;q=,"), Charset::Utf8),
        ] {
            let headers = accepted.map(|value| (header::ACCEPT_CHARSET, value.parse().unwrap()));
            assert_eq!(Charset::accepted(&headers.into_iter().collect()), charset, "{accepted:?}");
        }
    }

    #[test]
    fn letters_that_are_not_there_are_replaced() {
        for (text, in_utf8, in_latin1) in [
            ("Köln – “Büro”…", "Köln – “Büro”…", "Köln - \"Büro\"..."),
            ("Cafe\u{301}", "Cafe\u{301}", "Café"),
            ("👩‍👩‍👧 Familie 日本", "👩‍👩‍👧 Familie 日本", "? Familie ??"),
            ("a\u{0}b\t\tc \u{FFFE} d\u{85}", "a b c d", "a b c d"),
            ("one\r\ntwo\nthree", "one two three", "one two three"),
        ] {
            assert_eq!(Charset::Utf8.line(text, 100), in_utf8);
            assert_eq!(Charset::Latin1.line(text, 100), in_latin1);
        }
    }

    #[test]
    fn what_is_too_long_is_cut_between_letters() {
        for (text, limit, cut) in [
            ("Weekly", 6, "Weekly"),
            ("Weekly staff", 11, "Weekly sta…"),
            ("Weekly staff", 8, "Weekly…"),
            ("ab👩‍👩‍👧cd", 9, "ab👩‍👩‍👧cd"),
            ("ab👩‍👩‍👧cd", 8, "ab👩‍👩‍👧…"),
            ("ab👩‍👩‍👧cd", 7, "ab…"),
            ("e\u{301}e\u{301}e\u{301}", 4, "e\u{301}…"),
            ("abc", 1, "…"),
        ] {
            assert_eq!(Charset::Utf8.line(text, limit), cut, "{text} {limit}");
        }
        assert_eq!(Charset::Latin1.line("Weekly staff", 11), "Weekly s...");
    }
}
