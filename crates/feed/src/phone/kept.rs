//! Today's menus as they were made, for as long as they are right.
//!
//! Thousands of phones fetch the same few pages every minute. A menu is right until its room has another revision, until one
//! of its meetings starts or ends, until it has to say how old it is, or until its room's day is over.

use super::{model::Phone, wording};
use crate::{
    room::{self, Room},
    server::Shared,
};
use axum::body::Bytes;
use chrono::{DateTime, Utc};
use meeting_model::id::{Revision, RoomId};
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

/// A menu.
#[derive(Debug, Clone)]
pub(super) struct Menu {
    pub(super) body: Bytes,
    /// The revision of its room that it shows.
    pub(super) rev: Revision,
    /// When to look again though nothing was committed.
    pub(super) next: DateTime<Utc>,
}

/// Everything a menu depends on but the room and the time: letters, lines, language.
type Form = (bool, bool, &'static str);

/// Menus as they were made.
#[derive(Debug, Default)]
pub(crate) struct KeptMenus(RwLock<BTreeMap<RoomId, BTreeMap<Form, Kept>>>);

#[derive(Debug)]
struct Kept {
    /// It was right under this version of the store.
    version: i64,
    meta: RoomMeta,
    made_at: DateTime<Utc>,
    staleness: Option<String>,
    menu: Menu,
}

impl KeptMenus {
    /// The menu, where it is right under this version of the store. Where anything was committed since it was made, its room
    /// is asked for its revision: as a rule it was about another room, or about a device that has its page.
    pub(super) async fn get(&self, feed: &Shared, look: &Look<'_>, version: Option<i64>) -> Option<Menu> {
        let version = version.filter(|_| !look.has_token)?;
        let (menu, made_under) = self.kept(feed, look)?;
        if made_under == version {
            return Some(menu);
        }
        let meta = feed.reader.room(look.room.id.clone()).await.ok()?;
        if meta.rev != menu.rev {
            return None;
        }
        self.confirm(look, version, meta);
        self.kept(feed, look).map(|(menu, _)| menu)
    }

    /// The menu, where it is right if its room's revision is still the same, and the version under which that was known.
    fn kept(&self, feed: &Shared, look: &Look<'_>) -> Option<(Menu, i64)> {
        let menus = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let kept = menus.get(&look.room.id)?.get(&form(look.phone))?;
        let as_of = {
            let health = feed.health.borrow();
            room::as_of(&kept.meta, room::of_room(&health, &look.room.id), look.now)
        };
        let is_right =
            (kept.made_at..kept.menu.next).contains(&look.now) && kept.staleness == staleness(look, as_of);
        is_right.then(|| (kept.menu.clone(), kept.version))
    }

    /// The room has the same revision under another version of the store.
    fn confirm(&self, look: &Look<'_>, version: i64, meta: RoomMeta) {
        let mut menus = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let kept = menus.get_mut(&look.room.id).and_then(|forms| forms.get_mut(&form(look.phone)));
        if let Some(kept) = kept.filter(|kept| kept.meta.rev == meta.rev) {
            (kept.version, kept.meta) = (version, meta);
        }
    }

    /// Keeps a menu of rows that were read under a version.
    pub(super) fn keep(&self, look: &Look<'_>, version: Option<i64>, meta: &RoomMeta, menu: &Menu) {
        let Some(version) = version.filter(|_| !look.has_token) else { return };
        let kept = Kept {
            version,
            meta: meta.clone(),
            made_at: look.now,
            staleness: staleness(look, meta.as_of),
            menu: menu.clone(),
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
