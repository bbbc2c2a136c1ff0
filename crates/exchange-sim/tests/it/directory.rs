//! The rooms, people and time zones that the server names.

use exchange_sim::{Account, MailboxState, Request, Room, ServerProfile, Zone};
use serde_json::json;

use crate::client::{LOGIN, PASSWORD, envelope, hours, ids, morning, text, texts, world};
use crate::valid::{Site, answer, ask, ask_as, attribute, code, code_in, fault};

const LISTS: &str = "<m:GetRoomLists/>";

pub(crate) fn rooms(list: &str) -> String {
    format!("<m:GetRooms><m:RoomList><t:EmailAddress>{list}</t:EmailAddress></m:RoomList></m:GetRooms>")
}

pub(crate) fn resolve(entry: &str, contact: bool) -> String {
    format!(
        "<m:ResolveNames ReturnFullContactData=\"{contact}\"><m:UnresolvedEntry>{entry}</m:UnresolvedEntry>\
         </m:ResolveNames>"
    )
}

pub(crate) fn zones(full: bool, ids: &[&str]) -> String {
    let ids: Vec<String> = ids.iter().map(|id| format!("<t:Id>{id}</t:Id>")).collect();
    let ids = if ids.is_empty() { String::new() } else { format!("<m:Ids>{}</m:Ids>", ids.concat()) };
    format!("<m:GetServerTimeZones ReturnFullTimeZoneData=\"{full}\">{ids}</m:GetServerTimeZones>")
}

#[test]
fn fact_5_5_room_lists_are_those_an_administrator_made() {
    let mut world = world();
    let none = ask(&mut world, morning(), LISTS);
    assert_eq!(code(&none), "NoError");
    assert!(none.contains("<m:RoomLists/>"), "an empty element: {none}");
    world.add_room_list("First floor", "first@lists.example", &["berlin", "oslo"]).unwrap();
    let empty = json!({ "name": "Roof", "address": "roof@lists.example", "rooms": [] });
    let made = world.handle(morning(), &Request::post("/sim/room-lists", empty.to_string()));
    assert_eq!(made.status, 200, "{}", made.text());
    let lists = ask(&mut world, morning(), LISTS);
    assert_eq!(texts(&lists, "t:Name"), ["First floor", "Roof"]);
    assert_eq!(texts(&lists, "t:EmailAddress"), ["first@lists.example", "roof@lists.example"]);
    assert_eq!(texts(&lists, "t:MailboxType"), ["PublicDL"; 2]);
    assert!(world.add_room_list("Sea", "sea@lists.example", &["atlantis"]).is_err());
}

#[test]
fn fact_5_5_a_list_names_its_rooms() {
    let mut world = world();
    world.add_person("kim", "secret").unwrap();
    world.add_room_list("First floor", "first@lists.example", &["oslo", "kim", "berlin", "rome"]).unwrap();
    world.add_room_list("Roof", "roof@lists.example", &[]).unwrap();
    world.set_mailbox_state("rome", MailboxState::Deleted).unwrap();
    let first = ask(&mut world, morning(), &rooms("First@Lists.example"));
    assert_eq!(texts(&first, "t:EmailAddress"), ["oslo@rooms.example", "berlin@rooms.example"]);
    assert_eq!(texts(&first, "t:MailboxType"), ["Mailbox"; 2]);
    let roof = ask(&mut world, morning(), &rooms("roof@lists.example"));
    assert_eq!(code(&roof), "NoError");
    assert!(roof.contains("<m:Rooms/>"), "an empty element: {roof}");
    for stranger in ["cellar@lists.example", "berlin@rooms.example"] {
        let unknown = ask(&mut world, morning(), &rooms(stranger));
        assert_eq!(code(&unknown), "ErrorNameResolutionNoResults", "{stranger}");
        assert!(unknown.contains("GetRoomsResponse ResponseClass=\"Error\""), "{unknown}");
    }
}

#[test]
fn fact_5_5_room_lists_and_zones_came_with_2010() {
    let bodies = [LISTS.to_owned(), rooms("first@lists.example"), zones(false, &[])];
    for body in bodies {
        let mut world = world();
        world.add_room_list("First floor", "first@lists.example", &["berlin"]).unwrap();
        let asked = |world: &mut Site, version: &str, status| {
            let body = envelope("", &body).replace("Exchange2013_SP1", version);
            let request = Request::post("/EWS/Exchange.asmx", body).basic(LOGIN, PASSWORD);
            answer(world, morning(), &request, status)
        };
        assert_eq!(code(&asked(&mut world, "Exchange2010", 200)), "NoError");
        assert_eq!(code_in(&asked(&mut world, "Exchange2007_SP1", 500)), "ErrorInvalidRequest");
        world.set_profile(ServerProfile::Exchange2010Sp1);
        assert_eq!(code(&asked(&mut world, "Exchange2010_SP1", 200)), "NoError");
        world.set_profile(ServerProfile::Exchange2007Sp1);
        let old = asked(&mut world, "Exchange2007_SP1", 500);
        assert!(old.contains("The request failed schema validation."), "{old}");
    }
}

#[test]
fn a_password_says_when_it_ends_since_2010_sp2() {
    let mut world = world();
    let body = "<m:GetPasswordExpirationDate/>";
    let never = ask(&mut world, morning(), body);
    assert!(never.contains("9999-12-31T23:59:59"), "{never}");
    world.add_account(Account::new("brief", "secret").until(hours(30)));
    let told = ask_as(&mut world, "brief", morning(), body);
    assert!(told.contains("<m:PasswordExpirationDate>2026-03-03T14:00:00Z<"), "{told}");
    world.set_profile(ServerProfile::Exchange2010Sp1);
    fault(&mut world, morning(), body);
}

#[test]
fn names_are_resolved_by_their_beginnings() {
    let mut world = world();
    world.add_person("kim", "secret").unwrap();
    for (alias, name) in [("roma-2", "Rome, second"), ("gone", "Rome, closed")] {
        world.add_room(Room::new(alias).named(name)).unwrap();
    }
    world.set_mailbox_state("gone", MailboxState::Deleted).unwrap();
    let table: [(&str, &str, &str, &[&str]); 6] = [
        ("kim", "NoError", "Success", &["kim@people.example"]),
        ("OSLO@rooms.example", "NoError", "Success", &["oslo@rooms.example"]),
        ("smtp:berlin@rooms.example", "NoError", "Success", &["berlin@rooms.example"]),
        ("second", "NoError", "Success", &["roma-2@rooms.example"]),
        (
            "rom",
            "ErrorNameResolutionMultipleResults",
            "Warning",
            &["rome@rooms.example", "roma-2@rooms.example"],
        ),
        ("atlantis", "ErrorNameResolutionNoResults", "Error", &[]),
    ];
    for (entry, expected, class, found) in table {
        let reply = ask(&mut world, morning(), &resolve(entry, false));
        assert_eq!(code(&reply), expected, "{entry}");
        assert_eq!(attribute(&reply, "m:ResolveNamesResponseMessage", "ResponseClass"), class, "{entry}");
        assert_eq!(texts(&reply, "t:EmailAddress"), found, "{entry}");
        if !found.is_empty() {
            let total = attribute(&reply, "m:ResolutionSet", "TotalItemsInView");
            assert_eq!(total, found.len().to_string(), "{entry}");
        }
    }
    let contact = ask(&mut world, morning(), &resolve("second", true));
    assert_eq!(text(&contact, "t:DisplayName"), "Rome, second");
    assert_eq!(text(&contact, "t:ContactSource"), "ActiveDirectory");
}

#[test]
fn no_more_than_100_candidates_are_named() {
    let mut world = world();
    for number in 0..101 {
        world.add_room(Room::new(&format!("cell-{number}"))).unwrap();
    }
    let reply = ask(&mut world, morning(), &resolve("cell", false));
    assert_eq!(texts(&reply, "t:EmailAddress").len(), 100);
    assert_eq!(attribute(&reply, "m:ResolutionSet", "IncludesLastItemInRange"), "false");
    assert_eq!(fault(&mut world, morning(), &resolve("", false)), "ErrorSchemaValidation");
}

#[test]
fn fact_6_8_the_server_tells_its_table_of_zones() {
    let mut world = world();
    let names = ask(&mut world, morning(), &zones(false, &[]));
    let told = ids(&names, "t:TimeZoneDefinition");
    assert!(told.len() > 130, "all zones of Windows, not {}", told.len());
    for id in ["Central Europe Standard Time", "China Standard Time", "UTC-11"] {
        assert!(told.contains(&id.to_owned()), "{id}");
    }
    assert!(!names.contains("t:Period "), "names alone");
    let own = Zone::pair("tzone://Microsoft/Custom", "Europe/Oslo").unwrap();
    let meeting = world.organizer("kim").invites("berlin").to("Review").in_zone(&own);
    meeting.at(morning(), hours(1)).send(morning()).unwrap();
    let names = ask(&mut world, morning(), &zones(true, &[]));
    assert!(ids(&names, "t:TimeZoneDefinition").contains(&own.id().to_owned()), "the zone of an item");
    let some = ask(&mut world, morning(), &zones(false, &["UTC", "Tokyo Standard Time"]));
    assert_eq!(ids(&some, "t:TimeZoneDefinition"), ["UTC", "Tokyo Standard Time"]);
    let unknown = ask(&mut world, morning(), &zones(true, &["UTC", "Lunar Standard Time"]));
    assert_eq!(code(&unknown), "ErrorTimeZone");
}

/// A zone, its biases, and the wall time, month, day and occurrence of its changes.
type Told = (&'static str, &'static [&'static str], &'static [[&'static str; 4]]);

/// Months, days and wall times of the changes, and the biases, as the zones' laws have them in 2026.
#[test]
fn fact_6_4_rules_are_periods_and_the_changes_between_them() {
    let table: [Told; 7] = [
        ("UTC", &["PT0H"], &[]),
        ("India Standard Time", &["-PT5H30M"], &[]),
        (
            "GMT Standard Time",
            &["PT0H", "-PT1H"],
            &[["PT1H", "3", "Sunday", "-1"], ["PT2H", "10", "Sunday", "-1"]],
        ),
        (
            "W. Europe Standard Time",
            &["-PT1H", "-PT2H"],
            &[["PT2H", "3", "Sunday", "-1"], ["PT3H", "10", "Sunday", "-1"]],
        ),
        (
            "FLE Standard Time",
            &["-PT2H", "-PT3H"],
            &[["PT3H", "3", "Sunday", "-1"], ["PT4H", "10", "Sunday", "-1"]],
        ),
        (
            "Eastern Standard Time",
            &["PT5H", "PT4H"],
            &[["PT2H", "3", "Sunday", "2"], ["PT2H", "11", "Sunday", "1"]],
        ),
        (
            "AUS Eastern Standard Time",
            &["-PT10H", "-PT11H"],
            &[["PT3H", "4", "Sunday", "1"], ["PT2H", "10", "Sunday", "1"]],
        ),
    ];
    let mut world = world();
    for (zone, biases, changes) in table {
        let reply = ask(&mut world, morning(), &zones(true, &[zone]));
        let told: Vec<&str> =
            reply.split("<t:Period Bias=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(told, biases, "{zone}");
        let told = texts(&reply, "t:RecurringDayTransition").into_iter().map(|change| {
            ["t:TimeOffset", "t:Month", "t:DayOfWeek", "t:Occurrence"].map(|part| text(&change, part))
        });
        assert_eq!(told.collect::<Vec<_>>(), changes, "{zone}");
        for target in reply.split("<t:To Kind=\"Period\">").skip(1) {
            let target = target.split('<').next().unwrap();
            assert!(reply.contains(&format!("Id=\"{target}\"")), "{zone}: {target}");
        }
    }
}
