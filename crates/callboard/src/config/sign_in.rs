//! How a server is signed in to: the keys of `[exchange.NAME]` that belong to each `auth`.

use super::{
    notes::Given,
    secret::{self, SecretSource},
    section::Section,
    server::RawAddress,
    value::{filled, host_and_port, is_loopback, one_of, tenant, web_url},
};
use std::path::Path;
use url::Url;

/// How a server is signed in to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignInConfig {
    /// Name and password with every request (RFC 7617).
    Basic(AccountConfig),
    /// The form of Exchange 2003 and 2007, over WebDAV.
    Form(AccountConfig),
    /// NTLM version 2 ([MS-NLMP]).
    Ntlm(AccountConfig),
    /// Kerberos by SPNEGO (RFC 4559).
    Negotiate {
        /// Who signs in.
        account: AccountConfig,
        /// The key distribution centre; absent where it has the domain's own name.
        kdc: Option<String>,
    },
    /// A token for the application itself (RFC 6749 §4.4).
    OAuth2 {
        /// Where tokens are given.
        token_url: String,
        /// The application.
        client_id: String,
        /// Where its secret is.
        client_secret: SecretSource,
        /// What tokens are asked for.
        scope: String,
    },
}

/// A name, and where its password is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountConfig {
    /// Who signs in.
    pub username: String,
    /// Where that account's password is.
    pub password: SecretSource,
}

impl SignInConfig {
    /// Who signs in, as the server knows it.
    pub fn account(&self) -> &str {
        match self {
            Self::Basic(account)
            | Self::Form(account)
            | Self::Ntlm(account)
            | Self::Negotiate { account, .. } => &account.username,
            Self::OAuth2 { client_id, .. } => client_id,
        }
    }

    /// Where the password is, or the secret.
    pub fn secret(&self) -> &SecretSource {
        match self {
            Self::Basic(account)
            | Self::Form(account)
            | Self::Ntlm(account)
            | Self::Negotiate { account, .. } => &account.password,
            Self::OAuth2 { client_secret, .. } => client_secret,
        }
    }
}

/// The ways to sign in, as `auth` names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Auth {
    Basic,
    Form,
    Ntlm,
    Negotiate,
    OAuth2,
}

const AUTHS: [(&str, Auth); 5] = [
    ("basic", Auth::Basic),
    ("form", Auth::Form),
    ("ntlm", Auth::Ntlm),
    ("negotiate", Auth::Negotiate),
    ("oauth2", Auth::OAuth2),
];

const BY_NAME: &[Auth] = &[Auth::Basic, Auth::Form, Auth::Ntlm, Auth::Negotiate];

/// The keys that belong to some ways only.
const KEYS: [(&str, &[Auth]); 10] = [
    ("username", BY_NAME),
    ("password_file", BY_NAME),
    ("password_env", BY_NAME),
    ("kdc", &[Auth::Negotiate]),
    ("tenant", &[Auth::OAuth2]),
    ("token_url", &[Auth::OAuth2]),
    ("client_id", &[Auth::OAuth2]),
    ("client_secret_file", &[Auth::OAuth2]),
    ("client_secret_env", &[Auth::OAuth2]),
    ("scope", &[Auth::OAuth2]),
];

/// What was read of the sign-in: `auth`, unless it was mistaken, and the rest where it has a meaning.
pub(super) type Read = (Option<Auth>, Option<SignInConfig>);

/// Reads the keys that say how the server at a URL is signed in to. Files are relative to `base`.
pub(super) fn read(section: &mut Section<'_>, url: Option<&RawAddress>, base: &Path) -> Read {
    let auth = match section.text("auth", one_of(&AUTHS)) {
        Some(given) => Some(given.value),
        None if section.holds("auth") => None,
        None => Some(Auth::Basic),
    };
    for (key, ways) in KEYS {
        match auth {
            // Which keys belong is not known where the way is not.
            None => section.pass_over(key),
            Some(auth) if !ways.contains(&auth) => section.misplaced(key, &belongs(key, ways, auth)),
            Some(_) => {}
        }
    }
    let sign_in = auth.and_then(|auth| match auth {
        Auth::Basic => account(section, base).map(SignInConfig::Basic),
        Auth::Form => account(section, base).map(SignInConfig::Form),
        Auth::Ntlm => account(section, base).map(SignInConfig::Ntlm),
        Auth::Negotiate => negotiate(section, base),
        Auth::OAuth2 => oauth2(section, url, base),
    });
    (auth, sign_in)
}

fn belongs(key: &str, ways: &[Auth], found: Auth) -> String {
    let quoted = |way: &Auth| {
        let word = AUTHS.iter().find(|(_, auth)| auth == way).map_or("", |(word, _)| word);
        format!("`auth = \"{word}\"`")
    };
    let ways: Vec<_> = ways.iter().map(quoted).collect();
    format!("`{key}`: expected with {} only, found with {}", ways.join(", "), quoted(&found))
}

fn account(section: &mut Section<'_>, base: &Path) -> Option<AccountConfig> {
    section.require(&["username"]);
    let username = section.text("username", filled);
    let password = secret::read(section, "password_file", "password_env", base);
    Some(AccountConfig { username: username?.value, password: password? })
}

fn negotiate(section: &mut Section<'_>, base: &Path) -> Option<SignInConfig> {
    let kdc = section.text("kdc", host_and_port);
    let account = account(section, base)?;
    if kdc.is_none() && !section.holds("kdc") && !has_domain(&account.username) {
        section.missing("kdc", "the domain of `username` is not the name of a host");
    }
    Some(SignInConfig::Negotiate { account, kdc: kdc.map(|given| given.value) })
}

/// Whether an account's name has a domain that hosts can be found by: `account@corp.example.com`.
fn has_domain(username: &str) -> bool {
    let domain = username.split_once('\\').map(|(domain, _)| domain);
    let domain = domain.or_else(|| username.rsplit_once('@').map(|(_, domain)| domain));
    domain.is_some_and(|domain| domain.contains('.'))
}

fn oauth2(section: &mut Section<'_>, url: Option<&RawAddress>, base: &Path) -> Option<SignInConfig> {
    section.require(&["client_id"]);
    let token_url = token_endpoint(section);
    let client_id = section.text("client_id", filled);
    let client_secret = secret::read(section, "client_secret_file", "client_secret_env", base);
    let scope = section.text("scope", filled).map(|given| given.value);
    if matches!(url, Some(RawAddress::Autodiscover)) && !section.holds("scope") {
        section.missing("scope", "without an address it is not known what tokens are for");
    }
    Some(SignInConfig::OAuth2 {
        token_url: token_url?,
        client_id: client_id?.value,
        client_secret: client_secret?,
        // The resource is the server itself, in Exchange Online as on premises.
        scope: scope.or_else(|| match url? {
            RawAddress::Url(url) => Some(format!("{}/.default", url.origin().ascii_serialization())),
            RawAddress::Autodiscover => None,
        })?,
    })
}

/// `token_url`, or Microsoft Entra's for a `tenant`.
fn token_endpoint(section: &mut Section<'_>) -> Option<String> {
    let tenant = section.text("tenant", tenant);
    let token_url = section.text("token_url", token_url);
    match (tenant, token_url) {
        (Some(tenant), None) => {
            Some(format!("https://login.microsoftonline.com/{}/oauth2/v2.0/token", tenant.value))
        }
        (None, Some(token_url)) => Some(token_url.value.to_string()),
        (Some(_), Some(Given { at, .. })) => {
            section.notes.mistake(at, "expected `tenant` or `token_url`, found both");
            None
        }
        (None, None) => {
            section.require_one_of("tenant", "token_url");
            None
        }
    }
}

fn token_url(text: &str) -> Result<Url, String> {
    let url = web_url(text)?;
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(format!("expected a URL by `https`, as the client secret goes there, found `{text}`"));
    }
    Ok(url)
}
