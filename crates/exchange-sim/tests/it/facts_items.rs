//! The facts of calendar items: fields, states, exceptions, identity, online meetings.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::NaiveDate;
use exchange_sim::{FreeBusy, Request};

use crate::client::{
    BERLIN, LOGIN, PASSWORD, envelope, find, get_item, hours, ids, item_id, morning, seconds, sync, text,
    texts, world,
};
use crate::valid::{Site, answer, ask, item};

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, day).unwrap()
}

fn in_version(world: &mut Site, version: &str) -> String {
    let id = ids(&ask(world, seconds(9), &sync(BERLIN, None, 9)), "t:ItemId").remove(0);
    let body = get_item(&item_id(&id)).replace("<t:FieldURI FieldURI=\"item:TextBody\"/>", "");
    let body = envelope("", &body).replace("Exchange2013_SP1", version);
    let request = Request::post("/EWS/Exchange.asmx", body).basic(LOGIN, PASSWORD);
    answer(world, seconds(9), &request, 200)
}

#[test]
fn fact_4_1_fields_come_with_their_schema_version() {
    let mut world = world();
    let online =
        world.organizer("kim").invites("berlin").online("https://meet.example/1").at(hours(1), hours(2));
    online.showing(FreeBusy::WorkingElsewhere).send(morning()).unwrap();
    world.advance(seconds(5));
    let since: [(&str, &[&str]); 3] = [
        (
            "Exchange2007_SP1",
            &["t:Start", "t:UID", "t:MyResponseType", "t:AppointmentState", "t:DateTimeStamp"],
        ),
        ("Exchange2010", &["t:StartTimeZone", "t:EndTimeZone"]),
        (
            "Exchange2013",
            &["t:StartTimeZoneId", "t:StartWallClock", "t:JoinOnlineMeetingUrl", "t:IsOrganizer"],
        ),
    ];
    for (asked, (version, _)) in since.iter().enumerate() {
        let reply = in_version(&mut world, version);
        for (known, (_, fields)) in since.iter().enumerate() {
            for field in *fields {
                let there = reply.contains(&format!("<{field}>")) || reply.contains(&format!("<{field} "));
                assert_eq!(there, known <= asked, "{field} in {version}");
            }
        }
        let shown = text(&reply, "t:LegacyFreeBusyStatus");
        assert_eq!(shown == "WorkingElsewhere", *version == "Exchange2013", "{version}");
    }
}

#[test]
fn fact_4_1_only_occurrences_have_an_original_start() {
    let mut world = world();
    let series = world.organizer("kim").invites("berlin").at(hours(1), hours(2));
    series.daily().times(2).send(morning()).unwrap();
    let master = item(&mut world, seconds(9), BERLIN);
    assert!(!master.contains("t:RecurrenceId"));
    let view = find(BERLIN, "2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z", None);
    let view = ask(&mut world, seconds(9), &view);
    assert_eq!(texts(&view, "t:OriginalStart"), texts(&view, "t:Start"));
    assert_eq!(texts(&view, "t:RecurrenceId"), ["2026-03-02T09:00:00Z", "2026-03-03T09:00:00Z"]);
}

#[test]
fn fact_4_3_states_are_bits() {
    let mut world = world();
    world.add_person("kim", "secret").unwrap();
    world.book("berlin", "Cleaning", hours(7), hours(8), morning()).unwrap();
    let review = world.organizer("kim").invites("berlin").to("Review").at(hours(1), hours(2));
    let review = review.send(morning()).unwrap();
    let states = |world: &mut Site, address: &str, now| {
        let view = find(address, "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z", None);
        let seen = if address == BERLIN {
            ask(world, now, &view)
        } else {
            crate::valid::ask_as(world, "kim", now, &view)
        };
        (texts(&seen, "t:AppointmentState"), texts(&seen, "t:IsCancelled"))
    };
    let (own, _) = states(&mut world, "kim@people.example", seconds(9));
    assert_eq!(own, ["1"], "the organizer's meeting");
    assert_eq!(states(&mut world, BERLIN, seconds(9)).0, ["3", "0"], "received; a plain appointment");
    world.cancel(review, seconds(10)).unwrap();
    let (bits, cancelled) = states(&mut world, BERLIN, seconds(11));
    assert_eq!((bits[0].as_str(), cancelled[0].as_str()), ("7", "true"));
}

#[test]
fn fact_4_4_a_master_keeps_the_books() {
    let mut world = world();
    let series = world.organizer("kim").invites("berlin").to("Stand-up").at(hours(1), hours(2));
    let series = series.daily().times(5).send(morning()).unwrap();
    world.reschedule_occurrence(series, day(3), hours(30), hours(31), seconds(10)).unwrap();
    world.rename_occurrence(series, day(4), "Other", seconds(10)).unwrap();
    world.delete_occurrence("berlin", series, day(5), seconds(20)).unwrap();
    let master = item(&mut world, seconds(30), BERLIN);
    let modified = text(&master, "t:ModifiedOccurrences");
    assert_eq!(texts(&modified, "t:Start"), ["2026-03-03T14:00:00Z", "2026-03-04T09:00:00Z"]);
    assert_eq!(texts(&modified, "t:OriginalStart"), ["2026-03-03T09:00:00Z", "2026-03-04T09:00:00Z"]);
    assert!(!modified.contains("t:Subject"), "an exception of the same time is listed without what it says");
    assert_eq!(text(&text(&master, "t:DeletedOccurrences"), "t:Start"), "2026-03-05T09:00:00Z");
}

#[test]
fn fact_4_5_identity_is_the_global_object_id() {
    let mut world = world();
    let series = world.organizer("kim").invites("berlin").and("oslo").at(hours(1), hours(2));
    series.daily().times(2).send(morning()).unwrap();
    let view = |world: &mut Site, address: &str| {
        let view = find(address, "2026-03-03T00:00:00Z", "2026-03-04T00:00:00Z", None);
        let id = ids(&ask(world, seconds(9), &view), "t:ItemId").remove(0);
        let whole = ask(world, seconds(9), &get_item(&item_id(&id)));
        let values = texts(&whole, "t:Value");
        let decoded = [0, 1].map(|index: usize| STANDARD.decode(&values[index]).unwrap());
        (id, text(&whole, "t:UID"), decoded)
    };
    let (id, uid, [whole, clean]) = view(&mut world, BERLIN);
    let (other, same, values) = view(&mut world, "oslo@rooms.example");
    assert_ne!(id, other);
    assert_eq!((&uid, [&whole, &clean]), (&same, values.each_ref()));
    assert_eq!(whole[16..20], [0x07, 0xEA, 3, 3]);
    assert_eq!(clean[16..20], [0; 4]);
    let hex = clean.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().concat();
    assert_eq!(uid, hex);
    assert!(uid.starts_with("040000008200E00074C5B7101A82E008"));
}

#[test]
fn fact_4_6_a_join_address_survives_what_the_room_deletes() {
    let mut world = world();
    world.set_processing("berlin", exchange_sim::CalendarProcessing::default()).unwrap();
    let online = world.organizer("kim").invites("berlin").online("https://meet.example/1");
    online.saying("Join: https://meet.example/1").at(hours(1), hours(2)).send(morning()).unwrap();
    let room = item(&mut world, seconds(9), BERLIN);
    assert_eq!(text(&room, "t:JoinOnlineMeetingUrl"), "https://meet.example/1");
    assert!(room.contains("<t:TextBody BodyType=\"Text\"/>") && !room.contains("Join:"));
}
