//! Basic: name and password with every request (RFC 7617).

use super::Account;
use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretString};

/// The `Authorization` header.
pub(crate) fn authorization(account: &Account) -> SecretString {
    let credentials = format!("{}:{}", account.username, account.password.expose_secret());
    format!("Basic {}", STANDARD.encode(credentials)).into()
}
