//! What administrators see of the clock.

use crate::{admin::sign_in, site::Site};
use control::{ClockReport, ClockState, ExchangeClock, Message, NtpSource, NtpVerdict, Request};
use feed::Operator;
use tokio::sync::mpsc;

/// Tells of the clock, and of nothing else.
struct Timekeeper(ClockReport);

impl Operator for Timekeeper {
    fn ask(&self, request: Request) -> mpsc::UnboundedReceiver<Message> {
        let (tell, told) = mpsc::unbounded_channel();
        if request == Request::Clock {
            tell.send(Message::Clock(Box::new(self.0.clone()))).unwrap();
        }
        told
    }
}

/// What the daemon reports is kept as it is looked at, and drawn.
#[tokio::test]
async fn the_clock_of_the_day_is_plotted_with_who_says_so() {
    let ntp = NtpSource {
        server: "ntp.example.com".to_owned(),
        address: Some("192.0.2.1:123".to_owned()),
        offset_us: Some(-45_000_250),
        age_us: Some(12_000_000),
        delay_us: Some(1_250),
        jitter_us: Some(40),
        stratum: Some(2),
        reach: 0xFF,
        verdict: NtpVerdict::True,
        trouble: None,
    };
    let liar =
        NtpSource { server: "liar.example.com".to_owned(), verdict: NtpVerdict::Falseticker, ..ntp.clone() };
    let exchange = ExchangeClock {
        server: "hq".to_owned(),
        front_end: "EX01".to_owned(),
        ahead_us: -2_000_345,
        uncertainty_us: 41_000,
        readings: 214,
        age_us: 4_000_000,
        state: ClockState::Skewed,
    };
    let report = ClockReport {
        state: ClockState::Degraded,
        ahead_us: Some(45_000_250),
        uncertainty_us: Some(2_950),
        age_us: Some(0),
        ntp: vec![ntp, liar],
        exchange: vec![exchange],
        warnings: Vec::new(),
    };
    let site = Site::showing(Vec::new()).operated_by(Timekeeper(report));
    let cookie = sign_in(&site).await;
    let page = async || site.ask("GET", "/admin/clock", &[("Cookie", &cookie)]).await;
    assert!(page().await.text().contains("Nothing was measured yet."), "nobody has looked yet");
    let _changes = site.hears_of_changes();
    let page = loop {
        let page = page().await;
        if page.text().contains("<svg class=\"plot\"") {
            break page;
        }
        tokio::task::yield_now().await;
    };
    for said in [
        "between −45.000 s and +45.000 s, now +45.000 s",
        "d=\"M1000 20\"",
        "This machine's clock is 45.000 s ahead of NTP, give or take 2.9 ms",
        "wrong by half a minute or more",
        "ntp.example.com",
        "contradicts most",
        "EX01",
        "−2.000 s, give or take 41.0 ms",
    ] {
        assert!(page.text().contains(said), "{said}: {}", page.text());
    }
}
