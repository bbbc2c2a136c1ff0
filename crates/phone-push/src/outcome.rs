//! How a delivery ended, in the engine's words.

use crate::{
    adapter::{Showing, Taken},
    error::PushError,
};
use chrono::{DateTime, Utc};
use meeting_model::display::Present;
use std::error::Error;
use sync_engine::{Delivered, NotEmptied, Page};

/// What became of a delivery. `next` is when to look again though nothing is committed.
pub(crate) fn delivered(
    present: &Present,
    Showing { digest, .. }: Showing,
    next_change: DateTime<Utc>,
    taken: Result<Taken, PushError>,
) -> Delivered {
    let rev = present.rev;
    let answered = matches!(taken, Ok(Taken::HasStill | Taken::Has | Taken::Told(_)));
    match taken {
        Ok(has @ (Taken::Had | Taken::HasStill | Taken::Has)) => {
            Delivered::Acknowledged { rev, digest, sent: has == Taken::Has, answered, next_change }
        }
        Ok(Taken::Told(unfetched) | Taken::Offered(unfetched)) => {
            let page = Page { rev, at: present.now };
            Delivered::Told { page, digest, next_change, answered, unfetched }
        }
        Err(error) => Delivered::Failed { rev, wait: error.wait(), sentence: sentence(&error) },
    }
}

/// The device still shows something of ours.
pub(crate) fn not_emptied(error: &PushError) -> NotEmptied {
    NotEmptied { wait: error.wait(), sentence: sentence(error) }
}

/// The error's own sentence, and what the network said at the bottom of it.
fn sentence(error: &PushError) -> String {
    match std::iter::successors(error.source(), |&cause| cause.source()).last() {
        Some(cause) => format!("{error} ({cause})"),
        None => error.to_string(),
    }
}
