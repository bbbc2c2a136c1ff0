//! The meeting requests in a room's mailbox.

use exchange_sim::{AutomateProcessing, CalendarProcessing, Rights};

use crate::client::{BERLIN, LOGIN, hours, ids, item_id, morning, seconds, sync, text, texts, world};
use crate::valid::{Site, ask, items};

/// A search in both folders for the requests of one meeting, by PidLidCleanGlobalObjectId.
fn search(clean: &str) -> String {
    let folder = |name| {
        format!(
            "<t:DistinguishedFolderId Id=\"{name}\"><t:Mailbox><t:EmailAddress>{BERLIN}</t:EmailAddress></t:Mailbox>\
             </t:DistinguishedFolderId>"
        )
    };
    format!(
        "<m:FindItem Traversal=\"Shallow\"><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape>\
         <m:IndexedPageItemView MaxEntriesReturned=\"9\" Offset=\"0\" BasePoint=\"Beginning\"/>\
         <m:Restriction><t:And><t:Contains ContainmentMode=\"Prefixed\" ContainmentComparison=\"IgnoreCase\">\
         <t:FieldURI FieldURI=\"item:ItemClass\"/><t:Constant Value=\"IPM.Schedule.Meeting.Request\"/></t:Contains>\
         <t:IsEqualTo>{CLEAN}<t:FieldURIOrConstant><t:Constant Value=\"{clean}\"/></t:FieldURIOrConstant></t:IsEqualTo>\
         </t:And></m:Restriction><m:ParentFolderIds>{}{}</m:ParentFolderIds></m:FindItem>",
        folder("inbox"),
        folder("deleteditems")
    )
}

const CLEAN: &str =
    "<t:ExtendedFieldURI DistinguishedPropertySetId=\"Meeting\" PropertyId=\"35\" PropertyType=\"Binary\"/>";

fn get(id: &str) -> String {
    format!(
        "<m:GetItem><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties>\
         <t:FieldURI FieldURI=\"item:Subject\"/><t:FieldURI FieldURI=\"item:Sensitivity\"/>{CLEAN}\
         </t:AdditionalProperties></m:ItemShape><m:ItemIds>{}</m:ItemIds></m:GetItem>",
        item_id(id)
    )
}

/// Where the request of the room's only meeting lies, by the numbers of what is in Inbox and Deleted Items, and what it says.
fn request_of(world: &mut Site, at: i64) -> ([usize; 2], Vec<String>) {
    let id = ids(&ask(world, seconds(at), &sync(BERLIN, None, 10)), "t:ItemId").remove(0);
    let clean = texts(&ask(world, seconds(at), &get(&id)), "t:Value").remove(0);
    let found = ask(world, seconds(at), &search(&clean));
    let counts: Vec<usize> = found
        .split("<m:RootFolder")
        .skip(1)
        .map(|folder| folder.matches("<t:MeetingRequest>").count())
        .collect();
    let said = ids(&found, "t:ItemId").into_iter().map(|id| {
        let read = ask(world, seconds(at), &get(&id));
        format!("{} {}", text(&read, "t:Subject"), text(&read, "t:Sensitivity"))
    });
    let said = said.collect();
    ([counts[0], counts[1]], said)
}

fn booked(processing: CalendarProcessing) -> Site {
    let mut world = world();
    world.grant(LOGIN, "berlin", Rights::Full).unwrap();
    world.set_processing("berlin", processing).unwrap();
    let meeting = world.organizer("kim").invites("berlin").to("Review").at(hours(1), hours(2)).private();
    meeting.send(morning()).unwrap();
    world
}

#[test]
fn a_request_lies_in_the_inbox_until_it_is_answered_and_is_never_rewritten() {
    let sent = || vec!["Review Private".to_owned()];
    let mut world = booked(CalendarProcessing::default());
    assert_eq!(request_of(&mut world, 1), ([1, 0], sent()));
    assert_eq!(request_of(&mut world, 9), ([0, 1], sent()));
    let copy = items(&mut world, seconds(9), BERLIN).remove(0);
    assert_eq!((text(&copy, "t:Subject").trim(), text(&copy, "t:Sensitivity").as_str()), ("Kim", "Normal"));

    let mut waits = booked(CalendarProcessing::default().deciding(AutomateProcessing::AutoUpdate));
    assert_eq!(request_of(&mut waits, 9), ([1, 0], sent()), "nobody has answered it");
}

#[test]
fn rights_on_a_calendar_open_neither_folder() {
    let mut world = booked(CalendarProcessing::default());
    world.grant(LOGIN, "berlin", Rights::Reviewer).unwrap();
    let refused = ask(&mut world, seconds(9), &search("BAAAAA=="));
    assert_eq!(texts(&refused, "m:ResponseCode"), ["ErrorAccessDenied"; 2]);
}
