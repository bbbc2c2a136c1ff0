//! Whatever may come back from an NTP server's address: the packets, and what is made of them.

use crate::said::fits_a_log;
use chrono::{DateTime, TimeDelta, Utc};
use clock_skew::{Answer, NoSample, Ntp, packet::Query};
use std::time::Duration;

/// Where an answer repeats the question's transmit timestamp (RFC 5905 §7.3), and where a question has it.
const ORIGIN: std::ops::Range<usize> = 24..32;
const TRANSMIT: std::ops::Range<usize> = 40..48;

pub(crate) fn reply(bytes: &[u8]) {
    let sent = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
    let query = Query::new(6);
    let guessed = query.read(bytes, sent, sent + TimeDelta::milliseconds(20));
    assert!(guessed.is_err(), "nobody guesses 64 random bits");

    // the same by somebody who has read the question, again and again
    let servers = ["192.0.2.1", "192.0.2.2"].map(|server| server.parse().expect("an address"));
    let mut ntp = Ntp::new(servers, Duration::ZERO);
    let mut now = Duration::ZERO;
    for packet in bytes.chunks(48).take(64) {
        let due = ntp.due(now);
        for due in &due {
            let answered = answer(packet, sent + TimeDelta::from_std(now).expect("a short time"));
            ntp.answered(due.source, answered.map(|answer| (([192, 0, 2, 1], 123).into(), answer)), now);
        }
        for said in ntp.report(now) {
            said.trouble.iter().for_each(|trouble| fits_a_log(&trouble.to_string()));
        }
        if let Some(estimate) = ntp.estimate(now) {
            assert!(estimate.offset.is_finite() && estimate.uncertainty >= 0.0, "{estimate:?}");
        }
        let Some(next) = ntp.next() else { return };
        assert!(next > now || due.is_empty(), "it is asked without end");
        now = next;
    }
}

fn answer(packet: &[u8], sent: DateTime<Utc>) -> Result<Answer, NoSample> {
    let query = Query::new(6);
    let mut packet = packet.to_vec();
    if let (Some(origin), Some(transmit)) = (packet.get_mut(ORIGIN), query.bytes().get(TRANSMIT)) {
        origin.copy_from_slice(transmit);
    }
    query.read(&packet, sent, sent + TimeDelta::milliseconds(20))
}
