//! Keeps every TelePresence room's phone and display showing what the room's Exchange calendar says

pub mod cli;
mod closest;
pub mod config;
pub mod render;
