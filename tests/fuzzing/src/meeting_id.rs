//! The names of meetings: GlobalObjectId and iCalendar UID.

use crate::said::fits_a_log;
use meeting_model::global_object_id::GlobalObjectId;

/// Read, written and read again, from either side.
pub(crate) fn global_object_id(bytes: &[u8]) {
    match GlobalObjectId::parse(bytes) {
        Ok(id) => {
            assert_eq!(GlobalObjectId::parse(id.as_bytes()).as_ref(), Ok(&id));
            let clean = id.clone().clean();
            assert_eq!(GlobalObjectId::parse(clean.as_bytes()).as_ref(), Ok(&clean));
            assert_eq!(
                (clean.date(), clean.to_uid()),
                (None, id.to_uid()),
                "its occurrences have another UID"
            );
        }
        Err(error) => fits_a_log(&error.to_string()),
    }
    let uid = String::from_utf8_lossy(bytes);
    let id = GlobalObjectId::from_uid(&uid);
    assert_eq!(GlobalObjectId::parse(id.as_bytes()).as_ref(), Ok(&id), "a UID makes what is no id");
    let again = id.to_uid();
    assert_eq!(
        GlobalObjectId::from_uid(&again),
        id,
        "`{uid:?}` and its own UID `{again:?}` are two meetings"
    );
}
