//! Digest sign-in (RFC 7616; RFC 2617 where there is no `qop`): phones without CUCM ask for it.

use crate::target::Account;
use md5::Md5;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::atomic::{AtomicU64, Ordering},
};

/// What the phone's 401 asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Challenge {
    realm: String,
    nonce: String,
    opaque: Option<String>,
    algorithm: Algorithm,
    qop: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    Md5,
    Sha256,
}

impl Challenge {
    /// Reads a WWW-Authenticate header. Nothing where it asks for anything else, or for what we do not speak: then the answer
    /// is a refusal.
    pub(super) fn parse(header: &str) -> Option<Self> {
        let (scheme, rest) = header.trim().split_once(' ')?;
        let parameters = scheme.eq_ignore_ascii_case("Digest").then(|| parameters(rest))?;
        let text = |name: &str| parameters.get(name).cloned();
        let algorithm = match text("algorithm").map(|name| name.to_ascii_uppercase()).as_deref() {
            None | Some("MD5") => Algorithm::Md5,
            Some("SHA-256") => Algorithm::Sha256,
            Some(_) => return None,
        };
        let qop = match text("qop") {
            None => false,
            Some(offered) if offered.split(',').any(|one| one.trim() == "auth") => true,
            Some(_) => return None,
        };
        Some(Self { realm: text("realm")?, nonce: text("nonce")?, opaque: text("opaque"), algorithm, qop })
    }

    /// The Authorization header that answers it. Each answer to one nonce has another number.
    pub(super) fn answer(&self, account: &Account, method: &str, path: &str) -> String {
        static ANSWERS: AtomicU64 = AtomicU64::new(0);
        let number = ANSWERS.fetch_add(1, Ordering::Relaxed);
        self.answer_with(account, method, path, &format!("{number:016x}"))
    }

    fn answer_with(
        &self,
        Account { username, password }: &Account,
        method: &str,
        path: &str,
        cnonce: &str,
    ) -> String {
        let Self { realm, nonce, opaque, algorithm, qop } = self;
        let secret = algorithm.hash(&format!("{username}:{realm}:{}", password.expose_secret()));
        let asked = algorithm.hash(&format!("{method}:{path}"));
        let middle = if *qop { format!("{nonce}:00000001:{cnonce}:auth") } else { nonce.clone() };
        let response = algorithm.hash(&format!("{secret}:{middle}:{asked}"));
        let mut header = format!(
            "Digest username=\"{}\", realm=\"{}\", nonce=\"{nonce}\", uri=\"{path}\", response=\"{response}\", algorithm={}",
            quoted(username),
            quoted(realm),
            algorithm.name(),
        );
        // a string takes all that is written to it
        if *qop {
            let _ = write!(header, ", qop=auth, nc=00000001, cnonce=\"{cnonce}\"");
        }
        if let Some(opaque) = opaque {
            let _ = write!(header, ", opaque=\"{opaque}\"");
        }
        header
    }
}

impl Algorithm {
    fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
        }
    }

    fn hash(self, text: &str) -> String {
        match self {
            Self::Md5 => hex::encode(Md5::digest(text)),
            Self::Sha256 => hex::encode(Sha256::digest(text)),
        }
    }
}

fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// `name=value` and `name="value"`, separated by commas; names in lower case.
fn parameters(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut rest = text;
    while let Some((name, after)) = rest.split_once('=') {
        let after = after.trim_start();
        let (value, left) = if let Some(quoted) = after.strip_prefix('"') {
            until_quote(quoted)
        } else {
            let (value, left) = after.split_once(',').unwrap_or((after, ""));
            (value.trim().to_owned(), left)
        };
        found.insert(name.trim_matches([' ', ',', '\t']).to_ascii_lowercase(), value);
        rest = left.trim_start_matches([' ', ',', '\t']);
    }
    found
}

/// The text until its closing quotation mark, without the backslashes before what is meant as it is; and what follows.
fn until_quote(text: &str) -> (String, &str) {
    let (mut value, mut chars) = (String::new(), text.chars());
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => value.extend(chars.next()),
            c => value.push(c),
        }
    }
    (value, chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 7616 §3.9.1 and RFC 2617 §3.5.
    #[test]
    fn the_answers_are_those_of_the_standard() {
        let mufasa = |password: &str| Account { username: "Mufasa".to_owned(), password: password.into() };
        let rest = "realm=\"http-auth@example.org\", qop=\"auth, auth-int\", \
                    nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
        let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
        for (algorithm, response) in [
            ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
            ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ] {
            let challenge = Challenge::parse(&format!("Digest {rest}, algorithm={algorithm}")).unwrap();
            let answer = challenge.answer_with(&mufasa("Circle of Life"), "GET", "/dir/index.html", cnonce);
            assert!(answer.contains(&format!("response=\"{response}\"")), "{answer}");
            assert!(
                answer.contains("opaque=\"FQhe/") && answer.contains("qop=auth, nc=00000001"),
                "{answer}"
            );
        }
        let older = Challenge::parse("digest realm=\"a \\\"b\\\"\",nonce=n").unwrap();
        assert_eq!((older.realm.as_str(), older.qop), ("a \"b\"", false));
        let answer = older.answer(&mufasa("x"), "GET", "/");
        assert!(!answer.contains("cnonce") && answer.contains("realm=\"a \\\"b\\\"\""), "{answer}");
    }

    #[test]
    fn what_we_do_not_speak_is_not_answered() {
        for header in [
            "Basic realm=\"x\"",
            "Digest realm=\"x\"",
            "Digest realm=\"x\", nonce=\"y\", algorithm=MD5-sess",
            "Digest realm=\"x\", nonce=\"y\", qop=\"auth-int\"",
            "Digest",
            "",
        ] {
            assert_eq!(Challenge::parse(header), None, "{header}");
        }
    }
}
