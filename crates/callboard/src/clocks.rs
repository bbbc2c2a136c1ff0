//! All that is known of the clocks: this machine's, the NTP servers' and the Exchange servers'.

mod judgement;
mod said;
#[cfg(test)]
mod tests;

pub use judgement::{ASK_CLOCK, Judgement, spoken};
pub use said::Said;

use crate::{config::ClockConfig, corrected_clock::CorrectedClock};
use clock_skew::{Answer, DatedBy, Dates, NoSample, Ntp, ask, date, ntp::Due, poll::BURST_PAUSE};
use meeting_model::{clock::Clock, id::ServerId};
use std::{collections::BTreeMap, net::SocketAddr, time::Duration};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// How long an answer of an NTP server is waited for.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// All that is known of the clocks.
#[derive(Debug)]
pub struct Clocks {
    /// Nothing where nobody is to be asked.
    ntp: Option<Ntp>,
    dates: BTreeMap<ServerId, Dates>,
    /// Which servers are asked: counts up with each change of them, so that what comes late is known for that.
    asked: u64,
    answers: (UnboundedSender<Answered>, UnboundedReceiver<Answered>),
}

/// What came of a question to an NTP server.
#[derive(Debug)]
pub struct Answered {
    asked: u64,
    source: usize,
    result: Result<(SocketAddr, Answer), NoSample>,
}

impl Clocks {
    /// Nobody has been asked yet.
    pub fn new(config: Option<&ClockConfig>, clock: &CorrectedClock) -> Self {
        Self {
            ntp: config.map(|config| Ntp::new(config.ntp_servers.clone(), now(clock))),
            dates: BTreeMap::new(),
            asked: 0,
            answers: unbounded_channel(),
        }
    }

    /// Asks these NTP servers from now on.
    pub fn ask_others(&mut self, config: Option<&ClockConfig>, clock: &CorrectedClock) {
        self.asked += 1;
        self.ntp = config.map(|config| Ntp::new(config.ntp_servers.clone(), now(clock)));
    }

    /// Forgets the Exchange servers that are not among these.
    pub fn retain(&mut self, is_there: impl Fn(&ServerId) -> bool) {
        self.dates.retain(|server, _| is_there(server));
    }

    /// When the next question to an NTP server is due, in monotonic time.
    pub fn next(&self) -> Option<Duration> {
        self.ntp.as_ref()?.next()
    }

    /// Asks every NTP server that is due, and says how many these are. What comes of it is for [`answer`](Self::answer).
    pub fn ask(&mut self, clock: &CorrectedClock) -> usize {
        let due = self.ntp.as_mut().map(|ntp| ntp.due(now(clock))).unwrap_or_default();
        let count = due.len();
        for Due { source, address, resolved, poll } in due {
            let (asked, clock, answers) = (self.asked, clock.clone(), self.answers.0.clone());
            tokio::spawn(async move {
                let result = ask(&address, resolved, poll, PATIENCE, || clock.steady_now()).await;
                // whoever asked may have gone
                let _ = answers.send(Answered { asked, source, result });
            });
        }
        count
    }

    /// The next answer of an NTP server, or that there is none.
    pub async fn answer(&mut self) -> Answered {
        match self.answers.1.recv().await {
            Some(answered) => answered,
            // we hold a sender ourselves
            None => std::future::pending().await,
        }
    }

    /// Takes an answer.
    pub fn answered(&mut self, answered: Answered, clock: &CorrectedClock) {
        let Answered { asked, source, result } = answered;
        if let Some(ntp) = self.ntp.as_mut().filter(|_| asked == self.asked) {
            ntp.answered(source, result, now(clock));
        }
    }

    /// Asks every NTP server so often as they bear it. The first time takes at most a second and a half, each further one two
    /// seconds.
    pub async fn measure(&mut self, times: usize, clock: &CorrectedClock) {
        for _ in 0..times {
            let Some(next) = self.next().filter(|next| *next <= now(clock) + BURST_PAUSE) else { return };
            tokio::time::sleep_until(clock.instant(next)).await;
            for _ in 0..self.ask(clock) {
                let answered = self.answer().await;
                self.answered(answered, clock);
            }
        }
    }

    /// Takes what a reply of an Exchange server says of the time.
    pub fn dated(&mut self, dated: &subscriber::Dated, clock: &CorrectedClock) {
        let Some(date) = date::parse(&dated.date) else { return };
        let (sent, received) = (clock.mono(dated.sent), clock.mono(dated.received));
        let by = match &dated.front_end {
            Some(name) => DatedBy::FrontEnd(name.clone()),
            None => DatedBy::Connection(dated.connection.clone()),
        };
        let reading = clock_skew::Dated {
            by,
            date,
            sent: clock.steady(sent),
            received: clock.steady(received),
            at: received,
        };
        self.dates.entry(dated.server.clone()).or_default().take(&reading);
    }

    /// The machine slept, or its clock was stepped: everybody is asked anew. What was measured over a sleep says nothing.
    pub fn begin_again(&mut self, slept: bool, clock: &CorrectedClock) {
        if let Some(ntp) = &mut self.ntp {
            ntp.begin_again(now(clock));
        }
        if slept {
            self.dates.clear();
        }
    }
}

fn now(clock: &CorrectedClock) -> Duration {
    clock.now().mono
}
