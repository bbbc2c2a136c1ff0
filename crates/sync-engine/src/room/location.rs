//! Where a room's web services are.

use super::{Room, Watch};
use exchange_wire::autodiscover::Found;
use serde::{Deserialize, Serialize};

/// Where a room's web services are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Location {
    /// Where its server's settings say.
    Configured,
    /// That is to be found out.
    Unknown,
    /// Where Autodiscover said.
    Found(Whereabouts),
    /// Autodiscover said so, and is to be asked again, as they may have moved.
    Doubted(Whereabouts),
}

/// Where web services are. Only rooms whose services lie together share a stream.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Whereabouts {
    /// Their address; absent: the one that is configured.
    pub(crate) url: Option<String>,
    /// The name of those that lie together at that address (`GroupingInformation`).
    group: Option<String>,
}

impl Location {
    /// At the beginning.
    pub(super) fn of(by_autodiscover: bool) -> Self {
        if by_autodiscover { Self::Unknown } else { Self::Configured }
    }
}

impl Room {
    /// Whether it is to be found out where its web services are, before they are asked.
    pub(super) fn must_be_located(&self) -> bool {
        matches!(self.location, Location::Unknown | Location::Doubted(_))
    }

    /// Where its web services are, as far as that is known.
    pub(crate) fn whereabouts(&self) -> Whereabouts {
        match &self.location {
            Location::Configured | Location::Unknown => Whereabouts::default(),
            Location::Found(whereabouts) | Location::Doubted(whereabouts) => whereabouts.clone(),
        }
    }

    /// Its web services were found. Where they were elsewhere before, it begins anew: says where that was.
    pub(crate) fn located(&mut self, found: Found) -> Option<Whereabouts> {
        let now = Whereabouts { url: Some(found.ews_url), group: found.group };
        let before = std::mem::replace(&mut self.location, Location::Found(now.clone()));
        self.blocked_until = None;
        match before {
            Location::Found(before) | Location::Doubted(before) if before != now => {
                self.opened = false;
                self.watch = Watch::None;
                Some(before)
            }
            _ => None,
        }
    }

    /// Its web services may have moved: it asks again where they are before it asks them anything.
    pub(crate) fn doubt_location(&mut self) {
        if let Location::Found(whereabouts) = &self.location {
            self.location = Location::Doubted(whereabouts.clone());
            self.opened = false;
        }
    }

    /// Nobody says where its web services are now: they are asked where they were.
    pub(crate) fn not_located(&mut self) {
        if let Location::Doubted(whereabouts) = &self.location {
            self.location = Location::Found(whereabouts.clone());
        }
    }
}
