//! `callboard check`: what can be found out before the daemon starts. Phones are not asked.
//!
//! Nothing is changed but for one thing: a subscription to each room is taken and given back, to learn whether there will be
//! one.

mod account;
mod clocks;
mod connection;
mod failure;
mod left_alone;
mod machine;
mod meetings;
mod mirror;
mod report;
mod rights;
mod room;
mod servers;
mod webdav;

pub(crate) use connection::connection;
pub use report::{Accepting, Answers, Finding, Level, Report, Right, RoomFound, Step};

use crate::{
    cli::{Check, Exit},
    command::{Terminal, zones_of},
    config::Config,
    render, site,
    system_clock::SystemClock,
};
use clocks::Listening;
use indicatif::{ProgressBar, ProgressStyle};
use meeting_model::{clock::Clock, zone::ZoneDatabase};
use std::collections::BTreeMap;

/// Tells what is wrong on this machine, then signs in to every server and looks into every room.
///
/// # Errors
/// Where it cannot be written.
pub fn run(
    asked: &Check,
    config: &Config,
    zones: &ZoneDatabase,
    terminal: &mut Terminal<'_>,
) -> anyhow::Result<Exit> {
    let config = &mirror::followed(config);
    let clock = SystemClock::start();
    let mut report = Report::begin(config, zones);
    for warning in &site::warnings(config, zones, clock.now().wall) {
        report.findings.push(Finding::warning(warning.to_string()));
    }
    machine::check(config, &mut report);
    mirror::check(config, zones, clock.now(), &mut report);
    let servers = machine::connections(config, &mut report);
    if !asked.offline {
        let bar = bar(config.rooms.iter().map(|room| room.calendars().count()).sum());
        let left_alone =
            if asked.now { BTreeMap::new() } else { left_alone::accounts(config, clock.now().wall) };
        let checking = servers::check(config, &servers, left_alone, zones, clock, &bar);
        let mut clocks = Listening::begin(config, &servers);
        let both = async { tokio::join!(checking, clocks.measure()) };
        let ((rooms, findings), ()) = super::runtime()?.block_on(both);
        bar.finish_and_clear();
        report.rooms = rooms;
        report.findings.extend(findings);
        report.findings.extend(clocks.findings());
        for subscriber in servers.values() {
            let expiring = site::certificate_warnings(subscriber, clock.now().wall);
            report.findings.extend(expiring.iter().map(|warning| Finding::warning(warning.to_string())));
        }
    }
    if asked.json {
        writeln!(terminal.out, "{}", serde_json::to_string(&report)?)?;
    } else {
        let zones = zones_of(config);
        render::check(&mut terminal.page(&zones), &report)?;
    }
    Ok(report.exit())
}

/// A progress bar, which hides itself where standard error is no terminal.
fn bar(rooms: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} rooms, {elapsed} gone, {eta} to go");
    match style {
        Ok(style) if rooms > 1 => ProgressBar::new(rooms as u64).with_style(style),
        _ => ProgressBar::hidden(),
    }
}
