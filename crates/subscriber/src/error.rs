//! What can be wrong with a server before anything is asked of it, and why an answer does not come.

use std::time::Duration;

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
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// No client could be made.
    #[error("server `{server}`: no HTTP client could be made for it")]
    Client {
        /// The server's name in the configuration.
        server: String,
        /// What the HTTP library says.
        #[source]
        source: reqwest::Error,
    },
    /// No connection.
    #[error("server `{server}` at `{host}`: no connection")]
    Connect {
        /// The server's name in the configuration.
        server: String,
        /// Its host and port.
        host: String,
        /// What the HTTP library says.
        #[source]
        source: reqwest::Error,
    },
    /// No answer in time.
    #[error("server `{server}` at `{host}`: expected an answer to {operation} within {} s, found none", after.as_secs())]
    Timeout {
        /// The server's name in the configuration.
        server: String,
        /// Its host and port.
        host: String,
        /// What was asked for.
        operation: &'static str,
        /// How long was waited.
        after: Duration,
    },
    /// The answer broke off.
    #[error("server `{server}` at `{host}`: the answer to {operation} broke off")]
    BrokenOff {
        /// The server's name in the configuration.
        server: String,
        /// Its host and port.
        host: String,
        /// What was asked for.
        operation: &'static str,
        /// What the HTTP library says.
        #[source]
        source: reqwest::Error,
    },
    /// The answer is larger than any answer should be.
    #[error(
        "server `{server}` at `{host}`: expected an answer to {operation} of at most {limit} bytes, found more"
    )]
    TooLarge {
        /// The server's name in the configuration.
        server: String,
        /// Its host and port.
        host: String,
        /// What was asked for.
        operation: &'static str,
        /// The most that is read.
        limit: usize,
    },
    /// The engine asks for a server that is not configured.
    #[error("server `{server}`: not configured")]
    UnknownServer {
        /// The name.
        server: String,
    },
}
