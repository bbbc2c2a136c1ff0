//! What is made of the words of devices, without a device: nothing else of a reader of replies can be seen from outside, and
//! these words come from whoever has the device's address.

use crate::{cisco_ip_phone, room_os, tms};

/// What a Cisco IP phone's reply is taken for: CiscoIPPhoneResponse, DeviceInformation, or a Digest challenge.
pub fn of_phone(body: &[u8]) -> String {
    cisco_ip_phone::made_of(body)
}

/// What a video endpoint's reply is taken for, XML of `/putxml` or JSON of its WebSocket.
pub fn of_endpoint(body: &[u8]) -> String {
    room_os::made_of(body)
}

/// What a PostEvent is taken for, by which endpoints in provisioning mode TMS ask us.
pub fn of_post_event(body: &[u8]) -> String {
    format!("{:?}", tms::Asking::parse(body))
}
