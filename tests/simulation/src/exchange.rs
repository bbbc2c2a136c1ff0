//! The way to the stand-in Exchange and back: requests, streams and pushes.

use crate::{
    lateness::Lateness,
    run::{Run, WAY},
    site::ACCOUNT,
    trace::Mark,
};
use chrono::TimeDelta;
use exchange_sim::{Ending, Response, StreamId, Then};
use exchange_wire::{
    Request,
    autodiscover::Ask,
    ews::send_notification::Answer,
    webdav::{
        forms::{Credentials, SignIn, Step},
        notify,
    },
};
use meeting_model::id::RoomId;
use std::collections::BTreeMap;
use sync_engine::{CallId, ConnectionId, Event, PushId, Reply, StreamHeard, Unreachable};

/// How long an answer is waited for.
const PATIENCE: TimeDelta = TimeDelta::seconds(60);

/// What is open between the program and the stand-in Exchange.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    pub(crate) cut_off: bool,
    streams: BTreeMap<StreamId, ConnectionId>,
    pushes: BTreeMap<PushId, exchange_sim::PostId>,
    pushed: u64,
    /// The cookies of each room, where a form is what the account signs in by.
    jars: BTreeMap<String, Cookies>,
}

/// Cookies by their names.
type Cookies = BTreeMap<String, String>;

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
        let cut_off = self.connections.cut_off;
        let broken =
            std::mem::replace(&mut self.connections, Connections { cut_off, ..Connections::default() });
        for stream in broken.streams.into_keys() {
            self.world.hang_up(stream, self.now);
        }
        // what is still on its way finds nobody
        for post in broken.pushes.into_values() {
            self.world.posted(post, self.now, None);
        }
    }

    pub(crate) fn ask(&mut self, call: CallId, at: Option<&str>, room: &RoomId, request: &Request) {
        self.is_asked(Some((call, room)));
        let mut delay = TimeDelta::zero();
        let result = self.send(at, request).and_then(|answer| {
            delay = TimeDelta::from_std(answer.delay).unwrap_or(PATIENCE).min(PATIENCE);
            match answer.ending {
                Ending::Whole if delay < PATIENCE => Ok(whole(answer)),
                _ => Err(broken_off(request)),
            }
        });
        let (now, asked) = (self.now, Mark(request.body.as_bytes()));
        match &result {
            Ok(Reply { status, body, .. }) => {
                let answer = Mark(body);
                let told = format_args!("{room} {} {asked} -> {status} {answer}", request.operation);
                self.trace.note(now, told);
            }
            Err(Unreachable { sentence, .. }) => {
                self.trace.note(now, format_args!("{room} {} {asked} -> {sentence}", request.operation));
            }
        }
        let late = self.lateness.as_mut().map_or(TimeDelta::zero(), Lateness::of_answer);
        self.post(WAY * 2 + delay + late, Event::Exchange { call, result });
    }

    /// Asks whoever answers at an address where web services are: the stand-in Exchange does at its own hosts, nobody elsewhere.
    pub(crate) fn discover(&mut self, call: CallId, room: &RoomId, ask: &Ask) {
        let (host, path) = host_and_path(&ask.url);
        let result = if let Some(to) = self.leads_from.get(host) {
            let headers = vec![("location".to_owned(), to.clone())];
            Ok(Reply { status: 302, headers, body: Vec::new() })
        } else if self.connections.cut_off || !self.answers_at.contains(host) {
            Err(no_connection())
        } else {
            let asked = exchange_sim::Request::post(path, ask.request.body.as_bytes()).header("Host", host);
            let asked =
                ask.request.headers.iter().fold(asked, |asked, (name, value)| asked.header(name, value));
            Ok(whole(self.world.handle(self.now, &asked.basic(ACCOUNT.0, ACCOUNT.1))))
        };
        let answer = result.as_ref().map_or("silence".to_owned(), |reply| reply.status.to_string());
        self.trace.note(self.now, format_args!("{room} Autodiscover {} -> {answer}", ask.url));
        self.post(WAY * 2, Event::Exchange { call, result });
    }

    pub(crate) fn open_stream(&mut self, connection: ConnectionId, at: Option<&str>, request: &Request) {
        let asked = Mark(request.body.as_bytes());
        self.trace.note(self.now, format_args!("stream {} {asked}", connection.0));
        self.is_asked(None);
        let heard = match self.send(at, request) {
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
                self.trace.note(self.now, format_args!("stream {} says {}", connection.0, Mark(&chunk)));
                self.post(WAY, Event::Stream { connection, heard: StreamHeard::Bytes(chunk) });
            }
            let result = match said.then {
                Then::Open => continue,
                Then::Closed => Ok(()),
                Then::Broken => Err(Unreachable {
                    whole_server: false,
                    refusals: 0,
                    sentence: "server `hq`: the answer to GetStreamingEvents broke off".to_owned(),
                }),
            };
            self.connections.streams.remove(&stream);
            self.post(WAY, Event::Stream { connection, heard: StreamHeard::Ended(result) });
        }
        for datagram in self.world.datagrams(self.now) {
            let text = String::from_utf8_lossy(&datagram.bytes);
            let line = text.lines().next().unwrap_or_default();
            self.trace.note(self.now, format_args!("datagram {line}"));
            if !self.connections.cut_off {
                let copies = self.lateness.as_mut().map(Lateness::of_datagram);
                for late in copies.unwrap_or_else(|| vec![TimeDelta::zero()]) {
                    self.hear_word_after(late, &datagram.bytes);
                }
            }
        }
        for post in self.world.posts(self.now) {
            if self.connections.cut_off {
                self.world.posted(post.id, self.now, None);
                continue;
            }
            self.counts.exchanges += 1;
            let token = post.url.rsplit('/').next().unwrap_or_default().to_owned();
            let push = PushId(self.connections.pushed);
            self.connections.pushed += 1;
            self.connections.pushes.insert(push, post.id);
            self.trace.note(self.now, format_args!("push {}", Mark(post.body.as_bytes())));
            let body = Vec::from(post.body);
            let (late, again) = self.lateness.as_mut().map_or((TimeDelta::zero(), None), Lateness::of_push);
            if let Some(late) = again {
                // whoever sent it hears one answer
                let push = PushId(self.connections.pushed);
                self.connections.pushed += 1;
                let (token, body) = (token.clone(), body.clone());
                self.post(WAY + late, Event::Pushed { push, token, body });
            }
            self.post(WAY + late, Event::Pushed { push, token, body });
        }
    }

    /// Somebody sends a datagram to our listener.
    pub fn hear_word(&mut self, datagram: &[u8]) {
        self.hear_word_after(TimeDelta::zero(), datagram);
    }

    fn hear_word_after(&mut self, late: TimeDelta, datagram: &[u8]) {
        if let Some(notice) = notify::parse(datagram) {
            self.post(WAY + late, Event::Noticed(notice));
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

    /// Exchange is asked something: whoever looks on sees whether that may be.
    fn is_asked(&mut self, call: Option<(CallId, &RoomId)>) {
        let most = self.site.servers.values().filter_map(|server| server.max_concurrent).max();
        if let (Some(witness), Some(most)) = (&mut self.witness, most) {
            witness.asks(call, most, self.now);
        }
    }

    fn send(&mut self, at: Option<&str>, request: &Request) -> Result<Response, Unreachable> {
        let nobody = at.is_some_and(|url| !self.answers_at.contains(host_and_path(url).0));
        if self.connections.cut_off || nobody {
            return Err(no_connection());
        }
        self.counts.exchanges += 1;
        let answer = self.carry(request);
        Ok(if answer.status == 440 { self.fill_in_a_form(request, answer) } else { answer })
    }

    /// Carries one request with what signs it in, and keeps the cookies that come back.
    fn carry(&mut self, request: &Request) -> Response {
        let path = request.path.as_deref().unwrap_or("/EWS/Exchange.asmx");
        let mut asked = exchange_sim::Request::post(path, request.body.as_bytes());
        request.operation.method().name().clone_into(&mut asked.method);
        for (name, value) in &request.headers {
            asked = asked.header(name, value);
        }
        let Some(jar) = request.affinity.clone().filter(|_| request.path.is_some()) else {
            return self.world.handle(self.now, &asked.basic(ACCOUNT.0, ACCOUNT.1));
        };
        let jar = self.connections.jars.entry(jar).or_default();
        let cookies: Vec<_> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            asked = asked.header("Cookie", &cookies.join("; "));
        }
        let answer = self.world.handle(self.now, &asked.basic(ACCOUNT.0, ACCOUNT.1));
        for (_, cookie) in answer.headers.iter().filter(|(name, _)| name == "Set-Cookie") {
            let pair = cookie.split(';').next().and_then(|pair| pair.split_once('='));
            if let Some((name, value)) = pair {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
        jar.retain(|_, value| !value.is_empty());
        answer
    }

    /// Nobody is signed in: the form is filled in once, and the request sent again.
    fn fill_in_a_form(&mut self, request: &Request, answer: Response) -> Response {
        let Some(jar) = &request.affinity else { return answer };
        let who = Credentials { username: ACCOUNT.0, password: ACCOUNT.1 };
        let (mut sign_in, mut next) = SignIn::begin("https://mail/exchange/", jar);
        loop {
            let reply = whole(self.carry(&next));
            match sign_in.on_reply(&reply.as_wire(), who) {
                Ok(Step::Send(further, request)) => (sign_in, next) = (further, request),
                Ok(Step::Done) => {
                    self.trace.note(self.now, format_args!("{jar} signed in by a form"));
                    return self.carry(request);
                }
                Ok(Step::Refused) | Err(_) => return answer,
            }
        }
    }
}

/// The host of an address over TLS, and its path.
fn host_and_path(url: &str) -> (&str, &str) {
    let rest = url.strip_prefix("https://").expect("nobody is asked without TLS");
    rest.split_at(rest.find('/').unwrap_or(rest.len()))
}

fn whole(answer: Response) -> Reply {
    Reply { status: answer.status, headers: answer.headers, body: answer.body }
}

fn no_connection() -> Unreachable {
    Unreachable { whole_server: true, refusals: 0, sentence: "server `hq`: no connection".to_owned() }
}

fn broken_off(request: &Request) -> Unreachable {
    let sentence = format!("server `hq`: the answer to {} broke off", request.operation);
    Unreachable { whole_server: false, refusals: 0, sentence }
}
