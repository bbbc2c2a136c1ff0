//! Requests are checked against the schema before anything else.

use exchange_sim::{Request, ServerProfile, World};

use crate::client::{
    BERLIN, LOGIN, PASSWORD, call, envelope, find, get_events, get_folder, morning, request, subscribe, sync,
    text, world,
};
use crate::valid::{answer, ask, fault};

const VIOLATION: &str = "ErrorSchemaValidation";

fn create(item: &str) -> String {
    format!(
        "<m:CreateItem SendMeetingInvitations=\"SendToNone\"><m:Items><t:CalendarItem>{item}</t:CalendarItem>\
         </m:Items></m:CreateItem>"
    )
}

fn view() -> String {
    find(BERLIN, "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z", None)
}

#[test]
fn what_is_not_of_the_schema_is_refused_as_a_whole() {
    let sync = sync(BERLIN, None, 10);
    let most = "<m:MaxChangesReturned>10</m:MaxChangesReturned>";
    let shape = "<m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape>";
    let moved = sync.replace(shape, "").replace(most, &format!("{shape}{most}"));
    let item_order = create("<t:Start>2026-03-02T10:00:00Z</t:Start><t:Subject>x</t:Subject>");
    let id = "<m:SubscriptionId>AAAA</m:SubscriptionId>";
    let table = [
        ("order", moved),
        ("an element more", sync.replace(most, &format!("{most}<m:Foo/>"))),
        ("another namespace", subscribe(BERLIN, 10).replace("t:FolderIds", "m:FolderIds")),
        ("a foreign namespace", "<GetFolder xmlns=\"urn:foo\"/>".to_owned()),
        ("no prefix", get_events("AAAA", "AAAA").replace(id, "<SubscriptionId>AAAA</SubscriptionId>")),
        ("an attribute that must be there", view().replace(" Traversal=\"Shallow\"", "")),
        ("an attribute more", view().replace("Traversal", "Depth=\"1\" Traversal")),
        ("no such word", get_folder(BERLIN).replace("\"calendar\"", "\"kalender\"")),
        ("no such property", get_folder(BERLIN).replace("AllProperties", "Everything")),
        ("no number", sync.replace(">10<", ">ten<")),
        ("text between elements", sync.replace(most, &format!("10{most}"))),
        ("an element too few", sync.replace(shape, "")),
        ("an item's order", item_order),
        ("an item's element", create("<t:Subject>x</t:Subject><t:Colour>red</t:Colour>")),
        ("no such operation", "<m:GetEverything/>".to_owned()),
    ];
    let mut world = world();
    world.set_profile(ServerProfile::Exchange2019);
    for (what, body) in table {
        assert_eq!(fault(&mut world, morning(), &body), VIOLATION, "{what}: {body}");
    }
}

#[test]
fn a_violation_is_told_with_its_place() {
    let body = format!("\n{}", sync(BERLIN, None, 10).replace("<m:MaxC", "<m:Foo/><m:MaxC"));
    let told = answer(&mut world(), morning(), &request("", &body), 500);
    assert_eq!(text(&told, "t:LineNumber"), "2");
    assert!(text(&told, "t:Violation").contains("has invalid child element 'Foo'"), "{told}");
}

#[test]
fn a_view_takes_neither_restriction_nor_order() {
    let restriction =
        "<m:Restriction><t:Exists><t:FieldURI FieldURI=\"item:Subject\"/></t:Exists></m:Restriction>";
    let order = "<m:SortOrder><t:FieldOrder Order=\"Ascending\"><t:FieldURI FieldURI=\"item:Subject\"/>\
                 </t:FieldOrder></m:SortOrder>";
    for more in [restriction, order] {
        let body = view().replace("<m:ParentFolderIds>", &format!("{more}<m:ParentFolderIds>"));
        assert_eq!(fault(&mut world(), morning(), &body), "ErrorInvalidRequest");
    }
}

#[test]
fn any_prefixes_will_do_and_the_other_server_does_not_look() {
    let mut world = world();
    let mut other = envelope("", &sync(BERLIN, None, 10));
    for (usual, unusual) in [("m", "a"), ("t", "b")] {
        for (before, after) in [("<", ":"), ("</", ":"), ("xmlns:", "=")] {
            other = other.replace(&format!("{before}{usual}{after}"), &format!("{before}{unusual}{after}"));
        }
    }
    let other = Request::post("/EWS/Exchange.asmx", other).basic(LOGIN, PASSWORD);
    assert_eq!(world.handle(morning(), &other).status, 200);
    ask(&mut world, morning(), &sync(BERLIN, None, 10));
    let more = sync(BERLIN, None, 10).replace("</m:SyncFolderItems>", "<m:Foo/></m:SyncFolderItems>");
    let status = |world: &mut World| call(world, morning(), &more).status;
    assert_eq!(status(&mut world), 500);
    world.set_profile(ServerProfile::Other);
    assert_eq!(status(&mut world), 200);
}
