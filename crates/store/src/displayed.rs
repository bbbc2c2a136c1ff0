//! A row of `display` as the value it holds.

use crate::column::instant;
use chrono::TimeDelta;
use meeting_model::{
    display::{Displayed, PublicKey, Words},
    join::Join,
};
use rusqlite::Row;

/// The columns of a displayed meeting, in the order [`from_row`] reads them.
macro_rules! columns {
    () => {
        "display.public_key, display.starts_at, display.ends_at, display.first_day, display.last_day, \
         display.title, display.organizer, display.location, display.tentative, display.private, display.join_by"
    };
}
pub(crate) use columns;

/// The meeting of a row that begins with [`columns`], where the row holds one.
pub(crate) fn from_row_or_none(row: &Row<'_>) -> rusqlite::Result<Option<Displayed>> {
    row.get::<_, Option<String>>(0)?.map(|_| from_row(row)).transpose()
}

/// The meeting of a row that begins with [`columns`].
pub(crate) fn from_row(row: &Row<'_>) -> rusqlite::Result<Displayed> {
    let days: (Option<String>, Option<String>) = (row.get(3)?, row.get(4)?);
    let words = if row.get(9)? {
        Words::Private { organizer: row.get(6)? }
    } else {
        Words::Open { title: row.get(5)?, organizer: row.get(6)?, location: row.get(7)?, join: join(row)? }
    };
    Ok(Displayed {
        key: PublicKey::new(row.get::<_, String>(0)?),
        start: instant(row.get(1)?)?,
        end: instant(row.get(2)?)?,
        all_day: days.0.and_then(|first| Some((first.parse().ok()?, days.1?.parse().ok()?))),
        words,
        tentative: row.get(8)?,
        lingers: TimeDelta::zero(),
    })
}

fn join(row: &Row<'_>) -> rusqlite::Result<Join> {
    let Some(text) = row.get::<_, Option<String>>(10)? else { return Ok(Join::default()) };
    let text_column = rusqlite::types::Type::Text;
    serde_json::from_str(&text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(10, text_column, Box::new(error)))
}
