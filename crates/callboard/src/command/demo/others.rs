//! What else shows the first room: one stand-in of every other kind of device.

use super::cast::ACCOUNT;
use anyhow::Context;
use exchange_sim::{
    endpoint::Endpoint,
    phone::{Phone, Screen},
    server::{Broker, Clock, Endpoints, Hook, Phones, Ports},
};
use std::{collections::BTreeSet, fmt::Write, time::Duration};

/// The endpoint that is told, and the one that asks.
const ENDPOINTS: [&str; 2] = ["told", "asking"];

/// What the endpoint that asks says it is.
const MAC_ADDRESS: &str = "00:11:22:33:44:55";

/// How often it asks.
const ASKS_EVERY: Duration = Duration::from_secs(1);

/// The phone that is on its own, without CUCM.
const PHONE: &str = "spa";

/// One stand-in of every kind of device but phones under CUCM.
pub(super) struct Others {
    room: String,
    phones: Phones,
    endpoints: Endpoints,
    hook: Hook,
    broker: Broker,
}

impl Others {
    /// Starts them, for one room. They all use the demo's password.
    pub(super) async fn serve(room: &str, told: Clock) -> anyhow::Result<Self> {
        let endpoints = ENDPOINTS.map(|name| Endpoint::new(name, ACCOUNT.0, ACCOUNT.1));
        Ok(Self {
            room: room.to_owned(),
            phones: Phones::serve(vec![Phone::trusting(PHONE)], Ports::Each, told).await?,
            endpoints: Endpoints::serve(endpoints.into()).await?,
            hook: Hook::serve(ACCOUNT.1).await.context("a webhook cannot be served")?,
            broker: Broker::serve().await.context("a broker cannot be served")?,
        })
    }

    /// Their part of the configuration, where it is this room's.
    pub(super) fn configuration(&self, room: &str) -> String {
        let mut text = String::new();
        if room != self.room {
            return text;
        }
        // a string takes all that is written to it
        let _ = write!(
            text,
            "[[room.device]]\nkind = \"cisco-ip-phone\"\nurl = {phone:?}\nauth = \"none\"\n\
             [[room.device]]\nkind = \"cisco-roomos\"\nurl = {endpoint:?}\nusername = {user:?}\n\
             password_file = \"password\"\n\
             [[room.device]]\nkind = \"cisco-tms\"\nidentity = {MAC_ADDRESS:?}\ntoken_file = \"password\"\n\
             [[room.device]]\nkind = \"webhook\"\nurl = {hook:?}\nsecret_file = \"password\"\n\
             [[room.device]]\nkind = \"mqtt\"\nurl = {broker:?}\ntopic = {topic:?}\n",
            phone = self.phones.base_url(PHONE).unwrap_or_default(),
            endpoint = self.endpoints.base_url(ENDPOINTS[0]).unwrap_or_default(),
            user = ACCOUNT.0,
            hook = self.hook.url(),
            broker = self.broker.url(),
            topic = self.topic(),
        );
        text
    }

    fn topic(&self) -> String {
        format!("rooms/{}", self.room)
    }

    /// Has the endpoint that asks begin to.
    pub(super) fn begin(&self, feed: &str) {
        let url = format!("{feed}/tms/{}", ACCOUNT.1);
        self.endpoints.ask(ENDPOINTS[1], MAC_ADDRESS, &url, ASKS_EVERY);
    }

    /// What else shows the room, in a line.
    pub(super) fn line(&self) -> String {
        format!(
            "{} is shown by an SPA phone, too, a video endpoint, one that asks, a webhook and the topic `{}` of a broker",
            self.room,
            self.topic()
        )
    }

    /// Those that do not list the same meetings as the webhook was last told of, what is coming or runs; and the phone, where it
    /// shows another page than the room's own.
    pub(super) fn differing(&self, page: &Screen) -> Vec<&'static str> {
        let told = self.hook.documents().pop().unwrap_or_default();
        let titles = |document: &serde_json::Value| -> BTreeSet<String> {
            let meetings =
                document.get("meetings").and_then(|meetings| meetings.as_array()).into_iter().flatten();
            let lasting = meetings.filter(|one| one.get("phase").is_some_and(|phase| phase != "past"));
            lasting.filter_map(|one| Some(one.get("title")?.as_str()?.to_owned())).collect()
        };
        let listed =
            |name| self.endpoints.list(name).into_iter().map(|one| one.title).collect::<BTreeSet<_>>();
        let retained = self.broker.retained(&self.topic()).unwrap_or_default();
        let expected = titles(&told);
        let of_broker = titles(&serde_json::from_slice(&retained).unwrap_or_default());
        let all = [
            ("the video endpoint", listed(ENDPOINTS[0])),
            ("the endpoint that asks", listed(ENDPOINTS[1])),
            ("the broker's topic", of_broker),
        ];
        let differ = all.into_iter().filter(|(_, titles)| expected.is_empty() || *titles != expected);
        let phone = Some("the SPA phone").filter(|_| self.phones.screen(PHONE).as_ref() != Some(page));
        differ.map(|(name, _)| name).chain(phone).collect()
    }

    /// Ends them.
    pub(super) async fn leave(self) {
        self.phones.shutdown().await;
        self.endpoints.shutdown().await;
    }
}
