//! Whatever an Exchange server may answer: every parser and every conversation, over arbitrary bytes.
#![no_main]

use exchange_wire::{
    Reply,
    ews::{
        Dialect, Mailbox, find_item, get_events, get_folder, get_item,
        read::{Limits, Read, Step},
        server_version, subscribe, sync_folder_items, unsubscribe,
        watch::Watch,
    },
};
use libfuzzer_sys::fuzz_target;
use meeting_model::{
    clock::Window,
    id::ItemId,
    join::JoinRules,
    observed::{Cursor, Protocol},
};

/// What the last byte stands for; any other byte is 200, so that a fixture is a reply as it is.
const STATUSES: [u16; 7] = [302, 400, 401, 413, 429, 500, 503];

fuzz_target!(|bytes: &[u8]| {
    let Some((&choice, rest)) = bytes.split_last() else { return };
    let status = STATUSES.get(usize::from(choice)).copied().unwrap_or(200);
    // What stands before a zero byte is a header's value, the rest is the body.
    let (value, body) = match rest.iter().position(|&byte| byte == 0) {
        Some(at) => (&rest[..at], &rest[at + 1..]),
        None => (&[][..], rest),
    };
    let value = String::from_utf8_lossy(value).into_owned();
    let headers =
        ["Retry-After", "Location", "WWW-Authenticate", "Date"].map(|name| (name.to_owned(), value.clone()));
    let reply = Reply { status, headers: &headers, body };
    parse(&reply);
    converse(&reply);
});

fn parse(reply: &Reply<'_>) {
    let join = JoinRules::default();
    let errors = [
        get_folder::parse(reply).err(),
        sync_folder_items::parse(reply).err(),
        find_item::parse(reply).err(),
        get_item::parse(reply, &[ItemId::new("a")], &join).err(),
        get_item::parse(reply, &[ItemId::new("a"), ItemId::new("b")], &join).err(),
        subscribe::parse(reply).err(),
        get_events::parse(reply).err(),
        unsubscribe::parse(reply).err(),
    ];
    for error in errors.into_iter().flatten() {
        let said = error.to_string();
        assert!(!said.contains('\n') && said.len() < 2_000, "an error that does not fit a log: {said}");
        let _ = (error.remedy(), error.back_off());
    }
    let _ = server_version::parse(reply);
}

/// The same reply again and again: no conversation goes on for ever, or asks for nothing.
fn converse(reply: &Reply<'_>) {
    let (dialect, mailbox, limits) =
        (Dialect::default(), Mailbox::new("room@example.com"), Limits::default());
    let start = chrono::DateTime::UNIX_EPOCH + chrono::TimeDelta::days(20_000);
    let window = Window { start, end: start + chrono::TimeDelta::days(60) };
    let join = JoinRules::default();
    let cursor = Cursor { protocol: Protocol::Ews, bytes: b"state".to_vec() };
    let delta = Read::delta(dialect, mailbox.clone(), &cursor, window, &join, limits).ok();
    let others = [
        Read::complete(dialect, mailbox.clone(), window, &join, limits),
        Read::confirm_empty(dialect, mailbox.clone(), window, limits),
    ];
    for (mut read, _) in delta.into_iter().chain(others) {
        let mut equal_replies = 0;
        while let Ok(Step::Send(next, request)) = read.on_reply(reply) {
            equal_replies += 1;
            assert!(request.body.contains("<m:") && equal_replies < 64, "the read goes on and on");
            read = *next;
        }
    }
    if let Ok(mut watch) = Watch::opened(dialect, mailbox, reply) {
        let _ = watch.polled(reply);
        let _ = (watch.poll(), watch.close());
    }
}
