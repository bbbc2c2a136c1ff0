//! NTLM over HTTP ([MS-NTHT]): three messages, the last of which carries the request.

use super::{
    Account,
    handshake::{authorization, not_offered, not_understood, offer},
};
use crate::{
    error::Error,
    post::Post,
    session::{Connections, Session},
    tls::channel_binding,
};
use reqwest::{Response, StatusCode};
use sspi::{
    AuthIdentity, AuthIdentityBuffers, BufferType, ClientRequestFlags, CredentialUse, DataRepresentation,
    Ntlm, SecurityBuffer, Sspi, SspiImpl,
};

const NTLM: &str = "NTLM";

/// Signs a connection in, by the request. Answers that are not about the sign-in are handed on.
pub(crate) async fn sign_in(
    session: &mut Session,
    post: &Post<'_>,
    with: &Connections,
) -> Result<Response, Error> {
    let _turn = with.turns.wait(post).await?;
    let misunderstood = |source| not_understood(post, NTLM, source);
    let mut context = Context::new(&with.identity).map_err(misunderstood)?;
    let negotiate = context.step(Vec::new()).map_err(misunderstood)?;
    let response = post.send_empty(session.client(), Some(&authorization(NTLM, &negotiate))).await?;
    if response.status() != StatusCode::UNAUTHORIZED {
        return Ok(response);
    }
    session.greeted(&response);
    let challenge = offer(&response, NTLM).ok_or_else(|| not_offered(post, &response, NTLM))?;
    post.drain(response).await?;
    if is_version_1(&challenge) {
        return Err(Error::NtlmV1 { at: post.endpoint.place() });
    }
    if let Some(certificate) = session.certificate() {
        context.ntlm.set_channel_bindings(&channel_binding(certificate));
    }
    let authenticate = context.step(challenge).map_err(misunderstood)?;
    let response = post.send(session.client(), Some(&authorization(NTLM, &authenticate))).await?;
    session.judged(&response, with);
    Ok(response)
}

/// The AUTHENTICATE_MESSAGE ([MS-NLMP] 2.2.1.3) to a CHALLENGE_MESSAGE, without a connection.
///
/// # Errors
///
/// Where the account's name is none, or the challenge is not understood or one of version 1: a sentence.
pub fn answer(account: &Account, challenge: Vec<u8>) -> Result<Vec<u8>, String> {
    let words = |error: sspi::Error| error.to_string();
    if is_version_1(&challenge) {
        return Err("it is NTLM version 1".to_owned());
    }
    let mut context = Context::new(&account.identity().map_err(words)?).map_err(words)?;
    context.step(Vec::new()).map_err(words)?;
    context.step(challenge).map_err(words)
}

/// Whether a CHALLENGE_MESSAGE has no target information, without which there is no version 2 ([MS-NLMP] 2.2.1.2,
/// 3.1.5.1.2). What is no challenge at all is left to the sign-in library.
fn is_version_1(challenge: &[u8]) -> bool {
    const TARGET_INFO: u32 = 0x0080_0000;
    let flags = challenge.get(20..24).and_then(|flags| flags.try_into().ok()).map(u32::from_le_bytes);
    challenge.starts_with(b"NTLMSSP\0\x02\0\0\0") && flags.is_some_and(|flags| flags & TARGET_INFO == 0)
}

/// One sign-in.
struct Context {
    ntlm: Ntlm,
    credentials: Option<AuthIdentityBuffers>,
}

impl Context {
    fn new(identity: &AuthIdentity) -> sspi::Result<Self> {
        let mut ntlm = Ntlm::new();
        let acquired = ntlm
            .acquire_credentials_handle()
            .with_credential_use(CredentialUse::Outbound)
            .with_auth_data(identity)
            .execute(&mut ntlm)?;
        Ok(Self { ntlm, credentials: acquired.credentials_handle })
    }

    /// The next message.
    fn step(&mut self, message: Vec<u8>) -> sspi::Result<Vec<u8>> {
        let mut output = [SecurityBuffer::new(Vec::new(), BufferType::Token)];
        let mut input = [SecurityBuffer::new(message, BufferType::Token)];
        let mut step = self
            .ntlm
            .initialize_security_context()
            .with_credentials_handle(&mut self.credentials)
            .with_context_requirements(ClientRequestFlags::empty())
            .with_target_data_representation(DataRepresentation::Native)
            .with_input(&mut input)
            .with_output(&mut output);
        self.ntlm.initialize_security_context_impl(&mut step)?.resolve_to_result()?;
        let [token] = output;
        Ok(token.buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A challenge as in [MS-NLMP] 4.2, with these flags.
    fn challenge(flags: u32) -> Vec<u8> {
        [b"NTLMSSP\0\x02\0\0\0".as_slice(), &[0; 8], &flags.to_le_bytes(), &[0; 24]].concat()
    }

    #[test]
    fn a_challenge_without_target_information_is_version_1() {
        assert!(is_version_1(&challenge(0xe202_8233)));
        assert!(!is_version_1(&challenge(0xe28a_8233)));
        assert!(!is_version_1(b"NTLMSSP\0"));
    }
}
