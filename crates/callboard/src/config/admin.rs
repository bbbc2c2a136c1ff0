//! `[admin]`: who may sign in to the administrator's pages.

use super::{
    secret::{self, SecretSource},
    section::Section,
};
use std::path::Path;

/// Who may sign in to the administrator's pages: nobody, where there is neither.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AdminConfig {
    /// The Argon2id hash of a password, as a PHC string.
    pub password_hash: Option<String>,
    /// Where a token is that does as well.
    pub token: Option<SecretSource>,
}

impl AdminConfig {
    pub(super) fn read(section: &mut Section<'_>, base: &Path) -> Self {
        Self {
            password_hash: section.text("password_hash", password_hash).map(|given| given.value),
            token: secret::read_optional(section, "token_file", "token_env", base),
        }
    }
}

fn password_hash(text: &str) -> Result<String, String> {
    match feed::Administrator::new(Some(text), None) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("expected a hash that begins with `$argon2id$`, which `callboard hash-password` makes, found something else"
            .to_owned()),
    }
}
