//! The control socket: a Unix socket of mode 0600 on which every line is one JSON value.

use crate::daemon::{reload::Reloads, tickets::Tickets};
use anyhow::Context;
use control::{Health, Message, Request};
use meeting_model::id::RoomId;
use std::{collections::BTreeSet, os::unix::fs::PermissionsExt, path::Path};
use sync_engine::{Event, Wish};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{UnixListener, UnixStream, unix::OwnedWriteHalf},
    sync::{mpsc, watch},
};

/// The longest request that is read: 10,000 room ids fit.
const LONGEST_REQUEST: u64 = 1 << 20;

/// What a control connection can reach.
#[derive(Debug, Clone)]
pub(crate) struct Reach {
    /// The rooms there are.
    pub(crate) rooms: watch::Receiver<BTreeSet<RoomId>>,
    /// How everything is.
    pub(crate) health: watch::Receiver<Health>,
    /// Operators who wait.
    pub(crate) tickets: Tickets,
    /// The engine's ear.
    pub(crate) events: mpsc::UnboundedSender<Event>,
    /// Who reads the configuration again.
    pub(crate) reloads: Reloads,
}

/// Opens the socket. Whoever calls this holds the state directory's lock, so a file that is there is a dead daemon's; and
/// that directory is closed to others, so that nobody gets in before the socket's own mode is set.
///
/// # Errors
/// Where the socket cannot be made.
pub(crate) fn bind(path: &Path) -> anyhow::Result<UnixListener> {
    let place = || format!("control socket `{}`: it cannot be opened", path.display());
    let listener = UnixListener::bind(path).with_context(place)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).with_context(place)?;
    Ok(listener)
}

/// Serves operators until the listener is dropped.
pub(crate) async fn serve(listener: UnixListener, reach: Reach) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let reach = reach.clone();
                tokio::spawn(async move {
                    if let Err(error) = converse(stream, reach).await {
                        tracing::debug!(%error, "an operator has gone");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a control connection could not be taken");
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        }
    }
}

async fn converse(stream: UnixStream, reach: Reach) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut line = String::new();
    BufReader::new(read.take(LONGEST_REQUEST)).read_line(&mut line).await?;
    match serde_json::from_str(&line) {
        Ok(Request::Status) => {
            let health = reach.health.borrow().clone();
            tell(&mut write, &Message::Status(health)).await
        }
        Ok(Request::Resync { rooms, dry_run }) => {
            let wish = if dry_run { Wish::DryRun } else { Wish::Resync };
            meet(&mut write, &reach, rooms, wish).await
        }
        Ok(Request::Reload) => {
            let told = match reach.reloads.reload().await {
                Ok(reloaded) => Message::Reloaded(reloaded),
                Err(mistakes) => Message::Mistaken { mistakes },
            };
            tell(&mut write, &told).await
        }
        Ok(Request::Diff { rooms }) => meet(&mut write, &reach, rooms, Wish::Compare).await,
        Err(error) => {
            let sentence = format!("control socket: expected a request of this version, found `{error}`");
            tell(&mut write, &Message::Refused { sentence, unknown_rooms: Vec::new() }).await
        }
    }
}

async fn meet(
    write: &mut OwnedWriteHalf,
    reach: &Reach,
    rooms: Vec<String>,
    wish: Wish,
) -> std::io::Result<()> {
    let known = reach.rooms.borrow().clone();
    let rooms: Vec<RoomId> = if rooms.is_empty() {
        known.iter().cloned().collect()
    } else {
        rooms.into_iter().map(RoomId::new).collect()
    };
    let unknown: Vec<String> =
        rooms.iter().filter(|room| !known.contains(room)).map(ToString::to_string).collect();
    if !unknown.is_empty() {
        let sentence = "the daemon does not look after every one of these rooms".to_owned();
        return tell(write, &Message::Refused { sentence, unknown_rooms: unknown }).await;
    }
    let (answers, mut reports) = mpsc::unbounded_channel();
    let total = rooms.len();
    for room in rooms {
        let ticket = reach.tickets.draw(answers.clone());
        let _ = reach.events.send(Event::Wished { room, ticket, wish });
    }
    drop(answers);
    let (mut done, mut failed) = (0, 0);
    while let Some(report) = reports.recv().await {
        done += 1;
        failed += usize::from(report.result.is_err());
        tell(write, &Message::Room(report)).await?;
        tell(write, &Message::Progress { done, total }).await?;
    }
    tell(write, &Message::Done { failed }).await
}

async fn tell(write: &mut OwnedWriteHalf, message: &Message) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    write.write_all(&line).await
}
