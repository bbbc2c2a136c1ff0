//! GlobalObjectId ([MS-OXOCAL] 2.2.1.27): the one name all copies of a meeting share.
//!
//! The bytes: 16 of class id, 4 of the occurrence's date, 8 of creation time, 8 reserved, 4 of size, then data. An id
//! that came from a foreign calendar carries that calendar's UID as its data ([MS-OXCICAL] 2.1.3.1.1.20.26).

use crate::error::Error;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// `Byte Array ID`: what every GlobalObjectId begins with.
const CLASS_ID: [u8; 16] = [0x04, 0, 0, 0, 0x82, 0, 0xE0, 0, 0x74, 0xC5, 0xB7, 0x10, 0x1A, 0x82, 0xE0, 0x08];
/// What the data of a wrapped foreign UID begins with.
const FOREIGN: &[u8; 12] = b"vCal-Uid\x01\0\0\0";
/// Date, creation time and reserved bytes.
const MIDDLE: usize = 20;

/// A GlobalObjectId. [`clean`](Self::clean) makes the one that all occurrences share: the date bytes are zero.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GlobalObjectId(Vec<u8>);

impl GlobalObjectId {
    /// Takes the bytes of PidLidGlobalObjectId or PidLidCleanGlobalObjectId.
    ///
    /// # Errors
    ///
    /// [`Error::GlobalObjectId`] where the class id or the size of the data is not what it must be.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let wrong = |expected, found| Error::GlobalObjectId { expected, found };
        let Some(after_class) = bytes.strip_prefix(&CLASS_ID) else {
            return Err(wrong("the class id `040000008200E00074C5B7101A82E008`", leading_hex(bytes)));
        };
        let sized = after_class.get(MIDDLE..).and_then(|rest| rest.split_first_chunk::<4>());
        let Some((size, data)) = sized else {
            return Err(wrong("at least 40 bytes", bytes.len().to_string()));
        };
        let size = u32::from_le_bytes(*size);
        if usize::try_from(size) != Ok(data.len()) {
            return Err(wrong(
                "as many bytes of data as its size says",
                format!("{} for {size}", data.len()),
            ));
        }
        Ok(Self(bytes.to_vec()))
    }

    /// The same without the occurrence's date ([MS-OXOCAL] 2.2.1.28).
    #[must_use]
    pub fn clean(mut self) -> Self {
        self.0.iter_mut().skip(CLASS_ID.len()).take(4).for_each(|byte| *byte = 0);
        self
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The date of the occurrence that it names, as the pattern gave it: year, big-endian, month and day. Absent where it
    /// names the whole meeting.
    pub fn date(&self) -> Option<NaiveDate> {
        let [high, low, month, day] = *self.0.get(CLASS_ID.len()..)?.first_chunk()?;
        NaiveDate::from_ymd_opt(u16::from_be_bytes([high, low]).into(), month.into(), day.into())
    }

    /// The iCalendar UID: the foreign one that is wrapped inside, or the clean id in upper-case hex
    /// ([MS-OXCICAL] 2.1.3.1.1.20.26).
    pub fn to_uid(&self) -> String {
        self.foreign_uid().map_or_else(|| hex::encode_upper(self.clone().clean().0), str::to_owned)
    }

    /// The clean id of an iCalendar UID: the id it spells in hex, or the UID wrapped as a foreign one.
    pub fn from_uid(uid: &str) -> Self {
        let spelled = hex::decode(uid).ok().and_then(|bytes| Self::parse(&bytes).ok());
        spelled.map_or_else(|| Self::wrap(uid), Self::clean)
    }

    fn wrap(uid: &str) -> Self {
        let data = [FOREIGN.as_slice(), uid.as_bytes(), &[0]].concat();
        let size = u32::try_from(data.len()).unwrap_or(u32::MAX).to_le_bytes();
        Self([CLASS_ID.as_slice(), &[0; MIDDLE], &size, &data].concat())
    }

    fn foreign_uid(&self) -> Option<&str> {
        let data = self.0.get(CLASS_ID.len() + MIDDLE + 4..)?;
        std::str::from_utf8(data.strip_prefix(FOREIGN)?.strip_suffix(&[0])?).ok()
    }
}

fn leading_hex(bytes: &[u8]) -> String {
    format!("`{}` of {} bytes", hex::encode_upper(bytes.get(..16).unwrap_or(bytes)), bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, path::Path};

    const CLASS: &str = "040000008200E00074C5B7101A82E008";

    fn id(hex: &str) -> GlobalObjectId {
        GlobalObjectId::parse(&hex::decode(hex).unwrap()).unwrap()
    }

    #[test]
    fn i1_every_copy_and_occurrence_has_one_clean_id() {
        let cases = [
            // (as found, clean, uid)
            (
                format!("{CLASS}07EA0302{}04000000DEADBEEF", "A1B2C3D4E5F60708".to_owned() + &"00".repeat(8)),
                format!("{CLASS}00000000{}04000000DEADBEEF", "A1B2C3D4E5F60708".to_owned() + &"00".repeat(8)),
                None,
            ),
            (
                format!("{CLASS}{}0E0000007643616C2D556964010000004100", "00".repeat(20)),
                format!("{CLASS}{}0E0000007643616C2D556964010000004100", "00".repeat(20)),
                Some("A"),
            ),
        ];
        for (found, clean, uid) in cases {
            assert_eq!(id(&found).clean(), id(&clean));
            assert_eq!(
                id(&found).date(),
                uid.is_none().then(|| NaiveDate::from_ymd_opt(2026, 3, 2)).flatten()
            );
            assert_eq!(id(&clean).date(), None);
            assert_eq!(id(&found).to_uid(), uid.unwrap_or(&clean));
            assert_eq!(GlobalObjectId::from_uid(uid.unwrap_or(&found)), id(&clean));
        }
    }

    #[test]
    fn what_is_not_an_id_says_why() {
        let cases = [
            (
                String::new(),
                "global object id: expected the class id `040000008200E00074C5B7101A82E008`, found `` of 0 bytes",
            ),
            (CLASS.to_owned(), "global object id: expected at least 40 bytes, found 16"),
            (
                format!("{CLASS}{}05000000AA", "00".repeat(20)),
                "global object id: expected as many bytes of data as its size says, found 1 for 5",
            ),
        ];
        for (hex, sentence) in cases {
            let error = GlobalObjectId::parse(&hex::decode(&hex).unwrap()).unwrap_err();
            assert_eq!(error.to_string(), sentence);
        }
    }

    #[test]
    fn any_uid_comes_back() {
        for uid in
            ["a", "abc123@example.com", "{81412D3C-2A24-4E9D-B20E-11F7BBE92799}", "Überraschung", CLASS, "00"]
        {
            let wrapped = GlobalObjectId::from_uid(uid);
            assert_eq!(wrapped.to_uid(), uid);
            assert_eq!(GlobalObjectId::parse(wrapped.as_bytes()), Ok(wrapped));
        }
    }

    #[test]
    fn published_vectors() {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples/webdav/20_goid_vectors.tsv");
        let Ok(table) = fs::read_to_string(&path) else {
            println!("skipped: the published vectors are not here");
            return;
        };
        let mut rows = 0;
        for line in table.lines().skip(1) {
            let columns: Vec<&str> = line.split('\t').collect();
            let (found, clean, uid) = (columns[1], columns[6], columns[8]);
            assert_eq!(id(found).clean(), id(clean), "{}", columns[0]);
            assert_eq!(id(found).to_uid(), uid, "{}", columns[0]);
            assert_eq!(GlobalObjectId::from_uid(uid), id(clean), "{}", columns[0]);
            rows += 1;
        }
        assert!(rows > 0);
    }
}
