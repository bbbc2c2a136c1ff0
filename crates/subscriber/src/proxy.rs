//! The proxy that the environment names, for sentences about it. The HTTP library finds it in the same way.

use hyper_util::client::proxy::matcher::Matcher;
use std::fmt;

/// A proxy on the way to a server, and the environment variable that names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    /// Its host and port, without what signs in to it.
    pub host: String,
    /// The variable, as `HTTPS_PROXY`.
    pub variable: String,
}

impl Proxy {
    /// The one that stands before this address, if any does.
    pub(crate) fn before(address: &str) -> Option<Self> {
        let address: hyper::Uri = address.parse().ok()?;
        let found = Matcher::from_env().intercept(&address)?;
        let (host, port) = (found.uri().host()?, found.uri().port());
        let host = port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        Some(Self { host, variable: variable(address.scheme_str()?)? })
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the proxy `{}`, which `{}` names", self.host, self.variable)
    }
}

/// The variable that names the proxy of a scheme: the first that is set, its own before the one for all.
fn variable(scheme: &str) -> Option<String> {
    let own = format!("{scheme}_proxy");
    let names = [own.to_uppercase(), own, "ALL_PROXY".to_owned(), "all_proxy".to_owned()];
    names.into_iter().find(|name| std::env::var(name).is_ok_and(|value| !value.is_empty()))
}
