//! Rule A1 of a direct booking: its cancellation leaves it in the room's calendar, free, with a word before its subject in
//! the language of whoever cancelled it.

/// The words, one a line.
const PREFIXES: &str = include_str!("../../data/cancelled_prefixes.txt");

/// Whether a subject begins with such a word and its colon.
pub(super) fn is_cancelled(subject: &str) -> bool {
    let Some((word, _)) = subject.split_once([':', '：']) else { return false };
    let word = word.trim().to_lowercase();
    PREFIXES.lines().any(|prefix| prefix == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_is_known_in_many_languages() {
        for subject in
            ["Cancelled: Review", "CANCELED: Review", "Abgesagt: Review", "Annulé : Revue", "已取消: 会议"]
        {
            assert!(is_cancelled(subject), "{subject}");
        }
        for subject in ["Cancelled", "Review: cancelled", "Not cancelled: Review"] {
            assert!(!is_cancelled(subject), "{subject}");
        }
    }
}
