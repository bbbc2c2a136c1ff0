//! The NTP servers together: whom to ask when, and what they say.

use crate::{
    DRIFT,
    address::NtpAddress,
    error::NoSample,
    filter::{Filter, Peer, Sample},
    packet::Answer,
    poll::Poll,
    select::{Claim, select},
};
use std::{net::SocketAddr, time::Duration};

/// An estimate that is older says nothing any more (rule C4).
const KNOWN_FOR: Duration = Duration::from_hours(24);

/// A server that may be further than this from the reference clock is not listened to, in seconds (RFC 5905 §11.2, MAXDIST).
const TOO_FAR: f64 = 1.5;

/// After so many questions without an answer in a row, a server's name is looked up anew.
const FORGOTTEN: u8 = 0b111;

/// One to five NTP servers.
#[derive(Debug, Clone)]
pub struct Ntp {
    sources: Vec<Source>,
    /// What was last agreed on.
    agreed: Option<Agreed>,
}

/// How far the true time is ahead of the steady clock, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// So far.
    pub offset: f64,
    /// The truth may be so far from that. It grows while nobody answers.
    pub uncertainty: f64,
    /// How long ago the newest sample was taken that this rests on.
    pub age: Duration,
}

/// What was agreed on, and when the newest sample in it was taken.
#[derive(Debug, Clone, Copy)]
struct Agreed {
    offset: f64,
    uncertainty: f64,
    at: Duration,
}

#[derive(Debug, Clone)]
struct Source {
    address: NtpAddress,
    resolved: Option<SocketAddr>,
    poll: Poll,
    filter: Filter,
    stratum: Option<u8>,
    trouble: Option<NoSample>,
    /// Whether it is known what came of a question.
    was_asked: bool,
    /// Nothing where it had no part in the last selection.
    is_true: Option<bool>,
}

/// A question that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The server's place in the list.
    pub source: usize,
    /// Its address, as it was typed.
    pub address: NtpAddress,
    /// What that meant the last time, where it answered there.
    pub resolved: Option<SocketAddr>,
    /// How often it is asked, as a power of two in seconds.
    pub poll: u8,
}

/// What one server is like.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceReport {
    /// As it was typed.
    pub address: NtpAddress,
    /// What that means, where it has answered.
    pub resolved: Option<SocketAddr>,
    /// What its samples say; nothing without any.
    pub peer: Option<Peer>,
    /// How far it is from a reference clock, in servers.
    pub stratum: Option<u8>,
    /// The last eight questions, the last one in the lowest bit: whether each was answered.
    pub reach: u8,
    /// What to think of it.
    pub verdict: Verdict,
    /// Why the last question had no answer.
    pub trouble: Option<NoSample>,
}

/// What to think of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It has not been asked, or its first answer is waited for.
    Waiting,
    /// Most agree with it.
    True,
    /// It contradicts what most agree on.
    Falseticker,
    /// It contradicts another one, and there is no majority.
    Disputed,
    /// It does not answer.
    Silent,
    /// It must not be asked any more (DENY, RSTR).
    Refuses,
    /// It answers that it does not know the time, or may be wrong by more than a second and a half.
    Unusable,
}

impl Ntp {
    /// These servers, to be asked from now on.
    pub fn new(addresses: impl IntoIterator<Item = NtpAddress>, now: Duration) -> Self {
        let source = |address| Source {
            address,
            resolved: None,
            poll: Poll::begin(now),
            filter: Filter::default(),
            stratum: None,
            trouble: None,
            was_asked: false,
            is_true: None,
        };
        Self { sources: addresses.into_iter().map(source).collect(), agreed: None }
    }

    /// Whom to ask now. Each must be followed by [`answered`](Self::answered).
    pub fn due(&mut self, now: Duration) -> Vec<Due> {
        let sources = self.sources.iter_mut().enumerate();
        let due = sources.filter_map(|(place, source)| source.poll.asks(now).then(|| source.due(place)));
        due.collect()
    }

    /// When the next question is due.
    pub fn next(&self) -> Option<Duration> {
        self.sources.iter().filter_map(|source| source.poll.next()).min()
    }

    /// Takes what came of a question.
    pub fn answered(&mut self, source: usize, result: Result<(SocketAddr, Answer), NoSample>, now: Duration) {
        let Some(source) = self.sources.get_mut(source) else { return };
        source.answered(result, now);
        self.select(now);
    }

    /// The steady clock is not what it was: samples from before say nothing, and everybody is asked anew.
    pub fn begin_again(&mut self, now: Duration) {
        for source in &mut self.sources {
            source.filter.clear();
            source.is_true = None;
            source.poll.again(now);
        }
    }

    /// How far the true time is ahead of the steady clock; nothing where nobody said so for a day (rule C4).
    pub fn estimate(&self, now: Duration) -> Option<Estimate> {
        let Agreed { offset, uncertainty, at } = self.agreed?;
        let age = now.saturating_sub(at);
        let aged = uncertainty + DRIFT * age.as_secs_f64();
        (age < KNOWN_FOR).then_some(Estimate { offset, uncertainty: aged, age })
    }

    /// The last estimate, however old it is.
    pub fn last_offset(&self) -> Option<f64> {
        self.agreed.map(|agreed| agreed.offset)
    }

    /// What every server is like, in the order they were given.
    pub fn report(&self, now: Duration) -> Vec<SourceReport> {
        let majority = self.sources.iter().any(|source| source.is_true == Some(true));
        self.sources.iter().map(|source| source.report(majority, now)).collect()
    }

    /// Finds out who is to be believed. Not before each had its turn: the one that answers first may be the one that lies.
    fn select(&mut self, now: Duration) {
        if !self.sources.iter().all(|source| source.was_asked) {
            return;
        }
        let mut heard: Vec<(&mut Source, Peer)> = Vec::new();
        for source in &mut self.sources {
            source.is_true = None;
            if let Some(peer) = source.usable(now) {
                heard.push((source, peer));
            }
        }
        let claims: Vec<Claim> =
            heard.iter().map(|(_, peer)| Claim { offset: peer.offset, distance: peer.distance }).collect();
        let agreement = select(&claims);
        let verdicts = agreement.as_ref().map(|agreement| agreement.truechimers.as_slice());
        for (place, (source, _)) in heard.iter_mut().enumerate() {
            // without a majority nobody is believed
            source.is_true = Some(verdicts.is_some_and(|verdicts| verdicts.get(place) == Some(&true)));
        }
        let Some(agreement) = agreement else { return };
        let newest = heard.iter().filter(|(source, _)| source.is_true == Some(true)).map(|(_, peer)| peer.at);
        let at = newest.max().unwrap_or(now);
        self.agreed = Some(Agreed { offset: agreement.offset, uncertainty: agreement.uncertainty, at });
    }
}

impl Source {
    fn due(&self, source: usize) -> Due {
        let Self { address, resolved, poll, .. } = self;
        Due { source, address: address.clone(), resolved: *resolved, poll: poll.exponent() }
    }

    fn answered(&mut self, result: Result<(SocketAddr, Answer), NoSample>, now: Duration) {
        self.was_asked = true;
        match result {
            Ok((address, answer)) => {
                self.poll.answered(now);
                self.filter.take(Sample { answer, at: now });
                (self.resolved, self.stratum, self.trouble) = (Some(address), Some(answer.stratum), None);
            }
            Err(trouble) => {
                match &trouble {
                    NoSample::Kiss(kiss) => self.poll.kissed(*kiss, now),
                    _ => self.poll.missed(),
                }
                self.trouble = Some(trouble);
            }
        }
        if self.poll.reach() & FORGOTTEN == 0 {
            self.resolved = None;
        }
    }

    /// What its samples say, where it is reached and near enough to the reference clock.
    fn usable(&self, now: Duration) -> Option<Peer> {
        self.filter.peer(now).filter(|peer| self.poll.reach() != 0 && peer.distance < TOO_FAR)
    }

    fn report(&self, majority: bool, now: Duration) -> SourceReport {
        let peer = self.filter.peer(now);
        SourceReport {
            address: self.address.clone(),
            resolved: self.resolved,
            peer,
            stratum: self.stratum,
            reach: self.poll.reach(),
            verdict: self.verdict(majority, peer.is_some()),
            trouble: self.trouble.clone(),
        }
    }

    fn verdict(&self, majority: bool, measured: bool) -> Verdict {
        match (self.is_true, &self.trouble) {
            _ if self.poll.next().is_none() => Verdict::Refuses,
            (Some(true), _) => Verdict::True,
            (Some(false), _) if majority => Verdict::Falseticker,
            (Some(false), _) => Verdict::Disputed,
            (None, Some(NoSample::Unsynchronised | NoSample::Impossible)) => Verdict::Unusable,
            (None, Some(_)) => Verdict::Silent,
            (None, None) if measured && self.was_asked => Verdict::Unusable,
            (None, None) => Verdict::Waiting,
        }
    }
}

#[cfg(test)]
mod tests;
