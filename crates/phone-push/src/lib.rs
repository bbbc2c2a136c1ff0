//! Adapters that deliver a room's meetings to its devices
