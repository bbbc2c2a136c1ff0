//! Every shape of reply is valid by the schemas of Exchange Web Services.

use std::cell::RefCell;
use std::path::PathBuf;
use std::process::Command;

use chrono::NaiveDate;
use exchange_sim::{DayIndex, DayKind, Fault, FreeBusy, Injection, Pattern, Zone};

use crate::client::{
    BERLIN, call, find, get_events, get_folder, get_item, hours, ids, item_id, morning, seconds, subscribe,
    sync, text, unsubscribe, world,
};
use crate::samples::shared;
use crate::valid::Site;

/// The schema of requests and replies. What a test shows it is judged when it is dropped: reading the schema takes
/// `xmllint` a hundred times longer than a reply. Where `CI` is set, `xmllint` must be there.
pub(crate) struct Schema {
    path: PathBuf,
    shown: RefCell<Vec<(String, String)>>,
}

impl Schema {
    /// The schema, or a printed reason to skip.
    pub(crate) fn find() -> Option<Self> {
        shared("xsd/ews-soap.xsd").map(|path| Self { path, shown: RefCell::default() })
    }

    pub(crate) fn check(&self, what: &str, xml: &str) {
        self.shown.borrow_mut().push((what.to_owned(), xml.to_owned()));
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        let shown = self.shown.take();
        if shown.is_empty() || std::thread::panicking() {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let files = shown.iter().zip(0..).map(|((_, xml), number)| {
            let file = folder.path().join(format!("{number}.xml"));
            std::fs::write(&file, xml).unwrap();
            file
        });
        let files: Vec<PathBuf> = files.collect();
        let mut command = Command::new("xmllint");
        let run = match command.args(["--noout", "--nonet", "--schema"]).arg(&self.path).args(&files).output()
        {
            Ok(run) => run,
            Err(error) if std::env::var_os("CI").is_some() => panic!("xmllint: {error}"),
            Err(error) => return println!("skipped: xmllint: {error}"),
        };
        if !run.status.success() {
            let complaint = String::from_utf8_lossy(&run.stderr).into_owned();
            let failing = files
                .iter()
                .zip(&shown)
                .filter(|(file, _)| complaint.contains(&format!("{} fails to validate", file.display())));
            let failing: Vec<_> = failing.map(|(_, reply)| reply).collect();
            panic!("{failing:#?}\n{complaint}");
        }
    }
}

/// Singles, series of every pattern, exceptions, cancelled, private, all-day, booked.
fn eventful() -> Site {
    let mut world = world();
    let berlin = Zone::windows("W. Europe Standard Time").unwrap();
    let day = DayKind::WeekendDay;
    let patterns = [
        Pattern::Daily { interval: 2 },
        Pattern::Weekly {
            interval: 2,
            days: vec![chrono::Weekday::Mon, chrono::Weekday::Fri],
            first_day: chrono::Weekday::Mon,
        },
        Pattern::AbsoluteMonthly { interval: 1, day: 31 },
        Pattern::RelativeMonthly { interval: 1, day, index: DayIndex::Last },
        Pattern::AbsoluteYearly { month: 3, day: 2 },
        Pattern::RelativeYearly { month: 3, day: DayKind::Day, index: DayIndex::Second },
    ];
    for (index, pattern) in (0..).zip(patterns) {
        let series = world.organizer("kim").invites("berlin").to("Series").in_zone(&berlin).with("lee");
        let series = series.at(hours(index), hours(index + 1)).every(pattern);
        let series = if index % 2 == 0 { series.times(9) } else { series };
        series.send(morning()).unwrap();
    }
    let daily = world.organizer("kim").invites("berlin").to("Daily & <more>").at(hours(7), hours(8));
    let daily = daily.daily().until(NaiveDate::from_ymd_opt(2026, 3, 20).unwrap()).send(morning()).unwrap();
    world.advance(seconds(10));
    let date = |day| NaiveDate::from_ymd_opt(2026, 3, day).unwrap();
    world.reschedule_occurrence(daily, date(4), hours(60), hours(61), seconds(11)).unwrap();
    world.cancel_occurrence(daily, date(5), seconds(11)).unwrap();
    world.delete_occurrence("berlin", daily, date(6), seconds(20)).unwrap();
    world.book("berlin", "Cleaning", hours(9), hours(10), seconds(20)).unwrap();
    let private = world.organizer("lee").invites("berlin").and("oslo").to("Secret").private();
    let private =
        private.online("https://meet.example/42").saying("a\nb & c").showing(FreeBusy::WorkingElsewhere);
    private.at(hours(10), hours(11)).send(seconds(20)).unwrap();
    let fair = world.organizer("lee").invites("berlin").in_zone(&berlin).all_day(date(29), 1);
    let fair = fair.send(seconds(20)).unwrap();
    world.advance(seconds(30));
    world.cancel(fair, seconds(30)).unwrap();
    world
}

#[test]
fn replies_are_valid() {
    let Some(schema) = Schema::find() else { return };
    let mut world = eventful();
    let now = seconds(40);
    let mut ask = |what: &str, body: &str| {
        let reply = call(&mut world, now, body).text();
        schema.check(what, &reply);
        reply
    };
    ask("GetFolder", &get_folder(BERLIN));
    ask("GetFolder, unknown mailbox", &get_folder("nobody@rooms.example"));
    let listed = ask("SyncFolderItems", &sync(BERLIN, None, 512));
    ask("SyncFolderItems, bad state", &sync(BERLIN, Some("AAAA"), 512));
    ask("SyncFolderItems, quiet", &sync(BERLIN, Some(&text(&listed, "m:SyncState")), 512));
    ask("SyncFolderItems, all", &sync(BERLIN, None, 512).replace("IdOnly", "AllProperties"));
    let asked: String = ids(&listed, "t:ItemId").iter().map(|id| item_id(id)).collect();
    ask("GetItem, masters and singles", &get_item(&asked));
    ask("GetItem, html", &get_item(&asked).replace("<t:BodyType>Text</t:BodyType>", ""));
    ask(
        "GetItem, errors",
        &get_item("<t:ItemId Id=\"AAMk\"/><t:OccurrenceItemId RecurringMasterId=\"x\" InstanceIndex=\"1\"/>"),
    );
    let view = ask("FindItem", &find(BERLIN, "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z", Some(100)));
    let asked: String = ids(&view, "t:ItemId").iter().map(|id| item_id(id)).collect();
    ask("GetItem, occurrences", &get_item(&asked));
    ask("FindItem, too wide", &find(BERLIN, "2026-03-01T00:00:00Z", "2036-04-01T00:00:00Z", None));
    let subscribed = ask("Subscribe", &subscribe(BERLIN, 30));
    let id = text(&subscribed, "m:SubscriptionId");
    ask("GetEvents, status", &get_events(&id, &text(&subscribed, "m:Watermark")));
    ask("GetEvents, bad watermark", &get_events(&id, "AAAA"));
    ask("Unsubscribe", &unsubscribe(&id));
    ask("Unsubscribe, again", &unsubscribe(&id));
    ask("an operation that is not there", "<m:GetDelegate/>");
}

#[test]
fn events_and_faults_are_valid() {
    let Some(schema) = Schema::find() else { return };
    let mut world = world();
    let subscribed = call(&mut world, morning(), &subscribe(BERLIN, 30)).text();
    let booking = world.book("berlin", "Cleaning", hours(1), hours(2), seconds(1)).unwrap();
    let clash = world.organizer("kim").invites("berlin").to("Clash").at(hours(1), hours(2));
    clash.send(seconds(2)).unwrap();
    world.advance(seconds(9));
    world.delete_from("berlin", booking, seconds(10)).unwrap();
    let (id, watermark) = (text(&subscribed, "m:SubscriptionId"), text(&subscribed, "m:Watermark"));
    let events = call(&mut world, seconds(11), &get_events(&id, &watermark)).text();
    assert!(events.contains("t:MovedEvent") && events.contains("t:DeletedEvent"));
    schema.check("GetEvents", &events);
    for fault in [Fault::ServerBusy, Fault::NonExistentMailbox, Fault::AccessDenied, Fault::OtherOperation] {
        world.inject(Injection::of(fault)).unwrap();
        let reply = call(&mut world, seconds(12), &sync(BERLIN, None, 10)).text();
        schema.check(&format!("{fault:?}"), &reply);
    }
}
