//! Calendars that clients write into: what is created, changed, deleted, moved, and who hears of it.

use exchange_sim::{MailboxState, Rights};

use crate::client::{
    BERLIN, calendar, find, get_item, hours, ids, item_id, morning, seconds, sync, text, texts, world,
};
use crate::finding::paged;
use crate::valid::{Site, ask_as, attribute, code, item, items};

const KIM: &str = "kim@people.example";

/// A world in which Kim has a mailbox.
pub(crate) fn with_kim() -> Site {
    let mut world = world();
    world.add_person("kim", "secret").unwrap();
    world
}

pub(crate) fn create(sends: &str, properties: &str) -> String {
    format!(
        "<m:CreateItem SendMeetingInvitations=\"{sends}\"><m:SavedItemFolderId>\
         <t:DistinguishedFolderId Id=\"calendar\"/></m:SavedItemFolderId><m:Items><t:CalendarItem>\
         {properties}</t:CalendarItem></m:Items></m:CreateItem>"
    )
}

const REVIEW: &str = "<t:Subject>Review</t:Subject><t:Sensitivity>Private</t:Sensitivity>\
     <t:Body BodyType=\"HTML\">&lt;p&gt;Bring &amp;amp; share&lt;/p&gt;</t:Body>\
     <t:Start>2026-03-02T09:00:00Z</t:Start><t:End>2026-03-02T10:00:00Z</t:End>\
     <t:LegacyFreeBusyStatus>OOF</t:LegacyFreeBusyStatus><t:Location>Room 1</t:Location>";

fn inviting(address: &str) -> String {
    format!(
        "<t:Resources><t:Attendee><t:Mailbox><t:EmailAddress>{address}</t:EmailAddress></t:Mailbox>\
         </t:Attendee></t:Resources>"
    )
}

pub(crate) fn update(id: &str, key: &str, resolution: &str, sends: &str, updates: &str) -> String {
    format!(
        "<m:UpdateItem ConflictResolution=\"{resolution}\" SendMeetingInvitationsOrCancellations=\"{sends}\">\
         <m:ItemChanges><t:ItemChange><t:ItemId Id=\"{id}\" ChangeKey=\"{key}\"/><t:Updates>{updates}\
         </t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>"
    )
}

pub(crate) fn set(uri: &str, value: &str) -> String {
    format!(
        "<t:SetItemField><t:FieldURI FieldURI=\"{uri}\"/><t:CalendarItem>{value}</t:CalendarItem>\
         </t:SetItemField>"
    )
}

pub(crate) fn delete(how: &str, sends: &str, ids: &str) -> String {
    format!(
        "<m:DeleteItem DeleteType=\"{how}\" SendMeetingCancellations=\"{sends}\" \
         AffectedTaskOccurrences=\"AllOccurrences\"><m:ItemIds>{ids}</m:ItemIds></m:DeleteItem>"
    )
}

#[test]
fn an_invitation_reaches_the_room_and_the_answer_comes_back() {
    let mut world = with_kim();
    let body = create("SendToAllAndSaveCopy", &format!("{REVIEW}{}", inviting(BERLIN)));
    let created = ask_as(&mut world, "kim", morning(), &body);
    assert_eq!(code(&created), "NoError");
    let filed = item(&mut world, seconds(1), BERLIN);
    assert_eq!(text(&filed, "t:MyResponseType"), "NoResponseReceived");
    let accepted = item(&mut world, seconds(9), BERLIN);
    let said = [
        "t:Subject",
        "t:Sensitivity",
        "t:TextBody BodyType=\"Text\"",
        "t:MyResponseType",
        "t:AppointmentState",
    ];
    let said =
        said.map(|name| accepted.split(&format!("<{name}>")).nth(1).unwrap().split('<').next().unwrap());
    assert_eq!(said, ["Review", "Private", "Bring &amp; share", "Accept", "3"]);
    assert_eq!(text(&accepted, "t:LegacyFreeBusyStatus"), "OOF");
    assert!(text(&accepted, "t:Organizer").contains(KIM));

    let own = ids(&created, "t:ItemId").remove(0);
    let own = ask_as(&mut world, "kim", seconds(9), &get_item(&item_id(&own)));
    assert_eq!(text(&own, "t:MeetingRequestWasSent"), "true");
    assert_eq!([text(&own, "t:IsOrganizer"), text(&own, "t:AppointmentState")], ["true", "1"]);
    assert!(text(&own, "t:Resources").contains("<t:ResponseType>Accept</t:ResponseType>"));
    assert_eq!(text(&own, "t:UID"), text(&accepted, "t:UID"));
}

#[test]
fn nobody_hears_of_what_is_not_sent() {
    let mut world = with_kim();
    let body = create("SendToNone", &format!("{REVIEW}{}", inviting(BERLIN)));
    let created = ask_as(&mut world, "kim", morning(), &body);
    assert_eq!(items(&mut world, seconds(9), BERLIN).len(), 0);
    let (id, key) = (attribute(&created, "t:ItemId", "Id"), attribute(&created, "t:ItemId", "ChangeKey"));
    let sent = update(
        &id,
        &key,
        "AutoResolve",
        "SendToAllAndSaveCopy",
        &set("item:Subject", "<t:Subject>Now</t:Subject>"),
    );
    assert_eq!(code(&ask_as(&mut world, "kim", seconds(10), &sent)), "NoError");
    assert_eq!(text(&item(&mut world, seconds(20), BERLIN), "t:Subject"), "Now");
}

#[test]
fn a_room_that_is_not_invited_any_more_is_told() {
    let mut world = with_kim();
    let body = create("SendToAllAndSaveCopy", &format!("{REVIEW}{}", inviting(BERLIN)));
    let created = ask_as(&mut world, "kim", morning(), &body);
    let (id, key) = (attribute(&created, "t:ItemId", "Id"), attribute(&created, "t:ItemId", "ChangeKey"));
    let other = set("calendar:Resources", &inviting("oslo@rooms.example"));
    let changed = update(&id, &key, "AlwaysOverwrite", "SendToChangedAndSaveCopy", &other);
    assert_eq!(code(&ask_as(&mut world, "kim", seconds(10), &changed)), "NoError");
    assert_eq!(text(&item(&mut world, seconds(20), BERLIN), "t:IsCancelled"), "true");
    assert_eq!(text(&item(&mut world, seconds(20), "oslo@rooms.example"), "t:MyResponseType"), "Accept");
}

#[test]
fn an_older_change_key_conflicts() {
    let mut world = with_kim();
    let created = ask_as(&mut world, "kim", morning(), &create("SendToNone", REVIEW));
    let (id, key) = (attribute(&created, "t:ItemId", "Id"), attribute(&created, "t:ItemId", "ChangeKey"));
    let rename = |resolution: &str, key: &str, subject: &str| {
        let subject = set("item:Subject", &format!("<t:Subject>{subject}</t:Subject>"));
        update(&id, key, resolution, "SendToNone", &subject)
    };
    let table = [
        ("NeverOverwrite", key.as_str(), "NoError"),
        ("NeverOverwrite", key.as_str(), "ErrorIrresolvableConflict"),
        ("AutoResolve", key.as_str(), "NoError"),
        ("AlwaysOverwrite", key.as_str(), "NoError"),
        ("AlwaysOverwrite", "AAAA", "ErrorInvalidChangeKey"),
    ];
    for (resolution, key, expected) in table {
        let reply = ask_as(&mut world, "kim", seconds(1), &rename(resolution, key, resolution));
        assert_eq!(code(&reply), expected, "{resolution}");
    }
}

#[test]
fn fields_are_set_and_deleted() {
    let mut world = with_kim();
    let created = ask_as(&mut world, "kim", morning(), &create("SendToNone", REVIEW));
    let (id, key) = (attribute(&created, "t:ItemId", "Id"), attribute(&created, "t:ItemId", "ChangeKey"));
    let gone = |uri: &str| format!("<t:DeleteItemField><t:FieldURI FieldURI=\"{uri}\"/></t:DeleteItemField>");
    let updates = [
        set("calendar:Start", "<t:Start>2026-03-02T11:00:00</t:Start>"),
        set("calendar:End", "<t:End>2026-03-02T12:00:00</t:End>"),
        set("calendar:StartTimeZone", "<t:StartTimeZone Id=\"W. Europe Standard Time\"/>"),
        gone("item:Body"),
        gone("item:Sensitivity"),
        gone("calendar:Location"),
    ];
    let body = update(&id, &key, "AutoResolve", "SendToNone", &updates.concat());
    assert_eq!(code(&ask_as(&mut world, "kim", seconds(1), &body)), "NoError");
    let after = ask_as(&mut world, "kim", seconds(1), &get_item(&item_id(&id)));
    assert_eq!(text(&after, "t:Start"), "2026-03-02T10:00:00Z", "read in the zone that was set beside it");
    assert_eq!(text(&after, "t:Sensitivity"), "Normal");
    assert!(!after.contains("<t:Location>") && !after.contains("Bring"));
}

#[test]
fn every_recurrence_can_be_written_and_is_read_again() {
    let patterns = [
        "<t:DailyRecurrence><t:Interval>3</t:Interval></t:DailyRecurrence>",
        "<t:WeeklyRecurrence><t:Interval>2</t:Interval><t:DaysOfWeek>Monday Friday</t:DaysOfWeek>\
         <t:FirstDayOfWeek>Monday</t:FirstDayOfWeek></t:WeeklyRecurrence>",
        "<t:AbsoluteMonthlyRecurrence><t:Interval>1</t:Interval><t:DayOfMonth>31</t:DayOfMonth>\
         </t:AbsoluteMonthlyRecurrence>",
        "<t:RelativeMonthlyRecurrence><t:Interval>1</t:Interval><t:DaysOfWeek>Weekday</t:DaysOfWeek>\
         <t:DayOfWeekIndex>Last</t:DayOfWeekIndex></t:RelativeMonthlyRecurrence>",
        "<t:AbsoluteYearlyRecurrence><t:DayOfMonth>29</t:DayOfMonth><t:Month>February</t:Month>\
         </t:AbsoluteYearlyRecurrence>",
        "<t:RelativeYearlyRecurrence><t:DaysOfWeek>Monday</t:DaysOfWeek><t:DayOfWeekIndex>First\
         </t:DayOfWeekIndex><t:Month>September</t:Month></t:RelativeYearlyRecurrence>",
    ];
    let ranges = [
        "<t:NoEndRecurrence><t:StartDate>2026-03-02Z</t:StartDate></t:NoEndRecurrence>",
        "<t:EndDateRecurrence><t:StartDate>2026-03-02Z</t:StartDate><t:EndDate>2028-03-02Z</t:EndDate>\
         </t:EndDateRecurrence>",
        "<t:NumberedRecurrence><t:StartDate>2026-03-02Z</t:StartDate><t:NumberOfOccurrences>4\
         </t:NumberOfOccurrences></t:NumberedRecurrence>",
    ];
    let mut world = with_kim();
    for pattern in patterns {
        for range in ranges {
            let recurrence = format!("<t:Recurrence>{pattern}{range}</t:Recurrence>");
            let created = create("SendToNone", &format!("{REVIEW}{recurrence}"));
            let created = ask_as(&mut world, "kim", morning(), &created);
            let id = ids(&created, "t:ItemId").remove(0);
            let read = ask_as(&mut world, "kim", morning(), &get_item(&item_id(&id)));
            let same = recurrence.replace("2026-03-02Z", "2026-03-02+00:00").replace("02Z", "02+00:00");
            assert!(read.contains(&same), "{same}\n{read}");
        }
    }
    let broken =
        format!("{REVIEW}<t:Recurrence>{}{}</t:Recurrence>", patterns[0].replace('3', "0"), ranges[0]);
    let refused = ask_as(&mut world, "kim", morning(), &create("SendToNone", &broken));
    assert_eq!(code(&refused), "ErrorCalendarInvalidRecurrence");
}

#[test]
fn all_day_lasts_from_midnight_to_midnight_of_its_zone() {
    let mut world = with_kim();
    let fair = "<t:Subject>Fair</t:Subject><t:Start>2026-03-28T23:00:00Z</t:Start>\
         <t:End>2026-03-29T12:00:00Z</t:End><t:IsAllDayEvent>true</t:IsAllDayEvent>\
         <t:StartTimeZone Id=\"W. Europe Standard Time\"/>";
    let created = ask_as(&mut world, "kim", morning(), &create("SendToNone", fair));
    let id = ids(&created, "t:ItemId").remove(0);
    let read = ask_as(&mut world, "kim", morning(), &get_item(&item_id(&id)));
    assert_eq!(
        [text(&read, "t:Start"), text(&read, "t:End")],
        ["2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"]
    );
}

fn series(world: &mut Site) -> (String, Vec<String>) {
    let daily = "<t:Recurrence><t:DailyRecurrence><t:Interval>1</t:Interval></t:DailyRecurrence>\
         <t:NumberedRecurrence><t:StartDate>2026-03-02</t:StartDate><t:NumberOfOccurrences>3\
         </t:NumberOfOccurrences></t:NumberedRecurrence></t:Recurrence>";
    let body = create("SendToAllAndSaveCopy", &format!("{REVIEW}{daily}{}", inviting(BERLIN)));
    let body = body.replace(daily, "").replace("</t:Resources>", &format!("</t:Resources>{daily}"));
    let created = ask_as(world, "kim", morning(), &body);
    let view = find(KIM, "2026-03-01T00:00:00Z", "2026-03-09T00:00:00Z", None);
    let view = ask_as(world, "kim", seconds(9), &view);
    (ids(&created, "t:ItemId").remove(0), ids(&view, "t:ItemId"))
}

#[test]
fn occurrences_are_changed_and_deleted_alone() {
    let mut world = with_kim();
    let (_, occurrences) = series(&mut world);
    let moved = [
        set("calendar:Start", "<t:Start>2026-03-03T14:00:00Z</t:Start>"),
        set("calendar:End", "<t:End>2026-03-03T15:00:00Z</t:End>"),
        set("item:Subject", "<t:Subject>Review, moved</t:Subject>"),
    ];
    let body = update(&occurrences[1], "", "AlwaysOverwrite", "SendToAllAndSaveCopy", &moved.concat());
    let body = body.replace(" ChangeKey=\"\"", "");
    let updated = ask_as(&mut world, "kim", seconds(10), &body);
    assert_eq!(ids(&updated, "t:ItemId"), [occurrences[1].clone()]);
    let dropped = delete("MoveToDeletedItems", "SendToAllAndSaveCopy", &item_id(&occurrences[2]));
    assert_eq!(code(&ask_as(&mut world, "kim", seconds(20), &dropped)), "NoError");
    let view = find(BERLIN, "2026-03-01T00:00:00Z", "2026-03-09T00:00:00Z", None);
    let room = crate::valid::ask(&mut world, seconds(30), &view);
    assert_eq!(texts(&room, "t:Subject"), ["Review", "Review, moved", "Canceled: Review"]);
    assert_eq!(texts(&room, "t:IsCancelled"), ["false", "false", "true"]);
    let own = ask_as(&mut world, "kim", seconds(30), &view.replace(BERLIN, KIM));
    assert_eq!(texts(&own, "t:Subject"), ["Review", "Review, moved"], "the organizer keeps nothing of it");
}

#[test]
fn deleting_calls_off_only_when_it_is_sent() {
    for (sends, cancelled) in [("SendToAllAndSaveCopy", "true"), ("SendToNone", "false")] {
        let mut world = with_kim();
        let (master, _) = series(&mut world);
        let body = delete("HardDelete", sends, &item_id(&master));
        assert_eq!(code(&ask_as(&mut world, "kim", seconds(10), &body)), "NoError");
        assert_eq!(text(&item(&mut world, seconds(20), BERLIN), "t:IsCancelled"), cancelled);
        let gone = ask_as(&mut world, "kim", seconds(20), &get_item(&item_id(&master)));
        assert_eq!(code(&gone), "ErrorItemNotFound");
    }
}

#[test]
fn a_deleted_item_lies_where_its_disposal_says() {
    let table = [("HardDelete", 0), ("SoftDelete", 0), ("MoveToDeletedItems", 1)];
    for (how, left) in table {
        let mut world = with_kim();
        let created = ask_as(&mut world, "kim", morning(), &create("SendToNone", REVIEW));
        let id = ids(&created, "t:ItemId").remove(0);
        assert_eq!(
            code(&ask_as(&mut world, "kim", seconds(1), &delete(how, "SendToNone", &item_id(&id)))),
            "NoError"
        );
        let found = ask_as(&mut world, "kim", seconds(2), &paged("deleteditems", "", 10, 0, "Beginning"));
        let there = ids(&found, "t:ItemId");
        assert_eq!(there.len(), left, "{how}");
        if let [moved] = there.as_slice() {
            assert_ne!(*moved, id, "another folder, another id");
            let purge = delete("HardDelete", "SendToNone", &item_id(moved));
            assert_eq!(code(&ask_as(&mut world, "kim", seconds(3), &purge)), "NoError");
            assert_eq!(code(&ask_as(&mut world, "kim", seconds(3), &purge)), "ErrorItemNotFound");
        }
    }
}

#[test]
fn items_move_to_deleted_items_and_back() {
    let mut world = with_kim();
    let created = ask_as(&mut world, "kim", morning(), &create("SendToNone", REVIEW));
    let id = ids(&created, "t:ItemId").remove(0);
    let to = |folder: &str, id: &str| {
        format!(
            "<m:MoveItem><m:ToFolderId><t:DistinguishedFolderId Id=\"{folder}\"/></m:ToFolderId>\
             <m:ItemIds>{}</m:ItemIds></m:MoveItem>",
            item_id(id)
        )
    };
    let moved = ask_as(&mut world, "kim", seconds(1), &to("deleteditems", &id));
    let there = ids(&moved, "t:ItemId").remove(0);
    assert_eq!(code(&ask_as(&mut world, "kim", seconds(1), &get_item(&item_id(&id)))), "ErrorItemNotFound");
    let back = ask_as(&mut world, "kim", seconds(2), &to("calendar", &there));
    let back = ids(&back, "t:ItemId").remove(0);
    let read = ask_as(&mut world, "kim", seconds(2), &get_item(&item_id(&back)));
    assert_eq!(text(&read, "t:Subject"), "Review");
    assert_eq!(code(&ask_as(&mut world, "kim", seconds(3), &to("inbox", &back))), "ErrorMoveCopyFailed");
    let (_, occurrences) = series(&mut world);
    let occurrence = ask_as(&mut world, "kim", seconds(9), &to("deleteditems", &occurrences[1]));
    assert_eq!(code(&occurrence), "ErrorCalendarCannotMoveOrCopyOccurrence");
}

#[test]
fn a_proxy_answers_with_response_objects() {
    let table = [("AcceptItem", "Accept"), ("TentativelyAcceptItem", "Tentative")];
    for (object, response) in table {
        let mut world = world();
        world.add_person("lee", "secret").unwrap();
        world.grant("lee", "berlin", Rights::Full).unwrap();
        let proxy = exchange_sim::CalendarProcessing::preserving();
        let proxy = proxy.deciding(exchange_sim::AutomateProcessing::AutoUpdate);
        world.set_processing("berlin", proxy).unwrap();
        let meeting = world.organizer("kim").invites("berlin").to("Review").at(hours(1), hours(2));
        meeting.send(morning()).unwrap();
        let id =
            ids(&crate::valid::ask(&mut world, seconds(1), &sync(BERLIN, None, 9)), "t:ItemId").remove(0);
        let body = format!(
            "<m:CreateItem MessageDisposition=\"SendAndSaveCopy\"><m:Items><t:{object}>\
             <t:ReferenceItemId Id=\"{id}\"/></t:{object}></m:Items></m:CreateItem>"
        );
        assert_eq!(code(&ask_as(&mut world, "lee", seconds(2), &body)), "NoError");
        assert_eq!(text(&item(&mut world, seconds(3), BERLIN), "t:MyResponseType"), response);
    }
}

#[test]
fn who_may_only_read_does_not_write() {
    let mut world = world();
    let body = create("SendToNone", REVIEW);
    let body = body.replace("<t:DistinguishedFolderId Id=\"calendar\"/>", &calendar(BERLIN));
    assert_eq!(code(&crate::valid::ask(&mut world, morning(), &body)), "ErrorAccessDenied");
    world.grant(crate::client::LOGIN, "berlin", Rights::Full).unwrap();
    assert_eq!(code(&crate::valid::ask(&mut world, morning(), &body)), "NoError");
    let booked = item(&mut world, seconds(1), BERLIN);
    assert_eq!(text(&booked, "t:MyResponseType"), "Organizer", "the room is the organizer");
    assert_eq!(text(&booked, "t:AppointmentState"), "0");
    world.set_mailbox_state("berlin", MailboxState::Full).unwrap();
    assert_eq!(code(&crate::valid::ask(&mut world, seconds(2), &body)), "ErrorQuotaExceeded");
}

#[test]
fn calendar_items_need_to_say_who_is_told() {
    let mut world = with_kim();
    let created = ask_as(&mut world, "kim", morning(), &create("SendToNone", REVIEW));
    let id = ids(&created, "t:ItemId").remove(0);
    let subject = set("item:Subject", "<t:Subject>x</t:Subject>");
    let table = [
        (
            create("-", REVIEW).replace(" SendMeetingInvitations=\"-\"", ""),
            "ErrorSendMeetingInvitationsRequired",
        ),
        (
            update(&id, "AAAA", "AutoResolve", "-", &subject)
                .replace(" SendMeetingInvitationsOrCancellations=\"-\"", ""),
            "ErrorSendMeetingInvitationsOrCancellationsRequired",
        ),
        (
            delete("HardDelete", "-", &item_id(&id)).replace(" SendMeetingCancellations=\"-\"", ""),
            "ErrorSendMeetingCancellationsRequired",
        ),
    ];
    for (body, expected) in table {
        assert_eq!(code(&ask_as(&mut world, "kim", morning(), &body)), expected);
    }
}
