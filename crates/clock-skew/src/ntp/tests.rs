use super::*;
use crate::{error::Kiss, filter::tests::answer};

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn names(count: usize) -> Vec<NtpAddress> {
    (1..=count).map(|number| format!("ntp{number}.example.com").parse().unwrap()).collect()
}

fn address() -> SocketAddr {
    "192.0.2.1:123".parse().unwrap()
}

/// Asks until `end` whoever is due; each answers as `says` says, by its place and the second.
fn run(ntp: &mut Ntp, end: u64, says: impl Fn(usize, u64) -> Result<f64, NoSample>) {
    while let Some(now) = ntp.next().filter(|next| *next <= at(end)) {
        for due in ntp.due(now) {
            let result = says(due.source, now.as_secs());
            ntp.answered(due.source, result.map(|offset| (address(), answer(offset, 0.010))), now);
        }
    }
}

fn verdicts(ntp: &Ntp, now: u64) -> Vec<Verdict> {
    ntp.report(at(now)).into_iter().map(|source| source.verdict).collect()
}

fn silent() -> NoSample {
    NoSample::Silent(Duration::from_secs(1))
}

#[test]
fn three_servers_of_which_one_lies_by_five_seconds() {
    let mut ntp = Ntp::new(names(3), at(0));
    assert_eq!(verdicts(&ntp, 0), [Verdict::Waiting; 3]);
    run(&mut ntp, 14, |source, _| Ok([0.301, 5.3, 0.299][source]));
    assert_eq!(verdicts(&ntp, 14), [Verdict::True, Verdict::Falseticker, Verdict::True]);
    let estimate = ntp.estimate(at(14)).unwrap();
    assert!((estimate.offset - 0.3).abs() < 0.001 && estimate.uncertainty < 0.010, "{estimate:?}");
    assert!(ntp.report(at(14)).iter().all(|source| source.reach == 0xff && source.stratum == Some(2)));
}

#[test]
fn nobody_is_believed_before_each_had_its_turn() {
    let mut ntp = Ntp::new(names(3), at(0));
    assert_eq!(ntp.due(at(0)).len(), 3);
    ntp.answered(1, Ok((address(), answer(5.0, 0.01))), at(0));
    assert_eq!(ntp.estimate(at(0)), None, "the first to answer is the one that lies");
    ntp.answered(0, Ok((address(), answer(0.0, 0.01))), at(0));
    assert_eq!(ntp.estimate(at(0)), None);
    ntp.answered(2, Err(silent()), at(1));
    assert_eq!(ntp.estimate(at(1)), None, "one word against another");
    assert_eq!(verdicts(&ntp, 1), [Verdict::Disputed, Verdict::Disputed, Verdict::Silent]);
    ntp.answered(2, Ok((address(), answer(0.001, 0.01))), at(2));
    assert!(ntp.estimate(at(2)).unwrap().offset.abs() < 0.001);
}

#[test]
fn one_server_that_is_silent_matters_to_nobody() {
    let mut ntp = Ntp::new(names(2), at(0));
    run(&mut ntp, 14, |source, _| if source == 0 { Ok(-2.0) } else { Err(silent()) });
    assert_eq!(verdicts(&ntp, 14), [Verdict::True, Verdict::Silent]);
    assert!((ntp.estimate(at(14)).unwrap().offset + 2.0).abs() < 1e-9);
}

#[test]
fn an_offset_ages_and_after_a_day_nothing_is_known() {
    let mut ntp = Ntp::new(names(1), at(0));
    run(&mut ntp, 14 + 48 * 3600, |_, second| if second <= 14 { Ok(7.0) } else { Err(silent()) });
    let fresh = ntp.estimate(at(14)).unwrap();
    let half = ntp.estimate(at(14 + 12 * 3600)).unwrap();
    assert!((fresh.offset - 7.0).abs() < 1e-9 && (half.offset - 7.0).abs() < 1e-9);
    let grown = half.uncertainty - fresh.uncertainty;
    assert!((grown - 15e-6 * 43_200.0).abs() < 0.001, "15 ppm: {grown}");
    assert!(ntp.estimate(at(24 * 3600)).is_some());
    assert_eq!(ntp.estimate(at(15 + 24 * 3600)), None);
    assert!((ntp.last_offset().unwrap() - 7.0).abs() < 1e-9);
    assert_eq!(verdicts(&ntp, 48 * 3600), [Verdict::Silent]);
}

#[test]
fn after_a_step_everybody_is_asked_anew_and_the_old_samples_are_gone() {
    let mut ntp = Ntp::new(names(3), at(0));
    run(&mut ntp, 1_000, |_, _| Ok(0.0));
    ntp.begin_again(at(1_000));
    assert_eq!(ntp.next(), Some(at(1_000)));
    assert!(ntp.estimate(at(1_000)).is_some(), "the steady clock is right as far as anybody knows");
    run(&mut ntp, 1_002, |_, _| Ok(60.0));
    assert!((ntp.estimate(at(1_002)).unwrap().offset - 60.0).abs() < 1e-9);
}

#[test]
fn who_refuses_is_not_asked_again_and_who_knows_no_time_is_not_used() {
    let mut ntp = Ntp::new(names(3), at(0));
    run(&mut ntp, 2_000, |source, _| match source {
        0 => Err(NoSample::Kiss(Kiss::Deny)),
        1 => Err(NoSample::Unsynchronised),
        _ => Ok(0.5),
    });
    assert_eq!(verdicts(&ntp, 2_000), [Verdict::Refuses, Verdict::Unusable, Verdict::True]);
    assert!(ntp.report(at(2_000))[0].trouble.clone().unwrap().to_string().contains("DENY"));
}

#[test]
fn a_server_that_may_be_wrong_by_seconds_is_not_listened_to() {
    let mut ntp = Ntp::new(names(1), at(0));
    let far = Answer { root_dispersion: 2.0, ..answer(0.0, 0.01) };
    ntp.due(at(0));
    ntp.answered(0, Ok((address(), far)), at(0));
    assert_eq!((ntp.estimate(at(0)), verdicts(&ntp, 0)), (None, vec![Verdict::Unusable]));
}

#[test]
fn a_name_is_looked_up_again_when_its_server_falls_silent() {
    let mut ntp = Ntp::new(names(1), at(0));
    assert_eq!(ntp.due(at(0))[0].resolved, None);
    ntp.answered(0, Ok((address(), answer(0.0, 0.01))), at(0));
    for (second, resolved) in [(2, true), (4, true), (6, true), (8, false)] {
        assert_eq!(ntp.due(at(second))[0].resolved.is_some(), resolved, "{second}");
        ntp.answered(0, Err(silent()), at(second));
    }
}
