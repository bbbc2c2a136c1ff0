//! Binds a sign-in to the TLS connection it crosses, so that nobody in between can pass it on.

use sha2::{Digest, Sha256, Sha384, Sha512};
use x509_parser::{prelude::FromDer, signature_algorithm::SignatureAlgorithm, x509::AlgorithmIdentifier};

/// The channel binding `tls-server-end-point` of a certificate in DER: its hash by the function its signature was made
/// with, but never by one weaker than SHA-256 (RFC 5929 §4.1).
pub(crate) fn channel_binding(certificate: &[u8]) -> Vec<u8> {
    let hash = match strength(certificate) {
        Strength::Sha256 => Sha256::digest(certificate).to_vec(),
        Strength::Sha384 => Sha384::digest(certificate).to_vec(),
        Strength::Sha512 => Sha512::digest(certificate).to_vec(),
    };
    [b"tls-server-end-point:".as_slice(), &hash].concat()
}

enum Strength {
    Sha256,
    Sha384,
    Sha512,
}

fn strength(certificate: &[u8]) -> Strength {
    let parsed = x509_parser::certificate::X509Certificate::from_der(certificate);
    let oid = parsed.ok().map(|(_, certificate)| hash_oid(&certificate.signature_algorithm));
    match oid.as_deref() {
        // sha384WithRSAEncryption, ecdsa-with-SHA384, id-sha384
        Some("1.2.840.113549.1.1.12" | "1.2.840.10045.4.3.3" | "2.16.840.1.101.3.4.2.2") => Strength::Sha384,
        // sha512WithRSAEncryption, ecdsa-with-SHA512, id-sha512
        Some("1.2.840.113549.1.1.13" | "1.2.840.10045.4.3.4" | "2.16.840.1.101.3.4.2.3") => Strength::Sha512,
        _ => Strength::Sha256,
    }
}

/// The algorithm that names the hash: of RSASSA-PSS it is a parameter (RFC 4055 §3.1).
fn hash_oid(algorithm: &AlgorithmIdentifier<'_>) -> String {
    match SignatureAlgorithm::try_from(algorithm) {
        Ok(SignatureAlgorithm::RSASSA_PSS(parameters)) => parameters.hash_algorithm_oid().to_id_string(),
        _ => algorithm.algorithm.to_id_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519};

    #[test]
    fn the_hash_is_that_of_the_signature() {
        for (algorithm, length) in
            [(&PKCS_ECDSA_P256_SHA256, 32), (&PKCS_ECDSA_P384_SHA384, 48), (&PKCS_ED25519, 32)]
        {
            let key = KeyPair::generate_for(algorithm).unwrap();
            let certificate = CertificateParams::new(["a".into()]).unwrap().self_signed(&key).unwrap();
            let binding = channel_binding(certificate.der());
            let hash = binding.strip_prefix(b"tls-server-end-point:").unwrap();
            assert_eq!(hash.len(), length);
        }
    }
}
