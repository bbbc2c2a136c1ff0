//! Where a program listens that has to be told before it does.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    process,
    sync::atomic::{AtomicU16, Ordering},
};

/// An address of loopback that nobody listens on, nor will: a port of `127.0.0.1` that is free now is another test's by the
/// time the program has started, so each of these has an address of its own besides.
pub fn free_address() -> SocketAddr {
    static GIVEN: AtomicU16 = AtomicU16::new(0);
    let [third, fourth] = GIVEN.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    // tests of other processes go on at the same time
    let second = u8::try_from(2 + process::id() % 200).expect("it is below 202");
    let host = Ipv4Addr::new(127, second, third, fourth);
    let listener = TcpListener::bind((host, 0)).expect("a loopback port is free");
    listener.local_addr().expect("a listener has an address")
}
