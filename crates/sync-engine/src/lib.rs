//! Events in, actions out: the machines that keep every room in step
