//! JSON v2: where one protocol of a mailbox is served, told to anybody.

use serde_json::json;

use super::{Located, Redirect, ews_url};
use crate::{Request, Response, World};

/// The address that is asked about: a parameter, or the last part of `/autodiscover.json/v1.0/{address}`.
pub(super) fn address(request: &Request) -> Option<String> {
    let path = request.path.split('?').next().unwrap_or_default();
    let in_path = || path.rsplit('/').next().map(decoded).filter(|part| part.contains('@'));
    parameter(request, "Email").or_else(in_path)
}

fn parameter(request: &Request, name: &str) -> Option<String> {
    let (_, query) = request.path.split_once('?')?;
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| decoded(value))
}

pub(super) fn answer(world: &World, request: &Request) -> Response {
    let Some(address) = address(request) else { return missing("Email") };
    let Some(protocol) = parameter(request, "Protocol").filter(|protocol| !protocol.is_empty()) else {
        return missing("Protocol");
    };
    let (protocol, found) = match protocol.to_ascii_lowercase().as_str() {
        "ews" => ("Ews", ews_url(world, request)),
        "autodiscoverv1" => ("AutoDiscoverV1", world.own_url(request, "/Autodiscover/Autodiscover.xml")),
        _ => {
            let sentence = format!(
                "The given protocol value '{protocol}' is invalid. Supported values are 'AutoDiscoverV1, Ews'"
            );
            return refusal(400, "ProtocolNotSupported", &sentence);
        }
    };
    match world.locate(&address) {
        Located::Here { .. } => told(200, &json!({ "Protocol": protocol, "Url": found })),
        Located::Elsewhere(Redirect::Url(url)) => Response::empty(302).header("Location", url.as_str()),
        Located::Elsewhere(Redirect::Address(address)) => {
            let page = "/autodiscover/autodiscover.json";
            let query = format!("{page}?Email={address}&Protocol={protocol}&RedirectCount=1");
            Response::empty(302).header("Location", world.own_url(request, &query))
        }
        Located::Nowhere => refusal(404, "UserNotFound", "The given user is not found."),
    }
}

fn told(status: u16, value: &serde_json::Value) -> Response {
    Response::new(status, "application/json; charset=utf-8", value.to_string())
}

fn refusal(status: u16, code: &str, sentence: &str) -> Response {
    told(status, &json!({ "ErrorCode": code, "ErrorMessage": sentence }))
}

fn missing(name: &str) -> Response {
    let sentence = format!("A valid value must be provided for the query parameter '{name}'");
    refusal(400, "MandatoryParameterMissing", &sentence)
}

/// A part of an address with its percent signs resolved (RFC 3986 §2.1).
fn decoded(part: &str) -> String {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = after.get(..2).filter(|_| *first == b'%').and_then(|pair| hex::decode(pair).ok());
        if let Some(byte) = escaped {
            bytes.extend(byte);
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
