//! A server on loopback that says what it is told to, and remembers what it heard.

use chrono::{DateTime, Utc};
use exchange_wire::{Operation, Request};
use meeting_model::id::ServerId;
use rcgen::{CertificateParams, Issuer, KeyPair};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};
use subscriber::{Account, Server, SignIn, Subscriber, Trust};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::TcpListener,
};
use tokio_rustls::{TlsAcceptor, rustls};

/// One request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    /// Counts connections from 1.
    pub(crate) connection: usize,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Heard {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let headers = self.head.lines().filter_map(|line| line.split_once(": "));
        headers.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }

    /// The `Authorization` header without what follows its scheme.
    pub(crate) fn scheme(&self) -> &str {
        self.header("Authorization").map_or("nothing", |value| value.split(' ').next().unwrap())
    }
}

/// What is done to the connection after a request.
pub(crate) enum Step {
    Say(Vec<u8>),
    /// The same again and again, as often as anybody takes it, with a pause between.
    Forever(Vec<u8>, Duration),
    Close,
    /// Nothing more is said, and the connection stays.
    Hang,
}

/// An answer with its length.
pub(crate) fn reply(status: &str, headers: &[&str], body: &str) -> Vec<Step> {
    let length = format!("Content-Length: {}", body.len());
    let head = [&[&format!("HTTP/1.1 {status}"), length.as_str()], headers].concat().join("\r\n");
    vec![Step::Say(format!("{head}\r\n\r\n{body}").into())]
}

type Heards = Arc<Mutex<Vec<Heard>>>;

/// A server that runs as long as the test.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    heard: Heards,
}

impl Running {
    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    pub(crate) fn schemes(&self) -> Vec<(usize, String)> {
        self.heard().iter().map(|heard| (heard.connection, heard.scheme().to_owned())).collect()
    }

    pub(crate) fn plain(&self) -> String {
        format!("http://127.0.0.1:{}/EWS/Exchange.asmx", self.address.port())
    }

    pub(crate) fn secure(&self) -> String {
        format!("https://localhost:{}/EWS/Exchange.asmx", self.address.port())
    }

    /// A sentence with this run's port as `PORT`.
    pub(crate) fn sentence(&self, sentence: &str) -> String {
        sentence.replace(&self.address.port().to_string(), "PORT")
    }
}

/// Starts a server, over TLS where there is a certificate.
pub(crate) async fn start(
    certified: Option<&Certified>,
    answer: impl Fn(&Heard) -> Vec<Step> + Send + Sync + 'static,
) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let heard = Heards::default();
    let (answer, all) = (Arc::new(answer), Arc::clone(&heard));
    let acceptor = certified.map(Certified::acceptor);
    tokio::spawn(async move {
        for connection in 1.. {
            let (stream, _) = listener.accept().await.unwrap();
            let (answer, heard, acceptor) = (Arc::clone(&answer), Arc::clone(&all), acceptor.clone());
            tokio::spawn(async move {
                match acceptor {
                    None => serve(stream, connection, &heard, &*answer).await,
                    Some(acceptor) => {
                        if let Ok(stream) = acceptor.accept(stream).await {
                            serve(stream, connection, &heard, &*answer).await;
                        }
                    }
                }
            });
        }
    });
    Running { address, heard }
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    connection: usize,
    all: &Heards,
    answer: &(dyn Fn(&Heard) -> Vec<Step> + Send + Sync),
) {
    let mut stream = BufReader::new(stream);
    while let Some(heard) = hear(&mut stream, connection).await {
        let steps = answer(&heard);
        all.lock().unwrap().push(heard);
        for step in steps {
            match step {
                Step::Say(bytes) => {
                    if stream.write_all(&bytes).await.is_err() || stream.flush().await.is_err() {
                        return;
                    }
                }
                Step::Forever(bytes, pause) => {
                    while stream.write_all(&bytes).await.is_ok() && stream.flush().await.is_ok() {
                        tokio::time::sleep(pause).await;
                    }
                    return;
                }
                Step::Close => return,
                Step::Hang => std::future::pending().await,
            }
        }
    }
}

async fn hear(stream: &mut (impl AsyncBufReadExt + Unpin), connection: usize) -> Option<Heard> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).await.ok()? == 0 {
            return None;
        }
    }
    let mut heard = Heard { connection, head, body: String::new() };
    let length = heard.header("Content-Length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    heard.body = String::from_utf8(body).unwrap();
    Some(heard)
}

/// A certificate, its key and who vouches for it.
pub(crate) struct Certified {
    pub(crate) certificate: rcgen::Certificate,
    key: KeyPair,
    pub(crate) authority: rcgen::Certificate,
}

impl Certified {
    /// A certificate for `localhost` by an authority of its own, after some change.
    pub(crate) fn new(change: impl FnOnce(&mut CertificateParams)) -> Self {
        let authority_key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.distinguished_name.push(rcgen::DnType::CommonName, "Example Root");
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let authority = params.self_signed(&authority_key).unwrap();
        let issuer = Issuer::new(params, authority_key);
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2090, 1, 1);
        change(&mut params);
        let certificate = params.signed_by(&key, &issuer).unwrap();
        Self { certificate, key, authority }
    }

    /// A certificate as `openssl req -x509` makes it: its own authority.
    pub(crate) fn self_signed() -> Self {
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.distinguished_name.push(rcgen::DnType::CommonName, "localhost");
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2090, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Self { authority: certificate.clone(), certificate, key }
    }

    /// Trust in its authority.
    pub(crate) fn trust(&self) -> Trust {
        Trust::SystemAnd(self.authority.der().to_vec())
    }

    pub(crate) fn key_pem(&self) -> String {
        self.key.serialize_pem()
    }

    fn acceptor(&self) -> TlsAcceptor {
        let key = rustls::pki_types::PrivateKeyDer::try_from(self.key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![self.certificate.der().clone()], key)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

pub(crate) fn hq() -> ServerId {
    ServerId::new("hq")
}

pub(crate) fn now() -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

pub(crate) fn account() -> Account {
    Account { username: "CORP\\svc-rooms".into(), password: "Pässw0rd!".into() }
}

/// A subscriber of one server, called `hq`.
pub(crate) fn subscriber(url: &str, sign_in: SignIn, trust: Trust) -> Subscriber {
    patient(url, sign_in, trust, Duration::from_secs(20))
}

/// The same, with so much patience for one answer.
pub(crate) fn patient(url: &str, sign_in: SignIn, trust: Trust, timeout: Duration) -> Subscriber {
    let server = Server { id: hq(), url: Some(url.into()), sign_in, trust, timeout };
    Subscriber::new([server], now()).unwrap()
}

pub(crate) fn request() -> Request {
    Request {
        operation: Operation::GetFolder,
        path: None,
        headers: vec![("Content-Type", "text/xml; charset=utf-8".into())],
        affinity: None,
        body: "<question/>".into(),
    }
}
