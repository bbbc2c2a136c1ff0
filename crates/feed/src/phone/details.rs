//! One meeting.

use super::{
    document::{Content, Page, SoftKey},
    wording,
};
use crate::{
    language::{Language, filled},
    room::{Pages, Room},
};
use chrono::{DateTime, Utc};
use meeting_model::{
    day::{self, Phase},
    display::Displayed,
    join::Dials,
};

/// The longest number that is dialled: an address has 256 characters at most.
const LONGEST_NUMBER: usize = 128;

/// The page of a meeting.
pub(crate) fn page(
    meeting: &Displayed,
    as_of: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    room: &Room,
    pages: Pages<'_>,
    language: &Language,
) -> Page {
    let today = day::local_day(&room.zone, now);
    let hours = || match day::of_day(std::slice::from_ref(meeting), &today).first() {
        Some(meeting) => wording::hours(meeting, &today, &room.zone, language),
        None => language.date(day::local_day(&room.zone, meeting.start).date),
    };
    let staleness = wording::staleness(as_of, now, &room.zone, language);
    let unknown = wording::unknown(as_of, now, &room.zone, language);
    Page {
        title: language.title(meeting).to_owned(),
        is_urgent: staleness.is_some(),
        prompt: staleness.or_else(|| Some(hours())),
        keys: keys(meeting, now, pages, language),
        content: Content::Text(unknown.into_iter().chain(lines(meeting, now, room, language)).collect()),
    }
}

/// The page of a meeting that is not there.
pub(crate) fn gone(room: &Room, pages: Pages<'_>, language: &Language) -> Page {
    Page::notice(&room.name, &language.phone.gone, vec![back(pages, language)], language)
}

fn lines(meeting: &Displayed, now: DateTime<Utc>, room: &Room, language: &Language) -> Vec<String> {
    let words = &language.phone;
    let phase = match day::phase(meeting, now) {
        Phase::Running => Some(words.running.clone()),
        Phase::Past => Some(words.over.clone()),
        Phase::Coming => None,
    };
    let named = |sentence: &str, name: &str| filled(sentence, "name", name).into_owned();
    let lines = [
        Some(language.title(meeting).to_owned()),
        Some(wording::when(meeting, &room.zone, language)),
        phase,
        meeting.organizer().map(|organizer| named(&words.organizer, organizer)),
        meeting.location().map(|location| named(&words.location, location)),
    ];
    lines.into_iter().flatten().collect()
}

fn keys(meeting: &Displayed, now: DateTime<Utc>, pages: Pages<'_>, language: &Language) -> Vec<SoftKey> {
    let words = &language.phone;
    let join = Some(meeting).filter(|meeting| day::phase(meeting, now) != Phase::Past);
    let join = join.and_then(dialled).map(|url| SoftKey::new(&words.join, url));
    let others = [
        back(pages, language),
        SoftKey::new(&words.update, "SoftKey:Update"),
        SoftKey::new(&words.exit, "SoftKey:Exit"),
    ];
    join.into_iter().chain(others).collect()
}

/// What a phone dials to join a meeting: digits only (Application Development Notes 7.1, "Dial"). Without any there is no
/// key to join.
pub(super) fn dialled(meeting: &Displayed) -> Option<String> {
    let number = &meeting.join()?.for_display(Dials::Digits)?.address;
    let is_dialled = |c: char| c.is_ascii_digit() || matches!(c, '#' | '*' | ',' | 'A'..='D');
    let fits = (1..=LONGEST_NUMBER).contains(&number.len()) && number.chars().all(is_dialled);
    fits.then(|| format!("Dial:{number}"))
}

/// No page is on the phone's stack, so that this one says where it came from.
fn back(pages: Pages<'_>, language: &Language) -> SoftKey {
    SoftKey::new(&language.phone.back, pages.menu_before())
}
