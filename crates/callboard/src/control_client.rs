//! The commands' end of the control socket.

use crate::system_clock::SystemClock;
use chrono::TimeDelta;
use control::{Message, Request};
use meeting_model::clock::{Clock, Now};
use std::{
    io::{self, BufRead, BufReader, Write},
    os::unix::net::UnixStream,
    path::Path,
};

/// Asks the daemon, and hands every answer to `hear` until the last one.
///
/// # Errors
/// Where no daemon listens, or it goes away before the last answer.
pub fn ask(socket: &Path, request: &Request, mut hear: impl FnMut(Message)) -> io::Result<()> {
    let mut stream = UnixStream::connect(socket)?;
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    for line in BufReader::new(stream).lines() {
        let message: Message = serde_json::from_str(&line?)?;
        let last = !matches!(message, Message::Progress { .. } | Message::Room(_) | Message::Migration(_));
        hear(message);
        if last {
            return Ok(());
        }
    }
    Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the daemon went away before it was done"))
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
