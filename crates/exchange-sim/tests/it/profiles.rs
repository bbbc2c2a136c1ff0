//! Servers by their version, and one that is not Exchange: what differs is what the version is known for.

use chrono::Duration;
use exchange_sim::{Request, Response, ServerProfile, Spending, ThrottlingPolicy, World};

use crate::client::{
    BERLIN, LOGIN, PASSWORD, call, envelope, find, get_folder, get_item, hours, ids, impersonating, morning,
    request, seconds, sync, text, texts, world,
};
use crate::valid::Site;
use crate::xsd::Schema;

/// A world of a server, whose room holds two meetings and a series of which one occurrence moved.
pub(crate) fn served_by(profile: ServerProfile) -> Site {
    let mut world = world();
    world.set_profile(profile);
    let single = |hour| (hours(hour), hours(hour + 1));
    for (subject, (start, end)) in [("First", single(1)), ("Second", single(3))] {
        world.organizer("kim").invites("berlin").to(subject).at(start, end).send(morning()).unwrap();
    }
    let series =
        world.organizer("lee").invites("berlin").to("Series").at(hours(5), hours(6)).daily().times(5);
    let series = series.send(morning()).unwrap();
    world.advance(seconds(5));
    let day = chrono::NaiveDate::from_ymd_opt(2026, 3, 4).unwrap();
    world.reschedule_occurrence(series, day, hours(60), hours(61), seconds(6)).unwrap();
    world.advance(seconds(12));
    world
}

/// A request written in a version of the schema.
fn in_schema(version: &str, body: &str) -> Request {
    let whole = envelope("", body).replace("Exchange2013_SP1", version);
    Request::post("/EWS/Exchange.asmx", whole).basic(LOGIN, PASSWORD)
}

fn ask(world: &mut World, version: &str, body: &str) -> Response {
    world.handle(seconds(20), &in_schema(version, body))
}

#[test]
fn each_server_tells_its_own_version() {
    let table = [
        (ServerProfile::Exchange2007Sp1, "MajorVersion=\"8\" MinorVersion=\"1\"", "Microsoft-IIS/7.0"),
        (ServerProfile::Exchange2010Sp1, "MajorVersion=\"14\" MinorVersion=\"1\"", "Microsoft-IIS/7.5"),
        (ServerProfile::Exchange2013, "MajorVersion=\"15\" MinorVersion=\"0\"", "Microsoft-IIS/8.5"),
        (ServerProfile::Exchange2016, "MajorVersion=\"15\" MinorVersion=\"1\"", "Microsoft-IIS/10.0"),
        (ServerProfile::Exchange2019, "MinorVersion=\"2\" MajorBuildNumber=\"1544\"", "Microsoft-IIS/10.0"),
        (
            ServerProfile::SubscriptionEdition,
            "MinorVersion=\"2\" MajorBuildNumber=\"2562\"",
            "Microsoft-IIS/10.0",
        ),
    ];
    let schema = Schema::find();
    for (profile, version, server) in table {
        let mut world = served_by(profile);
        let listed = ask(&mut world, "Exchange2007_SP1", &sync(BERLIN, None, 10));
        assert!(listed.text().contains(version), "{profile:?}: {}", listed.text());
        assert_eq!(listed.header_value("Server"), Some(server), "{profile:?}");
        let since_2013 = profile >= ServerProfile::Exchange2013;
        for header in ["X-FEServer", "X-BEServer", "request-id", "X-CalculatedBETarget"] {
            assert_eq!(listed.header_value(header).is_some(), since_2013, "{profile:?}: {header}");
        }
        assert_eq!(listed.header_value("Date"), Some("Mon, 02 Mar 2026 08:00:20 GMT"), "{profile:?}");
        let refused = ask(&mut world, "V2018_01_08", &get_folder(BERLIN));
        if let Some(schema) = &schema {
            schema.check(&format!("{profile:?}"), &listed.text());
            schema.check(&format!("{profile:?}, refused"), &refused.text());
        }
    }
}

#[test]
fn a_schema_newer_than_the_server_is_refused_in_its_own_words() {
    let table = [
        (ServerProfile::Exchange2007Sp1, "Exchange2010", 500, "<ErrorCode"),
        (ServerProfile::Exchange2010Sp1, "Exchange2013", 500, "ErrorInvalidServerVersion"),
        (ServerProfile::Exchange2013, "Exchange2016", 500, "ErrorInvalidServerVersion"),
        (ServerProfile::Exchange2019, "V2018_01_08", 500, "ErrorInvalidServerVersion"),
        (ServerProfile::Other, "V2018_01_08", 200, "NoError"),
    ];
    for (profile, version, status, part) in table {
        let mut world = served_by(profile);
        let reply = ask(&mut world, version, &get_folder(BERLIN));
        assert_eq!(reply.status, status, "{profile:?}");
        assert!(reply.text().contains(part), "{profile:?}: {}", reply.text());
    }
    let old = ask(&mut served_by(ServerProfile::Exchange2007Sp1), "Exchange2010", &get_folder(BERLIN)).text();
    assert_eq!(text(&old, "faultcode"), "s:Client");
    assert!(!old.contains("ResponseCode"), "only the number: {old}");
}

#[test]
fn a_mailbox_on_a_server_of_another_version_fails_alone() {
    let table = [
        (ServerProfile::Exchange2010Sp1, "Exchange2013", "ErrorIncorrectSchemaVersion"),
        (ServerProfile::Exchange2010Sp1, "Exchange2010", "NoError"),
        (ServerProfile::Exchange2010Sp1, "Exchange2007_SP1", "ErrorInvalidSchemaVersionForMailboxVersion"),
        (ServerProfile::Exchange2019, "Exchange2010", "ErrorInvalidSchemaVersionForMailboxVersion"),
        (ServerProfile::Exchange2019, "Exchange2013", "NoError"),
    ];
    for (server, version, expected) in table {
        let mut world = served_by(ServerProfile::Exchange2016);
        world.set_mailbox_server("oslo", server).unwrap();
        let reply = ask(&mut world, version, &get_folder("oslo@rooms.example")).text();
        assert_eq!(texts(&reply, "m:ResponseCode"), [expected], "{server:?} {version}");
        let beside = ask(&mut world, version, &get_folder(BERLIN)).text();
        assert_eq!(texts(&beside, "m:ResponseCode"), ["NoError"], "{server:?} {version}");
    }
}

#[test]
fn what_a_version_does_not_have_it_does_not_answer() {
    let rooms = "<m:GetRoomLists/>";
    let reply = ask(&mut served_by(ServerProfile::Exchange2007Sp1), "Exchange2007_SP1", rooms);
    assert_eq!(reply.status, 500);
    let named =
        get_item("").replace("<m:ItemIds></m:ItemIds>", "<m:ItemIds><t:ItemId Id=\"x\"/></m:ItemIds>");
    let reply = ask(&mut served_by(ServerProfile::Exchange2010Sp1), "Exchange2010_SP1", &named).text();
    assert_eq!(texts(&reply, "m:ResponseCode"), ["ErrorInvalidPropertyRequest"], "item:TextBody is of 2013");

    let zone =
        "<t:TimeZoneContext><t:TimeZoneDefinition Id=\"W. Europe Standard Time\"/></t:TimeZoneContext>";
    let view = find(BERLIN, "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z", None);
    for (profile, start) in [
        (ServerProfile::Exchange2007Sp1, "2026-03-02T09:00:00Z"),
        (ServerProfile::Exchange2010Sp1, "2026-03-02T10:00:00+01:00"),
        (ServerProfile::Other, "2026-03-02T09:00:00Z"),
    ] {
        let asked = envelope(zone, &view).replace("Exchange2013_SP1", "Exchange2007_SP1");
        let asked = Request::post("/EWS/Exchange.asmx", asked).basic(LOGIN, PASSWORD);
        let reply = served_by(profile).handle(seconds(20), &asked).text();
        assert!(texts(&reply, "t:Start").contains(&start.to_owned()), "{profile:?}: {reply}");
    }
}

#[test]
fn changes_come_oldest_first_from_2010_sp1_and_newest_first_since() {
    let order = |profile| {
        let listed = call(&mut served_by(profile), seconds(20), &sync(BERLIN, None, 10)).text();
        ids(&listed, "t:ItemId")
    };
    let asked = |profile| {
        let body = sync(BERLIN, None, 10);
        ids(&ask(&mut served_by(profile), "Exchange2010", &body).text(), "t:ItemId")
    };
    let mut newest_first = order(ServerProfile::Exchange2013);
    newest_first.reverse();
    assert_eq!(asked(ServerProfile::Exchange2010Sp1), newest_first);
    assert_eq!(newest_first.len(), 3);
}

#[test]
fn exchange_online_without_web_services_forbids_them() {
    let mut world = served_by(ServerProfile::ExchangeOnlineEwsOff);
    let reply = call(&mut world, seconds(20), &get_folder(BERLIN));
    assert_eq!((reply.status, reply.body.len()), (403, 0));
    let nobody = Request::post("/EWS/Exchange.asmx", envelope("", &get_folder(BERLIN)));
    assert_eq!(world.handle(seconds(20), &nobody).status, 401);
}

#[test]
fn budgets_are_the_accounts_or_the_impersonated_mailboxes() {
    let mut world = world();
    world.set_profile(ServerProfile::Exchange2019);
    world.set_call_time(Duration::milliseconds(200));
    let own = |body: &str| request("", body);
    let as_berlin = |body: &str| request(&impersonating(BERLIN), body);
    for _ in 0..27 {
        assert_eq!(world.handle(morning(), &own(&get_folder(BERLIN))).status, 200);
    }
    let refused = world.handle(morning(), &own(&get_folder(BERLIN)));
    assert_eq!(refused.status, 500);
    assert!(
        refused.text().contains("<t:Value Name=\"MaxConcurrencyLimit\">27</t:Value>"),
        "{}",
        refused.text()
    );
    for _ in 0..5 {
        assert_eq!(world.handle(morning(), &as_berlin(&sync(BERLIN, None, 10))).status, 200);
    }
    let refused = world.handle(morning(), &as_berlin(&sync(BERLIN, None, 10))).text();
    assert!(refused.contains("<t:Value Name=\"BackOffMilliseconds\">5000</t:Value>"), "{refused}");
    assert!(refused.contains("ConcurrentSyncCalls"));
    let later = world.handle(morning() + Duration::milliseconds(200), &own(&get_folder(BERLIN)));
    assert_eq!((later.status, later.delay), (200, std::time::Duration::from_millis(200)));

    world.set_profile(ServerProfile::Exchange2007Sp1);
    let plain = |_| world.handle(seconds(9), &in_schema("Exchange2007_SP1", &get_folder(BERLIN))).status;
    assert!((0..100).map(plain).all(|status| status == 200), "2007 does not throttle");
}

#[test]
fn who_spent_too_much_is_told_for_how_long_to_stop() {
    let mut world = world();
    let spending = Spending {
        max_burst: Duration::seconds(1),
        recharge_per_hour: Duration::minutes(30),
        cutoff: Duration::zero(),
    };
    world.set_throttling(ThrottlingPolicy { spending: Some(spending), ..ThrottlingPolicy::unlimited() });
    world.set_call_time(Duration::seconds(2));
    assert_eq!(call(&mut world, morning(), &get_folder(BERLIN)).status, 200);
    let busy = call(&mut world, morning(), &get_folder(BERLIN)).text();
    assert!(busy.contains("<t:Value Name=\"BackOffMilliseconds\">2000</t:Value>"), "{busy}");
    assert_eq!(call(&mut world, seconds(3), &get_folder(BERLIN)).status, 200);
}

#[test]
fn fact_3_1_10_syncs_at_a_time_are_counted_since_2016_and_public_folders_have_none() {
    for (profile, limit) in [(ServerProfile::Exchange2013, 27), (ServerProfile::Exchange2016, 5)] {
        let mut world = world();
        world.set_profile(profile);
        world.set_call_time(Duration::milliseconds(200));
        let mut syncs = || world.handle(morning(), &request("", &sync(BERLIN, None, 10))).status;
        assert!((0..limit).all(|_| syncs() == 200), "{profile:?}");
        assert_eq!(syncs(), 500, "{profile:?}");
    }
    let public = sync(BERLIN, None, 10).replace("Id=\"calendar\"", "Id=\"publicfoldersroot\"");
    let reply = call(&mut world(), morning(), &public).text();
    assert_eq!(text(&reply, "m:ResponseCode"), "ErrorFolderNotFound");
}

#[test]
fn exchange_2007_has_no_uid_that_occurrences_share() {
    for (profile, shared) in [(ServerProfile::Exchange2007Sp1, false), (ServerProfile::Exchange2010Sp1, true)]
    {
        let mut world = world();
        world.set_profile(profile);
        let series = world.organizer("lee").invites("berlin").at(hours(5), hours(6)).daily().times(2);
        series.send(morning()).unwrap();
        world.advance(seconds(5));
        let listed = ask(&mut world, "Exchange2007_SP1", &sync(BERLIN, None, 10)).text();
        let view = find(BERLIN, "2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z", None);
        let view = ask(&mut world, "Exchange2007_SP1", &view).text();
        let master = get_item(&format!("<t:ItemId Id=\"{}\"/>", ids(&listed, "t:ItemId")[0]));
        let master = master.replace("<t:FieldURI FieldURI=\"item:TextBody\"/>", "");
        let master = text(&ask(&mut world, "Exchange2007_SP1", &master).text(), "t:UID");
        let uids = texts(&view, "t:UID");
        assert_eq!(uids == [master.clone(), master.clone()], shared, "{profile:?}: {uids:?}");
        assert_eq!(uids[0] == uids[1], shared, "{profile:?}: {uids:?}");
        assert!(uids.iter().all(|uid| uid.starts_with("040000008200E00074C5B7101A82E008")));
        assert_eq!(texts(&view, "t:RecurrenceId").len(), if shared { 2 } else { 0 }, "{profile:?}");
    }
}

#[test]
fn an_unknown_server_is_told_which_there_are() {
    let error = "exchange-2003".parse::<ServerProfile>().unwrap_err().to_string();
    assert!(
        error.starts_with("server profile `exchange-2003` is unknown: expected `exchange-2007-sp1`, "),
        "{error}"
    );
    assert!(ServerProfile::NAMES.iter().all(|(name, _)| error.contains(&format!("`{name}`"))), "{error}");
    let error = "slow".parse::<exchange_sim::script::Pace>().unwrap_err().to_string();
    assert_eq!(error, "pace `slow` is unknown: expected `believable`, `brisk` or `still`");
}
