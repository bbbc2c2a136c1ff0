//! NOTIFY (the SDK's "NOTIFY Method"): word from the store, one HTTP request in one datagram.
//!
//! Nobody can tell who sent it. It is a reason to ask, and nothing more.

use super::subscribe::is_id;

/// The most that one datagram holds: the SDK's own clients read 1023 bytes.
const LONGEST: usize = 4096;

/// Word that something has happened.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Notice {
    /// What we chose as the path of our address.
    pub token: String,
    /// The subscriptions that have something to tell. None: the store is about to stop, and every subscription is to be asked
    /// at once.
    pub ids: Vec<String>,
    /// The store that they live in.
    pub group: Option<String>,
}

/// Reads a datagram; `None` where it is anything else.
pub fn parse(datagram: &[u8]) -> Option<Notice> {
    let text = std::str::from_utf8(datagram.get(..datagram.len().min(LONGEST))?).ok()?;
    let mut lines = text.lines();
    let mut request = lines.next()?.split_whitespace();
    let (method, address, version) = (request.next()?, request.next()?, request.next()?);
    if method != "NOTIFY" || !version.starts_with("HTTP/") {
        return None;
    }
    let (_, path) = address.split_once("://")?;
    let token = path.split_once('/').map_or("", |(_, path)| path).to_owned();
    let mut notice = Notice { token, ids: Vec::new(), group: None };
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        if name.eq_ignore_ascii_case("Subscription-id") {
            let ids = value.split(',').map(str::trim).filter(|id| is_id(id));
            notice.ids.extend(ids.map(str::to_owned));
        } else if name.eq_ignore_ascii_case("Subscribe-group") {
            notice.group = Some(value.trim().to_owned());
        }
    }
    Some(notice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn word_comes_with_ids_or_without() {
        let notice = |ids: &[&str], group: Option<&str>| {
            let ids = ids.iter().map(|id| (*id).to_owned()).collect();
            Some(Notice { token: "berlin".into(), ids, group: group.map(str::to_owned) })
        };
        let first = "NOTIFY httpu://192.0.2.10:34777/berlin HTTP/1.1\r\n";
        for (rest, expected) in [
            ("Subscription-id: 15\r\n", notice(&["15"], None)),
            (
                "subscription-ID:21, 22\r\nSubscribe-group: iJlq==\r\n\r\n",
                notice(&["21", "22"], Some("iJlq==")),
            ),
            ("Subscription-id: x, 9\r\n", notice(&["9"], None)),
            ("", notice(&[], None)),
        ] {
            assert_eq!(parse(format!("{first}{rest}").as_bytes()), expected, "{rest}");
        }
        for other in ["", "NOTIFY", "GET httpu://a/b HTTP/1.1", "NOTIFY /b HTTP/1.1", "NOTIFY httpu://a/b"] {
            assert_eq!(parse(other.as_bytes()), None, "{other}");
        }
        assert_eq!(parse(b"NOTIFY \xFF://a/b HTTP/1.1"), None);
    }
}
