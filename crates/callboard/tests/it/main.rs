#![expect(missing_docs, clippy::unwrap_used, reason = "a test may stop, and is read by its name")]

mod config;
