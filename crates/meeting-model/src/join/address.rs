//! Addresses in running text.

/// An address, and the scheme before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) scheme: Option<Scheme>,
    pub(super) user: String,
    pub(super) host: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    Sip,
    H323,
}

impl Token {
    /// Takes an address that a rule has put together, if it is one.
    pub(super) fn new(user: &str, host: &str) -> Option<Self> {
        let is_user = |c: char| c.is_ascii_alphanumeric() || "._+-#*".contains(c);
        let is_host = |c: char| c.is_ascii_alphanumeric() || ".-".contains(c);
        let labels = || host.split('.');
        let fits = (1..=128).contains(&user.len())
            && user.chars().all(is_user)
            && host.len() <= 253
            && host.chars().all(is_host)
            && labels().count() > 1
            && labels().all(|label| !label.is_empty());
        fits.then(|| Self { scheme: None, user: user.to_owned(), host: host.to_ascii_lowercase() })
    }

    /// `user@host`.
    pub(super) fn address(&self) -> String {
        format!("{}@{}", self.user, self.host)
    }

    /// As it is dialled: with its scheme where that is not SIP.
    pub(super) fn dialled(&self) -> String {
        match self.scheme {
            Some(Scheme::H323) => format!("h323:{}", self.address()),
            Some(Scheme::Sip) | None => self.address(),
        }
    }

    /// Whether it is of a domain, or of one below it.
    pub(super) fn is_of(&self, domain: &str) -> bool {
        let domain = domain.to_ascii_lowercase();
        self.host == domain || self.host.strip_suffix(&domain).is_some_and(|above| above.ends_with('.'))
    }
}

/// The addresses of a line, in order. What stands behind `mailto:` is one as well: mail programs write it before anything
/// that looks like an address.
pub(super) fn tokens(line: &str) -> Vec<Token> {
    let ends = |c: char| c.is_whitespace() || "<>()[]{}\"'`,;|?".contains(c);
    line.split(ends).filter_map(token).collect()
}

fn token(word: &str) -> Option<Token> {
    let word = word.trim_matches(|c: char| ".:!*_".contains(c));
    let (scheme, rest) = match word.split_once(':') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("sip") || scheme.eq_ignore_ascii_case("sips") => {
            (Some(Scheme::Sip), rest)
        }
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("h323") => (Some(Scheme::H323), rest),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("mailto") => (None, rest),
        // A port is no part of what is dialled by people.
        Some((address, port)) if address.contains('@') && port.bytes().all(|byte| byte.is_ascii_digit()) => {
            (None, address)
        }
        Some(_) => return None,
        None => (None, word),
    };
    let (user, host) = rest.split_once('@')?;
    let host = host.split(':').next().unwrap_or_default();
    Some(Token { scheme, ..Token::new(user, host)? })
}
