//! ConvertId ([MS-OXWSCVTID] 3.1.4.1): one id in the spelling of another protocol.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Call;
use super::soap::{EwsError, Messages};
use crate::xml::Element;

/// A spelling of the same bytes ([MS-OXWSCVTID] IdFormatType).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Base64,
    Hex,
}

fn format(name: Option<&str>) -> Result<Format, EwsError> {
    match name {
        Some("EwsLegacyId" | "EwsId" | "EntryId") => Ok(Format::Base64),
        Some("HexEntryId") => Ok(Format::Hex),
        Some("StoreId" | "OwaId") => Err(EwsError::of("ErrorUnsupportedTypeForConversion")),
        _ => Err(EwsError::of("ErrorSchemaValidation")),
    }
}

pub(super) fn answer(call: &Call<'_>) -> Result<String, EwsError> {
    let invalid = || EwsError::of("ErrorSchemaValidation");
    let wanted = call.body.attribute("DestinationFormat").ok_or_else(invalid)?;
    let ids = call.body.child("SourceIds").ok_or_else(invalid)?;
    let mut messages = Messages::new("ConvertId");
    for id in &ids.children {
        match converted(call, id, wanted) {
            Err(error) => messages.error(&error, |_| {}),
            Ok(text) => messages.success(|xml| {
                let instance = "http://www.w3.org/2001/XMLSchema-instance";
                let attributes = [
                    ("xmlns:xsi", instance),
                    ("xsi:type", "t:AlternateIdType"),
                    ("Format", wanted),
                    ("Id", &text),
                    ("Mailbox", id.attribute("Mailbox").unwrap_or_default()),
                ];
                xml.empty("m:AlternateId", &attributes);
            }),
        }
    }
    Ok(messages.finish())
}

fn converted(call: &Call<'_>, id: &Element, wanted: &str) -> Result<String, EwsError> {
    let malformed = || EwsError::of("ErrorInvalidIdMalformed");
    let text = id.attribute("Id").ok_or_else(|| EwsError::of("ErrorSchemaValidation"))?;
    let bytes = match format(id.attribute("Format"))? {
        Format::Base64 => STANDARD.decode(text).ok(),
        Format::Hex => hex::decode(text).ok(),
    };
    let bytes = bytes.ok_or_else(malformed)?;
    let ours = STANDARD.encode(&bytes);
    let room = call.world.id(&ours).ok_or_else(malformed)?.room();
    call.may_read(room)?;
    Ok(match format(Some(wanted))? {
        Format::Base64 => ours,
        Format::Hex => hex::encode_upper(&bytes),
    })
}
