//! What people who mean ill ask on the control socket.

use super::asking::Dice;
use serde_json::{Value, json};

/// So many lists within each other are more than any request has.
const DEEP: usize = 10_000;

impl Dice {
    /// A line for the control socket: a request that changes nothing, as it is, with one field that is missing or of another
    /// kind, or spoilt; or none at all.
    pub(super) fn for_operator(&mut self) -> Vec<u8> {
        match self.below(20) {
            0 => return (0..self.below(200)).map(|_| u8::try_from(self.below(256)).unwrap()).collect(),
            1 => return "[".repeat(self.below(DEEP)).into_bytes(),
            _ => {}
        }
        let mut request = self.question();
        if self.once_in(3) {
            self.bend(&mut request);
        }
        let mut line = serde_json::to_vec(&request).unwrap();
        if self.once_in(5) {
            self.spoil(&mut line);
        }
        line.push(b'\n');
        line
    }

    /// Whatever becomes of a field, none of these is a request to change something: rooms that there are, are only explained.
    fn question(&mut self) -> Value {
        let room = self.one_of(&["berlin", "nowhere", "", "../berlin", "\u{0}\u{202e}"]);
        match self.below(10) {
            0 => json!({ "ask": "status" }),
            1 => json!({ "ask": "clock" }),
            2 => json!({ "ask": "shadow", "rooms": [room] }),
            3 => json!({ "ask": "explain", "room": room }),
            4 => {
                json!({ "ask": "explain", "room": room, "at": "2026-11-21T09:00:00Z", "meeting": "%", "reveal": true })
            }
            5 => json!({ "ask": "diff", "rooms": ["nowhere"] }),
            6 => json!({ "ask": "resync", "rooms": ["nowhere", "elsewhere"], "dry_run": false }),
            7 => json!({ "ask": "test", "server": "nowhere" }),
            8 => json!({
                "ask": "migrate", "rooms": ["nowhere"], "to": "nowhere", "dry_run": false, "from_mirror": true,
                "tolerate": 0,
            }),
            _ => json!({ "ask": "stop", "rooms": [room], "dry_run": 1 }),
        }
    }

    /// Takes a field away, or makes it something else.
    fn bend(&mut self, request: &mut Value) {
        let fields = request.as_object_mut().unwrap();
        let names: Vec<String> = fields.keys().cloned().collect();
        let name = &names[self.below(names.len())];
        if self.once_in(4) {
            fields.remove(name);
            return;
        }
        let instead = match self.below(12) {
            0 => Value::Null,
            1 => json!(-1),
            2 => json!(u64::MAX),
            3 => json!(1e300),
            4 => json!("+262142-12-31T23:59:60Z"),
            5 => json!({}),
            6 => json!([null]),
            7 => json!([["nowhere"]]),
            8 => json!(true),
            9 if self.once_in(8) => json!("x".repeat(self.below(400_000))),
            10 if self.once_in(8) => json!(vec!["nowhere"; self.below(4_000)]),
            _ => json!("resync"),
        };
        fields.insert(name.clone(), instead);
    }
}
