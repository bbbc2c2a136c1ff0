//! What stands before a number in an invitation, in several languages: labels tell numbers apart, lengths do not.

use super::text::Text;
use unicode_normalization::UnicodeNormalization;

const LABELS: &str = include_str!("labels.tsv");

/// What a number is.
#[derive(Clone, Copy)]
pub(super) enum Label {
    /// Of a Teams meeting, for an interop gateway.
    VideoId,
    /// Of a Zoom meeting.
    Passcode,
    /// Of a Webex meeting.
    AccessCode,
}

/// As labels are compared: composed (NFC), without case, with plain blanks and apostrophes.
pub(super) fn folded(text: &str) -> String {
    let plain = |c: char| match c {
        '\u{2019}' => '\'',
        c if c.is_whitespace() => ' ',
        c => c,
    };
    text.nfc().map(plain).flat_map(char::to_lowercase).collect()
}

/// The digits behind a label: in its line, or, where that ends with the label, in the next one that is not empty. Blanks and
/// hyphens between them are left out.
pub(super) fn digits(text: &Text, label: Label) -> Option<String> {
    let kind = match label {
        Label::VideoId => "video-id",
        Label::Passcode => "passcode",
        Label::AccessCode => "access-code",
    };
    let labels = || LABELS.lines().filter_map(|row| row.split_once('\t')).filter(|(of, _)| *of == kind);
    let lines: Vec<String> = text.lines.iter().map(|line| folded(line)).collect();
    lines.iter().enumerate().find_map(|(number, line)| {
        let rest = labels().find_map(|(_, label)| Some(line.split_once(label)?.1))?;
        let rest = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
        if rest.is_empty() {
            leading(lines.iter().skip(number + 1).find(|line| !line.trim().is_empty())?)
        } else {
            leading(rest)
        }
    })
}

/// The number a text begins with. A word of digits and letters is none.
fn leading(text: &str) -> Option<String> {
    let words = text.split([' ', '-']).filter(|word| !word.is_empty());
    let digits_of = |word: &str| word.chars().take_while(char::is_ascii_digit).collect::<String>();
    let mut number = String::new();
    for word in words {
        let digits = digits_of(word);
        let rest = word.get(digits.len()..).unwrap_or_default();
        if digits.is_empty() || rest.starts_with(char::is_alphanumeric) {
            break;
        }
        number.push_str(&digits);
        if !rest.is_empty() {
            break;
        }
    }
    (!number.is_empty()).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f_digits_are_read_by_their_label() {
        let cases = [
            ("Passcode: 123456", Some("123456")),
            ("passcode - 123 456.", Some("123456")),
            ("Passcode: 12ab34", None),
            ("Passcode: aB3xY\nKenncode: 77", Some("77")),
            ("Passcode:\n\n  991#", Some("991")),
            ("Passcode: 123 abc 456", Some("123")),
            ("The code is 123456", None),
            ("PASSCODE\u{a0}:\u{a0}12", Some("12")),
        ];
        for (text, expected) in cases {
            assert_eq!(digits(&Text::of(text), Label::Passcode).as_deref(), expected, "{text}");
        }
    }
}
