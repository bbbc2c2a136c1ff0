//! Push subscriptions ([MS-OXWSNTIF] 3.2): what is to be posted to listeners, and how often it is tried.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};

use super::{Task, World};
use crate::calendar::Event;
use crate::ews::{NotificationAnswer, send_notification};
use crate::subscription::{Delivery, SubscriptionKey};

/// How long after the first failure the post is tried again; then twice as long, again and again.
const FIRST_RETRY: Duration = Duration::seconds(30);

/// How many events one post tells.
const EVENTS_PER_POST: usize = 50;

/// A post that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PostId(u64);

/// A notification to post. The listener's answer goes to [`World::posted`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// Which one.
    pub id: PostId,
    /// Where to.
    pub url: String,
    /// The SOAP envelope, to be sent as `text/xml; charset=utf-8`.
    pub body: String,
}

/// How a push subscription stands.
#[derive(Debug, Clone)]
pub(crate) struct Push {
    url: String,
    status_frequency: Duration,
    /// The watermark up to which the listener has confirmed.
    confirmed: u64,
    due_at: Option<DateTime<Utc>>,
    /// The post that is under way, and the watermark it reaches.
    under_way: Option<(PostId, u64)>,
    /// How long was waited for the last retry, if the last post failed.
    retried_after: Option<Duration>,
}

impl Push {
    /// A new one, from a watermark; nothing when the URL is none that can be posted to.
    pub(crate) fn new(url: &str, status_frequency: Duration, watermark: u64) -> Option<Self> {
        let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"))?;
        let host = rest.split(['/', '?']).next().filter(|host| !host.is_empty())?;
        if host.contains(char::is_whitespace) {
            return None;
        }
        Some(Self {
            url: url.to_owned(),
            status_frequency,
            confirmed: watermark,
            due_at: None,
            under_way: None,
            retried_after: None,
        })
    }

    /// How long to wait after a failure; nothing when that is longer than the listener may be silent.
    fn next_retry(&self) -> Option<Duration> {
        let wait = self.retried_after.map_or(FIRST_RETRY, |last| last * 2);
        (wait <= self.status_frequency).then_some(wait)
    }
}

/// Posts that wait to be made, and those that wait for their answer.
#[derive(Debug, Clone, Default)]
pub(super) struct Posts {
    waiting: Vec<Post>,
    unanswered: BTreeMap<PostId, SubscriptionKey>,
    serial: u64,
}

impl World {
    /// What is to be posted now. Each post is given out once.
    pub fn posts(&mut self, now: DateTime<Utc>) -> Vec<Post> {
        self.advance(now);
        std::mem::take(&mut self.posts.waiting)
    }

    /// What became of a post: the status and body of the answer, or none. Only status 200 with a
    /// `SendNotificationResult` counts as an answer.
    pub fn posted(&mut self, post: PostId, now: DateTime<Utc>, answer: Option<(u16, &[u8])>) {
        self.advance(now);
        let Some(key) = self.posts.unanswered.remove(&post) else { return };
        let answer = answer.filter(|(status, _)| *status == 200);
        let wait = match answer.and_then(|(_, body)| NotificationAnswer::read(body)) {
            Some(NotificationAnswer::Ok) => self.confirm(key),
            Some(NotificationAnswer::Unsubscribe) => None,
            None => self.retry(key),
        };
        match wait {
            Some(wait) => self.push_at(key, now + wait),
            None => {
                self.subscriptions.remove(key);
            }
        }
    }

    /// A new subscription's first post is due at once.
    pub(crate) fn start_push(&mut self, key: SubscriptionKey) {
        self.push_at(key, self.now);
    }

    /// Something happened in the room: events are due, unless the listener does not answer.
    pub(super) fn push_hears(&mut self, key: SubscriptionKey) {
        let at = self.now + self.notifying.gathering;
        let waits = self.untold_events(key).is_empty();
        let earlier = self.push_mut(key).is_some_and(|push| {
            push.under_way.is_none()
                && push.retried_after.is_none()
                && push.due_at.is_none_or(|due_at| at < due_at)
        });
        if earlier && !waits {
            self.push_at(key, at);
        }
    }

    /// Posts, if it is due.
    pub(super) fn push(&mut self, key: SubscriptionKey, at: DateTime<Utc>) {
        let due_at = self.push_mut(key).and_then(|push| push.due_at);
        if due_at.is_none_or(|due_at| at < due_at) {
            return;
        }
        let events = self.untold_events(key);
        let newest = self.room(key.0).map_or(0, |room| room.calendar.last_watermark());
        let id = PostId(self.posts.serial + 1);
        let Some(push) = self.push_mut(key) else { return };
        let page = events.get(..EVENTS_PER_POST).unwrap_or(&events);
        let reached = page.last().filter(|_| page.len() < events.len()).map_or(newest, |last| last.watermark);
        let (position, url) = (push.confirmed, push.url.clone());
        push.due_at = None;
        push.under_way = Some((id, reached));
        let body = send_notification(self, key, position, page, page.len() < events.len());
        self.posts.serial += 1;
        self.posts.unanswered.insert(id, key);
        self.posts.waiting.push(Post { id, url, body });
    }

    /// The listener has what was posted. How long until the next post.
    fn confirm(&mut self, key: SubscriptionKey) -> Option<Duration> {
        let push = self.push_mut(key)?;
        let (_, reached) = push.under_way.take()?;
        push.confirmed = reached;
        push.retried_after = None;
        let idle = push.status_frequency;
        Some(if self.untold_events(key).is_empty() { idle } else { Duration::zero() })
    }

    /// The listener did not answer. How long until the next attempt; none when it is given up.
    fn retry(&mut self, key: SubscriptionKey) -> Option<Duration> {
        let push = self.push_mut(key)?;
        push.under_way = None;
        let wait = push.next_retry()?;
        push.retried_after = Some(wait);
        Some(wait)
    }

    fn push_at(&mut self, key: SubscriptionKey, at: DateTime<Utc>) {
        if !self.profile.habits().pushes {
            return;
        }
        if let Some(push) = self.push_mut(key) {
            push.due_at = Some(at);
            self.schedule(at, Task::Push(key));
        }
    }

    fn push_mut(&mut self, key: SubscriptionKey) -> Option<&mut Push> {
        match &mut self.subscriptions.get_mut(key)?.delivery {
            Delivery::Push(push) => Some(push),
            _ => None,
        }
    }

    /// The events that a listener has not confirmed.
    fn untold_events(&self, key: SubscriptionKey) -> Vec<Event> {
        match self.subscriptions.get(key).map(|subscription| &subscription.delivery) {
            Some(Delivery::Push(push)) => self.events_for(key, push.confirmed),
            _ => Vec::new(),
        }
    }
}
