//! Which of a server's samples counts: the clock filter of RFC 5905 §10.

use crate::{DRIFT, packet::Answer};
use std::{collections::VecDeque, time::Duration};

/// How many samples are kept (RFC 5905 §7.2, NSTAGE).
pub const STAGES: usize = 8;

/// The least distance to the reference clock that is believed (RFC 5905 §7.2, MINDISP): servers that are nearer than this to
/// each other do not contradict.
const LEAST_DISTANCE: f64 = 0.005;

/// One answer, and when it came.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// What was answered.
    pub answer: Answer,
    /// When.
    pub at: Duration,
}

/// A server's last samples.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    samples: VecDeque<Sample>,
}

/// What a server's samples say together, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Peer {
    /// How far the server's clock is ahead of ours, by the sample that was under way for the shortest time.
    pub offset: f64,
    /// How long that one was under way.
    pub delay: f64,
    /// How much the others differ from it (RFC 5905 §10, ψ).
    pub jitter: f64,
    /// How far the truth may be from the offset (RFC 5905 §11.2, root distance λ).
    pub distance: f64,
    /// When the sample came.
    pub at: Duration,
}

impl Filter {
    /// Takes a sample; the ninth pushes the first one out.
    pub fn take(&mut self, sample: Sample) {
        if self.samples.len() == STAGES {
            self.samples.pop_front();
        }
        self.samples.push_back(sample);
    }

    /// Forgets all samples: the clock they were measured with is another one now.
    pub fn clear(&mut self) {
        self.samples.clear();
    }

    /// What they say together at `now`; nothing without samples.
    ///
    /// Of samples that were under way for as long the one that has aged least counts. Stages that no sample has filled yet do
    /// not count: the first answer is as good as its own delay says.
    pub fn peer(&self, now: Duration) -> Option<Peer> {
        let aged = |sample: &Sample| sample.answer.delay / 2.0 + DRIFT * age(sample, now);
        let best = self.samples.iter().min_by(|one, other| aged(one).total_cmp(&aged(other)))?;
        let Answer { offset, delay, precision, root_delay, root_dispersion, .. } = best.answer;
        let others = (self.samples.len() - 1).max(1);
        let squares: f64 = self.samples.iter().map(|other| (other.answer.offset - offset).powi(2)).sum();
        let jitter = (squares / f64::from(u8::try_from(others).unwrap_or(u8::MAX))).sqrt();
        let distance = (root_delay + delay).max(LEAST_DISTANCE) / 2.0
            + root_dispersion
            + precision
            + DRIFT * age(best, now)
            + jitter;
        Some(Peer { offset, delay, jitter, distance, at: best.at })
    }
}

fn age(sample: &Sample, now: Duration) -> f64 {
    now.saturating_sub(sample.at).as_secs_f64()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn answer(offset: f64, delay: f64) -> Answer {
        Answer { offset, delay, precision: 0.0, stratum: 2, root_delay: 0.0, root_dispersion: 0.0 }
    }

    fn filter(samples: &[(u64, f64, f64)]) -> Filter {
        let mut filter = Filter::default();
        for (second, offset, delay) in samples {
            filter.take(Sample { answer: answer(*offset, *delay), at: Duration::from_secs(*second) });
        }
        filter
    }

    #[test]
    fn the_sample_with_the_shortest_way_counts() {
        // the slower an answer is, the more its offset is off
        let filter = filter(&[(0, 1.04, 0.09), (2, 1.001, 0.012), (4, 0.97, 0.07), (6, 1.2, 0.41)]);
        let peer = filter.peer(Duration::from_secs(6)).unwrap();
        assert_eq!(format!("{} {} {:?}", peer.offset, peer.delay, peer.at), "1.001 0.012 2s");
        assert!((0.1..0.2).contains(&peer.jitter), "{peer:?}");
    }

    #[test]
    fn eight_samples_are_kept_and_an_old_one_loses_its_lead() {
        let mut old = filter(&[(0, 5.0, 0.001)]);
        for second in 1..=8 {
            old.take(Sample { answer: answer(1.0, 0.01), at: Duration::from_secs(second) });
        }
        assert_eq!(old.samples.len(), STAGES);
        let offset =
            |filter: &Filter, second| filter.peer(Duration::from_secs(second)).unwrap().offset.round();
        assert_eq!(format!("{}", offset(&old, 9)), "1", "the ninth pushed it out");
        // ten milliseconds of delay are as much as the drift of eleven minutes
        let young = filter(&[(0, 5.0, 0.001), (1_000, 1.0, 0.021)]);
        assert_eq!(format!("{}", offset(&young, 1_000)), "1");
        let young = filter(&[(0, 5.0, 0.001), (500, 1.0, 0.021)]);
        assert_eq!(format!("{}", offset(&young, 500)), "5");
    }

    #[test]
    fn the_distance_grows_with_age_delay_and_what_the_server_says_of_itself() {
        let one = filter(&[(0, 0.0, 0.020)]);
        let at = |seconds| one.peer(Duration::from_secs(seconds)).unwrap().distance;
        assert!((at(0) - 0.010).abs() < 1e-9);
        assert!((at(1_000) - 0.025).abs() < 1e-9, "15 ppm");
        let far = Answer { root_delay: 0.1, root_dispersion: 0.03, ..answer(0.0, 0.020) };
        let mut filter = Filter::default();
        filter.take(Sample { answer: far, at: Duration::ZERO });
        assert!((filter.peer(Duration::ZERO).unwrap().distance - 0.090).abs() < 1e-9);
    }
}
