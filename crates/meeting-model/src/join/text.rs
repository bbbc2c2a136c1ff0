//! The text of an invitation: lines and links.

use super::{
    Body,
    address::{self, Token},
};
use url::Url;

/// Nobody reads further.
const LONGEST: usize = 256 * 1024;
const MOST_LINKS: usize = 200;
/// Links that are wrapped more often lead nowhere.
const MOST_WRAPS: usize = 8;

/// Lines and links of one place.
#[derive(Debug, Clone, Default)]
pub(super) struct Text {
    pub(super) lines: Vec<String>,
    /// In order, unwrapped.
    pub(super) links: Vec<Url>,
    /// In order.
    pub(super) addresses: Vec<Token>,
}

impl Text {
    pub(super) fn of(text: &str) -> Self {
        let text = text.get(..text.floor_char_boundary(LONGEST)).unwrap_or_default();
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let links = lines.iter().flat_map(|line| links(line)).take(MOST_LINKS).collect();
        let addresses = lines.iter().flat_map(|line| address::tokens(line)).collect();
        Self { lines, links, addresses }
    }

    pub(super) fn of_body(body: Body<'_>) -> Self {
        match body {
            Body::Text(text) => Self::of(text),
            Body::Html(html) => {
                Self::of(&plain(html.get(..html.floor_char_boundary(LONGEST)).unwrap_or_default()))
            }
        }
    }
}

fn links(line: &str) -> Vec<Url> {
    let ends = |c: char| c.is_whitespace() || "<>\"'`|".contains(c);
    let mut found = Vec::new();
    for word in line.split(ends) {
        let starts = word.match_indices("http").map(|(at, _)| at);
        let link = starts
            .filter_map(|at| word.get(at..))
            .find(|rest| rest.starts_with("https://") || rest.starts_with("http://"));
        let trimmed = link.map(|link| link.trim_end_matches(|c| ".,;:!)]}*_".contains(c)));
        found.extend(trimmed.and_then(|link| Url::parse(link).ok()).map(unwrapped));
    }
    found
}

/// Outlook's SafeLinks name the link they lead to in their `url`, sometimes encoded once more.
fn unwrapped(mut link: Url) -> Url {
    for _ in 0..MOST_WRAPS {
        let is_wrapped =
            link.host_str().is_some_and(|host| host.ends_with(".safelinks.protection.outlook.com"));
        let Some(inner) = is_wrapped.then(|| query(&link, "url")).flatten() else { break };
        let Some(inner) = Url::parse(&inner).ok().or_else(|| decoded(&inner)) else { break };
        link = inner;
    }
    link
}

fn decoded(text: &str) -> Option<Url> {
    let form = format!("url={text}");
    let (_, value) = url::form_urlencoded::parse(form.as_bytes()).next()?;
    Url::parse(&value).ok()
}

/// The value of a link's query, by its name.
pub(super) fn query(link: &Url, name: &str) -> Option<String> {
    let value = link.query_pairs().find(|(key, _)| key.eq_ignore_ascii_case(name))?.1.into_owned();
    (!value.is_empty()).then_some(value)
}

/// HTML as text: the targets of links stand before their words, and what breaks lines breaks lines.
fn plain(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        if let Some((_, after)) = tag.strip_prefix("!--").and_then(|comment| comment.split_once("-->")) {
            rest = after;
            continue;
        }
        let Some((tag, after)) = tag.split_once('>') else { return entities(&text) };
        rest = after;
        let lower = tag.to_ascii_lowercase();
        let name = lower.split(|c: char| c.is_whitespace() || c == '/').find(|part| !part.is_empty());
        match name.unwrap_or_default() {
            hidden @ ("style" | "script" | "head" | "title") if !tag.starts_with('/') => {
                rest = after_end(rest, hidden);
            }
            "a" => text.extend(target(tag).map(|target| format!(" {target} "))),
            "br" | "p" | "div" | "tr" | "li" | "table" | "h1" | "h2" | "h3" | "hr" => text.push('\n'),
            "td" | "th" => text.push(' '),
            _ => (),
        }
    }
    text.push_str(rest);
    entities(&text)
}

fn after_end<'a>(html: &'a str, name: &str) -> &'a str {
    let end = format!("</{name}");
    let at = html
        .match_indices('<')
        .find(|(at, _)| html.get(*at..*at + end.len()).is_some_and(|found| found.eq_ignore_ascii_case(&end)));
    at.and_then(|(at, _)| html.get(at..)).unwrap_or_default()
}

fn target(tag: &str) -> Option<&str> {
    let (_, value) = tag.split_once("href=").or_else(|| tag.split_once("HREF="))?;
    let quote = value.chars().next().filter(|quote| *quote == '"' || *quote == '\'');
    match quote {
        Some(quote) => value.get(1..)?.split(quote).next(),
        None => value.split_whitespace().next(),
    }
}

fn entities(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        // No name is longer: what lies further on need not be looked at, each time.
        let near = after.get(..after.floor_char_boundary(10)).unwrap_or_default();
        let decoded =
            near.split_once(';').and_then(|(name, _)| Some((entity(name)?, after.get(name.len() + 1..)?)));
        let (c, after) = decoded.unwrap_or(('&', after));
        plain.push(c);
        rest = after;
    }
    plain.push_str(rest);
    plain
}

fn entity(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "nbsp" => ' ',
        "eacute" => 'é',
        "egrave" => 'è',
        "iacute" => 'í',
        "oacute" => 'ó',
        "uacute" => 'ú',
        "auml" => 'ä',
        "ouml" => 'ö',
        "uuml" => 'ü',
        "apos" | "rsquo" => '\'',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)?
        }
    })
}
