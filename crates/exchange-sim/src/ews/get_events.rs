//! GetEvents ([MS-OXWSNTIF] 3.1.4.1): what happened after a watermark, fifty events at a time.

use super::Call;
use super::notification::{self, Events};
use super::soap::{EwsError, Messages};
use crate::calendar::Event;
use crate::fault::Fault;
use crate::subscription::{Delivery, SubscriptionKey};
use crate::xml::Xml;

/// How many events one call returns.
const EVENTS_PER_CALL: usize = 50;

pub(super) fn answer(call: &mut Call<'_>) -> Result<String, EwsError> {
    let invalid = || EwsError::of("ErrorSchemaValidation");
    let id = call.body.text_of("SubscriptionId").ok_or_else(invalid)?;
    let watermark = call.body.text_of("Watermark").ok_or_else(invalid)?;
    let mut messages = Messages::new("GetEvents");
    match position(call, id, watermark) {
        Err(error) => messages.error(&error, |_| {}),
        Ok((key, position)) => messages.success(|xml| {
            xml.within("m:Notification", |xml| notification(call, key, position, xml));
        }),
    }
    Ok(messages.finish())
}

fn position(call: &mut Call<'_>, id: &str, watermark: &str) -> Result<(SubscriptionKey, u64), EwsError> {
    let key = call.owned(id, None)?;
    let delivery = call.world.subscriptions.get(key).map(|subscription| &subscription.delivery);
    if !matches!(delivery, Some(Delivery::Pull { .. })) {
        return Err(EwsError::of("ErrorInvalidPullSubscriptionId"));
    }
    if call.fault == Some(Fault::SubscriptionLost) {
        call.world.subscriptions.remove(key);
        return Err(EwsError::of("ErrorSubscriptionNotFound"));
    }
    call.known_watermark(key.0, watermark).map(|position| (key, position))
}

/// The children of a `Notification`.
fn notification(call: &Call<'_>, key: SubscriptionKey, position: u64, xml: &mut Xml) {
    let (room, _) = key;
    let world = &*call.world;
    let Some(interest) = world.subscriptions.get(key).map(|subscription| subscription.interest) else {
        return;
    };
    let Some(calendar) = world.room(room).map(|room| &room.calendar) else { return };
    let mut events = calendar.events_after(position).filter(|event| interest.wants(event)).copied();
    let page: Vec<Event> = events.by_ref().take(EVENTS_PER_CALL).collect();
    let more = events.next().is_some();
    let writer = Events { world, room, interest, watermarks: true };
    notification::write(&writer, &world.subscription_text(key), position, &page, more, xml);
}
