//! Whatever whoever connects to the push listener may send.

use exchange_wire::ews::send_notification;
use std::sync::LazyLock;
use subscriber::push::{Answer, Limits, Pushed, serve};
use tokio::{
    io::join,
    runtime::{Builder, Runtime},
    sync::mpsc::channel,
};

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_time().build().unwrap());

/// The bytes of a connection, which then ends: every answer is one, and what is handed on came to a token.
pub(crate) fn connection(mut bytes: &[u8]) {
    let limits = Limits { body: 8_192, ..Limits::default() };
    let (pushed, mut heard) = channel::<Pushed>(1);
    let mut answered = Vec::new();
    let answers = async {
        while let Some(pushed) = heard.recv().await {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
            assert!(
                (1..=128).contains(&pushed.token.len()) && pushed.token.bytes().all(plain),
                "{}",
                pushed.token
            );
            assert!(pushed.body.len() <= limits.body, "more than is read");
            let answer = match send_notification::parse(&pushed.body) {
                Ok(_) => send_notification::Answer::Ok,
                Err(_) => send_notification::Answer::Unsubscribe,
            };
            let _ = pushed.answer.send(Answer { status: 200, body: answer.body().into_bytes() });
        }
    };
    RUNTIME.block_on(async {
        let connection = serve(join(&mut bytes, &mut answered), limits, pushed);
        tokio::join!(connection, answers);
    });
    assert!(answered.is_empty() || answered.starts_with(b"HTTP/1."), "it is no answer");
    assert!(!answered.starts_with(b"HTTP/1.1 500"), "it has failed");
}
