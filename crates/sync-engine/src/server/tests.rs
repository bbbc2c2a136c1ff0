use super::*;
use crate::settings::{AccountId, PushSettings};

fn server() -> Server {
    Server::new(ServerSettings {
        dialect: Dialect::default(),
        webdav: None,
        autodiscover: None,
        account: AccountId::new("svc"),
        notifications: None,
        push: None,
        pull_interval: Duration::from_secs(15),
        renew_every: Duration::from_mins(20),
        reconcile_every: Duration::from_hours(1),
        max_concurrent: Some(3),
    })
}

fn takes(server: &mut Server, now: u64) -> usize {
    for n in 0..5 {
        server.enqueue(&RoomId::new(format!("room-{n}")), Urgency::Watch);
    }
    std::iter::from_fn(|| server.next_room(Duration::from_secs(now))).count()
}

#[test]
fn one_room_talks_until_the_server_has_answered() {
    let mut server = server();
    assert_eq!(takes(&mut server, 0), 1);
    server.answered(None, Duration::ZERO);
    assert_eq!(takes(&mut server, 0), 2, "three at once, one of them still talking");
}

#[test]
fn a_server_is_asked_in_older_words_until_it_knows_them_or_there_are_none() {
    let mut server = server();
    assert_eq!(server.settings.dialect.version, Version::Exchange2010Sp1);
    assert!(server.speak_older(Version::Exchange2010Sp1));
    assert_eq!(server.settings.dialect.version, Version::Exchange2010);
    assert!(server.speak_older(Version::Exchange2010Sp1), "another room, asked before that");
    assert_eq!(server.settings.dialect.version, Version::Exchange2010);
    assert!(server.speak_older(Version::Exchange2010));
    assert!(!server.speak_older(Version::Exchange2007Sp1));
}

#[test]
fn a_server_that_names_a_wait_is_left_alone_for_just_that_and_asked_less_afterwards() {
    let mut server = server();
    let mut dice = Dice::new(1);
    let seconds = Duration::from_secs;
    server.answered(None, Duration::ZERO);
    server.failed(NextStep::RetryAfter(seconds(30)), "busy".into(), Duration::ZERO, &mut dice);
    assert_eq!(takes(&mut server, 29), 0);
    // what was under way as it asked for the pause
    server.answered(None, seconds(1));
    server.failed(NextStep::RetryAfter(seconds(5)), "busy".into(), seconds(1), &mut dice);
    server.failed(NextStep::BackOff, "no answer in time".into(), seconds(2), &mut dice);
    server.try_again();
    assert_eq!(takes(&mut server, 29), 0);
    server.answered(None, seconds(3));
    assert_eq!(server.closed_until(), Some(seconds(30)));
    assert_eq!(takes(&mut server, 30), 1);
    server.hang_up();
    server.answered(None, seconds(30));
    assert_eq!(takes(&mut server, 30), 2, "of three: halved, and one more for a good answer");
}

#[test]
fn thousands_of_rooms_that_ask_do_so_less_often() {
    let mut server = server();
    for (rooms, seconds) in [(1, 15), (300, 15), (8_000, 400)] {
        for number in 0..rooms {
            server.is_asked_by(&RoomId::new(format!("room-{number}")), true);
        }
        assert_eq!(server.pull_interval(), Duration::from_secs(seconds), "{rooms}");
    }
}

#[test]
fn changes_are_heard_of_in_the_best_way_that_the_version_knows() {
    let push = PushSettings { url: "http://us.example.com".into(), secret: [0; 32] };
    for (version, has_push, expected) in [
        (None, false, Notifications::Streaming),
        (Some("15.2.1544"), true, Notifications::Streaming),
        (Some("14.1.218"), false, Notifications::Streaming),
        (Some("14.0.639"), false, Notifications::Pull),
        (Some("8.3.83"), false, Notifications::Pull),
        (Some("8.3.83"), true, Notifications::Push),
    ] {
        let mut server = server();
        server.settings.push = has_push.then(|| push.clone());
        server.answered(version.map(str::to_owned), Duration::ZERO);
        assert_eq!(server.notifications(), expected, "{version:?}");
    }
}

#[test]
fn as_many_rooms_talk_at_once_as_the_policy_of_the_version_allows() {
    for (version, expected) in [("8.3.83", 10), ("14.3.123", 10), ("15.0.1497", 27), ("15.20.1", 27)] {
        let mut server = server();
        server.settings.max_concurrent = None;
        server.answered(Some(version.to_owned()), Duration::ZERO);
        server.allowance = Allowance::new(99);
        assert_eq!(server.limit(), expected, "{version}");
    }
}
