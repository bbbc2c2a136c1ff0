//! Devices that were told to fetch their room's page, and have.

use crate::server::{Feed, Kept};
use chrono::{DateTime, Utc};
use meeting_model::id::Revision;
use std::sync::{Arc, OnceLock};

/// A device has fetched its room's page of today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// What it was told to call itself: `?device=`.
    pub device: String,
    /// The page is at least of this revision.
    pub rev: Revision,
    /// The page is of this moment.
    pub at: DateTime<Utc>,
}

/// Whoever wants to hear of it.
pub(crate) type Listener = Arc<OnceLock<Box<dyn Fn(&Fetched) + Send + Sync>>>;

impl Feed {
    /// The same, with somebody who hears which pages devices have fetched.
    #[must_use]
    pub fn heard_by(self, listener: impl Fn(&Fetched) + Send + Sync + 'static) -> Self {
        // Nobody but whoever made the feed can have said so before.
        let _ = self.shared().listener.set(Box::new(listener));
        self
    }
}

impl Kept {
    /// Tells whoever wants to hear of it.
    pub(crate) fn was_fetched(&self, fetched: &Fetched) {
        if let Some(listener) = self.listener.get() {
            listener(fetched);
        }
    }
}
