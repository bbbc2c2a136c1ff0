//! The Exchange room-mailbox subscriber: connections, sign-in, TLS
