//! GetEvents ([MS-OXWSNTIF] 3.1.4.1): what happened after a watermark, fifty events at a time.

use super::Call;
use super::notification::{self, Events};
use super::soap::{EwsError, Messages};
use crate::fault::Fault;
use crate::subscription::{Delivery, SubscriptionKey};
use crate::xml::Xml;

/// How many events one call returns.
const EVENTS_PER_CALL: usize = 50;

pub(super) fn answer(call: &mut Call<'_>) -> Result<String, EwsError> {
    let invalid = || EwsError::of("ErrorSchemaValidation");
    let id = call.body.text_of("SubscriptionId").ok_or_else(invalid)?;
    let watermark = call.body.text_of("Watermark");
    let watermark = if call.world.profile.knows_watermarks() { watermark.ok_or_else(invalid)? } else { "" };
    let mut messages = Messages::new("GetEvents");
    match position(call, id, watermark) {
        Err(error) => messages.error(&error, |_| {}),
        Ok((key, position)) => {
            let mut told = None;
            messages.success(|xml| {
                xml.within("m:Notification", |xml| told = notification(call, key, position, xml));
            });
            if let Some(read) = call.world.read_up_to.get_mut(&key) {
                *read = told.unwrap_or(position);
            }
        }
    }
    Ok(messages.finish())
}

fn position(call: &mut Call<'_>, id: &str, watermark: &str) -> Result<(SubscriptionKey, u64), EwsError> {
    let key = call.owned(id, None)?;
    let delivery = call.world.subscriptions.get(key).map(|subscription| &subscription.delivery);
    if !matches!(delivery, Some(Delivery::Pull { .. })) {
        return Err(EwsError::of("ErrorInvalidPullSubscriptionId"));
    }
    if let Some(code) = call.fault.and_then(deleted_by_server) {
        call.world.subscriptions.remove(key);
        return Err(EwsError::of(code));
    }
    match call.world.read_up_to.get(&key) {
        Some(position) => Ok((key, *position)),
        None => call.known_watermark(key.0, watermark).map(|position| (key, position)),
    }
}

/// What is said of a subscription that a fault took away.
fn deleted_by_server(fault: Fault) -> Option<&'static str> {
    match fault {
        Fault::SubscriptionLost => Some("ErrorSubscriptionNotFound"),
        Fault::EventNotFound => Some("ErrorEventNotFound"),
        Fault::ReadEventsFailed => Some("ErrorReadEventsFailed"),
        Fault::ProxyRequestNotAllowed => Some("ErrorProxyRequestNotAllowed"),
        _ => None,
    }
}

/// The children of a `Notification`; returns the watermark of the last event that it tells.
fn notification(call: &Call<'_>, key: SubscriptionKey, position: u64, xml: &mut Xml) -> Option<u64> {
    let (room, _) = key;
    let world = &*call.world;
    let interest = world.subscriptions.get(key).map(|subscription| subscription.interest)?;
    let events = world.events_for(key, position);
    let page = events.get(..EVENTS_PER_CALL).unwrap_or(&events);
    let more = page.len() < events.len();
    let writer = Events { world, room, interest, watermarks: true };
    notification::write(&writer, &world.subscription_text(key), position, page, more, xml);
    page.last().map(|event| event.watermark)
}
