//! Whatever a server may say to NTLM's first message.

use subscriber::{Account, sign_in::ntlm};

pub(crate) fn challenge(bytes: &[u8]) {
    let account = Account { username: "EXAMPLE\\room".to_owned(), password: "not a secret".into() };
    match ntlm::answer(&account, bytes.to_vec()) {
        Ok(message) => assert!(message.starts_with(b"NTLMSSP\0\x03\0\0\0"), "it is no AUTHENTICATE_MESSAGE"),
        Err(sentence) => assert!(sentence.len() < 2_000, "{sentence}"),
    }
}
