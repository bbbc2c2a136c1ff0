//! What our errors mean to the engine.

use crate::{
    error::{Error, stage::is_name_lookup},
    proxy::Proxy,
};
use rustls::AlertDescription;
use std::{error::Error as _, io};
use sync_engine::Unreachable;

impl From<Error> for Unreachable {
    fn from(error: Error) -> Self {
        let cause = innermost(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
        let remedy = remedy(&error).map(|remedy| format!("; {remedy}")).unwrap_or_default();
        let (whole_server, refusals) = (whole_server(&error), error.refusals());
        Self { whole_server, refusals, sentence: format!("{error}{cause}{remedy}") }
    }
}

/// Whether no request to the server can succeed, or only this one failed.
fn whole_server(error: &Error) -> bool {
    !matches!(
        error,
        Error::Timeout { .. }
            | Error::Silence { .. }
            | Error::BrokenOff { .. }
            | Error::TooLarge { .. }
            | Error::HeadersTooLarge { .. }
            | Error::ConnectionGone { .. }
            | Error::RefusedMeanwhile { .. }
    )
}

impl Error {
    /// How often the account was refused, by who gives tickets or tokens.
    pub fn refusals(&self) -> u32 {
        match self {
            Self::KerberosRefused { refusal, .. } => refusal.refusals(),
            Self::TokenRefused { code, .. } => u32::from(matches!(
                code.as_str(),
                "invalid_client" | "invalid_grant" | "unauthorized_client" | "access_denied"
            )),
            _ => 0,
        }
    }
}

/// What can be done about it, where the sentence does not say already.
fn remedy(error: &Error) -> Option<String> {
    let text = match error {
        Error::Certificates { .. }
        | Error::AuthorityNotInForce { .. }
        | Error::Client { .. }
        | Error::Username { .. }
        | Error::UnknownServer { .. }
        | Error::NoAddress { .. }
        | Error::RefusedMeanwhile { .. } => return None,
        Error::Untrusted { untrusted, .. } => return Some(untrusted.remedy()),
        Error::KerberosRefused { refusal, .. } => refusal.remedy(),
        Error::Tls { source, .. } => tls_remedy(source),
        Error::ProxySignIn { .. } => {
            "let this machine through the proxy without a sign-in, or put the server's host into `NO_PROXY` where callboard is started"
        }
        Error::ThroughProxy { proxy, .. } => return Some(proxy_remedy(proxy)),
        Error::Connect { source, .. } if is_name_lookup(source) => {
            "check the host's name in `url` and the resolver"
        }
        Error::Connect { .. } => "check `url`, that the server runs, and that no firewall stands between",
        Error::Timeout { .. } => {
            "if this happens often, look at the server's load and at what stands between"
        }
        Error::Silence { .. } => {
            "it is asked again; if this goes on, look for a proxy on the way that holds answers back"
        }
        Error::BrokenOff { .. } => {
            "it is asked again; if this goes on, look at what stands between, and whether the port in `url` wants `https://`"
        }
        Error::NotHttp { .. } => {
            "check the port in `url`: it may want `https://`, as 443 does, or be another service's, as 25 is for mail"
        }
        Error::TooLarge { .. } => "check that the address is Exchange's",
        Error::HeadersTooLarge { .. } => {
            "check that the address is Exchange's, and what a proxy on the way adds to its answers"
        }
        Error::NotOffered { wanted, offered, .. } => return Some(not_offered_remedy(wanted, offered)),
        Error::NtlmV1 { .. } => {
            "version 1 is refused by design, as its answers can be broken: let the server take version 2 \
             (`LmCompatibilityLevel` 3 or more), or configure another `auth`"
        }
        Error::Handshake { .. } => "look for a proxy or load balancer on the way that changes headers",
        Error::ConnectionGone { .. } => {
            "it is tried again; if this goes on, let the proxy or load balancer on the way keep connections, or configure `auth = \"basic\"`"
        }
        Error::Kdc { .. } => "check `kdc`, and that no firewall stands between this machine and its port 88",
        Error::TokenEndpoint { .. } => "check `tenant` or `token_url`, and that this machine may reach it",
        Error::TokenRefused { code, detail, .. } => token_remedy(code, detail.as_deref()),
    };
    Some(text.to_owned())
}

/// What can be done where a proxy lets nothing through.
fn proxy_remedy(proxy: &Proxy) -> String {
    format!(
        "check that the proxy runs and lets this machine through to the server; or correct `{}` where callboard is started, or put \
         the server's host into `NO_PROXY` there",
        proxy.variable
    )
}

/// What can be done where another way to sign in is offered than the configured one.
fn not_offered_remedy(wanted: &str, offered: &[String]) -> String {
    let auth = |scheme: &String| match scheme.to_ascii_lowercase().as_str() {
        "ntlm" => Some("`auth = \"ntlm\"`"),
        "negotiate" => Some("`auth = \"negotiate\"`"),
        "basic" => Some("`auth = \"basic\"`"),
        "bearer" => Some(
            "`auth = \"oauth2\"` with an application that has the role `full_access_as_app` and an administrator's consent, and \
             `access = \"impersonation\"`",
        ),
        _ => None,
    };
    let known: Vec<&str> = offered.iter().filter_map(auth).collect();
    let configure = if known.is_empty() {
        "look for a proxy on the way that takes the offers away".to_owned()
    } else {
        format!("configure {}", known.join(" or "))
    };
    let parameter = match wanted {
        "Basic" => "-BasicAuthentication $true",
        "Bearer" => "-OAuthAuthentication $true",
        _ => "-WindowsAuthentication $true",
    };
    format!("{configure}, or enable it on the server: `Set-WebServicesVirtualDirectory {parameter}`")
}

/// What can be done where no TLS comes about.
fn tls_remedy(source: &rustls::Error) -> &'static str {
    match source {
        rustls::Error::InvalidMessage(_) => "check the port in `url`: what answers there speaks no TLS",
        rustls::Error::AlertReceived(
            AlertDescription::ProtocolVersion | AlertDescription::HandshakeFailure,
        )
        | rustls::Error::PeerIncompatible(_) => {
            "enable TLS 1.2 on the server, or put a proxy that speaks it in front of it"
        }
        _ => "look for a firewall on the way that changes connections, and into the server's event log",
    }
}

/// What can be done about a token endpoint's refusal (RFC 6749 §5.2; Microsoft Entra's `AADSTS` codes).
fn token_remedy(code: &str, detail: Option<&str>) -> &'static str {
    match (code, detail) {
        (_, Some("AADSTS7000215")) => "give the client secret's value, not its id, in `client_secret_file`",
        (_, Some("AADSTS7000222")) => "the client secret has expired: make a new one in the app registration",
        (_, Some("AADSTS700016")) => "check `client_id`: the tenant has no such application",
        (_, Some("AADSTS90002")) => "check `tenant`: there is no such tenant",
        ("invalid_client", _) => "check `client_id` and the client secret",
        ("unauthorized_client" | "access_denied", _) => {
            "grant the application its permission (`full_access_as_app`) and an administrator's consent"
        }
        ("invalid_scope", _) => "check `scope`: the resource's address and `/.default`",
        _ => "check `tenant` or `token_url`, `client_id` and `scope`",
    }
}

/// What the lowest layer said: `Connection refused`. A connection that ends under a request has many names there, by the moment at
/// which it did: here it has one, so that rooms that share the cause are seen to.
fn innermost(error: &Error) -> Option<String> {
    let mut cause = error.source()?;
    let mut is_over = is_end(cause);
    while let Some(next) = cause.source() {
        cause = next;
        is_over |= is_end(cause);
    }
    let is_over = is_over && matches!(error, Error::BrokenOff { .. });
    Some(if is_over { "the connection was closed".to_owned() } else { cause.to_string() })
}

/// Whether this says that the connection has ended, and no more.
fn is_end(cause: &(dyn std::error::Error + 'static)) -> bool {
    let of_http = cause.downcast_ref::<hyper::Error>();
    let of_system = cause.downcast_ref::<io::Error>().map(io::Error::kind);
    of_http.is_some_and(|error| error.is_canceled() || error.is_incomplete_message())
        || of_system == Some(io::ErrorKind::ConnectionReset)
}
