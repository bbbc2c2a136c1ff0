//! Subscribe and Unsubscribe ([MS-OXWSNTIF] 3.1.4.3, 3.1.4.4).

use std::ops::RangeInclusive;

use chrono::Duration;

use super::Call;
use super::id::Folder;
use super::soap::{EwsError, Messages, Schema};
use crate::account::Rights;
use crate::subscription::{Delivery, Interest, Subscription, SubscriptionKey};
use crate::world::{Push, RoomNumber};
use crate::xml::Element;

/// How long a subscription may be idle, in minutes.
const UP_TO_A_DAY: RangeInclusive<u32> = 1..=1440;

pub(super) fn answer(call: &mut Call<'_>) -> Result<String, EwsError> {
    let invalid = || EwsError::of("ErrorSchemaValidation");
    let [request] = call.body.children.as_slice() else { return Err(invalid()) };
    let way = Way::read(call, request)?;
    let interest = event_types(request)?;
    let mut messages = Messages::new("Subscribe");
    match subscribe(call, request, interest, way) {
        Err(error) if faults(call, &error) => return Err(error),
        Err(error) => messages.error(&error, |_| {}),
        Ok((key, watermark)) => {
            messages.success(|xml| {
                xml.leaf("m:SubscriptionId", &call.world.subscription_text(key));
                if let Some(watermark) = watermark {
                    xml.leaf("m:Watermark", &call.world.watermark_text(key.0, watermark));
                }
            });
        }
    }
    Ok(messages.finish())
}

/// Whether an error is not that of a message, but of the whole request.
fn faults(call: &Call<'_>, error: &EwsError) -> bool {
    call.world.profile.habits().faults_on_subscriptions && error.code == "ErrorInvalidSubscriptionRequest"
}

/// How the events shall reach the caller.
enum Way {
    Pull { timeout: Duration },
    Streaming,
    Push { url: String, status_frequency: Duration },
}

impl Way {
    fn read(call: &Call<'_>, request: &Element) -> Result<Self, EwsError> {
        let invalid = || EwsError::of("ErrorSchemaValidation");
        match request.name.as_str() {
            kind if !call.world.notifying.offers(kind) => {
                Err(EwsError::of("ErrorInvalidSubscriptionRequest"))
            }
            "PullSubscriptionRequest" => {
                let some =
                    if call.world.profile.habits().limits_timeouts { UP_TO_A_DAY } else { 0..=u32::MAX };
                Ok(Self::Pull { timeout: minutes(request, "Timeout", &some)? })
            }
            "StreamingSubscriptionRequest" => {
                let known = call.world.notifying.streaming && call.schema >= Schema::Exchange2010Sp1;
                let plain = request.child("Watermark").is_none() && request.child("Timeout").is_none();
                if known && plain { Ok(Self::Streaming) } else { Err(invalid()) }
            }
            "PushSubscriptionRequest" => {
                if request.child("CallerData").is_some() && call.schema < Schema::Exchange2013 {
                    return Err(invalid());
                }
                let url = request.text_of("URL").ok_or_else(invalid)?.to_owned();
                Ok(Self::Push { url, status_frequency: minutes(request, "StatusFrequency", &UP_TO_A_DAY)? })
            }
            _ => Err(EwsError::of("ErrorInvalidSubscriptionRequest")),
        }
    }
}

/// A number of minutes, one of some.
fn minutes(request: &Element, name: &str, some: &RangeInclusive<u32>) -> Result<Duration, EwsError> {
    let minutes = request.text_of(name).and_then(|text| text.parse().ok());
    let minutes = minutes.filter(|minutes| some.contains(minutes));
    let minutes = minutes.map(|minutes| Duration::minutes(minutes.into()));
    minutes.ok_or_else(|| EwsError::of("ErrorSchemaValidation"))
}

fn event_types(request: &Element) -> Result<Interest, EwsError> {
    let types = request.child("EventTypes").filter(|types| !types.children.is_empty());
    let mut interest = Interest::default();
    let known = types.is_some_and(|types| types.children.iter().all(|kind| interest.add(kind.text())));
    if known { Ok(interest) } else { Err(EwsError::of("ErrorSchemaValidation")) }
}

/// The new subscription, with a watermark unless it is a streaming one.
type Subscribed = Result<(SubscriptionKey, Option<u64>), EwsError>;

fn subscribe(call: &mut Call<'_>, request: &Element, interest: Interest, way: Way) -> Subscribed {
    let (room, interest) = mailbox(call, request, interest)?;
    if call.rights(room) != Rights::Full && !call.world.notifying.delegates {
        return Err(EwsError::of("ErrorSubscriptionDelegateAccessNotSupported"));
    }
    let newest = call.world.room(room).map_or(0, |room| room.calendar.last_watermark());
    let watermark = match request.text_of("Watermark").filter(|text| !text.is_empty()) {
        None => newest,
        Some(text) => call.known_watermark(room, text)?,
    };
    let (now, notifying) = (call.now(), call.world.notifying);
    let (delivery, told) = match way {
        Way::Pull { timeout } => (Delivery::Pull { timeout, told: watermark }, Some(watermark)),
        Way::Streaming => (Delivery::Streaming { stream: None, idle: notifying.idle, told: newest }, None),
        Way::Push { url, status_frequency } => {
            let push = Push::new(&url, status_frequency, watermark)
                .ok_or_else(|| EwsError::of("ErrorInvalidPushSubscriptionUrl"))?;
            (Delivery::Push(push), Some(watermark))
        }
    };
    let server = call.server(room);
    let subscription = Subscription { owner: call.login.clone(), server, interest, delivery, used_at: now };
    let limit = notifying.subscriptions_per_mailbox;
    let key = call.world.subscriptions.add(room, subscription, now, limit);
    let key = key.ok_or_else(|| EwsError::of("ErrorExceededSubscriptionCount"))?;
    call.world.start_push(key);
    Ok((key, told))
}

/// The one mailbox that all folders are of, and which of its folders they are.
fn mailbox(
    call: &Call<'_>,
    request: &Element,
    mut interest: Interest,
) -> Result<(RoomNumber, Interest), EwsError> {
    let invalid = || EwsError::of("ErrorInvalidSubscriptionRequest");
    if request.attribute("SubscribeToAllFolders") == Some("true") {
        interest.all_folders = true;
        let own = call.impersonated.or_else(|| call.world.home(&call.login));
        return own.map(|room| (room, interest)).ok_or_else(|| EwsError::of("ErrorMissingEmailAddress"));
    }
    let mut only = None;
    for folder in &request.child("FolderIds").ok_or_else(invalid)?.children {
        let (room, folder) = call.folder_to_watch(folder)?;
        if *only.get_or_insert(room) != room {
            return Err(invalid());
        }
        interest.calendar |= folder == Folder::Calendar;
        interest.deleted_items |= folder == Folder::DeletedItems;
    }
    only.map(|room| (room, interest)).ok_or_else(invalid)
}

pub(super) fn unsubscribe(call: &mut Call<'_>) -> Result<String, EwsError> {
    let id = call.body.text_of("SubscriptionId").ok_or_else(|| EwsError::of("ErrorSchemaValidation"))?;
    let mut messages = Messages::new("Unsubscribe");
    match call.owned(id, None) {
        Err(error) => messages.error(&error, |_| {}),
        Ok(key) => {
            call.world.unsubscribe(key);
            messages.success(|_| {});
        }
    }
    Ok(messages.finish())
}

impl Call<'_> {
    /// A live subscription of the caller's on the server that was reached, its idle time begun anew.
    /// Unless the caller knows the server, it is that of the subscription's own mailbox.
    pub(super) fn owned(&mut self, id: &str, server: Option<u32>) -> Result<SubscriptionKey, EwsError> {
        let now = self.now();
        let key = self.world.subscription_key(id).ok_or_else(|| EwsError::of("ErrorInvalidSubscription"))?;
        self.reachable(key.0)?;
        let server = server.unwrap_or_else(|| self.server(key.0));
        let missing = || EwsError::of("ErrorSubscriptionNotFound");
        let subscription = self.world.subscriptions.get_mut(key).ok_or_else(missing)?;
        if subscription.server != server {
            return Err(missing());
        }
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
