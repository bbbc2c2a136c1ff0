//! GetStreamingEvents ([MS-OXWSNTIF] 3.1.4.2): a reply that stays open and tells events as they happen.

use chrono::Duration;

use super::Call;
use super::soap::{EwsError, Schema};
use crate::fault::Fault;
use crate::http::Ending;
use crate::subscription::{Delivery, SubscriptionKey};
use crate::xml::Element;
use crate::{Response, StreamId, World};

/// How many subscriptions one connection carries.
const MOST_SUBSCRIPTIONS: usize = 200;

pub(super) fn answer(call: &mut Call<'_>) -> Result<Response, EwsError> {
    let invalid = || EwsError::of("ErrorSchemaValidation");
    if call.fault == Some(Fault::NonExistentMailbox) {
        return Err(EwsError::of("ErrorNonExistentMailbox"));
    }
    if !call.world.notifying.streaming || call.schema < Schema::Exchange2010Sp1 {
        return Err(invalid());
    }
    let minutes = call.body.text_of("ConnectionTimeout").and_then(|text| text.parse().ok());
    let minutes = minutes.filter(|minutes| (1..=30).contains(minutes)).ok_or_else(invalid)?;
    let ids = call.body.child("SubscriptionIds").ok_or_else(invalid)?;
    let ids: Vec<&str> = ids.children.iter().map(Element::text).collect();
    match ids.len() {
        0 => return Err(invalid()),
        1..=MOST_SUBSCRIPTIONS => {}
        _ => return Err(EwsError::of("ErrorInvalidArgument")),
    }
    let stream = match subscriptions(call, &ids) {
        Err((error, bad)) => call.world.refuse_stream(error.code, bad),
        Ok(keys) => {
            let budget = (call.login.clone(), call.impersonated);
            let limit = call.world.notifying.hanging_connections;
            if call.world.hanging_connections(&budget, &keys) >= limit {
                return Err(too_many(limit));
            }
            call.world.open_stream(budget, keys, Duration::minutes(minutes))
        }
    };
    Ok(opened(stream))
}

/// The reply that refuses all subscriptions asked for.
pub(super) fn refused(call: &mut Call<'_>, error: &EwsError) -> Response {
    let ids = call.body.child("SubscriptionIds").map(|ids| ids.children.as_slice()).unwrap_or_default();
    let ids = ids.iter().map(|id| id.text().to_owned()).collect();
    opened(call.world.refuse_stream(error.code, ids))
}

fn opened(stream: StreamId) -> Response {
    Response { ending: Ending::Stream(stream), ..Response::new(200, "text/xml; charset=utf-8", "") }
}

/// The subscriptions of the ids, or the first error with all ids that are bad.
fn subscriptions(call: &mut Call<'_>, ids: &[&str]) -> Result<Vec<SubscriptionKey>, (EwsError, Vec<String>)> {
    let anywhere = ids.iter().find_map(|id| call.world.subscription_key(id));
    let server = anywhere.map(|(room, _)| call.server(room));
    let mut keys = Vec::new();
    let mut first = None;
    let mut bad = Vec::new();
    for id in ids {
        match streaming(call, id, server) {
            Ok(key) => keys.push(key),
            Err(error) => {
                first.get_or_insert(error);
                bad.push((*id).to_owned());
            }
        }
    }
    first.map_or(Ok(keys), |error| Err((error, bad)))
}

fn streaming(call: &mut Call<'_>, id: &str, server: Option<u32>) -> Result<SubscriptionKey, EwsError> {
    let key = call.owned(id, server)?;
    let delivery = call.world.subscriptions.get(key).map(|subscription| &subscription.delivery);
    match delivery {
        Some(Delivery::Streaming { .. }) => Ok(key),
        _ => Err(EwsError::of("ErrorInvalidSubscription")),
    }
}

fn too_many(limit: usize) -> EwsError {
    let part = "MaxStreamingConcurrency";
    let sentence = format!(
        "This operation exceeds the throttling budget for policy part '{part}', policy value '{limit}',  \
         Budget type: 'Ews'."
    );
    EwsError::of("ErrorExceededConnectionCount")
        .with("Policy", part.to_owned())
        .with("MaxStreamingConcurrencyLimit", limit.to_string())
        .with("ErrorMessage", sentence)
}

/// A reply that a fault replaced leaves no stream behind.
pub(super) fn discard(world: &mut World, response: &Response) {
    if let Ending::Stream(stream) = response.ending {
        let now = world.now;
        world.hang_up(stream, now);
    }
}
