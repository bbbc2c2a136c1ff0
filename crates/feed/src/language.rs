//! The languages that displays speak: one file each, `languages/*.json`.
//!
//! Words that a phone and a panel share are told once. A file that lacks a word, or has one too many, does not build a
//! feed: a test reads all of them.

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use meeting_model::display::Displayed;
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, collections::BTreeMap, sync::LazyLock};

/// Every language there is, by its tag (RFC 5646), in lower case.
static ALL: LazyLock<BTreeMap<&str, Language>> = LazyLock::new(|| {
    let files = [
        ("en", include_str!("../languages/en.json")),
        ("en-us", include_str!("../languages/en-us.json")),
        ("de", include_str!("../languages/de.json")),
        ("es", include_str!("../languages/es.json")),
        ("fr", include_str!("../languages/fr.json")),
        ("ja", include_str!("../languages/ja.json")),
    ];
    let read = |text| serde_json::from_str(text).expect("a test reads every language");
    files.into_iter().map(|(tag, text)| (tag, Language { tag, ..read(text) })).collect()
});

/// How one language says what displays show.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Language {
    #[serde(skip)]
    pub(crate) tag: &'static str,
    /// What it calls itself.
    #[serde(rename = "name")]
    pub(crate) _name: String,
    pub(crate) weekdays: [String; 7],
    pub(crate) months: [String; 12],
    pub(crate) date: String,
    short_date: String,
    day: String,
    pub(crate) time: String,
    /// How the end of a day is said, where a day is meant to end and not another to begin.
    pub(crate) midnight: String,
    private: String,
    pub(crate) phone: PhoneWords,
    pub(crate) panel: PanelWords,
}

/// What only phones say. Names of keys are short: a phone shows about nine letters of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PhoneWords {
    pub(crate) select: String,
    pub(crate) update: String,
    pub(crate) next_day: String,
    pub(crate) today: String,
    pub(crate) exit: String,
    pub(crate) back: String,
    pub(crate) join: String,
    pub(crate) now: String,
    pub(crate) all_day: String,
    pub(crate) on_days: String,
    pub(crate) until: String,
    pub(crate) since: String,
    pub(crate) as_of: String,
    pub(crate) unknown: String,
    pub(crate) clock_wrong: String,
    pub(crate) unread: String,
    pub(crate) never_read: String,
    pub(crate) none_today: String,
    pub(crate) none: String,
    pub(crate) no_more: String,
    pub(crate) more_today: String,
    pub(crate) more: String,
    pub(crate) running: String,
    pub(crate) over: String,
    pub(crate) organizer: String,
    pub(crate) location: String,
    pub(crate) gone: String,
    pub(crate) unreadable: String,
    pub(crate) no_such_day: String,
    pub(crate) day_not_read: String,
}

/// What door panels say: sent to the panel as it is. Calendars say one word of it.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PanelWords {
    free: String,
    busy: String,
    held: String,
    unknown: String,
    until: String,
    all_day: String,
    today: String,
    now: String,
    next: String,
    nothing_next: String,
    last_known: String,
    more: String,
    tentative: String,
    day: String,
    stale: String,
    unread: String,
    clock_wrong: String,
    offline: String,
    lost: String,
    gone: String,
    loading: String,
    private: String,
}

impl PanelWords {
    /// What is said before there is anything to say.
    pub(crate) fn loading(&self) -> &str {
        &self.loading
    }

    /// What is said while a clock is wrong.
    pub(crate) fn clock_wrong(&self) -> &str {
        &self.clock_wrong
    }
}

impl Language {
    /// A language by its tag, in any case: `de-CH` is `de` where there is nothing nearer. Absent where there is none.
    pub(crate) fn named(tag: &str) -> Option<&'static Self> {
        let tag = tag.to_ascii_lowercase();
        let nearest = std::iter::successors(Some(tag.as_str()), |tag| Some(tag.rsplit_once('-')?.0));
        nearest.into_iter().find_map(|tag| ALL.get(tag))
    }

    /// The language of those who did not choose one.
    pub(crate) fn default() -> &'static Self {
        Self::named("en").expect("it is among the files")
    }

    /// The tags of all of them.
    pub(crate) fn tags() -> impl Iterator<Item = &'static str> {
        ALL.keys().copied()
    }

    /// `Sat 21 Nov 2026`.
    pub(crate) fn date(&self, date: NaiveDate) -> String {
        self.dated(&self.date, date)
    }

    /// `Sat 21 Nov`.
    pub(crate) fn short_date(&self, date: NaiveDate) -> String {
        self.dated(&self.short_date, date)
    }

    /// `21 Nov`.
    pub(crate) fn day(&self, date: NaiveDate) -> String {
        self.dated(&self.day, date)
    }

    /// `09:30`, or `9:30 AM`.
    pub(crate) fn time(&self, local: NaiveDateTime) -> String {
        let (is_pm, hour12) = local.hour12();
        self.time
            .replace("{HH}", &format!("{:02}", local.hour()))
            .replace("{H}", &local.hour().to_string())
            .replace("{h}", &hour12.to_string())
            .replace("{mm}", &format!("{:02}", local.minute()))
            .replace("{ampm}", if is_pm { "PM" } else { "AM" })
    }

    /// What to call a meeting.
    pub(crate) fn title<'a>(&'a self, meeting: &'a Displayed) -> &'a str {
        if meeting.is_private() { &self.private } else { meeting.title() }
    }

    fn dated(&self, pattern: &str, date: NaiveDate) -> String {
        let name = |names: &[String], index: u32| {
            usize::try_from(index).ok().and_then(|index| names.get(index)).cloned().unwrap_or_default()
        };
        pattern
            .replace("{weekday}", &name(&self.weekdays, date.weekday().num_days_from_monday()))
            .replace("{month}", &name(&self.months, date.month0()))
            .replace("{day}", &date.day().to_string())
            .replace("{year}", &date.year().to_string())
    }
}

/// The languages that displays speak: their tags (RFC 5646), in lower case. A room may name a nearer one, as `de-CH`.
pub fn languages() -> impl Iterator<Item = &'static str> {
    Language::tags()
}

/// A sentence with a value in its place: `until {time}`.
pub(crate) fn filled<'a>(sentence: &'a str, place: &str, value: &str) -> Cow<'a, str> {
    match sentence.split_once(&format!("{{{place}}}")) {
        Some((before, after)) => Cow::Owned(format!("{before}{value}{after}")),
        None => Cow::Borrowed(sentence),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reading them is the test of their words; here, that none says a time or a date by half.
    #[test]
    fn every_language_says_all_of_a_time() {
        let at: NaiveDateTime = "2026-11-01T14:05:00".parse().unwrap();
        let said = Language::tags().map(|tag| {
            let language = Language::named(tag).unwrap();
            format!("{tag}: {} / {}", language.date(at.date()), language.time(at))
        });
        insta::assert_snapshot!(said.collect::<Vec<_>>().join("\n"), @r"
        de: So, 1. Nov. 2026 / 14:05
        en: Sun 1 Nov 2026 / 14:05
        en-us: Sun, Nov 1, 2026 / 2:05 PM
        es: dom 1 nov 2026 / 14:05
        fr: dim. 1 nov. 2026 / 14:05
        ja: 2026年11月1日(日) / 14:05
        ");
    }

    #[test]
    fn the_nearest_language_is_taken() {
        let tag = |wanted| Language::named(wanted).map(|language| language.tag);
        assert_eq!(tag("de-CH"), Some("de"));
        assert_eq!(tag("en-US"), Some("en-us"));
        assert_eq!(tag("en-GB"), Some("en"));
        assert_eq!(tag("tlh"), None);
        assert_eq!(tag(""), None);
    }

    #[test]
    fn keys_have_short_names() {
        for tag in Language::tags() {
            let words = &Language::named(tag).unwrap().phone;
            for name in [
                &words.select,
                &words.update,
                &words.next_day,
                &words.today,
                &words.exit,
                &words.back,
                &words.join,
            ] {
                assert!(name.chars().count() <= 11, "{tag}: {name}");
            }
        }
    }
}
