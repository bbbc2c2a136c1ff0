//! The commands' end of the control socket.

use crate::system_clock::SystemClock;
use chrono::TimeDelta;
use control::{Health, Message, Request};
use meeting_model::clock::{Clock, Now};
use std::{
    io::{self, BufRead, BufReader, Write},
    os::unix::net::UnixStream,
    path::Path,
    time::Duration,
};

/// After so long without a word whoever waits is told why.
const PATIENCE: Duration = Duration::from_secs(5);

/// Asks the daemon, and hands every answer to `hear` until the last one.
///
/// # Errors
/// Where no daemon listens, or it goes away before the last answer.
pub fn ask(socket: &Path, request: &Request, mut hear: impl FnMut(Message)) -> io::Result<()> {
    attend(socket, request, |message| message.into_iter().for_each(&mut hear))
}

/// What the daemon says of itself; nothing where one of another version answers otherwise.
///
/// # Errors
/// As [`ask`].
pub fn status(socket: &Path) -> io::Result<Option<Health>> {
    let mut health = None;
    ask(socket, &Request::Status, |message| {
        if let Message::Status(told) = message {
            health = Some(told);
        }
    })?;
    Ok(health)
}

/// As [`ask`]; `hear` gets nothing, once, where the first answer is long in coming.
///
/// # Errors
/// As [`ask`].
pub fn attend(socket: &Path, request: &Request, mut hear: impl FnMut(Option<Message>)) -> io::Result<()> {
    let mut stream = UnixStream::connect(socket)?;
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut stream = BufReader::new(stream);
    line.clear();
    loop {
        match stream.read_until(b'\n', &mut line) {
            // what has come of a line stays in it
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                stream.get_ref().set_read_timeout(None)?;
                hear(None);
                continue;
            }
            read => _ = read?,
        }
        if line.is_empty() {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the daemon went away before it was done",
            ));
        }
        let message: Message = serde_json::from_slice(&line)?;
        let last = !matches!(message, Message::Progress { .. } | Message::Room(_) | Message::Migration(_));
        hear(Some(message));
        if last {
            return Ok(());
        }
        line.clear();
    }
}

/// Now as the daemon knows it (rule T6): this machine's clock, corrected by what the daemon has measured of it. Where no daemon
/// answers, this machine's clock alone.
pub fn now(socket: &Path) -> Now {
    let mut ahead = None;
    // who does not answer has corrected nothing
    let _ = ask(socket, &Request::Clock, |message| {
        if let Message::Clock(report) = message {
            ahead = report.ahead_us;
        }
    });
    let now = SystemClock::start().now();
    Now { wall: now.wall - TimeDelta::microseconds(ahead.unwrap_or_default()), ..now }
}
