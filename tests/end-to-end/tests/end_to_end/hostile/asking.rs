//! What people who mean ill ask: whole requests to every route there is, with what is right and wrong in every part of them, and
//! a fifth of them spoilt on the way.

/// The feed's routes with the method that each is for, and those of devices that call back. `{}` is a room, a file, a number or
/// a token. The account that `/authenticate` is asked for is the right one: a wrong one takes a second, as [`GUESS`] does.
const FEED: [(&str, &str); 29] = [
    ("GET", "/"),
    ("GET", "/api/rooms"),
    ("GET", "/api/rooms/{}/meetings"),
    ("GET", "/api/rooms/{}/meetings"),
    ("GET", "/api/rooms/{}/calendar.ics"),
    ("GET", "/api/rooms/{}/events"),
    ("GET", "/api/events"),
    ("GET", "/api/openapi.json"),
    ("GET", "/rooms/worker.js"),
    ("GET", "/rooms/{}"),
    ("GET", "/rooms/{}/panel.json"),
    ("GET", "/assets/{}"),
    ("GET", "/assets/panel.css"),
    ("GET", "/sign-in"),
    ("POST", "/sign-in"),
    ("POST", "/sign-out"),
    ("GET", "/admin/rooms/{}"),
    ("GET", "/admin/servers"),
    ("GET", "/admin/clock"),
    ("POST", "/admin/ask"),
    ("GET", "/admin/answers/{}"),
    ("GET", "/phone/{}/menu.xml"),
    ("GET", "/phone/{}/meetings/{}"),
    ("GET", "/livez"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/authenticate?UserID=svc-callboard&Password=battery%20staple"),
    ("POST", "/device/{}/feedback"),
    ("POST", "/tms/{}"),
];

/// So rarely somebody guesses a phone's password.
const GUESSES: usize = 5_000;
const GUESS: (&str, &str) = ("GET", "/authenticate?UserID=svc-callboard&Password=guessed");

/// The push listener's route, and what is none.
const PUSH: [(&str, &str); 7] = [
    ("POST", "/ews-push/{}"),
    ("POST", "/ews-push/{}"),
    ("POST", "/ews-push/{}"),
    ("POST", "/ews-push/{}/{}"),
    ("POST", "/ews-push"),
    ("POST", "/EWS-PUSH/{}"),
    ("GET", "/"),
];

const METHODS: [&str; 12] = [
    "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "PROPFIND", "get", "BREW",
];

const SEGMENTS: [&str; 16] = [
    "oslo",
    "BERLIN",
    "",
    "..",
    "%2e%2e%2fberlin",
    "berlin%00",
    "%ff%fe",
    "%zz",
    "%F0%9F%8F%A2",
    "panel.js",
    "1",
    "-1",
    "18446744073709551616",
    "00000000000000000000000000000000.xml",
    "%3Cscript%3E",
    "aZ09-_",
];

const PARAMETERS: [&str; 9] = ["from", "to", "day", "token", "device", "then", "From", "%66rom", ""];

const VALUES: [&str; 17] = [
    "",
    "today",
    "2026-02-30",
    "2026-11-21",
    "2026-11-21T09:00:00Z",
    "2026-11-21T09:00:00+99:99",
    "9999-12-31",
    "-262143-01-01",
    "+262142-12-31T23:59:60Z",
    "-1",
    "99999999999999999999999",
    "1e309",
    "%ff%00",
    "%",
    "%E2%80%AE",
    "%27%20OR%201=1--",
    "//elsewhere.example/",
];

const HEADERS: [&str; 32] = [
    "Accept: application/json",
    "Accept: text/html",
    "Accept: ;;;q=NaN",
    "Accept-Charset: utf-8",
    "Accept-Charset: iso-8859-1;q=-1",
    "Accept-Encoding: gzip",
    "Accept-Encoding: br, *;q=0",
    "Accept-Language: de, en;q=99999999999",
    "Authorization: Basic",
    "Authorization: Basic Og==",
    "Authorization: Basic \u{ff}\u{fe}",
    "Authorization: Bearer a-token-that-is-nobody's",
    "Authorization: Negotiate YII=",
    "Content-Type: application/json",
    "Content-Type: application/x-www-form-urlencoded",
    "Content-Type: multipart/form-data",
    "Content-Type: text/xml; charset=utf-16",
    "Cookie: callboard=",
    "Cookie: callboard=0; callboard=1; =;;",
    "Expect: 100-continue",
    "Forwarded: for=\"[::1]\"",
    "If-Match: \"x\"",
    "If-Modified-Since: Sun, 31 Feb 2026 25:61:61 GMT",
    "If-None-Match: *",
    "If-None-Match: W/\"x\", \"",
    "Last-Event-ID: -1",
    "Last-Event-ID: 0000000000000000-18446744073709551615",
    "Origin: null",
    "Range: bytes=5-2,-0,99999999999999999999-",
    "Sec-Fetch-Site: cross-site",
    "User-Agent: ",
    "X-CiscoIPPhoneModelName: CP-9999999999",
];

const BODIES: [&str; 18] = [
    "",
    "",
    "secret=guessed&then=%2F",
    "secret=%ff&then=//elsewhere.example/",
    "ask=resync&room=berlin&form_token=0",
    "ask=reload&form_token=",
    "form_token",
    "{\"ask\":\"resync\",\"rooms\":[\"berlin\"],\"dry_run\":false}",
    "[[[[[[[[[[[[[[[[",
    "<Event><Peripherals><SyncRequired/></Peripherals></Event>",
    "<!DOCTYPE a [<!ENTITY a \"&a;&a;\">]><a>&a;</a>",
    concat!(
        "<Envelope xmlns=\"http://www.w3.org/2003/05/soap-envelope\"><Body>",
        "<PostEvent xmlns=\"http://www.tandberg.net/2004/11/SystemManagementService/\"><Identification>",
        "<MACAddress>00:11:22:33:44:55</MACAddress><SerialNumber>A1</SerialNumber>",
        "</Identification><Event>Beat</Event></PostEvent></Body></Envelope>"
    ),
    concat!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>",
        "<m:SendNotification xmlns:m=\"http://schemas.microsoft.com/exchange/services/2006/messages\" ",
        "xmlns:t=\"http://schemas.microsoft.com/exchange/services/2006/types\"><m:ResponseMessages>",
        "<m:SendNotificationResponseMessage ResponseClass=\"Success\"><m:ResponseCode>NoError</m:ResponseCode>",
        "<m:Notification><t:SubscriptionId>none</t:SubscriptionId><t:MoreEvents>false</t:MoreEvents>",
        "<t:StatusEvent><t:Watermark>AAAA</t:Watermark></t:StatusEvent></m:Notification>",
        "</m:SendNotificationResponseMessage></m:ResponseMessages></m:SendNotification></s:Body></s:Envelope>"
    ),
    "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body/></s:Envelope>",
    "<Envelope><Body><SendNotification>",
    "<?xml version=\"1.0\" encoding=\"utf-16\"?><a/>",
    "\u{feff}\u{0}\u{7f}",
    "0\r\n\r\nGET /livez HTTP/1.1\r\n\r\n",
];

/// What is thrown into the middle of a request.
const PIECES: [&[u8]; 10] = [
    b"\r\n\r\n",
    b"\r\nContent-Length: 18446744073709551616\r\n",
    b"\r\nContent-Length: 3\r\n",
    b"\r\nTransfer-Encoding: chunked\r\n",
    b"ffffffffffffffff\r\n",
    b" HTTP/9.9\r\n",
    b"\r\n continued",
    b"\0",
    b"\xff\xfe",
    b"\"}]",
];

/// A body that is longer than the feed takes, and one that is longer than the push listener does.
const LONG_BODIES: [usize; 2] = [70_000, (1 << 20) + 1];

/// xorshift64: the same every time.
pub(super) struct Dice(pub(super) u64);

/// What somebody has learnt who should not: an administrator's cookie, and the path of a push subscription.
pub(super) struct Learnt {
    pub(super) cookie: String,
    pub(super) push_token: String,
}

/// What goes over one connection.
pub(super) struct Asking {
    pub(super) bytes: Vec<u8>,
    /// How many requests it is; nothing where it was spoilt, or is too long to be heard out.
    pub(super) whole: Option<usize>,
}

impl Dice {
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit).unwrap()).unwrap()
    }

    pub(super) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(super) fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// What goes to the feed over one connection.
    pub(super) fn for_feed(&mut self, learnt: &Learnt) -> Asking {
        self.over_http(|dice| {
            let route = if dice.once_in(GUESSES) { GUESS } else { dice.one_of(&FEED) };
            dice.request(route, ["berlin", &learnt.cookie], LONG_BODIES[0])
        })
    }

    /// What goes to the push listener over one connection.
    pub(super) fn for_push_listener(&mut self, learnt: &Learnt) -> Asking {
        self.over_http(|dice| {
            let route = dice.one_of(&PUSH);
            dice.request(route, [&learnt.push_token, &learnt.cookie], LONG_BODIES[1])
        })
    }

    /// One request, or a few of them at once.
    fn over_http(&mut self, request: impl Fn(&mut Self) -> (String, Vec<u8>)) -> Asking {
        let count = if self.once_in(4) { 1 + self.below(3) } else { 1 };
        let (mut bytes, mut is_long) = (Vec::new(), false);
        for number in 1..=count {
            let (head, body) = request(self);
            let last = if number == count { "Connection: close\r\n" } else { "" };
            bytes.extend(head.chars().map(|char| u8::try_from(char).unwrap()));
            bytes.extend_from_slice(format!("{last}Content-Length: {}\r\n\r\n", body.len()).as_bytes());
            is_long |= body.len() >= LONG_BODIES[0];
            bytes.extend(body);
        }
        let is_spoilt = self.once_in(5);
        if is_spoilt {
            self.spoil(&mut bytes);
        }
        Asking { bytes, whole: (!is_spoilt && !is_long).then_some(count) }
    }

    /// The head of a request as far as it says nothing of the body, in Latin-1, and the body.
    fn request(
        &mut self,
        (method, path): (&str, &str),
        [segment, cookie]: [&str; 2],
        long: usize,
    ) -> (String, Vec<u8>) {
        let method = if self.once_in(3) { self.one_of(&METHODS) } else { method };
        let mut pieces = path.split("{}");
        let mut target = pieces.next().unwrap().to_owned();
        for rest in pieces {
            match self.below(16) {
                0 => target.extend(std::iter::repeat_n('x', 64 << self.below(6))),
                1..=6 => target += self.one_of(&SEGMENTS),
                _ => target += segment,
            }
            target += rest;
        }
        if self.once_in(2) {
            for _ in 0..=self.below(3) {
                target.push(if target.contains('?') { '&' } else { '?' });
                target = target + self.one_of(&PARAMETERS) + "=" + self.one_of(&VALUES);
            }
        }
        let mut head = format!("{method} {target} HTTP/1.1\r\nHost: feed\r\n");
        for _ in 0..self.below(5) {
            head = head + self.one_of(&HEADERS) + "\r\n";
        }
        if method == "POST" && self.once_in(2) {
            head += "Content-Type: application/x-www-form-urlencoded\r\n";
        }
        if self.once_in(3) {
            head = head + "Cookie: " + cookie + "\r\n";
        }
        let mut body =
            if method == "POST" || self.once_in(8) { self.one_of(&BODIES) } else { "" }.as_bytes().to_vec();
        if self.once_in(4) {
            body.truncate(self.below(body.len() + 1));
        }
        if self.once_in(400) {
            body.resize(long, b'x');
        }
        (head, body)
    }

    /// Cuts it off, flips some of its bits, or puts something into the middle.
    pub(super) fn spoil(&mut self, bytes: &mut Vec<u8>) {
        let at = self.below(bytes.len());
        match self.below(3) {
            0 => bytes.truncate(at),
            1 => {
                for _ in 0..=self.below(3) {
                    let flipped = self.below(bytes.len());
                    bytes[flipped] ^= 1 << self.below(8);
                }
            }
            _ => {
                let piece = self.one_of(&PIECES);
                bytes.splice(at..at, piece.iter().copied());
            }
        }
    }
}
