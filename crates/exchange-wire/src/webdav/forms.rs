//! Forms-based sign-in of Exchange 2003 and 2007: a page, a form, and cookies instead of HTTP's own means.
//!
//! The server tells by a redirection which form it has. That it takes the form proves nothing: a wrong password is
//! sometimes told by the same redirection, so the page is fetched once more. Whoever performs the requests keeps the
//! cookies of each room apart and returns them word for word, quotes included.

use super::url;
use crate::{
    error::{Error, Problem},
    http::{Method, Operation, Reply, Request, without_query},
};

/// Where the form of Exchange 2003 is sent to.
const FORM_2003: &str = "/exchweb/bin/auth/owaauth.dll";
/// Where that of Exchange 2007 is sent to.
const FORM_2007: &str = "/owa/auth/owaauth.dll";
/// Where a form is sent to that does not say so.
const FORM_UNSAID: &str = "/owa/auth.owa";

/// What a session is known by: any of these, or what begins so.
const COOKIES: [&str; 4] = ["cadata", "sessionid", "UserContext", "TimeWindowSig"];

/// A sign-in under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// Scheme, host and port.
    origin: String,
    /// The path that is to be reached.
    directory: String,
    /// Whose cookies.
    jar: String,
    stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The page that leads to the form, or is the form.
    Page,
    /// The form itself, where only the page tells where it is sent to.
    Form,
    /// What the form leads to.
    Sent,
    /// The page again.
    Proof,
}

/// What to do after a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Send this, keep the cookies, and give the reply to the sign-in.
    Send(SignIn, Request),
    /// The session stands: its cookies are those that were kept.
    Done,
    /// Name and password were not taken.
    Refused,
}

/// A name and its password, for as long as a form is filled in.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    /// `DOMAIN\account` or `account@domain`.
    pub username: &'a str,
    /// Its password.
    pub password: &'a str,
}

impl SignIn {
    /// Begins a session for the requests that share a jar. `url` is the configured address of the mailboxes.
    pub fn begin(url: &str, jar: &str) -> (Self, Request) {
        let origin = match url.split_once("://") {
            Some((scheme, rest)) => format!("{scheme}://{}", rest.split('/').next().unwrap_or_default()),
            None => String::new(),
        };
        let directory = url::folder(url).unwrap_or_else(|| "/exchange/".to_owned());
        let sign_in = Self { origin, directory, jar: jar.to_owned(), stage: Stage::Page };
        let request = sign_in.get(&sign_in.directory);
        (sign_in, request)
    }

    /// Takes the reply to the last request.
    ///
    /// # Errors
    ///
    /// When the server has no form that is known: see [`Problem`].
    pub fn on_reply(self, reply: &Reply<'_>, credentials: Credentials<'_>) -> Result<Step, Error> {
        let to = reply.header("Location").unwrap_or_default();
        let leads_on = (300..400).contains(&reply.status);
        match self.stage {
            Stage::Page if leads_on => match form_behind(to) {
                Some(form) => Ok(self.fill_in(form, credentials)),
                None if to.to_ascii_lowercase().contains("/logon.asp") => {
                    Err(failed(Problem::WrongPath { status: reply.status }))
                }
                None => {
                    let path = self.own_path(to).ok_or_else(|| elsewhere(reply.status, to))?;
                    let request = self.get(&path);
                    Ok(Step::Send(Self { stage: Stage::Form, ..self }, request))
                }
            },
            Stage::Page | Stage::Form if matches!(reply.status, 200 | 440) => {
                let form = action(reply.body).unwrap_or_else(|| guess(reply));
                let path = self.own_path(&form).ok_or_else(|| elsewhere(reply.status, &form))?;
                Ok(self.fill_in(&path, credentials))
            }
            Stage::Page | Stage::Form => Err(failed(super::reply::refusal(Method::Get, reply))),
            Stage::Sent if !is_session(reply) || is_refusal(to) => Ok(Step::Refused),
            Stage::Sent => {
                let request = self.get(&self.directory);
                Ok(Step::Send(Self { stage: Stage::Proof, ..self }, request))
            }
            Stage::Proof if reply.status == 440 || (leads_on && is_form(to)) => Ok(Step::Refused),
            Stage::Proof if reply.status == 200 && action(reply.body).is_some_and(|form| is_form(&form)) => {
                Ok(Step::Refused)
            }
            Stage::Proof => Ok(Step::Done),
        }
    }

    /// A page as a browser asks for it: `Translate: f` would ask the store itself.
    fn get(&self, path: &str) -> Request {
        self.request(Method::Get, path, Vec::new(), String::new())
    }

    fn fill_in(self, path: &str, credentials: Credentials<'_>) -> Step {
        let Credentials { username, password } = credentials;
        let destination = format!("{}{}", self.origin, self.directory);
        // 4 asks for the session of a private computer, which lasts
        let fields = [
            ("destination", destination.as_str()),
            ("flags", "4"),
            ("username", username),
            ("password", password),
            ("SubmitCreds", "Log On"),
            ("forcedownlevel", "0"),
            ("trusted", "4"),
        ];
        let body: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let headers = vec![("Content-Type", "application/x-www-form-urlencoded".to_owned())];
        let request = self.request(Method::Post, path, headers, body.join("&"));
        Step::Send(Self { stage: Stage::Sent, ..self }, request)
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        headers: Vec<(&'static str, String)>,
        body: String,
    ) -> Request {
        let affinity = Some(self.jar.clone());
        Request { operation: Operation::Webdav(method), path: Some(path.to_owned()), headers, affinity, body }
    }

    /// A path on this very server: name and password go nowhere else. A form may name it from where it stands.
    fn own_path(&self, to: &str) -> Option<String> {
        if to.starts_with('/') && !to.starts_with("//") {
            return Some(to.to_owned());
        }
        match to.split_once("://") {
            Some(_) => {
                let rest = to.strip_prefix(&self.origin)?;
                // what begins with two slashes would name another host to whoever resolves it
                rest.starts_with('/').then(|| format!("/{}", rest.trim_start_matches('/')))
            }
            None if to.contains(':') || to.starts_with("//") => None,
            None => Some(format!("/owa/auth/{to}")),
        }
    }
}

/// Where the form is sent to that a redirection leads to.
fn form_behind(location: &str) -> Option<&'static str> {
    let location = location.to_ascii_lowercase();
    if location.contains("/exchweb/bin/auth/") {
        Some(FORM_2003)
    } else if location.contains("/owa/auth/logon.aspx") {
        Some(FORM_2007)
    } else {
        None
    }
}

/// Where a page's form is sent to.
fn action(page: &[u8]) -> Option<String> {
    let page = String::from_utf8_lossy(page);
    let form = page.get(page.to_ascii_lowercase().find("<form")?..)?;
    let tag = form.split('>').next()?;
    let value = tag.get(tag.to_ascii_lowercase().find("action=")? + "action=".len()..)?;
    let value = match value.chars().next()? {
        quote @ ('"' | '\'') => value.split(quote).nth(1)?,
        _ => value.split_whitespace().next()?,
    };
    Some(if value.is_empty() { FORM_UNSAID.to_owned() } else { value.replace("&amp;", "&") })
}

/// Where the form is sent to where nothing says so: Exchange 2003 runs on IIS 6.
fn guess(reply: &Reply<'_>) -> String {
    let is_2003 =
        reply.header("Server").is_some_and(|server| server.contains("IIS/6") || server.contains("IIS/5"));
    if is_2003 { FORM_2003 } else { FORM_2007 }.to_owned()
}

fn is_session(reply: &Reply<'_>) -> bool {
    (300..400).contains(&reply.status)
        && reply.header_values("Set-Cookie").any(|cookie| {
            let value = cookie.split(';').next().and_then(|pair| pair.split_once('='));
            value.is_some_and(|(name, value)| {
                !value.is_empty() && COOKIES.iter().any(|known| name.trim().starts_with(known))
            })
        })
}

/// Whether it leads back to the form, which says why.
fn is_refusal(location: &str) -> bool {
    ["reason=2", "reason=4"].iter().any(|reason| location.contains(reason))
}

fn is_form(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    ["/auth/", "logon"].iter().any(|sign| path.contains(sign))
}

fn elsewhere(status: u16, to: &str) -> Error {
    failed(Problem::Redirected { status, to: without_query(to) })
}

fn failed(problem: Problem) -> Error {
    super::failed(Method::Get, problem)
}

/// `application/x-www-form-urlencoded`.
fn encoded(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b' ' => text.push('+'),
            byte if byte.is_ascii_alphanumeric() || b"-._*".contains(&byte) => text.push(char::from(byte)),
            byte => {
                text.push('%');
                let digit =
                    |value: u8| char::from_digit(value.into(), 16).unwrap_or('0').to_ascii_uppercase();
                text.extend([digit(byte >> 4), digit(byte & 0xF)]);
            }
        }
    }
    text
}
