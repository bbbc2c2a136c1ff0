//! Since which version of the schema there are properties that are asked for, but that no item here has.

use crate::ews::soap::Schema;

/// Of 2010.
const OF_2010: [&str; 5] = [
    "item:ConversationId",
    "item:IsAssociated",
    "item:UniqueBody",
    "item:WebClientEditFormQueryString",
    "item:WebClientReadFormQueryString",
];

/// Of 2013.
const OF_2013: [&str; 11] = [
    "item:ArchiveTag",
    "item:BlockStatus",
    "item:EntityExtractionResult",
    "item:Flag",
    "item:HasBlockedImages",
    "item:IconIndex",
    "item:PolicyTag",
    "item:Preview",
    "item:RetentionDate",
    "item:RightsManagementLicenseData",
    "item:StoreEntryId",
];

/// Of later versions, between which the schemas here do not tell.
const LATER: [&str; 4] =
    ["item:IsClutter", "item:Mentions", "item:MimeContentUTF8", "item:PredictedActionReasons"];

/// The first version that has a property.
pub(super) fn since(uri: &str) -> Schema {
    let later = [
        (Schema::Exchange2010, OF_2010.as_slice()),
        (Schema::Exchange2013, OF_2013.as_slice()),
        (Schema::Later, LATER.as_slice()),
    ];
    later.into_iter().find(|(_, uris)| uris.contains(&uri)).map_or(Schema::Exchange2007, |(schema, _)| schema)
}
