//! What somebody probably meant.

/// How much two words must have in common before one is offered for the other.
const ALIKE: f64 = 0.8;

/// The longest word, in bytes, that anything is offered for: twice the longest known one, the name of a zone. To hold a whole page
/// against hundreds of names takes longer than everything else that is done with a file.
const LONGEST: usize = 64;

/// How alike two words are, from 0 to 1, whatever their case.
pub(crate) fn likeness(asked: &str, known: &str) -> f64 {
    if asked.len() > LONGEST {
        return 0.0;
    }
    strsim::jaro_winkler(&asked.to_lowercase(), &known.to_lowercase())
}

/// The known word most like the one asked for, if any is like it at all.
pub(crate) fn closest<'a>(asked: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|word| (likeness(asked, word), word))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, word)| word)
}

/// ``: did you mean `time_zone`?``, or nothing.
pub(crate) fn did_you_mean<'a>(asked: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    closest(asked, known).map_or_else(String::new, |word| format!(": did you mean `{word}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_word_is_offered_and_a_stranger_is_not() {
        let known = ["time_zone", "tentative", "mailbox", "password_file"];
        let table = [
            ("timezone", Some("time_zone")),
            ("Mailbox", Some("mailbox")),
            ("password", Some("password_file")),
            ("capacity", None),
        ];
        for (asked, expected) in table {
            assert_eq!(closest(asked, known), expected, "{asked}");
        }
        assert_eq!(closest(&"mailbox".repeat(10), ["mailbox"]), None, "a page is no word");
    }
}
