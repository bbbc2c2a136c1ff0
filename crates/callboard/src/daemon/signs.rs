//! What the rooms' meetings show of how Exchange treats them, as they were last planned.

use crate::room_signs::{RoomSigns, generation};
use control::Warning;
use meeting_model::id::RoomId;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};
use sync_engine::Engine;

/// The signs of every room that was planned. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Signs(Arc<Mutex<BTreeMap<RoomId, RoomSigns>>>);

impl Signs {
    /// A room was planned.
    pub(crate) fn put(&self, room: &RoomId, signs: RoomSigns) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(room.clone(), signs);
    }

    /// What is wrong with the engine's rooms. Those that are no longer its own are forgotten.
    pub(crate) fn warnings(&self, engine: &Engine) -> Vec<Warning> {
        let mut signs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let versions: BTreeMap<_, _> = engine.servers().map(|(id, server)| (id, server.version())).collect();
        let rooms: BTreeMap<_, _> = engine.rooms().collect();
        signs.retain(|room, _| rooms.contains_key(room));
        let told = signs.iter().filter_map(|(id, signs)| {
            let room = rooms.get(id)?;
            let plan = room.plan();
            let server = versions.get(&plan.server).copied().flatten().and_then(generation);
            Some(signs.warnings(room.shown_by(), &plan.mailbox, server))
        });
        told.flatten().collect()
    }
}
