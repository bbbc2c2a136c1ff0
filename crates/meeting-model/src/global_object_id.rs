//! GlobalObjectId ([MS-OXOCAL] 2.2.1.27): the one name all copies of a meeting share.

use serde::{Deserialize, Serialize};

/// A clean GlobalObjectId: the occurrence's date bytes are zero.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GlobalObjectId(Vec<u8>);
