//! The world told what to do over HTTP, for tests in any language: JSON under `/sim/`.
//!
//! [`calls`] has every call with an example; `GET /sim/` tells the same to whoever asks.

mod account;
mod autodiscover;
mod calls;
mod fault;
mod fault_meanings;
mod mailbox;
mod meeting;
mod outage;
mod series;
mod settings;
mod state;
mod stray;
mod time;
mod webdav;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{Request, Response, SimError, World};

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("no such command: `{0}`; `GET /sim/` lists them all")]
    Unknown(String),
    #[error("the body is not what this command takes; `GET /sim/` has an example")]
    Body(#[from] serde_json::Error),
    #[error("`{place}`: expected {expected}")]
    Value { place: &'static str, expected: &'static str },
    #[error("time: expected an instant from `{now}` until the year 9999: time never goes back")]
    Time { now: chrono::DateTime<chrono::Utc> },
    #[error(transparent)]
    World(#[from] SimError),
}

/// Carries out one command.
pub(crate) fn handle(world: &mut World, request: &Request) -> Response {
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    let said = if request.method == "GET" { query.as_bytes() } else { &request.body };
    let path = path.trim_start_matches("/sim").trim_matches('/');
    if path.is_empty() && request.method == "GET" {
        return Response::new(200, "text/plain; charset=utf-8", calls::page());
    }
    let told = |status, value: &Value| Response::new(status, "application/json", value.to_string());
    match calls::carry_out(world, &request.method, path, said) {
        Ok(value) => told(200, &value),
        Err(refusal) => {
            let status = if matches!(refusal, Refusal::Unknown(_)) { 404 } else { 400 };
            let cause = std::error::Error::source(&refusal).map(ToString::to_string);
            told(status, &json!({ "error": refusal.to_string(), "cause": cause }))
        }
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    Ok(serde_json::from_slice(body)?)
}
