//! How many calls a world of ten thousand rooms answers in a second, and how much memory it takes: in process, and
//! over HTTP on the loopback address. It runs for a bounded number of calls, on one thread, and counts the time that
//! the thread had a processor where the system tells it: a busy machine does not change the figures much.

#![expect(clippy::disallowed_methods, reason = "a benchmark is there to look at the clock")]

use std::fs;
use std::io::{self, Write as _};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use exchange_sim::{Account, CalendarProcessing, Request, Rights, Room, World, script, server};

const ROOMS: usize = 10_000;
const IN_PROCESS: usize = 20_000;
const OVER_HTTP: usize = 10_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let now: DateTime<Utc> = "2026-03-02T08:00:00Z".parse()?;
    let (took, world) = timed(|| world(now));
    let world = world?;
    say(&format!("{ROOMS} rooms with a day of meetings in {:.1} s, {} MB", took.as_secs_f64(), resident()))?;
    let (world, kinds) = in_process(world, now);
    for (name, count, spent) in &kinds {
        rate(name, *count, *spent)?;
    }
    rate("all, in process", IN_PROCESS, kinds.iter().map(|(.., spent)| *spent).sum())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let took = runtime.block_on(over_http(world, now))?;
    rate("all, over HTTP, client included", OVER_HTTP, took)?;
    say(&format!("{} MB in the end", resident()))?;
    Ok(())
}

/// Each kind of call, how many there were, and what they took together.
type Kinds = [(&'static str, usize, Duration); CALLS.len()];

fn world(now: DateTime<Utc>) -> Result<World, Box<dyn std::error::Error>> {
    let mut world = World::new(1, now);
    world.add_account(Account::new("svc", "secret").with_rights(Rights::Reviewer));
    let aliases: Vec<String> = (1..=ROOMS).map(|number| format!("room-{number}")).collect();
    for alias in &aliases {
        world.add_room(Room::new(alias).processing(CalendarProcessing::preserving()))?;
    }
    let rooms: Vec<&str> = aliases.iter().map(String::as_str).collect();
    script::demo_week(&mut world, now, &rooms)?;
    Ok(world)
}

/// The calls of a client that follows rooms, in turn.
const CALLS: [&str; 4] = ["GetFolder", "SyncFolderItems", "FindItem", "Subscribe"];

fn body(call: usize) -> String {
    let room = call % ROOMS + 1;
    let calendar = format!(
        "<t:DistinguishedFolderId Id=\"calendar\"><t:Mailbox><t:EmailAddress>room-{room}@rooms.example\
         </t:EmailAddress></t:Mailbox></t:DistinguishedFolderId>"
    );
    let body = match call % CALLS.len() {
        0 => format!(
            "<m:GetFolder><m:FolderShape><t:BaseShape>Default</t:BaseShape></m:FolderShape><m:FolderIds>{calendar}\
             </m:FolderIds></m:GetFolder>"
        ),
        1 => format!(
            "<m:SyncFolderItems><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:SyncFolderId>\
             {calendar}</m:SyncFolderId><m:MaxChangesReturned>100</m:MaxChangesReturned></m:SyncFolderItems>"
        ),
        2 => format!(
            "<m:FindItem Traversal=\"Shallow\"><m:ItemShape><t:BaseShape>AllProperties</t:BaseShape></m:ItemShape>\
             <m:CalendarView StartDate=\"2026-03-02T00:00:00Z\" EndDate=\"2026-03-09T00:00:00Z\"/>\
             <m:ParentFolderIds>{calendar}</m:ParentFolderIds></m:FindItem>"
        ),
        _ => format!(
            "<m:Subscribe><m:PullSubscriptionRequest><t:FolderIds>{calendar}</t:FolderIds><t:EventTypes>\
             <t:EventType>ModifiedEvent</t:EventType></t:EventTypes><t:Timeout>30</t:Timeout>\
             </m:PullSubscriptionRequest></m:Subscribe>"
        ),
    };
    format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:m=\"http://schemas.microsoft.com/exchange/services/2006/messages\" \
         xmlns:t=\"http://schemas.microsoft.com/exchange/services/2006/types\"><s:Header>\
         <t:RequestServerVersion Version=\"Exchange2013_SP1\"/></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    )
}

fn in_process(mut world: World, now: DateTime<Utc>) -> (World, Kinds) {
    let mut kinds = CALLS.map(|name| (name, 0, Duration::ZERO));
    for (first, (_, count, spent)) in kinds.iter_mut().enumerate() {
        let calls = (first..IN_PROCESS).step_by(CALLS.len());
        let requests =
            calls.map(|call| Request::post("/EWS/Exchange.asmx", body(call)).basic("svc", "secret"));
        let requests: Vec<Request> = requests.collect();
        let (took, answers) = timed(|| {
            let answers = requests.iter().map(|request| world.handle(now, request));
            answers.filter(|answer| answer.status == 200 && answer.text().contains("NoError")).count()
        });
        assert_eq!(answers, requests.len(), "every call is answered");
        (*count, *spent) = (answers, took);
    }
    (world, kinds)
}

async fn over_http(world: World, now: DateTime<Utc>) -> Result<Duration, Box<dyn std::error::Error>> {
    let running = server::serve(world, "127.0.0.1:0", Arc::new(move || now)).await?;
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().build()?;
    let begun = processor_time();
    for call in 0..OVER_HTTP {
        let asked = http.post(running.ews_url()).basic_auth("svc", Some("secret")).body(body(call));
        let response = asked.send().await?;
        assert_eq!(response.status(), 200);
        response.bytes().await?;
    }
    let took = processor_time().saturating_sub(begun);
    running.shutdown().await;
    Ok(took)
}

fn timed<R>(work: impl FnOnce() -> R) -> (Duration, R) {
    let begun = processor_time();
    let done = work();
    (processor_time().saturating_sub(begun), done)
}

/// How long this thread has had a processor; elsewhere than on Linux, the time since the first call.
fn processor_time() -> Duration {
    static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);
    let statistics = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = statistics.and_then(|text| text.split_whitespace().next()?.parse().ok());
    nanoseconds.map_or_else(|| BEGUN.elapsed(), Duration::from_nanos)
}

fn rate(what: &str, calls: usize, took: Duration) -> io::Result<()> {
    let rate = f64::from(u32::try_from(calls).unwrap_or(u32::MAX)) / took.as_secs_f64();
    say(&format!("{what}: {calls} calls, {rate:.0} a second"))
}

fn say(line: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{line}")
}

/// How much memory the process holds, in megabytes, where the system tells.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}
