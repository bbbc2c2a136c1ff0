//! Bytes to and from Exchange.
//!
//! This crate is pure: no network, no clock, no `async`. It writes [`Request`]s, reads [`Reply`]s, and knows whole
//! conversations: [`ews::read::Read`] takes one reply after the other until it has read a room's calendar, and
//! [`ews::watch::Watch`] keeps a subscription. Whoever performs the requests (the subscriber, the simulation, a test)
//! does nothing but carry bytes.
//!
//! Reading is liberal, as real servers ask for: elements are known by their local names, in any order and under any
//! prefix; what is unknown is ignored; one bad item never loses the page. Believing is strict: a page that is cut off,
//! answers another operation or says less than it must is an [`Error`], never an empty calendar.

pub mod autodiscover;
pub mod calendar;
mod error;
pub mod ews;
mod http;
mod markup;
pub mod mask;
mod page;
mod pairs;
pub mod webdav;
mod xml;

pub use error::{Denied, Error, Problem, Refused, Unusable};
pub use http::{Method, Operation, Reply, Request, schemes};
