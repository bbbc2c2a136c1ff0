//! The properties that are read, by their URIs: a namespace, up to and with its last `/`, `:`, `;`, `#` or `?`, and a
//! local name ([MS-XWDCAL] 2.2, [MS-OXPROPS]).

pub(super) const HIDDEN: &str = "DAV:ishidden";
pub(super) const CONTENT_CLASS: &str = "DAV:contentclass";
pub(super) const LAST_MODIFIED: &str = "DAV:getlastmodified";
pub(super) const ETAG: &str = "DAV:getetag";

pub(super) const UID: &str = "urn:schemas:calendar:uid";
pub(super) const INSTANCE_TYPE: &str = "urn:schemas:calendar:instancetype";
pub(super) const RECURRENCE_ID: &str = "urn:schemas:calendar:recurrenceid";
pub(super) const START: &str = "urn:schemas:calendar:dtstart";
pub(super) const END: &str = "urn:schemas:calendar:dtend";
pub(super) const ALL_DAY: &str = "urn:schemas:calendar:alldayevent";
pub(super) const LOCATION: &str = "urn:schemas:calendar:location";
pub(super) const ORGANIZER: &str = "urn:schemas:calendar:organizer";
pub(super) const BUSY_STATUS: &str = "urn:schemas:calendar:busystatus";
pub(super) const MEETING_STATUS: &str = "urn:schemas:calendar:meetingstatus";
pub(super) const TIME_ZONE: &str = "urn:schemas:calendar:timezone";
pub(super) const TIME_ZONE_ID: &str = "urn:schemas:calendar:timezoneid";
pub(super) const CALENDAR: &str = "urn:schemas:httpmail:calendar";
pub(super) const SUBJECT: &str = "urn:schemas:httpmail:subject";
pub(super) const BODY: &str = "urn:schemas:httpmail:textdescription";
pub(super) const TO: &str = "urn:schemas:httpmail:to";
pub(super) const CC: &str = "urn:schemas:httpmail:cc";
/// PidLidAppointmentStateFlags.
pub(super) const STATE: &str = "http://schemas.microsoft.com/mapi/apptstateflags";
/// PidLidResponseStatus.
pub(super) const RESPONSE: &str = "http://schemas.microsoft.com/mapi/responsestatus";
/// PidLidAppointmentReplyTime.
pub(super) const REPLY_TIME: &str = "http://schemas.microsoft.com/mapi/apptreplytime";
/// PidLidAppointmentSequence.
pub(super) const SEQUENCE: &str = "http://schemas.microsoft.com/mapi/apptsequence";
pub(super) const SENSITIVITY: &str = "http://schemas.microsoft.com/exchange/sensitivity";
pub(super) const FOLDER_CLASS: &str = "http://schemas.microsoft.com/exchange/outlookfolderclass";
pub(super) const REPL_UID: &str = "http://schemas.microsoft.com/repl/repl-uid";
/// PidLidGlobalObjectId, of one occurrence.
pub(super) const GLOBAL_OBJECT_ID: &str =
    "http://schemas.microsoft.com/mapi/id/{6ED8DA90-450B-101B-98DA-00AA003F1305}/0x3";
/// PidLidCleanGlobalObjectId, of all occurrences.
pub(super) const CLEAN_GLOBAL_OBJECT_ID: &str =
    "http://schemas.microsoft.com/mapi/id/{6ED8DA90-450B-101B-98DA-00AA003F1305}/0x23";
/// PidTagLocalCommitTimeMax: when a folder's content was last written.
pub(super) const COMMITTED: &str = "http://schemas.microsoft.com/mapi/proptag/x670a0040";
/// PidTagDeletedCountTotal: how many items were ever deleted from a folder.
pub(super) const DELETED_COUNT: &str = "http://schemas.microsoft.com/mapi/proptag/x670b0003";

/// Where properties are named by numbers.
const BY_NUMBER: &str = "http://schemas.microsoft.com/mapi/id/";

/// A property's URI as it is written above. Servers write numbers with eight digits, with four, and without the first `0`;
/// `_x0030_` stands for that where XML is kept to.
pub(super) fn uri(namespace: &str, local: &str) -> String {
    let number = namespace.starts_with(BY_NUMBER).then(|| {
        let digits = local.trim_start_matches("_x0030_").trim_start_matches('0').strip_prefix('x')?;
        u32::from_str_radix(digits, 16).ok()
    });
    match number.flatten() {
        Some(number) => format!("{namespace}0x{number:x}"),
        None => format!("{namespace}{local}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_one_property_however_it_is_written() {
        let namespace = "http://schemas.microsoft.com/mapi/id/{6ED8DA90-450B-101B-98DA-00AA003F1305}/";
        for local in ["0x00000023", "0x0023", "x00000023", "0x23", "_x0030_x23"] {
            assert_eq!(uri(namespace, local), CLEAN_GLOBAL_OBJECT_ID, "{local}");
        }
        assert_eq!(uri("urn:schemas:calendar:", "uid"), UID);
    }
}
