//! One server of the configuration, and the hosts behind it: one where its address is configured, more where Autodiscover tells
//! it.

use crate::{
    client::Server,
    dated::Ear,
    endpoint::{Endpoint, built, client},
    error::{Error, Place},
    sign_in::{Account, SignIn, basic, negotiate::Negotiate, oauth2::Tokens},
    tls::{Tls, certificate::CertificateFacts},
};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// One server, and the hosts behind it.
#[derive(Debug)]
pub(crate) struct Hosts {
    server: Server,
    tls: Tls,
    credentials: Credentials,
    ear: Ear,
    /// By the hosts' names and ports.
    endpoints: Mutex<BTreeMap<String, Arc<Endpoint>>>,
}

/// What the account signs in with, whichever host it signs in to.
#[derive(Debug)]
pub(crate) enum Credentials {
    Basic(SecretString),
    Form(Account),
    Ntlm(Account),
    Kerberos(Account, Negotiate),
    Tokens(Arc<Tokens>),
}

impl Hosts {
    pub(crate) fn new(server: Server, now: DateTime<Utc>) -> Result<Self, Error> {
        let name = server.id.to_string();
        let tls = Tls::new(&name, &server.trust, now)?;
        let credentials = match &server.sign_in {
            SignIn::Basic(account) => Credentials::Basic(basic::authorization(account)),
            SignIn::Form(account) => Credentials::Form(account.clone()),
            SignIn::Ntlm(account) => Credentials::Ntlm(account.clone()),
            SignIn::Negotiate { account, kdc } => {
                Credentials::Kerberos(account.clone(), Negotiate::new(account, kdc.clone()))
            }
            SignIn::OAuth2(credentials) => {
                // The token endpoint is another server, with a certificate of its own.
                let others = Tls::new(&name, &server.trust.of_others(), now)?;
                let client = built(&name, client(&others))?;
                Credentials::Tokens(Arc::new(Tokens::new(credentials.clone(), client, server.timeout)))
            }
        };
        if let Credentials::Ntlm(account) | Credentials::Kerberos(account, _) = &credentials {
            account.identity().map_err(|source| Error::Username { server: name, source })?;
        }
        Ok(Self { server, tls, credentials, ear: Ear::default(), endpoints: Mutex::default() })
    }

    /// The address of its web services, where that is configured.
    pub(crate) fn url(&self) -> Option<&str> {
        self.server.url.as_deref()
    }

    /// What hears of their clocks.
    pub(crate) fn ear(&self) -> &Ear {
        &self.ear
    }

    /// The last certificate that one of them showed and that was accepted.
    pub(crate) fn certificate(&self) -> Option<CertificateFacts> {
        self.tls.certificate()
    }

    /// The host of an address.
    pub(crate) fn endpoint(&self, url: &str) -> Result<Arc<Endpoint>, Error> {
        let url = reqwest::Url::parse(url).ok();
        let host = url.as_ref().and_then(|url| url.host_str()).unwrap_or_default();
        let port = url.as_ref().and_then(reqwest::Url::port_or_known_default);
        let address = port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let mut endpoints = self.endpoints.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(endpoint) = endpoints.get(&address) {
            return Ok(Arc::clone(endpoint));
        }
        let place = Place { server: self.server.id.to_string(), host: address.clone() };
        let Self { server, tls, credentials, ear, .. } = self;
        let endpoint =
            Arc::new(Endpoint::new(credentials, tls, place, host, server.timeout)?.heard_by(ear.clone()));
        endpoints.insert(address, Arc::clone(&endpoint));
        Ok(endpoint)
    }
}
