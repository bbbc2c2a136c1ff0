//! Something an administrator can do something about.

use serde::{Deserialize, Serialize};

/// Something an administrator can do something about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// What it is called: `clock-unconfigured`, `auto-accept-off`.
    pub id: String,
    /// The room or server it is about; absent where it is about the whole site.
    pub about: Option<String>,
    /// One sentence.
    pub sentence: String,
    /// What to do.
    pub remedy: String,
}
