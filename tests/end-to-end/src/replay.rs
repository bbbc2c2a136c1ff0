//! A server that answers as another one once did: from recorded exchanges, by operation and in order.

use axum::{Router, body::Bytes, extract::State, http::header, response::IntoResponse};
use std::{
    fs,
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{net::TcpListener, task::JoinHandle};

/// What was recorded: a name such as `006-F-created-SyncFolderItems`, and the reply.
type Recorded = Vec<(String, String)>;

/// A calendar that goes through what was recorded of one: it is empty, then holds a meeting, which is renamed, then
/// deleted while another one is made.
///
/// What the recording lacks is put together from its own words:
/// - its client never read the items of a later stage by themselves, so GetItem then answers with the item that
///   SyncFolderItems listed, in the frame of the reply to GetItem that there is;
/// - its client asked for events once, so the reply stands for every later question: each time something has changed;
/// - SyncFolderItems without a state, or with the state of another stage, lists all that the stage holds.
#[derive(Debug)]
pub struct Replay {
    addr: SocketAddr,
    stage: Arc<Mutex<usize>>,
    serving: JoinHandle<()>,
}

/// The stages of the calendar: the SyncFolderItems replies, in order.
const STAGES: [&str; 4] = ["002-", "006-", "012-", "016-"];

#[derive(Clone)]
struct Server {
    recorded: Arc<Recorded>,
    stage: Arc<Mutex<usize>>,
}

impl Replay {
    /// Serves the replies of a folder.
    pub async fn serve(folder: &Path) -> Self {
        let stage: Arc<Mutex<usize>> = Arc::default();
        let server = Server { recorded: Arc::new(recorded(folder)), stage: Arc::clone(&stage) };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free");
        let addr = listener.local_addr().expect("a listener has an address");
        let router = Router::new().fallback(answer).with_state(server);
        let serving = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("it goes on accepting");
        });
        Self { addr, stage, serving }
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The next thing that was recorded happens.
    pub fn go_on(&self) {
        let mut stage = self.stage.lock().unwrap_or_else(PoisonError::into_inner);
        *stage = (*stage + 1).min(STAGES.len() - 1);
    }
}

impl Drop for Replay {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn recorded(folder: &Path) -> Recorded {
    let mut files: Vec<_> =
        fs::read_dir(folder).expect("the recording").map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    let replies = files.iter().filter_map(|path| {
        let name = path.file_name()?.to_str()?.strip_suffix(".response.xml")?;
        Some((name.to_owned(), fs::read_to_string(path).expect("a reply")))
    });
    replies.collect()
}

async fn answer(State(server): State<Server>, body: Bytes) -> impl IntoResponse {
    let reply = server.answer(&String::from_utf8_lossy(&body));
    ([(header::CONTENT_TYPE, "text/xml")], reply)
}

impl Server {
    fn answer(&self, request: &str) -> String {
        let stage = *self.stage.lock().unwrap_or_else(PoisonError::into_inner);
        let operation = between(request, "<m:", &['>', ' ']).unwrap_or_default();
        match operation {
            "GetFolder" => self.reply("001-"),
            "Subscribe" => self.reply("003-"),
            "GetEvents" => self.reply("005-"),
            "Unsubscribe" => self.reply("017-"),
            "SyncFolderItems" => self.changes(stage, between(request, "SyncState>", &['<'])),
            "GetItem" => self.items(stage, request),
            other => panic!("nothing was recorded of `{other}`"),
        }
    }

    /// The changes from the stage that the client knows: those that were recorded from the stage before, none from the
    /// stage itself, all that there is from anywhere else.
    fn changes(&self, stage: usize, known: Option<&str>) -> String {
        let reply = |stage: usize| self.reply(STAGES.get(stage).expect("a stage"));
        let known = known.and_then(|known| (0..=stage).find(|stage| state_of(&reply(*stage)) == Some(known)));
        let now = reply(stage);
        match known {
            Some(known) if known + 1 == stage => now,
            Some(known) if known == stage => with_changes(&now, ""),
            _ => with_changes(&now, &listed(&now).replace("t:Update>", "t:Create>")),
        }
    }

    /// The items that are asked for, each as it is at this stage.
    fn items(&self, stage: usize, request: &str) -> String {
        let frame = self.reply("008-");
        let single = whole(&frame, "<t:CalendarItem>", "</t:CalendarItem>").expect("an item").to_owned();
        let now = self.reply(STAGES.get(stage).expect("a stage"));
        let id = between(request, "<t:ItemId Id=\"", &['"']).expect("an item's id");
        let item = now.split("<t:CalendarItem>").find(|item| item.contains(id));
        match item.and_then(|item| item.split("</t:CalendarItem>").next()) {
            Some(_) if single.contains(id) && stage == 1 => frame,
            Some(item) => frame.replace(&single, &format!("<t:CalendarItem>{item}</t:CalendarItem>")),
            None => panic!("nothing was recorded of the item `{id}`"),
        }
    }

    fn reply(&self, number: &str) -> String {
        let found = self.recorded.iter().find(|(name, _)| name.starts_with(number));
        found.map(|(_, reply)| reply.clone()).expect("the recording is whole")
    }
}

fn state_of(reply: &str) -> Option<&str> {
    between(reply, "SyncState>", &['<'])
}

/// The changes of a reply but its deletions: what there is after them.
fn listed(reply: &str) -> String {
    let changes = whole(reply, "<m:Changes>", "</m:Changes>").unwrap_or_default();
    let deleted = whole(changes, "<t:Delete>", "</t:Delete>").unwrap_or_default();
    let inner = changes.trim_start_matches("<m:Changes>").trim_end_matches("</m:Changes>");
    if deleted.is_empty() { inner.to_owned() } else { inner.replace(deleted, "") }
}

/// The same reply with other changes.
fn with_changes(reply: &str, changes: &str) -> String {
    let before = whole(reply, "<m:Changes>", "</m:Changes>").unwrap_or("<m:Changes/>");
    reply.replace(before, &format!("<m:Changes>{changes}</m:Changes>"))
}

/// What stands behind `start`, up to what ends it.
fn between<'a>(text: &'a str, start: &str, end: &[char]) -> Option<&'a str> {
    text.split_once(start)?.1.split(end).next()
}

/// From the first `start` to the `end` behind it, both included.
fn whole<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let from = text.find(start)?;
    let to = from + text.get(from..)?.find(end)? + end.len();
    text.get(from..to)
}
