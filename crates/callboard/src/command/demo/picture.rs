//! The phones, drawn so that they fit a terminal.

use exchange_sim::phone::Screen;
use std::io;
use terminal_size::{Height, Width, terminal_size_of};

/// How wide a phone's text is drawn at most, in characters.
const WIDTH: usize = 46;

/// How many lines of a phone are drawn at most, and at least where there are several phones.
const LINES: std::ops::RangeInclusive<usize> = 4..=8;

/// How many phones are drawn at most.
const PHONES: usize = 4;

/// What a phone takes beside its lines: the frame, and its title.
const FRAME: usize = 3;

/// What stands above the first picture, and below each: the opening, and the line of the cursor.
const AROUND: usize = 5;

/// How many phones are left out, the last change, and the figures.
const FOOT: usize = 3;

/// A terminal's size, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) rows: usize,
    pub(super) columns: usize,
}

impl Size {
    /// The size of the terminal that standard output is, if it is one; one that does not know has 24 rows of 80.
    pub(super) fn of_stdout() -> Option<Self> {
        if !io::IsTerminal::is_terminal(&io::stdout()) {
            return None;
        }
        let (Width(columns), Height(rows)) =
            terminal_size_of(io::stdout()).unwrap_or((Width(80), Height(24)));
        Some(Self { rows: rows.into(), columns: columns.into() })
    }

    /// How many of so many phones fit, and how many lines of each.
    pub(super) fn phones(self, rooms: usize) -> (usize, usize) {
        let room = self.rows.saturating_sub(AROUND + FOOT);
        let phones = (room / (FRAME + LINES.start())).clamp(1, PHONES).min(rooms.max(1));
        (phones, (room / phones).saturating_sub(FRAME).clamp(1, *LINES.end()))
    }

    /// The phones of the first rooms, and below them what happened last and the figures. Every line ends with a line feed.
    pub(super) fn picture(
        self,
        phones: &[(&str, Screen)],
        rooms: usize,
        last: &str,
        figures: &str,
    ) -> String {
        let width = WIDTH.min(self.columns.saturating_sub(4));
        let (shown, lines) = self.phones(rooms);
        let mut picture = Vec::new();
        let row = |text: &str| format!("│ {:width$} │", cut(text, width));
        for (name, screen) in phones.iter().take(shown) {
            picture.push(format!(
                "┌{:─<1$}┐",
                format!("─ {} ", cut(name, width.saturating_sub(2))),
                width + 2
            ));
            picture.push(row(&format!("{}  {}", screen.title, screen.prompt)));
            picture.extend((0..lines).map(|n| row(screen.lines.get(n).map_or("", String::as_str))));
            picture.push(format!("└{}┘", "─".repeat(width + 2)));
        }
        if rooms > shown {
            let left_out = rooms - shown;
            picture.push(format!("and {left_out} more phone{}", if left_out == 1 { "" } else { "s" }));
        }
        picture.push(cut(last, self.columns));
        picture.push(cut(figures, self.columns));
        picture.join("\n") + "\n"
    }
}

/// What fits; what does not ends with `…`.
fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_fits_its_terminal() {
        let screen = Screen {
            lines: vec!["09:00-10:00 A very long name for a meeting".into(); 9],
            ..Screen::default()
        };
        let phones = vec![("sao-paulo", screen); 4];
        let long = "x".repeat(300);
        for (rows, columns, drawn) in
            [(24, 80, (2, 5)), (12, 40, (1, 1)), (50, 200, (4, 7)), (90, 80, (4, 8)), (29, 80, (3, 4))]
        {
            let size = Size { rows, columns };
            assert_eq!(size.phones(500), drawn, "{size:?}");
            let picture = size.picture(&phones, 500, &long, &long);
            assert!(picture.lines().count() + AROUND <= rows, "{size:?}: {picture}");
            for line in picture.lines() {
                assert!(line.chars().count() <= columns, "{size:?}: {line}");
            }
        }
    }

    #[test]
    fn a_picture_shows_phones_with_their_lines() {
        let screen = Screen {
            title: "berlin".into(),
            prompt: "Sat 21 Nov 2026".into(),
            lines: vec!["Now 09:00-10:00 Budget".into(), "10:00-11:00 Supplier meeting".into()],
            ..Screen::default()
        };
        let size = Size { rows: 10, columns: 26 };
        let picture = size.picture(&[("berlin", screen)], 2, "last", "figures");
        let expected = "\
┌─ berlin ───────────────┐
│ berlin  Sat 21 Nov 20… │
│ Now 09:00-10:00 Budget │
└────────────────────────┘
and 1 more phone
last
figures
";
        assert_eq!(picture, expected);
    }
}
