//! An engine that was written down goes on where it was.

use super::Engine;
use crate::settings::Site;

impl Engine {
    /// Gives an engine that was read back what the site says of its rooms, which is not written down with it: the site that it was
    /// told of last. Absent where that does not name one of its rooms.
    pub fn resume(mut self, mut site: Site) -> Option<Self> {
        for (id, room) in &mut self.rooms {
            room.plan = site.rooms.remove(id)?;
        }
        Some(self)
    }
}
