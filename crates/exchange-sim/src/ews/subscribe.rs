//! Subscribe and Unsubscribe ([MS-OXWSNTIF] 3.1.4.3, 3.1.4.4).

use chrono::Duration;

use super::Call;
use super::soap::{EwsError, Messages};
use crate::subscription::{EventTypes, Subscription, SubscriptionKey};
use crate::world::RoomNumber;
use crate::xml::Element;

pub(super) fn answer(call: &mut Call<'_>) -> Result<String, EwsError> {
    let request = call.body.children.first().ok_or_else(|| EwsError::of("ErrorSchemaValidation"))?;
    let mut messages = Messages::new("Subscribe");
    let subscribed = match request.name.as_str() {
        "PullSubscriptionRequest" => pull(call, request)?,
        _ => Err(EwsError::of("ErrorInvalidSubscriptionRequest")),
    };
    match subscribed {
        Err(error) => messages.error(&error, |_| {}),
        Ok((key, watermark)) => messages.success(|xml| {
            xml.leaf("m:SubscriptionId", &call.world.subscription_text(key));
            xml.leaf("m:Watermark", &call.world.watermark_text(key.0, watermark));
        }),
    }
    Ok(messages.finish())
}

type Subscribed = Result<(SubscriptionKey, u64), EwsError>;

/// The outer error is that of the whole request, the inner one that of the subscription.
fn pull(call: &mut Call<'_>, request: &Element) -> Result<Subscribed, EwsError> {
    let invalid = || EwsError::of("ErrorSchemaValidation");
    let minutes: i64 = request.text_of("Timeout").and_then(|text| text.parse().ok()).unwrap_or(0);
    let wanted =
        request.child("EventTypes").filter(|types| !types.children.is_empty()).ok_or_else(invalid)?;
    if !(1..=1440).contains(&minutes) {
        return Err(invalid());
    }
    let mut types = EventTypes::default();
    for kind in &wanted.children {
        types.add(kind.text());
    }
    Ok(subscribe(call, request, types, Duration::minutes(minutes)))
}

fn subscribe(call: &mut Call<'_>, request: &Element, types: EventTypes, timeout: Duration) -> Subscribed {
    let room = mailbox(call, request)?;
    let newest = call.world.room(room).map_or(0, |room| room.calendar.last_watermark());
    let watermark = match request.text_of("Watermark").filter(|text| !text.is_empty()) {
        None => newest,
        Some(text) => call.known_watermark(room, text)?,
    };
    let subscription = Subscription { owner: call.login.clone(), types, timeout, used_at: call.now() };
    let now = call.now();
    let key = call.world.subscriptions.add(room, subscription, now);
    key.map(|key| (key, watermark)).ok_or_else(|| EwsError::of("ErrorExceededSubscriptionCount"))
}

/// The one mailbox that all folders are of.
fn mailbox(call: &Call<'_>, request: &Element) -> Result<RoomNumber, EwsError> {
    let invalid = || EwsError::of("ErrorInvalidSubscriptionRequest");
    if request.attribute("SubscribeToAllFolders") == Some("true") {
        return call.impersonated.ok_or_else(invalid);
    }
    let folders = request.child("FolderIds").ok_or_else(invalid)?;
    let mut rooms = folders.children.iter().map(|folder| call.folder(folder).map(|(room, _)| room));
    let first = rooms.next().ok_or_else(invalid)??;
    for room in rooms {
        if room? != first {
            return Err(invalid());
        }
    }
    Ok(first)
}

pub(super) fn unsubscribe(call: &mut Call<'_>) -> Result<String, EwsError> {
    let id = call.body.text_of("SubscriptionId").ok_or_else(|| EwsError::of("ErrorSchemaValidation"))?;
    let mut messages = Messages::new("Unsubscribe");
    match call.owned(id) {
        Err(error) => messages.error(&error, |_| {}),
        Ok(key) => {
            call.world.subscriptions.remove(key);
            messages.success(|_| {});
        }
    }
    Ok(messages.finish())
}

impl Call<'_> {
    /// A live subscription of the caller's, its idle time begun anew.
    pub(super) fn owned(&mut self, id: &str) -> Result<SubscriptionKey, EwsError> {
        let now = self.now();
        let key = self.world.subscription_key(id).ok_or_else(|| EwsError::of("ErrorInvalidSubscription"))?;
        let missing = || EwsError::of("ErrorSubscriptionNotFound");
        let subscription = self.world.subscriptions.get_mut(key).ok_or_else(missing)?;
        if subscription.owner != self.login {
            return Err(EwsError::of("ErrorSubscriptionAccessDenied"));
        }
        if subscription.expired(now) {
            self.world.subscriptions.remove(key);
            return Err(EwsError::of("ErrorExpiredSubscription"));
        }
        subscription.used_at = now;
        Ok(key)
    }

    /// A watermark that the mailbox's event table still reaches.
    pub(super) fn known_watermark(&self, room: RoomNumber, text: &str) -> Result<u64, EwsError> {
        let invalid = || EwsError::of("ErrorInvalidWatermark");
        let watermark = self.world.watermark(room, text).ok_or_else(invalid)?;
        let calendar = self.world.room(room).map(|room| &room.calendar);
        calendar.filter(|calendar| calendar.remembers(watermark)).map(|_| watermark).ok_or_else(invalid)
    }
}
