use super::*;
use crate::{
    example::meeting,
    item::{Person, Response},
};

#[test]
fn s1_as_written_without_controls_and_overrides() {
    let long = "x".repeat(300);
    let cases = [
        ("  Budget \r\n", "Budget"),
        ("BUDGET -- 2026!!", "BUDGET -- 2026!!"),
        ("Bud\u{0}get\u{7}\tplan", "Budgetplan"),
        ("\u{202E}tegduB\u{202C} \u{2066}x\u{2069}", "tegduB x"),
        (
            "\u{5EA}\u{5E7}\u{5E6}\u{5D9}\u{5D1} \u{200F}2026",
            "\u{5EA}\u{5E7}\u{5E6}\u{5D9}\u{5D1} \u{200F}2026",
        ),
        ("Cafe\u{301} \u{1F469}\u{200D}\u{1F680}", "Cafe\u{301} \u{1F469}\u{200D}\u{1F680}"),
        (" \u{202E} ", ""),
        (&long, &long),
    ];
    for (raw, expected) in cases {
        assert_eq!(clean(raw), expected, "{raw:?}");
    }
}

#[test]
fn s1_a_display_cuts_between_graphemes() {
    let cases = [
        ("Budget", 6, "Budget"),
        ("Budget", 5, "Budg\u{2026}"),
        ("Budget plan", 8, "Budget\u{2026}"),
        ("e\u{301}e\u{301}e\u{301}", 3, "e\u{301}e\u{301}e\u{301}"),
        ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}\u{2026}"),
        ("\u{1F469}\u{200D}\u{1F680}\u{1F469}\u{200D}\u{1F680}", 1, "\u{2026}"),
        ("Budget", 0, ""),
        ("", 3, ""),
    ];
    for (text, graphemes, expected) in cases {
        assert_eq!(shortened(text, graphemes), expected, "{text} {graphemes}");
    }
}

#[test]
fn s2_s3_what_the_booking_attendant_leaves_is_no_subject() {
    // (organizer, subject, as written, where the organizer's name is known to be put before it)
    let cases = [
        ("Kim Jones", "Budget", Some("Budget"), Some("Budget")),
        ("Kim Jones", "", None, None),
        ("Kim Jones", " \r\n", None, None),
        ("Kim Jones", "Kim Jones", None, None),
        ("Kim Jones", " KIM JONES ", None, None),
        ("Ren\u{e9} \u{d6}z", "Rene\u{301} o\u{308}z", None, None),
        ("Kim Jones", "Kim Jones review", Some("Kim Jones review"), Some("review")),
        ("Kim Jones", "kim jones  review of it", Some("kim jones  review of it"), Some("review of it")),
        ("Ren\u{e9}", "Rene\u{301} Cafe\u{301}", Some("Rene\u{301} Cafe\u{301}"), Some("Cafe\u{301}")),
        ("Kim Jones", "Kim Jonesy", Some("Kim Jonesy"), Some("Kim Jonesy")),
        ("Kim Jones", "On Kim Jones review", Some("On Kim Jones review"), Some("On Kim Jones review")),
        ("", "Budget", Some("Budget"), Some("Budget")),
    ];
    for (organizer, subject, plain, prefixed) in cases {
        let mut item = meeting("m", "2026-03-02T08:00:00Z");
        item.organizer = Some(Person { name: Some(organizer.to_owned()), address: None });
        item.subject = Some(subject.to_owned());
        let mut naming = Naming { mailboxes: &["room@example.com".to_owned()], has_prefix: false };
        assert_eq!(written(&item, naming).as_deref(), plain, "{subject}");
        naming.has_prefix = true;
        assert_eq!(written(&item, naming).as_deref(), prefixed, "{subject}");
        item.response = Response::Organizer;
        let untouched = clean(subject);
        assert_eq!(written(&item, naming), (!untouched.is_empty()).then_some(untouched), "{subject}");
    }
}

#[test]
fn a_long_subject_of_blanks_costs_little() {
    let mut item = meeting("m", "2026-03-02T08:00:00Z");
    item.subject = Some("x ".repeat(500_000));
    let naming = Naming { mailboxes: &["room@example.com".to_owned()], has_prefix: true };
    assert_eq!(written(&item, naming).unwrap().len(), 999_999);
}

#[test]
fn s4_a_subject_never_seen() {
    assert_eq!(placeholder(Some("Kim Jones")), "Meeting (Kim Jones)");
    assert_eq!(placeholder(None), "Meeting");
    for (title, expected) in [("Meeting", true), ("Meeting (Kim)", true), ("Meeting on Kim", false)] {
        assert_eq!(is_placeholder(title), expected, "{title}");
    }
}
