//! Whoever does what administrators ask for on the pages.

use control::{Message, Request};
use tokio::sync::mpsc;

/// Does what administrators ask for: what the control socket does for the commands.
pub trait Operator: Send + Sync + 'static {
    /// Asks. What is told comes as it becomes known; the channel closes behind the last line.
    fn ask(&self, request: Request) -> mpsc::UnboundedReceiver<Message>;
}
