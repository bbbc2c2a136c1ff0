//! The engine, the wire conversations, the model and the store against a stand-in world, in one thread, without tokio, under
//! simulated time. All choices come from one seed, so that the same seed and script give the same trace.
//!
//! ```
//! # use simulation::Site;
//! let mut run = Site::new(7).rooms(&["berlin", "oslo"]).begin();
//! run.until_quiet();
//! assert_eq!(run.shown("berlin"), run.truth("berlin"));
//! ```

mod calendars;
mod exchange;
mod phone;
mod run;
mod site;
mod trace;

pub use run::{Line, Run};
pub use site::{START, Site, add_room};
pub use trace::Trace;
