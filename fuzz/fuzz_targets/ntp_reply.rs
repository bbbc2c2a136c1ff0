//! See `ntp_reply` in `tests/fuzzing`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzzing::run("ntp_reply", bytes));
