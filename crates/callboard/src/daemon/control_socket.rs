//! The control socket: a Unix socket of mode 0600 on which every line is one JSON value.

use super::operating::Reach;
use crate::state_dir::StateDir;
use anyhow::Context;
use control::Message;
use feed::Operator;
use std::{os::unix::fs::PermissionsExt, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{UnixListener, UnixStream, unix::OwnedWriteHalf},
    sync::Semaphore,
    time::timeout,
};

/// The longest request that is read: 10,000 room ids fit.
const LONGEST_REQUEST: u64 = 1 << 20;

/// How long a request may take to come.
const REQUEST_WITHIN: Duration = Duration::from_secs(10);

/// The most operators at once. Others wait until one of them is done.
const OPERATORS: usize = 64;

/// Opens the socket. Whoever calls this holds the state directory's lock, so a file that is there is a dead daemon's, and goes;
/// and that directory is closed to others, so that nobody gets in before the socket's own mode is set.
///
/// # Errors
/// Where the socket cannot be made.
pub(crate) fn bind(state: &StateDir) -> anyhow::Result<UnixListener> {
    state.remove_stale_socket();
    let path = state.control_socket();
    let place = || format!("control socket `{}`: it cannot be opened", path.display());
    let listener = UnixListener::bind(&path).with_context(place)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).with_context(place)?;
    Ok(listener)
}

/// Serves operators until the listener is dropped.
pub(crate) async fn serve(listener: UnixListener, reach: Reach) {
    let places = Arc::new(Semaphore::new(OPERATORS));
    loop {
        let place = Arc::clone(&places).acquire_owned().await.expect("it is never closed");
        match listener.accept().await {
            Ok((stream, _)) => {
                let reach = reach.clone();
                tokio::spawn(async move {
                    if let Err(error) = converse(stream, &reach, REQUEST_WITHIN).await {
                        tracing::debug!(%error, "an operator has gone");
                    }
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a control connection could not be taken");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// Hears one request, which has to come in time, and tells what comes of it.
async fn converse(stream: UnixStream, operator: &impl Operator, within: Duration) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut line = Vec::new();
    let mut lines = BufReader::new(read.take(LONGEST_REQUEST));
    timeout(within, lines.read_until(b'\n', &mut line)).await??;
    match serde_json::from_slice(&line) {
        Ok(request) => {
            let mut told = operator.ask(request);
            while let Some(message) = told.recv().await {
                tell(&mut write, &message).await?;
            }
            Ok(())
        }
        Err(error) => {
            let sentence = format!("control socket: expected a request of this version, found `{error}`");
            tell(&mut write, &Message::Refused { sentence, unknown_rooms: Vec::new() }).await
        }
    }
}

async fn tell(write: &mut OwnedWriteHalf, message: &Message) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    write.write_all(&line).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use control::Request;
    use std::io::ErrorKind;
    use tokio::sync::mpsc;

    /// Who says that all is done, whatever is asked.
    struct Obliging;

    impl Operator for Obliging {
        fn ask(&self, _: Request) -> mpsc::UnboundedReceiver<Message> {
            let (tell, told) = mpsc::unbounded_channel();
            tell.send(Message::Done { failed: 0 }).unwrap();
            told
        }
    }

    /// What comes of somebody who says this and stays, and what is said to them.
    async fn said(bytes: &[u8], within: Duration) -> (std::io::Result<()>, String) {
        let (mut operator, ours) = UnixStream::pair().unwrap();
        let mut heard = String::new();
        operator.write_all(bytes).await.unwrap();
        let conversed = converse(ours, &Obliging, within).await;
        operator.read_to_string(&mut heard).await.unwrap();
        (conversed, heard)
    }

    #[tokio::test]
    async fn whoever_is_slow_to_ask_is_let_go() {
        for begun in [&b""[..], b"{\"ask\":"] {
            let (conversed, heard) = said(begun, Duration::from_millis(50)).await;
            assert_eq!((conversed.unwrap_err().kind(), heard.as_str()), (ErrorKind::TimedOut, ""));
        }
        let mut asked = serde_json::to_vec(&Request::Status).unwrap();
        asked.push(b'\n');
        let (conversed, heard) = said(&asked, REQUEST_WITHIN).await;
        conversed.unwrap();
        assert_eq!(serde_json::from_str::<Message>(&heard).unwrap(), Message::Done { failed: 0 });
    }
}
