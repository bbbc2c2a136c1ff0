//! Paths: what names become in them, and which of them are the same.
//!
//! What a server has named is echoed as it named it; only names of our own are encoded.

/// What stands for a character that no segment may hold, even escaped.
const FORBIDDEN: [(char, &str); 4] =
    [('/', "_xF8FF_"), ('?', "_x003F_"), ('\\', "_xF8FE_"), ('~', "_x007E_")];

/// Characters that are escaped though they are printable ASCII. A bare plus is refused by IIS 7 as escaped twice.
const ESCAPED: &str = "\"#%&<>[]^{|}`+ ";

/// A name as one segment of a path.
pub fn segment(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    for character in name.chars() {
        match FORBIDDEN.iter().find(|(forbidden, _)| *forbidden == character) {
            Some((_, instead)) => encoded.push_str(instead),
            None => push(&mut encoded, character, ESCAPED),
        }
    }
    encoded
}

/// The path of an address that a server told. Its scheme, host and port may be those of a server behind the one that is
/// asked, or of one that the mailbox has left.
pub fn path_of(url: &str) -> Option<String> {
    let url = url.trim();
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.get(rest.find('/')?..)?,
        None => url,
    };
    if !path.starts_with('/') {
        return None;
    }
    let mut kept = String::with_capacity(path.len());
    for character in path.split(['?', '#']).next()?.chars() {
        push(&mut kept, character, " \"<>");
    }
    Some(kept)
}

/// Whether two addresses have one path: escaped or not, with or without the slash of a folder.
pub fn same_path(one: &str, other: &str) -> bool {
    let plain = |url| path_of(url).map(|path| unescape(path.trim_end_matches('/')));
    plain(one).is_some() && plain(one) == plain(other)
}

/// The path of a folder, to which names may be added.
pub(super) fn folder(url: &str) -> Option<String> {
    let path = path_of(url)?;
    Some(if path.ends_with('/') { path } else { path + "/" })
}

/// An address as a name: its path, without escapes.
pub(super) fn plain(url: &str) -> String {
    let path = path_of(url).unwrap_or_else(|| url.to_owned());
    String::from_utf8_lossy(&unescape(&path)).into_owned()
}

fn push(encoded: &mut String, character: char, escaped: &str) {
    if character.is_ascii() && !character.is_ascii_control() && !escaped.contains(character) {
        return encoded.push(character);
    }
    let mut bytes = [0; 4];
    for byte in character.encode_utf8(&mut bytes).bytes() {
        encoded.push('%');
        encoded
            .extend([byte >> 4, byte & 0xF].map(|digit| char::from_digit(digit.into(), 16).unwrap_or('0')));
    }
}

fn unescape(path: &str) -> Vec<u8> {
    let digit = |byte: Option<&u8>| char::from(*byte?).to_digit(16);
    let (bytes, mut at, mut plain) = (path.as_bytes(), 0, Vec::new());
    while let Some(&byte) = bytes.get(at) {
        let escaped = digit(bytes.get(at + 1)).zip(digit(bytes.get(at + 2))).filter(|_| byte == b'%');
        let meant = escaped.and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
        plain.push(meant.unwrap_or(byte));
        at += if meant.is_some() { 3 } else { 1 };
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_all_kinds_are_one_segment() {
        for (name, expected) in [
            ("board@example.com", "board@example.com"),
            ("o'hare&co@example.com", "o'hare%26co@example.com"),
            ("a/b?c\\d~e@example.com", "a_xF8FF_b_x003F_c_xF8FE_d_x007E_e@example.com"),
            ("büro 1+2@example.com", "b%c3%bcro%201%2b2@example.com"),
            ("会議@example.com", "%e4%bc%9a%e8%ad%b0@example.com"),
        ] {
            assert_eq!(segment(name), expected);
        }
    }

    #[test]
    fn a_servers_addresses_lose_their_host_and_keep_their_path() {
        for (url, expected) in [
            ("https://backend:443/exchange/r%40x/Kalender", Some("/exchange/r%40x/Kalender")),
            ("http://h/a/Cal%C3%A9/?x=1#y", Some("/a/Cal%C3%A9/")),
            (" /exchange/r/B%20c.EML\n", Some("/exchange/r/B%20c.EML")),
            ("http://h/%23%23Submission URI%23%23/", Some("/%23%23Submission%20URI%23%23/")),
            ("http://h/a\r\nX: y", Some("/a%0d%0aX:%20y")),
            ("http://h", None),
            ("Kalender", None),
        ] {
            assert_eq!(path_of(url).as_deref(), expected, "{url}");
        }
        assert!(same_path("https://a/x/B%c3%bcro/", "http://b/x/Büro"));
        assert!(!same_path("https://a/x/1", "https://a/x/2"));
        assert_eq!(folder("http://h/exchange/r/Kalender").as_deref(), Some("/exchange/r/Kalender/"));
    }
}
