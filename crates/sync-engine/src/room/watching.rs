//! How a room hears of changes.

use super::{Doing, Need, Room, SPREAD};
use crate::{back_off::Dice, next_step::NextStep, settings::ServerSettings, stream::StreamId};
use chrono::{DateTime, Utc};
use exchange_wire::{
    calendar::Watch as Subscription,
    ews::{Group, get_folder::Probe, subscribe::Kind},
    webdav::{CallBack, notify::Notice},
};
use meeting_model::clock::Now;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long Exchange keeps a pull subscription that nobody asks: long enough for a restart, short enough not to fill the
/// account's limit with what crashed programs left behind.
const KEPT_UNASKED: Duration = Duration::from_mins(40);

/// How often a server that pushes sends word though nothing has happened.
const STATUS_FREQUENCY: Duration = Duration::from_mins(5);

/// A push subscription is lost when nothing was heard for this long. A server that found us deaf tries again for as long as
/// its status frequency, and then gives up.
const PUSH_SILENCE: Duration = Duration::from_mins(10);

/// How often a room is looked at where no subscription tells of changes.
const PROBE_EVERY: Duration = Duration::from_mins(1);

/// How long the best way of hearing of changes is left alone after it was refused.
const BETTER_WAY_AFTER: Duration = Duration::from_hours(1);

/// How often word from nobody knows whom makes a subscription be asked before its time, at the most.
const HEED_WORD_EVERY: Duration = Duration::from_secs(5);

/// How a room hears of changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Watch {
    /// It does not.
    None,
    /// By asking a pull subscription; a better way is tried again at some time, where it was refused, and the subscription
    /// is renewed, where it can be. Where it sends word, that is a reason to ask at once.
    Pull {
        subscription: Subscription,
        ask_at: Duration,
        better_at: Option<Duration>,
        renew_at: Option<Duration>,
        word: Option<Word>,
    },
    /// By what the server sends to our listener.
    Push { subscription: Subscription, token: String, heard_at: Duration, renew_at: Duration },
    /// On the connection of its group, while it stands.
    Stream { subscription: Subscription, stream: StreamId, live: bool },
    /// By looking every now and then, as its server refuses subscriptions; asked for one again at this time.
    Refused { again_at: Duration },
}

/// Word that a subscription sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Word {
    /// The path of our listener that it is sent to.
    token: String,
    /// From when on it is heeded again.
    heeded_from: Duration,
}

/// What tells a room of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToldBy {
    /// A connection that its server tells on.
    Streaming,
    /// What its server sends to our listener.
    Push,
    /// A subscription that is asked.
    Pull,
    /// A look at its folder every minute, as there is no subscription or its connection is down.
    Looking,
}

/// The way in which a subscription is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Way {
    Pull,
    /// By asking, and by word that there is something to ask for.
    Word {
        url: String,
        token: String,
    },
    Push {
        url: String,
        token: String,
    },
    Stream {
        stream: StreamId,
        group: Group,
    },
}

impl Way {
    /// The kind of subscription to ask for.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Pull | Self::Word { .. } => Kind::Pull { timeout: KEPT_UNASKED },
            Self::Push { url, .. } => Kind::Push { url: url.clone(), status_frequency: STATUS_FREQUENCY },
            Self::Stream { .. } => Kind::Streaming,
        }
    }

    /// The group it belongs to.
    pub(crate) fn group(&self) -> Option<Group> {
        match self {
            Self::Stream { group, .. } => Some(group.clone()),
            Self::Pull | Self::Word { .. } | Self::Push { .. } => None,
        }
    }

    /// Where word of it is to be sent.
    pub(crate) fn call_back(&self) -> Option<CallBack> {
        match self {
            Self::Word { url, .. } => Some(CallBack::new(url.clone())),
            Self::Pull | Self::Push { .. } | Self::Stream { .. } => None,
        }
    }
}

impl Room {
    /// What tells it of changes; nothing before it has subscribed.
    pub fn told_by(&self) -> Option<ToldBy> {
        match self.watch {
            Watch::None => None,
            Watch::Stream { live: true, .. } => Some(ToldBy::Streaming),
            Watch::Push { .. } => Some(ToldBy::Push),
            Watch::Pull { .. } => Some(ToldBy::Pull),
            Watch::Stream { live: false, .. } | Watch::Refused { .. } => Some(ToldBy::Looking),
        }
    }

    /// Whether it needs a subscription now.
    pub(super) fn needs_subscription(&self, now: Duration) -> bool {
        match self.watch {
            Watch::None => true,
            Watch::Refused { again_at } => again_at <= now,
            Watch::Pull { better_at, .. } => better_at.is_some_and(|at| at <= now),
            Watch::Push { renew_at, heard_at, .. } => renew_at.min(heard_at + PUSH_SILENCE) <= now,
            Watch::Stream { .. } => false,
        }
    }

    /// Whether nothing tells it of changes, so that it must look for itself.
    pub(super) fn must_look(&self) -> bool {
        matches!(self.watch, Watch::Refused { .. } | Watch::Stream { live: false, .. })
    }

    /// When it wants something because of its subscription.
    pub(super) fn next_of_watch(&self) -> Option<Duration> {
        let due = match self.watch {
            Watch::None | Watch::Stream { .. } => None,
            Watch::Pull { ask_at, better_at, renew_at, .. } => {
                better_at.into_iter().chain(renew_at).chain([ask_at]).min()
            }
            Watch::Push { renew_at, heard_at, .. } => Some(renew_at.min(heard_at + PUSH_SILENCE)),
            Watch::Refused { again_at } => Some(again_at),
        };
        due.into_iter().chain(self.must_look().then_some(self.look_at)).min()
    }

    /// Whether it hears of changes by asking.
    pub(crate) fn asks(&self) -> bool {
        matches!(self.watch, Watch::Pull { .. })
    }

    /// Whether a subscription is what it needs now.
    pub(crate) fn wants_subscription(&self, now: Now) -> bool {
        self.need(now) == Some(Need::Subscribe)
    }

    /// Whether a refused streaming subscription is no accident: a server that knows none has many words for it.
    pub(crate) fn cannot_stream(&self, step: NextStep) -> bool {
        step == NextStep::DoWithoutSubscription || (step == NextStep::BackOff && self.failures > 0)
    }

    /// Whether the best way to hear of changes was refused not long ago.
    pub(crate) fn makes_do(&self, now: Duration) -> bool {
        self.make_do_until.is_some_and(|until| now < until)
    }

    /// The best way to hear of changes is refused: it makes do with asking, for now.
    pub(crate) fn make_do(&mut self, now: Duration) {
        self.make_do_until = Some(now + BETTER_WAY_AFTER);
        self.watch = Watch::None;
    }

    /// It has a subscription.
    pub(super) fn subscribed(
        &mut self,
        subscription: Subscription,
        way: Way,
        server: &ServerSettings,
        pull_interval: Duration,
        now: Duration,
        dice: &mut Dice,
    ) {
        self.watch = match way {
            Way::Pull | Way::Word { .. } => {
                // rooms that subscribe together are not asked together
                let ask_at = now + dice.shorten(pull_interval, 2);
                let renew_at = renewal_of(&subscription, now, dice);
                let word = match way {
                    Way::Word { token, .. } => Some(Word { token, heeded_from: now }),
                    _ => None,
                };
                Watch::Pull { subscription, ask_at, better_at: self.make_do_until, renew_at, word }
            }
            Way::Push { token, .. } => {
                let renew_at = now + dice.shorten(server.renew_every, 4);
                Watch::Push { subscription, token, heard_at: now, renew_at }
            }
            Way::Stream { stream, .. } => Watch::Stream { subscription, stream, live: false },
        };
        self.look_at = now + dice.shorten(PROBE_EVERY, 4);
        // what happened before the subscription stood is found by a read after it
        self.change_at = Some(now);
    }

    /// Somebody says that its subscription has something to tell: it is asked before its time, but not more often than is good.
    pub(crate) fn noticed(&mut self, notice: &Notice, now: Duration) {
        let Watch::Pull { subscription, ask_at, word: Some(word), .. } = &mut self.watch else { return };
        let of_another = !notice.ids.is_empty() && !notice.ids.iter().any(|id| id == subscription.id());
        let elsewhere =
            matches!((&notice.group, subscription.group()), (Some(said), Some(own)) if said != own);
        let at = word.heeded_from.max(now);
        if !of_another && !elsewhere && at < *ask_at {
            *ask_at = at;
            word.heeded_from = at + HEED_WORD_EVERY;
        }
    }

    /// Its subscription lives on.
    pub(super) fn renewed(&mut self, renewed: Subscription, now: Duration, dice: &mut Dice) {
        if let Watch::Pull { subscription, renew_at, .. } = &mut self.watch {
            *renew_at = renewal_of(&renewed, now, dice);
            *subscription = renewed;
        }
    }

    /// The connection of its group stands: what happened before is found by a read, not by all rooms in one moment.
    pub(crate) fn stream_stands(&mut self, now: Duration, dice: &mut Dice) {
        if let Watch::Stream { live, .. } = &mut self.watch {
            *live = true;
            self.told_of_change_at(now + dice.shorten(SPREAD, 1));
        }
    }

    /// The connection of its group is lost.
    pub(crate) fn stream_fell(&mut self, now: Duration, dice: &mut Dice) {
        if let Watch::Stream { live, .. } = &mut self.watch {
            *live = false;
            self.look_at = now + dice.shorten(PROBE_EVERY, 2);
        }
    }

    /// Its subscription tells of a change. It is read at once; what is told of shortly afterwards is read together.
    pub(crate) fn told_of_change(&mut self, now: Duration) {
        self.told_of_change_at(self.gathering.due(now));
    }

    /// Whether it could be read for changes now.
    pub(crate) fn can_look(&self, now: Duration) -> bool {
        let blocked = self.blocked_until.is_some_and(|until| now < until);
        matches!(self.doing, Doing::Nothing) && !self.given_up && !self.passive && !blocked
    }

    /// It is to be read for changes now.
    pub(crate) fn look_now(&mut self, now: Duration) {
        self.told_of_change_at(now);
    }

    /// It is to be read for changes at this time, or before.
    pub(super) fn told_of_change_at(&mut self, at: Duration) {
        self.change_at = Some(self.change_at.map_or(at, |pending| pending.min(at)));
    }

    /// Its subscription says that nothing else has happened until now: so the mirror is true until now.
    pub(crate) fn told_of_nothing(&mut self, wall: DateTime<Utc>) {
        let quiet = matches!(self.doing, Doing::Nothing) && self.change_at.is_none();
        if quiet && self.cursor.is_some() && self.second_look_at.is_none() && self.as_of().is_some() {
            self.as_of.note(Some(wall));
        }
    }

    /// The server has sent word to our listener.
    pub(crate) fn pushed(&mut self, changed: bool, now: Duration) {
        if let Watch::Push { heard_at, .. } = &mut self.watch {
            *heard_at = now;
        }
        if changed {
            self.told_of_change(now);
        }
    }

    /// Whether a notification with this subscription's id is meant for it: the id is not known while the subscription is
    /// being asked for, and a server sends word at once.
    pub(crate) fn expects_push(&self, token: &str, id: &str) -> bool {
        match &self.watch {
            Watch::Push { subscription, token: own, .. } if own == token => subscription.id() == id,
            _ => self.is_asking_for_push(token),
        }
    }

    /// The server has ended the push subscription on this path: another is taken.
    pub(crate) fn lose_push(&mut self, path: &str, now: Duration) {
        if self.push_path() == Some(path) {
            self.watch = Watch::None;
            self.told_of_change(now);
        }
    }

    /// The path of our listener that its subscription sends what it has to tell to, or word of it.
    pub(crate) fn push_path(&self) -> Option<&str> {
        match &self.watch {
            Watch::Push { token, .. } | Watch::Pull { word: Some(Word { token, .. }), .. } => Some(token),
            _ => None,
        }
    }

    /// The stream that its subscription belongs to, and the subscription's id.
    pub(crate) fn place_in_stream(&self) -> Option<(StreamId, &str)> {
        match &self.watch {
            Watch::Stream { stream, subscription, .. } => Some((*stream, subscription.id())),
            _ => None,
        }
    }

    /// Its present subscription.
    pub(super) fn subscription(&self) -> Option<&Subscription> {
        match &self.watch {
            Watch::Pull { subscription, .. }
            | Watch::Push { subscription, .. }
            | Watch::Stream { subscription, .. } => Some(subscription),
            Watch::None | Watch::Refused { .. } => None,
        }
    }

    /// Its subscription, to be given back.
    pub(crate) fn take_subscription(&mut self) -> Option<Subscription> {
        let subscription = self.subscription().cloned();
        self.watch = Watch::None;
        subscription
    }

    /// It has looked at its folder.
    pub(super) fn looked(&mut self, probe: Probe, asked: DateTime<Utc>, now: Duration, dice: &mut Dice) {
        self.look_at = now + dice.shorten(PROBE_EVERY, 4);
        if self.probe.replace(probe).is_some_and(|before| probe.is_unchanged_since(&before)) {
            self.told_of_nothing(asked);
        } else {
            self.told_of_change(now);
        }
    }
}

/// When a subscription is to be renewed, if ever. Rooms that subscribe together are not renewed together.
fn renewal_of(subscription: &Subscription, now: Duration, dice: &mut Dice) -> Option<Duration> {
    Some(now + dice.shorten(subscription.renew_within()?, 20))
}
