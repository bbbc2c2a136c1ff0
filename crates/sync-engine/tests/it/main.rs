//! The engine, fed by hand: what it asks for, and what it makes of failures.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

mod bench;
mod compared;
mod located;
mod phones;
mod pushes;
mod reconfigured;
mod rooms;
mod seeking;
mod servers;
mod streams;
