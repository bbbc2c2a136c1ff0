//! An MQTT broker on a loopback port, as far as a publisher needs one: CONNECT, PUBLISH, PINGREQ and DISCONNECT of MQTT 3.1.1.
//! It keeps what is retained.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

/// The longest packet that is read, in bytes.
const LONGEST_PACKET: usize = 4 << 20;

/// The messages that are retained, by their topics.
type Retained = BTreeMap<String, Vec<u8>>;

/// A broker being served. Dropping it ends the serving.
pub struct Broker {
    url: String,
    retained: watch::Sender<Retained>,
    _guard: DropGuard,
}

impl Broker {
    /// Serves a broker that takes everybody.
    ///
    /// # Errors
    ///
    /// When no port is free.
    pub async fn serve() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("mqtt://{}", listener.local_addr()?);
        let (retained, stop) = (watch::Sender::new(Retained::new()), CancellationToken::new());
        let serving = serve(listener, retained.clone(), stop.clone());
        tokio::spawn(stop.clone().run_until_cancelled_owned(serving));
        Ok(Self { url, retained, _guard: stop.drop_guard() })
    }

    /// Where it is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The retained message of a topic.
    pub fn retained(&self, topic: &str) -> Option<Vec<u8>> {
        self.retained.borrow().get(topic).cloned()
    }

    /// All retained messages, told anew with each.
    pub fn watch(&self) -> watch::Receiver<BTreeMap<String, Vec<u8>>> {
        self.retained.subscribe()
    }
}

async fn serve(listener: TcpListener, retained: watch::Sender<Retained>, stop: CancellationToken) {
    while let Ok((stream, _)) = listener.accept().await {
        let client = Arc::new(retained.clone());
        // a client that breaks off is none
        let serving = async move { drop(talk(stream, &client).await) };
        tokio::spawn(stop.clone().run_until_cancelled_owned(serving));
    }
}

async fn talk(mut stream: TcpStream, retained: &watch::Sender<Retained>) -> io::Result<()> {
    loop {
        let (kind, body) = packet(&mut stream).await?;
        match kind >> 4 {
            1 => stream.write_all(&[0x20, 2, 0, 0]).await?,
            3 => {
                let (topic, id, payload) = publish(kind, &body).ok_or(io::ErrorKind::InvalidData)?;
                if kind & 1 == 1 {
                    retained.send_modify(|retained| match payload {
                        [] => drop(retained.remove(&topic)),
                        payload => drop(retained.insert(topic, payload.to_vec())),
                    });
                }
                if let Some([high, low]) = id {
                    stream.write_all(&[0x40, 2, high, low]).await?;
                }
            }
            12 => stream.write_all(&[0xd0, 0]).await?,
            14 => return Ok(()),
            _ => return Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

/// The first byte and the body of a packet (MQTT 3.1.1 §2.2).
async fn packet(stream: &mut TcpStream) -> io::Result<(u8, Vec<u8>)> {
    let kind = stream.read_u8().await?;
    let mut length = 0_usize;
    for shift in [0, 7, 14, 21] {
        let byte = stream.read_u8().await?;
        length |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    if length > LONGEST_PACKET {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok((kind, body))
}

/// Topic, packet identifier where there is one, and message.
type Publish<'a> = (String, Option<[u8; 2]>, &'a [u8]);

/// Reads a PUBLISH (§3.3).
fn publish(kind: u8, body: &[u8]) -> Option<Publish<'_>> {
    let (length, rest) = body.split_first_chunk::<2>()?;
    let (topic, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    let topic = String::from_utf8(topic.to_vec()).ok()?;
    if kind & 0b110 == 0 {
        return Some((topic, None, rest));
    }
    let (id, message) = rest.split_first_chunk::<2>()?;
    Some((topic, Some(*id), message))
}
