//! What can be wrong with a server before anything is asked of it, and why an answer does not come.

mod kerberos;
pub(crate) mod stage;
mod untrusted;

pub use kerberos::KerberosRefusal;
pub use stage::Stage;
pub use untrusted::Untrusted;

use crate::{
    proxy::Proxy,
    tls::certificate::{CertificateFacts, day},
};
use std::{fmt, time::Duration};

/// A server: its name in the configuration, and its host and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The server's name in the configuration.
    pub server: String,
    /// Its host and port.
    pub host: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "server `{}` at `{}`", self.server, self.host)
    }
}

/// What lies beneath an error.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// What can be wrong between us and a server below the protocol.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The certificates that were given cannot be used.
    #[error(
        "certificates of server `{server}`: expected PEM or DER, found {found}; export the issuing authority's certificate as Base-64 or DER"
    )]
    Certificates {
        /// The server's name in the configuration.
        server: String,
        /// What they are instead.
        found: &'static str,
        /// What the TLS library says.
        source: Option<Cause>,
    },
    /// None of the certificates that were given is in force.
    #[error(
        "certificates of server `{server}`: expected one in force, found one from {} to {}, issued by `{}`; export the issuing authority's present certificate",
        day(facts.not_before), day(facts.not_after), facts.issuer
    )]
    AuthorityNotInForce {
        /// The server's name in the configuration.
        server: String,
        /// The certificate.
        facts: Box<CertificateFacts>,
    },
    /// No client could be made.
    #[error("server `{server}`: no HTTP client could be made for it")]
    Client {
        /// The server's name in the configuration.
        server: String,
        /// What the HTTP library says.
        source: reqwest::Error,
    },
    /// The account's name is none that can sign in so.
    #[error("server `{server}`: expected `DOMAIN\\account` or `account@domain` as `username`, found another")]
    Username {
        /// The server's name in the configuration.
        server: String,
        /// What the sign-in library says.
        source: sspi::Error,
    },
    /// The engine asks for a server that is not configured.
    #[error("server `{server}`: not configured")]
    UnknownServer {
        /// The name.
        server: String,
    },
    /// The server is asked before its address is known.
    #[error("server `{server}`: expected its address, found that Autodiscover has not told it")]
    NoAddress {
        /// The server's name in the configuration.
        server: String,
    },
    /// The server is not who it should be.
    #[error("{at}: {untrusted}")]
    Untrusted {
        /// The server.
        at: Place,
        /// Why.
        untrusted: Box<Untrusted>,
    },
    /// No TLS comes about.
    #[error("{at}: expected TLS 1.2 or 1.3, found that it fails")]
    Tls {
        /// The server.
        at: Place,
        /// What the TLS library says.
        source: rustls::Error,
    },
    /// A proxy stands between and wants its own sign-in.
    #[error("{at}: expected a way through the proxy, found that it wants to be signed in to (status 407)")]
    ProxySignIn {
        /// The server.
        at: Place,
    },
    /// No connection, by way of a proxy: the server itself may be well.
    #[error("{at}: no connection through {proxy}")]
    ThroughProxy {
        /// The server.
        at: Place,
        /// The proxy.
        proxy: Proxy,
        /// What the HTTP library says.
        source: reqwest::Error,
    },
    /// No connection.
    #[error("{at}: no connection")]
    Connect {
        /// The server.
        at: Place,
        /// What the HTTP library says.
        source: reqwest::Error,
    },
    /// No answer in time.
    #[error("{at}: expected an answer to {operation} within {} s, found none", after.as_secs())]
    Timeout {
        /// The server.
        at: Place,
        /// What was asked for.
        operation: &'static str,
        /// How long was waited.
        after: Duration,
    },
    /// A stream says nothing, not even that it lives.
    #[error("{at}: expected a sign of life of {operation} within {} s, found silence", after.as_secs())]
    Silence {
        /// The server.
        at: Place,
        /// What was asked for.
        operation: &'static str,
        /// How long was waited.
        after: Duration,
    },
    /// The answer broke off.
    #[error("{at}: the answer to {operation} broke off")]
    BrokenOff {
        /// The server.
        at: Place,
        /// What was asked for.
        operation: &'static str,
        /// What the HTTP library says.
        source: reqwest::Error,
    },
    /// What answers speaks something else.
    #[error("{at}: expected an answer in HTTP, found something else")]
    NotHttp {
        /// The server.
        at: Place,
        /// What the HTTP library says.
        source: reqwest::Error,
    },
    /// The answer is larger than any answer should be.
    #[error("{at}: expected an answer to {operation} of at most {limit} bytes, found more")]
    TooLarge {
        /// The server.
        at: Place,
        /// What was asked for.
        operation: &'static str,
        /// The most that is read.
        limit: usize,
    },
    /// The answer has more headers than any answer should: more than the HTTP library reads, which says no more than that.
    #[error("{at}: expected an answer to {operation} of at most 100 headers in 400 KB, found more")]
    HeadersTooLarge {
        /// The server.
        at: Place,
        /// What was asked for.
        operation: &'static str,
    },
    /// The server does not offer the configured way to sign in.
    #[error("{at}: expected it to offer `{wanted}`, found {}", list(offered))]
    NotOffered {
        /// The server.
        at: Place,
        /// The scheme that is configured.
        wanted: &'static str,
        /// Those that it offers.
        offered: Vec<String>,
    },
    /// The server wants the first version of NTLM.
    #[error(
        "{at}: expected NTLM version 2, found a challenge without target information, which is version 1"
    )]
    NtlmV1 {
        /// The server.
        at: Place,
    },
    /// What the server says while it is signed in to makes no sense.
    #[error("{at}: expected the next message of {scheme}, found something else")]
    Handshake {
        /// The server.
        at: Place,
        /// The scheme.
        scheme: &'static str,
        /// What the sign-in library says.
        source: sspi::Error,
    },
    /// The connection that was signed in, or was being signed in, is gone.
    #[error("{at}: expected the connection to last while it is signed in, found it closed")]
    ConnectionGone {
        /// The server.
        at: Place,
    },
    /// While this request waited to sign in, another was refused.
    #[error("{at}: the sign-in was refused to another request just now, so that this one did not try")]
    RefusedMeanwhile {
        /// The server.
        at: Place,
    },
    /// No key distribution centre can be asked.
    #[error("{at}: no answer from the key distribution centre `{kdc}`")]
    Kdc {
        /// The server.
        at: Place,
        /// Its address.
        kdc: String,
        /// Why.
        source: std::io::Error,
    },
    /// The key distribution centre gives no ticket.
    #[error("{at}: no Kerberos ticket from `{kdc}`: {refusal}")]
    KerberosRefused {
        /// The server.
        at: Place,
        /// The key distribution centre's address.
        kdc: String,
        /// Why.
        refusal: KerberosRefusal,
    },
    /// The token endpoint cannot be asked, or answers something else.
    #[error("{at}: no answer from the token endpoint `{endpoint}`")]
    TokenEndpoint {
        /// The server.
        at: Place,
        /// The token endpoint's host.
        endpoint: String,
        /// What the HTTP library says.
        source: Cause,
    },
    /// The token endpoint gives no token.
    #[error("{at}: no token from `{endpoint}`: `{code}`{}", detail.as_ref().map(|detail| format!(" ({detail})")).unwrap_or_default())]
    TokenRefused {
        /// The server.
        at: Place,
        /// The token endpoint's host.
        endpoint: String,
        /// The error's code (RFC 6749 §5.2), or the status.
        code: String,
        /// Microsoft's own code, as `AADSTS7000222`.
        detail: Option<String>,
    },
}

impl Error {
    /// Whether the configuration must be changed before anything can be asked: there is nothing to wait for.
    pub fn is_configuration(&self) -> bool {
        matches!(self, Self::Certificates { .. } | Self::AuthorityNotInForce { .. } | Self::Username { .. })
    }
}

/// Words with commas, or that there are none.
fn list(offered: &[String]) -> String {
    if offered.is_empty() { "no way to sign in".into() } else { format!("`{}`", offered.join("`, `")) }
}
