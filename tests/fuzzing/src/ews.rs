//! Whatever an Exchange server may answer and send over Exchange Web Services.

use crate::{
    calendar,
    said::{is_sentence, with_reply},
};
use chrono::{DateTime, TimeDelta};
use exchange_wire::{
    Error, Reply,
    calendar::{Calendar, Step},
    ews::{
        Dialect, Mailbox, find_item, get_events, get_folder, get_item, get_room_lists, get_rooms,
        get_streaming_events::{self, Stream},
        get_user_availability, mailbox_quota, resolve_names, send_notification, server_version,
        subscribe::{self, Kind},
        sync_folder_items, unsubscribe,
    },
};
use meeting_model::{
    clock::Window,
    global_object_id::GlobalObjectId,
    id::ItemId,
    join::JoinRules,
    observed::{Cursor, Protocol},
};

/// Every parser and every conversation, over one reply.
pub(crate) fn reply(bytes: &[u8]) {
    with_reply(bytes, 200, |reply| {
        parse(reply);
        let mailbox = Mailbox::new("room@example.com");
        converse(&Calendar::Ews(Dialect::default(), mailbox), Protocol::Ews, reply);
    });
}

fn parse(reply: &Reply<'_>) {
    let join = JoinRules::default();
    let errors: [Option<Error>; 14] = [
        get_folder::parse(reply).err(),
        sync_folder_items::parse(reply).err(),
        find_item::parse(reply, 100).err(),
        get_item::parse(reply, &[ItemId::new("a")], &join).err(),
        get_item::parse(reply, &[ItemId::new("a"), ItemId::new("b")], &join).err(),
        subscribe::parse(reply).err(),
        get_events::parse(reply).err(),
        unsubscribe::parse(reply).err(),
        get_room_lists::parse(reply).err(),
        get_rooms::parse(reply).err(),
        resolve_names::parse(reply).err(),
        get_user_availability::parse(reply).err(),
        mailbox_quota::parse(reply).err(),
        get_streaming_events::refusal(reply),
    ];
    errors.iter().flatten().for_each(is_sentence);
    let _ = (server_version::parse(reply), reply.date(), reply.retry_after());
}

/// The window that is read.
pub(crate) fn window() -> Window {
    let start = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
    Window { start, end: start + TimeDelta::days(60) }
}

/// The same reply again and again: no conversation goes on for ever, and what it comes to can be planned.
pub(crate) fn converse(calendar: &Calendar, protocol: Protocol, reply: &Reply<'_>) {
    let (window, join) = (window(), JoinRules::default());
    let cursor = Cursor { protocol, bytes: b"state".to_vec() };
    let delta = calendar.read_changes(&cursor, window, &join).ok();
    let others = [calendar.read_whole(window, &join), calendar.confirm_empty(window)];
    for (read, _) in delta.into_iter().chain(others) {
        let outcome = to_the_end(read, |read| read.on_reply(reply));
        if let Some(outcome) = outcome {
            calendar::plan(&outcome.observed);
        }
    }
    let (look, _) = calendar.look();
    to_the_end(look, |look| look.on_reply(reply));
    let (view, _) = calendar.view(window, true);
    to_the_end(view, |view| view.on_reply(reply));
    if let Some((mut search, _)) = calendar.seek_requests(&[GlobalObjectId::from_uid("a")]) {
        for round in 0.. {
            assert!(round < ROUNDS, "the search goes on and on");
            match search.on_reply(reply) {
                Ok(exchange_wire::ews::meeting_requests::Step::Send(next, _)) => search = next,
                Ok(exchange_wire::ews::meeting_requests::Step::Done(_)) | Err(_) => break,
            }
        }
    }
    let (opening, _) = calendar.subscribe(&Kind::Streaming, None, None);
    if let Some(mut watch) = to_the_end(opening, |opening| opening.on_reply(reply)) {
        let _ = (watch.poll(), watch.polled(reply), watch.renew(), watch.renewed(reply), watch.close());
    }
}

/// No conversation takes so many equal replies.
const ROUNDS: usize = 64;

fn to_the_end<Talk, Outcome>(
    mut talk: Talk,
    mut hear: impl FnMut(Talk) -> Result<Step<Talk, Outcome>, Error>,
) -> Option<Outcome> {
    for _ in 0..ROUNDS {
        match hear(talk) {
            Ok(Step::Send(next, _)) => talk = *next,
            Ok(Step::Done(outcome)) => return Some(outcome),
            Err(error) => {
                is_sentence(&error);
                return None;
            }
        }
    }
    panic!("the conversation goes on and on")
}

/// A streaming connection, whose pieces tell the same however they are cut; and what is pushed.
pub(crate) fn stream(bytes: &[u8]) {
    if let Err(error) = send_notification::parse(bytes) {
        is_sentence(&error);
    }
    let whole = Stream::default().take(bytes);
    let mut stream = Stream::default();
    let mut told = Vec::new();
    for piece in bytes.chunks(bytes.len() / 7 + 1) {
        match stream.take(piece) {
            Ok(more) => told.extend(more),
            Err(error) => {
                is_sentence(&error);
                assert!(whole.is_err(), "in pieces it is none, as a whole it is one");
                return;
            }
        }
    }
    assert_eq!(whole.ok(), Some(told), "in pieces it tells something else");
    let _ = stream.end();
}
