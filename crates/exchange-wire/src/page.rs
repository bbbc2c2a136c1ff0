//! Pages for people that come in the place of an answer: where they sign in, or anything else.

use crate::{error::Problem, markup};

/// How much of a page is looked at: its forms stand near its beginning.
const LOOKED_AT: usize = 64 << 10;

/// What betrays a sign-in, in the attributes of [`TELLING`] tags, in lower case: the pages of Outlook on the web, of ADFS and of
/// what stands in front of them are made of these.
const SIGNS: [&str; 9] =
    ["password", "logon", "login", "signin", "sign-in", "auth.owa", "/adfs/", "saml", "my.policy"];

/// The tags that tell: a field for a password, a form by where it is sent to, a page that leads there by itself.
const TELLING: [&str; 3] = ["input", "form", "meta"];

/// What a page for people means. What stands in its comments, and in quotes, is no tag of it.
pub(crate) fn problem(body: &[u8]) -> Problem {
    let mut rest = body.get(..body.len().min(LOOKED_AT)).unwrap_or(body);
    while let Some((token, behind)) = markup::first(rest) {
        let text = String::from_utf8_lossy(token);
        let tag = text.trim_start_matches('<');
        if tag.len() < text.len() && signs(tag).next().is_some() {
            return Problem::SignInPage;
        }
        rest = behind;
    }
    Problem::WebPage
}

/// What of a tag betrays a sign-in: of `input type=password>` the password.
pub(crate) fn signs(tag: &str) -> impl Iterator<Item = &'static str> + use<> {
    let tag = tag.split('>').next().unwrap_or_default().to_ascii_lowercase();
    let name = tag.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    let tells = TELLING.contains(&name);
    SIGNS.into_iter().filter(move |sign| tells && tag.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_where_people_sign_in_is_told_from_any_other() {
        let owa = r#"<html><form action="/owa/auth.owa" method="POST" name="logonForm"></form></html>"#;
        for (page, expected) in [
            (owa, Problem::SignInPage),
            ("<HTML><INPUT TYPE=password NAME=p></HTML>", Problem::SignInPage),
            (
                r#"<html><meta http-equiv="refresh" content="0; url=https://sts.example/adfs/ls/?wa=wsignin1.0"></html>"#,
                Problem::SignInPage,
            ),
            ("<html><title>IIS Windows Server</title><img src=iisstart.png></html>", Problem::WebPage),
            (
                "<html><h1>404</h1><a href=/login>sign in</a><form action=/search></form></html>",
                Problem::WebPage,
            ),
            (
                "<html><!-- <input type=password> --><p title='<input type=password>'></html>",
                Problem::WebPage,
            ),
            ("", Problem::WebPage),
        ] {
            assert_eq!(problem(page.as_bytes()), expected, "{page}");
        }
    }
}
