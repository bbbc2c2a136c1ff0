//! A device that shows the last present it was given, when it is on.

use chrono::TimeDelta;
use meeting_model::{
    display::{Displayed, Present},
    id::Revision,
};
use sync_engine::{Delivered, NotEmptied};

/// How long a device that is slow takes.
const SLOW: TimeDelta = TimeDelta::seconds(12);

/// A device that shows the last present it was given, when it is on.
#[derive(Debug, Default)]
pub(crate) struct Phone {
    pub(crate) off: bool,
    /// It does what it is told, so many times, and its answer is lost.
    pub(crate) mute: u32,
    /// It takes its time, so many times.
    pub(crate) slow: u32,
    pub(crate) shows: Vec<Displayed>,
    pub(crate) pushes: usize,
    /// The revision of what it has taken last, before it was started anew too.
    pub(crate) took: Option<Revision>,
}

impl Phone {
    /// Takes the present, as the adapters do: an equal one is not sent again. Says how that ended, and how long it took.
    pub(crate) fn take(&mut self, present: &Present, has: Option<&str>) -> (Delivered, TimeDelta) {
        let (rev, digest) = (present.rev, present.digest());
        let sent = has != Some(digest.as_str());
        let failed = |sentence: &str| Delivered::Failed { rev, wait: None, sentence: sentence.to_owned() };
        if sent && self.off {
            return (failed("the phone is off"), TimeDelta::zero());
        }
        self.took = Some(rev);
        if sent {
            self.pushes += 1;
            self.shows.clone_from(&present.meetings);
        }
        let after = if sent && counted(&mut self.slow) { SLOW } else { TimeDelta::zero() };
        if sent && counted(&mut self.mute) {
            return (failed("the phone did not answer"), after);
        }
        let next_change = present.next_change();
        (Delivered::Acknowledged { rev, digest, sent, answered: sent, next_change }, after)
    }

    /// Shows nothing any more.
    pub(crate) fn empty(&mut self) -> Result<(), NotEmptied> {
        if self.off {
            return Err(NotEmptied { wait: None, sentence: "the phone is off".to_owned() });
        }
        self.shows.clear();
        Ok(())
    }

    /// Is started anew, and so has forgotten what it showed.
    pub(crate) fn reboot(&mut self) {
        self.shows.clear();
    }
}

/// Counts one off, where there is one.
fn counted(times: &mut u32) -> bool {
    let fewer = times.checked_sub(1);
    *times = fewer.unwrap_or_default();
    fewer.is_some()
}
