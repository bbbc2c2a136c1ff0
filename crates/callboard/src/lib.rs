//! Keeps every TelePresence room's phone and display showing what the room's Exchange calendar says
