//! How hidden meetings are joined: for the device that dials, and for no other output (rule P1).

use crate::{
    display::{Displayed, PublicKey},
    join::Join,
};
use std::{collections::BTreeMap, fmt};

/// How to join those meetings of a room of which no display may say it.
///
/// It goes to a device that dials beside what is displayed, and to nobody else: whoever makes feeds, pages or messages is given
/// [`Displayed`] alone. It has no form in JSON, and says nothing of itself in logs.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Withheld(BTreeMap<PublicKey, Join>);

impl Withheld {
    /// How a device that dials joins a meeting: as every display says, or as none may. What is tentative cannot be joined.
    pub fn join<'a>(&'a self, meeting: &'a Displayed) -> Option<&'a Join> {
        let withheld = || self.0.get(&meeting.key).filter(|join| !join.is_empty() && !meeting.tentative);
        meeting.join().or_else(withheld)
    }
}

impl FromIterator<(PublicKey, Join)> for Withheld {
    fn from_iter<T: IntoIterator<Item = (PublicKey, Join)>>(joins: T) -> Self {
        Self(joins.into_iter().collect())
    }
}

impl fmt::Debug for Withheld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Withheld(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        display::Words,
        join::{Found, JoinRule, Place},
    };
    use chrono::{DateTime, TimeDelta};

    fn join(address: &str) -> Join {
        let found = Found { address: address.to_owned(), rule: JoinRule::BodyUri, place: Place::Body };
        Join { video: Some(found), ..Join::default() }
    }

    fn meeting(words: Words, tentative: bool) -> Displayed {
        Displayed {
            key: PublicKey::new("00"),
            start: DateTime::UNIX_EPOCH,
            end: DateTime::UNIX_EPOCH,
            all_day: None,
            words,
            tentative,
            lingers: TimeDelta::zero(),
        }
    }

    #[test]
    fn p1_what_dials_is_told_what_no_display_says() {
        let private = || Words::Private { organizer: None };
        let open = |join| Words::Open { title: "Busy".to_owned(), organizer: None, location: None, join };
        let withheld = Withheld::from_iter([(PublicKey::new("00"), join("kim@video.example.com"))]);
        let (said, hidden) = (join("1@video.example.com"), join("kim@video.example.com"));
        for (words, tentative, expected) in [
            (open(said.clone()), false, Some(&said)),
            (open(Join::default()), false, Some(&hidden)),
            (private(), false, Some(&hidden)),
            (private(), true, None),
        ] {
            let meeting = meeting(words, tentative);
            assert_eq!(withheld.join(&meeting), expected);
            assert_eq!(Withheld::default().join(&meeting), meeting.join());
        }
        assert_eq!(format!("{withheld:?}"), "Withheld(..)");
    }
}
