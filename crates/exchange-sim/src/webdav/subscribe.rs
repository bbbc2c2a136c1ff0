//! SUBSCRIBE, POLL and UNSUBSCRIBE (the SDK's pages of these names).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::Duration;

use super::Call;
use super::manners::{LostIds, WebdavManners};
use super::notify::CallBack;
use super::path::Folder;
use super::store::Subscription;
use crate::Response;

/// What is granted where nothing is wished.
const HOUR: Duration = Duration::hours(1);

/// A new subscription, or the renewal of some.
pub(super) fn subscribe(call: &mut Call<'_>, manners: &WebdavManners) -> Response {
    let wished =
        call.request.header_value("Subscription-lifetime").and_then(|value| value.trim().parse().ok());
    let granted = wished.map_or(HOUR, Duration::seconds).clamp(Duration::seconds(60), manners.longest);
    if call.request.header_value("Subscription-id").is_some() {
        return renew(call, manners, granted);
    }
    let kind = call.request.header_value("Notification-type").unwrap_or_default().to_ascii_lowercase();
    let known = ["update", "update/newmember", "delete", "move"].contains(&kind.as_str());
    if !known || call.folder != Folder::Calendar {
        return Response::empty(400);
    }
    let seconds = call.request.header_value("Notification-delay").and_then(|value| value.trim().parse().ok());
    let delay = Duration::seconds(seconds.unwrap_or(0));
    let address = call.request.header_value("Call-Back").filter(|address| !address.trim().is_empty());
    let call_back = address.map(|address| CallBack::new(address, delay));
    // the port must be said
    if call_back.as_ref().is_some_and(Option::is_none) {
        return Response::empty(400);
    }
    let id = call.world.webdav.next_id();
    let told = call.world.room(call.room).map_or(0, |room| room.calendar.last_watermark());
    let expires = call.world.now + granted;
    let subscription =
        Subscription { room: call.room, told, granted, expires, call_back: call_back.flatten() };
    call.world.webdav.subscriptions.insert(id, subscription);
    let location = call.address(manners, path(call).trim_end_matches('/'));
    Response::empty(200)
        .header("Content-Location", location)
        .header("Subscription-lifetime", granted.num_seconds().to_string())
        .header("Subscription-id", id.to_string())
        .header("Subscribe-group", call.world.webdav.group())
}

fn renew(call: &mut Call<'_>, manners: &WebdavManners, granted: Duration) -> Response {
    let forbidden = ["Notification-type", "Depth", "Call-Back"];
    if forbidden.iter().any(|name| call.request.header_value(name).is_some()) {
        return Response::empty(400);
    }
    let outcomes = outcomes(call, |call, id| {
        let now = call.world.now;
        let subscription = call.world.webdav.subscriptions.get_mut(&id)?;
        subscription.granted = granted;
        subscription.expires = now + granted;
        call.world.webdav.renewals.push((now, id));
        Some(200)
    });
    if outcomes.values().all(|status| *status == 412) {
        let bad: Vec<String> = outcomes.keys().map(u32::to_string).collect();
        return Response::empty(412).header("Subscription-id", bad.join(","));
    }
    multistatus(call, manners, &outcomes, LostIds::Told)
        .header("Subscription-lifetime", granted.num_seconds().to_string())
        .header("Subscribe-group", call.world.webdav.group())
}

/// Whether anything has happened. Asking prolongs.
pub(super) fn poll(call: &mut Call<'_>, manners: &WebdavManners) -> Response {
    if call.request.header_value("Subscription-id").is_none() {
        return Response::empty(400);
    }
    let outcomes = outcomes(call, |call, id| {
        let now = call.world.now;
        let newest = call.world.room(call.room)?.calendar.last_watermark();
        let subscription = call.world.webdav.subscriptions.get_mut(&id)?;
        subscription.expires = now + subscription.granted;
        if let Some(call_back) = &mut subscription.call_back {
            call_back.heard();
        }
        let happened = std::mem::replace(&mut subscription.told, newest) != newest;
        Some(if happened { 200 } else { 204 })
    });
    multistatus(call, manners, &outcomes, manners.lost_ids)
}

pub(super) fn unsubscribe(call: &mut Call<'_>) -> Response {
    let outcomes = outcomes(call, |call, id| call.world.webdav.subscriptions.remove(&id).map(|_| 200));
    Response::empty(if outcomes.is_empty() || outcomes.values().any(|status| *status == 412) {
        400
    } else {
        200
    })
}

/// What became of each id. Those that expired, and those of another folder, are not known.
fn outcomes(call: &mut Call<'_>, treat: impl Fn(&mut Call<'_>, u32) -> Option<u16>) -> BTreeMap<u32, u16> {
    let now = call.world.now;
    call.world.webdav.subscriptions.retain(|_, subscription| subscription.expires > now);
    let ids = call.request.header_value("Subscription-id").unwrap_or_default().to_owned();
    let ids: Vec<u32> = ids.split(',').filter_map(|id| id.trim().parse().ok()).collect();
    ids.into_iter()
        .map(|id| {
            let own = call.world.webdav.subscriptions.get(&id).is_some_and(|known| known.room == call.room);
            (id, own.then(|| treat(call, id)).flatten().unwrap_or(412))
        })
        .collect()
}

/// The ids by their outcome, which stands directly below each response.
fn multistatus(
    call: &Call<'_>,
    manners: &WebdavManners,
    outcomes: &BTreeMap<u32, u16>,
    lost: LostIds,
) -> Response {
    let href = call.address(manners, path(call).trim_end_matches('/'));
    let mut body = "<?xml version=\"1.0\"?><a:multistatus xmlns:b=\"http://schemas.microsoft.com/Exchange/\" xmlns:a=\"DAV:\">".to_owned();
    for (status, phrase) in [(200, "OK"), (204, "No Content"), (412, "Precondition Failed")] {
        let ids: Vec<u32> = outcomes.iter().filter(|(_, one)| **one == status).map(|(id, _)| *id).collect();
        if ids.is_empty() || (status == 412 && lost == LostIds::LeftOut) {
            continue;
        }
        let items: Vec<String> = ids.iter().map(|id| format!("<li>{id}</li>")).collect();
        // writing to a string cannot fail
        let _ = write!(
            body,
            "<a:response><a:href>{href}</a:href><a:status>HTTP/1.1 {status} {phrase}</a:status><b:subscriptionID>{}</b:subscriptionID></a:response>",
            items.concat()
        );
    }
    body.push_str("</a:multistatus>");
    Response::new(207, "text/xml", body)
}

fn path<'a>(call: &'a Call<'_>) -> &'a str {
    call.request.path.split('?').next().unwrap_or_default()
}
