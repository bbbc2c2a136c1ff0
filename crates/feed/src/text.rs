//! What calendars say, as far as it can be shown in a line.

/// A text in one line, without control characters, without what XML cannot hold (XML 1.0 §2.2), without double spaces, and
/// without what turns the direction of the text behind it (Unicode UAX #9, explicit formatting): that would reach beyond
/// the meeting it is in.
pub(crate) fn one_line(text: &str) -> String {
    let is_space = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}');
    let turns = |c: char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let straight: String = text.chars().filter(|c| !turns(*c)).collect();
    straight.split(is_space).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one() {
        for (text, line) in [
            ("a\u{0}b\t\tc \u{FFFE} d\u{85}", "a b c d"),
            ("one\r\ntwo\u{2028}three", "one two three"),
            ("pay \u{202E}exe.fdp\u{202C} now", "pay exe.fdp now"),
            ("\u{2067}x\u{2069}", "x"),
            (" \r\n", ""),
        ] {
            assert_eq!(one_line(text), line);
        }
    }
}
