//! Waiting for what can be seen.

use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long anything may take that a test waits for: much more than it does on a slow machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Looks again and again until there is something to see, and hands it over.
///
/// # Panics
/// When that takes longer than [`PATIENCE`]; the panic says `what` was waited for.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        sleep(LOOK_EVERY).await;
    }
}
