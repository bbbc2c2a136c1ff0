//! Another day than today, as it is asked for in an address.

use super::{
    document::{Page, SoftKey},
    parameter,
};
use crate::{
    language::Language,
    room::{Pages, Room},
    server::Shared,
};
use axum::http::StatusCode;
use chrono::{NaiveDate, TimeDelta};
use std::time::Duration;

/// Why nothing is said of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoDay {
    /// It is not a day.
    NotOne,
    /// Not all of it is stored: it may hold meetings that nobody knows of.
    NotRead,
}

impl NoDay {
    /// A key of ours leads to a day that is not read, and phones show what such keys lead to when it is well.
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::NotOne => StatusCode::BAD_REQUEST,
            Self::NotRead => StatusCode::OK,
        }
    }

    pub(super) fn page(self, room: &Room, pages: Pages<'_>, language: &Language) -> Page {
        let words = &language.phone;
        let sentence = match self {
            Self::NotOne => &words.no_such_day,
            Self::NotRead => &words.day_not_read,
        };
        Page::notice(&room.name, sentence, vec![SoftKey::new(&words.today, pages.menu())], language)
    }
}

/// The day that a query asks for, where that is not today.
///
/// # Errors
///
/// When it asks for what is no day, or for one that is not wholly stored.
pub(super) fn other_day(
    query: Option<&str>,
    today: NaiveDate,
    feed: &Shared,
) -> Result<Option<NaiveDate>, NoDay> {
    let Some(text) = parameter(query, "day") else { return Ok(None) };
    let date: NaiveDate = text.parse().map_err(|_why| NoDay::NotOne)?;
    let days = |span: Duration| TimeDelta::from_std(span).map_or(i64::MAX, |span| span.num_days());
    let distance = (date - today).num_days();
    match distance {
        0 => Ok(None),
        _ if -days(feed.back) < distance && distance < days(feed.ahead) => Ok(Some(date)),
        _ => Err(NoDay::NotRead),
    }
}
