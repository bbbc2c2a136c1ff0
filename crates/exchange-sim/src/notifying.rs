//! How a server tells of changes: where versions of Exchange differ, and what the schema leaves open.

mod manners;

use chrono::{DateTime, Duration, Utc};

pub use self::manners::StreamManners;

use crate::World;

/// Which namespace `Notification` and the ids of errors are in, inside a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotificationNamespace {
    /// That of the messages, as Exchange sends.
    Messages,
    /// That of the types, as the schema says.
    Types,
    /// That of the messages, but ids of errors are in none.
    MessagesButIds,
}

/// The prefix of the envelope that is pushed: those that servers were seen to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PushPrefix {
    /// `soap11`
    Soap11,
    /// `s`
    S,
    /// `soap`
    Soap,
}

impl PushPrefix {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Soap11 => "soap11",
            Self::S => "s",
            Self::Soap => "soap",
        }
    }
}

/// How the messages of a stream lie in HTTP chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Chunking {
    /// One message a chunk.
    Whole,
    /// Anyhow: a message over several chunks, the end of one and the start of the next in one.
    Anyhow,
}

/// How a server tells of changes. [`World::set_notifying`] makes it hold from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notifying {
    /// Whether there are pull subscriptions; where not, ErrorInvalidSubscriptionRequest.
    pub pull: bool,
    /// Whether there are push subscriptions; where not, ErrorInvalidSubscriptionRequest.
    pub push: bool,
    /// Whether there are streaming subscriptions (2010 SP1 and later).
    pub streaming: bool,
    /// Whether an account without full access may subscribe (2010 and later).
    pub delegates: bool,
    /// How many subscriptions a mailbox may have (`EWSMaxSubscriptions`).
    pub subscriptions_per_mailbox: usize,
    /// How many streams a budget may have open (`HangingConnectionLimit`).
    pub hanging_connections: usize,
    /// How many servers the mailboxes are spread over, in turn.
    pub servers: u32,
    /// How long a stream says nothing before it says that it lives; zero is never.
    #[serde(rename = "heartbeat_ms", with = "crate::milliseconds")]
    pub heartbeat: Duration,
    /// How long events gather before they are told together.
    #[serde(rename = "gathering_ms", with = "crate::milliseconds")]
    pub gathering: Duration,
    /// How long a streaming subscription lives without a connection.
    #[serde(rename = "idle_ms", with = "crate::milliseconds")]
    pub idle: Duration,
    /// The namespace inside streams.
    pub namespace: NotificationNamespace,
    /// The chunks of streams.
    pub chunking: Chunking,
    /// What streams say beside events.
    pub manners: StreamManners,
    /// The prefix of the envelope that is pushed.
    pub push_prefix: PushPrefix,
}

impl Default for Notifying {
    /// Exchange 2016 and later, on premises.
    fn default() -> Self {
        Self {
            pull: true,
            push: true,
            streaming: true,
            delegates: true,
            subscriptions_per_mailbox: 5000,
            hanging_connections: 10,
            servers: 1,
            heartbeat: Duration::seconds(45),
            gathering: Duration::zero(),
            idle: Duration::minutes(30),
            namespace: NotificationNamespace::Messages,
            chunking: Chunking::Anyhow,
            manners: StreamManners::exchange(),
            push_prefix: PushPrefix::Soap11,
        }
    }
}

impl Notifying {
    /// Exchange 2007: no streaming, no delegates, no throttling policies.
    pub fn exchange_2007() -> Self {
        Self { streaming: false, delegates: false, subscriptions_per_mailbox: usize::MAX, ..Self::default() }
    }

    /// Exchange 2013: fewer streams.
    pub fn exchange_2013() -> Self {
        Self { hanging_connections: 3, ..Self::default() }
    }

    /// When a stream that said something just now says that it lives.
    pub(crate) fn next_beat(self, now: DateTime<Utc>) -> DateTime<Utc> {
        if self.heartbeat > Duration::zero() { now + self.heartbeat } else { DateTime::<Utc>::MAX_UTC }
    }

    /// Whether it takes a kind of subscription at all, by the element that asks for it. Streaming ones it refuses as
    /// a schema does that does not know them yet.
    pub(crate) fn offers(self, element: &str) -> bool {
        match element {
            "PullSubscriptionRequest" => self.pull,
            "PushSubscriptionRequest" => self.push,
            _ => true,
        }
    }

    /// Whether a stream ends with one of its heartbeats.
    pub(crate) fn ends_by_beating(self) -> bool {
        self.manners.ends_by_beating && self.heartbeat > Duration::zero()
    }

    /// Exchange Online: fewer subscriptions.
    pub fn exchange_online() -> Self {
        Self { subscriptions_per_mailbox: 20, ..Self::default() }
    }

    /// The server that is not Exchange: it looks for events every five seconds.
    pub fn other() -> Self {
        Self {
            gathering: Duration::seconds(5),
            idle: Duration::minutes(5),
            namespace: NotificationNamespace::MessagesButIds,
            chunking: Chunking::Whole,
            manners: StreamManners::other(),
            ..Self::default()
        }
    }
}

impl World {
    /// Changes how the server tells of changes, from now on.
    pub fn set_notifying(&mut self, notifying: Notifying) {
        self.notifying = notifying;
    }

    /// Limits how many subscriptions a mailbox may have at a time.
    pub fn limit_subscriptions(&mut self, per_mailbox: usize) {
        self.notifying.subscriptions_per_mailbox = per_mailbox;
    }
}
