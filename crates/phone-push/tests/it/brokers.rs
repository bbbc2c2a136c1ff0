//! MQTT, against the stand-in and against Mosquitto, as Debian packages it.

use crate::{
    device, present, raw,
    stage::{Stage, at},
    withheld,
};
use meeting_model::display::Present;
use phone_push::{Account, Broker, DeviceKind, Trust};
use serde_json::Value;
use std::{
    fmt::Write,
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::Duration,
};
use sync_engine::Delivered;

fn stage(url: &str, password: Option<&str>) -> Stage {
    trusting(url, password, Trust::System)
}

fn trusting(url: &str, password: Option<&str>, trust: Trust) -> Stage {
    let account =
        password.map(|password| Account { username: "callboard".to_owned(), password: password.into() });
    let (url, topic) = (url.to_owned(), "rooms/berlin".to_owned());
    Stage::of(DeviceKind::Mqtt(Broker { url, topic, account, trust })).unwrap()
}

fn document(message: &[u8]) -> Value {
    serde_json::from_slice(message).unwrap()
}

#[tokio::test]
async fn a_room_s_meetings_are_retained_until_it_is_removed() {
    let broker = exchange_sim::server::Broker::serve().await.unwrap();
    let stage = stage(broker.url(), None);
    let delivered = stage.deliver(None).await;
    assert!(matches!(delivered, Delivered::Acknowledged { sent: true, .. }), "{delivered:?}");
    let retained = document(&broker.retained("rooms/berlin").unwrap());
    assert_eq!(
        (&retained["event"], &retained["meetings"][1]["title"]),
        (&Value::from("meetings"), &Value::from("Private meeting"))
    );
    assert_eq!(stage.push.empty(&device()).await, Ok(()));
    assert_eq!(broker.retained("rooms/berlin"), None);
}

/// A broker that ends with the test.
struct Mosquitto {
    process: Child,
    port: u16,
    log: mpsc::Receiver<String>,
    _folder: tempfile::TempDir,
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl Mosquitto {
    /// A broker of loopback for one user, or nothing where Mosquitto is not installed and need not be. With a certificate it speaks
    /// TLS alone.
    fn start(certificate: Option<&rcgen::CertifiedKey<rcgen::KeyPair>>) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let (passwords, config) = (folder.path().join("passwords"), folder.path().join("mosquitto.conf"));
        let made = Command::new("mosquitto_passwd")
            .args(["-b", "-c"])
            .arg(&passwords)
            .args(["callboard", "open sesame"])
            .output();
        if let Err(error) = made {
            assert!(std::env::var_os("CI").is_none(), "mosquitto: {error}");
            println!("skipped: no `mosquitto`: {error}");
            return None;
        }
        let port = raw::nobody().1.port();
        let user = std::env::var("USER").unwrap_or_else(|_| "root".to_owned());
        let mut text = format!(
            "listener {port} 127.0.0.1\nallow_anonymous false\npassword_file {}\nuser {user}\n",
            passwords.display()
        );
        if let Some(rcgen::CertifiedKey { cert, signing_key }) = certificate {
            for (key, pem) in [("certfile", cert.pem()), ("keyfile", signing_key.serialize_pem())] {
                let path = folder.path().join(key);
                fs::write(&path, pem).unwrap();
                writeln!(text, "{key} {}", path.display()).unwrap();
            }
        }
        fs::write(&config, text).unwrap();
        let broker = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin";
        let mut process = Command::new("mosquitto")
            .env("PATH", broker)
            .arg("-v")
            .arg("-c")
            .arg(&config)
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let said = BufReader::new(process.stderr.take().unwrap()).lines();
        let (tell, log) = mpsc::channel();
        // It goes on talking: somebody has to listen, or it stops.
        std::thread::spawn(move || said.map_while(Result::ok).for_each(|line| drop(tell.send(line))));
        let broker = Self { process, port, log, _folder: folder };
        broker.until("running");
        Some(broker)
    }

    /// Waits until its log says so.
    fn until(&self, says: &str) {
        while !self.log.recv_timeout(Duration::from_secs(20)).unwrap().contains(says) {}
    }

    fn url(&self) -> String {
        format!("mqtt://127.0.0.1:{}", self.port)
    }

    /// A client that prints whatever comes on these topics, one message a line.
    fn subscribe(&self, topic: &str, options: &[&str]) -> Command {
        let mut client = Command::new("mosquitto_sub");
        client.args([
            "-h",
            "127.0.0.1",
            "-p",
            &self.port.to_string(),
            "-u",
            "callboard",
            "-P",
            "open sesame",
            "-W",
            "20",
        ]);
        client.args(["-t", topic]).args(options).stdin(Stdio::null());
        client
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mosquitto_retains_what_a_room_shows() {
    let Some(broker) = Mosquitto::start(None) else { return };
    let stage = stage(&broker.url(), Some("open sesame"));
    let delivered = stage.deliver(None).await;
    let Delivered::Acknowledged { digest, sent: true, .. } = delivered else { panic!("{delivered:?}") };
    let late = broker.subscribe("rooms/berlin", &["-C", "1"]).output();
    let late = match late {
        Ok(late) => late,
        Err(error) if std::env::var_os("CI").is_some() => panic!("mosquitto_sub: {error}"),
        Err(error) => return println!("skipped: no `mosquitto_sub`: {error}"),
    };
    assert_eq!(
        document(&late.stdout)["meetings"][0]["title"],
        "R&D <weekly>",
        "whoever comes later has it, too"
    );

    let listening =
        broker.subscribe("rooms/+/reminder", &["-C", "1"]).stdout(Stdio::piped()).spawn().unwrap();
    broker.until("rooms/+/reminder");
    let now = at("2026-11-21T08:50:00Z");
    let present = Present { now, as_of: Some(now), ..present() };
    let since = Some(at("2026-11-21T08:00:00Z"));
    let reminded = stage.push.deliver(&device(), &present, &withheld(), Some(&digest), since).await;
    assert!(matches!(reminded, Delivered::Acknowledged { sent: false, .. }), "{reminded:?}");
    let reminder = listening.wait_with_output().unwrap();
    assert_eq!(document(&reminder.stdout)["reminder_of"], "a1");

    assert_eq!(stage.push.empty(&device()).await, Ok(()));
    let gone = broker.subscribe("rooms/berlin", &["-C", "1", "-W", "1"]).output().unwrap();
    assert_eq!(gone.stdout, b"", "nothing is retained any more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mosquitto_refuses_a_wrong_password() {
    let Some(broker) = Mosquitto::start(None) else { return };
    let delivered = stage(&broker.url(), Some("guess")).deliver(None).await;
    assert!(crate::sentence(&delivered).contains("refused our name and password"));
    drop(broker);
    let (_held, nobody) = raw::nobody();
    let delivered = stage(&format!("mqtt://{nobody}"), None).deliver(None).await;
    assert!(crate::sentence(&delivered).contains("cannot connect"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mosquitto_is_believed_with_a_certificate_that_is_trusted() {
    use sha2::{Digest, Sha256};
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let Some(broker) = Mosquitto::start(Some(&made)) else { return };
    let url = format!("mqtts://localhost:{}", broker.port);
    let pinned = Trust::Pinned(Sha256::digest(made.cert.der()).into());
    let authority = Trust::Authorities(made.cert.pem().into_bytes());
    for (trust, believed) in
        [(Trust::System, false), (Trust::Pinned([7; 32]), false), (pinned, true), (authority, true)]
    {
        match trusting(&url, Some("open sesame"), trust.clone()).deliver(None).await {
            Delivered::Acknowledged { sent: true, .. } => assert!(believed, "{trust:?}"),
            Delivered::Failed { sentence, .. } => {
                assert!(
                    !believed && sentence.contains("its certificate is not trusted"),
                    "{trust:?}: {sentence}"
                );
            }
            other => panic!("{other:?}"),
        }
    }
    let in_clear = stage(&format!("mqtt://localhost:{}", broker.port), Some("open sesame"));
    assert!(matches!(in_clear.deliver(None).await, Delivered::Failed { .. }), "it speaks TLS alone");
}
