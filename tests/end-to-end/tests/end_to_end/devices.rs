//! What shows a room besides its phone, and a phone that is busy.

use crate::{CALLBOARD, clocks::libfaketime};
use control::DeviceHealth;
use end_to_end::{Program, Stage, exchange, until};
use exchange_sim::{
    endpoint::{Endpoint, Listed},
    phone::Screen,
    server::{Broker, Endpoints, Hook},
};
use std::time::Duration;

/// The video endpoint that is told, and the one that asks.
const ENDPOINTS: [&str; 2] = ["told", "asking"];

/// The account of the endpoint that is told.
pub(crate) const ADMIN: &str = "admin";

/// What they all sign in with, but the endpoint that asks.
pub(crate) const SECRET: &str = "open sesame";

/// What that one is known by.
pub(crate) const ENDPOINT_TOKEN: &str = "a-token-for-one-endpoint";

const MAC_ADDRESS: &str = "00:11:22:33:44:55";

/// One stand-in of every kind of device but phones. They show one room.
pub(crate) struct Others {
    endpoints: Endpoints,
    hook: Hook,
    broker: Broker,
}

impl Others {
    /// Starts them, and has the first room of a stage shown by them.
    pub(crate) async fn of_first_room(stage: &Stage) -> Self {
        let endpoints = ENDPOINTS.map(|name| Endpoint::new(name, ADMIN, SECRET));
        let others = Self {
            endpoints: Endpoints::serve(endpoints.into()).await.unwrap(),
            hook: Hook::serve(SECRET).await.unwrap(),
            broker: Broker::serve().await.unwrap(),
        };
        stage.write_secret("device-secret", SECRET);
        stage.write_secret("device-token", ENDPOINT_TOKEN);
        stage.reconfigure(|text| {
            let at = text.find("[[room.device]]").unwrap();
            let (before, after) = text.split_at(at);
            format!("{before}{}{after}", others.configuration())
        });
        // It asks the program itself: what a device that dials is told is nothing for the tap, which hears what anybody may see.
        let config = std::fs::read_to_string(stage.config()).unwrap();
        let listens = config.split("listen = \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        let url = format!("http://{listens}/tms/{ENDPOINT_TOKEN}");
        others.endpoints.ask(ENDPOINTS[1], MAC_ADDRESS, &url, Duration::from_millis(200));
        others
    }

    fn configuration(&self) -> String {
        format!(
            "[[room.device]]\nkind = \"cisco-roomos\"\nurl = {:?}\nusername = \"{ADMIN}\"\npassword_file = \"device-secret\"\n\
             [[room.device]]\nkind = \"cisco-tms\"\nidentity = {MAC_ADDRESS:?}\ntoken_file = \"device-token\"\n\
             [[room.device]]\nkind = \"webhook\"\nurl = {:?}\nsecret_file = \"device-secret\"\n\
             [[room.device]]\nkind = \"mqtt\"\nurl = {:?}\ntopic = \"rooms/first\"\n",
            self.endpoints.base_url(ENDPOINTS[0]).unwrap(),
            self.hook.url(),
            self.broker.url(),
        )
    }

    /// The lists of both video endpoints, when each has so many meetings.
    pub(crate) async fn lists(&self, count: usize) -> [Vec<Listed>; 2] {
        let list = async |name: &str| {
            let listed = async || Some(self.endpoints.list(name)).filter(|list| list.len() == count);
            until(&format!("{count} meetings on the endpoint `{name}`"), listed).await
        };
        [list(ENDPOINTS[0]).await, list(ENDPOINTS[1]).await]
    }

    /// Everything that those were told that only tell.
    pub(crate) fn told(&self) -> String {
        let retained = self.broker.retained("rooms/first").unwrap_or_default();
        format!("{:?} {}", self.hook.documents(), String::from_utf8_lossy(&retained))
    }
}

/// The phone of a room, as `status` tells of it.
async fn phone(stage: &Stage, what: &str, is_so: impl Fn(&DeviceHealth) -> bool) -> DeviceHealth {
    let found = async || {
        let health = stage.status().await?;
        health.devices.into_iter().find(|device| device.room == "berlin").filter(&is_so)
    };
    until(what, found).await
}

#[tokio::test]
async fn a_busy_phone_is_not_interrupted_and_has_what_somebody_has_fetched_on_it() {
    let stage = exchange().room("berlin").meeting("Review").at("+2h").run().await;
    let before = phone(&stage, "the first page", |phone| phone.acknowledged > 0).await;
    let address = stage.phones().history("berlin").pop().unwrap().url;
    stage.phones().switch("berlin", |switches| switches.busy = true);
    let (shown, pushes) = (stage.phones().screen("berlin"), stage.phones().pushes("berlin"));

    let review = stage.meeting("Review");
    stage.exchange().with(|world, now| world.rename(review, "Review, final", now).unwrap());
    until("the push that is dropped", async || (stage.phones().pushes("berlin") > pushes).then_some(()))
        .await;
    let waits = phone(&stage, "a revision that waits", |phone| phone.wanted > before.wanted).await;
    assert_eq!(waits.acknowledged, before.acknowledged, "it has answered, and has nothing of it");
    assert_eq!(stage.phones().screen("berlin"), shown, "a call is not interrupted");

    // Somebody else looks at the same page, and somebody who guesses: neither is this phone.
    let page = address.strip_prefix(&format!("http://{}", stage.feed.addr())).unwrap();
    let (menu, _) = page.split_once("?device=").unwrap();
    for path in [menu.to_owned(), format!("{menu}?device=guess"), format!("{page}&day=2026-01-01")] {
        assert!(stage.get(&path).await.is_some(), "{path}");
    }
    let still = phone(&stage, "the phone", |_| true).await;
    assert_eq!(still.acknowledged, before.acknowledged);

    // Whoever is in front of the phone presses Update.
    assert!(stage.get(page).await.unwrap().contains("Review, final"));
    let has_it = |phone: &DeviceHealth| phone.acknowledged == waits.wanted && phone.trouble.is_none();
    phone(&stage, "the page that was fetched", has_it).await;
    stage.close().await;
}

#[tokio::test]
async fn another_phone_at_a_phone_s_address_is_shown_nothing() {
    let stage = exchange().room("berlin").meeting("Review").at("+2h").run().await;
    phone(&stage, "the first page", |phone| phone.acknowledged > 0).await;
    stage.phones().switch("berlin", |switches| switches.reused_by = Some("SEP001122334455".to_owned()));
    let (shown, pushes) = (stage.phones().screen("berlin"), stage.phones().pushes("berlin"));
    let review = stage.meeting("Review");
    stage.exchange().with(|world, now| world.rename(review, "Review, final", now).unwrap());
    let refused = |phone: &DeviceHealth| {
        phone.trouble.as_ref().is_some_and(|trouble| trouble.contains("found `001122334455` at its address"))
    };
    phone(&stage, "the other phone to be named", refused).await;
    assert_eq!((stage.phones().screen("berlin"), stage.phones().pushes("berlin")), (shown, pushes));

    stage.phones().switch("berlin", |switches| switches.reused_by = None);
    let is_back = |phone: &DeviceHealth| phone.acknowledged == phone.wanted && phone.trouble.is_none();
    phone(&stage, "the phone to be back", is_back).await;
    // what was fetched is drawn a little later
    until("the present on it", async || {
        stage.phones().screen("berlin").filter(|it| it.says("Review, final"))
    })
    .await;
    stage.close().await;
}

#[tokio::test]
async fn an_endpoint_that_restarts_has_its_list_again_at_once() {
    let mut stage = exchange().room("berlin").meeting("Review").at("+2h").open().await;
    let others = Others::of_first_room(&stage).await;
    stage.start().await;
    others.lists(1).await;
    let puts = others.endpoints.puts(ENDPOINTS[0]);
    others.endpoints.restart(ENDPOINTS[0]).await;
    assert_eq!(others.lists(1).await[0][0].title, "Review", "it is not asked after ten minutes alone");
    assert_eq!(others.endpoints.puts(ENDPOINTS[0]), puts + 1, "once is enough");
    stage.close().await;
}

/// A minute of the daemon's is three seconds here, and so are its deadlines shorter: what it missed it tries again.
#[tokio::test]
async fn a_busy_phone_is_told_each_minute_until_it_has_hung_up() {
    let Some(library) = libfaketime() else { return };
    let stage = exchange().room("berlin").meeting("Review").at("+12m").open().await;
    stage.phones().switch("berlin", |switches| switches.busy = true);
    let program = Program::on(CALLBOARD, &stage)
        .with("LD_PRELOAD", library.display().to_string())
        .with("FAKETIME", "+0 x20")
        .with("NO_FAKE_STAT", "1");
    let daemon = program.daemon("info");
    let told = async |pushes| {
        // asking wakes a daemon that sleeps by its own clock
        stage.get("/livez").await;
        (stage.phones().pushes("berlin") >= pushes).then_some(())
    };
    until("the page to be pushed again and again", async || told(4).await).await;
    let waits = phone(&stage, "busy to be no failure", |phone| phone.wanted > 0 && phone.attempts == 0).await;
    assert_eq!(waits.acknowledged, 0, "it has nothing");
    // ten minutes before the meeting it was reminded of it, too
    assert_eq!(stage.phones().screen("berlin"), Some(Screen::default()), "nobody was interrupted");
    stage.phones().switch("berlin", |switches| switches.busy = false);
    let shown = until("the page on the phone", async || {
        stage.get("/livez").await;
        stage.phones().screen("berlin").filter(|screen| screen.says("Review"))
    });
    shown.await;
    phone(&stage, "the page that was fetched", |phone| phone.acknowledged == phone.wanted).await;
    daemon.terminate().await;
    stage.close().await;
}
