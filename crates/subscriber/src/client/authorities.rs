//! The certificates of authorities that an administrator gives.

use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

/// Why bytes are no certificates.
#[derive(Debug)]
pub(super) struct Unusable {
    /// What they are instead.
    pub(super) found: &'static str,
    /// What the TLS library says.
    pub(super) source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// Reads the certificates in a PEM file (RFC 7468), which may hold other things between them, or the one in a DER file.
///
/// Each is tried as what it will be used for, because the HTTP library takes any bytes for DER and fails on them later,
/// without a word on whose they were.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<CertificateDer<'static>>, Unusable> {
    let is_pem = bytes.windows(11).any(|window| window == b"-----BEGIN ");
    let all = if is_pem {
        let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(bytes).collect();
        all.map_err(|error| Unusable { found: "damaged PEM", source: Some(error.into()) })?
    } else {
        vec![CertificateDer::from(bytes.to_vec())]
    };
    if all.is_empty() {
        return Err(Unusable { found: "PEM without a certificate in it", source: None });
    }
    let found = if is_pem { "PEM around something else than a certificate" } else { "neither" };
    let mut usable = RootCertStore::empty();
    for der in &all {
        usable.add(der.clone()).map_err(|error| Unusable { found, source: Some(error.into()) })?;
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate() -> rcgen::Certificate {
        let key = rcgen::KeyPair::generate().unwrap();
        rcgen::CertificateParams::new(["mail.example.com".to_owned()]).unwrap().self_signed(&key).unwrap()
    }

    #[test]
    fn certificates_are_read_as_pem_and_as_der() {
        let (one, other) = (certificate(), certificate());
        assert_eq!(read(one.der()).unwrap(), [one.der().clone()]);
        let bundle = format!("subject=CN=mail.example.com\n{}\n{}", one.pem(), other.pem());
        assert_eq!(read(bundle.as_bytes()).unwrap(), [one.der().clone(), other.der().clone()]);
    }

    #[test]
    fn what_is_no_certificate_is_told_for_what_it_is() {
        let key = rcgen::KeyPair::generate().unwrap().serialize_pem();
        let whole = certificate().pem();
        let (broken_off, _) = whole.split_once("-----END").unwrap();
        for (bytes, expected) in [
            ("", "neither"),
            ("hello", "neither"),
            (key.as_str(), "PEM without a certificate in it"),
            (broken_off, "damaged PEM"),
            (
                "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n",
                "PEM around something else than a certificate",
            ),
        ] {
            assert_eq!(read(bytes.as_bytes()).unwrap_err().found, expected, "{bytes}");
        }
    }
}
