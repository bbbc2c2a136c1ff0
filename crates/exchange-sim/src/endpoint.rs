//! A stand-in video endpoint of Cisco's: what it does with a list of meetings. No I/O.
//!
//! RoomOS xAPI, "Bookings", over `/putxml` and over JSON-RPC; and the older `/bookingsputxml`.

mod listed;

pub use self::listed::Listed;

use crate::xml::{Element, Xml};
use crate::{Request, Response};
use serde_json::{Value, json};

/// What an endpoint knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Knows {
    /// `xCommand Bookings Put`.
    pub put: bool,
    /// `POST /bookingsputxml`.
    pub put_xml: bool,
}

/// One endpoint.
#[derive(Debug, Clone)]
pub struct Endpoint {
    pub(crate) name: String,
    user: String,
    password: String,
    software: String,
    knows: Knows,
    list: Vec<Listed>,
    puts: u64,
    feedback: Option<String>,
}

impl Endpoint {
    /// An endpoint with today's software and one user, of the role Admin.
    pub fn new(name: &str, user: &str, password: &str) -> Self {
        Self {
            name: name.to_owned(),
            user: user.to_owned(),
            password: password.to_owned(),
            software: "RoomOS 11.14.5.0 1a2b3c".to_owned(),
            knows: Knows { put: true, put_xml: true },
            list: Vec::new(),
            puts: 0,
            feedback: None,
        }
    }

    /// The same with other software.
    #[must_use]
    pub fn with_software(self, software: &str, knows: Knows) -> Self {
        Self { software: software.to_owned(), knows, ..self }
    }

    /// The meetings on its list, in the order given.
    pub fn list(&self) -> &[Listed] {
        &self.list
    }

    /// How often its list was replaced.
    pub fn puts(&self) -> u64 {
        self.puts
    }

    /// Where it was told to call back.
    pub fn feedback(&self) -> Option<&str> {
        self.feedback.as_deref()
    }

    /// It starts anew: its list is gone, and it says so. Where it was told to call back, it does after a restart, too.
    pub(crate) fn restart(&mut self) -> Option<(String, Vec<u8>)> {
        self.list.clear();
        let mut xml = Xml::document();
        xml.within("Event", |xml| {
            xml.within("Bookings", |xml| xml.empty("SyncRequired", &[("item", "1")]));
        });
        Some((self.feedback.clone()?, xml.finish().into_bytes()))
    }

    /// What comes on its WebSocket after a restart.
    pub(crate) fn event() -> Value {
        json!({ "jsonrpc": "2.0", "method": "xFeedback/Event", "params": { "Event": { "Bookings": { "SyncRequired": {} } } } })
    }

    /// Whether these may sign in.
    pub(crate) fn admits(&self, user: &str, password: &str) -> bool {
        (user, password) == (&self.user, &self.password)
    }

    /// Answers a request.
    pub(crate) fn handle(&mut self, request: &Request) -> Response {
        let Some((user, password)) = request.credentials() else {
            return Response::empty(401).header("WWW-Authenticate", "Basic realm=\"endpoint\"");
        };
        if !self.admits(&user, &password) {
            return Response::empty(401);
        }
        let path = request.path.split('?').next().unwrap_or_default();
        match (request.method.as_str(), path) {
            ("GET", "/getxml") => self.status(),
            ("POST", "/putxml") => self.command(&request.body),
            ("POST", "/bookingsputxml") if self.knows.put_xml => self.put_xml(&request.body),
            _ => Response::empty(404),
        }
    }

    fn status(&self) -> Response {
        let mut xml = Xml::document();
        xml.within("Status", |xml| {
            xml.within("SystemUnit", |xml| {
                xml.within("Software", |xml| xml.leaf("Version", &self.software));
            });
        });
        Response::new(200, "text/xml", xml.finish())
    }

    fn command(&mut self, body: &[u8]) -> Response {
        let Some(command) = Element::parse(body).filter(|root| root.name == "Command") else {
            return Response::empty(400);
        };
        let mut xml = Xml::document();
        if let Some(put) = command.path(&["Bookings", "Put"]) {
            match self.put(put.text_of("body").unwrap_or_default()) {
                Ok(()) => in_command(&mut xml, |xml| xml.empty("BookingsPutResult", &[("status", "OK")])),
                Err(why) => in_command(&mut xml, |xml| refusal(xml, why)),
            }
        } else if command.path(&["Bookings", "List"]).is_some() {
            in_command(&mut xml, |xml| {
                xml.element("BookingsListResult", &[("status", "OK")], |xml| {
                    self.list.iter().for_each(|listed| listed.write(xml));
                });
            });
        } else if let Some(register) = command.path(&["HttpFeedback", "Register"]) {
            self.feedback = register.text_of("ServerUrl").map(str::to_owned);
            in_command(&mut xml, |xml| xml.empty("HttpFeedbackRegisterResult", &[("status", "OK")]));
        } else {
            in_command(&mut xml, |xml| refusal(xml, UNKNOWN));
        }
        Response::new(200, "text/xml", xml.finish())
    }

    fn put_xml(&mut self, body: &[u8]) -> Response {
        let list = Element::parse(body)
            .filter(|root| root.name == "Bookings")
            .and_then(|root| Listed::of_bookings(&root));
        let Some(list) = list else { return Response::empty(400) };
        self.replace(list);
        Response::new(200, "text/xml", "<success />")
    }

    /// Replaces the list, or says why not.
    fn put(&mut self, payload: &str) -> Result<(), &'static str> {
        if !self.knows.put {
            return Err(UNKNOWN);
        }
        let payload: Value = serde_json::from_str(payload).map_err(|_broken| "Bad body")?;
        let list = Listed::of_payload(&payload).ok_or("Missing field")?;
        self.replace(list);
        Ok(())
    }

    fn replace(&mut self, list: Vec<Listed>) {
        self.list = list;
        self.puts += 1;
    }

    /// Takes the list out of an answer to a PostEvent.
    pub(crate) fn take_answer(&mut self, body: &[u8]) -> bool {
        let path = ["Body", "PostEventResponse", "PostEventResult", "Management", "Calendar", "Bookings"];
        let envelope = Element::parse(body);
        let list = envelope.as_ref().and_then(|root| root.path(&path)).and_then(Listed::of_bookings);
        let taken = list.is_some();
        if let Some(list) = list.filter(|list| *list != self.list) {
            self.replace(list);
        }
        taken
    }

    /// Answers what comes on its WebSocket.
    pub(crate) fn call(&mut self, request: &Value) -> Value {
        let method = request.get("method").and_then(Value::as_str).unwrap_or_default();
        let body = request.pointer("/params/body").and_then(Value::as_str).unwrap_or_default();
        let result = match method {
            "xGet" => Ok(json!(self.software)),
            "xFeedback/Subscribe" => Ok(json!({ "Id": 1 })),
            "xCommand/Bookings/Put" => self.put(body).map(|()| json!({ "status": "OK" })),
            "xCommand/Bookings/List" => {
                let list: Vec<Value> = self.list.iter().map(Listed::value).collect();
                Ok(json!({ "status": "OK", "Booking": list }))
            }
            _ => Err(UNKNOWN),
        };
        let id = request.get("id").cloned().unwrap_or_default();
        match result {
            Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
            Err(why) => json!({ "jsonrpc": "2.0", "id": id, "error": { "code": 1, "message": why } }),
        }
    }
}

const UNKNOWN: &str = "Unknown command";

fn in_command(xml: &mut Xml, inside: impl FnOnce(&mut Xml)) {
    xml.within("Command", inside);
}

fn refusal(xml: &mut Xml, why: &str) {
    xml.element("Result", &[("status", "Error")], |xml| xml.leaf("Reason", why));
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUT: &str = r#"{"Bookings":[{"Id":"1","Title":"Staff","Number":"5@example.com","Protocol":"SIP",
        "Organizer":{"Name":"Pat"},"Time":{"StartTime":"2026-01-15T09:00:00Z","Duration":60}}]}"#;

    fn post(endpoint: &mut Endpoint, path: &str, body: &str) -> Response {
        endpoint.handle(&Request::post(path, body).basic("admin", "secret"))
    }

    fn put() -> String {
        format!("<Command><Bookings><Put command=\"True\"><body>{PUT}</body></Put></Bookings></Command>")
    }

    #[test]
    fn a_list_is_replaced_as_a_whole_listed_and_lost() {
        let mut endpoint = Endpoint::new("berlin", "admin", "secret");
        assert!(post(&mut endpoint, "/putxml", &put()).text().contains("status=\"OK\""));
        let [listed] = endpoint.list() else { panic!("{:?}", endpoint.list()) };
        assert_eq!((listed.title.as_str(), listed.number.as_deref()), ("Staff", Some("5@example.com")));
        let list = "<Command><Bookings><List command=\"True\"/></Bookings></Command>";
        assert!(
            post(&mut endpoint, "/putxml", list).text().contains("<EndTime>2026-01-15T10:00:00Z</EndTime>")
        );
        let register = "<Command><HttpFeedback><Register><ServerUrl>http://x/</ServerUrl></Register></HttpFeedback></Command>";
        post(&mut endpoint, "/putxml", register);
        let (url, event) = endpoint.restart().unwrap();
        assert_eq!((url.as_str(), endpoint.list().len()), ("http://x/", 0));
        assert!(String::from_utf8(event).unwrap().contains("SyncRequired"));
    }

    #[test]
    fn what_it_does_not_know_it_refuses() {
        let mut endpoint = Endpoint::new("berlin", "admin", "secret")
            .with_software("TC7.3.9", Knows { put: false, put_xml: true });
        assert!(post(&mut endpoint, "/putxml", &put()).text().contains("Unknown command"));
        assert_eq!(
            post(&mut endpoint, "/bookingsputxml", "<Bookings><Clear command=\"True\"/></Bookings>").status,
            200
        );
        assert_eq!(endpoint.handle(&Request::get("/getxml").basic("admin", "guess")).status, 401);
        let newer = Endpoint::new("berlin", "admin", "secret")
            .with_software("26.4.1", Knows { put: true, put_xml: false });
        assert_eq!(post(&mut newer.clone(), "/bookingsputxml", "<Bookings/>").status, 404);
        let missing = put().replace("\"Protocol\":\"SIP\",", "");
        assert!(post(&mut newer.clone(), "/putxml", &missing).text().contains("Missing field"));
    }
}
