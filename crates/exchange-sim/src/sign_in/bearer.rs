//! OAuth 2.0 for applications: a token endpoint and the tokens that it gave (RFC 6749 §4.4, RFC 6750).

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

use crate::{Request, Response, World};

/// How long a token is good.
const LIFE: Duration = Duration::seconds(3599);

/// Tokens by their text.
pub(crate) type Tokens = BTreeMap<String, Token>;

#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(super) login: String,
    pub(super) expires_at: DateTime<Utc>,
}

/// Answers a request for a token; nothing when the path is another.
pub(crate) fn handle(world: &mut World, path: &str, request: &Request) -> Option<Response> {
    if !path.ends_with("/oauth2/v2.0/token") {
        return None;
    }
    let (status, value) = match grant(world, &request.body) {
        Ok(token) => {
            let life = LIFE.num_seconds();
            (200, json!({ "token_type": "Bearer", "expires_in": life, "access_token": token }))
        }
        Err((status, error)) => (status, json!({ "error": error })),
    };
    Some(said(status, &value))
}

fn said(status: u16, value: &Value) -> Response {
    Response::new(status, "application/json; charset=utf-8", value.to_string())
        .header("Cache-Control", "no-store, no-cache")
}

fn grant(world: &mut World, body: &[u8]) -> Result<String, (u16, &'static str)> {
    let form: BTreeMap<String, String> = url::form_urlencoded::parse(body).into_owned().collect();
    let of = |name: &str| form.get(name).map_or("", String::as_str);
    if of("grant_type") != "client_credentials" {
        return Err((400, "unsupported_grant_type"));
    }
    if !of("scope").ends_with("/.default") {
        return Err((400, "invalid_scope"));
    }
    let account = world.accounts.get(&of("client_id").to_lowercase());
    let account = account.filter(|known| known.application && known.password == of("client_secret"));
    let login = account.map(|account| account.login.clone()).ok_or((401, "invalid_client"))?;
    let text = URL_SAFE_NO_PAD.encode(world.dice.bytes::<24>());
    let now = world.now;
    world.sign_in.tokens.retain(|_, token| token.expires_at > now);
    world.sign_in.tokens.insert(text.clone(), Token { login, expires_at: now + LIFE });
    Ok(text)
}
