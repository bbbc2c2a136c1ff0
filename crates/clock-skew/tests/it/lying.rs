//! Servers that answer wrongly, late, from elsewhere or not at all.

use crate::stand_in::{BRIEFLY, Manner, PATIENCE, StandIn, now};
use chrono::TimeDelta;
use clock_skew::{Answer, Kiss, NoSample, NtpAddress, ask};
use std::{net::SocketAddr, time::Duration};

async fn asked(server: &StandIn, patience: Duration) -> Result<Answer, NoSample> {
    ask(&server.address.into(), None, 6, patience, now).await.map(|(address, answer)| {
        assert_eq!(address, server.address);
        answer
    })
}

/// As exact as an answer can be that took so long: RFC 5905 §8 has it that the offset is wrong by half the delay at most.
fn is_ahead_by(answer: &Answer, ahead: TimeDelta) {
    let off = (answer.offset - ahead.as_seconds_f64()).abs();
    assert!(answer.delay >= 0.0 && off < 0.05 + answer.delay / 2.0, "{answer:?}");
}

#[tokio::test]
async fn whoever_knows_the_time_tells_it_over_ipv4_and_ipv6() {
    for ahead in [TimeDelta::zero(), TimeDelta::seconds(-5), TimeDelta::hours(3)] {
        let server = StandIn::serve(Manner::Time(ahead)).await;
        let answer = asked(&server, PATIENCE).await.unwrap();
        is_ahead_by(&answer, ahead);
        assert_eq!(answer.stratum, 2, "{answer:?}");
    }
    if std::net::UdpSocket::bind("[::1]:0").is_err() {
        println!("this machine has no IPv6: left out");
        return;
    }
    let server = StandIn::serve_on("[::1]:0", Manner::Time(TimeDelta::zero())).await;
    is_ahead_by(&asked(&server, PATIENCE).await.unwrap(), TimeDelta::zero());
    let named: NtpAddress = format!("localhost:{}", server.address.port()).parse().unwrap();
    let direct = ask(&named, Some(server.address), 6, PATIENCE, now).await;
    assert!(direct.is_ok(), "where it answered before, nobody is asked for its name");
}

#[tokio::test]
async fn garbage_and_forgeries_do_not_keep_the_answer_away() {
    for manner in [Manner::GarbageThenTime, Manner::ForeignKissThenTime] {
        let server = StandIn::serve(manner).await;
        is_ahead_by(&asked(&server, PATIENCE).await.unwrap(), TimeDelta::zero());
    }
}

#[tokio::test]
async fn what_is_no_answer_is_waited_out_and_said() {
    let table = [
        (Manner::Silence, NoSample::Silent(BRIEFLY)),
        (Manner::FromElsewhere, NoSample::Silent(BRIEFLY)),
        (Manner::Garbage, NoSample::Unreadable),
        (Manner::Short, NoSample::Unreadable),
        (Manner::StaleOrigin, NoSample::Origin),
        (Manner::Mode(3), NoSample::Mode),
        (Manner::Mode(5), NoSample::Mode),
    ];
    let mut asking = tokio::task::JoinSet::new();
    for (manner, expected) in table {
        asking.spawn(async move {
            let server = StandIn::serve(manner).await;
            assert_eq!(asked(&server, BRIEFLY).await, Err(expected), "{manner:?}");
        });
    }
    while let Some(asked) = asking.join_next().await {
        asked.unwrap();
    }
}

#[tokio::test]
async fn what_the_server_says_is_believed_at_once() {
    let table = [
        (Manner::Kiss(*b"RATE"), NoSample::Kiss(Kiss::Rate { poll: 6 })),
        (Manner::Kiss(*b"DENY"), NoSample::Kiss(Kiss::Deny)),
        (Manner::Kiss(*b"RSTR"), NoSample::Kiss(Kiss::Restrict)),
        (Manner::LeapAlarm, NoSample::Unsynchronised),
        (Manner::Stratum(16), NoSample::Unsynchronised),
    ];
    for (manner, expected) in table {
        let server = StandIn::serve(manner).await;
        let address = server.address.into();
        let asking = ask(&address, None, 6, Duration::from_mins(1), now);
        let found = tokio::time::timeout(Duration::from_secs(10), asking).await.unwrap();
        assert_eq!(found.map(|(_, answer)| answer.stratum), Err(expected), "{manner:?}");
    }
}

#[tokio::test]
async fn an_address_nobody_listens_on_and_a_name_nobody_has_are_told_apart() {
    let free: SocketAddr = {
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.local_addr().unwrap()
    };
    let refused = ask(&free.into(), None, 6, PATIENCE, now).await.unwrap_err();
    assert!(matches!(refused, NoSample::Unreachable(_)), "{refused:?}");
    let nobody: NtpAddress = "nobody.invalid".parse().unwrap();
    let unknown = ask(&nobody, None, 6, BRIEFLY, now).await.unwrap_err();
    assert!(matches!(unknown, NoSample::Name(_)), "{unknown:?}");
}

#[test]
fn every_reason_is_a_sentence() {
    use std::io::ErrorKind;
    let all = [
        NoSample::Name(ErrorKind::NotFound),
        NoSample::Unreachable(ErrorKind::ConnectionRefused),
        NoSample::Silent(Duration::from_millis(1_500)),
        NoSample::Unreadable,
        NoSample::Mode,
        NoSample::Origin,
        NoSample::Kiss(Kiss::Rate { poll: 6 }),
        NoSample::Kiss(Kiss::Deny),
        NoSample::Kiss(Kiss::Restrict),
        NoSample::Kiss(Kiss::Other(*b"X\x01\"\xff")),
        NoSample::Unsynchronised,
        NoSample::Impossible,
    ];
    let told: Vec<String> = all.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    its name cannot be resolved (NotFound); check the name and this machine's DNS
    it cannot be reached (ConnectionRefused); check the address, and that UDP gets out to it
    no answer within 1.5 s; check that UDP gets out to it and back
    what it answers is no NTP packet
    what it answers is not of a server's mode
    what it answers was not asked
    it refuses: asked too often (RATE); it is asked less often
    it refuses: access denied (DENY); name another server, or let it serve this machine
    it refuses: access restricted (RSTR); name another server, or let it serve this machine
    it refuses: kiss code `X\x01\"\xff`
    it has no time to give: it is not synchronised itself
    its times contradict each other
    "#);
}
