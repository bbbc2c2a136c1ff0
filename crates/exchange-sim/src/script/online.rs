//! What invitations say of those who join from afar: as the platforms write it, in our own words.

use crate::world::Invitation;

/// The same, with how it is joined where people come from elsewhere: the subject tells, no dice do.
pub(super) fn joined<'a>(invitation: Invitation<'a>, subject: &str) -> Invitation<'a> {
    match body(subject) {
        Some(body) => invitation.saying(body),
        None => invitation,
    }
}

fn body(subject: &str) -> Option<&'static str> {
    let body = match subject {
        "Customer call" | "Training" => {
            "We meet in the room, you from wherever you are.\r\n\r\nJoin the meeting:\r\n\
             https://example.webex.com/example/j.php?MTID=m5f0c2a91d7e34b68\r\n\
             Meeting number (access code): 2345 678 9012\r\n\
             From the phones of the house:\r\nConference number: 8823456\r\n"
        }
        "Supplier meeting" | "Road map" => {
            "Numbers to look at beforehand are in the usual folder.\r\n\r\nMicrosoft Teams meeting\r\n\
             https://teams.microsoft.com/l/meetup-join/19%3ameeting_b2FkLW1hcA%40thread.v2/0\r\n\
             Join on a video conferencing device\r\nTenant key: example@m.webex.com\r\nVideo ID: 112 345 678 9\r\n"
        }
        "Press call" | "Contract talks" => {
            "The others dial in.\r\n\r\nVideo: sip:boardroom.8871204@video.example.com\r\n\
             Conference number: 8871204\r\n"
        }
        _ => return None,
    };
    Some(body)
}

#[cfg(test)]
mod tests {
    use super::super::SUBJECTS;
    use super::body;

    #[test]
    fn some_meetings_are_joined_from_afar_and_most_are_not() {
        let ways: Vec<&str> = SUBJECTS.iter().filter_map(|subject| body(subject)).collect();
        assert_eq!(ways.len(), 6);
        for platform in ["webex.com", "teams.microsoft.com", "sip:", "Conference number: 88"] {
            assert!(ways.iter().any(|body| body.contains(platform)), "{platform}");
        }
    }
}
