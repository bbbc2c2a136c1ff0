//! Whatever an invitation's body may hold of how to join.

use meeting_model::join::{Body, Invitation, JoinRule, JoinRules, NumberPattern, find};

pub(crate) fn bodies(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let rules = JoinRules {
        order: JoinRule::ALL.to_vec(),
        domains: vec!["video.example.com".to_owned()],
        numbers: vec![NumberPattern {
            label: Some("Conference number".to_owned()),
            prefix: "88".to_owned(),
            digits: 6..=8,
        }],
    };
    for body in [Body::Text(&text), Body::Html(&text)] {
        let invitation = Invitation { body: Some(body), location: Some(&text), ..Invitation::default() };
        let join = find(&invitation, &rules);
        let found = [&join.video, &join.web, &join.number].into_iter().flatten();
        for found in found {
            let address = &found.address;
            assert!(!address.chars().any(|c| c.is_control() || c == ' '), "{address:?} is no address");
            assert!(address.len() < 4_096, "an address of {} bytes", address.len());
        }
        assert_eq!(find(&invitation, &rules), join, "the same body leads elsewhere");
    }
}
