//! What the program asks of the system for itself.

use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit};

/// Makes this process one that leaves no core dump and that no other process of its user can look into, for it holds the
/// password of every room's calendar; and one that may open as many files as the system allows it, which many distributions
/// set to 1,024 for programs that do not ask.
///
/// Where the system refuses either, the program runs all the same.
pub(crate) fn guard() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let undumped = setrlimit(Resource::Core, none);
    if let Err(error) = undumped.and(set_dumpable_behavior(DumpableBehavior::NotDumpable)) {
        tracing::warn!(%error, "core dumps cannot be turned off");
    }
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        tracing::debug!(%error, "the limit of open files stays");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::process::dumpable_behavior;

    #[test]
    fn a_guarded_process_leaves_no_core_dump_and_may_open_what_it_can() {
        guard();
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
        assert_eq!(getrlimit(Resource::Core).current, Some(0));
        let files = getrlimit(Resource::Nofile);
        assert_eq!(files.current, files.maximum);
    }
}
