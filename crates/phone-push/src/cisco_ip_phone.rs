//! Cisco IP phones: `POST /CGI/Execute` tells the phone to fetch its room's page from the feed.
//!
//! Cisco Unified IP Phone Services Application Development Notes 7.1, chapters 3 and 5. The push is indirect: it takes
//! at most 512 bytes, which is too little for a day, so that it holds one address and the phone fetches the rest. A phone
//! that is busy answers just like one that is not and drops a refresh: it has the page when it has fetched it.

mod digest;
mod execute;
mod identity;
mod reply;

use crate::{
    adapter::{Adapter, Errand, Showing, Taken, UnderWay},
    error::{Fault, Place, PushError, SetupError, Words},
    http::{Answer, Http, web_address},
    target::{Account, HttpSettings, Phone, PhoneSignIn},
};
use execute::Priority;
use identity::Identity;
pub use identity::phone_name;
use meeting_model::{
    display::Present,
    id::{DeviceId, RoomId},
};
use reply::Reply;
use reqwest::{Client, Method, RequestBuilder, StatusCode, Url, header};
use secrecy::ExposeSecret;

const WORDS: Words = Words {
    what: "phone",
    away: "check its power, its network and its address",
    silent: "restart it if this stays",
    sign_in: "refused our name and password: check them, check in CUCM that the user is associated with this device, and \
              that the phone reaches its Authentication URL",
    not_found: "has no `/CGI/Execute`: enable `Web Access` for it in CUCM, and check that the address is a Cisco IP \
                phone's",
    expected: "a CiscoIPPhoneResponse",
    address_of: "a Cisco IP phone's",
};

/// What a phone's answer to a push, what it says of itself, and how it wants to be signed in to are taken for.
pub(crate) fn made_of(body: &[u8]) -> String {
    let challenge = digest::Challenge::parse(&String::from_utf8_lossy(body));
    let account = Account { username: "callboard".to_owned(), password: "not a secret".into() };
    let answer = challenge.map(|challenge| challenge.answer(&account, "POST", "/CGI/Execute"));
    let header = answer.map(|answer| header::HeaderValue::try_from(answer).is_ok());
    format!("{:?}, {:?}, {header:?}", Reply::parse(body), identity::of_information(body))
}

/// One phone.
pub(crate) struct CiscoIpPhone {
    http: Http,
    execute: Url,
    refresh: String,
    reminder: String,
    sign_in: PhoneSignIn,
    identity: Identity,
    /// What to say where it never fetches its page.
    unfetched: String,
}

impl CiscoIpPhone {
    /// A phone that shows its room's page of the feed; `token` is what the feed knows it by.
    ///
    /// # Errors
    ///
    /// When its address is not one, or the page's address does not fit a push.
    pub(crate) fn new(
        device: &DeviceId,
        room: &RoomId,
        phone: Phone,
        (feed, token): (&Url, &str),
        client: Client,
        settings: HttpSettings,
    ) -> Result<Self, SetupError> {
        let like = "http://10.0.1.100/CGI/Execute";
        let mut execute =
            web_address(&phone.url).ok_or_else(|| SetupError::DeviceUrl { device: device.clone(), like })?;
        if execute.path() == "/" {
            execute.set_path("/CGI/Execute");
        }
        let place = Place { words: &WORDS, address: execute.origin().ascii_serialization() };
        Ok(Self {
            refresh: execute::form(feed, room, token, Priority::Refresh)?,
            reminder: execute::form(feed, room, token, Priority::Reminder)?,
            identity: Identity::new(&execute, phone.name),
            unfetched: format!(
                "phone `{}`: was told to fetch its room's page and has not: it is in a call or shows another service; if \
                 this stays, check that the phone reaches `{}`",
                place.address,
                feed.origin().ascii_serialization()
            ),
            http: Http::new(client, place, settings),
            execute,
            sign_in: phone.sign_in,
        })
    }

    async fn execute(&self, body: &str) -> Result<(StatusCode, Reply), PushError> {
        let answer = self.signed_in(body).await?;
        let answer = self.http.expect_success(answer, &self.execute)?;
        Ok((answer.status, Reply::parse(&answer.body)))
    }

    /// Sends a push the way the phone wants it signed.
    async fn signed_in(&self, body: &str) -> Result<Answer, PushError> {
        let request = self.request(body);
        match &self.sign_in {
            PhoneSignIn::None => self.http.ask(request).await,
            PhoneSignIn::Basic(account) => {
                let password = account.password.expose_secret();
                self.http.ask(request.basic_auth(&account.username, Some(password))).await
            }
            PhoneSignIn::Digest(account) => {
                let answer = self.http.ask(request).await?;
                let challenge = answer
                    .header(header::WWW_AUTHENTICATE)
                    .filter(|_| answer.status == StatusCode::UNAUTHORIZED);
                let Some(challenge) = challenge.and_then(digest::Challenge::parse) else { return Ok(answer) };
                let signed = challenge.answer(account, "POST", self.execute.path());
                self.http.ask(self.request(body).header(header::AUTHORIZATION, signed)).await
            }
        }
    }

    /// A body that is there in full goes out with its length: phones answer 404 to a chunked one.
    fn request(&self, body: &str) -> RequestBuilder {
        self.http
            .request(Method::POST, self.execute.clone())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body.to_owned())
    }

    async fn open_page(&self, reminds: bool) -> Result<Taken, PushError> {
        self.identity.check(&self.http).await?;
        let body = if reminds { &self.reminder } else { &self.refresh };
        let (status, reply) = self.execute(body).await?;
        self.expect_opened(status, reply)?;
        Ok(Taken::Told(self.unfetched.clone()))
    }

    async fn close_page(&self) -> Result<(), PushError> {
        match self.identity.check(&self.http).await {
            // what is there now never showed anything of ours
            Err(PushError { fault: Fault::AnotherDevice { .. }, .. }) => return Ok(()),
            checked => checked?,
        }
        let (status, reply) = self.execute(&execute::farewell()).await?;
        match reply {
            // it has understood: where there is nothing to close, or the model closes nothing so, asking again helps nobody
            Reply::NotOpened { .. } => Ok(()),
            reply => self.expect_opened(status, reply),
        }
    }

    fn expect_opened(&self, status: StatusCode, reply: Reply) -> Result<(), PushError> {
        let place = self.http.place();
        Err(match reply {
            Reply::Opened => return Ok(()),
            Reply::NotOpened { status, data } => place.error(Fault::NotOpened { status, data }),
            Reply::Error(4) => place.error(Fault::SignInRefused),
            Reply::Error(number) => place.error(Fault::PhoneError(number)),
            Reply::Foreign(found) => place.unexpected(status.as_u16(), found),
        })
    }
}

impl Adapter for CiscoIpPhone {
    /// Its page holds the local day.
    fn showing(&self, present: &Present) -> Showing {
        Showing { digest: present.digest(), until: present.next_change() }
    }

    /// The phone fetches the present from the feed: the push only says that there is something to fetch.
    fn deliver<'a>(&'a self, errand: Errand<'a>) -> UnderWay<'a, Taken> {
        Box::pin(self.open_page(errand.reminder.is_some()))
    }

    /// The page is closed: what it showed is gone, and it fetches itself no more.
    fn empty(&self) -> UnderWay<'_, ()> {
        Box::pin(self.close_page())
    }
}
