//! The cookies of each group of requests that must reach one and the same server behind the address.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

/// The most cookies of one group, and the longest of them, as every browser keeps at least (RFC 6265 §6.1). A server that names
/// more has lost count, and a header of all of them is refused by itself.
const MOST: usize = 50;
const LONGEST: usize = 4096;

/// Cookies by the name of their group (`X-BackEndOverrideCookie`, `exchangecookie`; RFC 6265 §5). A group is asked of one
/// path of one host, so that a cookie's own domain and path say nothing more; one that the server ends is dropped.
#[derive(Debug, Default)]
pub(crate) struct Cookies {
    groups: Mutex<BTreeMap<String, BTreeMap<String, String>>>,
}

impl Cookies {
    /// The `Cookie` header of a group, where it has any.
    pub(crate) fn header(&self, group: &str) -> Option<String> {
        let groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        let cookies = groups.get(group)?.iter().map(|(name, value)| format!("{name}={value}"));
        Some(cookies.collect::<Vec<_>>().join("; ")).filter(|header| !header.is_empty())
    }

    /// Takes one `Set-Cookie` header of an answer to a group.
    pub(crate) fn set(&self, group: &str, set_cookie: &str) {
        let mut attributes = set_cookie.split(';').map(str::trim);
        let pair = attributes.next().filter(|pair| pair.len() <= LONGEST);
        let Some((name, value)) = pair.and_then(|pair| pair.split_once('=')) else { return };
        let ended = attributes.any(|attribute| {
            let age = attribute.split_once('=').filter(|(name, _)| name.eq_ignore_ascii_case("Max-Age"));
            age.and_then(|(_, age)| age.trim().parse::<i64>().ok()).is_some_and(|age| age <= 0)
        });
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        let cookies = groups.entry(group.to_owned()).or_default();
        if ended || value.is_empty() {
            cookies.remove(name.trim());
        } else {
            if cookies.len() >= MOST && !cookies.contains_key(name.trim()) {
                cookies.clear();
            }
            cookies.insert(name.trim().to_owned(), value.trim().to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_keeps_its_cookies_to_itself() {
        let cookies = Cookies::default();
        assert_eq!(cookies.header("one"), None);
        cookies.set("one", "X-BackEndOverrideCookie=server~1; path=/; secure; HttpOnly");
        cookies.set("one", "exchangecookie=abc=; expires=Sun, 21-Nov-2027 10:00:00 GMT");
        cookies.set("two", "X-BackEndOverrideCookie=server~2");
        assert_eq!(cookies.header("one").unwrap(), "X-BackEndOverrideCookie=server~1; exchangecookie=abc=");
        assert_eq!(cookies.header("two").unwrap(), "X-BackEndOverrideCookie=server~2");
        cookies.set("two", "X-BackEndOverrideCookie=; Max-Age=0");
        cookies.set("two", "nonsense");
        assert_eq!(cookies.header("two"), None);
    }

    #[test]
    fn a_server_that_names_cookie_after_cookie_is_not_remembered_for_ever() {
        let cookies = Cookies::default();
        for number in 0..10_000 {
            cookies.set("one", &format!("cookie-{number}=x"));
            cookies.set("one", &format!("long={}", "x".repeat(5_000)));
            let header = cookies.header("one").unwrap();
            assert!(header.len() < 1_000 && header.contains(&format!("cookie-{number}=x")), "{header}");
        }
    }
}
