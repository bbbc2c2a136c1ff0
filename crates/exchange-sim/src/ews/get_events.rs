//! GetEvents ([MS-OXWSNTIF] 3.1.4.1): what happened after a watermark, fifty events at a time.
//!
//! What was told has left the subscription's queue: who asks with the same watermark again hears what came next.

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
    let needed = call.world.profile.habits().knows_watermarks;
    let watermark = if needed { watermark.ok_or_else(invalid)? } else { "" };
    let mut messages = Messages::new("GetEvents");
    match position(call, id, watermark) {
        Err(error) => messages.error(&error, |_| {}),
        Ok((key, position)) => {
            let mut last = position;
            messages.success(|xml| {
                xml.within("m:Notification", |xml| last = notification(call, key, position, xml));
            });
            let subscription = call.world.subscriptions.get_mut(key);
            if let Some(Delivery::Pull { told, .. }) = subscription.map(|known| &mut known.delivery) {
                *told = last;
            }
        }
    }
    Ok(messages.finish())
}

/// From where on the subscription is read: after what was told, or after a watermark that is further.
fn position(call: &mut Call<'_>, id: &str, watermark: &str) -> Result<(SubscriptionKey, u64), EwsError> {
    let key = call.owned(id, None)?;
    let delivery = call.world.subscriptions.get(key).map(|subscription| &subscription.delivery);
    let Some(&Delivery::Pull { told, .. }) = delivery else {
        return Err(EwsError::of("ErrorInvalidPullSubscriptionId"));
    };
    if let Some(code) = call.fault.and_then(deleted_by_server) {
        call.world.subscriptions.remove(key);
        return Err(EwsError::of(code));
    }
    if !call.world.profile.habits().knows_watermarks {
        return Ok((key, told));
    }
    call.known_watermark(key.0, watermark).map(|watermark| (key, told.max(watermark)))
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

/// The children of a `Notification`; returns the last watermark that it tells.
fn notification(call: &Call<'_>, key: SubscriptionKey, position: u64, xml: &mut Xml) -> u64 {
    let (room, _) = key;
    let world = &*call.world;
    let interest = world.subscriptions.get(key).map(|subscription| subscription.interest).unwrap_or_default();
    let events = world.events_for(key, position);
    let page = events.get(..EVENTS_PER_CALL).unwrap_or(&events);
    let more = page.len() < events.len();
    let writer = Events { world, room, interest, watermarks: true };
    notification::write(&writer, &world.subscription_text(key), position, page, more, xml)
}
