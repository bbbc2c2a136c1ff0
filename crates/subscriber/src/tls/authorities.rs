//! The certificates of authorities that an administrator gives.

use super::certificate::CertificateFacts;
use crate::error::Error;
use chrono::{DateTime, Utc};
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

/// Reads the certificates in a PEM file (RFC 7468), which may hold other things between them, or the one in a DER file.
/// Those that are not in force are left out: the TLS library does not look at an authority's dates.
///
/// # Errors
/// Where there is none that can be used, and where one is no certificate at all.
pub(crate) fn read(
    server: &str,
    bytes: &[u8],
    now: DateTime<Utc>,
) -> Result<Vec<CertificateDer<'static>>, Error> {
    let unusable = |found, source| Error::Certificates { server: server.to_owned(), found, source };
    let is_pem = bytes.windows(11).any(|window| window == b"-----BEGIN ");
    let all = if is_pem {
        let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(bytes).collect();
        all.map_err(|error| unusable("damaged PEM", Some(error.into())))?
    } else {
        vec![CertificateDer::from(bytes.to_vec())]
    };
    if all.is_empty() {
        return Err(unusable("PEM without a certificate in it", None));
    }
    let found = if is_pem { "PEM around something else than a certificate" } else { "neither" };
    let (mut usable, mut not_in_force) = (Vec::new(), None);
    for der in all {
        // Each is tried as what it will be used for.
        RootCertStore::empty().add(der.clone()).map_err(|error| unusable(found, Some(error.into())))?;
        match CertificateFacts::read(&der) {
            Some(facts) if now < facts.not_before || facts.not_after < now => not_in_force = Some(facts),
            _ => usable.push(der),
        }
    }
    match not_in_force {
        Some(facts) if usable.is_empty() => {
            Err(Error::AuthorityNotInForce { server: server.to_owned(), facts: Box::new(facts) })
        }
        _ => Ok(usable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{Certificate, CertificateParams, KeyPair, date_time_ymd};

    fn certificate(until: i32) -> Certificate {
        let mut params = CertificateParams::new(["mail.example.com".to_owned()]).unwrap();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap()
    }

    fn read_now(bytes: &[u8]) -> Result<Vec<CertificateDer<'static>>, Error> {
        read("hq", bytes, "2026-11-21T12:00:00Z".parse().unwrap())
    }

    #[test]
    fn certificates_are_read_as_pem_and_as_der() {
        let (one, other) = (certificate(2030), certificate(2031));
        assert_eq!(read_now(one.der()).unwrap(), [one.der().clone()]);
        let bundle = format!("subject=CN=mail.example.com\n{}\n{}", one.pem(), other.pem());
        assert_eq!(read_now(bundle.as_bytes()).unwrap(), [one.der().clone(), other.der().clone()]);
    }

    #[test]
    fn one_that_has_expired_is_left_out_and_told_where_there_is_no_other() {
        let (old, new) = (certificate(2025), certificate(2030));
        let bundle = format!("{}{}", old.pem(), new.pem());
        assert_eq!(read_now(bundle.as_bytes()).unwrap(), [new.der().clone()]);
        let told = read_now(old.der()).unwrap_err().to_string();
        let expected = "certificates of server `hq`: expected one in force, found one from 2020-01-01 00:00 UTC \
                        to 2025-01-01 00:00 UTC, issued by `rcgen self signed cert`; export the issuing authority's \
                        present certificate";
        assert_eq!(told, expected);
    }

    #[test]
    fn what_is_no_certificate_is_told_for_what_it_is() {
        let key = KeyPair::generate().unwrap().serialize_pem();
        let whole = certificate(2030).pem();
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
            match read_now(bytes.as_bytes()).unwrap_err() {
                Error::Certificates { found, .. } => assert_eq!(found, expected, "{bytes}"),
                other => panic!("{other}"),
            }
        }
    }
}
