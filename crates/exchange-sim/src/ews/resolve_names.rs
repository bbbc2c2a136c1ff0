//! ResolveNames ([MS-OXWSRSLNM] 3.1.4.1): who goes by a name or an address.

use super::Call;
use super::get_rooms::address;
use super::soap::{EwsError, Messages};
use crate::room::{MailboxState, Room};
use crate::xml::Xml;

/// So many candidates are returned at most.
const CANDIDATES: usize = 100;

pub(super) fn answer(call: &Call<'_>) -> Result<String, EwsError> {
    let invalid = || EwsError::of("ErrorSchemaValidation");
    let entry = call.body.text_of("UnresolvedEntry").filter(|entry| !entry.is_empty()).ok_or_else(invalid)?;
    let entry = entry.to_lowercase();
    let entry = entry.strip_prefix("smtp:").unwrap_or(&entry);
    let contact = call.body.attribute("ReturnFullContactData").ok_or_else(invalid)? == "true";
    let rooms = call.world.rooms.iter().filter(|room| room.state != MailboxState::Deleted);
    let mut found: Vec<&Room> = rooms.filter(|room| goes_by(room, entry)).collect();
    let all = found.len() <= CANDIDATES;
    found.truncate(CANDIDATES);
    let mut messages = Messages::new("ResolveNames");
    let resolved = |xml: &mut Xml| {
        let (total, all) = (found.len().to_string(), all.to_string());
        let counts = [("TotalItemsInView", total.as_str()), ("IncludesLastItemInRange", all.as_str())];
        xml.element("m:ResolutionSet", &counts, |xml| {
            for room in &found {
                resolution(room, contact, xml);
            }
        });
    };
    match found.len() {
        0 => messages.error(&EwsError::of("ErrorNameResolutionNoResults"), |_| {}),
        1 => messages.success(resolved),
        _ => messages.error(&EwsError::of("ErrorNameResolutionMultipleResults"), resolved),
    }
    Ok(messages.finish())
}

/// Names are found by their beginning, as is every word of them.
fn goes_by(room: &Room, entry: &str) -> bool {
    let name = room.mailbox.name.to_lowercase();
    let address = room.mailbox.address.to_lowercase();
    let words = name.split_whitespace().any(|word| word.starts_with(entry));
    room.alias.starts_with(entry) || address.starts_with(entry) || name.starts_with(entry) || words
}

fn resolution(room: &Room, contact: bool, xml: &mut Xml) {
    xml.within("t:Resolution", |xml| {
        xml.within("t:Mailbox", |xml| address(&room.mailbox, "Mailbox", xml));
        if contact {
            xml.within("t:Contact", |xml| {
                xml.leaf("t:DisplayName", &room.mailbox.name);
                xml.within("t:EmailAddresses", |xml| {
                    let smtp = format!("SMTP:{}", room.mailbox.address);
                    xml.element("t:Entry", &[("Key", "EmailAddress1")], |xml| xml.text(&smtp));
                });
                xml.leaf("t:ContactSource", "ActiveDirectory");
            });
        }
    });
}
