//! The commands' end of the control socket.

use control::{Message, Request};
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
