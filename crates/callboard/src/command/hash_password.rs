//! `callboard hash-password`: what the configuration keeps of an administrator's password.

use crate::{cli::Exit, command::Terminal};
use anyhow::Context;
use std::io::BufRead;

/// The fewest characters of a password: sign-ins are counted, so that these cannot be guessed.
const FEWEST: usize = 10;

/// Reads a password and prints its hash.
///
/// # Errors
/// Where it cannot be read, or the hash not be made or written.
pub fn run(typed: &mut dyn BufRead, terminal: &mut Terminal<'_>) -> anyhow::Result<Exit> {
    let mut password = String::new();
    typed.read_line(&mut password).context("standard input: expected a password in UTF-8")?;
    let password = password.trim_end_matches(['\r', '\n']);
    if password.chars().count() < FEWEST {
        writeln!(
            terminal.err,
            "callboard: expected a password of at least {FEWEST} characters on standard input"
        )?;
        return Ok(Exit::Failed);
    }
    writeln!(terminal.out, "{}", feed::Administrator::hash(password)?)?;
    Ok(Exit::Done)
}
