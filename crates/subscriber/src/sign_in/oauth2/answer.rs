//! What a token endpoint answers.

use secrecy::SecretString;
use serde::Deserialize;
use std::time::Duration;

/// How long a token lasts of which nothing is said.
const UNSAID: Duration = Duration::from_mins(10);

/// The longest that a token is believed to last.
const LONGEST: Duration = Duration::from_hours(24);

/// The longest code of an error.
const LONGEST_CODE: usize = 64;

/// A token.
#[derive(Debug)]
pub(crate) struct Granted {
    /// The `Authorization` header that shows it (RFC 6750 §2.1).
    pub(crate) authorization: SecretString,
    /// For how long it is good.
    pub(crate) lasts: Duration,
}

/// Why there is no token. None of these says what was answered: it may be a token all the same.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoToken {
    /// The endpoint says so.
    #[error("it refuses with `{code}`")]
    Refused {
        /// The error's code (RFC 6749 §5.2), or the status.
        code: String,
        /// Microsoft's own code, as `AADSTS7000222`.
        detail: Option<String>,
    },
    /// It answers something else.
    #[error("expected JSON with an `access_token`, found something else in line {line}, column {column}")]
    NotOne {
        /// Where, from 1.
        line: usize,
        /// Where in the line.
        column: usize,
    },
    /// What a header cannot hold is no token (RFC 6750 §2.1).
    #[error("expected a token of printable characters, found an empty one or others")]
    Characters,
}

/// RFC 6749 §5.1.
#[derive(Deserialize)]
struct Success {
    access_token: String,
    /// Seconds, which some servers write as a text.
    #[serde(default)]
    expires_in: serde_json::Value,
}

/// RFC 6749 §5.2.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Failure {
    error: Option<String>,
    error_description: String,
}

/// Reads an answer.
///
/// # Errors
/// Where there is no token in it.
pub(crate) fn read(status: u16, body: &[u8]) -> Result<Granted, NoToken> {
    if !(200..300).contains(&status) {
        let Failure { error, error_description } = serde_json::from_slice(body).unwrap_or_default();
        let code = error.filter(|code| is_code(code));
        let code = code.unwrap_or_else(|| format!("status {status}"));
        return Err(NoToken::Refused { code, detail: detail(&error_description) });
    }
    let not_one = |error: serde_json::Error| NoToken::NotOne { line: error.line(), column: error.column() };
    let Success { access_token, expires_in } = serde_json::from_slice(body).map_err(not_one)?;
    if access_token.is_empty() || !access_token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(NoToken::Characters);
    }
    Ok(Granted {
        authorization: format!("Bearer {access_token}").into(),
        lasts: seconds(&expires_in).map_or(UNSAID, Duration::from_secs).min(LONGEST),
    })
}

/// Microsoft's own code at the head of a description, as `AADSTS7000222`.
fn detail(description: &str) -> Option<String> {
    let code = description.split_once(':').map(|(code, _)| code)?;
    let number = code.strip_prefix("AADSTS")?;
    (code.len() <= LONGEST_CODE && number.bytes().all(|byte| byte.is_ascii_digit())).then(|| code.to_owned())
}

/// Whether a text is the code of an error, as those of RFC 6749 §5.2.
fn is_code(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    (1..=LONGEST_CODE).contains(&text.len()) && text.bytes().all(allowed)
}

fn seconds(expires_in: &serde_json::Value) -> Option<u64> {
    expires_in.as_u64().or_else(|| expires_in.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn what_is_no_token_is_told_without_what_it_is() {
        let not_one = |line, column| NoToken::NotOne { line, column };
        for (body, expected) in [
            (r#"{"access_token":""}"#, NoToken::Characters),
            (r#"{"access_token":"a b"}"#, NoToken::Characters),
            (r#""eyJ0eXAi.a.secret""#, not_one(1, 19)),
            (r#"{"access_token":["eyJ0eXAi"]}"#, not_one(1, 16)),
            ("<html>", not_one(1, 1)),
        ] {
            let found = read(200, body.as_bytes()).unwrap_err();
            assert_eq!(found, expected, "{body}");
            assert!(!found.to_string().contains("eyJ"), "{found}");
        }
    }

    #[test]
    fn a_token_lasts_as_long_as_is_said_within_reason() {
        for (said, minutes) in
            [("3600", 60), ("\"3600\"", 60), ("1e99", 10), ("99999999999", 24 * 60), ("-1", 10)]
        {
            let body = format!(r#"{{"access_token":"a","expires_in":{said}}}"#);
            let Granted { authorization, lasts } = read(200, body.as_bytes()).unwrap();
            assert_eq!(
                (authorization.expose_secret(), lasts),
                ("Bearer a", Duration::from_mins(minutes)),
                "{said}"
            );
        }
    }
}
