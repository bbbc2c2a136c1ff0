//! Whom a server must prove to be, and what it showed.
//!
//! Checking cannot be turned off. Where no authority vouches for a server, the fingerprint of its certificate is trusted
//! instead ([`Trust::Pinned`]).

pub(crate) mod authorities;
pub mod certificate;
mod channel_binding;
mod verifier;

use crate::error::Error;
use certificate::{CertificateFacts, Fingerprint};
use chrono::{DateTime, Utc};
use rustls::{ClientConfig, RootCertStore, client::WebPkiServerVerifier, crypto::CryptoProvider};
use std::sync::{Arc, Mutex, PoisonError};
use verifier::{Trusted, Verifier};

pub(crate) use channel_binding::channel_binding;

/// Whose certificates a server may show.
#[derive(Debug, Clone)]
pub enum Trust {
    /// Those of the machine's authorities.
    System,
    /// Those of the machine's authorities and of these, as PEM (RFC 7468) or DER.
    SystemAnd(Vec<u8>),
    /// The one with this fingerprint and no other, whatever its names and dates.
    Pinned(Fingerprint),
}

impl Trust {
    /// The same, for another server than the one whose certificate is pinned.
    pub(crate) fn of_others(&self) -> Self {
        match self {
            Self::System | Self::Pinned(_) => Self::System,
            Self::SystemAnd(bytes) => Self::SystemAnd(bytes.clone()),
        }
    }
}

/// TLS as one server is spoken to.
#[derive(Debug, Clone)]
pub(crate) struct Tls {
    config: ClientConfig,
    seen: Seen,
}

/// The last certificate that was accepted.
type Seen = Arc<Mutex<Option<CertificateFacts>>>;

impl Tls {
    /// Reads the authorities.
    ///
    /// # Errors
    /// Where they cannot be used, or have expired.
    pub(crate) fn new(server: &str, trust: &Trust, now: DateTime<Utc>) -> Result<Self, Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let trusted = match trust {
            Trust::Pinned(fingerprint) => Trusted::Certificate(*fingerprint),
            Trust::System => authorities_verifier(server, None, now, &provider)?,
            Trust::SystemAnd(bytes) => authorities_verifier(server, Some(bytes), now, &provider)?,
        };
        let seen = Seen::default();
        let verifier = Verifier::new(trusted, Arc::clone(&seen), &provider);
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring speaks TLS 1.2 and 1.3")
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        // NTLM signs a connection in, which HTTP/2 would share between requests.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { config, seen })
    }

    /// For the HTTP library.
    pub(crate) fn config(&self) -> ClientConfig {
        self.config.clone()
    }

    /// The last certificate that was accepted.
    pub(crate) fn certificate(&self) -> Option<CertificateFacts> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn authorities_verifier(
    server: &str,
    given: Option<&[u8]>,
    now: DateTime<Utc>,
    provider: &Arc<CryptoProvider>,
) -> Result<Trusted, Error> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(bytes) = given {
        for authority in authorities::read(server, bytes, now)? {
            roots.add(authority).map_err(|source| Error::Certificates {
                server: server.to_owned(),
                found: "neither",
                source: Some(source.into()),
            })?;
        }
    }
    // It cannot be built where there is no authority at all, which matters only to who speaks TLS.
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider)).build();
    Ok(verifier.map_or(Trusted::Nobody, Trusted::Authorities))
}
