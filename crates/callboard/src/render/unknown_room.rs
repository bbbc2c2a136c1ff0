//! A room id that is not known.

use super::{Page, Tint};
use crate::closest::{did_you_mean, likeness};
use std::io;

/// How many known rooms are listed.
const LISTED: usize = 10;

/// Writes that a room is not known, which one was probably meant, and which there are, the closest first.
///
/// # Errors
/// When it cannot be written.
pub fn unknown_room(page: &mut Page<'_>, asked: &str, known: &[&str]) -> io::Result<()> {
    let hint = did_you_mean(asked, known.iter().copied());
    let sentence = page.paint(Tint::Bad, &format!("no room `{asked}`{hint}"));
    page.line(&sentence)?;
    let mut nearest = known.to_vec();
    nearest.sort_by(|a, b| likeness(asked, b).total_cmp(&likeness(asked, a)).then(a.cmp(b)));
    let listed: Vec<_> = nearest.iter().take(LISTED).copied().collect();
    let more = match known.len().saturating_sub(LISTED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let rooms = page.paint(Tint::Plain, &format!("known rooms: {}{more}", listed.join(", ")));
    page.line(&rooms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::tests::page_without_zones;
    use insta::assert_snapshot;

    #[test]
    fn the_closest_rooms_come_first() {
        let known = ["auditorium", "boardroom-1", "boardroom-9", "cellar"];
        assert_snapshot!(page_without_zones(|page| unknown_room(page, "bordroom-9", &known)), @"
        no room `bordroom-9`: did you mean `boardroom-9`?
        known rooms: boardroom-9, boardroom-1, auditorium, cellar
        ");
    }

    #[test]
    fn a_stranger_gets_no_suggestion_and_a_long_list_is_cut() {
        let known: Vec<_> = (0..12).map(|n| format!("room-{n:02}")).collect();
        let known: Vec<_> = known.iter().map(String::as_str).collect();
        assert_snapshot!(page_without_zones(|page| unknown_room(page, "xyz", &known)), @"
        no room `xyz`
        known rooms: room-00, room-01, room-02, room-03, room-04, room-05, room-06, room-07, room-08, room-09 and 2 more
        ");
    }
}
