//! When a server is asked: a burst first, then ever less often (RFC 5905 §13), and never against its will (§7.4).

use crate::error::Kiss;
use std::time::Duration;

/// How many questions a burst has.
pub const BURST: u8 = 8;

/// The pause between the questions of a burst (RFC 5905 §13, BTIME).
pub const BURST_PAUSE: Duration = Duration::from_secs(2);

/// 64 s, as a power of two.
const SHORTEST: u8 = 6;

/// 1024 s, as a power of two.
const LONGEST: u8 = 10;

/// After so many answers in a row at one interval, the next one is twice as long.
const SETTLED: u8 = 8;

/// When a server is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Poll {
    /// Nothing where it must not be asked any more.
    next: Option<Duration>,
    /// The interval, as a power of two in seconds.
    exponent: u8,
    /// The shortest interval that the server bears.
    shortest: u8,
    /// Questions of the burst that are still to come.
    burst: u8,
    bears_bursts: bool,
    in_a_row: u8,
    /// The last eight questions, the last one in the lowest bit: whether each was answered (RFC 5905 §9.2, reach).
    reach: u8,
}

impl Poll {
    /// A server that is asked from now on.
    pub fn begin(now: Duration) -> Self {
        Self {
            next: Some(now),
            exponent: SHORTEST,
            shortest: SHORTEST,
            burst: BURST,
            bears_bursts: true,
            in_a_row: 0,
            reach: 0,
        }
    }

    /// When it is asked next; never where nothing.
    pub fn next(&self) -> Option<Duration> {
        self.next
    }

    /// The interval, as a power of two in seconds.
    pub fn exponent(&self) -> u8 {
        self.exponent
    }

    /// The last eight questions, the last one in the lowest bit: whether each was answered.
    pub fn reach(&self) -> u8 {
        self.reach
    }

    /// Whether it is to be asked, and is: what comes of it is not known yet.
    pub fn asks(&mut self, now: Duration) -> bool {
        if self.next.is_none_or(|next| next > now) {
            return false;
        }
        self.burst = self.burst.saturating_sub(1);
        self.next = Some(now + if self.burst > 0 { BURST_PAUSE } else { self.interval() });
        true
    }

    /// It answered the last question. After a silence there is a burst again.
    pub fn answered(&mut self, now: Duration) {
        let was_silent = self.reach == 0;
        self.reach = self.reach << 1 | 1;
        self.in_a_row += u8::from(self.burst == 0);
        if was_silent && self.burst == 0 {
            self.burst_from(now + BURST_PAUSE, BURST - 1);
        } else if self.in_a_row >= SETTLED {
            self.in_a_row = 0;
            self.exponent = (self.exponent + 1).min(LONGEST);
        }
    }

    /// It did not answer the last question: it is asked again as soon as may be.
    pub fn missed(&mut self) {
        self.reach <<= 1;
        self.in_a_row = 0;
        self.exponent = self.shortest;
    }

    /// It says how it wants to be asked.
    pub fn kissed(&mut self, kiss: Kiss, now: Duration) {
        self.missed();
        match kiss {
            Kiss::Rate { poll } => {
                let borne = u8::try_from(poll).unwrap_or(0);
                self.shortest = (self.shortest + 1).max(borne).min(LONGEST);
                self.exponent = self.shortest;
                (self.burst, self.bears_bursts) = (0, false);
                self.next = Some(now + self.interval());
            }
            Kiss::Deny | Kiss::Restrict => self.next = None,
            Kiss::Other(_) => {}
        }
    }

    /// The clock it was measured with is another one now: it is asked at once, as at the beginning.
    pub fn again(&mut self, now: Duration) {
        self.in_a_row = 0;
        self.exponent = self.shortest;
        self.burst_from(now, BURST);
    }

    fn burst_from(&mut self, at: Duration, questions: u8) {
        if self.next.is_some() && self.bears_bursts {
            self.burst = questions;
            self.next = Some(at);
        }
    }

    fn interval(&self) -> Duration {
        Duration::from_secs(1 << self.exponent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The seconds at which a server is asked until `end`, that answers as `answers` says by the second.
    fn asked(poll: &mut Poll, end: u64, mut answers: impl FnMut(&mut Poll, Duration)) -> Vec<u64> {
        let mut asked = Vec::new();
        while let Some(next) = poll.next().filter(|next| next.as_secs() <= end) {
            assert!(poll.asks(next));
            asked.push(next.as_secs());
            answers(poll, next);
        }
        asked
    }

    fn gaps(asked: &[u64]) -> Vec<u64> {
        asked.windows(2).map(|two| two[1] - two[0]).collect()
    }

    #[test]
    fn a_burst_of_eight_and_then_from_64_to_1024_seconds() {
        let mut poll = Poll::begin(Duration::ZERO);
        let gaps = gaps(&asked(&mut poll, 50_000, Poll::answered));
        assert_eq!(&gaps[..8], [2, 2, 2, 2, 2, 2, 2, 64]);
        assert_eq!(poll.reach(), 0xff);
        assert!(gaps[7..].windows(2).all(|two| two[0] <= two[1]), "{gaps:?}");
        for interval in [64, 128, 256, 512] {
            assert_eq!(gaps.iter().filter(|gap| **gap == interval).count(), 8, "{interval} in {gaps:?}");
        }
        assert_eq!(gaps.last(), Some(&1024));
    }

    #[test]
    fn a_silent_server_is_asked_once_a_minute_and_in_a_burst_when_it_is_back() {
        let mut poll = Poll::begin(Duration::ZERO);
        let back = 14 + 64 * 20;
        let asked = asked(&mut poll, back + 200, |poll, now| {
            if now.as_secs() < back { poll.missed() } else { poll.answered(now) }
        });
        let gaps = gaps(&asked);
        assert_eq!(&gaps[..9], [2, 2, 2, 2, 2, 2, 2, 64, 64]);
        let returned = asked.iter().position(|second| *second >= back).unwrap();
        assert_eq!(&gaps[returned..returned + 8], [2, 2, 2, 2, 2, 2, 2, 64]);
    }

    /// As where the network comes up seconds after the program: the clock is known within half a minute all the same.
    #[test]
    fn a_server_that_answers_the_last_of_a_burst_alone_gets_one_more() {
        let mut poll = Poll::begin(Duration::ZERO);
        let asked = asked(&mut poll, 400, |poll, now| match now.as_secs() {
            14 => poll.answered(now),
            _ => poll.missed(),
        });
        assert_eq!(gaps(&asked), [[2; 14].as_slice(), &[64; 5]].concat());
    }

    #[test]
    fn kisses_are_obeyed() {
        let mut poll = Poll::begin(Duration::ZERO);
        let asked = asked(&mut poll, 3_000, |poll, now| poll.kissed(Kiss::Rate { poll: 8 }, now));
        assert_eq!(gaps(&asked), [256, 512, 1024, 1024], "no burst, and ever less often");
        poll.answered(Duration::from_secs(3_001));
        poll.again(Duration::from_secs(3_100));
        assert!(poll.next().unwrap().as_secs() >= 3_800, "no burst for who does not bear it");
        for kiss in [Kiss::Deny, Kiss::Restrict] {
            let mut poll = Poll::begin(Duration::ZERO);
            assert!(poll.asks(Duration::ZERO));
            poll.kissed(kiss, Duration::ZERO);
            assert_eq!(poll.next(), None);
            poll.again(Duration::from_secs(9));
            assert_eq!(poll.next(), None, "denied is denied");
        }
        let mut poll = Poll::begin(Duration::ZERO);
        assert!(poll.asks(Duration::ZERO));
        poll.kissed(Kiss::Other(*b"INIT"), Duration::ZERO);
        assert_eq!(poll.next(), Some(BURST_PAUSE));
    }

    #[test]
    fn another_clock_is_measured_at_once() {
        let mut poll = Poll::begin(Duration::ZERO);
        asked(&mut poll, 20_000, Poll::answered);
        let now = Duration::from_secs(20_001);
        poll.again(now);
        assert_eq!(poll.next(), Some(now));
        assert_eq!(gaps(&asked(&mut poll, 20_080, Poll::answered))[..8], [2, 2, 2, 2, 2, 2, 2, 64]);
    }

    proptest! {
        /// Whatever a server does, it is asked at most once in two seconds and, out of bursts, once a minute.
        #[test]
        fn no_server_is_ever_flooded(answers in prop::collection::vec(0_u8..6, 200)) {
            let mut poll = Poll::begin(Duration::ZERO);
            let mut answers = answers.into_iter();
            let asked = asked(&mut poll, 100_000, |poll, now| match answers.next() {
                None | Some(0) => poll.missed(),
                Some(1) => poll.kissed(Kiss::Rate { poll: i8::MAX }, now),
                Some(2) => poll.kissed(Kiss::Other([0; 4]), now),
                Some(_) => poll.answered(now),
            });
            let gaps = gaps(&asked);
            prop_assert!(gaps.iter().all(|gap| *gap == 2 || (64..=1024).contains(gap)), "{gaps:?}");
            // a burst of which the last question alone is answered is followed by another, and that by none
            let longest = gaps.split(|gap| *gap != 2).map(<[u64]>::len).max();
            prop_assert!(longest <= Some(2 * (usize::from(BURST) - 1)), "{gaps:?}");
        }
    }
}
