//! Columns that stand under each other.

use super::{Page, Tint, plain};
use std::io;

/// One field of a table.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    text: String,
    tint: Tint,
}

impl Cell {
    pub(super) fn new(tint: Tint, text: impl AsRef<str>) -> Self {
        Self { text: plain(text.as_ref()), tint }
    }

    pub(super) fn plain(text: impl AsRef<str>) -> Self {
        Self::new(Tint::Plain, text)
    }

    fn width(&self) -> usize {
        self.text.chars().count()
    }
}

/// Writes rows of cells, each column as wide as its widest cell, behind an indent.
pub(super) fn table<const N: usize>(page: &mut Page<'_>, indent: &str, rows: &[[Cell; N]]) -> io::Result<()> {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.width().max(*width);
        }
    }
    for row in rows {
        let mut line = indent.to_owned();
        let mut gap = 0;
        for (width, cell) in widths.iter().zip(row) {
            // Padding is written before the next text, so that no line ends in it.
            if !cell.text.is_empty() {
                line.push_str(&" ".repeat(gap));
                line.push_str(&page.paint(cell.tint, &cell.text));
                gap = 0;
            }
            gap += width.saturating_sub(cell.width()) + if *width == 0 { 0 } else { 2 };
        }
        page.line(&line)?;
    }
    Ok(())
}

/// A row of column titles.
pub(super) fn heading<const N: usize>(titles: [&str; N]) -> [Cell; N] {
    titles.map(|title| Cell::new(Tint::Heading, title))
}
