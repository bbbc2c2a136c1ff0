//! How the account signs in.

use secrecy::{ExposeSecret, SecretString};

/// How the account signs in.
#[derive(Debug, Clone)]
pub enum SignIn {
    /// Name and password with every request (RFC 7617). Over TLS only, if the password is to stay one's own.
    Basic {
        /// `DOMAIN\account` or `account@domain`.
        username: String,
        /// Its password.
        password: SecretString,
    },
}

impl SignIn {
    /// Adds what signs a request in.
    pub(crate) fn sign(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        match self {
            Self::Basic { username, password } => {
                request.basic_auth(username, Some(password.expose_secret()))
            }
        }
    }
}
