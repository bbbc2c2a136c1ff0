use super::*;
use proptest::prelude::*;

const SENT: &str = "2026-11-21T09:00:00Z";

fn sent() -> DateTime<Utc> {
    SENT.parse().unwrap()
}

fn after(seconds: f64) -> DateTime<Utc> {
    #[expect(clippy::cast_possible_truncation, reason = "a test's few seconds")]
    let nanos = (seconds * 1e9).round() as i64;
    sent() + chrono::TimeDelta::nanoseconds(nanos)
}

/// 64 bits of seconds and fraction since 1900, by hand.
fn bits(instant: DateTime<Utc>) -> [u8; 8] {
    let seconds = u64::try_from(instant.timestamp() + 2_208_988_800).unwrap() & 0xffff_ffff;
    let fraction = (u64::from(instant.timestamp_subsec_nanos()) << 32) / 1_000_000_000;
    (seconds << 32 | fraction).to_be_bytes()
}

/// An answer as RFC 5905 §7.3 draws it: stratum 2, precision 2^-20 s, with the times of arrival and departure there.
fn reply(query: &Query, there: DateTime<Utc>, back: DateTime<Utc>) -> Vec<u8> {
    let mut packet = vec![0b00_100_100, 2, 6, 0xec];
    packet.extend([0, 0, 0x80, 0]); // root delay 0.5 s
    packet.extend([0, 0, 0x40, 0]); // root dispersion 0.25 s
    packet.extend(*b"GPS\0");
    packet.extend(bits(sent()));
    packet.extend(&query.bytes()[40..48]);
    packet.extend(bits(there));
    packet.extend(bits(back));
    packet
}

#[test]
fn a_question_is_a_clients_of_version_4_and_no_two_are_alike() {
    let (one, other) = (Query::new(6), Query::new(6));
    assert_eq!(one.bytes().len(), 48);
    assert_eq!(one.bytes()[..3], [0b00_100_011, 0, 6]);
    assert!(one.bytes()[3..40].iter().all(|byte| *byte == 0), "it tells nothing about us");
    assert_ne!(one.bytes()[40..], other.bytes()[40..]);
}

#[test]
fn offset_and_delay_are_those_of_the_on_wire_calculation() {
    // 30 ms there, 10 ms inside, 50 ms back, and a clock that is 5 s ahead
    let query = Query::new(6);
    let reply = reply(&query, after(5.030), after(5.040));
    let answer = query.read(&reply, sent(), after(0.090)).unwrap();
    assert!((answer.offset - 4.990).abs() < 1e-6, "{answer:?}");
    assert!((answer.delay - 0.080).abs() < 1e-6, "{answer:?}");
    assert_eq!(answer.stratum, 2);
    assert!((answer.root_delay - 0.5).abs() < 1e-6 && (answer.root_dispersion - 0.25).abs() < 1e-6);
    assert!((answer.precision - 2_f64.powi(-20)).abs() < 1e-12);
}

#[test]
fn an_era_may_end_between_us() {
    // 2036-02-07T06:28:16Z is the first second of era 1
    let query = Query::new(6);
    let end: DateTime<Utc> = "2036-02-07T06:28:15.500Z".parse().unwrap();
    let second = chrono::TimeDelta::seconds(1);
    let reply = reply(&query, end + second, end + second);
    assert!((query.read(&reply, end, end).unwrap().offset - 1.0).abs() < 1e-6);
}

#[test]
fn what_cannot_be_used_is_refused() {
    let query = Query::new(6);
    let good = reply(&query, after(0.001), after(0.001));
    let with = |place: usize, byte: u8| {
        let mut packet = good.clone();
        packet[place] = byte;
        packet
    };
    let kiss = |code: &[u8; 4]| {
        let mut packet = with(1, 0);
        packet[12..16].copy_from_slice(code);
        packet
    };
    let stale = reply(&Query::new(6), after(0.001), after(0.001));
    let table = [
        (Vec::new(), NoSample::Unreadable),
        (good[..47].to_vec(), NoSample::Unreadable),
        (b"HTTP/1.1 400 Bad Request\r\n\r\nthat is no packet of NTP".to_vec(), NoSample::Unreadable),
        (with(0, 0b00_101_100), NoSample::Unreadable),
        (with(0, 0b00_100_011), NoSample::Mode),
        (with(0, 0b00_100_101), NoSample::Mode),
        (query.bytes().to_vec(), NoSample::Mode),
        (stale, NoSample::Origin),
        (kiss(b"RATE"), NoSample::Kiss(Kiss::Rate { poll: 6 })),
        (kiss(b"DENY"), NoSample::Kiss(Kiss::Deny)),
        (kiss(b"RSTR"), NoSample::Kiss(Kiss::Restrict)),
        (kiss(b"INIT"), NoSample::Kiss(Kiss::Other(*b"INIT"))),
        (with(0, 0b11_100_100), NoSample::Unsynchronised),
        (with(1, 16), NoSample::Unsynchronised),
        (with(1, 255), NoSample::Unsynchronised),
        (reply(&query, after(0.002), after(0.001)), NoSample::Impossible),
        (reply(&query, after(0.0), after(0.5)), NoSample::Impossible),
    ];
    for (packet, expected) in table {
        assert_eq!(query.read(&packet, sent(), after(0.002)), Err(expected), "{packet:?}");
    }
    assert!(query.read(&good, sent(), after(0.002)).is_ok());
    assert_eq!(query.read(&good, sent(), after(-0.002)), Err(NoSample::Impossible), "our clock went back");
    let silent = [&good[..32], &[0; 16]].concat();
    assert_eq!(query.read(&silent, sent(), after(0.002)), Err(NoSample::Impossible), "it has no times");
}

#[test]
fn what_comes_behind_an_answer_does_no_harm() {
    let query = Query::new(6);
    let mut long = reply(&query, after(0.001), after(0.001));
    // an unknown extension field of 28 bytes (RFC 7822)
    long.extend([0x0f, 0xff, 0, 28]);
    long.extend([7; 24]);
    assert!(query.read(&long, sent(), after(0.002)).is_ok());
    for cut in 49..long.len() {
        let _ = query.read(&long[..cut], sent(), after(0.002));
    }
}

proptest! {
    /// The offset is wrong by half of what the ways there and back differ by, and by nothing else.
    #[test]
    fn the_offset_is_wrong_by_half_the_asymmetry(
        ahead in -86_400.0..86_400.0_f64,
        there in 0.000_1..1.0_f64,
        inside in 0.0..0.1_f64,
        back in 0.000_1..1.0_f64,
    ) {
        let query = Query::new(6);
        let reply = reply(&query, after(ahead + there), after(ahead + there + inside));
        let answer = query.read(&reply, sent(), after(there + inside + back)).unwrap();
        prop_assert!((answer.offset - ahead - (there - back) / 2.0).abs() < 1e-4, "{answer:?}");
        prop_assert!((answer.delay - there - back).abs() < 1e-5, "{answer:?}");
        prop_assert!((answer.offset - ahead).abs() <= answer.delay / 2.0 + 1e-4);
    }

    /// Bytes of anybody are no answer: the origin timestamp is 64 random bits.
    #[test]
    fn nobody_guesses_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..120), server: bool) {
        let mut bytes = bytes;
        if let (true, Some(first)) = (server, bytes.first_mut()) {
            *first = 0b00_100_100;
        }
        prop_assert!(Query::new(6).read(&bytes, sent(), after(0.01)).is_err());
    }
}
