use super::*;
use chrono::{DateTime, TimeDelta};
use control::{ClockState, NtpVerdict};
use tokio::time::Instant;

/// Clocks whose NTP servers have answered: each so far ahead of this machine's clock, or not at all.
fn clocks(servers: &[Option<f64>]) -> (Clocks, CorrectedClock) {
    let clock = CorrectedClock::start();
    let names = (1..=servers.len()).map(|number| format!("ntp{number}").parse().unwrap());
    let config = ClockConfig { ntp_servers: names.collect() };
    let mut clocks = Clocks::new(Some(&config).filter(|_| !servers.is_empty()), &clock);
    for (source, offset) in servers.iter().enumerate() {
        let answer = |offset| Answer {
            offset,
            delay: 0.010,
            precision: 0.0,
            stratum: 2,
            root_delay: 0.0,
            root_dispersion: 0.0,
        };
        let silent = NoSample::Silent(PATIENCE);
        let result = offset.map(|offset| (([192, 0, 2, 1], 123).into(), answer(offset))).ok_or(silent);
        clocks.answered(Answered { asked: 0, source, result }, &clock);
    }
    (clocks, clock)
}

/// Replies within one second of a server whose clock is so many milliseconds ahead of this machine's.
fn hears(clocks: &mut Clocks, clock: &CorrectedClock, server: &str, ahead: i64, replies: u64) {
    let begin = Instant::now();
    for reply in 0..replies {
        let sent = begin + Duration::from_millis(reply * 1_130);
        let received = sent + Duration::from_millis(10);
        let there = clock.steady(clock.mono(received)) + TimeDelta::milliseconds(ahead);
        let date = DateTime::from_timestamp(there.timestamp(), 0).unwrap();
        let dated = subscriber::Dated {
            server: ServerId::new(server),
            front_end: Some("EX01".into()),
            connection: "192.0.2.9:443 (1)".into(),
            date: date.format("%a, %d %b %Y %H:%M:%S GMT").to_string(),
            sent,
            received,
        };
        clocks.dated(&dated, clock);
    }
}

fn warnings(clocks: &Clocks, clock: &CorrectedClock) -> String {
    let lines: Vec<String> = clocks.judge(clock).report.warnings.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

#[tokio::test]
async fn c3_a_skew_is_said_from_a_second_on_and_degrades_from_thirty() {
    let table = [
        (0.4, ClockState::Good),
        (-0.99, ClockState::Good),
        (1.001, ClockState::Skewed),
        (-29.9, ClockState::Skewed),
        (30.001, ClockState::Degraded),
        (-10_800.0, ClockState::Degraded),
    ];
    for (offset, expected) in table {
        let (clocks, clock) = clocks(&[Some(offset), Some(offset)]);
        let judged = clocks.judge(&clock);
        assert_eq!(judged.report.state, expected, "{offset}");
        assert_eq!(judged.report.warnings.len(), usize::from(expected >= ClockState::Skewed), "{offset}");
        assert_eq!(judged.ahead.map(|ahead| (ahead.as_seconds_f64() - offset).abs() < 0.01), Some(true));
    }
}

#[tokio::test]
async fn c1_a_server_that_lies_is_named() {
    let (three, clock) = clocks(&[Some(0.01), Some(5.0), Some(0.0)]);
    let verdicts: Vec<_> = three.judge(&clock).report.ntp.iter().map(|source| source.verdict).collect();
    assert_eq!(verdicts, [NtpVerdict::True, NtpVerdict::Falseticker, NtpVerdict::True]);
    insta::assert_snapshot!(warnings(&three, &clock), @"ntp-falseticker (ntp2): the NTP server `ntp2` is 5.0 s ahead of what most say; name another in [clock] ntp_servers: three or more tell which one lies");
    let (two, clock) = clocks(&[Some(0.0), Some(5.0)]);
    assert_eq!(two.judge(&clock).ahead, None, "nobody knows who lies");
    insta::assert_snapshot!(warnings(&two, &clock), @"
    ntp-falseticker (ntp1): the NTP server `ntp1` contradicts another, and no majority says who is right; name another in [clock] ntp_servers: three or more tell which one lies
    ntp-falseticker (ntp2): the NTP server `ntp2` contradicts another, and no majority says who is right; name another in [clock] ntp_servers: three or more tell which one lies
    clock-unknown: no NTP server has told the time for a day, or since the start: this machine's own clock decides; `callboard clock` says what is wrong with each
    ");
}

#[tokio::test]
async fn c4_without_an_answer_nothing_is_known() {
    let (silent, clock) = clocks(&[None]);
    assert_eq!(silent.judge(&clock).report.state, ClockState::Unknown);
    insta::assert_snapshot!(warnings(&silent, &clock), @"clock-unknown: no NTP server has told the time for a day, or since the start: this machine's own clock decides; `callboard clock` says what is wrong with each");
    let (nobody, clock) = clocks(&[]);
    let report = nobody.judge(&clock).report;
    assert_eq!(
        (report.state, report.warnings),
        (ClockState::Unknown, vec![]),
        "the configuration warns of that"
    );
}

#[tokio::test]
async fn c2_exchanges_clock_is_compared_with_ntp() {
    let table = [
        (300, ClockState::Good),
        (1_150, ClockState::Skewed),
        (-2_000, ClockState::Skewed),
        (45_000, ClockState::Degraded),
        (-45_000, ClockState::Degraded),
        (10_800_000, ClockState::Degraded),
    ];
    // this machine is a quarter of a second behind
    for (ahead, expected) in table {
        let (mut clocks, clock) = clocks(&[Some(0.25)]);
        hears(&mut clocks, &clock, "hq", ahead + 250, 8);
        let report = clocks.judge(&clock).report;
        let [exchange] = report.exchange.as_slice() else { panic!("{report:?}") };
        assert!((exchange.ahead_us - ahead * 1_000).abs() <= 150_000, "{ahead}: {exchange:?}");
        assert_eq!(report.state, expected, "{ahead}: {exchange:?}");
    }
    // one reply is vague: only what is certain counts
    let (mut one, clock) = clocks(&[Some(0.0)]);
    hears(&mut one, &clock, "hq", 900, 1);
    assert_eq!(one.judge(&clock).report.state, ClockState::Good);
    hears(&mut one, &clock, "lab", 3_000, 1);
    assert_eq!(one.judge(&clock).report.state, ClockState::Skewed);
}

#[tokio::test]
async fn an_exchange_that_was_mended_is_told_so_and_one_that_is_not_heard_is_not_judged() {
    let (mut clocks, clock) = clocks(&[Some(0.0)]);
    hears(&mut clocks, &clock, "hq", -45_000, 8);
    let then = clock.now().mono;
    for (minutes, state, of_exchange) in
        [(0, ClockState::Degraded, ClockState::Degraded), (40, ClockState::Good, ClockState::Unknown)]
    {
        let judged = clocks.judge_at(then + Duration::from_mins(minutes), &clock, &mut Said::default());
        let [exchange] = judged.report.exchange.as_slice() else { panic!("{judged:?}") };
        assert_eq!((judged.report.state, exchange.state), (state, of_exchange), "{minutes}: {exchange:?}");
        assert_eq!(exchange.age_us.div_ceil(60_000_000), minutes, "{exchange:?}");
        assert_eq!(judged.report.warnings.is_empty(), state == ClockState::Good);
        assert_eq!(judged.lingers.len(), 1, "nothing is taken off early by what is not known any more");
    }
    // mended: its second reply says so
    hears(&mut clocks, &clock, "hq", 0, 2);
    let judged = clocks.judge(&clock);
    assert_eq!((judged.report.state, judged.report.exchange.len()), (ClockState::Good, 1));
    assert_eq!((judged.report.warnings, judged.lingers), (vec![], BTreeMap::new()));
}

#[tokio::test]
async fn a_silent_server_beside_one_that_answers_is_said_and_degrades_nothing() {
    let (clocks, clock) = clocks(&[Some(0.0), None]);
    assert_eq!(clocks.judge(&clock).report.state, ClockState::Good);
    insta::assert_snapshot!(warnings(&clocks, &clock), @"ntp-silent (ntp2): the NTP server `ntp2` is silent: no answer within 1.5 s; check that UDP gets out to it and back; the time is still known; name another in [clock] ntp_servers if it has gone for good");
}

#[tokio::test]
async fn c2_no_date_is_unknown_and_not_degraded() {
    let (clocks, clock) = clocks(&[Some(0.0)]);
    let report = clocks.judge(&clock).report;
    assert_eq!((report.state, report.exchange), (ClockState::Good, vec![]));
}

#[tokio::test]
async fn c5_meetings_linger_while_exchange_is_behind() {
    let linger = |ntp: &[Option<f64>], ahead: i64| {
        let (mut clocks, clock) = clocks(ntp);
        hears(&mut clocks, &clock, "hq", ahead, 6);
        clocks.judge(&clock).lingers.get(&ServerId::new("hq")).map(TimeDelta::num_seconds)
    };
    let known = [Some(0.0)];
    for (ntp, ahead, expected) in [
        (&known[..], -2_000, None),
        (&known, -29_000, None),
        (&known, -45_100, Some(46)),
        (&known, -10_800_000, Some(900)),
        // the earlier of the two is ours
        (&known, 45_000, None),
        (&known, 10_800_000, None),
        // where nobody knows who is right, the earlier one decides
        (&[None], -10_799_500, Some(10_800)),
        (&[], -45_500, Some(46)),
        (&[], 10_800_000, None),
        // ours is three hours fast, which NTP tells: Exchange's is right
        (&[Some(-10_800.0)], -10_800_000, None),
    ] {
        let found = linger(ntp, ahead);
        let close = found.zip(expected).is_some_and(|(found, expected)| (found - expected).abs() <= 1);
        assert!(close || found == expected, "{ntp:?} {ahead}: {found:?}, expected {expected:?}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_said_with_what_to_do() {
    let (mut clocks, clock) = clocks(&[Some(-10_800.0)]);
    hears(&mut clocks, &clock, "hq", -10_800_000 - 7_200_000, 8);
    insta::assert_snapshot!(warnings(&clocks, &clock), @"
    clock-skew: this machine's clock is 3 h 0 min ahead of NTP's; displays go by NTP and are right; keep it in step with the servers of [clock] ntp_servers (chrony, ntpd)
    clock-skew (hq): the clock of the Exchange server `EX01` is 2 h 0 min behind NTP's; have Exchange and callboard ask the same NTP servers; `w32tm /query /status` on that server says whom it asks
    ");
}

#[test]
fn spans_are_spoken() {
    let table = [
        (0.96, "1.0 s"),
        (-2.04, "2.0 s"),
        (45.0, "45.0 s"),
        (59.6, "1 min 0 s"),
        (10_800.2, "3 h 0 min"),
        (-1e6, "11 d 13 h"),
    ];
    for (seconds, expected) in table {
        assert_eq!(spoken(seconds), expected);
    }
}
