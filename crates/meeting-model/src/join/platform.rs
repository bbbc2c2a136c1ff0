//! The platforms: which of their links and numbers lead where.

use super::{
    Hits, Search,
    address::Token,
    labels::{self, Label},
    text::query,
};
use url::Url;

/// A personal room, a link of the gateway, an address; or an access code with the site of a link.
pub(super) fn webex(search: &Search<'_>) -> Hits {
    let links = || links_of(search, "webex.com");
    let personal = links().find_map(|link| {
        let path = path(link);
        let user = path.strip_prefix(&["meet"])?.first()?;
        Token::new(user, link.host_str()?)
    });
    let address = || tokens(search).find(|token| is_webex(token)).cloned();
    let code = || {
        let site = links().find_map(|link| link.host_str()?.strip_suffix(".webex.com").map(str::to_owned))?;
        let number = labels::digits(search.body, Label::AccessCode)?;
        Token::new(&format!("{number}.{site}"), "webex.com")
    };
    let is_meeting = |link: &&Url| {
        let path = path(link);
        path.last() == Some(&"j.php") || matches!(path.first(), Some(&"meet" | &"join"))
    };
    let video = personal.or_else(address).or_else(code);
    Hits {
        video: video.map(|token| token.address()),
        web: first(links().filter(is_meeting)),
        ..Hits::default()
    }
}

/// An address of a site, or a meeting's number at Webex itself, which also sends mail.
fn is_webex(token: &Token) -> bool {
    match token.host.as_str() {
        "webex.com" => token.user.starts_with(|c: char| c.is_ascii_digit()),
        "m.webex.com" => false,
        _ => token.is_of("webex.com"),
    }
}

/// The link, which only browsers can open; and where an interop gateway is booked its address, by the video id.
pub(super) fn teams(search: &Search<'_>) -> Hits {
    let is_meeting = |link: &&Url| {
        let path = path(link);
        path.starts_with(&["l", "meetup-join"]) || path.starts_with(&["meet"])
    };
    let hosts = ["teams.microsoft.com", "teams.microsoft.us", "teams.live.com"];
    let web = hosts.iter().find_map(|host| links_of(search, host).find(is_meeting));
    let video = search.text.links.iter().find_map(gateway_link).or_else(|| gateway_key(search));
    Hits { video: video.map(|token| token.address()), web: web.map(ToString::to_string), ..Hits::default() }
}

/// Links of gateways that name the id and the key.
fn gateway_link(link: &Url) -> Option<Token> {
    let host = link.host_str()?;
    match path(link).as_slice() {
        ["msteams"] if is_of(host, "webex.com") => {
            let (id, domain) = (query(link, "confid")?, query(link, "domain")?);
            let user = query(link, "tenantkey").map_or(id.clone(), |key| format!("{id}.{key}"));
            Token::new(&user, &domain)
        }
        ["teams", domain, id] if host == "pexip.me" => Token::new(id, domain),
        ["teams", ..] => {
            let (id, domain) = (query(link, "conf")?, query(link, "d")?);
            Token::new(&format!("{}{id}", query(link, "prefix").unwrap_or_default()), &domain)
        }
        _ => None,
    }
}

/// The tenant's key, which alone leads to an announcement, and the video id by its label.
fn gateway_key(search: &Search<'_>) -> Option<Token> {
    let known = ["m.webex.com", "plcm.vc", "teams.bjn.vc"];
    let is_key = |token: &Token| token.user == "teams" || known.iter().any(|domain| token.is_of(domain));
    let key = tokens(search).find(|token| is_key(token))?;
    let id = labels::digits(search.text, Label::VideoId);
    if key.user == "teams" {
        // Anybody's mail address may look like that: only the id tells.
        return Token::new(&id?, &key.host);
    }
    let direct = id.and_then(|id| match (key.user.as_str(), key.host.as_str()) {
        (number, "teams.bjn.vc") => Token::new(&format!("{number}.{id}"), &key.host),
        (tenant, host) => Token::new(&format!("{id}.{tenant}"), host),
    });
    Some(direct.unwrap_or_else(|| key.clone()))
}

/// The link, and the room connector's address: with the passcode where it is made of digits.
pub(super) fn zoom(search: &Search<'_>) -> Hits {
    let hosts = ["zoom.us", "zoom.com", "zoom.com.cn", "zoomgov.com"];
    let links = || hosts.iter().flat_map(|host| links_of(search, host));
    let id = |link: &Url| match path(link).as_slice() {
        ["j" | "w" | "s", id, ..] if id.bytes().all(|byte| byte.is_ascii_digit()) => Some((*id).to_owned()),
        _ => None,
    };
    let connector = |token: &Token| token.host == "zoomcrc.com";
    let from_link = || {
        let id = links().find_map(id)?;
        // The body may spell the address out, with its passcode.
        let of_id = |token: &Token| connector(token) && token.user.split('.').next() == Some(id.as_str());
        let spelled = search.body.addresses.iter().find(|token| of_id(token));
        spelled.cloned().or_else(|| {
            let passcode = labels::digits(search.body, Label::Passcode).or_else(|| one_tap(search));
            let user = passcode.map_or(id.clone(), |passcode| format!("{id}.{passcode}"));
            Token::new(&user, "zoomcrc.com")
        })
    };
    let video = tokens(search).find(|token| connector(token)).cloned().or_else(from_link);
    Hits { video: video.map(|token| token.address()), web: first(links()), ..Hits::default() }
}

/// `+493012345678,,84512345678#,,,,*123456#`: the passcode of a line that phones dial with one tap.
fn one_tap(search: &Search<'_>) -> Option<String> {
    let after = search.body.lines.iter().find_map(|line| Some(line.split_once(",,*")?.1.to_owned()))?;
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    (!digits.is_empty()).then_some(digits)
}

/// The web app's links name the conference.
pub(super) fn pexip(search: &Search<'_>) -> Hits {
    let alias = |link: &Url| {
        let fragment =
            link.fragment().and_then(|fragment| Url::parse("https://x/").ok()?.join(fragment).ok());
        let alias = match path(link).as_slice() {
            ["webapp", "conference" | "m", alias, ..] | ["webapp3", "m", alias, ..] => {
                Some((*alias).to_owned())
            }
            ["webapp" | "webapp3", ..] => {
                let named = |link: &Url| query(link, "conference").or_else(|| query(link, "alias"));
                named(link).or_else(|| fragment.as_ref().and_then(named))
            }
            _ => None,
        }?;
        let (user, host) = alias.split_once('@').unwrap_or((&alias, link.host_str()?));
        Some((Token::new(user, host)?, link.to_string()))
    };
    let found = search.text.links.iter().find_map(alias);
    let (video, web) = found.map(|(token, link)| (token.address(), link)).unzip();
    Hits { video, web, ..Hits::default() }
}

/// The link alone: its address needs a gateway.
pub(super) fn google_meet(search: &Search<'_>) -> Hits {
    let is_meeting = |link: &&Url| matches!(path(link).as_slice(), [code] if code.contains('-'));
    Hits { web: first(links_of(search, "meet.google.com").filter(is_meeting)), ..Hits::default() }
}

fn tokens<'a>(search: &'a Search<'_>) -> impl Iterator<Item = &'a Token> {
    search.text.addresses.iter().filter(|token| !search.is_a_person(token))
}

fn links_of<'a>(search: &'a Search<'_>, domain: &'a str) -> impl Iterator<Item = &'a Url> {
    search.text.links.iter().filter(move |link| link.host_str().is_some_and(|host| is_of(host, domain)))
}

fn is_of(host: &str, domain: &str) -> bool {
    host == domain || host.strip_suffix(domain).is_some_and(|above| above.ends_with('.'))
}

fn first<'a>(mut links: impl Iterator<Item = &'a Url>) -> Option<String> {
    links.next().map(ToString::to_string)
}

fn path(link: &Url) -> Vec<&str> {
    link.path_segments().map(|parts| parts.filter(|part| !part.is_empty()).collect()).unwrap_or_default()
}
