//! Adapters that deliver a room's meetings to its devices.
//!
//! [`PhonePush::deliver`] brings one device up to one [`Present`](meeting_model::display::Present) and tells the engine
//! how that ended. What differs from device to device is behind the trait `Adapter`, one file for each
//! [`DeviceKind`]. `error.rs` has what can go wrong by what to do about it, and `outcome.rs` is the one place that puts
//! it into the engine's words.

mod adapter;
mod cisco_ip_phone;
mod error;
mod outcome;
mod push;

pub use error::SetupError;
pub use push::{DeviceKind, DeviceTarget, HttpSettings, PhonePush};
