//! The stand-in Exchange seen from outside: what goes in and what comes out.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may stop, and says why it skips"
)]

mod affinity;
mod attendant;
mod autodiscover;
mod availability;
mod cancelled;
mod client;
mod codes;
mod control;
mod convert_id;
mod determinism;
mod directory;
mod every_fault;
mod facts_fields;
mod facts_items;
mod facts_processing;
mod facts_rooms;
mod facts_sync;
mod facts_views;
mod faults;
mod find_folder;
mod find_item;
mod finding;
mod hanging;
mod mailboxes;
mod meeting_requests;
mod notifications;
mod other_server;
mod phones;
mod profiles;
mod program;
mod push;
mod request_schema;
mod samples;
mod server;
mod settings;
mod sign_in;
mod specs;
mod streaming;
mod streaming_connections;
mod streaming_faults;
mod subscriptions;
mod sync;
mod valid;
mod webdav;
mod week;
mod writing;
mod xsd;
