//! TLS with a certificate made for the loopback address, by an authority of its own.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use sha2::{Digest as _, Sha256};
use tokio_rustls::TlsAcceptor;

/// A server's certificate, and what answers handshakes with it.
pub(super) struct Identity {
    pub(super) acceptor: TlsAcceptor,
    /// The authority's certificate, in PEM.
    pub(super) ca: String,
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
    /// A new certificate for `localhost` and the loopback addresses, signed with SHA-256 by a new authority, whose key
    /// is forgotten.
    pub(super) fn new() -> Result<Self, ServeTlsError> {
        let authority = authority_params();
        let authority_key = KeyPair::generate()?;
        let ca = authority.self_signed(&authority_key)?.pem();
        let key = KeyPair::generate()?;
        let certificate = server_params()?.signed_by(&key, &Issuer::new(authority, authority_key))?;
        let der = certificate.der();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![der.clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))?;
        let sha256 = Sha256::digest(der).into();
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), ca, sha256 })
    }
}

fn authority_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "stand-in Exchange, authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

/// Strict clients want a key identifier of the authority, and what the key is for (RFC 5280 §4.2.1).
fn server_params() -> Result<CertificateParams, rcgen::Error> {
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.push(DnType::CommonName, "localhost");
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    Ok(params)
}
