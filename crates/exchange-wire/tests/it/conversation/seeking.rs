//! Looking for meeting requests.

use super::mailbox;
use crate::{reply, shared};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::NaiveDate;
use exchange_wire::{
    Error, Operation, Problem,
    ews::{
        Dialect,
        meeting_requests::{MOST, Search, Step},
    },
};
use meeting_model::{global_object_id::GlobalObjectId, item::Sensitivity, meeting_request::MeetingRequest};
use std::process::Command;

/// One answer with these messages: an error's code, or what was found.
fn answer(operation: Operation, messages: &[Result<String, &str>]) -> String {
    let messages: Vec<String> = messages
        .iter()
        .map(|message| {
            let (class, code, content) = match message {
                Ok(content) => ("Success", "NoError", content.as_str()),
                Err(code) => ("Error", *code, ""),
            };
            format!(
                "<{operation}ResponseMessage ResponseClass=\"{class}\"><ResponseCode>{code}</ResponseCode>\
                 {content}</{operation}ResponseMessage>"
            )
        })
        .collect();
    let messages = messages.concat();
    format!(
        "<Envelope><Body><{operation}Response><ResponseMessages>{messages}</ResponseMessages></{operation}Response>\
         </Body></Envelope>"
    )
}

fn folder(ids: &[&str]) -> String {
    let items: Vec<_> =
        ids.iter().map(|id| format!("<MeetingRequest><ItemId Id=\"{id}\"/></MeetingRequest>")).collect();
    let items = items.concat();
    format!(
        "<RootFolder TotalItemsInView=\"1\" IncludesLastItemInRange=\"true\"><Items>{items}</Items></RootFolder>"
    )
}

fn item(element: &str, said: &str, id: &GlobalObjectId) -> String {
    let id = STANDARD.encode(id.as_bytes());
    format!(
        "<Items><{element}>{said}<ExtendedProperty><ExtendedFieldURI DistinguishedPropertySetId=\"Meeting\" \
         PropertyId=\"3\" PropertyType=\"Binary\"/><Value>{id}</Value></ExtendedProperty></{element}></Items>"
    )
}

fn begin() -> Search {
    Search::begin(Dialect::default(), mailbox(), &[GlobalObjectId::from_uid("a")]).0
}

/// What comes of a search whose folders answer so.
fn listed(folders: &[Result<String, &str>]) -> Result<Step, Error> {
    begin().on_reply(&reply(200, &answer(Operation::FindItem, folders)))
}

#[test]
fn one_folder_that_can_be_searched_is_enough() {
    let both = [Ok(folder(&["x"])), Ok(folder(&["y", "z"]))];
    let one = [Ok(folder(&["x"])), Err("ErrorAccessDenied")];
    for (folders, ids) in [(both, ["x", "y", "z"].as_slice()), (one, &["x"])] {
        let Ok(Step::Send(_, request)) = listed(&folders) else { panic!("nothing is read") };
        assert_eq!(request.operation, Operation::GetItem);
        let asked: Vec<_> = request.body.split("<t:ItemId Id=\"").skip(1).map(|rest| &rest[..1]).collect();
        assert_eq!(asked, ids);
    }
    assert!(matches!(listed(&[Ok(folder(&[])), Ok(folder(&[]))]), Ok(Step::Done(found)) if found.is_empty()));
    let refused = listed(&[Err("ErrorAccessDenied"), Err("ErrorItemNotFound")]).unwrap_err();
    assert!(matches!(refused.problem, Problem::AccessDenied { .. }), "{refused}");
}

#[test]
fn a_request_tells_its_subject_with_its_sensitivity_or_nothing() {
    let whole = GlobalObjectId::from_uid("a");
    let mut bytes = whole.as_bytes().to_vec();
    bytes[16..20].copy_from_slice(&[0x07, 0xEA, 3, 2]);
    let of_one_day = GlobalObjectId::parse(&bytes).unwrap();
    let said = "<Subject>Budget</Subject><Sensitivity>Private</Sensitivity>\
                <DateTimeReceived>2026-03-02T07:00:00Z</DateTimeReceived>";
    let messages = [
        Ok(item("MeetingRequest", said, &of_one_day)),
        Ok(item("MeetingRequest", "<Subject>Flag unknown</Subject>", &whole)),
        Ok(item("MeetingCancellation", said, &whole)),
        Err("ErrorItemNotFound"),
        Err("ErrorBatchProcessingStopped"),
    ];
    let Ok(Step::Send(search, request)) = listed(&[Ok(folder(&["u", "v", "w", "x", "y"]))]) else {
        panic!("nothing is read")
    };
    is_valid(&request.body);
    let read = search.clone().on_reply(&reply(200, &answer(Operation::GetItem, &messages)));
    let Ok(Step::Done(found)) = read else { panic!("{read:?}") };
    let received = "2026-03-02T07:00:00Z".parse().ok();
    let expected = MeetingRequest {
        global_object_id: of_one_day.clone(),
        subject: Some("Budget".to_owned()),
        sensitivity: Sensitivity::Private,
        received,
    };
    assert_eq!(found, [expected]);
    assert_eq!(found[0].global_object_id.date(), NaiveDate::from_ymd_opt(2026, 3, 2));
    assert!(!format!("{found:?}").contains("Budget"));
    let short = search.on_reply(&reply(200, &answer(Operation::GetItem, &messages[..2]))).unwrap_err();
    assert!(matches!(short.problem, Problem::MessageCount { expected: 5, found: 2 }), "{short}");
}

#[test]
fn a_search_is_bounded() {
    let many: Vec<_> = (0..50).map(|number| GlobalObjectId::from_uid(&number.to_string())).collect();
    let (_, request) = Search::begin(Dialect::default(), mailbox(), &many);
    assert_eq!(request.body.matches("<t:IsEqualTo>").count(), MOST);
}

/// What is asked of the items that were found is as valid by the schema as the search itself.
fn is_valid(body: &str) {
    let Some(xsd) = shared("xsd/ews-soap.xsd") else { return };
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("seeking.xml");
    std::fs::write(&path, body).unwrap();
    let run = Command::new("xmllint").args(["--noout", "--nonet", "--schema"]).arg(xsd).arg(&path).output();
    match run {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
        Err(error) if std::env::var_os("CI").is_some() => panic!("xmllint: {error}"),
        Err(error) => println!("skipped: xmllint: {error}"),
    }
}
