use super::*;
use crate::{access::Addresses, room::Links};
use charset::Charset;
use chrono::NaiveDate;
use document::Content;
use meeting_model::{
    display::{Displayed, Words},
    id::Revision,
    join::Join,
    zone::{RoomZone, ZoneDatabase},
};
use proptest::prelude::*;
use quick_xml::{Reader, events::Event};

mod days;

pub(super) fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(super) fn berlin() -> RoomZone {
    RoomZone::named(&ZoneDatabase::bundled(), "Europe/Berlin").unwrap()
}

pub(super) fn links() -> Links {
    Links::new("http://feed.example.com", &RoomId::new("berlin"), 0).unwrap()
}

pub(super) fn english() -> &'static Language {
    Language::default()
}

fn room(language: &'static Language) -> Room {
    Room {
        id: RoomId::new("berlin"),
        name: "Berlin".into(),
        zone: berlin(),
        language,
        links: links(),
        tokens: Vec::new(),
        devices: Addresses::default(),
    }
}

/// A phone that shows every letter, and one of those that do not.
fn phones() -> [Phone; 2] {
    [Charset::Utf8, Charset::Latin1].map(|charset| Phone { charset, one_line: false, language: english() })
}

pub(super) fn new_phone() -> Phone {
    phones()[0]
}

pub(super) fn meeting(title: &str, start: DateTime<Utc>, end: DateTime<Utc>) -> Displayed {
    Displayed {
        key: PublicKey::new("0123456789abcdef0123456789abcdef"),
        start,
        end,
        all_day: None,
        words: Words::Open {
            title: title.to_owned(),
            organizer: None,
            location: None,
            join: Join::default(),
        },
        tentative: false,
        lingers: TimeDelta::zero(),
    }
}

/// Nine o'clock in Berlin on 21 November 2026.
pub(super) fn present(meetings: Vec<Displayed>) -> Present {
    Present {
        room: RoomId::new("berlin"),
        room_name: "Berlin".to_owned(),
        rev: Revision(1),
        now: utc("2026-11-21T08:00:00Z"),
        zone: berlin(),
        meetings,
        spells: Vec::new(),
        as_of: Some(utc("2026-11-21T08:00:00Z")),
    }
}

#[test]
fn a_page_is_fetched_again_when_it_will_look_different() {
    let soon = |seconds| {
        let start = utc("2026-11-21T08:00:00Z") + TimeDelta::milliseconds(seconds);
        vec![meeting("soon", start, start + TimeDelta::hours(1))]
    };
    for (meetings, age, seconds) in [
        (vec![], TimeDelta::zero(), 300),
        (soon(90_000), TimeDelta::zero(), 90),
        (soon(90_001), TimeDelta::zero(), 91),
        (soon(1), TimeDelta::zero(), 1),
        (vec![], TimeDelta::minutes(14), 60),
        (vec![], TimeDelta::minutes(15), 300),
    ] {
        let mut present = present(meetings);
        present.as_of = Some(present.now - age);
        let next = next_look(&present);
        assert_eq!(super::seconds(next - present.now), seconds, "{age}");
    }
    let mut late = present(Vec::new());
    late.now = utc("2026-11-21T22:59:00Z");
    late.as_of = None;
    assert_eq!(next_look(&late), utc("2026-11-21T23:00:00Z"), "midnight in Berlin");
}

/// Anything that a room's copy of a meeting could hold, and more.
fn any_meeting() -> impl Strategy<Value = Displayed> {
    // The long ones are rare: they take most of the time.
    let long = "[a&<>'\"\\]\u{0}\u{301}\u{200d}👩👧 \n]{0,5000}";
    let text = prop_oneof![8 => any::<String>(), 8 => "\\PC{0,400}", 1 => long];
    let minutes = -3000_i64..3000;
    let dates = proptest::option::of((0_u64..5, 0_u64..3));
    (minutes.clone(), 0_i64..4000, dates, text.clone(), proptest::option::of(text)).prop_map(
        |(start, length, dates, title, person)| {
            let start = utc("2026-11-21T08:00:00Z") + TimeDelta::minutes(start);
            let first = |days| "2026-11-19".parse::<NaiveDate>().unwrap() + chrono::Days::new(days);
            Displayed {
                all_day: dates.map(|(days, more)| (first(days), first(days + more))),
                words: Words::Open {
                    title: title.clone(),
                    organizer: person.clone(),
                    location: person,
                    join: Join::default(),
                },
                ..meeting(&title, start, start + TimeDelta::minutes(length))
            }
        },
    )
}

/// Every text of a document with the name of its element, after a look at every character.
fn texts(document: &[u8], charset: Charset) -> Vec<(String, String)> {
    let text: String = match charset {
        Charset::Utf8 => String::from_utf8(document.to_vec()).unwrap(),
        Charset::Latin1 => document.iter().map(|byte| char::from(*byte)).collect(),
    };
    let allowed =
        |c: char| c == '\n' || (c >= ' ' && !matches!(c, '\u{7F}'..='\u{9F}' | '\u{FFFE}' | '\u{FFFF}'));
    assert!(text.chars().all(allowed), "{text:?}");
    let mut reader = Reader::from_str(&text);
    let (mut texts, mut inside) = (Vec::<(String, String)>::new(), false);
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                texts.push((start.name().as_ref().to_owned(), String::new()));
                inside = true;
            }
            Event::End(_) => inside = false,
            Event::Text(text) if inside => texts.last_mut().unwrap().1.push_str(&text),
            Event::GeneralRef(name) => {
                let letter = match &*name {
                    "amp" => '&',
                    "lt" => '<',
                    "gt" => '>',
                    "quot" => '"',
                    "apos" => '\'',
                    other => panic!("{other}"),
                };
                texts.last_mut().unwrap().1.push(letter);
            }
            Event::Eof => return texts,
            _ => {}
        }
    }
}

fn check(page: &Page, phone: Phone) {
    for (element, text) in texts(&page.xml(phone), phone.charset) {
        let limit = match element.as_str() {
            "Title" | "Prompt" => 32,
            "Name" => 64,
            "URL" => 256,
            "Text" => 4000,
            _ => usize::MAX,
        };
        assert!(text.chars().count() <= limit, "{element}: {text}");
    }
}

proptest! {
    #[test]
    fn every_meeting_makes_documents_within_limits(meetings in proptest::collection::vec(any_meeting(), 0..4)) {
        let room = room(english());
        let pages = Pages { links: &room.links, token: None, day: None };
        let present = present(meetings);
        let now = present.now;
        let today = day::local_day(&present.zone, now);
        for phone in phones() {
            let menu = menu::page(&present, &today, pages, phone);
            let Content::Menu(items) = &menu.content else { unreachable!("a menu") };
            prop_assert!(!items.is_empty() && items.len() <= 100);
            check(&menu, phone);
            for meeting in &present.meetings {
                let page = details::page(meeting, None, now, &room, pages, english());
                check(&page, phone);
                let text = texts(&page.xml(phone), phone.charset).pop().unwrap().1;
                prop_assert!(text.contains(&wording::when(meeting, &room.zone, english())), "a long title hides nothing");
            }
        }
    }
}
