//! The devices, by their names.

use crate::{
    adapter::{Adapter, Errand, Showing, Taken},
    bookings::Dialling,
    callbacks::Callers,
    cisco_ip_phone::CiscoIpPhone,
    error::{Fault, Place, PushError, SetupError, Words},
    http::{below, client, web_address},
    mqtt::Mqtt,
    outcome,
    room_os::RoomOs,
    target::{DeviceKind, DeviceTarget, HttpSettings, PhoneSignIn},
    tls::Tls,
    tms::Tms,
    webhook::Webhook,
};
use chrono::{DateTime, Utc};
use meeting_model::{
    display::{Displayed, Present},
    id::DeviceId,
    withheld::Withheld,
};
use reqwest::{Client, Url};
use std::{collections::BTreeMap, sync::Arc};
use sync_engine::{Delivered, Event, NotEmptied, timetable::Reminders};
use tokio::sync::mpsc::UnboundedSender;

/// What all devices have in common.
pub struct Setup<'a> {
    /// Where devices reach the feed and the [`Callbacks`](crate::Callbacks).
    pub public_url: &'a str,
    /// How long devices may take.
    pub http: HttpSettings,
    /// What a device is called in addresses that it is told: nobody can guess it, and it stays the same.
    pub token: &'a dyn Fn(&DeviceId) -> String,
    /// Told of devices that may have lost what they had.
    pub events: UnboundedSender<Event>,
}

/// The devices of all rooms.
pub struct PhonePush {
    devices: BTreeMap<DeviceId, Device>,
    callers: Arc<Callers>,
}

struct Device {
    told: Told,
    reminders: Option<Reminders>,
}

/// What a device is told of its room.
enum Told {
    /// What may be seen.
    Shown(Arc<dyn Adapter>),
    /// Besides, how hidden meetings are joined: it dials (rule P1).
    Dials(Arc<dyn Adapter<Dialling>>),
}

/// What is known of a device's past.
#[derive(Clone, Copy)]
struct Past<'a> {
    /// The digest of what it has.
    has: Option<&'a str>,
    /// When the present was last rendered for it.
    since: Option<DateTime<Utc>>,
}

/// A delivery that was only rehearsed.
#[derive(Debug)]
pub struct Rehearsed<'a> {
    /// How it would have ended, had the device answered.
    pub delivered: Delivered,
    /// The meeting that people would have been reminded of.
    pub reminder: Option<&'a Displayed>,
}

/// What a name is called that is no device's.
const NOBODY: Words =
    Words { what: "device", away: "", silent: "", sign_in: "", not_found: "", expected: "", address_of: "" };

impl PhonePush {
    /// Sets the devices up, without a connection to any.
    ///
    /// # Errors
    ///
    /// When an address is not one, when a room's page has an address too long for a push, or when certificates cannot be
    /// read.
    ///
    /// # Panics
    ///
    /// When the program has not installed a `rustls` provider.
    pub fn new(targets: Vec<(DeviceId, DeviceTarget)>, setup: &Setup<'_>) -> Result<Self, SetupError> {
        let feed = web_address(setup.public_url)
            .ok_or_else(|| SetupError::PublicUrl { url: setup.public_url.to_owned() })?;
        let http = client(setup.http).build().map_err(SetupError::Client)?;
        let (mut devices, mut callers, tls) = (BTreeMap::new(), Callers::default(), Tls::default());
        for (id, target) in targets {
            let reminders = target.reminders;
            let told = told(&id, target, setup, (&feed, &http, &tls), &mut callers)?;
            devices.insert(id, Device { told, reminders });
        }
        Ok(Self { devices, callers: Arc::new(callers) })
    }

    /// Whether a device dials, and is to be told how hidden meetings are joined (rule P1).
    pub fn dials(&self, device: &DeviceId) -> bool {
        self.devices.get(device).is_some_and(|device| matches!(device.told, Told::Dials(_)))
    }

    /// Brings a device up to the present; `withheld` reaches it where it dials. `has` is the digest of what it has: an equal
    /// present is not sent again. Of a reminder that came due after `since` the device is told, too.
    pub async fn deliver(
        &self,
        device: &DeviceId,
        present: &Present,
        withheld: &Withheld,
        has: Option<&str>,
        since: Option<DateTime<Utc>>,
    ) -> Delivered {
        let past = Past { has, since };
        match self.device(device) {
            Ok(Device { told: Told::Shown(adapter), reminders }) => {
                bring((device, adapter.as_ref()), present, (present, *reminders), past).await
            }
            Ok(Device { told: Told::Dials(adapter), reminders }) => {
                let dialling = Dialling { present: present.clone(), withheld: withheld.clone() };
                bring((device, adapter.as_ref()), &dialling, (present, *reminders), past).await
            }
            Err(error) => {
                let nothing = Showing { digest: String::new(), until: present.now };
                outcome::delivered(present, nothing, present.now, Err(error))
            }
        }
    }

    /// As [`PhonePush::deliver`], without a word to the device.
    pub fn rehearse<'a>(
        &self,
        device: &DeviceId,
        present: &'a Present,
        withheld: &Withheld,
        has: Option<&str>,
        since: Option<DateTime<Utc>>,
    ) -> Rehearsed<'a> {
        let past = Past { has, since };
        match self.device(device) {
            Ok(Device { told: Told::Shown(adapter), reminders }) => {
                rehearsed(adapter.showing(present), (present, *reminders), past)
            }
            Ok(Device { told: Told::Dials(adapter), reminders }) => {
                let dialling = Dialling { present: present.clone(), withheld: withheld.clone() };
                rehearsed(adapter.showing(&dialling), (present, *reminders), past)
            }
            Err(error) => {
                let nothing = Showing { digest: String::new(), until: present.now };
                let delivered = outcome::delivered(present, nothing, present.now, Err(error));
                Rehearsed { delivered, reminder: None }
            }
        }
    }

    /// Makes a device show nothing of ours any more, as it is no longer its room's.
    ///
    /// # Errors
    ///
    /// When the device did not answer, or refused.
    pub async fn empty(&self, device: &DeviceId) -> Result<(), NotEmptied> {
        let result = match self.device(device) {
            Ok(Device { told: Told::Shown(adapter), .. }) => adapter.empty().await,
            Ok(Device { told: Told::Dials(adapter), .. }) => adapter.empty().await,
            Err(error) => Err(error),
        };
        tracing::debug!(%device, error = result.as_ref().err().map(tracing::field::display), "emptied");
        result.map_err(|error| outcome::not_emptied(&error))
    }

    /// The devices that may call back.
    pub(crate) fn callers(&self) -> Arc<Callers> {
        Arc::clone(&self.callers)
    }

    fn device(&self, device: &DeviceId) -> Result<&Device, PushError> {
        let nobody = || Place { words: &NOBODY, address: device.to_string() }.error(Fault::Unconfigured);
        self.devices.get(device).ok_or_else(nobody)
    }
}

/// Brings one device up to what it is given.
async fn bring<P>(
    (device, adapter): (&DeviceId, &dyn Adapter<P>),
    given: &P,
    (present, reminders): (&Present, Option<Reminders>),
    Past { has, since }: Past<'_>,
) -> Delivered {
    let showing = adapter.showing(given);
    let reminder = reminders.and_then(|reminders| reminders.due(present, since));
    let has = has == Some(showing.digest.as_str());
    let taken = if has && reminder.is_none() && !adapter.doubts(present.now) {
        Ok(Taken::Had)
    } else {
        let taken = adapter.deliver(Errand { present: given, reminder, has }).await;
        let error = taken.as_ref().err().map(tracing::field::display);
        tracing::debug!(%device, rev = present.rev.0, reminds = reminder.is_some(), error, "push");
        taken
    };
    let next = next_look(reminders, present, &showing);
    outcome::delivered(present, showing, next, taken)
}

/// What would have come of bringing one device up to what it would show.
fn rehearsed<'a>(
    showing: Showing,
    (present, reminders): (&'a Present, Option<Reminders>),
    Past { has, since }: Past<'_>,
) -> Rehearsed<'a> {
    let reminder = reminders.and_then(|reminders| reminders.due(present, since));
    let sent = has != Some(showing.digest.as_str()) || reminder.is_some();
    let next_change = next_look(reminders, present, &showing);
    let (rev, digest) = (present.rev, showing.digest);
    let delivered = Delivered::Acknowledged { rev, digest, sent, answered: false, next_change };
    Rehearsed { delivered, reminder }
}

/// When to look at a device again though nothing is committed.
fn next_look(reminders: Option<Reminders>, present: &Present, showing: &Showing) -> DateTime<Utc> {
    let reminds_at = reminders.and_then(|reminders| reminders.next(present));
    reminds_at.map_or(showing.until, |at| at.min(showing.until))
}

/// The one place that knows every kind.
fn told(
    id: &DeviceId,
    DeviceTarget { room, kind, .. }: DeviceTarget,
    setup: &Setup<'_>,
    (feed, http, tls): (&Url, &Client, &Tls),
    callers: &mut Callers,
) -> Result<Told, SetupError> {
    let token = (setup.token)(id);
    let told = match kind {
        DeviceKind::CiscoIpPhone(phone) => {
            let told = (feed, token.as_str());
            if let PhoneSignIn::Basic(account) | PhoneSignIn::Digest(account) = &phone.sign_in {
                callers.is_pushed_with(account);
            }
            Told::Shown(Arc::new(CiscoIpPhone::new(id, &room, phone, told, http.clone(), setup.http)?))
        }
        DeviceKind::RoomOs(endpoint) => {
            let callback = below(feed, &["device", &token, "feedback"]);
            let events = setup.events.clone();
            Told::Dials(Arc::new(RoomOs::new(id, endpoint, callback, (tls, setup.http), events)?))
        }
        DeviceKind::Tms(poller) => {
            let answers = Arc::new(Tms::new(id, &poller));
            callers.asks(id.clone(), &poller, Arc::clone(&answers));
            Told::Dials(answers)
        }
        DeviceKind::Webhook(hook) => Told::Shown(Arc::new(Webhook::new(id, &room, hook, (tls, setup.http))?)),
        DeviceKind::Mqtt(broker) => Told::Shown(Arc::new(Mqtt::new(id, broker, &token, (tls, setup.http))?)),
    };
    callers.is_called(&token, id.clone());
    Ok(told)
}
