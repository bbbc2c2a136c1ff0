//! Today's menus as they were made, for as long as they are right.
//!
//! Thousands of phones fetch the same few pages every minute. A menu is right until something is committed, until one of
//! its meetings starts or ends, until it has to say how old it is, or until its room's day is over.

use super::{model::Phone, seconds, wording};
use crate::{
    room::{self, Room},
    server::Shared,
};
use axum::body::Bytes;
use chrono::{DateTime, Utc};
use meeting_model::id::RoomId;
use std::{
    collections::BTreeMap,
    sync::{PoisonError, RwLock},
};
use store::RoomMeta;

/// Who looks at which room, and when.
pub(super) struct Look<'a> {
    pub(super) room: &'a Room,
    pub(super) phone: Phone,
    /// Their pages carry a token: nothing of them is kept.
    pub(super) has_token: bool,
    pub(super) now: DateTime<Utc>,
}

/// Everything a menu depends on but the room and the time: letters, lines, language.
type Form = (bool, bool, &'static str);

/// Menus as they were made.
#[derive(Debug, Default)]
pub(crate) struct KeptMenus(RwLock<BTreeMap<RoomId, BTreeMap<Form, Kept>>>);

#[derive(Debug)]
struct Kept {
    version: i64,
    meta: RoomMeta,
    made_at: DateTime<Utc>,
    next: DateTime<Utc>,
    staleness: Option<String>,
    body: Bytes,
}

impl KeptMenus {
    /// The menu, and after how many seconds to look again.
    pub(super) fn get(&self, feed: &Shared, look: &Look<'_>) -> Option<(Bytes, i64)> {
        if look.has_token {
            return None;
        }
        let version = feed.reader.version().ok()?;
        let menus = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let kept = menus.get(&look.room.id)?.get(&form(look.phone))?;
        let as_of = {
            let health = feed.health.borrow();
            room::as_of(&kept.meta, room::of_room(&health, &look.room.id))
        };
        let is_right = kept.version == version
            && (kept.made_at..kept.next).contains(&look.now)
            && kept.staleness == staleness(look, as_of);
        is_right.then(|| (kept.body.clone(), seconds(kept.next - look.now)))
    }

    /// Keeps a menu of rows that were read under a version.
    pub(super) fn keep(
        &self,
        look: &Look<'_>,
        version: Option<i64>,
        meta: &RoomMeta,
        as_of: Option<DateTime<Utc>>,
        next: DateTime<Utc>,
        body: &Bytes,
    ) {
        let Some(version) = version.filter(|_| !look.has_token) else { return };
        let kept = Kept {
            version,
            meta: meta.clone(),
            made_at: look.now,
            next,
            staleness: staleness(look, as_of),
            body: body.clone(),
        };
        let mut menus = self.0.write().unwrap_or_else(PoisonError::into_inner);
        menus.entry(look.room.id.clone()).or_default().insert(form(look.phone), kept);
    }
}

fn form(phone: Phone) -> Form {
    (phone.charset.is_latin1(), phone.one_line, phone.language.tag)
}

fn staleness(look: &Look<'_>, as_of: Option<DateTime<Utc>>) -> Option<String> {
    wording::staleness(as_of, look.now, &look.room.zone, look.phone.language)
}
