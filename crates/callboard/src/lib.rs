//! Keeps every TelePresence room's phone and display showing what the room's Exchange calendar says.
//!
//! This crate joins the others into the program: [`config`] is what an administrator typed and what it means, [`cli`]
//! what can be asked, [`command`] what is done about it, and [`daemon`] the loop that feeds the engine with events and
//! performs its actions.

pub mod cli;
pub mod clocks;
mod closest;
pub mod cmdlets;
pub mod command;
pub mod config;
pub mod control_client;
mod conversing;
pub mod corrected_clock;
pub mod daemon;
mod explaining;
pub mod flight;
mod guarded_process;
mod locating;
mod migrating;
mod offline_resync;
pub mod planning;
pub mod render;
pub mod room_signs;
pub mod site;
pub mod state_dir;
mod switching;
pub mod system_clock;

use cli::{Cli, Exit};
use command::Terminal;
use std::io::{self, IsTerminal};
use tracing_subscriber::EnvFilter;

/// Sets up what a process has once (logging to standard error, no core dumps, the TLS provider) and does what the command line asks.
pub fn main(cli: &Cli) -> Exit {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(cli.log()))
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .init();
    guarded_process::guard();
    // it can only be installed already, and then it is the one that was wanted
    let _ = rustls::crypto::ring::default_provider().install_default();
    let colour = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let (mut out, mut err) = (io::stdout(), io::stderr());
    command::run(cli, &mut Terminal { out: &mut out, err: &mut err, colour, json: false })
}
