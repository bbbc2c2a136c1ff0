//! The documents that make a phone fetch a page, or close it.

use crate::error::SetupError;
use meeting_model::id::RoomId;
use quick_xml::{Writer, events::BytesEnd, events::BytesStart, events::Event};
use reqwest::Url;

/// The longest POST that every firmware takes, in bytes (Development Notes 7.1, chapter 5).
const LONGEST_POST: usize = 512;

/// The longest address in an ExecuteItem, in characters (CiscoIPPhone.xsd).
const LONGEST_URL: usize = 256;

/// The whole body of a POST that makes a phone fetch the room's page.
///
/// # Errors
///
/// When the page's address is too long.
pub(super) fn form(feed: &Url, room: &RoomId) -> Result<String, SetupError> {
    let too_long = |what, most, found| SetupError::TooLong { room: room.clone(), what, most, found };
    let page = page(feed, room);
    let length = page.as_str().chars().count();
    if length > LONGEST_URL {
        return Err(too_long("characters", LONGEST_URL, length));
    }
    let body = form_urlencoded(&document(page.as_str()));
    if body.len() > LONGEST_POST {
        return Err(too_long("bytes", LONGEST_POST, body.len()));
    }
    Ok(body)
}

/// The internal URI that ends a phone's services, and with them the page it shows (Development Notes 7.1, chapter 4, "Init").
const CLOSE: &str = "Init:Services";

/// The whole body of a POST that makes a phone close whatever page it shows.
pub(super) fn farewell() -> String {
    form_urlencoded(&document(CLOSE))
}

/// `{feed}/phone/{room}/menu.xml`.
fn page(feed: &Url, room: &RoomId) -> Url {
    let mut url = feed.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(["phone", room.as_str(), "menu.xml"]);
    }
    url
}

/// A CiscoIPPhoneExecute with one address.
///
/// Priority 1: fetched as soon as the phone is idle. Priority 0 would break into a call; and a push of priority 2
/// is thrown away by a phone that is not idle, which answers just the same, and we settle on the answer.
fn document(url: &str) -> String {
    let item = BytesStart::new("ExecuteItem").with_attributes([("Priority", "1"), ("URL", url)]);
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
        form(&feed.parse().unwrap(), &RoomId::new(room))
    }

    #[test]
    fn the_page_of_a_room_is_found_under_the_public_url() {
        for (feed, room, page_url) in [
            ("http://feed:8080", "berlin", "http://feed:8080/phone/berlin/menu.xml"),
            ("https://feed/rooms/", "berlin", "https://feed/rooms/phone/berlin/menu.xml"),
            ("http://feed", "a/b ü", "http://feed/phone/a%2Fb%20%C3%BC/menu.xml"),
        ] {
            assert_eq!(page(&feed.parse().unwrap(), &RoomId::new(room)).as_str(), page_url);
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_and_says_what_to_shorten() {
        let longest =
            (1..600).take_while(|n| form_of("http://feed", &"r".repeat(*n)).is_ok()).last().unwrap();
        assert_eq!(longest, 256 - "http://feed/phone//menu.xml".len());
        insta::assert_snapshot!(
            form_of("http://feed", &"r".repeat(longest + 1)).unwrap_err().to_string().replace("rr", ""),
            @"room ``: the address of its page does not fit a push to a phone: expected at most 256 characters, found 257: shorten the public url or the room's id"
        );
        // A percent sign is three bytes in a form: bytes run out before characters do.
        insta::assert_snapshot!(
            form_of("http://feed", &"ü".repeat(37)).unwrap_err(),
            @"room `üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü`: the address of its page does not fit a push to a phone: expected at most 512 bytes, found 518: shorten the public url or the room's id"
        );
    }
}
