//! Forms-based sign-in: the page that leads to the form, the form, and its sessions.

use super::manners::{StoreVersion, WebdavManners, WebdavSignIn};
use super::store::Session;
use crate::{Request, Response, World};

/// The long past, in which cookies of a session that has ended expire.
const ENDED: &str = "expires=Thu, 01-Jan-1970 00:00:00 GMT";

impl StoreVersion {
    fn logon_page(self) -> &'static str {
        match self {
            Self::Exchange2003 => "/exchweb/bin/auth/owalogon.asp",
            Self::Exchange2007 => "/owa/auth/logon.aspx",
        }
    }

    fn form(self) -> &'static str {
        match self {
            Self::Exchange2003 => "/exchweb/bin/auth/owaauth.dll",
            Self::Exchange2007 => "/owa/auth/owaauth.dll",
        }
    }
}

/// What is answered to people, and to whoever fills the form in; nothing where the store is asked.
pub(super) fn page(world: &mut World, request: &Request, manners: &WebdavManners) -> Option<Response> {
    let path = request.path.split('?').next().unwrap_or_default();
    let version = manners.version;
    if manners.sign_in != WebdavSignIn::Forms {
        return (path.contains("/auth/")).then(|| Response::empty(404));
    }
    if path.eq_ignore_ascii_case(version.form()) && request.method == "POST" {
        return Some(filled_in(world, request, manners));
    }
    if path.eq_ignore_ascii_case(version.logon_page()) {
        if request.header_value("Translate").is_some() {
            return Some(Response::empty(403));
        }
        let form =
            format!("<html><body><form action=\"{}\" method=\"POST\"></form></body></html>", version.form());
        return Some(Response::new(200, "text/html", form));
    }
    if path.contains("/auth/") {
        return Some(Response::empty(404));
    }
    if request.method == "GET" && session(world, request).is_none() {
        let page = format!("{}?url=https://mail{}&reason=0", version.logon_page(), request.path);
        return Some(Response::empty(302).header("Location", page));
    }
    // a person who is signed in sees the mailbox, whatever else is asked for
    let own_page = request.method == "GET" && request.header_value("Translate").is_none();
    own_page.then(|| Response::new(200, "text/html", "<html><body>Outlook Web Access</body></html>"))
}

/// Who has a session, which this prolongs.
pub(super) fn session(world: &mut World, request: &Request) -> Option<String> {
    let now = world.now;
    let lasting = world.webdav.manners.as_ref()?.session;
    let id = cookie(request, "sessionid")?;
    let session = world.webdav.sessions.get_mut(&id).filter(|session| now - session.used < lasting)?;
    let proof = cookie(request, "cadata")?;
    session.used = now;
    (proof == proof_of(&id)).then(|| session.login.clone())
}

pub(super) fn end_session(world: &mut World, request: &Request) {
    if let Some(id) = cookie(request, "sessionid") {
        world.webdav.sessions.remove(&id);
    }
}

/// Status 440: nobody is signed in.
pub(super) fn login_timeout() -> Response {
    let cookie = |name: &str| format!("{name}=; path=/; {ENDED}");
    Response::new(440, "text/html", "<html><body>440 Login Timeout</body></html>")
        .header("Set-Cookie", cookie("sessionid"))
        .header("Set-Cookie", cookie("cadata"))
        .header("Connection", "close")
}

fn filled_in(world: &mut World, request: &Request, manners: &WebdavManners) -> Response {
    let field = |name: &str| {
        let body = String::from_utf8_lossy(&request.body).into_owned();
        let found = body.split('&').find_map(|pair| {
            Some(pair.split_once('=')?).filter(|(key, _)| *key == name).map(|(_, value)| form_decoded(value))
        });
        found.unwrap_or_default()
    };
    let (login, destination) = (field("username").to_lowercase(), field("destination"));
    let account =
        world.accounts.get(&login).filter(|account| !account.application && !account.password.is_empty());
    let right = account.is_some_and(|account| account.password == field("password"));
    let id = format!("{:016x}-{:04x}", u64::from_be_bytes(world.dice.bytes()), world.webdav.sessions.len());
    let id = format!("{id},0x409");
    if right {
        world.webdav.sessions.insert(id.clone(), Session { login, used: world.now });
    } else if !manners.wrong_password_redirects {
        let page = format!("{}?url={destination}&reason=2", manners.version.logon_page());
        return Response::empty(302).header("Location", page);
    }
    Response::empty(302)
        .header("Location", destination)
        .header("Set-Cookie", format!("sessionid={id}; path=/"))
        .header("Set-Cookie", format!("cadata={}; HttpOnly; secure; path=/", proof_of(&id)))
}

/// The second cookie, with its quotes, which must come back as it is.
fn proof_of(id: &str) -> String {
    use base64::Engine as _;
    format!("\"2,{}\"", base64::engine::general_purpose::STANDARD.encode(id))
}

fn cookie(request: &Request, name: &str) -> Option<String> {
    let cookies = request.header_value("Cookie")?.split("; ");
    cookies.into_iter().find_map(|cookie| Some(cookie.strip_prefix(name)?.strip_prefix('=')?.to_owned()))
}

fn form_decoded(value: &str) -> String {
    let mut bytes = Vec::new();
    let mut letters = value.bytes();
    while let Some(byte) = letters.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let hex: Vec<u8> = letters.by_ref().take(2).collect();
                let hex = String::from_utf8_lossy(&hex).into_owned();
                bytes.push(u8::from_str_radix(&hex, 16).unwrap_or(b'?'));
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
