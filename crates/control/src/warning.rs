//! Something an administrator can do something about.

use serde::{Deserialize, Serialize};
use std::fmt;

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

/// One line: `password-in-clear (lab): the password crosses the network in clear; give its url as https`.
impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, about, sentence, remedy } = self;
        f.write_str(id)?;
        if let Some(about) = about {
            write!(f, " ({about})")?;
        }
        write!(f, ": {sentence}; {remedy}")
    }
}
