//! Kerberos over HTTP (RFC 4559), with a ticket that is got by name and password.

use super::{
    Account,
    handshake::{authorization, not_offered, not_understood, offer},
    kdc,
};
use crate::{
    error::{Error, KerberosRefusal},
    post::Post,
    session::{Connections, Session},
    tls::channel_binding,
};
use reqwest::{Response, StatusCode};
use sspi::{
    BufferType, ClientRequestFlags, CredentialUse, CredentialsBuffers, DataRepresentation, ErrorKind,
    KerberosConfig, NegotiateConfig, SecurityBuffer, Sspi, SspiImpl,
    generator::{GeneratorState, NetworkRequest},
};
use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

const NEGOTIATE: &str = "Negotiate";

/// How long a key distribution centre that refused the account is not asked: whatever was sent before the refusal was known has
/// come by then. From then on whoever sends requests knows.
const LEFT_ALONE: Duration = Duration::from_secs(5);

/// Kerberos for one account. Its clones share what the key distribution centre has said.
#[derive(Debug, Clone)]
pub(crate) struct Negotiate {
    /// The host's service principal name (RFC 4559 §4.1).
    service: String,
    kdc: String,
    refused: Arc<Mutex<Option<(Instant, KerberosRefusal)>>>,
}

impl Negotiate {
    pub(crate) fn new(account: &Account, kdc: Option<String>) -> Self {
        let kdc = kdc.unwrap_or_else(|| domain(&account.username).to_owned());
        let has_port = kdc.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let kdc = if has_port { kdc } else { format!("{kdc}:88") };
        Self { service: String::new(), kdc, refused: Arc::default() }
    }

    /// The same account at a host.
    pub(crate) fn of(&self, host: &str) -> Self {
        Self { service: format!("HTTP/{host}"), ..self.clone() }
    }

    /// Signs a connection in, by the request. Answers that are not about the sign-in are handed on.
    pub(crate) async fn sign_in(
        &self,
        session: &mut Session,
        post: &Post<'_>,
        with: &Connections,
    ) -> Result<Response, Error> {
        if !session.is_greeted() {
            // What the connection is bound to, and what the server offers, is known after one answer.
            let response = post.send_empty(session.client(), None).await?;
            if response.status() != StatusCode::UNAUTHORIZED {
                return Ok(response);
            }
            session.greeted(&response);
            offer(&response, NEGOTIATE).ok_or_else(|| not_offered(post, &response, NEGOTIATE))?;
            post.drain(response).await?;
        }
        let (mut context, token) = self.ticket(session, post, with).await?;
        let response = post.send(session.client(), Some(&authorization(NEGOTIATE, &token))).await?;
        session.judged(&response, with);
        // The server proves that it holds the service's key.
        let proof = offer(&response, NEGOTIATE).filter(|proof| !proof.is_empty());
        if let Some(proof) = proof.filter(|_| response.status() != StatusCode::UNAUTHORIZED) {
            let proved = context.step(&self.service, proof, None, &mut Asked::default()).await;
            proved.map_err(|source| not_understood(post, NEGOTIATE, source))?;
        }
        Ok(response)
    }

    /// Gets a ticket for the service, and the token that shows it.
    async fn ticket(
        &self,
        session: &Session,
        post: &Post<'_>,
        with: &Connections,
    ) -> Result<(Context, Vec<u8>), Error> {
        let _turn = with.turns.wait(post).await?;
        let at = post.endpoint.place();
        let refused = |refusal| Error::KerberosRefused { at: at.clone(), kdc: self.kdc.clone(), refusal };
        if let Some(refusal) = self.left_alone() {
            return Err(refused(refusal));
        }
        let misunderstood = |source| not_understood(post, NEGOTIATE, source);
        let mut context = Context::new(with.identity.clone(), &self.kdc).map_err(misunderstood)?;
        let binding = session.certificate().map(channel_binding);
        let mut asked = Asked::default();
        match (context.step(&self.service, Vec::new(), binding, &mut asked).await, asked) {
            (Ok(token), _) => Ok((context, token)),
            (Err(_), Asked { broken: Some(source), .. }) => {
                Err(Error::Kdc { at: at.clone(), kdc: self.kdc.clone(), source })
            }
            (Err(_), Asked { refusal: Some(refusal), .. }) => {
                if refusal.is_of_the_account() {
                    with.turns.refused();
                    *self.refused.lock().unwrap_or_else(PoisonError::into_inner) =
                        Some((Instant::now(), refusal));
                }
                Err(refused(refusal))
            }
            (Err(source), _) => Err(misunderstood(source)),
        }
    }

    /// Why the account was refused, as long as it is not tried again.
    fn left_alone(&self) -> Option<KerberosRefusal> {
        let refused = *self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.filter(|(since, _)| since.elapsed() < LEFT_ALONE).map(|(_, refusal)| refusal)
    }
}

/// The domain of an account's name, or the name itself.
fn domain(username: &str) -> &str {
    match (username.split_once('\\'), username.rsplit_once('@')) {
        (Some((domain, _)), _) | (None, Some((_, domain))) => domain,
        (None, None) => username,
    }
}

/// What came of asking key distribution centres.
#[derive(Debug, Default)]
struct Asked {
    /// The last answer, where it was an error that ends the asking.
    refusal: Option<KerberosRefusal>,
    broken: Option<io::Error>,
}

/// Whoever is asked for tickets.
trait Centre: Send {
    /// Sends one message of Kerberos, and has the answer to it, each with its length before it.
    fn ask(&mut self, request: &NetworkRequest) -> impl Future<Output = sspi::Result<Vec<u8>>> + Send;
}

impl Centre for Asked {
    async fn ask(&mut self, request: &NetworkRequest) -> sspi::Result<Vec<u8>> {
        let host = request.url.host_str().unwrap_or_default();
        let kdc = format!("{host}:{}", request.url.port().unwrap_or(88));
        match kdc::ask(&kdc, &request.data, kdc::TIMEOUT).await {
            Ok(answer) => {
                self.refusal = kdc::refusal(&answer);
                Ok(answer)
            }
            Err(error) => {
                self.broken = Some(error);
                Err(sspi::Error::new(ErrorKind::NoAuthenticatingAuthority, "no answer"))
            }
        }
    }
}

/// One sign-in.
struct Context {
    negotiate: sspi::Negotiate,
    credentials: Option<CredentialsBuffers>,
}

impl Context {
    fn new(identity: sspi::AuthIdentity, kdc: &str) -> sspi::Result<Self> {
        let name = "callboard".to_owned();
        let kerberos = KerberosConfig::new_with_kdc_url(&format!("tcp://{kdc}"), name.clone());
        let only_kerberos = Some("kerberos,!ntlm,!pku2u".to_owned());
        let config = NegotiateConfig::new(Box::new(kerberos), only_kerberos, name);
        let mut negotiate = sspi::Negotiate::new_client(config)?;
        let acquired = negotiate
            .acquire_credentials_handle()
            .with_credential_use(CredentialUse::Outbound)
            .with_auth_data(&identity.into())
            .execute(&mut negotiate)?;
        Ok(Self { negotiate, credentials: acquired.credentials_handle })
    }

    /// The next token.
    async fn step(
        &mut self,
        service: &str,
        token: Vec<u8>,
        binding: Option<Vec<u8>>,
        centre: &mut impl Centre,
    ) -> sspi::Result<Vec<u8>> {
        let mut output = [SecurityBuffer::new(Vec::new(), BufferType::Token)];
        let mut input = vec![SecurityBuffer::new(token, BufferType::Token)];
        input.extend(
            binding.map(|binding| SecurityBuffer::new(bindings(&binding), BufferType::ChannelBindings)),
        );
        let mut step = self
            .negotiate
            .initialize_security_context()
            .with_credentials_handle(&mut self.credentials)
            .with_context_requirements(ClientRequestFlags::MUTUAL_AUTH)
            .with_target_data_representation(DataRepresentation::Native)
            .with_target_name(service)
            .with_input(&mut input)
            .with_output(&mut output);
        let mut generator = self.negotiate.initialize_security_context_impl(&mut step)?;
        let mut state = generator.start();
        while let GeneratorState::Suspended(request) = state {
            state = generator.resume(centre.ask(&request).await);
        }
        if let GeneratorState::Completed(result) = state {
            result?;
        }
        drop(generator);
        let [token] = output;
        Ok(token.buffer)
    }
}

/// Answers that are there before anybody asks: after the last there are no more.
struct Said<'a>(std::slice::Iter<'a, &'a [u8]>);

impl Centre for Said<'_> {
    async fn ask(&mut self, _: &NetworkRequest) -> sspi::Result<Vec<u8>> {
        let answer = self
            .0
            .next()
            .ok_or_else(|| sspi::Error::new(ErrorKind::NoAuthenticatingAuthority, "no answer"))?;
        Ok(answer.to_vec())
    }
}

/// The token that a key distribution centre's answers lead to, without one; each has its length before it.
///
/// # Errors
/// Where they lead to none: a sentence.
pub(crate) async fn token(account: &Account, answers: &[&[u8]]) -> Result<Vec<u8>, String> {
    let words = |error: sspi::Error| error.to_string();
    let mut context =
        Context::new(account.identity().map_err(words)?, "kdc.example.com:88").map_err(words)?;
    let asked = context.step("HTTP/mail.example.com", Vec::new(), None, &mut Said(answers.iter())).await;
    asked.map_err(words)
}

/// A SEC_CHANNEL_BINDINGS: eight numbers, of which the last two are the length and the place of what follows.
fn bindings(application_data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(application_data.len()).expect("a hash is short");
    let numbers = [0, 0, 0, 0, 0, 0, length, 32].map(u32::to_le_bytes);
    [numbers.as_flattened(), application_data].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_distribution_centre_is_found_at_the_domain() {
        let account = |username: &str| Account { username: username.into(), password: "".into() };
        for (username, kdc, expected) in [
            ("svc@corp.example.com", None, "corp.example.com:88"),
            ("corp.example.com\\svc", None, "corp.example.com:88"),
            ("CORP\\svc", Some("dc1.corp.example.com"), "dc1.corp.example.com:88"),
            ("CORP\\svc", Some("10.0.0.1:1088"), "10.0.0.1:1088"),
        ] {
            let negotiate = Negotiate::new(&account(username), kdc.map(str::to_owned)).of("mail.example.com");
            assert_eq!(negotiate.kdc, expected);
            assert_eq!(negotiate.service, "HTTP/mail.example.com");
        }
    }
}
