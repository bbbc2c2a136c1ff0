//! The program. Everything is in the library.

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    callboard::main(&callboard::cli::Cli::parse()).into()
}
