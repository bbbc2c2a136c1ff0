//! What a flight record keeps of whatever servers may answer and send.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use exchange_wire::{
    Problem, Reply,
    ews::{get_folder, sync_folder_items},
    mask::Mask,
};
use meeting_model::global_object_id::GlobalObjectId;
use std::{
    collections::BTreeSet,
    mem::{Discriminant, discriminant},
    sync::LazyLock,
};

/// What stands for every text, behind a `~`.
const STAND_IN: &str = "S";

/// The elements and attributes whose text may stay.
static ELEMENTS: LazyLock<BTreeSet<&str>> =
    LazyLock::new(|| include_str!("../../../crates/exchange-wire/data/kept_elements.txt").lines().collect());
static ATTRIBUTES: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
    include_str!("../../../crates/exchange-wire/data/kept_attributes.txt").lines().collect()
});

/// What of a text that decides something is said behind its stand-in.
const SIGNS: [&str; 13] = [
    "AccessDeniedException",
    "server version is invalid",
    "locked out",
    "plain HTTP",
    "password",
    "logon",
    "login",
    "signin",
    "sign-in",
    "auth.owa",
    "/adfs/",
    "saml",
    "my.policy",
];

/// Nothing of it is left but what may be; cut anywhere it becomes the same; and a reply that is XML and can be used can be used.
/// Of what is no XML our reader takes more than a mask, which sees no more of it than a tag at a time.
pub(crate) fn document(bytes: &[u8]) {
    let stand_in = |_: &[u8]| STAND_IN.to_owned();
    let whole = Mask::whole(bytes, &stand_in);
    assert_eq!(Mask::whole(bytes, &stand_in), whole);
    let mut mask = Mask::default();
    let mut pieces: Vec<u8> =
        bytes.chunks(bytes.len() / 5 + 1).flat_map(|piece| mask.take(piece, &stand_in)).collect();
    pieces.extend(mask.end(&stand_in));
    assert_eq!(pieces, whole, "in pieces it becomes something else");
    let text = String::from_utf8_lossy(&whole);
    holds_nothing(&text);
    let judgement = judged(bytes);
    if judgement.iter().any(Option::is_none) && is_xml(bytes) {
        assert_eq!(judged(&whole), judgement, "{text}");
    }
}

/// Whether it is well-formed, by somebody else's strict reader.
fn is_xml(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| roxmltree::Document::parse(text).is_ok())
}

/// What the document is as a reply: whether it is one, or what it is instead.
fn judged(body: &[u8]) -> [Option<Discriminant<Problem>>; 2] {
    let reply = Reply { status: 200, headers: &[], body };
    [get_folder::parse(&reply).err(), sync_folder_items::parse(&reply).err()]
        .map(|error| error.map(|error| discriminant(&error.problem)))
}

/// Whether nothing is left in a masked document but tags, stand-ins and what may stay.
fn holds_nothing(masked: &str) {
    let mut leaf = "";
    let mut rest = masked;
    while !rest.is_empty() {
        let (text, behind) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
        is_masked_text(text, leaf);
        let (tag, behind) = tag(behind);
        if let Some(text) = tag.strip_prefix("<![CDATA[") {
            is_masked_text(text, leaf);
        } else if tag.starts_with("<?") || tag.starts_with("<!") {
            // the element goes on
            is_masked_tag(tag);
        } else {
            leaf = is_masked_tag(tag);
        }
        rest = behind;
    }
}

/// The tag, and what is behind it. What is cut off within a tag leaves its first character.
fn tag(text: &str) -> (&str, &str) {
    if text.starts_with("<![CDATA[") {
        return text.split_once("]]>").expect("what stays is whole");
    }
    let mut quoted = false;
    let end = text.find(|c| {
        quoted ^= c == '"';
        c == '>' && !quoted
    });
    text.split_at(end.map_or(text.len(), |at| at + 1))
}

/// The name of the element that a tag opens, with nothing in it that must not be; that of a code for a value that is one.
fn is_masked_tag(tag: &str) -> &str {
    if ["", "<", "<!DOCTYPE html>", "<!DOCTYPE other>"].contains(&tag) {
        return "";
    }
    let inside = tag.trim_start_matches('<').trim_end_matches('>').trim_end_matches('/');
    let is_name = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:?/".contains(c));
    let (name, mut rest) = inside.split_at(inside.find(' ').unwrap_or(inside.len()));
    assert!(is_name(name), "`{name}` is no name");
    let element = name.rsplit(':').next().unwrap();
    while let Some((key, behind)) = rest.split_once("=\"") {
        let key = key.trim_start();
        let (value, behind) = behind.split_once('"').expect("values are quoted");
        assert!(is_name(key), "`{key}` is no name");
        let local = key.rsplit(':').next().unwrap();
        let is_kept = ATTRIBUTES.contains(local)
            || key == "xmlns"
            || key.starts_with("xmlns:")
            || (key == "Name" && ["Value", "Period"].contains(&element))
            || (name == "?xml" && is_name(value));
        assert!(is_kept || left_of(value).is_empty(), "{key}=`{value}` has stayed");
        rest = behind;
    }
    assert!(["", "?"].contains(&rest), "`{rest}` has stayed");
    let opens = !tag.starts_with("</") && !tag.ends_with("/>") && !tag.starts_with("<?");
    match element {
        "Value" if opens && tag.contains(" Name=\"InnerErrorResponseCode\"") => "ResponseCode",
        _ if opens => element,
        _ => "",
    }
}

fn is_masked_text(text: &str, leaf: &str) {
    let is_kept = ELEMENTS.contains(leaf)
        || (leaf == "Value" && left_of(text).chars().all(|c| c.is_ascii_digit()))
        || (leaf == "href" && text.rsplit_once('/').is_some_and(|(_, name)| left_of(name).is_empty()))
        || is_masked_id(text);
    assert!(is_kept || left_of(text).is_empty(), "`{text}` has stayed in `{leaf}`");
}

fn is_masked_id(text: &str) -> bool {
    let bytes = STANDARD.decode(text.trim()).unwrap_or_default();
    let Ok(id) = GlobalObjectId::parse(&bytes) else { return false };
    let data = id.as_bytes().get(40..).unwrap_or_default();
    data.iter().all(|byte| [STAND_IN.as_bytes()[0], 0].contains(byte))
}

/// What is left of a text without stand-ins, signs and space.
fn left_of(text: &str) -> String {
    let mut text = text.replace(&format!("~{STAND_IN}"), "").replace('\u{feff}', "");
    for sign in SIGNS {
        text = text.replace(sign, "");
    }
    text.chars().filter(|c| !c.is_whitespace() && *c != '~').collect()
}
