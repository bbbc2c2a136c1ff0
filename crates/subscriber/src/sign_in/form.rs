//! Sign-in by a form: each room's requests share a session of their own, which a refused mailbox ends for that room alone.

use crate::{error::Error, post::Post, sign_in::Account};
use exchange_wire::webdav::forms::{Credentials, SignIn, Step};
use reqwest::Client;
use secrecy::ExposeSecret;
use sync_engine::Reply;

/// The status of who is not signed in, or not any more.
const LOGIN_TIMEOUT: u16 = 440;

/// Sends a request; where its session has ended, or there is none yet, the form is filled in once and the request sent
/// again. A second status 440 is handed on: it means that this very mailbox is refused.
pub(crate) async fn exchange(post: &Post<'_>, client: &Client, account: &Account) -> Result<Reply, Error> {
    let reply = post.read(post.send(client, None).await?).await?;
    let Some(jar) = post.request.affinity.as_deref().filter(|_| reply.status == LOGIN_TIMEOUT) else {
        return Ok(reply);
    };
    let credentials = Credentials { username: &account.username, password: account.password.expose_secret() };
    let (mut sign_in, mut request) = SignIn::begin(post.url, jar);
    loop {
        let filling_in = Post { request: &request, ..*post };
        let reply = filling_in.read(filling_in.send(client, None).await?).await?;
        match sign_in.on_reply(&reply.as_wire(), credentials) {
            Ok(Step::Send(further, next)) => (sign_in, request) = (further, next),
            Ok(Step::Done) => return post.read(post.send(client, None).await?).await,
            // the form is shown once more, whichever words say so
            Ok(Step::Refused) => {
                let form = ("Location".to_owned(), "/exchweb/bin/auth/owalogon.asp?reason=2".to_owned());
                return Ok(Reply { status: 302, headers: vec![form], body: Vec::new() });
            }
            // there is no form that is known: what stands there instead says what is wrong
            Err(_) => return Ok(reply),
        }
    }
}
