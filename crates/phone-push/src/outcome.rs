//! How a delivery ended, in the engine's words.

use crate::error::PushError;
use meeting_model::display::Present;
use std::error::Error;
use sync_engine::{Delivered, NotEmptied};

/// The device has the present.
pub(crate) fn acknowledged(present: &Present, digest: String, sent: bool) -> Delivered {
    Delivered::Acknowledged { rev: present.rev, digest, sent, next_change: present.next_change() }
}

/// The device does not have it.
pub(crate) fn failed(present: &Present, error: &PushError) -> Delivered {
    Delivered::Failed { rev: present.rev, wait: error.wait(), sentence: sentence(error) }
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
