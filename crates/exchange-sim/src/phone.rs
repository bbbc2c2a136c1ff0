//! A stand-in Cisco IP phone: what it does with a push, and what it shows of a page. No I/O.
//!
//! Cisco Unified IP Phone Services Application Development Notes 7.1, chapters 3 to 6.

mod execute;
mod screen;

use std::time::Duration;

use chrono::{DateTime, Utc};

pub use self::screen::Screen;

use self::execute::Item;
use crate::{Request, Response};

/// How a phone misbehaves, or is used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Switches {
    /// Somebody telephones: pages pushed for an idle phone are dropped, those of priority 1 wait.
    pub busy: bool,
    /// Connections are closed at once.
    pub off: bool,
    /// No password is right.
    pub wrong_password: bool,
    /// How long it takes to answer a push.
    pub slow: Duration,
    /// The address now belongs to the device of this name.
    pub reused_by: Option<String>,
}

/// What a phone showed, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Since when.
    pub at: DateTime<Utc>,
    /// The address of the page, as it was pushed or refreshed.
    pub url: String,
    /// What the page says.
    pub screen: Screen,
}

/// A page that a phone is going to get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fetch {
    pub(crate) url: String,
    /// A later fetch makes this one void.
    pub(crate) number: u64,
    pub(crate) after: Duration,
}

/// One phone.
#[derive(Debug, Clone)]
pub struct Phone {
    pub(crate) name: String,
    user: String,
    password: String,
    trusts: bool,
    pub(crate) switches: Switches,
    screen: Screen,
    history: Vec<Shown>,
    queued: Option<String>,
    fetches: u64,
    pushes: u64,
}

impl Phone {
    /// A phone of a device name, such as `SEP001122334455`, that takes pushes of one user.
    pub fn new(name: &str, user: &str, password: &str) -> Self {
        Self {
            name: name.to_owned(),
            user: user.to_owned(),
            password: password.to_owned(),
            trusts: false,
            switches: Switches::default(),
            screen: Screen::default(),
            history: Vec::new(),
            queued: None,
            fetches: 0,
            pushes: 0,
        }
    }

    /// A phone on its own (SPA, MPP), with "CISCO XML EXE Auth Mode" set to "Trusted": it takes everybody's pushes.
    pub fn trusting(name: &str) -> Self {
        Self { trusts: true, ..Self::new(name, "", "") }
    }

    /// What it shows now.
    pub fn screen(&self) -> &Screen {
        &self.screen
    }

    /// Every page it showed, the first one first; a page that reads as before is not noted again.
    pub fn history(&self) -> &[Shown] {
        &self.history
    }

    /// How many pushes it carried out or queued.
    pub fn pushes(&self) -> u64 {
        self.pushes
    }

    /// Answers a request; a page it is told to show is to be got afterwards.
    pub(crate) fn handle(&mut self, request: &Request) -> (Response, Option<Fetch>) {
        match (request.method.as_str(), request.path.as_str()) {
            ("POST", "/CGI/Execute") => self.execute(request),
            ("GET", "/DeviceInformationX") => (self.device_information(), None),
            _ => (Response::new(404, "text/html", ""), None),
        }
    }

    fn execute(&mut self, request: &Request) -> (Response, Option<Fetch>) {
        // The embedded server knows no chunked bodies.
        if request.header_value("Content-Length").is_none() {
            return (Response::new(404, "text/html", ""), None);
        }
        if let Err(refusal) = self.signs_in(request) {
            return (refusal, None);
        }
        match execute::items(request) {
            None => (execute::error(execute::PARSING), None),
            Some(items) => {
                self.pushes += 1;
                let fetch = items.iter().find_map(|item| self.open(item));
                (execute::response(&items), fetch)
            }
        }
    }

    fn signs_in(&self, request: &Request) -> Result<(), Response> {
        if self.trusts && !self.switches.wrong_password {
            return Ok(());
        }
        let Some(credentials) = request.credentials() else {
            return Err(Response::empty(401).header("WWW-Authenticate", "Basic realm=\"phone\""));
        };
        if self.switches.wrong_password || credentials != (self.user.clone(), self.password.clone()) {
            return Err(execute::error(execute::AUTHENTICATION));
        }
        Ok(())
    }

    /// Begins with one item; internal URIs but the end of the services application leave no trace.
    fn open(&mut self, item: &Item) -> Option<Fetch> {
        if item.url == "Init:Services" {
            self.screen = Screen::default();
            self.fetches += 1;
        }
        if !item.is_page() {
            return None;
        }
        match (self.switches.busy, item.priority) {
            (false, _) | (true, 0) => Some(self.fetch(&item.url, Duration::ZERO)),
            (true, 1) => {
                self.queued = Some(item.url.clone());
                None
            }
            (true, _) => None,
        }
    }

    fn fetch(&mut self, url: &str, after: Duration) -> Fetch {
        self.fetches += 1;
        Fetch { url: url.to_owned(), number: self.fetches, after }
    }

    /// Whether nothing newer was asked for since.
    pub(crate) fn still_wants(&self, fetch: &Fetch) -> bool {
        self.fetches == fetch.number
    }

    /// Changes the switches; a phone that becomes idle opens the page that waited.
    pub(crate) fn switch(&mut self, change: impl FnOnce(&mut Switches)) -> Option<Fetch> {
        change(&mut self.switches);
        let idle = !self.switches.busy;
        let waiting = self.queued.take_if(|_| idle)?;
        Some(self.fetch(&waiting, Duration::ZERO))
    }

    /// Shows a page that came; what it is no page for leaves the screen as it is. The page's `Refresh`
    /// header may ask for another fetch.
    pub(crate) fn show(
        &mut self,
        now: DateTime<Utc>,
        fetch: &Fetch,
        refresh: Option<&str>,
        body: &[u8],
    ) -> Option<Fetch> {
        if !self.still_wants(fetch) {
            return None;
        }
        let screen = Screen::parse(body)?;
        if screen != self.screen {
            self.screen = screen.clone();
            self.history.push(Shown { at: now, url: fetch.url.clone(), screen });
        }
        let (seconds, url) = refreshing(refresh?)?;
        Some(self.fetch(url.unwrap_or(&fetch.url), Duration::from_secs(seconds)))
    }

    /// The headers with which a 7970 asks for a page.
    pub(crate) const REQUEST_HEADERS: [(&str, &str); 6] = [
        ("Accept", "x-CiscoIPPhone/*;version=4.1, text/*"),
        ("Accept-Language", "en-US"),
        ("Accept-Charset", "utf-8, iso-8859-1;q=0.8"),
        ("x-CiscoIPPhoneModelName", "CP-7970G"),
        ("x-CiscoIPPhoneDisplay", "298, 168, 12, C"),
        ("x-CiscoIPPhoneSDKVersion", "4.1"),
    ];

    fn device_information(&self) -> Response {
        let name = self.switches.reused_by.as_ref().unwrap_or(&self.name);
        let address = name.strip_prefix("SEP").unwrap_or(name);
        let mut xml = crate::xml::Xml::document();
        xml.within("DeviceInformation", |xml| {
            xml.leaf("MACAddress", address);
            xml.leaf("HostName", name);
            xml.leaf("modelNumber", "CP-7970G");
        });
        Response::new(200, "text/xml", xml.finish())
    }
}

/// `seconds; url=…`; none when a page is to be refreshed by hand only.
fn refreshing(header: &str) -> Option<(u64, Option<&str>)> {
    let (seconds, rest) = header.split_once(';').unwrap_or((header, ""));
    let seconds = seconds.trim().parse().ok().filter(|seconds| *seconds > 0)?;
    let url = rest.trim().strip_prefix("url=").map(str::trim).filter(|url| !url.is_empty());
    Some((seconds, url))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MENU: &str =
        "<CiscoIPPhoneMenu><Title>Today</Title><MenuItem><Name>09:00 A</Name></MenuItem></CiscoIPPhoneMenu>";

    fn push(phone: &mut Phone, password: &str, xml: &str) -> (Response, Option<Fetch>) {
        let body = format!("XML={}", xml.replace('<', "%3C").replace('>', "%3E").replace(' ', "+"));
        let request = Request::post("/CGI/Execute", body.clone()).basic("app", password);
        phone.handle(&request.header("Content-Length", &body.len().to_string()))
    }

    fn page(url: &str, priority: u8) -> String {
        format!(
            "<CiscoIPPhoneExecute><ExecuteItem Priority=\"{priority}\" URL=\"{url}\"/></CiscoIPPhoneExecute>"
        )
    }

    #[test]
    fn pushes_are_judged() {
        let item = "<ExecuteItem URL=\"Play:chime.raw\"/>";
        let table = [
            ("secret", page("http://feed/menu", 0), "Status=\"0\"", true),
            ("guess", page("http://feed/menu", 0), "CiscoIPPhoneError Number=\"4\"", false),
            (
                "secret",
                format!("<CiscoIPPhoneExecute>{item}{item}{item}</CiscoIPPhoneExecute>"),
                "Status=\"0\"",
                false,
            ),
            (
                "secret",
                format!("<CiscoIPPhoneExecute>{}</CiscoIPPhoneExecute>", item.repeat(4)),
                "Number=\"1\"",
                false,
            ),
            (
                "secret",
                page("http://a/", 0).replace("</", &format!("{}</", "<ExecuteItem URL=\"http://b/\"/>")),
                "Number=\"1\"",
                false,
            ),
            ("secret", page(&format!("http://feed/{}", "x".repeat(250)), 0), "Number=\"1\"", false),
            ("secret", page("http://feed/menu", 3), "Number=\"1\"", false),
            ("secret", page("http://feed/menu", 0) + &" ".repeat(512), "Number=\"1\"", false),
            ("secret", "<CiscoIPPhoneText/>".to_owned(), "Number=\"1\"", false),
        ];
        for (password, xml, expected, fetches) in table {
            let (response, fetch) = push(&mut Phone::new("SEP1", "app", "secret"), password, &xml);
            assert!(response.text().contains(expected), "{xml}: {}", response.text());
            assert_eq!(fetch.is_some(), fetches, "{xml}");
        }
    }

    #[test]
    fn other_requests_are_turned_away() {
        let mut phone = Phone::new("SEP1", "app", "secret");
        let chunked = Request::post("/CGI/Execute", "XML=").basic("app", "secret");
        assert_eq!(phone.handle(&chunked).0.status, 404);
        let nobody = Request::post("/CGI/Execute", "XML=").header("Content-Length", "4");
        assert_eq!(phone.handle(&nobody).0.status, 401);
        let body = format!("XML={}", page("http://feed/menu", 0).replace(' ', "+"));
        let anybody =
            Request::post("/CGI/Execute", body.clone()).header("Content-Length", &body.len().to_string());
        assert!(Phone::trusting("spa").handle(&anybody).1.is_some());
        assert!(phone.handle(&Request::get("/DeviceInformationX")).0.text().contains("SEP1"));
    }

    #[test]
    fn a_busy_phone_drops_or_queues() {
        let mut phone = Phone::new("SEP1", "app", "secret");
        assert_eq!(phone.switch(|switches| switches.busy = true), None);
        assert_eq!(push(&mut phone, "secret", &page("http://feed/2", 2)).1, None);
        assert_eq!(push(&mut phone, "secret", &page("http://feed/1", 1)).1, None);
        assert!(push(&mut phone, "secret", &page("http://feed/0", 0)).1.is_some());
        let waited = phone.switch(|switches| switches.busy = false).unwrap();
        assert_eq!(waited.url, "http://feed/1");
        assert_eq!(phone.switch(|_| {}), None);
    }

    #[test]
    fn only_the_newest_page_is_shown_and_refreshed() {
        let mut phone = Phone::new("SEP1", "app", "secret");
        let now = DateTime::UNIX_EPOCH;
        let old = push(&mut phone, "secret", &page("http://feed/old", 0)).1.unwrap();
        let new = push(&mut phone, "secret", &page("http://feed/new", 0)).1.unwrap();
        assert_eq!(phone.show(now, &old, None, MENU.as_bytes()), None);
        assert!(phone.history().is_empty());
        let next = phone.show(now, &new, Some("30; url=http://feed/next"), MENU.as_bytes()).unwrap();
        assert_eq!((next.url.as_str(), next.after), ("http://feed/next", Duration::from_secs(30)));
        assert_eq!(phone.screen().lines, ["09:00 A"]);
        assert_eq!(phone.show(now, &next, None, MENU.as_bytes()), None);
        assert_eq!(phone.history().len(), 1, "it reads as before");
    }

    #[test]
    fn refresh_headers() {
        let table = [
            ("3; url=http://a/", Some((3, Some("http://a/")))),
            ("30", Some((30, None))),
            ("0; url=http://a/", None),
            ("; url=http://a/", None),
        ];
        for (header, expected) in table {
            assert_eq!(refreshing(header), expected, "{header}");
        }
    }
}
