//! The facts of sync: SyncFolderItems, and GetItem after it.

use chrono::NaiveDate;
use exchange_sim::{Fault, Injection, MeetingHandle, Rights, Stray, World};

use crate::client::{
    BERLIN, LOGIN, find, get_events, get_item, hours, ids, item_id, morning, seconds, sync, text, texts,
    world,
};
use crate::valid::{Site, ask, attribute, code, fault, items};

pub(crate) fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, day).unwrap()
}

pub(crate) fn daily(world: &mut World) -> MeetingHandle {
    let series =
        world.organizer("kim").invites("berlin").to("Stand-up").saying("Every day").at(hours(1), hours(2));
    let series = series.daily().times(4).send(morning()).unwrap();
    world.advance(seconds(9));
    series
}

fn singles(world: &mut World, count: i64) {
    for index in 0..count {
        let single = world.organizer("kim").invites("berlin").to(&format!("Meeting {index}"));
        single.at(hours(3 + index), hours(4 + index)).send(seconds(10 + index)).unwrap();
    }
    world.advance(seconds(60));
}

pub(crate) fn march() -> String {
    find(BERLIN, "2026-03-01T00:00:00Z", "2026-03-31T00:00:00Z", None)
}

#[test]
fn fact_3_1_1_a_page_has_1_to_512_changes() {
    let mut world = world();
    let (most, scope) = ("</m:MaxChangesReturned>", "<m:SyncScope>NormalItems</m:SyncScope>");
    let whole = sync(BERLIN, None, 9).replace(most, &format!("{most}{scope}"));
    let whole = whole.replace("<m:MaxC", "<m:SyncState/><m:Ignore/><m:MaxC");
    ask(&mut world, morning(), &whole);
    for (part, place) in
        [("<m:SyncState/>", "<m:ItemShape>"), ("<m:Ignore/>", "<m:SyncState/>"), (scope, "<m:MaxC")]
    {
        let moved = whole.replace(part, "").replace(place, &format!("{part}{place}"));
        assert_eq!(fault(&mut world, morning(), &moved), "ErrorSchemaValidation", "{moved}");
    }
    for (most, fine) in [(0, false), (1, true), (512, true), (513, false)] {
        if fine {
            ask(&mut world, morning(), &sync(BERLIN, None, most));
        } else {
            assert_eq!(fault(&mut world, morning(), &sync(BERLIN, None, most)), "ErrorSchemaValidation");
        }
    }
}

#[test]
fn fact_3_1_2_pages_go_on_until_the_last() {
    let mut world = world();
    singles(&mut world, 5);
    let (mut state, mut found) = (None, Vec::new());
    for last in ["false", "false", "true"] {
        let page = ask(&mut world, seconds(61), &sync(BERLIN, state.as_deref(), 2));
        assert_eq!(text(&page, "m:IncludesLastItemInRange"), last);
        found.extend(ids(&page, "t:ItemId"));
        state = Some(text(&page, "m:SyncState"));
    }
    found.sort();
    found.dedup();
    assert_eq!(found.len(), 5);
    let quiet = ask(&mut world, seconds(61), &sync(BERLIN, state.as_deref(), 2));
    assert!(quiet.contains("<m:Changes/>"));
}

#[test]
fn fact_3_1_3_a_state_is_bound_to_its_mailbox() {
    let mut world = world();
    singles(&mut world, 1);
    let state = text(&ask(&mut world, seconds(61), &sync(BERLIN, None, 9)), "m:SyncState");
    let elsewhere = ask(&mut world, seconds(61), &sync("oslo@rooms.example", Some(&state), 9));
    assert_eq!(code(&elsewhere), "ErrorInvalidSyncStateData");
}

#[test]
fn fact_3_1_4_a_damaged_state_is_an_error() {
    let mut world = world();
    let reply = ask(&mut world, morning(), &sync(BERLIN, Some("H4sIAAAA"), 9));
    assert_eq!(code(&reply), "ErrorInvalidSyncStateData");
    let sentence = "Synchronization state data is corrupt or otherwise invalid.";
    assert_eq!(text(&reply, "m:MessageText"), sentence);
    assert!(!reply.contains("<m:Changes"));
}

#[test]
fn fact_3_1_5_changes_come_newest_first() {
    let mut world = world();
    singles(&mut world, 3);
    let page = sync(BERLIN, None, 9).replace("IdOnly", "Default");
    let page = ask(&mut world, seconds(61), &page);
    assert_eq!(texts(&page, "t:Subject"), ["Meeting 2", "Meeting 1", "Meeting 0"]);
}

#[test]
fn fact_3_1_6_a_sync_has_neither_bodies_nor_recurrences() {
    let mut world = world();
    let series = daily(&mut world);
    world.rename_occurrence(series, day(3), "Other", seconds(10)).unwrap();
    world.delete_occurrence("berlin", series, day(4), seconds(20)).unwrap();
    let page = ask(&mut world, seconds(30), &sync(BERLIN, None, 9).replace("IdOnly", "AllProperties"));
    for absent in
        ["t:Body", "t:Recurrence>", "t:ModifiedOccurrences", "t:DeletedOccurrences", "t:Attachments"]
    {
        assert!(!page.contains(absent), "{absent}");
    }
    let whole = items(&mut world, seconds(30), BERLIN).remove(0);
    for present in ["t:TextBody", "t:Recurrence>", "t:ModifiedOccurrences", "t:DeletedOccurrences"] {
        assert!(whole.contains(present), "{present}");
    }
}

#[test]
fn fact_3_1_7_an_occurrence_changes_as_an_update_of_its_master() {
    let mut world = world();
    let series = daily(&mut world);
    let page = ask(&mut world, seconds(9), &sync(BERLIN, None, 9));
    assert_eq!(ids(&page, "t:ItemId").len(), 1, "occurrences are not items");
    let (master, mut key) = (attribute(&page, "t:ItemId", "Id"), attribute(&page, "t:ItemId", "ChangeKey"));
    let mut state = text(&page, "m:SyncState");
    for step in 0..3 {
        let now = seconds(20 * (step + 1));
        match step {
            0 => world.rename_occurrence(series, day(3), "Other", now).unwrap(),
            1 => world.delete_occurrence("berlin", series, day(4), now).unwrap(),
            _ => world.cancel_occurrence(series, day(5), now).unwrap(),
        }
        let page = ask(&mut world, seconds(20 * (step + 1) + 9), &sync(BERLIN, Some(&state), 9));
        assert_eq!(ids(&text(&page, "t:Update"), "t:ItemId"), std::slice::from_ref(&master));
        assert!(!page.contains("t:Create>") && !page.contains("t:Delete>"));
        let before = std::mem::replace(&mut key, attribute(&page, "t:ItemId", "ChangeKey"));
        assert_ne!(before, key);
        state = text(&page, "m:SyncState");
    }
}

#[test]
fn fact_3_1_8_a_sync_knows_no_calendar() {
    let mut world = world();
    for (subject, days) in [("Past", -3000_i64), ("Present", 1), ("Future", 3000)] {
        let day = |hour| hours(24 * days + hour);
        world.book("berlin", subject, day(1), day(2), morning()).unwrap();
    }
    let listed = ask(&mut world, seconds(1), &sync(BERLIN, None, 10));
    assert_eq!(ids(&listed, "t:ItemId").len(), 3, "whatever its time");
    assert_eq!(texts(&ask(&mut world, seconds(1), &march()), "t:Subject"), ["Present"]);
}

#[test]
fn fact_3_1_9_what_moves_out_is_deleted() {
    let mut world = world();
    singles(&mut world, 1);
    let page = ask(&mut world, seconds(61), &sync(BERLIN, None, 9));
    world.grant(LOGIN, "berlin", Rights::Full).unwrap();
    let moved = format!(
        "<m:MoveItem><m:ToFolderId><t:DistinguishedFolderId Id=\"deleteditems\"><t:Mailbox><t:EmailAddress>\
         {BERLIN}</t:EmailAddress></t:Mailbox></t:DistinguishedFolderId></m:ToFolderId><m:ItemIds>{}\
         </m:ItemIds></m:MoveItem>",
        item_id(&ids(&page, "t:ItemId")[0])
    );
    assert_eq!(code(&ask(&mut world, seconds(62), &moved)), "NoError");
    let after = ask(&mut world, seconds(63), &sync(BERLIN, Some(&text(&page, "m:SyncState")), 9));
    assert_eq!(ids(&text(&after, "t:Delete"), "t:ItemId"), ids(&page, "t:ItemId"));
}

#[test]
fn fact_3_1_9_a_read_flag_is_no_change_of_a_calendar() {
    let mut world = world();
    singles(&mut world, 1);
    world.misplace("berlin", Stray::Message, "Agenda", seconds(60)).unwrap();
    let listed = ask(&mut world, seconds(61), &sync(BERLIN, None, 10));
    let state = text(&listed, "m:SyncState");
    world.mark_strays("berlin", true, seconds(62)).unwrap();
    let told = ask(&mut world, seconds(63), &sync(BERLIN, Some(&state), 10));
    let change = text(&told, "t:ReadFlagChange");
    assert_eq!(text(&change, "t:IsRead"), "true");
    assert!(listed.contains(&ids(&change, "t:ItemId")[0]));
    assert!(!told.contains("<t:Update>") && !told.contains("<t:Create>"), "{told}");
    let state = text(&told, "m:SyncState");
    assert!(!ask(&mut world, seconds(64), &sync(BERLIN, Some(&state), 10)).contains("t:ReadFlagChange"));
}

#[test]
fn fact_3_1_11_a_calendar_may_hold_what_is_no_calendar_item() {
    let mut world = world();
    world.grant(LOGIN, "berlin", Rights::Full).unwrap();
    singles(&mut world, 1);
    let subscribed = ask(&mut world, seconds(60), &crate::client::subscribe(BERLIN, 30));
    let poll = get_events(&text(&subscribed, "m:SubscriptionId"), &text(&subscribed, "m:Watermark"));
    let kinds = [Stray::Message, Stray::MeetingRequest, Stray::Item];
    for kind in kinds {
        world.misplace("berlin", kind, "Agenda", seconds(61)).unwrap();
    }
    let listed = ask(&mut world, seconds(62), &sync(BERLIN, None, 10));
    for element in ["t:Message", "t:MeetingRequest", "t:Item", "t:CalendarItem"] {
        assert_eq!(listed.matches(&format!("<{element}>")).count(), 1, "{element}: {listed}");
    }
    let told = ask(&mut world, seconds(62), &poll);
    assert_eq!(told.matches("<t:CreatedEvent>").count(), 3);
    let asked: String = ids(&listed, "t:ItemId").iter().map(|id| item_id(id)).collect();
    let read = ask(&mut world, seconds(62), &get_item(&asked));
    assert_eq!(texts(&read, "m:ResponseCode"), ["NoError"; 4]);
    assert_eq!(texts(&read, "t:Subject"), ["Agenda", "Agenda", "Agenda", "Meeting 0"]);
    let view = ask(&mut world, seconds(62), &march());
    assert_eq!(texts(&view, "t:Subject"), ["Meeting 0"], "a view shows none of it");
    let stray = ids(&listed, "t:ItemId").remove(0);
    let delete = format!(
        "<m:DeleteItem DeleteType=\"HardDelete\"><m:ItemIds>{}</m:ItemIds></m:DeleteItem>",
        item_id(&stray)
    );
    assert_eq!(code(&ask(&mut world, seconds(63), &delete)), "NoError");
    let state = text(&listed, "m:SyncState");
    let after = ask(&mut world, seconds(64), &sync(BERLIN, Some(&state), 10));
    assert_eq!((after.matches("<t:Delete>").count(), ids(&after, "t:ItemId")), (1, vec![stray]));
}

#[test]
fn fact_3_1_12_no_access_is_no_empty_calendar() {
    let mut world = world();
    singles(&mut world, 1);
    world.grant(LOGIN, "berlin", Rights::None).unwrap();
    for body in [sync(BERLIN, None, 9), march()] {
        let reply = ask(&mut world, seconds(61), &body);
        assert_eq!(code(&reply), "ErrorAccessDenied");
        assert!(!reply.contains("<m:Changes") && !reply.contains("<m:RootFolder"));
    }
}

#[test]
fn fact_3_2_1_a_batch_may_stop() {
    let mut world = world();
    singles(&mut world, 3);
    let asked: String = ids(&ask(&mut world, seconds(61), &sync(BERLIN, None, 9)), "t:ItemId")
        .iter()
        .map(|id| item_id(id))
        .collect();
    world.inject(Injection::of(Fault::BatchStopped)).unwrap();
    let stopped = ask(&mut world, seconds(62), &get_item(&asked));
    let rest = "ErrorBatchProcessingStopped";
    assert_eq!(texts(&stopped, "m:ResponseCode"), ["NoError", rest, rest]);
    assert_eq!(stopped.matches("ResponseClass=\"Warning\"").count(), 2);
}

#[test]
fn fact_3_2_2_one_vanished_item_fails_alone() {
    let mut world = world();
    singles(&mut world, 3);
    let found = ids(&ask(&mut world, seconds(61), &sync(BERLIN, None, 9)), "t:ItemId");
    let asked: String = found.iter().map(|id| item_id(id)).collect();
    let booked = shown(&world, "Meeting 1");
    world.delete_from("berlin", booked, seconds(62)).unwrap();
    let reply = ask(&mut world, seconds(63), &get_item(&asked));
    assert_eq!(texts(&reply, "m:ResponseCode"), ["NoError", "ErrorItemNotFound", "NoError"]);
}

/// The meeting of a subject that some room showed.
fn shown(world: &World, wanted: &str) -> MeetingHandle {
    let change = world.changes().iter().find(|change| match &change.expect {
        exchange_sim::Expect::Shown { subject, .. } => subject == wanted,
        _ => false,
    });
    change.unwrap().meeting
}

#[test]
fn fact_3_2_3_a_property_of_a_later_schema_fails_the_request() {
    let mut world = world();
    singles(&mut world, 1);
    let id = ids(&ask(&mut world, seconds(61), &sync(BERLIN, None, 9)), "t:ItemId").remove(0);
    let ask_in = |world: &mut Site, version: &str, uri: &str| {
        let shape = format!(
            "<m:GetItem><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties>\
             <t:FieldURI FieldURI=\"{uri}\"/></t:AdditionalProperties></m:ItemShape><m:ItemIds>{}</m:ItemIds>\
             </m:GetItem>",
            item_id(&id)
        );
        let body = crate::client::envelope("", &shape).replace("Exchange2013_SP1", version);
        let request = exchange_sim::Request::post("/EWS/Exchange.asmx", body);
        let request = request.basic(LOGIN, crate::client::PASSWORD);
        code(&crate::valid::answer(world, seconds(62), &request, 200))
    };
    let invalid = "ErrorInvalidPropertyRequest";
    let table = [
        ("Exchange2007_SP1", "calendar:Start", "NoError"),
        ("Exchange2007_SP1", "calendar:StartTimeZone", invalid),
        ("Exchange2010", "calendar:StartTimeZone", "NoError"),
        ("Exchange2010_SP2", "calendar:JoinOnlineMeetingUrl", invalid),
        ("Exchange2013", "calendar:JoinOnlineMeetingUrl", "NoError"),
        ("Exchange2007_SP1", "calendar:EnhancedLocation", invalid),
        ("Exchange2007_SP1", "item:InstanceKey", invalid),
        ("Exchange2010", "item:NormalizedBody", invalid),
        ("Exchange2010", "item:UniqueBody", "NoError"),
    ];
    for (version, uri, expected) in table {
        assert_eq!(ask_in(&mut world, version, uri), expected, "{version} {uri}");
    }
    for nobodys in ["calendar:NoSuchThing", "nonsense:"] {
        let asked = get_item(&item_id(&id)).replace("item:TextBody", nobodys);
        assert_eq!(fault(&mut world, seconds(62), &asked), "ErrorSchemaValidation");
    }
}

#[test]
fn fact_3_2_4_occurrences_are_counted_from_one() {
    let mut world = world();
    let series = daily(&mut world);
    world.delete_occurrence("berlin", series, day(3), seconds(10)).unwrap();
    let master = ids(&ask(&mut world, seconds(20), &sync(BERLIN, None, 9)), "t:ItemId").remove(0);
    let table = [
        (1, "NoError"),
        (2, "ErrorCalendarOccurrenceIsDeletedFromRecurrence"),
        (4, "NoError"),
        (5, "ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange"),
    ];
    for (index, expected) in table {
        let body = format!("<t:OccurrenceItemId RecurringMasterId=\"{master}\" InstanceIndex=\"{index}\"/>");
        assert_eq!(code(&ask(&mut world, seconds(20), &get_item(&body))), expected, "{index}");
    }
    let first = ids(&ask(&mut world, seconds(20), &march()), "t:ItemId").remove(0);
    let back = get_item(&format!("<t:RecurringMasterItemId OccurrenceId=\"{first}\"/>"));
    assert_eq!(attribute(&ask(&mut world, seconds(20), &back), "t:ItemId", "Id"), master);
}
