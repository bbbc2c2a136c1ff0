//! The store as others use it: on files and in memory, alone and behind its writer.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop")]

mod backups;
mod calendars;
mod commits;
mod crash;
mod deliveries;
mod facts;
mod history;
mod migrations;
mod model;
mod opening;
mod pruning;
mod reader;
mod sample;
mod writer;
