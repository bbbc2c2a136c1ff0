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

fn leading(text: &str) -> Option<String> {
    let run = text.trim_start().chars().take_while(|c| c.is_ascii_digit() || *c == ' ' || *c == '-');
    let digits: String = run.filter(char::is_ascii_digit).collect();
    (!digits.is_empty()).then_some(digits)
}
