//! Signing in: Basic, NTLM, Negotiate and bearer tokens, and what may stand in front of the service.

pub(crate) mod bearer;
mod front;
mod keys;
mod ntlm;
mod spnego;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub use self::front::Front;
pub(crate) use self::front::{in_front, locked_out};
pub use self::ntlm::ChannelBinding;

use self::ntlm::{Challenge, Session};
use self::spnego::{Preference, State, Token};
use crate::{Request, Response, ServerProfile, World};

/// How accounts sign in. [`World::set_sign_in`] makes it hold from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// With Basic (RFC 7617).
    pub basic: bool,
    /// With NTLM, once for a connection ([MS-NTHT]).
    pub ntlm: bool,
    /// With Negotiate, which is NTLM in SPNEGO here (RFC 4559).
    pub negotiate: bool,
    /// With a token of the endpoint `/organization/oauth2/v2.0/token` (RFC 6750).
    pub bearer: bool,
    /// Whether NTLM must be bound to the server's certificate.
    pub channel_binding: ChannelBinding,
    /// After how many wrong passwords in a row an account is locked.
    pub lock_out_after: Option<u32>,
    /// What answers in place of the service.
    pub front: Option<Front>,
}

impl Default for SignIn {
    /// Basic alone.
    fn default() -> Self {
        Self {
            basic: true,
            ntlm: false,
            negotiate: false,
            bearer: false,
            channel_binding: ChannelBinding::None,
            lock_out_after: None,
            front: None,
        }
    }
}

impl SignIn {
    /// What Exchange on premises offers with Windows sign-in: Negotiate and NTLM.
    pub fn windows(channel_binding: ChannelBinding) -> Self {
        Self { basic: false, ntlm: true, negotiate: true, channel_binding, ..Self::default() }
    }

    /// What Exchange Online offers: tokens.
    pub fn bearer() -> Self {
        Self { basic: false, bearer: true, ..Self::default() }
    }

    /// Nobody gets past a page for people.
    pub fn behind(front: Front) -> Self {
        Self { front: Some(front), ..Self::default() }
    }
}

/// A connection that began to sign in, or did.
#[derive(Debug, Clone)]
enum Handshake {
    /// NTLM was chosen among the mechanisms of Negotiate; its first message is awaited.
    Chosen {
        mechanisms: Vec<u8>,
    },
    /// The client's last message is awaited; with Negotiate, these were its mechanisms.
    Challenged {
        challenge: Challenge,
        mechanisms: Option<Vec<u8>>,
    },
    Done {
        login: String,
    },
}

/// Everything that the world knows about signing in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Door {
    how: SignIn,
    /// SHA-256 of the certificate of the server, if it has one.
    end_point: Option<[u8; 32]>,
    connections: BTreeMap<u64, Handshake>,
    /// Wrong passwords in a row.
    failures: BTreeMap<String, u32>,
    pub(crate) tokens: bearer::Tokens,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SignedIn {
    pub(crate) login: String,
    /// It came with a token of an application, which must say for whom it asks.
    pub(crate) application: bool,
    /// What the reply says besides.
    headers: Vec<(String, String)>,
}

impl SignedIn {
    fn with_password(login: String) -> Self {
        Self { login, application: false, headers: Vec::new() }
    }

    /// The reply to whoever signed in.
    pub(crate) fn answered(&self, mut response: Response) -> Response {
        response.headers.extend(self.headers.iter().cloned());
        response
    }
}

impl World {
    /// Changes how accounts sign in, from now on. Whoever signed in on a connection has to do it again.
    pub fn set_sign_in(&mut self, how: SignIn) {
        self.sign_in.how = how;
        self.sign_in.connections.clear();
    }

    /// How accounts sign in.
    pub fn sign_in(&self) -> SignIn {
        self.sign_in.how
    }

    /// Says that requests come through TLS with a certificate, of which this is the SHA-256: channel bindings must be
    /// to it (RFC 5929 §4).
    pub fn set_certificate(&mut self, sha256: [u8; 32]) {
        self.sign_in.end_point = Some(sha256);
    }

    /// Whether requests come through TLS.
    pub(crate) fn has_certificate(&self) -> bool {
        self.sign_in.end_point.is_some()
    }

    /// Says that a connection was closed: whoever signed in on it is forgotten.
    pub fn connection_closed(&mut self, connection: u64) {
        self.sign_in.connections.remove(&connection);
    }

    /// Forgets who signed in on which connection, as a server does that starts anew behind a load balancer.
    pub fn forget_connections(&mut self) {
        self.sign_in.connections.clear();
    }

    /// Who asks; else what to answer.
    pub(crate) fn signed_in(&mut self, request: &Request) -> Result<SignedIn, Response> {
        if let Some(front) = self.sign_in.how.front {
            return Err(in_front(front));
        }
        let authorization = request.header_value("Authorization").unwrap_or_default();
        let (scheme, token) = authorization.split_once(' ').unwrap_or((authorization, ""));
        let how = self.sign_in.how;
        match scheme.to_ascii_lowercase().as_str() {
            "basic" if how.basic => self.by_password(request),
            "bearer" if how.bearer => self.by_token(token.trim()),
            "ntlm" if how.ntlm => self.by_ntlm(request.connection, "NTLM", token.trim()),
            "negotiate" if how.negotiate => self.by_ntlm(request.connection, "Negotiate", token.trim()),
            "" => match self.sign_in.connections.get(&request.connection) {
                Some(Handshake::Done { login }) => Ok(SignedIn::with_password(login.clone())),
                _ => Err(self.challenge()),
            },
            _ => Err(self.challenge()),
        }
    }

    /// Status 401 with every way to sign in.
    pub(crate) fn challenge(&self) -> Response {
        let how = self.sign_in.how;
        let other = self.profile() == ServerProfile::Other;
        let realm = if other { "\"msrpc realm\", charset=\"utf-8\"" } else { "\"exchange.example\"" };
        let ways = [
            (how.negotiate, "Negotiate".to_owned()),
            (how.ntlm, "NTLM".to_owned()),
            (how.basic, format!("Basic realm={realm}")),
            (
                how.bearer,
                "Bearer client_id=\"00000002-0000-0ff1-ce00-000000000000\", \
                 trusted_issuers=\"00000001-0000-0000-c000-000000000000@*\", \
                 authorization_uri=\"https://login.exchange.example/common/oauth2/authorize\""
                    .to_owned(),
            ),
        ];
        let offered = ways.into_iter().filter(|(offered, _)| *offered);
        offered.fold(Response::empty(401), |response, (_, way)| response.header("WWW-Authenticate", way))
    }

    fn by_password(&mut self, request: &Request) -> Result<SignedIn, Response> {
        let Some((user, password)) = request.credentials() else { return Err(self.challenge()) };
        let user = user.to_lowercase();
        let account = self.accounts.get(&user).filter(|account| !account.application);
        let right = account.is_some_and(|known| known.password == password && !password.is_empty());
        let judged = self.judged(right.then(|| user.clone()), &user).map(SignedIn::with_password);
        judged.map_err(|mut refusal| {
            refusal.delay += self.profile().habits().wrong_password_takes;
            refusal
        })
    }

    fn by_token(&self, text: &str) -> Result<SignedIn, Response> {
        let token = self.sign_in.tokens.get(text).filter(|token| token.expires_at > self.now);
        if let Some(token) = token {
            return Ok(SignedIn { application: true, ..SignedIn::with_password(token.login.clone()) });
        }
        let mut refusal = self.challenge();
        for (name, value) in &mut refusal.headers {
            if name == "WWW-Authenticate" && value.starts_with("Bearer") {
                value.push_str(", error=\"invalid_token\"");
            }
        }
        Err(refusal.header(
            "x-ms-diagnostics",
            "2000008;reason=\"The token is not valid or has expired.\";error_category=\"invalid_token\"",
        ))
    }

    /// One step of NTLM, with or without Negotiate around it.
    fn by_ntlm(&mut self, connection: u64, scheme: &str, token: &str) -> Result<SignedIn, Response> {
        let known = self.sign_in.connections.remove(&connection);
        let Ok(token) = STANDARD.decode(token) else { return Err(self.challenge()) };
        let read = if ntlm::is_message(&token) { None } else { spnego::read(&token) };
        let (message, signature, mechanisms) = match (&read, &known) {
            (None, Some(Handshake::Challenged { mechanisms, .. })) => {
                (Some(token.as_slice()), None, mechanisms.clone())
            }
            (None, _) => (Some(token.as_slice()), None, None),
            (Some(Token::Init { ntlm: Preference::Never, .. }), _) => return Err(self.challenge()),
            (Some(Token::Init { ntlm: Preference::Later, mechanisms, .. }), _) => {
                (None, None, Some(mechanisms.to_vec()))
            }
            (Some(Token::Init { mechanisms, message, .. }), _) => (*message, None, Some(mechanisms.to_vec())),
            (
                Some(Token::Response { message, signature }),
                Some(
                    Handshake::Chosen { mechanisms }
                    | Handshake::Challenged { mechanisms: Some(mechanisms), .. },
                ),
            ) => (*message, *signature, Some(mechanisms.clone())),
            (Some(Token::Response { .. }), _) => return Err(self.challenge()),
        };
        match (message, known) {
            (None, _) => {
                let Some(mechanisms) = mechanisms else { return Err(self.challenge()) };
                self.sign_in.connections.insert(connection, Handshake::Chosen { mechanisms });
                Err(step(scheme, &spnego::response(State::Incomplete, None, None, true)))
            }
            (Some(message), Some(Handshake::Challenged { challenge, .. })) if !is_first(message) => {
                self.conclude(connection, scheme, &challenge, message, signature, mechanisms.as_deref())
            }
            (Some(message), _) => {
                let nonce = self.dice.bytes();
                let Some(challenge) = Challenge::to(message, nonce, self.now) else {
                    return Err(self.challenge());
                };
                let wrapped = mechanisms
                    .is_some()
                    .then(|| spnego::response(State::Incomplete, Some(challenge.message()), None, true));
                let answer = step(scheme, wrapped.as_deref().unwrap_or(challenge.message()));
                self.sign_in.connections.insert(connection, Handshake::Challenged { challenge, mechanisms });
                Err(answer)
            }
        }
    }

    /// The last step: the client's proof, and with Negotiate its signature over the mechanisms.
    fn conclude(
        &mut self,
        connection: u64,
        scheme: &str,
        challenge: &Challenge,
        message: &[u8],
        signature: Option<&[u8]>,
        mechanisms: Option<&[u8]>,
    ) -> Result<SignedIn, Response> {
        let Door { how, end_point, .. } = &self.sign_in;
        let account = ntlm::claimed(message).and_then(|(user, domain)| self.windows_account(&user, &domain));
        let (login, password) = account.unwrap_or_default();
        let session = challenge.judge(
            message,
            &password,
            how.channel_binding,
            end_point.as_ref().map(<[u8; 32]>::as_slice),
        );
        let signed = |session: &Session| match (signature, mechanisms) {
            (Some(signature), Some(mechanisms)) => session.clients_signature(mechanisms) == signature,
            _ => true,
        };
        let session = session.filter(signed).filter(|_| !login.is_empty());
        let login = self.judged(session.as_ref().map(|_| login.clone()), &login)?;
        let mut headers = vec![("Persistent-Auth".to_owned(), "true".to_owned())];
        if let (Some(mechanisms), Some(session)) = (mechanisms, &session) {
            let own = signature.map(|_| session.servers_signature(mechanisms));
            let last = spnego::response(State::Completed, None, own.as_deref(), false);
            headers.push(("WWW-Authenticate".to_owned(), format!("{scheme} {}", STANDARD.encode(last))));
        }
        self.sign_in.connections.insert(connection, Handshake::Done { login: login.clone() });
        Ok(SignedIn { headers, ..SignedIn::with_password(login) })
    }

    /// The login and password that a user of a domain goes by: `user`, `domain\user` or `user@domain`.
    fn windows_account(&self, user: &str, domain: &str) -> Option<(String, String)> {
        let names = [user.to_owned(), format!("{domain}\\{user}"), format!("{user}@{domain}")];
        let mut found = names.iter().filter_map(|name| self.accounts.get(&name.to_lowercase()));
        let account = found.find(|account| !account.application && !account.password.is_empty())?;
        Some((account.login.clone(), account.password.clone()))
    }

    /// Counts wrong passwords; a locked account stays out even with the right one.
    fn judged(&mut self, login: Option<String>, claimed: &str) -> Result<String, Response> {
        let limit = self.sign_in.how.lock_out_after.unwrap_or(u32::MAX);
        let failures = self.sign_in.failures.get(claimed).copied().unwrap_or(0);
        if failures >= limit {
            return Err(locked_out());
        }
        if let Some(login) = login {
            self.sign_in.failures.remove(&login);
            return Ok(login);
        }
        self.sign_in.failures.insert(claimed.to_owned(), failures.saturating_add(1));
        Err(self.challenge())
    }
}

/// Whether a message of NTLM begins a handshake.
fn is_first(message: &[u8]) -> bool {
    message.get(8..12) == Some(&1u32.to_le_bytes())
}

/// Status 401 in the middle of a handshake.
fn step(scheme: &str, token: &[u8]) -> Response {
    Response::empty(401).header("WWW-Authenticate", format!("{scheme} {}", STANDARD.encode(token)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_signed_in_until_it_closes_or_is_forgotten() {
        let endings: [fn(&mut World); 3] = [
            |world| world.connection_closed(7),
            World::forget_connections,
            |world| world.set_sign_in(SignIn::windows(ChannelBinding::Allow)),
        ];
        for end in endings {
            let mut world = World::new(1, chrono::DateTime::UNIX_EPOCH);
            world.set_sign_in(SignIn::windows(ChannelBinding::None));
            world.sign_in.connections.insert(7, Handshake::Done { login: "svc".to_owned() });
            let on = |connection| Request::post("/EWS/Exchange.asmx", "").on_connection(connection);
            assert_eq!(world.signed_in(&on(7)).unwrap().login, "svc");
            assert_eq!(world.signed_in(&on(8)).unwrap_err().status, 401);
            end(&mut world);
            assert_eq!(world.signed_in(&on(7)).unwrap_err().status, 401);
        }
    }
}
