//! What the directory behind a server knows of rooms.

use exchange_wire::{
    Error, Problem, Reply, Request,
    ews::{Dialect, EmailAddress, Version, get_room_lists, get_rooms, resolve_names},
};
use meeting_model::id::ServerId;
use std::collections::BTreeSet;
use subscriber::{Addressee, Subscriber};
use sync_engine::next_step;

/// What was told.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Every room once.
    pub(super) rooms: Vec<Room>,
    /// What did not go well, or deserves to be known.
    pub(super) complaints: Vec<String>,
    /// Whether something could not be asked.
    pub(super) failed: bool,
}

/// A room, and where it was found.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) entry: EmailAddress,
    /// The list that holds it; absent where it was found by its name.
    pub(super) list: Option<String>,
}

/// A server that is asked of its directory.
#[derive(Debug)]
pub(super) struct Directory<'a> {
    subscriber: &'a Subscriber,
    to: Addressee<'a>,
    dialect: Dialect,
}

impl<'a> Directory<'a> {
    pub(super) fn new(subscriber: &'a Subscriber, to: Addressee<'a>, dialect: Dialect) -> Self {
        Self { subscriber, to, dialect }
    }

    /// The rooms of every list, and those whose names or addresses begin with the words.
    pub(super) async fn rooms(&mut self, matching: Option<&str>) -> Told {
        let mut told = Told::default();
        let (mut found, mut has_lists) = (Vec::new(), false);
        match self.ask(get_room_lists::request, get_room_lists::parse).await {
            Ok(lists) => {
                has_lists = !lists.is_empty();
                for list in &lists {
                    let name = list.name.clone().unwrap_or_else(|| list.address.clone());
                    match self
                        .ask(|dialect| get_rooms::request(dialect, &list.address), get_rooms::parse)
                        .await
                    {
                        Ok(rooms) => {
                            let list = Some(name);
                            found.extend(rooms.into_iter().map(|entry| Room { entry, list: list.clone() }));
                        }
                        Err(sentence) => told.fails(format!("room list `{name}`: {sentence}")),
                    }
                }
            }
            Err(sentence) => told.fails(sentence),
        }
        // Who could not ask for lists is not signed in perhaps: another attempt would count.
        if let Some(words) = matching.filter(|_| !told.failed) {
            match self.resolve(words).await {
                Ok(resolved) => {
                    if !resolved.is_whole {
                        told.complaints.push(format!("more than was told begins with `{words}`"));
                    }
                    let mailboxes = resolved.matches.into_iter().filter(is_mailbox);
                    found.extend(mailboxes.map(|entry| Room { entry, list: None }));
                }
                Err(sentence) => told.fails(sentence),
            }
        }
        let mut seen = BTreeSet::new();
        for room in found {
            let room = self.resolved(room).await;
            if seen.insert(room.entry.address.to_lowercase()) {
                told.rooms.push(room);
            }
        }
        if told.rooms.is_empty() && !told.failed {
            told.complaints.push(nothing(self.to.server, has_lists, matching));
        }
        told
    }

    /// The room by its primary address, where the directory knows exactly one mailbox by the one it was found with.
    async fn resolved(&mut self, room: Room) -> Room {
        let exact = format!("smtp:{}", room.entry.address);
        let Ok(resolved) = self.resolve(&exact).await else { return room };
        let mut mailboxes = resolved.matches.into_iter().filter(is_mailbox);
        match (mailboxes.next(), mailboxes.next()) {
            (Some(entry), None) => Room { entry, ..room },
            _ => room,
        }
    }

    async fn resolve(&mut self, words: &str) -> Result<resolve_names::Resolved, String> {
        self.ask(|dialect| resolve_names::request(dialect, words), resolve_names::parse).await
    }

    /// Asks in an older schema version where the server refuses a newer one.
    async fn ask<T>(
        &mut self,
        request: impl Fn(Dialect) -> Request,
        parse: impl Fn(&Reply<'_>) -> Result<T, Error>,
    ) -> Result<T, String> {
        loop {
            let reply = self.subscriber.exchange(self.to, &request(self.dialect)).await;
            let reply = reply.map_err(|silence| next_step::of_silence(&silence).sentence)?;
            let error = match parse(&reply.as_wire()) {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            match self.dialect.version.older() {
                Some(Version::Exchange2007Sp1) if matches!(error.problem, Problem::VersionRefused { .. }) => {
                    return Err(format!(
                        "server `{}` speaks nothing newer than Exchange 2007, which has no room lists",
                        self.to.server
                    ));
                }
                Some(older) if matches!(error.problem, Problem::VersionRefused { .. }) => {
                    self.dialect.version = older;
                }
                _ => return Err(next_step::of_error(&error).sentence),
            }
        }
    }
}

impl Told {
    /// Nothing, for this reason.
    pub(super) fn failed(sentence: String) -> Self {
        Self { complaints: vec![sentence], failed: true, ..Self::default() }
    }

    fn fails(&mut self, sentence: String) {
        self.complaints.push(sentence);
        self.failed = true;
    }
}

fn is_mailbox(entry: &EmailAddress) -> bool {
    entry.mailbox_type.as_deref().is_none_or(|kind| kind == "Mailbox")
}

/// What was asked of a server that knows no room, and what finds some.
fn nothing(server: &ServerId, has_lists: bool, matching: Option<&str>) -> String {
    let lists = if has_lists { "its room lists are empty" } else { "it has no room lists" };
    match matching {
        Some(words) => format!(
            "server `{server}`: {lists}, and no mailbox's name or address begins with `{words}`; try other words"
        ),
        None => format!(
            "server `{server}`: {lists}; fill one by `New-DistributionGroup -RoomList` and `Add-DistributionGroupMember`, or \
             find rooms by `--matching`"
        ),
    }
}
