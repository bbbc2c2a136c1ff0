//! Whom credentials may be shown to.

/// Labels under which countries register names, as `co.uk`: with the country's they are nobody's own domain.
const SECOND_LEVEL: [&str; 12] =
    ["ac", "co", "com", "edu", "gob", "gov", "mil", "ne", "net", "nom", "or", "org"];

/// The domain of an SMTP address in lower case; nothing where there is none that could be somebody's own.
pub(super) fn domain(address: &str) -> Option<String> {
    let (local, domain) = address.rsplit_once('@')?;
    own_domain(domain).filter(|_| !local.is_empty())
}

/// A domain in lower case; nothing where it is none that could be somebody's own, as those at the top.
pub fn own_domain(name: &str) -> Option<String> {
    let domain = name.to_ascii_lowercase();
    is_owned(&domain).then_some(domain)
}

/// The host of an address over TLS, in lower case; nothing where it is not one that could be somebody's own.
pub(super) fn of_url(url: &str) -> Option<String> {
    let scheme = url.get(..8)?;
    if !scheme.eq_ignore_ascii_case("https://") || url.contains(|c: char| c.is_whitespace() || c.is_control())
    {
        return None;
    }
    let authority = url.get(8..)?.split(['/', '?', '#', '\\']).next()?;
    let host = match authority.split_once(':') {
        Some((host, port)) => port.parse::<u16>().is_ok().then_some(host)?,
        None => authority,
    };
    let host = host.to_ascii_lowercase();
    is_owned(host.strip_prefix("autodiscover.").unwrap_or(&host)).then_some(host)
}

/// Whether a host is that of the domain, or below it.
pub(super) fn is_within(host: &str, domain: &str) -> bool {
    let domain = domain.trim_matches('.');
    let before = host.len().checked_sub(domain.len()).and_then(|at| host.split_at_checked(at));
    before.is_some_and(|(before, rest)| {
        rest.eq_ignore_ascii_case(domain) && (before.is_empty() || before.ends_with('.')) && is_owned(rest)
    })
}

/// Whether a name has labels as names have, and is neither a number nor a top-level domain.
fn is_owned(name: &str) -> bool {
    let labels: Vec<&str> = name.split('.').collect();
    let is_name = labels.iter().all(|label| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
    });
    let is_top_level = match labels.as_slice() {
        [] | [_] => true,
        [second, country] => country.len() == 2 && SECOND_LEVEL.contains(second),
        _ => false,
    };
    let is_number = labels.last().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    is_name && !is_top_level && !is_number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_domains_of_their_own() {
        for (address, expected) in [
            ("berlin@example.com", Some("example.com")),
            ("\"a@b\"@Mail.Example.COM", Some("mail.example.com")),
            ("room@example.co.uk", Some("example.co.uk")),
            ("room@co.uk", None),
            ("room@com", None),
            ("room@127.0.0.1", None),
            ("room@exa mple.com", None),
            ("room@example..com", None),
            ("@example.com", None),
            ("room", None),
        ] {
            assert_eq!(domain(address).as_deref(), expected, "{address}");
        }
    }

    #[test]
    fn only_hosts_over_tls_that_can_be_somebodys_own_are_asked() {
        for (url, expected) in [
            ("https://mail.example.com/EWS/Exchange.asmx", Some("mail.example.com")),
            ("HTTPS://Mail.Example.com:8443/a?b#c", Some("mail.example.com")),
            ("https://autodiscover.example.com", Some("autodiscover.example.com")),
            ("http://mail.example.com/", None),
            ("https://autodiscover.com/", None),
            ("https://autodiscover.co.uk/", None),
            ("https://localhost/", None),
            ("https://10.0.0.1/", None),
            ("https://[::1]/", None),
            ("https://mail.example.com@evil.example/", None),
            ("https://mail.example.com:x/", None),
            ("https://evil.example\\.mail.example.com/", Some("evil.example")),
            ("https://mail.example.com\n.evil.example/", None),
            ("https://", None),
            ("", None),
        ] {
            assert_eq!(of_url(url).as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn a_host_is_within_its_domain_by_whole_labels() {
        for (host, domain, expected) in [
            ("example.com", "example.com", true),
            ("mail.example.com", "Example.com", true),
            ("badexample.com", "example.com", false),
            ("example.com.evil.example", "example.com", false),
            ("mail.example.com", "com", false),
            ("example.com", "", false),
            ("com", "example.com", false),
        ] {
            assert_eq!(is_within(host, domain), expected, "{host} in {domain}");
        }
    }
}
