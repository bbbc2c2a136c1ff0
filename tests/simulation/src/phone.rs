//! A device that shows the last present it was given, when it is on.

use chrono::{DateTime, Utc};
use meeting_model::display::Present;
use sync_engine::{Delivered, NotEmptied};

/// A device that shows the last present it was given, when it is on.
#[derive(Debug, Default)]
pub(crate) struct Phone {
    pub(crate) off: bool,
    pub(crate) shows: Vec<(DateTime<Utc>, DateTime<Utc>, String)>,
    pub(crate) pushes: usize,
}

impl Phone {
    /// Takes the present, as the adapters do: an equal one is not sent again.
    pub(crate) fn take(&mut self, present: &Present, has: Option<&str>) -> Delivered {
        let (rev, digest) = (present.rev, present.digest());
        let sent = has != Some(digest.as_str());
        if sent && self.off {
            return Delivered::Failed { rev, wait: None, sentence: "the phone is off".to_owned() };
        }
        if sent {
            self.pushes += 1;
            let meetings = present.meetings.iter();
            self.shows =
                meetings.map(|meeting| (meeting.start, meeting.end, meeting.title().to_owned())).collect();
        }
        Delivered::Acknowledged { rev, digest, sent, next_change: present.next_change() }
    }

    /// Shows nothing any more.
    pub(crate) fn empty(&mut self) -> Result<(), NotEmptied> {
        if self.off {
            return Err(NotEmptied { wait: None, sentence: "the phone is off".to_owned() });
        }
        self.shows.clear();
        Ok(())
    }
}
