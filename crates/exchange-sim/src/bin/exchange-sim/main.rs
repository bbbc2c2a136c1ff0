//! Serves a stand-in Exchange.

mod arguments;

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use clap::Parser as _;
use exchange_sim::server::{self, Clock, Running};
use exchange_sim::{Account, Rights, Room, SimError, World, Zone, script};

use self::arguments::{Arguments, Way};

/// The application that signs in with tokens.
const APPLICATION: &str = "app";

/// Where the rooms are, in turn.
const ZONES: [&str; 4] = ["UTC", "W. Europe Standard Time", "Eastern Standard Time", "India Standard Time"];

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "exchange-sim: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let running = serve(arguments).await?;
    if let (Some(path), Some(pem)) = (&arguments.ca_out, running.ca_certificate()) {
        std::fs::write(path, pem).map_err(|error| format!("`{}`: {error}", path.display()))?;
    }
    let mut out = std::io::stdout();
    writeln!(out, "{}", running.ews_url())?;
    writeln!(out, "calls: {}/sim/", running.url())?;
    out.flush()?;
    writeln!(std::io::stderr(), "ready: stop it by Ctrl-C")?;
    tokio::signal::ctrl_c().await?;
    running.shutdown().await;
    Ok(())
}

async fn serve(arguments: &Arguments) -> Result<Running, Box<dyn std::error::Error>> {
    let clock: Clock = match arguments.stopped_at {
        Some(instant) => Arc::new(move || instant),
        None => Arc::new(now),
    };
    let world = world(arguments, clock())?;
    let listen = arguments.listen.to_string();
    Ok(if arguments.tls {
        server::serve_tls(world, &listen, clock).await?
    } else {
        server::serve(world, &listen, clock).await?
    })
}

fn world(arguments: &Arguments, now: DateTime<Utc>) -> Result<World, SimError> {
    let mut world = World::new(arguments.seed, now);
    world.set_profile(arguments.server);
    world.set_sign_in(arguments.sign_in());
    let account = Account::new(&arguments.user, &arguments.password);
    world.add_account(account.with_rights(Rights::Full).impersonating());
    if arguments.sign_in.contains(&Way::Bearer) {
        let application = Account::application(APPLICATION, &arguments.password);
        world.add_account(application.with_rights(Rights::Full));
    }
    let aliases: Vec<String> = (1..=arguments.rooms).map(|number| format!("room-{number}")).collect();
    for ((number, alias), zone) in (1..).zip(&aliases).zip(ZONES.iter().cycle()) {
        let room = Room::new(alias).named(&format!("Room {number}")).in_zone(Zone::windows(zone)?);
        world.add_room(room.processing(arguments.processing.calendar()))?;
    }
    if !arguments.quiet {
        let _ = writeln!(std::io::stderr(), "filling the calendars of {} rooms", arguments.rooms);
        let rooms: Vec<&str> = aliases.iter().map(String::as_str).collect();
        script::demo_week(&mut world, now, &rooms)?;
        script::set_pace(&mut world, arguments.pace);
    }
    Ok(world)
}

#[expect(clippy::disallowed_methods, reason = "the program is where the system's clock is read")]
fn now() -> DateTime<Utc> {
    std::time::SystemTime::now().into()
}
