//! Read-only HTTP over what may be displayed
