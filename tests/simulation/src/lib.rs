//! The engine, the wire conversations, the model and the store against a stand-in world, in one thread, without tokio, under
//! simulated time. All choices come from one seed, so that the same seed and script give the same trace.
//!
//! Scripts are written by hand ([`Site`], [`Run`]):
//!
//! ```
//! # use simulation::Site;
//! let mut run = Site::new(7).rooms(&["berlin", "oslo"]).begin();
//! run.until_quiet();
//! assert_eq!(run.shown("berlin"), run.truth("berlin"));
//! ```
//!
//! or drawn from a seed, with somebody who looks on ([`scenario`], [`play()`]), and where something is found, made as short as it
//! can be ([`shrink`]):
//!
//! ```
//! # use simulation::{play, scenario::{Scenario, Size}};
//! let size = Size { days: 1, rooms: 2, ..Size::default() };
//! let played = play(&Scenario::of(1, size), false);
//! assert_eq!(played.violation, None);
//! ```

mod calendars;
pub mod campaign;
mod counts;
mod dice;
mod exchange;
mod lateness;
mod phone;
mod play;
mod run;
pub mod scenario;
pub mod shrink;
mod site;
mod trace;

pub use counts::Counts;
pub use play::{Played, play};
pub use run::{Line, Mishap, Run, Violation, When};
pub use site::{START, Site, add_room};
pub use trace::Trace;
