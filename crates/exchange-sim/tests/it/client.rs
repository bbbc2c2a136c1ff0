//! A small client: enough of SOAP to ask, and to look at the answers.

use chrono::{DateTime, Duration, Utc};
use exchange_sim::{Account, CalendarProcessing, Request, Response, Rights, Room, World};

use crate::valid::Site;

pub(crate) const LOGIN: &str = "svc";
pub(crate) const PASSWORD: &str = "secret";
pub(crate) const BERLIN: &str = "berlin@rooms.example";

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A Monday morning in a world with three rooms that keep subjects, and an account that reads them all.
pub(crate) fn world() -> Site {
    let mut world = World::new(1, morning());
    world.add_account(Account::new(LOGIN, PASSWORD).with_rights(Rights::Reviewer).impersonating());
    for alias in ["berlin", "oslo", "rome"] {
        world.add_room(Room::new(alias).processing(CalendarProcessing::preserving())).unwrap();
    }
    world.into()
}

pub(crate) fn morning() -> DateTime<Utc> {
    at("2026-03-02T08:00:00Z")
}

pub(crate) fn hours(hours: i64) -> DateTime<Utc> {
    morning() + Duration::hours(hours)
}

pub(crate) fn seconds(seconds: i64) -> DateTime<Utc> {
    morning() + Duration::seconds(seconds)
}

pub(crate) fn envelope(header: &str, body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><s:Envelope \
         xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:m=\"http://schemas.microsoft.com/exchange/services/2006/messages\" \
         xmlns:t=\"http://schemas.microsoft.com/exchange/services/2006/types\"><s:Header>\
         <t:RequestServerVersion Version=\"Exchange2013_SP1\"/>{header}</s:Header>\
         <s:Body>{body}</s:Body></s:Envelope>"
    )
}

pub(crate) fn request(header: &str, body: &str) -> Request {
    Request::post("/EWS/Exchange.asmx", envelope(header, body)).basic(LOGIN, PASSWORD)
}

pub(crate) fn call(world: &mut World, now: DateTime<Utc>, body: &str) -> Response {
    world.handle(now, &request("", body))
}

/// Asks and expects status 200.
pub(crate) fn ask(world: &mut World, now: DateTime<Utc>, body: &str) -> String {
    let response = call(world, now, body);
    assert_eq!(response.status, 200, "{}", response.text());
    response.text()
}

pub(crate) fn impersonating(address: &str) -> String {
    format!(
        "<t:ExchangeImpersonation><t:ConnectingSID><t:PrimarySmtpAddress>{address}</t:PrimarySmtpAddress>\
         </t:ConnectingSID></t:ExchangeImpersonation>"
    )
}

pub(crate) fn calendar(address: &str) -> String {
    format!(
        "<t:DistinguishedFolderId Id=\"calendar\"><t:Mailbox><t:EmailAddress>{address}</t:EmailAddress>\
         </t:Mailbox></t:DistinguishedFolderId>"
    )
}

pub(crate) fn get_folder(address: &str) -> String {
    format!(
        "<m:GetFolder><m:FolderShape><t:BaseShape>AllProperties</t:BaseShape><t:AdditionalProperties>\
         <t:ExtendedFieldURI PropertyTag=\"0x670a\" PropertyType=\"SystemTime\"/>\
         <t:ExtendedFieldURI PropertyTag=\"0x670b\" PropertyType=\"Integer\"/></t:AdditionalProperties>\
         </m:FolderShape><m:FolderIds>{}</m:FolderIds></m:GetFolder>",
        calendar(address)
    )
}

pub(crate) fn sync(address: &str, state: Option<&str>, most: usize) -> String {
    let state = state.map(|state| format!("<m:SyncState>{state}</m:SyncState>")).unwrap_or_default();
    format!(
        "<m:SyncFolderItems><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape>\
         <m:SyncFolderId>{}</m:SyncFolderId>{state}<m:MaxChangesReturned>{most}</m:MaxChangesReturned>\
         </m:SyncFolderItems>",
        calendar(address)
    )
}

pub(crate) fn get_item(ids: &str) -> String {
    format!(
        "<m:GetItem><m:ItemShape><t:BaseShape>AllProperties</t:BaseShape><t:BodyType>Text</t:BodyType>\
         <t:AdditionalProperties><t:FieldURI FieldURI=\"item:TextBody\"/>\
         <t:ExtendedFieldURI DistinguishedPropertySetId=\"Meeting\" PropertyId=\"3\" PropertyType=\"Binary\"/>\
         <t:ExtendedFieldURI DistinguishedPropertySetId=\"Meeting\" PropertyId=\"35\" PropertyType=\"Binary\"/>\
         </t:AdditionalProperties></m:ItemShape><m:ItemIds>{ids}</m:ItemIds></m:GetItem>"
    )
}

pub(crate) fn item_id(id: &str) -> String {
    format!("<t:ItemId Id=\"{id}\"/>")
}

pub(crate) fn find(address: &str, from: &str, until: &str, most: Option<usize>) -> String {
    let most = most.map(|most| format!(" MaxEntriesReturned=\"{most}\"")).unwrap_or_default();
    format!(
        "<m:FindItem Traversal=\"Shallow\"><m:ItemShape><t:BaseShape>AllProperties</t:BaseShape></m:ItemShape>\
         <m:CalendarView StartDate=\"{from}\" EndDate=\"{until}\"{most}/>\
         <m:ParentFolderIds>{}</m:ParentFolderIds></m:FindItem>",
        calendar(address)
    )
}

pub(crate) fn subscribe(address: &str, minutes: u32) -> String {
    format!(
        "<m:Subscribe><m:PullSubscriptionRequest><t:FolderIds>{}</t:FolderIds><t:EventTypes>\
         <t:EventType>CreatedEvent</t:EventType><t:EventType>ModifiedEvent</t:EventType>\
         <t:EventType>MovedEvent</t:EventType><t:EventType>DeletedEvent</t:EventType></t:EventTypes>\
         <t:Timeout>{minutes}</t:Timeout></m:PullSubscriptionRequest></m:Subscribe>",
        calendar(address)
    )
}

pub(crate) fn get_events(id: &str, watermark: &str) -> String {
    format!(
        "<m:GetEvents><m:SubscriptionId>{id}</m:SubscriptionId><m:Watermark>{watermark}</m:Watermark>\
         </m:GetEvents>"
    )
}

pub(crate) fn unsubscribe(id: &str) -> String {
    format!("<m:Unsubscribe><m:SubscriptionId>{id}</m:SubscriptionId></m:Unsubscribe>")
}

/// The texts of all elements of a name, prefix and all.
pub(crate) fn texts(xml: &str, element: &str) -> Vec<String> {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    let parts = xml.split(&open).skip(1);
    parts.filter_map(|part| part.split(&close).next()).map(ToOwned::to_owned).collect()
}

/// The only text of that name.
pub(crate) fn text(xml: &str, element: &str) -> String {
    let mut found = texts(xml, element);
    assert_eq!(found.len(), 1, "one {element} in {xml}");
    found.remove(0)
}

/// The ids of all elements of a name.
pub(crate) fn ids(xml: &str, element: &str) -> Vec<String> {
    let open = format!("<{element} Id=\"");
    let parts = xml.split(&open).skip(1);
    parts.filter_map(|part| part.split('"').next()).map(ToOwned::to_owned).collect()
}
