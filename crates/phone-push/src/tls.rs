//! Whose certificates devices may show. Video endpoints come with certificates that nobody vouches for.

use crate::target::Trust;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use sha2::{Digest, Sha256};
use std::{cell::OnceCell, sync::Arc};

/// There is no certificate in what should hold some.
#[derive(Debug)]
pub(crate) struct NoCertificate;

/// The machine's own authorities, read when a device first needs them.
#[derive(Default)]
pub(crate) struct Tls(OnceCell<RootCertStore>);

impl Tls {
    /// How TLS is spoken with a device.
    ///
    /// # Errors
    ///
    /// When there is no certificate in what should hold some.
    ///
    /// # Panics
    ///
    /// When the program has not installed a `rustls` provider.
    pub(crate) fn config(&self, trust: &Trust) -> Result<Arc<ClientConfig>, NoCertificate> {
        let builder = ClientConfig::builder();
        Ok(Arc::new(match trust {
            Trust::Pinned(fingerprint) => {
                let provider = builder.crypto_provider();
                let pinned = Pinned { fingerprint: *fingerprint, algorithms: algorithms(provider) };
                builder.dangerous().with_custom_certificate_verifier(Arc::new(pinned)).with_no_client_auth()
            }
            Trust::System => builder.with_root_certificates(self.roots().clone()).with_no_client_auth(),
            Trust::Authorities(given) => {
                let mut roots = self.roots().clone();
                let (added, _) = roots.add_parsable_certificates(certificates(given));
                if added == 0 {
                    return Err(NoCertificate);
                }
                builder.with_root_certificates(roots).with_no_client_auth()
            }
        }))
    }

    /// Without any, no certificate is trusted, which is said when one is shown.
    fn roots(&self) -> &RootCertStore {
        self.0.get_or_init(|| {
            let mut roots = RootCertStore::empty();
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            roots
        })
    }
}

/// PEM, or else DER.
fn certificates(given: &[u8]) -> Vec<CertificateDer<'static>> {
    let pem: Vec<_> = CertificateDer::pem_slice_iter(given).flatten().collect();
    if pem.is_empty() { vec![CertificateDer::from(given.to_vec())] } else { pem }
}

fn algorithms(provider: &CryptoProvider) -> WebPkiSupportedAlgorithms {
    provider.signature_verification_algorithms
}

/// Believes whoever has one certificate.
#[derive(Debug)]
struct Pinned {
    fingerprint: [u8; 32],
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if Sha256::digest(end_entity).as_slice() == self.fingerprint {
            return Ok(ServerCertVerified::assertion());
        }
        Err(rustls::Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
