//! Serves a stand-in Exchange on the loopback address.

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use clap::{Parser, ValueEnum};
use exchange_sim::{
    Account, AutomateProcessing, CalendarProcessing, Rights, Room, ServerProfile, SimError, World, script,
    server,
};

/// A stand-in Exchange with rooms that live through a day, for demonstrations and tests.
///
/// It serves Exchange Web Services with Basic sign-in at /EWS/Exchange.asmx, and takes JSON commands under
/// /sim/: GET /sim/state tells what every room's calendar holds. It listens on the loopback address only.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// How many rooms there are: room-1, room-2, …
    #[arg(long, default_value_t = 4, value_name = "COUNT")]
    rooms: u32,

    /// What everything made up follows from: equal seeds give equal days
    #[arg(long, default_value_t = 1)]
    seed: u64,

    /// The port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,

    /// What the rooms do with requests
    #[arg(long, value_enum, default_value_t = Profile::Preserving)]
    profile: Profile,

    /// Which server it is: exchange-2007-sp1, exchange-2010-sp1, exchange-2013, exchange-2016, exchange-2019,
    /// subscription-edition, exchange-online-ews-off or other
    #[arg(long, default_value = "exchange-2019", value_name = "NAME")]
    server: ServerProfile,

    /// Leave the calendars empty and change nothing by itself
    #[arg(long)]
    quiet: bool,

    /// Who may sign in
    #[arg(long, default_value = "svc", value_name = "LOGIN")]
    user: String,

    /// With which password
    #[arg(long, default_value = "secret")]
    password: String,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Profile {
    /// Accept by themselves and keep subject, body and private flag
    Preserving,
    /// Accept by themselves and rewrite everything, as new room mailboxes do
    Defaults,
    /// Leave requests to a proxy
    Proxy,
}

impl Profile {
    fn processing(self) -> CalendarProcessing {
        match self {
            Self::Preserving => CalendarProcessing::preserving(),
            Self::Defaults => CalendarProcessing::default(),
            Self::Proxy => CalendarProcessing::preserving().deciding(AutomateProcessing::AutoUpdate),
        }
    }
}

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
    let world = world(arguments, now())?;
    let running = server::serve(world, &format!("127.0.0.1:{}", arguments.port), Arc::new(now)).await?;
    let mut out = std::io::stdout();
    writeln!(out, "{}", running.ews_url())?;
    writeln!(out, "state: http://{}/sim/state", running.addr())?;
    out.flush()?;
    tokio::signal::ctrl_c().await?;
    running.shutdown().await;
    Ok(())
}

fn world(arguments: &Arguments, now: DateTime<Utc>) -> Result<World, SimError> {
    let mut world = World::new(arguments.seed, now);
    world.set_profile(arguments.server);
    let account = Account::new(&arguments.user, &arguments.password);
    world.add_account(account.with_rights(Rights::Full).impersonating());
    let aliases: Vec<String> = (1..=arguments.rooms).map(|number| format!("room-{number}")).collect();
    for (number, alias) in (1..).zip(&aliases) {
        let room = Room::new(alias).named(&format!("Room {number}"));
        world.add_room(room.processing(arguments.profile.processing()))?;
    }
    if !arguments.quiet {
        let rooms: Vec<&str> = aliases.iter().map(String::as_str).collect();
        script::demo_day(&mut world, now, &rooms)?;
    }
    Ok(world)
}

#[expect(clippy::disallowed_methods, reason = "the program is where the system's clock is read")]
fn now() -> DateTime<Utc> {
    std::time::SystemTime::now().into()
}
