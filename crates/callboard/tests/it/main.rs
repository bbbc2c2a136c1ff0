#![expect(missing_docs, reason = "tests are read by their names")]

mod config;
