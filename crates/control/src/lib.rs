//! What an operator may ask the daemon and is told: shared by the control socket, the administrator's pages and the
//! commands.
//!
//! On the socket every value is one line of JSON. A [`Request`] is answered by any number of
//! [`Message::Progress`], [`Message::Room`] and [`Message::Migration`] lines and one last line: [`Message::Status`], [`Message::Clock`], [`Message::Done`],
//! [`Message::Explained`], [`Message::Shadow`], [`Message::Tested`], [`Message::Reloaded`], [`Message::Mistaken`] or [`Message::Refused`].
//!
//! Nothing here holds a subject or a person that the rules hide: differences name what a display shows. Only an operator who
//! asks for what is hidden is told it, in [`Explained`].

pub mod clock;
pub mod explained;
pub mod health;
pub mod message;
pub mod migration;
mod outcome;
pub mod shadow;
pub mod warning;

pub use clock::{ClockReport, ClockState, ExchangeClock, NtpSource, NtpVerdict};
pub use explained::{Explained, ExplainedMeeting, OnDevice, Question, Trouble};
pub use health::{
    DeviceHealth, Health, MailboxHealth, RoomHealth, RoomState, ServerHealth, ServerState, ToldBy,
};
pub use message::{
    Changed, Compared, DiffKind, DiffLine, Differing, Message, Reloaded, Request, Resynced, RoomReport,
    Switched, Tested, TestedStep,
};
pub use migration::{Migrate, Migration, MigrationOutcome, MigrationReport, Mismatch, MismatchKind, StoodIn};
pub use shadow::{Shadow, ShadowDevice, ShadowMeeting, Telling};
pub use warning::Warning;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_switch_is_said_with_its_numbers() {
        let said = [(0, 0), (1, 0), (0, 2), (3, 1)].map(|(hides, shows)| {
            Switched { room: "berlin".into(), acceptance: "proxy".into(), hides, shows }.sentence()
        });
        assert_eq!(
            said.map(|sentence| sentence.replace("with `acceptance = \"proxy\"` ", "")),
            [
                "no meeting disappears or appears",
                "1 meeting disappears until accepted again",
                "2 meetings appear",
                "3 meetings disappear until accepted again, and 1 meeting appears"
            ]
        );
    }

    #[test]
    fn every_line_on_the_socket_survives_the_way_there_and_back() {
        let request = Request::Resync { rooms: vec!["berlin".into()], dry_run: true };
        let line = serde_json::to_string(&request).unwrap();
        assert_eq!(line, r#"{"ask":"resync","rooms":["berlin"],"dry_run":true}"#);
        assert_eq!(serde_json::from_str::<Request>(&line).unwrap(), request);
        let told = [
            Message::Status(Health::default()),
            Message::Reloaded(Reloaded::default()),
            Message::Clock(Box::default()),
            Message::Mistaken { mistakes: vec!["callboard.toml:1:1: unknown key".into()] },
            Message::Room(RoomReport {
                room: "berlin".into(),
                mailbox: None,
                result: Err("no answer".into()),
            }),
            Message::Room(RoomReport {
                room: "berlin".into(),
                mailbox: Some("b@example.com".into()),
                result: Ok(Resynced {
                    rev: 3,
                    applied: false,
                    shown: 2,
                    lines: Vec::new(),
                    comparison: Some(Err("no answer".into())),
                }),
            }),
            Message::Refused { sentence: "unknown room".into(), unknown_rooms: vec!["oslo".into()] },
        ];
        for message in told {
            let line = serde_json::to_string(&message).unwrap();
            assert!(!line.contains('\n') && !line.contains("\"Ok\"") && !line.contains("\"Err\""), "{line}");
            assert_eq!(serde_json::from_str::<Message>(&line).unwrap(), message);
        }
    }
}
