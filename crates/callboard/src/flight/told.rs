//! What the engine does, in a line for each action: all that it decides, and nothing of what only passes through it.

use exchange_wire::{Request, mask::Mask};
use meeting_model::observed::{Coverage, Cursor};
use sha2::{Digest, Sha256};
use sync_engine::{Action, Apply, Event, Settle, StreamHeard};

/// What the engine does.
pub(super) fn actions(actions: &[Action]) -> Vec<String> {
    actions.iter().map(action).collect()
}

fn action(action: &Action) -> String {
    match action {
        Action::Exchange { call, server, at, room, request } => {
            let at = at.as_deref().map(|at| format!(" at {at}")).unwrap_or_default();
            format!("exchange {} {server}{at} {room} {}", call.0, asked(request))
        }
        Action::Discover { call, server, room, ask } => {
            format!("discover {} {server} {room} {} {}", call.0, ask.url, asked(&ask.request))
        }
        Action::OpenStream { connection, server, at, request } => {
            let at = at.as_deref().map(|at| format!(" at {at}")).unwrap_or_default();
            format!("open-stream {} {server}{at} {}", connection.0, asked(request))
        }
        Action::CloseStream { connection } => format!("close-stream {}", connection.0),
        Action::AnswerPush { push, answer } => format!("answer-push {} {answer:?}", push.0),
        Action::Apply(apply) => applied(apply),
        Action::Deliver(deliver) => {
            let known = if deliver.digest.is_some() { "known" } else { "unknown" };
            format!("deliver {} since {:?}, {known}", deliver.device, deliver.since)
        }
        Action::Settle(settle) => settled(settle),
        Action::Empty { device, room } => format!("empty {device} {room}"),
        Action::Refuse { ticket, room, .. } => format!("refuse {} {room}", ticket.0),
    }
}

/// The operation, and eight digits that stand for the request without what a record does not hold.
fn asked(request: &Request) -> String {
    let body = Mask::whole(request.body.as_bytes(), &|_| String::new());
    format!("{} {}", request.operation, mark(&body))
}

fn applied(apply: &Apply) -> String {
    let observed = apply.observed.as_ref().map(|observed| {
        let coverage = match observed.coverage {
            Coverage::Delta => "delta",
            Coverage::Complete { confirmed: false, .. } => "complete",
            Coverage::Complete { confirmed: true, .. } => "confirmed",
        };
        let (items, deleted) = (observed.items.len(), observed.deleted.len());
        format!(" {coverage} {items} items {deleted} deleted {} unreadable", observed.unreadable.len())
    });
    let view = if apply.view.is_some() { " view" } else { "" };
    let cursor = |cursor: &Cursor| format!(" cursor {}", mark(&cursor.bytes));
    format!(
        "apply {}{}{view} {} requests{} as of {:?}{}{}{}",
        apply.room,
        observed.unwrap_or_default(),
        apply.requests.len(),
        apply.cursor.as_ref().map(cursor).unwrap_or_default(),
        apply.as_of,
        if apply.persist { " persist" } else { "" },
        if apply.dry_run { " dry-run" } else { "" },
        apply.ticket.map(|ticket| format!(" ticket {}", ticket.0)).unwrap_or_default(),
    )
}

fn settled(settle: &Settle) -> String {
    let Settle { device, rev, digest, attempts, retry_in, error } = settle;
    let known = if digest.is_some() { "known" } else { "unknown" };
    let well = if error.is_some() { "in trouble" } else { "well" };
    format!("settle {device} rev {rev} {known} attempts {attempts} retry in {retry_in:?}, {well}")
}

/// Eight hex digits that stand for bytes.
fn mark(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes)).chars().take(8).collect()
}

/// What happened, in a few words.
pub(super) fn event(event: &Event) -> String {
    match event {
        Event::Started { rooms, devices } => {
            format!("started: {} rooms, {} devices", rooms.len(), devices.len())
        }
        Event::Wake => "wake".to_owned(),
        Event::Exchange { call, result: Ok(reply) } => {
            format!("exchange {}: status {}, {} bytes", call.0, reply.status, reply.body.len())
        }
        Event::Exchange { call, result: Err(_) } => format!("exchange {}: no answer", call.0),
        Event::Stream { connection, heard } => format!("stream {}: {}", connection.0, heard_on(heard)),
        Event::Pushed { push, body, .. } => format!("pushed {}: {} bytes", push.0, body.len()),
        Event::Noticed(notice) => format!("noticed: {} subscriptions", notice.ids.len()),
        Event::Applied { room, result: Ok(applied) } => format!("applied {room}: revision {}", applied.rev),
        Event::Applied { room, result: Err(_) } => format!("applied {room}: it could not be stored"),
        Event::Delivered { device, .. } => format!("delivered {device}"),
        Event::Fetched { device, page } => format!("fetched {device}: revision {}", page.rev),
        Event::Forgot { device } => format!("forgot {device}"),
        Event::Emptied { device, .. } => format!("emptied {device}"),
        Event::Reconfigured { .. } => "reconfigured".to_owned(),
        Event::Wished { room, wish, .. } => format!("wished {room}: {wish:?}"),
        Event::Stop => "stop".to_owned(),
    }
}

fn heard_on(heard: &StreamHeard) -> String {
    match heard {
        StreamHeard::Opened => "opened".to_owned(),
        StreamHeard::Bytes(bytes) => format!("{} bytes", bytes.len()),
        StreamHeard::Refused(reply) => format!("refused, status {}", reply.status),
        StreamHeard::Ended(_) => "ended".to_owned(),
    }
}
