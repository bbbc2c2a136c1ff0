//! Nothing but tests: see `tests/house.rs`.
