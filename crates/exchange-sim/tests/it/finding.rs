//! Finds in a folder: pages, restrictions, orders.

use crate::client::{morning, seconds, texts};
use crate::valid::{Site, answer, ask_as, attribute};
use crate::writing::{create, with_kim};

pub(crate) fn paged(folder: &str, rest: &str, most: usize, offset: usize, base: &str) -> String {
    format!(
        "<m:FindItem Traversal=\"Shallow\"><m:ItemShape><t:BaseShape>Default</t:BaseShape></m:ItemShape>\
         <m:IndexedPageItemView MaxEntriesReturned=\"{most}\" Offset=\"{offset}\" BasePoint=\"{base}\"/>{rest}\
         <m:ParentFolderIds><t:DistinguishedFolderId Id=\"{folder}\"/></m:ParentFolderIds></m:FindItem>"
    )
}

const SORTED: &str = "<m:SortOrder><t:FieldOrder Order=\"Ascending\"><t:FieldURI FieldURI=\"calendar:Start\"/>\
     </t:FieldOrder></m:SortOrder>";

/// A world in which five items lie in Kim's calendar.
fn with_five() -> Site {
    let mut world = with_kim();
    for (index, subject) in ["Alpha", "Beta", "Gamma", "alphabet", "Delta"].iter().enumerate() {
        let date = format!("2026-03-0{}", index + 2);
        let item = format!(
            "<t:Subject>{subject}</t:Subject><t:Start>{date}T09:00:00Z</t:Start><t:End>{date}T10:00:00Z</t:End>"
        );
        ask_as(&mut world, "kim", morning(), &create("SendToNone", &item));
    }
    world
}

#[test]
fn finds_come_in_pages() {
    let mut world = with_five();
    let mut found = Vec::new();
    let mut offset = 0;
    loop {
        let page = ask_as(&mut world, "kim", seconds(1), &paged("calendar", SORTED, 2, offset, "Beginning"));
        found.extend(texts(&page, "t:Subject"));
        assert_eq!(attribute(&page, "m:RootFolder", "TotalItemsInView"), "5");
        offset = attribute(&page, "m:RootFolder", "IndexedPagingOffset").parse().unwrap();
        if attribute(&page, "m:RootFolder", "IncludesLastItemInRange") == "true" {
            break;
        }
    }
    assert_eq!(found, ["Alpha", "Beta", "Gamma", "alphabet", "Delta"]);
    let last = ask_as(&mut world, "kim", seconds(1), &paged("calendar", SORTED, 2, 0, "End"));
    assert_eq!(texts(&last, "t:Subject"), ["alphabet", "Delta"]);
}

fn uri(uri: &str) -> String {
    format!("<t:FieldURI FieldURI=\"{uri}\"/>")
}

fn compares(how: &str, property: &str, value: &str) -> String {
    let property = uri(property);
    format!(
        "<t:{how}>{property}<t:FieldURIOrConstant><t:Constant Value=\"{value}\"/></t:FieldURIOrConstant></t:{how}>"
    )
}

fn alpha(mode: &str, case: &str) -> String {
    let subject = uri("item:Subject");
    format!(
        "<t:Contains ContainmentMode=\"{mode}\" ContainmentComparison=\"{case}\">{subject}<t:Constant \
         Value=\"alpha\"/></t:Contains>"
    )
}

#[test]
fn finds_are_restricted() {
    let mut world = with_five();
    let later = compares("IsGreaterThanOrEqualTo", "calendar:Start", "2026-03-04T00:00:00Z");
    let (part, whole) = (alpha("Substring", "IgnoreCase"), alpha("FullString", "IgnoreCase"));
    let beta = compares("IsEqualTo", "item:Subject", "Beta");
    let placed = format!("<t:Exists>{}</t:Exists>", uri("calendar:Location"));
    let table = [
        (later.clone(), vec!["Gamma", "alphabet", "Delta"]),
        (part.clone(), vec!["Alpha", "alphabet"]),
        (whole.clone(), vec!["Alpha"]),
        (alpha("Prefixed", "Exact"), vec!["alphabet"]),
        (format!("<t:And>{later}<t:Not>{part}</t:Not></t:And>"), vec!["Gamma", "Delta"]),
        (format!("<t:Or>{beta}{whole}</t:Or>"), vec!["Alpha", "Beta"]),
        (placed, vec![]),
    ];
    for (restriction, expected) in table {
        let rest = format!("<m:Restriction>{restriction}</m:Restriction>{SORTED}");
        let page = ask_as(&mut world, "kim", seconds(1), &paged("calendar", &rest, 9, 0, "Beginning"));
        assert_eq!(texts(&page, "t:Subject"), expected, "{restriction}");
    }
    let odd = format!("<m:Restriction><t:Exists>{}</t:Exists></m:Restriction>", uri("item:Importance"));
    let odd = crate::client::envelope("", &paged("calendar", &odd, 2, 0, "Beginning"));
    let odd = exchange_sim::Request::post("/EWS/Exchange.asmx", odd).basic("kim", "secret");
    let odd = answer(&mut world, seconds(1), &odd, 500);
    assert_eq!(crate::valid::code_in(&odd), "ErrorUnsupportedPathForQuery");
}
