//! Decides on the certificate that a server shows, and tells what is wrong with it.

use super::{
    Seen,
    certificate::{CertificateFacts, Fingerprint},
};
use crate::error::Untrusted;
use rustls::{
    CertificateError, DigitallySignedStruct, OtherError, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use std::sync::{Arc, PoisonError};

/// Whom to believe.
#[derive(Debug)]
pub(super) enum Trusted {
    /// Who was vouched for by an authority.
    Authorities(Arc<WebPkiServerVerifier>),
    /// Nobody: there is no authority.
    Nobody,
    /// Who has this certificate.
    Certificate(Fingerprint),
}

/// Decides on certificates; remembers the last that it accepted.
#[derive(Debug)]
pub(super) struct Verifier {
    trusted: Trusted,
    seen: Seen,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Verifier {
    pub(super) fn new(trusted: Trusted, seen: Seen, provider: &CryptoProvider) -> Self {
        Self { trusted, seen, algorithms: provider.signature_verification_algorithms }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let facts = CertificateFacts::read(end_entity)
            .ok_or(rustls::Error::InvalidCertificate(CertificateError::BadEncoding))?;
        match &self.trusted {
            Trusted::Certificate(pinned) if *pinned == facts.fingerprint => {}
            Trusted::Certificate(pinned) => {
                return Err(refusal(Untrusted::Fingerprint { pinned: *pinned, facts }));
            }
            Trusted::Nobody if facts.is_self_signed => return Err(refusal(Untrusted::SelfSigned { facts })),
            Trusted::Nobody => return Err(refusal(Untrusted::UnknownIssuer { facts })),
            Trusted::Authorities(authorities) => {
                authorities
                    .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
                    .map_err(|error| explained(error, server_name, &facts))?;
            }
        }
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(facts);
        Ok(ServerCertVerified::assertion())
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

/// The same refusal, with what the certificate says.
fn explained(error: rustls::Error, name: &ServerName<'_>, facts: &CertificateFacts) -> rustls::Error {
    let rustls::Error::InvalidCertificate(reason) = error else { return error };
    let facts = facts.clone();
    refusal(match reason {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Untrusted::Expired { facts },
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            Untrusted::NotYetValid { facts }
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            Untrusted::WrongName { expected: name.to_str().into_owned(), facts }
        }
        // one that may issue others is refused for that, before anybody asks who issued it
        CertificateError::UnknownIssuer | CertificateError::Other(_) if facts.is_self_signed => {
            Untrusted::SelfSigned { facts }
        }
        CertificateError::UnknownIssuer => Untrusted::UnknownIssuer { facts },
        reason => Untrusted::Otherwise { reason, facts },
    })
}

fn refusal(untrusted: Untrusted) -> rustls::Error {
    rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(untrusted))))
}
