//! How the account signs in.

pub(crate) mod basic;
pub(crate) mod form;
pub(crate) mod handshake;
pub(crate) mod kdc;
pub(crate) mod negotiate;
pub mod ntlm;
pub(crate) mod oauth2;

use negotiate::Negotiate;
use secrecy::{ExposeSecret, SecretString};
use sspi::{AuthIdentity, Username};

/// How the account signs in.
#[derive(Debug, Clone)]
pub enum SignIn {
    /// Name and password with every request (RFC 7617). Over TLS only, if the password is to stay one's own.
    Basic(Account),
    /// The sign-in form of Exchange 2003 and 2007, once for every room: its session is told by cookies.
    Form(Account),
    /// NTLM version 2 ([MS-NLMP]) with message integrity and, over TLS, channel binding, once for every connection
    /// ([MS-NTHT]). Version 1 is not spoken.
    Ntlm(Account),
    /// Kerberos (RFC 4120) in SPNEGO (RFC 4178, RFC 4559) with name and password; never NTLM instead.
    Negotiate {
        /// Who signs in.
        account: Account,
        /// The domain's key distribution centre, as `host` or `host:port`; otherwise it is found at the domain's own name,
        /// as every domain of Active Directory is.
        kdc: Option<String>,
    },
    /// A token with every request (RFC 6750), which the application gets for itself (RFC 6749 §4.4).
    OAuth2(ClientCredentials),
}

/// A name and its password.
#[derive(Debug, Clone)]
pub struct Account {
    /// `DOMAIN\account` or `account@domain`.
    pub username: String,
    /// Its password.
    pub password: SecretString,
}

impl Account {
    /// The same, as the sign-in library takes it.
    pub(crate) fn identity(&self) -> sspi::Result<AuthIdentity> {
        let password = self.password.expose_secret().to_owned().into();
        Ok(AuthIdentity { username: Username::parse(&self.username)?, password })
    }
}

/// An application that signs in as itself (RFC 6749 §4.4).
#[derive(Debug, Clone)]
pub struct ClientCredentials {
    /// Where tokens are given.
    pub token_url: String,
    /// The application.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
    /// What the token is for: `https://outlook.office365.com/.default`.
    pub scope: String,
}

/// A way to sign in that lasts as long as the connection.
#[derive(Debug)]
pub(crate) enum ConnectionScheme {
    Ntlm,
    Negotiate(Negotiate),
}
