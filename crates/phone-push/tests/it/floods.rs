//! Devices that mean ill: what is taken from them is bounded, in bytes and in time.

use crate::{
    endpoints,
    raw::{Does, Raw, ok},
    sentence,
    stage::{QUICK, Stage, deliver_at_once},
    troubles::every_kind,
};
use insta::{allow_duplicates, assert_snapshot};
use phone_push::{DeviceKind, HttpSettings, Transport, Trust, reply};
use std::{fs, io::ErrorKind, time::Duration};
use sync_engine::Delivered;
use tokio::{
    io::AsyncWriteExt,
    net::TcpSocket,
    task::JoinHandle,
    time::{Instant, timeout},
};
use tokio_tungstenite::{
    accept_hdr_async,
    tungstenite::handshake::server::{Request, Response},
};

/// A device that hangs is given up, but not before it was connected to on a machine that does other things.
const A_SECOND: HttpSettings = HttpSettings { total_timeout: Duration::from_secs(1), ..QUICK };

/// By so much the whole process may have grown at its largest, in MB, with what other tests do beside.
const MOST_GROWTH: u64 = 64;

/// What this process had in RAM before somebody meant ill, in MB.
struct Memory(u64);

impl Memory {
    fn now() -> Self {
        Self(memory("VmRSS"))
    }

    /// Nor has it grown since, by more than is agreed.
    fn is_bounded(&self) {
        let grown = memory("VmHWM").saturating_sub(self.0);
        println!("{grown} MB more at most");
        assert!(grown < MOST_GROWTH, "{grown} MB more");
    }
}

/// What this process has in RAM at its most, or now, in MB.
fn memory(line: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|found| found.starts_with(line)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

fn sentences(delivered: &[Delivered]) -> String {
    delivered.iter().map(sentence).collect::<Vec<_>>().join("\n")
}

async fn told(kind: DeviceKind, settings: HttpSettings) -> Delivered {
    Stage::with(kind, settings).unwrap().deliver(None).await
}

#[tokio::test]
async fn devices_that_answer_without_end_are_cut_off() {
    let before = Memory::now();
    let flood = vec![b'x'; 1 << 16];
    for head in [
        b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n".as_slice(),
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<CiscoIPPhoneResponse>",
        b"HTTP/1.1 200 OK\r\nX-Flood: ",
    ] {
        let device = Raw::start(Does::Floods(head, flood.clone())).await;
        for kind in every_kind(device.port()).into_iter().take(4) {
            let is_hook = matches!(kind, DeviceKind::Webhook(_));
            let delivered = told(kind, HttpSettings::default()).await;
            // of a webhook's answer the status alone is of interest
            let is_bounded = matches!(delivered, Delivered::Failed { .. }) || is_hook;
            assert!(is_bounded, "{delivered:?}");
        }
    }
    before.is_bounded();
}

#[tokio::test]
async fn devices_that_answer_byte_by_byte_are_given_up_in_time() {
    let before = Memory::now();
    let in_header = Raw::start(Does::Drips(b"HTTP/1.1 200 OK\r\nX-Drip: ")).await;
    let in_body = Raw::start(Does::Drips(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<a>")).await;
    let devices =
        every_kind(in_header.port()).into_iter().chain(every_kind(in_body.port()).into_iter().take(2));
    let delivered = deliver_at_once(devices.map(|kind| (kind, QUICK))).await;
    assert_snapshot!(sentences(&delivered), @"
    phone `http://DEVICE`: no answer within 0.4 s: restart it if this stays
    endpoint `http://DEVICE`: no answer within 0.4 s: restart it if this stays
    endpoint `http://DEVICE`: no answer within 0.4 s: restart it if this stays
    webhook `http://DEVICE`: no answer within 0.4 s: look why the program that takes these posts does not answer
    broker `mqtt://DEVICE`: no answer within 0.4 s: look whether it answers others
    phone `http://DEVICE`: no answer within 0.4 s: restart it if this stays
    endpoint `http://DEVICE`: no answer within 0.4 s: restart it if this stays
    ");
    before.is_bounded();
}

/// What a broker says once it has taken us (MQTT 3.1.1 §3.2).
const CONNACK: &[u8] = b"\x20\x02\0\0";

#[tokio::test]
async fn a_broker_that_floods_is_given_up() {
    let before = Memory::now();
    let floods = [
        // PUBLISH of a megabyte that nobody asked for, and one that says that it has 256
        (QUICK, [b"\x30\xf3\xff\x3f\0\x01t".as_slice(), &vec![0; (1 << 20) - 16]].concat()),
        (HttpSettings::default(), b"\x30\xff\xff\xff\x7f".to_vec()),
        // PUBLISH that each want a PUBACK, which nobody reads
        (QUICK, b"\x32\x05\0\x01t\0\x01".repeat(8 << 10)),
        // PINGRESP
        (QUICK, b"\xd0\0".repeat(32 << 10)),
        // PINGREQ, which no broker sends
        (HttpSettings::default(), b"\xc0\0".repeat(32 << 10)),
    ];
    let (mut brokers, mut devices) = (Vec::new(), Vec::new());
    for (patience, flood) in floods {
        let broker = Raw::start(Does::Floods(CONNACK, flood)).await;
        devices.push((every_kind(broker.port()).into_iter().last().unwrap(), patience));
        brokers.push(broker);
    }
    let delivered = deliver_at_once(devices).await;
    assert_snapshot!(sentences(&delivered), @"
    broker `mqtt://DEVICE`: no answer within 0.4 s: look whether it answers others
    broker `mqtt://DEVICE`: the connection broke off: look whether it answers others (payload size limit exceeded: 268435455)
    broker `mqtt://DEVICE`: no answer within 0.4 s: look whether it answers others
    broker `mqtt://DEVICE`: no answer within 0.4 s: look whether it answers others
    broker `mqtt://DEVICE`: the connection broke off: look whether it answers others (Received a wrong packet while waiting for another packet)
    ");
    before.is_bounded();
}

/// An endpoint that opens a WebSocket and says this on it, again and again, and reads nothing. It ends when nobody listens.
async fn endpoint(head: &'static [u8], piece: Vec<u8>) -> (DeviceKind, JoinHandle<()>) {
    let socket = TcpSocket::new_v4().unwrap();
    // the system reads little in its place
    socket.set_recv_buffer_size(1 << 12).unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let saying = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        #[expect(clippy::result_large_err, reason = "the library says what is returned")]
        let taking = |request: &Request, mut response: Response| {
            let protocol = request.headers()["Sec-WebSocket-Protocol"].clone();
            response.headers_mut().insert("Sec-WebSocket-Protocol", protocol);
            Ok(response)
        };
        let mut stream = accept_hdr_async(stream, taking).await.unwrap().into_inner();
        let mut listens = stream.write_all(head).await;
        while listens.is_ok() {
            listens = stream.write_all(&piece).await;
        }
    });
    (endpoints::kind(&url, Transport::WebSocket, "open sesame", Trust::System), saying)
}

/// Frames (RFC 6455 §5.2): of this first byte, over and over.
fn frames(first: u8, payload: &[u8], times: usize) -> Vec<u8> {
    let length = u16::try_from(payload.len()).unwrap().to_be_bytes();
    [&[first, 126][..], &length, payload].concat().repeat(times)
}

#[tokio::test]
async fn an_endpoint_says_no_more_than_a_megabyte_at_once_on_its_web_socket() {
    let before = Memory::now();
    let patience = HttpSettings::default();
    for (head, piece) in [
        // a text that says that it has a megabyte and one byte, and one in parts that never ends
        (b"\x81\x7f\0\0\0\0\0\x10\0\x01".as_slice(), vec![b' '; 1 << 16]),
        (b"\x01\x01 ", frames(0, &[b' '; 1 << 14], 2)),
    ] {
        let (kind, saying) = endpoint(head, piece).await;
        let told = told(kind, patience).await;
        allow_duplicates! { assert_snapshot!(sentence(&told), @"endpoint `http://DEVICE`: the connection broke off: restart it if this stays (it was closed)"); }
        saying.await.unwrap();
    }
    before.is_bounded();
}

#[tokio::test]
async fn an_endpoint_that_talks_on_and_does_not_listen_is_left() {
    let before = Memory::now();
    // pings, which each want an answer
    let (kind, saying) = endpoint(b"", [b"\x89\x7d".as_slice(), &[0; 125]].concat().repeat(512)).await;
    assert_snapshot!(sentence(&told(kind, A_SECOND).await), @"endpoint `http://DEVICE`: no answer within 1 s: restart it if this stays");
    timeout(Duration::from_secs(20), saying).await.expect("nobody listens any more").unwrap();
    before.is_bounded();
}

#[tokio::test]
async fn an_endpoint_that_loses_its_list_all_the_time_is_heard_now_and_then() {
    let event = frames(0x81, br#"{"jsonrpc":"2.0","method":"xFeedback/Event","params":{}}"#, 1_000);
    let (kind, _saying) = endpoint(b"", event).await;
    let began = Instant::now();
    let mut stage = Stage::with(kind, A_SECOND).unwrap();
    assert!(matches!(stage.deliver(None).await, Delivered::Failed { .. }));
    let heard = std::iter::from_fn(|| stage.events.try_recv().ok()).count();
    let most = began.elapsed().as_millis() / 20 + 1;
    assert!((1..=most).contains(&heard.try_into().unwrap()), "{heard} times, {most} at most");
}

#[tokio::test]
async fn no_entity_of_a_device_is_expanded_or_fetched() {
    let before = Memory::now();
    let elsewhere = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let address = elsewhere.local_addr().unwrap();
    let lol = (0..10).fold(String::new(), |entities, n| {
        format!("{entities}<!ENTITY e{} \"{}\">", n + 1, format!("&e{n};").repeat(10))
    });
    for (declared, entity) in [
        (format!("[<!ENTITY e0 \"lol\">{lol}]"), "e10"),
        ("[<!ENTITY file SYSTEM \"file:///etc/passwd\">]".to_owned(), "file"),
        (format!("[<!ENTITY there SYSTEM \"http://{address}/\">]"), "there"),
        (format!("SYSTEM \"http://{address}/x.dtd\""), "there"),
    ] {
        let document =
            |root: &str| format!("<!DOCTYPE x {declared}>{}", root.replace('*', &format!("&{entity};")));
        let item = "<CiscoIPPhoneResponse><ResponseItem Status=\"1\" Data=\"*\">*</ResponseItem></CiscoIPPhoneResponse>";
        let phone = Raw::answering(&ok(&document(item))).await;
        let of_phone = sentence(&told(every_kind(phone.port()).into_iter().next().unwrap(), QUICK).await);
        let reason = "<Command><Result status=\"Error\"><Reason>a*b</Reason></Result></Command>";
        let of_endpoint = reply::of_endpoint(document(reason).as_bytes());
        allow_duplicates! { assert_snapshot!(format!("{of_phone}\n{of_endpoint}"), @r#"
        phone `http://DEVICE`: did not open the page, status 1, ``: check that its firmware supports XML services
        false, Ok(Err(Refused("ab"))), None
        "#); }
    }
    assert_eq!(elsewhere.accept().unwrap_err().kind(), ErrorKind::WouldBlock, "nobody asks there");
    before.is_bounded();
}
