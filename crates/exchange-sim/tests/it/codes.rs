//! Every response code can be met, in the shape of the operation it strikes.

use exchange_sim::{Ending, Fault, Injection, Response, World};

use crate::availability::availability;
use crate::client::{
    BERLIN, call, find, get_events, get_folder, get_item, item_id, morning, subscribe, sync, texts,
    unsubscribe, world,
};
use crate::convert_id::convert;
use crate::directory::{resolve, rooms, zones};
use crate::find_folder::below;
use crate::samples::shared;
use crate::streaming::{code_of_fault, get_streaming_events, heard};
use crate::writing::{create, delete, set, update};
use crate::xsd::Schema;

const MONDAY: (&str, &str) = ("2026-03-02T08:00:00", "2026-03-02T16:00:00");

/// A request of every operation, and about how many things each asks.
fn requests() -> Vec<(&'static str, String, usize)> {
    let two = format!("{}{}", item_id("AAMk"), item_id("AAMl"));
    let moved = format!(
        "<m:MoveItem><m:ToFolderId><t:DistinguishedFolderId Id=\"deleteditems\"/></m:ToFolderId>\
         <m:ItemIds>{two}</m:ItemIds></m:MoveItem>"
    );
    vec![
        ("GetFolder", get_folder(BERLIN), 1),
        ("FindFolder", below("msgfolderroot", "Deep"), 1),
        ("SyncFolderItems", sync(BERLIN, None, 10), 1),
        ("GetItem", get_item(&two), 2),
        ("FindItem", find(BERLIN, "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z", None), 1),
        ("CreateItem", create("SendToNone", "<t:Subject>Review</t:Subject>"), 1),
        (
            "UpdateItem",
            update(
                "AAMk",
                "DwAA",
                "AutoResolve",
                "SendToNone",
                &set("item:Subject", "<t:Subject>Plan</t:Subject>"),
            ),
            1,
        ),
        ("DeleteItem", delete("HardDelete", "SendToNone", &two), 2),
        ("MoveItem", moved, 2),
        ("Subscribe", subscribe(BERLIN, 30), 1),
        ("GetEvents", get_events("AAAA", "AAAA"), 1),
        ("GetStreamingEvents", get_streaming_events(&["AAAA", "BBBB"], 30), 1),
        ("Unsubscribe", unsubscribe("AAAA"), 1),
        ("GetUserAvailability", availability("", &[BERLIN, "oslo@rooms.example"], MONDAY, "FreeBusy"), 2),
        ("GetRoomLists", "<m:GetRoomLists/>".to_owned(), 1),
        ("GetRooms", rooms("floor@rooms.example"), 1),
        ("ResolveNames", resolve("berlin", false), 1),
        ("GetServerTimeZones", zones(false, &[]), 1),
        ("ConvertId", convert("AAMk", "EwsId", "HexEntryId"), 1),
    ]
}

fn struck(world: &mut World, code: &str, operation: &str, body: &str) -> (Response, String) {
    let fault: Fault = format!("code:{code}").parse().unwrap();
    world.inject(Injection::of(fault).on(operation)).unwrap();
    let response = call(world, morning(), body);
    let text = match response.ending {
        Ending::Stream(stream) => heard(world, stream, morning()).0.concat(),
        _ => response.text(),
    };
    (response, text)
}

#[test]
fn a_code_comes_in_the_shape_of_the_operation_for_all_it_was_asked() {
    let schema = Schema::find();
    for (operation, body, count) in requests() {
        let mut world = world();
        for (code, class) in [("ErrorTimeoutExpired", "Error"), ("ErrorBatchProcessingStopped", "Warning")] {
            // A stream is refused with errors alone.
            let class = if operation == "GetStreamingEvents" { "Error" } else { class };
            let (response, text) = struck(&mut world, code, operation, &body);
            assert_eq!(response.status, 200, "{operation}");
            assert_eq!(texts(&text, "m:ResponseCode"), vec![code; count], "{operation}: {text}");
            let classes = text.matches(&format!("ResponseClass=\"{class}\"")).count();
            assert_eq!(classes, count, "{operation}: {text}");
            assert!(text.contains(&format!("<m:{operation}Response ")), "{operation}: {text}");
            if let Some(schema) = &schema {
                schema.check(operation, &text.replace("m:SubscriptionId>", "t:SubscriptionId>"));
            }
        }
        let (response, text) = struck(&mut world, "ErrorImpersonationDenied", operation, &body);
        assert_eq!((response.status, code_of_fault(&response).as_str()), (500, "ErrorImpersonationDenied"));
        if let Some(schema) = &schema {
            schema.check(operation, &text);
        }
        let after = call(&mut world, morning(), &body).text();
        assert!(!after.contains("ErrorImpersonationDenied"), "{operation}: the fault strikes once");
    }
}

/// The operations that a cell of the table tells of: those it names, or all that it may mean.
fn seen_in<'a>(cell: &str, requests: &'a [(&str, String, usize)]) -> Vec<&'a (&'a str, String, usize)> {
    let words: Vec<&str> = cell.split(|letter: char| !letter.is_alphabetic()).collect();
    let named: Vec<_> = requests.iter().filter(|(operation, ..)| words.contains(operation)).collect();
    if named.is_empty() { requests.iter().collect() } else { named }
}

#[test]
fn every_code_of_the_table_can_be_met_where_it_is_seen() {
    let Some(table) = shared("samples/ews-data/response_code_policy.tsv") else { return };
    let table = std::fs::read_to_string(table).unwrap();
    let requests = requests();
    let mut met = 0;
    for row in table.lines().skip(1) {
        let mut cells = row.split('\t');
        let (code, cell) = (cells.next().unwrap(), cells.next().unwrap());
        let mut world = world();
        for (operation, body, _) in seen_in(cell, &requests) {
            let (response, text) = struck(&mut world, code, operation, body);
            let found = match response.status {
                200 => texts(&text, "m:ResponseCode"),
                _ => vec![code_of_fault(&response)],
            };
            assert!(!found.is_empty() && found.iter().all(|found| found == code), "{operation}: {found:?}");
            if cell == "SOAP fault" {
                assert_eq!(response.status, 500, "{code} of {operation}");
            }
        }
        met += 1;
    }
    assert!(met > 90, "{met} codes");
}

#[test]
fn codes_have_names_that_can_be_read_again() {
    for name in ["code:ErrorTimeoutExpired", "server-busy"] {
        assert_eq!(name.parse::<Fault>().unwrap().to_string(), name);
    }
    let busy = struck(&mut world(), "ErrorServerBusy", "GetFolder", &get_folder(BERLIN));
    assert!(busy.1.contains("Name=\"BackOffMilliseconds\">2000<"), "{}", busy.1);
}
