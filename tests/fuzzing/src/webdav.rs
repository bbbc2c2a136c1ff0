//! Whatever an Exchange server may answer and send over WebDAV.

use crate::{
    ews::converse,
    said::{is_sentence, with_reply},
};
use exchange_wire::{
    calendar::Calendar,
    webdav::{
        Mailbox, Session,
        forms::{Credentials, SignIn, Step},
        notify, path_of, same_path,
    },
};
use meeting_model::observed::Protocol;

/// Every conversation, over one reply.
pub(crate) fn reply(bytes: &[u8]) {
    with_reply(bytes, 207, |reply| {
        let mailbox = Mailbox::new("/exchange/", "room@example.com", Session::Http);
        converse(&Calendar::Webdav(mailbox), Protocol::Webdav, reply);
    });
}

/// The sign-in by a form: it ends, whatever pages come.
pub(crate) fn form(bytes: &[u8]) {
    with_reply(bytes, 200, |reply| {
        let (mut sign_in, _) = SignIn::begin("https://mail.example.com/exchange", "room");
        let credentials = Credentials { username: "a", password: "b" };
        for _ in 0..16 {
            match sign_in.on_reply(reply, credentials) {
                Ok(Step::Send(next, request)) => {
                    let path = request.path.unwrap_or_default();
                    assert!(
                        path.starts_with('/') && !path.starts_with("//"),
                        "`{path}` is no path of the same host"
                    );
                    sign_in = next;
                }
                Ok(Step::Done | Step::Refused) => return,
                Err(error) => return is_sentence(&error),
            }
        }
        panic!("the sign-in goes on and on");
    });
}

/// Word from the store in a datagram.
pub(crate) fn datagram(bytes: &[u8]) {
    let _ = notify::parse(bytes);
    let text = String::from_utf8_lossy(bytes);
    let _ = (path_of(&text), same_path(&text, "/exchange/room@example.com/Calendar/"));
}
