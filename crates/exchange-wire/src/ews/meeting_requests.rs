//! A conversation that looks for the meeting requests of some meetings in a mailbox (rule S4): FindItem in Inbox and Deleted
//! Items ([MS-OXWSSRCH] 3.1.4.2), then GetItem ([MS-OXWSMTGS] 3.1.4.4) of what was found, for a list cuts subjects.

use super::{Dialect, GLOBAL_OBJECT_IDS, Mailbox, calendar_item as field, each, field_uris, reply};
use crate::{
    error::{Error, Problem},
    http::{Operation, Reply, Request},
    xml::{Element, escape},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use meeting_model::{global_object_id::GlobalObjectId, id::ItemId, meeting_request::MeetingRequest};
use serde::{Deserialize, Serialize};

/// For how many meetings at most one search is made.
pub const MOST: usize = 20;

/// How many requests are read of each folder, the newest first.
const PAGE: usize = 50;

/// What requests are stored as; updates and what belongs to a series, too ([MS-OXOCAL] 2.2.6.1).
const CLASS: &str = "IPM.Schedule.Meeting.Request";

/// A search under way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Search {
    dialect: Dialect,
    mailbox: Mailbox,
    /// What was found, and is being read. Absent while it is being looked for.
    found: Option<Vec<ItemId>>,
}

/// What to do after a reply.
#[derive(Debug)]
pub enum Step {
    /// Send this, and give its reply to the search.
    Send(Search, Request),
    /// It is over: what was found, which may be nothing.
    Done(Vec<MeetingRequest>),
}

impl Search {
    /// Begins, for at most [`MOST`] meetings, of which there must be one, by their clean GlobalObjectIds.
    pub fn begin(dialect: Dialect, mailbox: Mailbox, meetings: &[GlobalObjectId]) -> (Self, Request) {
        let meetings: Vec<String> = meetings.iter().take(MOST).map(is_of).collect();
        let any = match meetings.as_slice() {
            [one] => one.clone(),
            several => format!("<t:Or>{}</t:Or>", several.concat()),
        };
        let body = format!(
            concat!(
                r#"<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape>"#,
                r#"<m:IndexedPageItemView MaxEntriesReturned="{page}" Offset="0" BasePoint="Beginning"/>"#,
                r#"<m:Restriction><t:And><t:Contains ContainmentMode="Prefixed" ContainmentComparison="IgnoreCase">"#,
                r#"<t:FieldURI FieldURI="item:ItemClass"/><t:Constant Value="{class}"/></t:Contains>{any}</t:And></m:Restriction>"#,
                r#"<m:SortOrder><t:FieldOrder Order="Descending"><t:FieldURI FieldURI="item:DateTimeReceived"/>"#,
                "</t:FieldOrder></m:SortOrder><m:ParentFolderIds>{inbox}{deleted}</m:ParentFolderIds></m:FindItem>",
            ),
            page = PAGE,
            class = CLASS,
            any = any,
            inbox = mailbox.folder("inbox"),
            deleted = mailbox.folder("deleteditems"),
        );
        let request = dialect.request(&mailbox, Operation::FindItem, &body);
        (Self { dialect, mailbox, found: None }, request)
    }

    /// Takes the reply to the last request.
    ///
    /// # Errors
    ///
    /// When neither folder can be searched, or what was found cannot be read: see [`Problem`].
    pub fn on_reply(self, reply: &Reply<'_>) -> Result<Step, Error> {
        let Some(found) = &self.found else {
            let found = found(reply)?;
            if found.is_empty() {
                return Ok(Step::Done(Vec::new()));
            }
            let request = read(self.dialect, &self.mailbox, &found);
            return Ok(Step::Send(Self { found: Some(found), ..self }, request));
        };
        Ok(Step::Done(requests(reply, found.len())?))
    }
}

/// Whether an item is of a meeting. Binary properties are compared as Base64.
fn is_of(meeting: &GlobalObjectId) -> String {
    format!(
        concat!(
            "<t:IsEqualTo>",
            r#"<t:ExtendedFieldURI DistinguishedPropertySetId="Meeting" PropertyId="35" PropertyType="Binary"/>"#,
            r#"<t:FieldURIOrConstant><t:Constant Value="{}"/></t:FieldURIOrConstant></t:IsEqualTo>"#,
        ),
        STANDARD.encode(meeting.as_bytes())
    )
}

fn read(dialect: Dialect, mailbox: &Mailbox, ids: &[ItemId]) -> Request {
    let body = format!(
        concat!(
            "<m:GetItem><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties>{fields}{ids}",
            "</t:AdditionalProperties></m:ItemShape><m:ItemIds>{items}</m:ItemIds></m:GetItem>",
        ),
        fields = field_uris(&["item:Subject", "item:Sensitivity", "item:DateTimeReceived"]),
        ids = GLOBAL_OBJECT_IDS,
        items = each(ids, |id| format!(r#"<t:ItemId Id="{}"/>"#, escape(id.as_str()))),
    );
    dialect.request(mailbox, Operation::GetItem, &body)
}

/// The requests in those of the folders that could be searched.
fn found(reply: &Reply<'_>) -> Result<Vec<ItemId>, Error> {
    let operation = Operation::FindItem;
    let mut ids = Vec::new();
    let (mut searched, mut refused) = (false, None);
    for message in reply::messages(operation, reply)? {
        if let Some(failure) = reply::failure(&message) {
            refused.get_or_insert(failure.problem());
            continue;
        }
        searched = true;
        let items = message.child("RootFolder").and_then(|root| root.child("Items"));
        let items = items.ok_or_else(|| reply::missing(operation, "Items"))?;
        let requests = items.children_named("MeetingRequest").take(PAGE);
        ids.extend(requests.filter_map(|item| Some(ItemId::new(item.child("ItemId")?.attribute("Id")?))));
    }
    match refused {
        Some(problem) if !searched => Err(Error { operation, problem }),
        _ => Ok(ids),
    }
}

fn requests(reply: &Reply<'_>, asked: usize) -> Result<Vec<MeetingRequest>, Error> {
    let operation = Operation::GetItem;
    let messages = reply::messages(operation, reply)?;
    if messages.len() != asked {
        let problem = Problem::MessageCount { expected: asked, found: messages.len() };
        return Err(Error { operation, problem });
    }
    let mut requests = Vec::with_capacity(asked);
    for message in messages {
        match reply::failure(&message) {
            None => requests.extend(request(&message)),
            Some(failure) if failure.is_gone() || failure.is_of_one_item() => {}
            Some(failure) => match failure.problem() {
                Problem::TooMuch { .. } => {}
                problem => return Err(Error { operation, problem }),
            },
        }
    }
    Ok(requests)
}

/// A subject travels only with its sensitivity: a request that does not say it has none for us.
fn request(message: &Element) -> Option<MeetingRequest> {
    let item = message.child("Items")?.children.first().filter(|item| item.name == "MeetingRequest")?;
    item.value("Sensitivity")?;
    let own = field::global_object_id(item, "3");
    Some(MeetingRequest {
        global_object_id: own.or_else(|| field::clean_global_object_id(item))?,
        subject: item.child("Subject").map(|subject| subject.text().to_owned()),
        sensitivity: field::sensitivity(item),
        received: field::instant(item, "DateTimeReceived"),
    })
}
