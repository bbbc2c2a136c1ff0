//! Why a server's certificate is not believed.

use crate::tls::certificate::{CertificateFacts, Fingerprint};
use rustls::CertificateError;

/// Why a server's certificate is not believed (RFC 5280 §6, RFC 9525).
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Untrusted {
    /// It was in force once.
    #[error("expected a certificate in force, found one that has expired, {facts}")]
    Expired {
        /// What it says.
        facts: CertificateFacts,
    },
    /// It is not in force yet.
    #[error("expected a certificate in force, found one that is not in force yet, {facts}")]
    NotYetValid {
        /// What it says.
        facts: CertificateFacts,
    },
    /// It is somebody else's.
    #[error("expected a certificate for `{expected}`, found one {facts}")]
    WrongName {
        /// The host of the configured address.
        expected: String,
        /// What it says.
        facts: CertificateFacts,
    },
    /// Nobody who is trusted vouches for it.
    #[error("expected a certificate by a trusted authority, found one {facts}")]
    UnknownIssuer {
        /// What it says.
        facts: CertificateFacts,
    },
    /// The server made it itself, or it is an authority's own: nobody vouches for it.
    #[error("expected a certificate by a trusted authority, found one that vouches for itself, {facts}")]
    SelfSigned {
        /// What it says.
        facts: CertificateFacts,
    },
    /// It is another than the one that was pinned.
    #[error("expected the certificate `{pinned}`, found `{}`, {facts}", facts.fingerprint)]
    Fingerprint {
        /// The fingerprint that was configured.
        pinned: Fingerprint,
        /// What it says.
        facts: CertificateFacts,
    },
    /// Anything else.
    #[error("expected a certificate to be trusted, found one {facts} ({reason})")]
    Otherwise {
        /// What it says.
        facts: CertificateFacts,
        /// What the TLS library says.
        reason: CertificateError,
    },
}

impl Untrusted {
    /// What can be done about it.
    pub fn remedy(&self) -> String {
        match self {
            Self::Expired { .. } => {
                "renew the server's certificate; if it is new, set this machine's clock right".into()
            }
            Self::NotYetValid { .. } => "set this machine's clock right, or the server's certificate".into(),
            Self::WrongName { facts, .. } if facts.names.is_empty() => {
                "give the server a certificate with the host of `url` as a subject alternative name".into()
            }
            Self::WrongName { .. } => {
                "configure `url` with a name that the certificate is for, or give the server another".into()
            }
            Self::SelfSigned { facts } => format!(
                "compare with the certificate on the server and give `fingerprint = \"{}\"`, or give the server one by an authority, \
                 with that authority's certificate as `ca_file` where this machine does not trust it yet",
                facts.fingerprint
            ),
            Self::UnknownIssuer { facts } => format!(
                "give the certificate of the authority that issued it as `ca_file`; where there is none, compare with the \
                 certificate on the server and give `fingerprint = \"{}\"`",
                facts.fingerprint
            ),
            Self::Fingerprint { .. } => {
                "if the server's certificate was renewed, compare with the one on the server and change `fingerprint`; \
                 otherwise somebody stands between"
                    .into()
            }
            Self::Otherwise { facts, .. } => format!(
                "give the server a certificate of its own, for server authentication, or compare with the one on the server and give \
                 `fingerprint = \"{}\"`",
                facts.fingerprint
            ),
        }
    }
}
