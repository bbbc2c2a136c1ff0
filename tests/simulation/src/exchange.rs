//! The way to the stand-in Exchange and back: requests, streams and pushes.

use crate::{
    run::{Run, WAY},
    site::ACCOUNT,
    trace,
};
use exchange_sim::{Ending, Response, StreamId, Then};
use exchange_wire::{Request, ews::send_notification::Answer};
use meeting_model::id::RoomId;
use std::collections::BTreeMap;
use sync_engine::{CallId, ConnectionId, Event, PushId, Reply, StreamHeard, Unreachable};

/// What is open between the program and the stand-in Exchange.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    pub(crate) cut_off: bool,
    streams: BTreeMap<StreamId, ConnectionId>,
    pushes: BTreeMap<PushId, exchange_sim::PostId>,
    pushed: u64,
}

impl Run {
    /// Cuts the connection to Exchange, or mends it.
    pub fn cut_off(&mut self, cut_off: bool) {
        self.connections.cut_off = cut_off;
        if cut_off {
            for (stream, connection) in std::mem::take(&mut self.connections.streams) {
                self.world.hang_up(stream, self.now);
                let heard = StreamHeard::Ended(Err(no_connection()));
                self.post(WAY, Event::Stream { connection, heard });
            }
        }
    }

    /// The program dies: its connections break.
    pub(crate) fn break_connections(&mut self) {
        for stream in std::mem::take(&mut self.connections).streams.into_keys() {
            self.world.hang_up(stream, self.now);
        }
    }

    pub(crate) fn ask(&mut self, call: CallId, room: &RoomId, request: &Request) {
        let result = self.send(request).and_then(|answer| match answer.ending {
            Ending::Whole => Ok(whole(answer)),
            Ending::ClosedAfter(_) | Ending::Stream(_) => Err(broken_off(request)),
        });
        let answer = match &result {
            Ok(reply) => format!("{} {}", reply.status, trace::mark(&reply.body)),
            Err(silence) => silence.sentence.clone(),
        };
        let asked = trace::mark(request.body.as_bytes());
        self.trace.note(self.now, format_args!("{room} {} {asked} -> {answer}", request.operation));
        self.post(WAY * 2, Event::Exchange { call, result });
    }

    pub(crate) fn open_stream(&mut self, connection: ConnectionId, request: &Request) {
        let asked = trace::mark(request.body.as_bytes());
        self.trace.note(self.now, format_args!("stream {} {asked}", connection.0));
        let heard = match self.send(request) {
            Err(unreachable) => StreamHeard::Ended(Err(unreachable)),
            Ok(answer) => match answer.ending {
                Ending::Stream(stream) => {
                    self.connections.streams.insert(stream, connection);
                    StreamHeard::Opened
                }
                Ending::Whole => StreamHeard::Refused(whole(answer)),
                Ending::ClosedAfter(_) => StreamHeard::Ended(Err(broken_off(request))),
            },
        };
        self.post(WAY * 2, Event::Stream { connection, heard });
    }

    pub(crate) fn close_stream(&mut self, connection: ConnectionId) {
        self.trace.note(self.now, format_args!("stream {} closed by us", connection.0));
        let (gone, kept) = std::mem::take(&mut self.connections.streams)
            .into_iter()
            .partition(|(_, one)| *one == connection);
        self.connections.streams = kept;
        let gone: BTreeMap<StreamId, ConnectionId> = gone;
        for stream in gone.into_keys() {
            self.world.hang_up(stream, self.now);
        }
    }

    /// Carries what the world has to tell by itself.
    pub(crate) fn listen(&mut self) {
        for stream in self.world.ready_streams() {
            let said = self.world.stream_chunks(stream, self.now);
            let Some(connection) = self.connections.streams.get(&stream).copied() else { continue };
            for chunk in said.chunks {
                self.trace
                    .note(self.now, format_args!("stream {} says {}", connection.0, trace::mark(&chunk)));
                self.post(WAY, Event::Stream { connection, heard: StreamHeard::Bytes(chunk) });
            }
            let result = match said.then {
                Then::Open => continue,
                Then::Closed => Ok(()),
                Then::Broken => Err(Unreachable {
                    whole_server: false,
                    sentence: "server `hq`: the answer to GetStreamingEvents broke off".to_owned(),
                }),
            };
            self.connections.streams.remove(&stream);
            self.post(WAY, Event::Stream { connection, heard: StreamHeard::Ended(result) });
        }
        for post in self.world.posts(self.now) {
            if self.connections.cut_off {
                self.world.posted(post.id, self.now, None);
                continue;
            }
            let token = post.url.rsplit('/').next().unwrap_or_default().to_owned();
            let push = PushId(self.connections.pushed);
            self.connections.pushed += 1;
            self.connections.pushes.insert(push, post.id);
            self.trace.note(self.now, format_args!("push {}", trace::mark(post.body.as_bytes())));
            self.post(WAY, Event::Pushed { push, token, body: post.body.into() });
        }
    }

    pub(crate) fn answer_push(&mut self, push: PushId, answer: Option<Answer>) {
        let Some(post) = self.connections.pushes.remove(&push) else { return };
        let (status, body) = match answer {
            Some(answer) => (200, answer.body()),
            None => (400, String::new()),
        };
        self.trace.note(self.now, format_args!("push answered: {status}"));
        self.world.posted(post, self.now, Some((status, body.as_bytes())));
    }

    fn send(&mut self, request: &Request) -> Result<Response, Unreachable> {
        if self.connections.cut_off {
            return Err(no_connection());
        }
        let mut asked = exchange_sim::Request::post("/EWS/Exchange.asmx", request.body.as_bytes());
        for (name, value) in &request.headers {
            asked = asked.header(name, value);
        }
        Ok(self.world.handle(self.now, &asked.basic(ACCOUNT.0, ACCOUNT.1)))
    }
}

fn whole(answer: Response) -> Reply {
    Reply { status: answer.status, headers: answer.headers, body: answer.body }
}

fn no_connection() -> Unreachable {
    Unreachable { whole_server: true, sentence: "server `hq`: no connection".to_owned() }
}

fn broken_off(request: &Request) -> Unreachable {
    let sentence = format!("server `hq`: the answer to {} broke off", request.operation);
    Unreachable { whole_server: false, sentence }
}
