//! Operators who wait for an answer.

use control::RoomReport;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};
use sync_engine::Ticket;
use tokio::sync::mpsc::UnboundedSender;

/// Operators who wait for an answer, by ticket. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tickets(Arc<Mutex<Drawn>>);

#[derive(Debug, Default)]
struct Drawn {
    next: u64,
    waiting: BTreeMap<Ticket, UnboundedSender<RoomReport>>,
}

impl Tickets {
    /// Draws a ticket: its answer goes to `to`.
    pub(crate) fn draw(&self, to: UnboundedSender<RoomReport>) -> Ticket {
        let mut drawn = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let ticket = Ticket(drawn.next);
        drawn.next += 1;
        drawn.waiting.insert(ticket, to);
        ticket
    }

    /// Answers a ticket. Whoever drew it may have gone.
    pub(crate) fn answer(&self, ticket: Ticket, report: RoomReport) {
        let mut drawn = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(to) = drawn.waiting.remove(&ticket) {
            let _ = to.send(report);
        }
    }
}
