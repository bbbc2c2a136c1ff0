use super::*;
use chrono::TimeDelta;

const WALL: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn device() -> Device {
    Device::new(DeviceId::new("berlin/phone"), RoomId::new("berlin"), "10.0.0.9".into())
}

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn wall(n: i64) -> DateTime<Utc> {
    WALL + TimeDelta::seconds(n)
}

fn failed() -> Delivered {
    Delivered::Failed { rev: Revision(1), wait: None, sentence: "no answer".into() }
}

fn acknowledged(rev: i64, next: i64) -> Delivered {
    let digest = format!("digest of {rev}");
    Delivered::Acknowledged {
        rev: Revision(rev),
        digest,
        sent: true,
        answered: true,
        next_change: wall(next),
    }
}

fn page(rev: i64, at: i64) -> Page {
    Page { rev: Revision(rev), at: wall(at) }
}

fn told(rev: i64, at: i64) -> Delivered {
    let digest = format!("digest of {rev}");
    Delivered::Told {
        page: page(rev, at),
        digest,
        next_change: wall(3600),
        answered: true,
        unfetched: "never fetches".into(),
    }
}

/// A device that was told of revision 1 at the first second.
fn told_device(dice: &mut Dice) -> Device {
    let mut device = device();
    device.want(Revision(1), seconds(1));
    assert!(device.deliver(seconds(1), wall(1)).is_some());
    assert!(device.delivered(told(1, 1), seconds(1), dice).is_none(), "nothing is known of it yet");
    device
}

#[test]
fn a_failing_device_is_retried_with_longer_waits_until_it_answers() {
    let (mut device, mut dice) = (device(), Dice::new(1));
    device.want(Revision(1), seconds(0));
    let mut now = seconds(0);
    for _ in 0..12 {
        assert!(device.deliver(now, WALL).is_some());
        let settled = device.delivered(failed(), now, &mut dice).unwrap();
        assert!(settled.retry_in.unwrap() <= RETRY.most);
        device.want(Revision(2), now);
        assert!(device.deliver(now, WALL).is_none(), "a new revision does not shorten the wait");
        now = device.look_at().unwrap();
    }
    assert!(device.deliver(now, WALL).is_some());
    let settled = device.delivered(acknowledged(2, 60), now, &mut dice).unwrap();
    assert_eq!((settled.attempts, settled.rev), (0, Revision(2)));
    assert!(device.trouble().is_none());
}

#[test]
fn a_device_that_was_off_for_a_day_gets_the_present_and_not_the_past() {
    let (mut device, mut dice) = (device(), Dice::new(1));
    device.want(Revision(1), seconds(0));
    let (mut now, mut tries) = (seconds(0), 0);
    while now < Duration::from_hours(24) {
        assert!(device.deliver(now, WALL).is_some());
        device.delivered(failed(), now, &mut dice);
        tries += 1;
        device.want(Revision(1 + tries), now);
        now = device.look_at().unwrap();
    }
    assert!((700..1_000).contains(&tries), "every two minutes at most: {tries}");
    assert_eq!((device.trouble(), i64::from(device.attempts())), (Some("no answer"), tries));
    let look = device.deliver(now, WALL).unwrap();
    assert_eq!((look.digest, look.since), (None, None));
    device.delivered(acknowledged(1 + tries, 60), now, &mut dice);
    assert_eq!((device.acknowledged(), device.wanted()), (Revision(1 + tries), Revision(1 + tries)));
    assert_eq!((device.look_at(), device.trouble()), (None, None), "one delivery is all it takes");
}

#[test]
fn a_device_that_did_not_answer_may_have_taken_it_and_is_sent_even_what_it_had_before() {
    let (mut device, mut dice) = (device(), Dice::new(1));
    device.want(Revision(1), seconds(0));
    device.deliver(seconds(0), WALL);
    device.delivered(acknowledged(1, 60), seconds(0), &mut dice);
    device.want(Revision(2), seconds(1));
    assert_eq!(device.deliver(seconds(1), wall(1)).unwrap().digest.as_deref(), Some("digest of 1"));
    device.delivered(failed(), seconds(1), &mut dice);
    device.want(Revision(3), seconds(1));
    let again = device.look_at().unwrap();
    assert_eq!(device.deliver(again, wall(9)).unwrap().digest, None);
}

#[test]
fn a_revision_that_comes_while_one_is_delivered_is_delivered_afterwards() {
    let (mut device, mut dice) = (device(), Dice::new(1));
    device.want(Revision(1), seconds(0));
    assert!(device.deliver(seconds(0), WALL).is_some());
    device.want(Revision(2), seconds(0));
    assert!(device.deliver(seconds(0), WALL).is_none(), "one at a time");
    device.delivered(acknowledged(1, 60), seconds(0), &mut dice);
    assert!(device.deliver(seconds(0), WALL).is_some());
}

#[test]
fn the_present_changes_by_itself_when_a_meeting_starts() {
    let (mut device, mut dice) = (device(), Dice::new(1));
    device.want(Revision(1), seconds(0));
    device.deliver(seconds(0), WALL);
    device.delivered(acknowledged(1, 60), seconds(0), &mut dice);
    assert!(device.deliver(seconds(59), wall(59)).is_none());
    let look = device.deliver(seconds(60), wall(60)).unwrap();
    assert_eq!((look.digest.as_deref(), look.since), (Some("digest of 1"), Some(WALL)));
}

#[test]
fn a_device_has_what_it_was_told_of_when_it_has_fetched_it() {
    for (fetched, has) in [(page(1, 1), true), (page(2, 9), true), (page(0, 9), false), (page(1, 0), false)] {
        let mut dice = Dice::new(1);
        let mut device = told_device(&mut dice);
        assert_eq!((device.acknowledged(), device.look_at()), (Revision(0), Some(seconds(61))));
        let settled = device.fetched(fetched);
        assert_eq!(
            settled.map(|settle| (settle.rev, settle.digest)),
            has.then(|| (Revision(1), Some("digest of 1".into()))),
            "{fetched:?}"
        );
        assert_eq!(device.look_at(), (!has).then(|| seconds(61)), "{fetched:?}");
    }
}

#[test]
fn a_device_that_fetches_faster_than_it_answers_has_it() {
    let (mut device, mut dice) = (device(), Dice::new(1));
    device.want(Revision(1), seconds(1));
    device.deliver(seconds(1), wall(1));
    assert_eq!(device.fetched(page(1, 1)), None, "nobody knows yet what it was told");
    let settled = device.delivered(told(1, 1), seconds(2), &mut dice).unwrap();
    assert_eq!((settled.rev, device.acknowledged(), device.look_at()), (Revision(1), Revision(1), None));
}

#[test]
fn a_device_that_does_not_fetch_is_told_every_minute_and_somebody_hears_of_it() {
    let mut dice = Dice::new(1);
    let mut device = told_device(&mut dice);
    for minute in 1..=10_u64 {
        let now = seconds(1 + 60 * minute);
        assert!(device.deliver(now.checked_sub(seconds(1)).unwrap(), wall(2)).is_none());
        assert_eq!(device.deliver(now, wall(2)).unwrap().digest, None, "minute {minute}");
        device.delivered(told(1, 2), now, &mut dice);
        assert_eq!(device.trouble().is_some(), minute >= 4, "minute {minute}");
    }
    assert!(device.fetched(page(1, 3)).is_some_and(|settle| settle.error.is_none()));
    assert_eq!((device.trouble(), device.look_at()), (None, None));
}

#[test]
fn a_reminder_of_what_is_shown_waits_for_nothing() {
    let mut dice = Dice::new(1);
    let mut device = told_device(&mut dice);
    device.fetched(page(1, 2));
    assert!(device.deliver(seconds(9), wall(3600)).is_some());
    assert_eq!(device.delivered(told(1, 3600), seconds(9), &mut dice), None);
    assert_eq!(device.look_at(), None);
}

#[test]
fn a_device_that_forgot_gets_the_present_soon_and_not_at_its_own_pace() {
    let (mut device, mut dice) = (device(), Dice::new(1));
    device.want(Revision(1), seconds(0));
    device.deliver(seconds(0), WALL);
    device.delivered(acknowledged(1, 60), seconds(0), &mut dice);
    device.forgot(seconds(5));
    assert_eq!(device.look_at(), Some(seconds(7)));
    assert_eq!(device.deliver(seconds(7), WALL).unwrap().digest, None, "whatever it had is sent again");
    device.forgot(seconds(7));
    device.delivered(acknowledged(1, 60), seconds(8), &mut dice);
    assert_eq!(device.look_at(), Some(seconds(10)), "also when it forgot meanwhile");
}

#[test]
fn a_device_that_forgot_is_tried_though_it_failed() {
    let (mut device, mut dice) = (device(), Dice::new(1));
    device.want(Revision(1), seconds(0));
    for _ in 0..9 {
        let now = device.look_at().unwrap();
        device.deliver(now, WALL);
        device.delivered(failed(), now, &mut dice);
    }
    let now = device.look_at().unwrap().checked_sub(seconds(60)).unwrap();
    device.forgot(now);
    assert_eq!(device.look_at(), Some(now + FORGOT));
}

#[test]
fn a_clock_that_is_set_back_makes_the_present_another() {
    let (mut device, mut dice) = (device(), Dice::new(1));
    device.want(Revision(1), seconds(0));
    device.deliver(seconds(0), wall(3600));
    device.delivered(acknowledged(1, 7200), seconds(0), &mut dice);
    device.clock_went_back(seconds(1), wall(4000));
    assert_eq!(device.look_at(), None, "what it shows was rendered before");
    device.clock_went_back(seconds(1), wall(10));
    let look = device.deliver(seconds(1), wall(10)).unwrap();
    assert_eq!(look.since, Some(wall(10)), "nobody is reminded twice");
}

/// Nobody tells of a delivery twice but a spoilt record: whoever replays it is not kept for ever.
#[test]
fn a_device_that_fails_unasked_is_looked_at_when_it_is_tried_again_and_not_before() {
    let mut dice = Dice::new(1);
    let mut device = device();
    device.want(Revision(1), seconds(1));
    assert!(device.deliver(seconds(1), wall(1)).is_some());
    device.delivered(acknowledged(1, 60), seconds(1), &mut dice);
    assert_eq!(device.next_change(), Some(wall(60)));
    device.delivered(failed(), seconds(2), &mut dice);
    assert_eq!(device.next_change(), None);
    assert!(device.deliver(seconds(2), wall(3600)).is_none());
    let again = device.look_at().unwrap();
    assert!(again > seconds(2) && device.deliver(again, wall(3600)).is_some());
}
