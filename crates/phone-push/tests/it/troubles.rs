//! What the administrator reads of a device of every kind that does not do as it should.

use crate::{
    phones::phone_at,
    raw::{self, Does, Raw},
    sentence,
    stage::{QUICK, Stage, deliver_at_once},
};
use insta::assert_snapshot;
use phone_push::{Account, Broker, DeviceKind, Endpoint, Hook, HttpSettings, Transport, Trust};

fn account() -> Account {
    Account { username: "admin".to_owned(), password: "open sesame".into() }
}

/// A device of every kind that answers at this port.
pub(crate) fn every_kind(port: u16) -> [DeviceKind; 5] {
    let url = format!("http://127.0.0.1:{port}");
    let endpoint = |transport| {
        DeviceKind::RoomOs(Endpoint { url: url.clone(), account: account(), transport, trust: Trust::System })
    };
    [
        phone_at(&url),
        endpoint(Transport::Http),
        endpoint(Transport::WebSocket),
        DeviceKind::Webhook(Hook { url: url.clone(), secret: "open sesame".into(), trust: Trust::System }),
        DeviceKind::Mqtt(Broker {
            url: format!("mqtt://127.0.0.1:{port}"),
            topic: "rooms/berlin".to_owned(),
            account: Some(account()),
            trust: Trust::System,
        }),
    ]
}

/// What is read of a device of every kind that does this.
async fn read(does: Does) -> String {
    let device = Raw::start(does).await;
    sentences(device.port(), HttpSettings::default()).await
}

async fn sentences(port: u16, settings: HttpSettings) -> String {
    let delivered = deliver_at_once(every_kind(port).map(|kind| (kind, settings))).await;
    let read = delivered.iter().map(|delivered| {
        let sentence = sentence(delivered);
        // What the network says of it differs from time to time.
        sentence.split(" (").next().filter(|_| sentence.ends_with(')')).unwrap_or(&sentence).to_owned()
    });
    read.collect::<Vec<_>>().join("\n")
}

fn status(line: &str) -> Does {
    Does::Answers(format!("HTTP/1.1 {line}\r\nContent-Length: 0\r\n\r\n").into_bytes())
}

#[tokio::test]
async fn a_device_that_refuses_to_sign_us_in() {
    assert_snapshot!(read(status("401 Unauthorized")).await, @"
    phone `http://DEVICE`: refused our name and password: check them, check in CUCM that the user is associated with this device, and that the phone reaches its Authentication URL
    endpoint `http://DEVICE`: refused our name and password: check them, and that they are a local user's with the role Admin
    endpoint `http://DEVICE`: refused our name and password: check them, and that they are a local user's with the role Admin
    webhook `http://DEVICE`: refused the post: check `url`, and what it asks for besides the signature
    broker `mqtt://DEVICE`: expected an MQTT broker, found something else at its address: check `url`
    ");
    let refusing = Raw::start(Does::Answers(vec![0x20, 2, 0, 5])).await;
    let broker = every_kind(refusing.port()).into_iter().last().unwrap();
    assert_snapshot!(sentence(&Stage::of(broker).unwrap().deliver(None).await), @"broker `mqtt://DEVICE`: refused our name and password: check them, and that the broker lets them publish");
}

#[tokio::test]
async fn a_device_that_does_not_know_the_path() {
    assert_snapshot!(read(status("404 Not Found")).await, @r#"
    phone `http://DEVICE`: has no `/CGI/Execute`: enable `Web Access` for it in CUCM, and check that the address is a Cisco IP phone's
    endpoint `http://DEVICE`: has no `/putxml`: check that it is a video endpoint of Cisco's, and its NetworkServices HTTP Mode
    endpoint `http://DEVICE`: opens no WebSocket (status 404): set NetworkServices Websocket to FollowHTTPService, or configure `transport = "http"`
    webhook `http://DEVICE`: answers that there is nothing at this path: check `url`
    broker `mqtt://DEVICE`: expected an MQTT broker, found something else at its address: check `url`
    "#);
}

#[tokio::test]
async fn a_device_that_is_broken() {
    assert_snapshot!(read(status("500 Internal Server Error")).await, @r#"
    phone `http://DEVICE`: expected a CiscoIPPhoneResponse, found an error (status 500): check that the address is a Cisco IP phone's
    endpoint `http://DEVICE`: expected a Command, found an error (status 500): check that the address is a Cisco video endpoint's
    endpoint `http://DEVICE`: opens no WebSocket (status 500): set NetworkServices Websocket to FollowHTTPService, or configure `transport = "http"`
    webhook `http://DEVICE`: expected a status from 200 to 299, found an error (status 500): check that the address is the program's that takes these posts
    broker `mqtt://DEVICE`: expected an MQTT broker, found something else at its address: check `url`
    "#);
}

#[tokio::test]
async fn a_device_that_hangs() {
    let device = Raw::start(Does::Hangs).await;
    assert_snapshot!(sentences(device.port(), QUICK).await, @"
    phone `http://DEVICE`: no answer within 0.4 s: restart it if this stays
    endpoint `http://DEVICE`: no answer within 0.4 s: restart it if this stays
    endpoint `http://DEVICE`: no answer within 0.4 s: restart it if this stays
    webhook `http://DEVICE`: no answer within 0.4 s: look why the program that takes these posts does not answer
    broker `mqtt://DEVICE`: no answer within 0.4 s: look whether it answers others
    ");
}

#[tokio::test]
async fn a_device_that_resets_the_connection() {
    assert_snapshot!(read(Does::Resets).await, @"
    phone `http://DEVICE`: the connection broke off: restart it if this stays
    endpoint `http://DEVICE`: the connection broke off: restart it if this stays
    endpoint `http://DEVICE`: the connection broke off: restart it if this stays
    webhook `http://DEVICE`: the connection broke off: look why the program that takes these posts does not answer
    broker `mqtt://DEVICE`: the connection broke off: look whether it answers others
    ");
}

#[tokio::test]
async fn a_device_that_is_off() {
    let (_held, nobody) = raw::nobody();
    assert_snapshot!(sentences(nobody.port(), HttpSettings::default()).await, @"
    phone `http://DEVICE`: cannot connect: check its power, its network and its address
    endpoint `http://DEVICE`: cannot connect: check its power, its network and its address
    endpoint `http://DEVICE`: cannot connect: check its power, its network and its address
    webhook `http://DEVICE`: cannot connect: check that the program that takes these posts runs, and `url`
    broker `mqtt://DEVICE`: cannot connect: check that it runs, and `url`
    ");
}
