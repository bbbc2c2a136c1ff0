//! A conversation with Exchange, for commands that ask without the engine.

use exchange_wire::{Error, Reply, Request, calendar::Step};
use subscriber::{Addressee, Subscriber};

/// Carries a conversation to its end: what came of it, or why the server's answer is of no use.
///
/// # Errors
/// Where there is no answer.
pub(crate) async fn carry<C, D>(
    subscriber: &Subscriber,
    to: Addressee<'_>,
    (mut conversation, mut request): (C, Request),
    on_reply: impl Fn(C, &Reply<'_>) -> Result<Step<C, D>, Error>,
) -> Result<Result<D, Error>, subscriber::Error> {
    loop {
        let reply = subscriber.ask(to, &request).await?;
        match on_reply(conversation, &reply.as_wire()) {
            Ok(Step::Send(further, next)) => (conversation, request) = (*further, next),
            Ok(Step::Done(outcome)) => return Ok(Ok(outcome)),
            Err(error) => return Ok(Err(error)),
        }
    }
}
