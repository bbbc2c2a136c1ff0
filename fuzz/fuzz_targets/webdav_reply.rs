//! See `webdav_reply` in `tests/fuzzing`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzzing::run("webdav_reply", bytes));
