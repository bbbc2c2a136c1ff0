//! What the daemon uses at one moment.

use std::{fs, path::Path, time::Duration};

/// One measurement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usage {
    /// After how long it was taken.
    pub(crate) at: Duration,
    /// Memory in RAM, bytes.
    pub(crate) memory: f64,
    /// Open file descriptors.
    pub(crate) descriptors: f64,
    /// Threads of the system.
    pub(crate) threads: f64,
    /// Tasks of the runtime.
    pub(crate) tasks: f64,
    /// The mirror with its log, bytes.
    pub(crate) database: f64,
}

/// A line of `/proc/PID/status`: bytes where it is in kB, else the number.
pub(crate) fn status(pid: u32, name: &str) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("Linux, and it runs");
    let line = status.lines().find(|line| line.starts_with(name)).expect("a line of this name");
    let number: f64 =
        line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number");
    if line.ends_with("kB") { number * 1024.0 } else { number }
}

/// One of the numbers that the daemon tells of itself.
pub(crate) fn metric(metrics: &str, name: &str) -> f64 {
    let mut values = metrics.lines().filter_map(|line| line.strip_prefix("callboard_")?.strip_prefix(name));
    values.find_map(|value| value.trim().parse().ok()).expect("it is told")
}

/// What a folder's files take together, in bytes.
#[expect(clippy::cast_precision_loss, reason = "no mirror has 2^53 bytes")]
pub(crate) fn size(folder: &Path) -> f64 {
    let files = fs::read_dir(folder).expect("the state directory").filter_map(Result::ok);
    files.filter_map(|file| file.metadata().ok()).map(|file| file.len()).sum::<u64>() as f64
}
