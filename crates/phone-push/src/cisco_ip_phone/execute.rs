//! The documents that make a phone fetch a page, or close it.

use crate::{error::SetupError, http::below};
use meeting_model::id::RoomId;
use quick_xml::{Writer, events::BytesEnd, events::BytesStart, events::Event};
use reqwest::Url;

/// The longest POST that every firmware takes, in bytes (Development Notes 7.1, chapter 5).
const LONGEST_POST: usize = 512;

/// The longest address in an ExecuteItem, in characters (CiscoIPPhone.xsd).
const LONGEST_URL: usize = 256;

/// How a page comes upon a phone (Development Notes 7.1, chapter 3, "CiscoIPPhoneExecute"). What is of priority 0 would break
/// into a call, and is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Priority {
    /// Only where the phone is idle; else it is thrown away, though answered just the same.
    Refresh,
    /// As soon as the phone is idle.
    Reminder,
}

impl Priority {
    fn number(self) -> &'static str {
        match self {
            Self::Reminder => "1",
            Self::Refresh => "2",
        }
    }
}

/// The whole body of a POST that makes a phone fetch the room's page. The feed is told which phone by its token.
///
/// # Errors
///
/// When the page's address is too long.
pub(super) fn form(feed: &Url, room: &RoomId, token: &str, priority: Priority) -> Result<String, SetupError> {
    let too_long = |what, most, found| SetupError::TooLong { room: room.clone(), what, most, found };
    let page = page(feed, room, token);
    let length = page.as_str().chars().count();
    if length > LONGEST_URL {
        return Err(too_long("characters", LONGEST_URL, length));
    }
    let body = form_urlencoded(&document(page.as_str(), priority));
    if body.len() > LONGEST_POST {
        return Err(too_long("bytes", LONGEST_POST, body.len()));
    }
    Ok(body)
}

/// The internal URI that ends a phone's services, and with them the page it shows (Development Notes 7.1, chapter 4, "Init").
const CLOSE: &str = "Init:Services";

/// The whole body of a POST that makes a phone close whatever page it shows. Internal URIs are carried out at once.
pub(super) fn farewell() -> String {
    form_urlencoded(&document(CLOSE, Priority::Refresh))
}

/// `{feed}/phone/{room}/menu.xml?device={token}`.
fn page(feed: &Url, room: &RoomId, token: &str) -> Url {
    let mut url = below(feed, &["phone", room.as_str(), "menu.xml"]);
    url.query_pairs_mut().append_pair("device", token);
    url
}

/// A CiscoIPPhoneExecute with one address.
fn document(url: &str, priority: Priority) -> String {
    let item =
        BytesStart::new("ExecuteItem").with_attributes([("Priority", priority.number()), ("URL", url)]);
    let mut xml = Writer::new(Vec::new());
    for event in [
        Event::Start(BytesStart::new("CiscoIPPhoneExecute")),
        Event::Empty(item),
        Event::End(BytesEnd::new("CiscoIPPhoneExecute")),
    ] {
        xml.write_event(event).expect("writing to memory does not fail");
    }
    String::from_utf8(xml.into_inner()).expect("text was written")
}

/// The document as the form field `XML`: phones take that name in capitals only.
fn form_urlencoded(document: &str) -> String {
    let mut url = Url::parse("http://form").expect("it is a url");
    url.query_pairs_mut().append_pair("XML", document);
    url.query().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form_of(feed: &str, room: &str) -> Result<String, SetupError> {
        form(&feed.parse().unwrap(), &RoomId::new(room), "0f1e", Priority::Refresh)
    }

    #[test]
    fn the_page_of_a_room_is_found_under_the_public_url() {
        for (feed, room, page_url) in [
            ("http://feed:8080", "berlin", "http://feed:8080/phone/berlin/menu.xml?device=0f1e"),
            ("https://feed/rooms/", "berlin", "https://feed/rooms/phone/berlin/menu.xml?device=0f1e"),
            ("http://feed", "a/b ü", "http://feed/phone/a%2Fb%20%C3%BC/menu.xml?device=0f1e"),
        ] {
            assert_eq!(page(&feed.parse().unwrap(), &RoomId::new(room), "0f1e").as_str(), page_url);
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_and_says_what_to_shorten() {
        let longest =
            (1..600).take_while(|n| form_of("http://feed", &"r".repeat(*n)).is_ok()).last().unwrap();
        assert_eq!(longest, 256 - "http://feed/phone//menu.xml?device=0f1e".len());
        insta::assert_snapshot!(
            form_of("http://feed", &"r".repeat(longest + 1)).unwrap_err().to_string().replace("rr", ""),
            @"room ``: the address of its page does not fit a push to a phone: expected at most 256 characters, found 257: shorten the public url or the room's id"
        );
        // A percent sign is three bytes in a form: bytes run out before characters do.
        insta::assert_snapshot!(
            form_of("http://feed", &"ü".repeat(36)).unwrap_err(),
            @"room `üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü`: the address of its page does not fit a push to a phone: expected at most 512 bytes, found 524: shorten the public url or the room's id"
        );
    }
}
