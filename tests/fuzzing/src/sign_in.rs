//! Whatever may be said to us while we sign in: by token endpoints, by key distribution centres, and as cookies.

use crate::said::fits_a_log;
use std::{sync::LazyLock, time::Duration};
use subscriber::{Account, reply as made};
use tokio::runtime::{Builder, Runtime};

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Builder::new_current_thread().build().unwrap());

pub(crate) fn reply(bytes: &[u8]) {
    for status in [200, 400] {
        match made::of_token_endpoint(status, bytes) {
            Ok(lasts) => assert!(status == 200 && lasts <= Duration::from_hours(24), "good for {lasts:?}"),
            Err(sentence) => fits_a_log(&sentence),
        }
    }
    cookies(bytes);
    if let Some(refusal) = made::of_key_distribution_centre(bytes) {
        fits_a_log(&refusal.to_string());
    }
    // what comes over TCP has its length before it, which is below 16 MiB
    if bytes.first() == Some(&0) {
        tickets(bytes);
    }
}

/// Each line is a `Set-Cookie` header, as far as it can be one.
fn cookies(bytes: &[u8]) {
    let is_header = |line: &&str| line.bytes().all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte));
    let lines = std::str::from_utf8(bytes).unwrap_or_default().lines();
    let lines: Vec<_> = lines.filter(is_header).collect();
    if let Some(header) = made::of_cookies(lines.iter().copied()) {
        assert!(is_header(&header.as_str()) && header.len() < 50 * 4_100, "no header: {header:?}");
        // it is a list of pairs, each of which reads the same by itself
        let again: Vec<_> = header.split("; ").collect();
        assert_eq!(made::of_cookies(again).as_ref(), Some(&header));
    }
}

/// One answer of a key distribution centre after the other.
fn tickets(bytes: &[u8]) {
    let (mut answers, mut rest) = (Vec::new(), bytes);
    while let Some(length) = rest.first_chunk().filter(|_| answers.len() < 4) {
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap().saturating_add(4);
        let (answer, behind) = rest.split_at(length.min(rest.len()));
        answers.push(answer);
        rest = behind;
    }
    let account = Account { username: "room@example.com".to_owned(), password: "not a secret".into() };
    let token = RUNTIME.block_on(made::of_tickets(&account, &answers));
    assert!(token.is_err(), "nobody makes a ticket who does not know the password");
}
