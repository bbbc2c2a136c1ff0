//! Ids in other spellings.

use crate::client::{BERLIN, ask, get_folder, ids, morning, text, world};

pub(crate) fn convert(id: &str, format: &str, wanted: &str) -> String {
    format!(
        "<m:ConvertId DestinationFormat=\"{wanted}\"><m:SourceIds>\
         <t:AlternateId Format=\"{format}\" Id=\"{id}\" Mailbox=\"{BERLIN}\"/></m:SourceIds></m:ConvertId>"
    )
}

#[test]
fn an_id_goes_there_and_back() {
    let mut world = world();
    let folder = ids(&ask(&mut world, morning(), &get_folder(BERLIN)), "t:FolderId").remove(0);
    let there = ask(&mut world, morning(), &convert(&folder, "EwsId", "HexEntryId"));
    let hex = there.split(" Id=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(hex.starts_with("000324"), "{hex}");
    let back = ask(&mut world, morning(), &convert(hex, "HexEntryId", "EwsId"));
    assert!(back.contains(&format!("Format=\"EwsId\" Id=\"{folder}\" Mailbox=\"{BERLIN}\"")), "{back}");
}

#[test]
fn what_is_no_id_is_malformed() {
    let mut world = world();
    let table = [
        ("DUMMY", "EwsId", "EntryId", "ErrorInvalidIdMalformed"),
        ("zz", "HexEntryId", "EntryId", "ErrorInvalidIdMalformed"),
        ("AAMk", "OwaId", "EntryId", "ErrorUnsupportedTypeForConversion"),
    ];
    for (id, format, wanted, code) in table {
        let reply = ask(&mut world, morning(), &convert(id, format, wanted));
        assert_eq!(text(&reply, "m:ResponseCode"), code);
    }
}
