//! How far a request came.

use super::Error;

/// The steps of a request, in order, of which one failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Making ready, with what the configuration says.
    Configuration,
    /// Finding the host's address by its name.
    Name,
    /// Reaching it.
    Connection,
    /// Believing its certificate.
    Certificate,
    /// Signing in.
    SignIn,
    /// Hearing an answer to the end.
    Answer,
}

impl Error {
    /// How far the request came: the step that failed.
    pub fn stage(&self) -> Stage {
        match self {
            Self::Certificates { .. }
            | Self::AuthorityNotInForce { .. }
            | Self::Client { .. }
            | Self::Username { .. }
            | Self::UnknownServer { .. }
            | Self::NoAddress { .. } => Stage::Configuration,
            Self::Connect { source, .. } if is_name_lookup(source) => Stage::Name,
            Self::Connect { .. }
            | Self::ThroughProxy { .. }
            | Self::Tls { .. }
            | Self::ProxySignIn { .. }
            | Self::NotHttp { .. } => Stage::Connection,
            Self::Untrusted { .. } => Stage::Certificate,
            Self::NotOffered { .. }
            | Self::NtlmV1 { .. }
            | Self::Handshake { .. }
            | Self::RefusedMeanwhile { .. }
            | Self::Kdc { .. }
            | Self::KerberosRefused { .. }
            | Self::TokenEndpoint { .. }
            | Self::TokenRefused { .. } => Stage::SignIn,
            Self::Timeout { .. }
            | Self::Silence { .. }
            | Self::BrokenOff { .. }
            | Self::TooLarge { .. }
            | Self::HeadersTooLarge { .. }
            | Self::ConnectionGone { .. } => Stage::Answer,
        }
    }
}

/// Whether no connection came about because the host's name is not known.
pub(crate) fn is_name_lookup(source: &reqwest::Error) -> bool {
    format!("{source:?}").contains("dns")
}
