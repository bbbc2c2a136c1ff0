//! Replies that break off or are damaged on the way: never a panic, and never mistaken for a whole one.

use crate::{
    files, fixtures,
    rendered::{self, OPERATIONS},
    reply,
};
use chrono::TimeDelta;
use exchange_wire::{
    Reply, Request,
    ews::{
        Dialect, Mailbox,
        read::{
            Limits, Read, Step, View,
            view::{Step as ViewStep, Viewed},
        },
    },
};
use meeting_model::{
    clock::Window,
    id::ItemId,
    join::JoinRules,
    observed::{Cursor, Protocol},
};
use proptest::prelude::*;

/// Reads of every kind, at their beginning.
fn reads() -> [(Read, Request); 3] {
    let start = "2026-05-11T00:00:00Z".parse().unwrap();
    let window = Window { start, end: start + TimeDelta::days(60) };
    let (dialect, mailbox, limits) = (Dialect::default(), Mailbox::new("a@example.com"), Limits::default());
    let cursor = Cursor { protocol: Protocol::Ews, bytes: b"state".to_vec() };
    let join = JoinRules::default();
    [
        Read::delta(dialect, mailbox.clone(), &cursor, window, &join, limits).unwrap(),
        Read::complete(dialect, mailbox.clone(), window, &join, limits),
        Read::confirm_empty(dialect, mailbox, window, limits),
    ]
}

/// Gives one reply again and again; whether the read came to its end.
fn ends_with(mut read: Read, reply: &Reply<'_>) -> bool {
    for _ in 0..64 {
        match read.on_reply(reply) {
            Ok(Step::Send(next, _)) => read = *next,
            Ok(Step::Done(_)) => return true,
            Err(_) => return false,
        }
    }
    false
}

/// Gives one reply to a view again and again; what was viewed where it came to its end.
fn viewed_by(reply: &Reply<'_>) -> Option<Viewed> {
    let start = "2026-05-11T00:00:00Z".parse().unwrap();
    let window = Window { start, end: start + TimeDelta::days(60) };
    let (dialect, mailbox, limits) = (Dialect::default(), Mailbox::new("a@example.com"), Limits::default());
    let (mut view, _) = View::begin(dialect, mailbox, window, limits, true);
    for _ in 0..64 {
        match view.on_reply(reply) {
            Ok(ViewStep::Send(next, _)) => view = *next,
            Ok(ViewStep::Done(viewed)) => return Some(viewed),
            Err(_) => return None,
        }
    }
    None
}

#[test]
fn a_view_that_breaks_off_is_never_complete() {
    let body = std::fs::read_to_string(fixtures().join("find-item-whole-rows.xml")).unwrap();
    let body = body.trim_end();
    assert_eq!(viewed_by(&reply(200, body)).unwrap().rows.len(), 3);
    for end in (0..body.len()).filter(|&end| body.is_char_boundary(end)) {
        assert_eq!(viewed_by(&reply(200, &body[..end])), None, "cut at {end}");
    }
}

#[test]
fn a_reply_that_breaks_off_ends_nothing() {
    let mut whole = 0;
    for (name, body) in files(&fixtures(), ".xml") {
        let body = body.trim_end();
        for (read, _) in reads() {
            whole += usize::from(ends_with(read, &reply(200, body)));
        }
        // The end of every tag, where a reader may take what it has for whole, and one place in three between.
        let ends = (0..body.len()).filter(|&end| body.is_char_boundary(end));
        for end in ends.filter(|&end| end % 3 == 0 || body[..end].ends_with('>')) {
            let cut = reply(200, &body[..end]);
            for (read, _) in reads() {
                assert!(!ends_with(read, &cut), "{name} cut at {end}");
            }
        }
    }
    assert!(whole >= 3, "no whole reply ends a read, so this test says nothing");
}

#[test]
fn a_reply_that_breaks_off_answers_nothing() {
    let ids = [ItemId::new("AAMk-budget")];
    for (name, operation) in [("get-item-single.xml", "GetItem"), ("get-folder.xml", "GetFolder")] {
        let body = std::fs::read_to_string(fixtures().join(name)).unwrap();
        let body = body.trim_end();
        assert!(rendered::parse(operation, &ids, &reply(200, body)).is_ok());
        for end in 0..body.len() {
            let cut = rendered::parse(operation, &ids, &reply(200, &body[..end]));
            assert!(cut.is_err(), "{name} cut at {end}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_reply_never_panics(
        which in any::<prop::sample::Index>(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..4), 1..12),
        status in prop::sample::select(vec![200_u16, 200, 200, 302, 401, 500, 503]),
    ) {
        let cases = files(&fixtures(), ".xml");
        let mut body = which.get(&cases).1.clone().into_bytes();
        for (at, byte, kind) in edits {
            let at = at.index(body.len());
            match kind {
                0 => body[at] = byte,
                1 => body.insert(at, byte),
                2 => { body.remove(at); }
                _ => { let end = (at + usize::from(byte)).min(body.len()); body.extend_from_within(at..end); }
            }
            if body.is_empty() {
                body.push(byte);
            }
        }
        let reply = Reply { status, headers: &[], body: &body };
        for operation in OPERATIONS {
            let _ = rendered::parse(operation, &[ItemId::new("a"), ItemId::new("b")], &reply);
        }
        for (read, _) in reads() {
            ends_with(read, &reply);
        }
        viewed_by(&reply);
    }
}
