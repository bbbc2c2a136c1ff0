//! Deliveries to devices of every kind: what goes over the wire, and what is made of the answer.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may stop, and says where it looks at nothing"
)]

mod brokers;
mod callbacks;
mod endpoints;
mod floods;
mod hooks;
mod hostile;
mod phones;
mod raw;
mod schemas;
mod stage;
mod troubles;

use stage::{device, present, sentence, withheld};
