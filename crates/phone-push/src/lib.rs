//! Adapters that deliver a room's meetings to its devices.
//!
//! [`PhonePush::deliver`] brings one device up to one [`Present`](meeting_model::display::Present) and tells the engine
//! how that ended. What differs from device to device is behind [`Adapter`](adapter::Adapter), one file each:
//! [`cisco_ip_phone`] today. [`error`] has what can go wrong by what to do about it, and [`outcome`] is the one place
//! that puts it into the engine's words.

pub mod adapter;
pub mod cisco_ip_phone;
pub mod error;
pub mod outcome;
pub mod push;

pub use error::{PushError, SetupError};
pub use push::{DeviceKind, DeviceTarget, HttpSettings, PhonePush};
