//! The whole program: what it shows, what it says when something is wrong, and what is left after it is killed.

mod shown;

/// The real program, built from its own `main`.
const CALLBOARD: &str = env!("CARGO_BIN_EXE_callboard-under-test");
