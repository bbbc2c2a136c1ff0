//! Cisco's video endpoints: RoomOS, CE and, by the older of two ways, TC.
//!
//! RoomOS xAPI, "Bookings". `xCommand Bookings Put` replaces the whole list; older firmware knows a private path in its place,
//! `POST /bookingsputxml`. Which one an endpoint knows is found out once and remembered. An endpoint forgets its list when it
//! restarts and says so (`SyncRequired`), by HttpFeedback or on its WebSocket; one whose word does not reach us is asked for its
//! list now and then.

mod commands;
mod reply;
mod web_socket;

use crate::{
    adapter::{Adapter, Errand, Showing, Taken, UnderWay},
    bookings::{
        self, Booking, Dialling,
        put::{self, Firmware},
        xml,
    },
    error::{Fault, Place, PushError, SetupError, Words},
    http::{Http, client, web_address},
    target::{Endpoint, HttpSettings, Transport},
    tls::{NoCertificate, Tls},
    xml::Element,
};
use chrono::{DateTime, TimeDelta, Utc};
use commands::Commands;
use meeting_model::{id::DeviceId, join::Dials};
use reply::Refusal;
use reqwest::{Client, Method, Url, header};
use secrecy::ExposeSecret;
use std::sync::{Mutex, PoisonError};
use sync_engine::Event;
use tokio::sync::mpsc::UnboundedSender;
use web_socket::WebSocket;

const WORDS: Words = Words {
    what: "endpoint",
    away: "check its power, its network and its address",
    silent: "restart it if this stays",
    sign_in: "refused our name and password: check them, and that they are a local user's with the role Admin",
    not_found: "has no `/putxml`: check that it is a video endpoint of Cisco's, and its NetworkServices HTTP Mode",
    expected: "a Command",
    address_of: "a Cisco video endpoint's",
};

/// An endpoint that was not heard of for so long is asked for its list: its word that it has lost it may have been lost.
const DOUBTED_AFTER: TimeDelta = TimeDelta::minutes(10);

/// What an endpoint's answer is taken for, posted and over a WebSocket.
pub(crate) fn made_of(body: &[u8]) -> String {
    let posted = Element::parse(body);
    let posted = posted.as_ref().map(|command| reply::of_command(command).map(reply::spans_of_element));
    let told = serde_json::from_slice::<serde_json::Value>(body).ok();
    let told = told.as_ref().map(|response| reply::of_response(response).map(reply::spans_of_value));
    format!("{}, {posted:?}, {told:?}", reply::is_sign_in_page(body))
}

/// One endpoint.
pub(crate) struct RoomOs {
    http: Http,
    base: Url,
    endpoint: Endpoint,
    commands: Commands,
    /// Where it calls back.
    callback: Option<Url>,
    learned: Mutex<Learned>,
}

/// What was found out of it since the program has started.
#[derive(Debug, Clone, Copy, Default)]
struct Learned {
    firmware: Option<Firmware>,
    way: Option<Way>,
    /// When it last had the list for certain.
    checked: Option<DateTime<Utc>>,
}

/// How it takes its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// `xCommand Bookings Put`.
    Put,
    /// `/bookingsputxml`.
    PutXml,
}

impl RoomOs {
    /// An endpoint that calls back at `callback`, or says what happens on its WebSocket.
    ///
    /// # Errors
    ///
    /// When its address is not one, or what it should be trusted by is no certificate.
    pub(crate) fn new(
        device: &DeviceId,
        endpoint: Endpoint,
        callback: Url,
        (tls, settings): (&Tls, HttpSettings),
        events: UnboundedSender<Event>,
    ) -> Result<Self, SetupError> {
        let like = "https://10.0.1.20";
        let base = web_address(&endpoint.url)
            .ok_or_else(|| SetupError::DeviceUrl { device: device.clone(), like })?;
        let tls = tls
            .config(&endpoint.trust)
            .map_err(|NoCertificate| SetupError::Certificates { device: device.clone() })?;
        let http: Client =
            client(settings).tls_backend_preconfigured((*tls).clone()).build().map_err(SetupError::Client)?;
        let place = Place { words: &WORDS, address: base.origin().ascii_serialization() };
        let (commands, callback) = match endpoint.transport {
            Transport::Http => (Commands::Http, Some(callback)),
            Transport::WebSocket => {
                let forgot = Event::Forgot { device: device.clone() };
                let socket =
                    WebSocket::new(place.clone(), base.clone(), endpoint.account.clone(), tls, settings);
                (Commands::WebSocket(Box::new(socket.telling(events, forgot))), None)
            }
        };
        let http = Http::new(http, place, settings);
        Ok(Self { http, base, endpoint, commands, callback, learned: Mutex::default() })
    }

    fn learned(&self) -> Learned {
        *self.learned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn learn(&self, change: impl FnOnce(&mut Learned)) {
        change(&mut self.learned.lock().unwrap_or_else(PoisonError::into_inner));
    }

    async fn bring(&self, errand: Errand<'_, Dialling>) -> Result<Taken, PushError> {
        let (dialling, now) = (errand.present, errand.present.present.now);
        let known = self.learned().firmware.filter(|_| !self.doubts(now));
        let firmware = match known {
            Some(firmware) => firmware,
            None => self.meet().await?,
        };
        let taken = if errand.has && self.still_has(dialling).await? {
            Taken::HasStill
        } else {
            self.put(dialling, firmware).await?;
            Taken::Has
        };
        self.learn(|learned| learned.checked = Some(now));
        Ok(taken)
    }

    /// Finds out which software it has, and has it call back.
    async fn meet(&self) -> Result<Firmware, PushError> {
        let firmware = Firmware::of_version(&self.commands.version(self).await?);
        self.commands.register(self).await?;
        self.learn(|learned| learned.firmware = Some(firmware));
        Ok(firmware)
    }

    /// Whether what it lists is what it was given: the same starts, of what has not ended.
    async fn still_has(&self, dialling: &Dialling) -> Result<bool, PushError> {
        let Ok(listed) = self.commands.list(self).await? else { return Ok(false) };
        let now = dialling.present.now;
        let listed = listed.into_iter().filter(|(_, end)| end.is_none_or(|end| end > now));
        let mut listed: Vec<_> = listed.map(|(start, _)| start).collect();
        let given = bookings::of_present(dialling, Dials::Links);
        let mut given: Vec<_> = given.iter().map(|booking| booking.start).collect();
        listed.sort_unstable();
        given.sort_unstable();
        Ok(listed == given)
    }

    /// Gives it the list by the way it knows, or by the first of both that it turns out to know.
    async fn put(&self, dialling: &Dialling, firmware: Firmware) -> Result<(), PushError> {
        let known = self.learned().way;
        if known != Some(Way::PutXml) {
            let list = bookings::of_present(dialling, firmware.dials());
            match self.commands.put(self, &put::payload(&list, firmware)).await? {
                Ok(()) => {
                    self.learn(|learned| learned.way = Some(Way::Put));
                    return Ok(());
                }
                Err(Refusal::Refused(why)) if known == Some(Way::Put) => {
                    return Err(self.http.place().error(Fault::Refused(why)));
                }
                // it may know the other way, or have changed its software
                Err(Refusal::Refused(_) | Refusal::Unknown) => {}
            }
        }
        self.put_xml(&bookings::of_present(dialling, Dials::Addresses)).await?;
        self.learn(|learned| learned.way = Some(Way::PutXml));
        Ok(())
    }

    async fn put_xml(&self, list: &[Booking]) -> Result<(), PushError> {
        let mut url = self.base.clone();
        url.set_path("/bookingsputxml");
        let request = self.http.request(Method::POST, url.clone());
        let account = &self.endpoint.account;
        let request = request
            .basic_auth(&account.username, Some(account.password.expose_secret()))
            .header(header::CONTENT_TYPE, "text/plain")
            .body(xml::set(list));
        let answer = self.http.ask(request).await?;
        match self.http.expect_success(answer, &url) {
            Ok(answer) if reply::is_sign_in_page(&answer.body) => {
                Err(self.http.place().error(Fault::SignInRefused))
            }
            Ok(_) => Ok(()),
            Err(PushError { fault: Fault::NotFound, .. }) => Err(self.http.place().error(Fault::NoBookings)),
            Err(error) => Err(error),
        }
    }
}

impl Adapter<Dialling> for RoomOs {
    /// What it is told depends on its software, which is not known before it was met: the digest is of all that it may be.
    fn showing(&self, dialling: &Dialling) -> Showing {
        let (digest, until) = bookings::showing(dialling, Dials::Links);
        Showing { digest, until: until.min(dialling.present.now + DOUBTED_AFTER) }
    }

    /// The endpoint reminds by itself.
    fn deliver<'a>(&'a self, errand: Errand<'a, Dialling>) -> UnderWay<'a, Taken> {
        Box::pin(self.bring(errand))
    }

    fn empty(&self) -> UnderWay<'_, ()> {
        Box::pin(async move {
            match self.learned().way {
                Some(Way::PutXml) => self.put_xml(&[]).await,
                Some(Way::Put) | None => {
                    match self.commands.put(self, &put::payload(&[], Firmware::Ce9)).await? {
                        Ok(()) => Ok(()),
                        Err(_) => self.put_xml(&[]).await,
                    }
                }
            }
        })
    }

    fn doubts(&self, now: DateTime<Utc>) -> bool {
        self.learned().checked.is_none_or(|checked| now - checked >= DOUBTED_AFTER || checked > now)
    }
}

/// For the sub-modules: who is spoken to.
impl RoomOs {
    fn http(&self) -> &Http {
        &self.http
    }

    fn path(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(path);
        url
    }
}

/// What an answer to a command comes to.
type Answered<T> = Result<Result<T, Refusal>, PushError>;
