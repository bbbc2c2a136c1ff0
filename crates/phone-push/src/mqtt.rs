//! MQTT 3.1.1: what a room shows is the retained message of its topic, so that whoever subscribes has it at once. Reminders go
//! to the topic below, `{topic}/reminder`, and are not retained.
//!
//! Each delivery has a connection of its own, which ends when the broker has the message (QoS 1): there is nothing to keep
//! alive, and a broker that is gone costs nobody else anything.

use crate::{
    adapter::{Adapter, Errand, Showing, Taken, UnderWay},
    error::{Fault, Place, PushError, SetupError, Words},
    http, meetings_json,
    target::{Account, Broker, HttpSettings},
    tls::{NoCertificate, Tls},
};
use meeting_model::{display::Present, id::DeviceId};
use rumqttc::{
    AsyncClient, ConnectReturnCode, ConnectionError, Event, EventLoop, MqttOptions, NetworkOptions, Outgoing,
    Packet, QoS, StateError, TlsConfiguration, Transport, mqttbytes,
};
use rustls::ClientConfig;
use secrecy::ExposeSecret;
use std::{io::ErrorKind, sync::Arc, time::Duration};
use tokio::time::timeout;

const WORDS: Words = Words {
    what: "broker",
    away: "check that it runs, and `url`",
    silent: "look whether it answers others",
    sign_in: "refused our name and password: check them, and that the broker lets them publish",
    not_found: "",
    expected: "an MQTT broker",
    address_of: "an MQTT broker's",
};

/// The longest message that is sent, in bytes: three days with 500 meetings.
const LONGEST_MESSAGE: usize = 1 << 20;

/// How long a connection may take to end in good order. The message is there by then.
const FAREWELL: Duration = Duration::from_secs(1);

/// One topic.
pub(crate) struct Mqtt {
    place: Place,
    host: String,
    port: u16,
    client_id: String,
    topic: String,
    account: Option<Account>,
    tls: Option<Arc<ClientConfig>>,
    settings: HttpSettings,
}

impl Mqtt {
    /// A topic; `token` tells this client from every other.
    ///
    /// # Errors
    ///
    /// When the broker's address is not one, or what it should be trusted by is no certificate.
    pub(crate) fn new(
        device: &DeviceId,
        broker: Broker,
        token: &str,
        (tls, settings): (&Tls, HttpSettings),
    ) -> Result<Self, SetupError> {
        let like = "mqtt://broker.example.com:1883";
        let url = http::address(&broker.url, &["mqtt", "mqtts"])
            .ok_or_else(|| SetupError::DeviceUrl { device: device.clone(), like })?;
        let is_tls = url.scheme() == "mqtts";
        let no_certificate = |NoCertificate| SetupError::Certificates { device: device.clone() };
        let tls = is_tls.then(|| tls.config(&broker.trust)).transpose().map_err(no_certificate)?;
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let port = url.port().unwrap_or(if is_tls { 8883 } else { 1883 });
        Ok(Self {
            place: Place { words: &WORDS, address: format!("{}://{host}:{port}", url.scheme()) },
            host,
            port,
            // MQTT 3.1.1 §3.1.3.1: every broker takes 23 letters and digits
            client_id: format!("callboard{}", token.get(..14).unwrap_or(token)),
            topic: broker.topic,
            account: broker.account,
            tls,
            settings,
        })
    }

    fn options(&self) -> MqttOptions {
        let mut options = MqttOptions::new(&self.client_id, &self.host, self.port);
        options.set_max_packet_size(LONGEST_MESSAGE, LONGEST_MESSAGE).set_clean_session(true);
        if let Some(Account { username, password }) = &self.account {
            options.set_credentials(username, password.expose_secret());
        }
        if let Some(tls) = &self.tls {
            options.set_transport(Transport::tls_with_config(TlsConfiguration::Rustls(Arc::clone(tls))));
        }
        options
    }

    async fn publish(&self, topic: &str, retain: bool, payload: Vec<u8>) -> Result<(), PushError> {
        let (client, mut connection) = AsyncClient::new(self.options(), 4);
        let mut network = NetworkOptions::new();
        network.set_connection_timeout(self.settings.connect_timeout.as_secs().max(1));
        connection.set_network_options(network);
        // the queue has room for it
        let _ = client.publish(topic, QoS::AtLeastOnce, retain, payload).await;
        let published = timeout(self.settings.total_timeout, self.until_taken(&mut connection)).await;
        published.map_err(|_elapsed| self.place.error(Fault::TimedOut(self.settings.total_timeout)))??;
        let _ = client.disconnect().await;
        let ended = async {
            while !matches!(connection.poll().await, Ok(Event::Outgoing(Outgoing::Disconnect)) | Err(_)) {}
        };
        // the broker has the message either way
        let _ = timeout(FAREWELL, ended).await;
        Ok(())
    }

    async fn until_taken(&self, connection: &mut EventLoop) -> Result<(), PushError> {
        let mut connected = false;
        loop {
            match connection.poll().await {
                Ok(Event::Incoming(Packet::ConnAck(_))) => connected = true,
                Ok(Event::Incoming(Packet::PubAck(_))) => return Ok(()),
                Ok(_) => {}
                Err(error) => return Err(self.place.error(fault(error, connected, self.settings))),
            }
        }
    }
}

fn fault(error: ConnectionError, connected: bool, settings: HttpSettings) -> Fault {
    match error {
        ConnectionError::ConnectionRefused(
            ConnectReturnCode::BadUserNamePassword | ConnectReturnCode::NotAuthorized,
        ) => Fault::SignInRefused,
        ConnectionError::ConnectionRefused(code) => Fault::BrokerRefused(format!("`{code:?}`")),
        ConnectionError::NetworkTimeout | ConnectionError::FlushTimeout => {
            Fault::TimedOut(settings.connect_timeout)
        }
        ConnectionError::Tls(error) => Fault::Untrusted(Box::new(error)),
        error if connected => Fault::BrokenOff(Box::new(error)),
        error => match kind(&error) {
            Some(
                ErrorKind::ConnectionReset
                | ErrorKind::ConnectionAborted
                | ErrorKind::BrokenPipe
                | ErrorKind::UnexpectedEof,
            ) => Fault::BrokenOff(Box::new(error)),
            None | Some(ErrorKind::Other | ErrorKind::InvalidData) => Fault::NotABroker(Box::new(error)),
            Some(_) => Fault::Unreachable(Box::new(error)),
        },
    }
}

/// What the network said, where it was the network.
fn kind(error: &ConnectionError) -> Option<ErrorKind> {
    match error {
        ConnectionError::Io(error)
        | ConnectionError::MqttState(
            StateError::Io(error) | StateError::Deserialization(mqttbytes::Error::Io(error)),
        ) => Some(error.kind()),
        ConnectionError::MqttState(StateError::ConnectionAborted) => Some(ErrorKind::ConnectionAborted),
        _ => None,
    }
}

impl Adapter for Mqtt {
    fn showing(&self, present: &Present) -> Showing {
        meetings_json::showing(present)
    }

    fn deliver<'a>(&'a self, errand: Errand<'a>) -> UnderWay<'a, Taken> {
        Box::pin(async move {
            if !errand.has {
                self.publish(&self.topic, true, meetings_json::document(errand.present, None)).await?;
            }
            if errand.reminder.is_some() {
                let topic = format!("{}/reminder", self.topic);
                self.publish(&topic, false, meetings_json::document(errand.present, errand.reminder)).await?;
            }
            Ok(if errand.has { Taken::HasStill } else { Taken::Has })
        })
    }

    /// An empty retained message takes the one before away (MQTT 3.1.1 §3.3.1.3).
    fn empty(&self) -> UnderWay<'_, ()> {
        Box::pin(self.publish(&self.topic, true, Vec::new()))
    }
}
