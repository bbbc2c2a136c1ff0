//! What administrators asked for, and what they are told.

use super::{
    SignedIn, elsewhere, is_foreign,
    layout::{self, Tab},
    said,
};
use crate::server::Shared;
use axum::{
    extract::{Form, Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use chrono::{DateTime, Utc};
use control::{Compared, DiffKind, DiffLine, Differing, Message, Request, Resynced, RoomReport};
use maud::{Markup, html};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// How many answers are kept: whoever asked looks at theirs soon.
const KEPT: usize = 50;

/// How many lines of one difference are shown.
const LINES: usize = 200;

/// What was asked for, and what was told so far.
#[derive(Debug, Clone)]
struct Answer {
    asked: Request,
    at: DateTime<Utc>,
    progress: (usize, usize),
    told: Vec<Message>,
    is_done: bool,
}

/// Answers, by number.
#[derive(Debug, Default)]
pub(crate) struct Answers(Mutex<BTreeMap<u64, Answer>>);

/// A form.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    form_token: String,
    ask: String,
    #[serde(default)]
    room: String,
    #[serde(default)]
    server: String,
}

impl Asked {
    /// What it asks for, if that is anything.
    fn request(&self) -> Option<Request> {
        let rooms = || vec![self.room.clone()];
        match self.ask.as_str() {
            "resync" if !self.room.is_empty() => Some(Request::Resync { rooms: rooms(), dry_run: false }),
            "dry-run" if !self.room.is_empty() => Some(Request::Resync { rooms: rooms(), dry_run: true }),
            "diff" if !self.room.is_empty() => Some(Request::Diff { rooms: rooms() }),
            "test" if !self.server.is_empty() => Some(Request::Test { server: self.server.clone() }),
            _ => None,
        }
    }
}

/// Asks, and leads to the page that tells what comes of it.
pub(crate) async fn ask(
    State(feed): State<Arc<Shared>>,
    SignedIn(session): SignedIn,
    headers: HeaderMap,
    Form(asked): Form<Asked>,
) -> Response {
    if is_foreign(&headers) || !session.sent(&asked.form_token) {
        let main = layout::alone(
            "Nothing was done",
            "This form is not of this sign-in. Go back, reload the page, and try again.",
        );
        return refused(
            layout::page(&feed, &session, Tab::Rooms, "Nothing was done", &main),
            StatusCode::FORBIDDEN,
        );
    }
    let Some(request) = asked.request() else {
        let main = layout::alone("Nothing was done", "This form asks for nothing that can be done.");
        return refused(
            layout::page(&feed, &session, Tab::Rooms, "Nothing was done", &main),
            StatusCode::BAD_REQUEST,
        );
    };
    let number = feed.answers.begin(request.clone(), feed.clock.now().wall);
    match feed.operator.get() {
        None => {
            let sentence = "this feed is served without a daemon that could do that".to_owned();
            feed.answers.put(number, Message::Refused { sentence, unknown_rooms: Vec::new() });
            feed.answers.end(number);
        }
        Some(operator) => {
            let (mut told, answers) = (operator.ask(request), Arc::clone(&feed.answers));
            tokio::spawn(async move {
                while let Some(message) = told.recv().await {
                    answers.put(number, message);
                }
                answers.end(number);
            });
        }
    }
    elsewhere(&format!("{}/admin/answers/{number}", feed.base))
}

/// What came of it, so far.
pub(crate) async fn answer(
    State(feed): State<Arc<Shared>>,
    Path(number): Path<String>,
    SignedIn(session): SignedIn,
) -> Response {
    let Some(answer) = number.parse().ok().and_then(|number| feed.answers.get(number)) else {
        let main =
            layout::alone("Forgotten", "This was asked for too long ago, or before callboard was started.");
        return refused(layout::page(&feed, &session, Tab::Rooms, "Forgotten", &main), StatusCode::NOT_FOUND);
    };
    let (title, tab, back) = what(&answer.asked);
    let (done, total) = answer.progress;
    let main = html! {
        p { a href={ (feed.base) (back) } { "Back" } }
        h1 { (title) }
        div #answer data-running[!answer.is_done] aria-live="polite" {
            @if answer.is_done {
                p .faint { "Asked for at " (said::instant(answer.at)) "." }
            } @else {
                p { "This runs. The page goes on by itself." }
                progress max=(total.max(1)) value=[(total > 0).then_some(done)] aria-label="Progress" {}
            }
            @for message in &answer.told { (shown(message)) }
            @if answer.is_done && answer.told.is_empty() { (layout::empty("No answer", "callboard stopped before this was done.")) }
        }
    };
    let mut response = layout::page(&feed, &session, tab, &title, &main);
    if !answer.is_done {
        // For browsers without the script.
        response.headers_mut().insert(header::REFRESH, HeaderValue::from_static("2"));
    }
    response
}

impl Answers {
    fn begin(&self, asked: Request, at: DateTime<Utc>) -> u64 {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = answers.keys().next_back().map_or(1, |last| last + 1);
        answers.insert(number, Answer { asked, at, progress: (0, 0), told: Vec::new(), is_done: false });
        while answers.len() > KEPT {
            answers.pop_first();
        }
        number
    }

    fn put(&self, number: u64, message: Message) {
        self.change(number, |answer| match message {
            Message::Progress { done, total } => answer.progress = (done, total),
            message => answer.told.push(message),
        });
    }

    fn end(&self, number: u64) {
        self.change(number, |answer| answer.is_done = true);
    }

    fn change(&self, number: u64, change: impl FnOnce(&mut Answer)) {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = answers.get_mut(&number) {
            change(answer);
        }
    }

    fn get(&self, number: u64) -> Option<Answer> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&number).cloned()
    }
}

/// What was asked for, in words, and where one comes back to.
fn what(request: &Request) -> (String, Tab, String) {
    let of = |rooms: &[String]| rooms.join(", ");
    let back = |rooms: &[String]| format!("/admin/rooms/{}", crate::room::segment(&of(rooms)));
    match request {
        Request::Resync { rooms, dry_run: false } => {
            (format!("Resync of {}", of(rooms)), Tab::Rooms, back(rooms))
        }
        Request::Resync { rooms, dry_run: true } => {
            (format!("What a resync of {} would change", of(rooms)), Tab::Rooms, back(rooms))
        }
        Request::Diff { rooms } => (format!("{} compared with Exchange", of(rooms)), Tab::Rooms, back(rooms)),
        Request::Test { server } => {
            (format!("Connection to {server}"), Tab::Servers, "/admin/servers".to_owned())
        }
        _ => ("Asked for".to_owned(), Tab::Rooms, "/".to_owned()),
    }
}

fn shown(message: &Message) -> Markup {
    match message {
        Message::Room(RoomReport { room, mailbox, result: Ok(resynced) }) => {
            report(&named(room, mailbox.as_deref()), resynced)
        }
        Message::Room(RoomReport { room, mailbox, result: Err(trouble) }) => {
            said::trouble(&format!("{}: {trouble}", named(room, mailbox.as_deref())))
        }
        Message::Refused { sentence, .. } => said::trouble(sentence),
        Message::Tested(tested) => html! {
            @for step in &tested.steps {
                p class=(if step.is_well { "step good" } else { "step bad" }) {
                    (said::badge(said::Standing { word: if step.is_well { "well" } else { "failed" }, kind: if step.is_well { "good" } else { "bad" } }))
                    " " (crate::text::one_line(&step.sentence))
                }
            }
        },
        _ => html! {},
    }
}

/// A room, and its mailbox where it has several.
fn named(room: &str, mailbox: Option<&str>) -> String {
    mailbox.map_or_else(|| room.to_owned(), |mailbox| format!("{room} ({mailbox})"))
}

fn report(room: &str, resynced: &Resynced) -> Markup {
    let Resynced { rev, applied, shown, lines, comparison } = resynced;
    html! {
        section .card {
            h2 { (room) }
            p {
                (shown) " meetings are shown at revision " (rev) ". "
                @match (lines.len(), applied) {
                    (0, _) => { "Nothing differs from a complete read." }
                    (number, true) => { (number) " differences were applied." }
                    (number, false) => { (number) " differences, none of which were applied." }
                }
            }
            @if !lines.is_empty() {
                table .stacked { tbody { @for line in lines.iter().take(LINES) { (difference(line)) } } }
                @if lines.len() > LINES { p .faint { "and " (lines.len() - LINES) " more" } }
            }
            @match comparison {
                None => {}
                Some(Err(trouble)) => { (said::trouble(&format!("Exchange's own view could not be asked for: {trouble}"))) }
                Some(Ok(compared)) => { (comparison_of(compared)) }
            }
        }
    }
}

fn difference(line: &DiffLine) -> Markup {
    let (sign, kind) = match line.kind {
        DiffKind::Added => ("added", "good"),
        DiffKind::Changed => ("changed", "warn"),
        DiffKind::Removed => ("removed", "bad"),
    };
    html! {
        tr {
            td { (said::badge(said::Standing { word: sign, kind })) }
            td { (said::instant(line.start)) }
            td { bdi { (crate::text::one_line(&line.title)) } }
            td .faint { (line.why) @if let Some(rule) = &line.rule { " (" (rule) ")" } }
        }
    }
}

fn comparison_of(compared: &Compared) -> Markup {
    html! {
        p { (compared.compared) " meetings were compared with what Exchange itself makes of the calendar. "
            @if compared.differences.is_empty() { "None differs." } @else { (compared.differences.len()) " differ:" } }
        @if !compared.differences.is_empty() {
            table .stacked {
                tbody {
                    @for Differing { kind, mirrored, served, title } in compared.differences.iter().take(LINES) {
                        tr {
                            td { (kind) }
                            td { bdi { (title.as_deref().map(crate::text::one_line).unwrap_or_default()) } }
                            td { "here " (mirrored.map_or("nothing".to_owned(), |(start, _)| said::instant(start))) }
                            td { "there " (served.map_or("nothing".to_owned(), |(start, _)| said::instant(start))) }
                        }
                    }
                }
            }
        }
    }
}

fn refused(mut response: Response, status: StatusCode) -> Response {
    *response.status_mut() = status;
    response
}
