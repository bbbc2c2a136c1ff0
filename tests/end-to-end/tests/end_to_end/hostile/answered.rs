//! What people who mean ill are answered.

use std::collections::BTreeMap;

/// How many answers there were of each status.
pub(super) type Statuses = BTreeMap<u16, usize>;

/// An answer of HTTP.
pub(super) struct Answer {
    pub(super) status: u16,
    /// Whether nothing comes after it.
    pub(super) is_last: bool,
}

/// The header of an answer without an end.
const ENDLESS: &str = "\r\ncontent-type: text/event-stream";

/// Whether what was heard goes on for ever.
pub(super) fn is_endless(heard: &[u8]) -> bool {
    String::from_utf8_lossy(heard).contains(ENDLESS)
}

/// Every answer that was heard on a connection (RFC 9112), of which the last may break off.
pub(super) fn answers(mut heard: &[u8]) -> Vec<Answer> {
    let mut all = Vec::new();
    while !heard.is_empty() {
        let end = heard.windows(4).position(|four| four == b"\r\n\r\n");
        let end = end.unwrap_or_else(|| panic!("no answer: {}", heard.escape_ascii()));
        let head = String::from_utf8_lossy(&heard[..end]).to_ascii_lowercase();
        heard = &heard[end + 4..];
        let status = head.strip_prefix("http/1.").and_then(|rest| rest.get(2..5)?.parse().ok());
        let status = status.unwrap_or_else(|| panic!("no status line: {head}"));
        let header = |name: &str| {
            head.lines().skip(1).find_map(|line| line.strip_prefix(name)?.strip_prefix(':').map(str::trim))
        };
        heard = match header("content-length").map(|length| length.parse::<usize>().unwrap()) {
            // what is asked for by HEAD has its length alone
            _ if heard.starts_with(b"HTTP/1.") || [100, 204, 304].contains(&status) => heard,
            Some(length) => heard.get(length..).unwrap_or_default(),
            None if header("transfer-encoding") == Some("chunked") => after_chunks(heard),
            None => &[],
        };
        let is_last = header("connection") == Some("close") || is_endless(head.as_bytes());
        if status != 100 {
            all.push(Answer { status, is_last });
        }
    }
    all
}

/// What comes after a body in chunks (RFC 9112 §7.1), which has no trailers.
fn after_chunks(mut heard: &[u8]) -> &[u8] {
    while let Some(end) = heard.windows(2).position(|two| two == b"\r\n") {
        let size = std::str::from_utf8(&heard[..end]).unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        heard = heard.get(end + 2 + size + 2..).unwrap_or_default();
        if size == 0 {
            break;
        }
    }
    heard
}
