//! Adapters that deliver a room's meetings to its devices.
//!
//! [`PhonePush::deliver`] brings one device up to one [`Present`](meeting_model::display::Present) and tells the engine
//! how that ended. What differs from device to device is behind the trait `Adapter`, one file for each [`DeviceKind`]:
//!
//! | kind | how it is told |
//! |---|---|
//! | [`DeviceKind::CiscoIpPhone`] | `POST /CGI/Execute` has the phone fetch its room's page from the feed |
//! | [`DeviceKind::RoomOs`] | `xCommand Bookings Put`, or `/bookingsputxml` where that is all it knows |
//! | [`DeviceKind::Tms`] | it asks us, and is answered by SOAP |
//! | [`DeviceKind::Webhook`] | a POST of JSON, signed |
//! | [`DeviceKind::Mqtt`] | a retained message |
//!
//! [`Callbacks`] are the routes that devices call back on. `error.rs` has what can go wrong by what to do about it, and
//! `outcome.rs` is the one place that puts it into the engine's words.

mod adapter;
mod bookings;
mod callbacks;
mod cisco_ip_phone;
mod error;
mod http;
mod meetings_json;
mod mqtt;
mod outcome;
mod push;
pub mod reply;
mod room_os;
mod target;
mod tls;
mod tms;
mod webhook;
mod xml;

pub use callbacks::Callbacks;
pub use cisco_ip_phone::phone_name;
pub use error::SetupError;
pub use push::{PhonePush, Rehearsed, Setup};
pub use target::{
    Account, Broker, DeviceKind, DeviceTarget, Endpoint, Hook, HttpSettings, Phone, PhoneSignIn, Poller,
    Transport, Trust,
};
