//! TLS with a certificate of the server's own, made for the loopback address.

use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use sha2::{Digest as _, Sha256};
use tokio_rustls::TlsAcceptor;

/// A server's certificate, and what answers handshakes with it.
pub(super) struct Identity {
    pub(super) acceptor: TlsAcceptor,
    pub(super) pem: String,
    pub(super) sha256: [u8; 32],
}

/// Why a world could not be served with TLS.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeTlsError {
    /// The address could not be listened on.
    #[error("server: the address could not be listened on")]
    Listen(#[from] std::io::Error),
    /// No certificate could be made.
    #[error("server: no certificate could be made")]
    Certificate(#[from] rcgen::Error),
    /// The certificate cannot be served.
    #[error("server: the certificate cannot be served")]
    Tls(#[from] rustls::Error),
}

impl Identity {
    /// A new certificate for `localhost` and the loopback address, signed with SHA-256.
    pub(super) fn new() -> Result<Self, ServeTlsError> {
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names)?;
        let key = PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)?;
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            pem: cert.pem(),
            sha256: Sha256::digest(cert.der()).into(),
        })
    }
}
