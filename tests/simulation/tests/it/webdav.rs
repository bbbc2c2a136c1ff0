//! Exchange 2003 and 2007 over WebDAV: the same meetings on the same displays, whatever becomes of subscriptions.

use super::{at, morning_of};
use chrono::TimeDelta;
use exchange_sim::{
    DatagramManners, Fault, Injection, LostIds, Pattern, StoreVersion, Strikes, WebdavManners, WebdavSignIn,
    script::{self, Pace},
};
use simulation::{Run, Site};
use std::time::Duration;

/// Every profile: its version, how accounts sign in, and what becomes of ids that are lost.
fn profiles() -> Vec<WebdavManners> {
    let mut profiles = Vec::new();
    let versions =
        [(StoreVersion::Exchange2003, LostIds::Told), (StoreVersion::Exchange2007, LostIds::LeftOut)];
    for (version, lost_ids) in versions {
        for sign_in in [WebdavSignIn::Http, WebdavSignIn::Forms] {
            profiles.push(WebdavManners {
                sign_in,
                lost_ids,
                calendar: "Kalender".to_owned(),
                host: Some("backend.example".to_owned()),
                rows: 25,
                ..WebdavManners::of(version)
            });
        }
    }
    profiles
}

fn over(manners: WebdavManners) -> Run {
    let mut run = morning_of(Site::new(1).rooms(&["berlin", "oslo"]).over_webdav(manners));
    run.until_quiet();
    run
}

fn http() -> WebdavManners {
    WebdavManners::of(StoreVersion::Exchange2003)
}

/// A change that must arrive.
fn change(run: &mut Run, subject: &str) {
    let now = run.now();
    // each at a time of its own: the attendant declines conflicts
    let start = now + TimeDelta::hours(5) + TimeDelta::hours(i64::try_from(subject.len()).unwrap());
    let end = start + TimeDelta::minutes(30);
    run.world.organizer("kim").invites("berlin").to(subject).at(start, end).send(now).unwrap();
}

fn has_arrived(run: &mut Run, subject: &str) {
    let shown = run.shown("berlin");
    let arrived = shown.iter().any(|(_, _, title)| title == subject);
    assert!(arrived, "{subject} is not shown: {:?}\n{}", run.trouble("berlin"), run.trace.text());
    assert_eq!(shown, run.truth("berlin"));
}

#[test]
fn a_week_is_the_same_through_every_profile_and_through_ews() {
    let week = |mut site: Site| {
        // all of it before the engine starts: ids are drawn by chance, and must be the same
        script::demo_week(site.world(), at(0), &["berlin", "oslo"]).unwrap();
        script::set_pace(site.world(), Pace::Still);
        let mut run = morning_of(site);
        run.pass(Duration::from_mins(3));
        let shown = ["berlin", "oslo"].map(|room| run.shown(room));
        assert_eq!(shown, ["berlin", "oslo"].map(|room| run.truth(room)));
        let phones = ["berlin", "oslo"].map(|room| run.phone(room));
        (shown, phones, ["berlin", "oslo"].map(|room| run.keys(room)))
    };
    let rooms = || Site::new(1).rooms(&["berlin", "oslo"]);
    let by_ews = week(rooms());
    assert!(by_ews.0[0].len() > 20, "much is in the week");
    for manners in profiles() {
        let told = format!("{manners:?}");
        assert_eq!(week(rooms().over_webdav(manners)), by_ews, "{told}");
    }
}

#[test]
fn a_subscription_is_renewed_every_forty_minutes() {
    let mut run = over(http());
    let begin = run.now();
    run.pass(Duration::from_hours(4));
    let renewals = run.world.webdav_renewals();
    for id in [1, 2] {
        let times: Vec<_> =
            renewals.iter().filter(|(_, one)| *one == id).map(|(at, _)| *at - begin).collect();
        assert!((6..=7).contains(&times.len()), "{times:?}");
        let apart = times.windows(2).map(|pair| pair[1] - pair[0]);
        let apart: Vec<_> = apart.map(|span| span.num_minutes()).collect();
        assert!(apart.iter().all(|minutes| (37..=40).contains(minutes)), "{apart:?}");
    }
    assert!(run.trace.text().contains("berlin SUBSCRIBE"), "{}", run.trace.text());
}

#[test]
fn what_has_come_into_the_window_since_the_last_read_is_no_difference() {
    let mut site = Site::new(1).rooms(&["berlin"]).over_webdav(http());
    // its sixtieth occurrence after today's begins ten minutes after the last read could know of it
    let start = at(0) + TimeDelta::minutes(10);
    let series = site.world().organizer("kim").invites("berlin").to("Stand-up");
    let sent = series.at(start, start + TimeDelta::minutes(30)).every(Pattern::Daily { interval: 1 });
    sent.send(at(0)).unwrap();
    let mut run = site.begin();
    run.pass(Duration::from_mins(15));
    let ahead = TimeDelta::days(60);
    assert!(run.truth("berlin").iter().any(|(begins, ..)| *begins == start + ahead), "it is in the window");
    assert!(run.shown("berlin").iter().all(|(begins, ..)| *begins < start + ahead), "and was not read");
    run.compare_all();
    assert_eq!(run.differences, [].into());
    assert!(run.trace.text().contains("berlin SEARCH"), "{}", run.trace.text());
    // the next read has it
    run.pass(Duration::from_mins(45));
    assert!(run.shown("berlin").iter().any(|(begins, ..)| *begins == start + ahead));
}

#[test]
fn no_change_is_lost_with_a_subscription() {
    type Loss = fn(&mut Run);
    let losses: [(&str, Loss); 5] = [
        ("restart", |run| run.world.restart_store(run.now(), TimeDelta::seconds(40))),
        ("fail-over", |run| run.world.fail_over_store(run.now())),
        ("expiry", |run| {
            run.cut_off(true);
            run.pass(Duration::from_hours(2));
            change(run, "Away");
            run.cut_off(false);
        }),
        ("lost", |run| run.inject(Injection::of(Fault::SubscriptionLost).next(1))),
        ("sessions ended", |run| run.world.end_webdav_sessions()),
    ];
    let [told, .., left_out] = <[WebdavManners; 4]>::try_from(profiles()).unwrap();
    for manners in [told, left_out] {
        for (name, lose) in losses {
            let mut run = over(manners.clone());
            run.pass(Duration::from_mins(2));
            lose(&mut run);
            change(&mut run, name);
            run.pass(Duration::from_mins(3));
            has_arrived(&mut run, name);
            change(&mut run, "Afterwards");
            run.pass(Duration::from_mins(2));
            has_arrived(&mut run, "Afterwards");
            assert_eq!(run.world.webdav_subscriptions(), 2, "{name}: nothing is left behind");
        }
    }
}

#[test]
fn a_401_of_the_store_is_the_accounts_where_the_mailbox_was_read_before() {
    let refused = || Injection::of(Fault::WrongPassword).in_room("oslo").striking(Strikes::Always);
    let mut site = Site::new(1).rooms(&["berlin", "oslo"]).over_webdav(http());
    site.world().inject(refused()).unwrap();
    let mut run = morning_of(site);
    run.pass(Duration::from_mins(10));
    let trouble = run.trouble("oslo").unwrap_or_default();
    assert!(trouble.contains("nobody has opened this mailbox yet"), "{trouble}");
    assert_eq!((run.trouble("berlin"), run.shown("berlin")), (None, run.truth("berlin")), "it goes on");
    run.world.heal();
    run.pass(Duration::from_mins(20));
    assert_eq!((run.trouble("oslo"), run.shown("oslo")), (None, run.truth("oslo")));
    run.world.inject(refused()).unwrap();
    run.pass(Duration::from_mins(5));
    let polls = |run: &Run| run.trace.text().matches("berlin POLL").count();
    let before = polls(&run);
    run.pass(Duration::from_mins(5));
    assert_eq!(polls(&run), before, "nobody tries a password that may be wrong");
}

#[test]
fn a_room_that_is_refused_leaves_the_others_alone() {
    for sign_in in [WebdavSignIn::Http, WebdavSignIn::Forms] {
        let mut run = over(WebdavManners { sign_in, ..http() });
        run.world.forbid_webdav("oslo", true).unwrap();
        run.pass(Duration::from_mins(10));
        let trouble = run.trouble("oslo").unwrap_or_default();
        assert!(trouble.contains("may not read this calendar"), "{trouble}");
        assert_eq!(run.trouble("berlin"), None);
        change(&mut run, "Still told");
        run.pass(Duration::from_mins(2));
        has_arrived(&mut run, "Still told");
        assert!(!run.shown("oslo").is_empty(), "what was known stays");
        run.world.forbid_webdav("oslo", false).unwrap();
        run.pass(Duration::from_mins(10));
        assert_eq!(run.trouble("oslo"), None);
    }
}

#[test]
fn what_is_spoilt_empty_cut_or_busy_removes_nothing() {
    for fault in [Fault::TruncatedBody, Fault::ServiceUnavailable, Fault::EmptyCalendar, Fault::IisError] {
        let mut run = over(http());
        let before = run.shown("berlin");
        run.inject(Injection::of(fault).striking(Strikes::Always));
        change(&mut run, "Unseen");
        run.pass(Duration::from_secs(50));
        assert_eq!(run.shown("berlin"), before, "{fault:?}");
        run.world.heal();
        run.pass(Duration::from_mins(6));
        has_arrived(&mut run, "Unseen");
    }
    let mut run = over(http());
    let now = run.now();
    let (start, end) = (at(30), at(31));
    let spoilt = run.world.organizer("kim").invites("berlin").to("Spoilt").at(start, end).send(now).unwrap();
    run.pass(Duration::from_mins(1));
    run.world.spoil("berlin", spoilt).unwrap();
    change(&mut run, "Beside it");
    run.pass(Duration::from_mins(2));
    has_arrived(&mut run, "Beside it");
    assert!(run.shown("berlin").iter().any(|(_, _, title)| title == "Spoilt"), "it stays as it was known");
}

#[test]
fn ghosts_show_nothing_twice_and_leave_with_the_stores_expansion() {
    let mut run = over(http());
    let (now, start) = (run.now(), at(26));
    let drill = run.world.organizer("kim").invites("berlin").to("Drill");
    let drill = drill.at(start, start + TimeDelta::minutes(30)).daily().times(5).send(now).unwrap();
    run.pass(Duration::from_mins(3));
    has_arrived(&mut run, "Drill");
    run.world.keep_expansion("berlin", drill).unwrap();
    let day = |days: i64| (start + TimeDelta::days(days)).date_naive();
    let later = start + TimeDelta::days(1) + TimeDelta::hours(3);
    let now = run.now();
    run.world.reschedule_occurrence(drill, day(1), later, later + TimeDelta::minutes(30), now).unwrap();
    run.world.cancel_occurrence(drill, day(3), now).unwrap();
    run.pass(Duration::from_mins(3));
    let shown = run.shown("berlin").into_iter().filter(|(.., title)| title == "Drill");
    let shown: Vec<_> = shown.map(|(begins, ..)| begins).collect();
    let expected = [0, 1, 2, 3, 4].map(|days| if days == 1 { later } else { start + TimeDelta::days(days) });
    assert_eq!(shown, expected, "what is listed twice is shown once; what is listed alone is believed");
    run.world.clear_expansions();
    run.pass(Duration::from_hours(1));
    assert_eq!(run.shown("berlin"), run.truth("berlin"));
    run.compare_all();
    assert_eq!(run.differences, [].into());
}

#[test]
fn exchange_2010_and_later_are_told_that_webdav_has_ended() {
    let mut site = Site::new(1).rooms(&["berlin"]).over_webdav(http());
    site.world().set_webdav(None);
    let mut run = site.begin();
    run.pass(Duration::from_mins(1));
    let trouble = run.trouble("berlin").unwrap_or_default();
    assert!(trouble.contains("WebDAV ended with Exchange 2007"), "{trouble}");
    assert!(trouble.contains("protocol = \"ews\""), "{trouble}");
}

#[test]
fn a_room_that_goes_over_to_ews_or_back_keeps_its_display() {
    let mut site = Site::new(1).rooms(&["berlin", "oslo"]).over_webdav(http());
    script::demo_week(site.world(), at(0), &["berlin", "oslo"]).unwrap();
    script::set_pace(site.world(), Pace::Still);
    let mut run = morning_of(site);
    run.pass(Duration::from_mins(3));
    let webdav = run.speaks_webdav();
    for spoken in [None, webdav.as_ref(), None] {
        let before = ["berlin", "oslo"].map(|room| (run.shown(room), run.keys(room), run.pushes(room)));
        run.speak(spoken);
        run.pass(Duration::from_mins(3));
        let after = ["berlin", "oslo"].map(|room| (run.shown(room), run.keys(room), run.pushes(room)));
        assert_eq!(after, before, "no meeting leaves, none comes twice, and nothing is pushed");
    }
    change(&mut run, "Told by EWS");
    run.pass(Duration::from_mins(2));
    has_arrived(&mut run, "Told by EWS");
}

#[test]
fn word_by_udp_makes_a_change_arrive_at_once_and_whoever_sends_it_costs_little() {
    let begin = |datagrams| {
        let manners = WebdavManners { datagrams, ..http() };
        let site = Site::new(1).rooms(&["berlin", "oslo"]).over_webdav(manners).told_by_word();
        let mut run = morning_of(site);
        run.until_quiet();
        run
    };
    let polls = |run: &Run| run.trace.text().matches("berlin POLL").count();
    let kept = http().datagrams;

    let mut run = begin(DatagramManners { doubled: true, ..kept });
    change(&mut run, "At once");
    let asked = polls(&run);
    // it comes as a request, and is accepted three seconds later
    run.pass(Duration::from_secs(15));
    has_arrived(&mut run, "At once");
    assert_eq!(polls(&run), asked + 2, "the second of two equal datagrams costs nothing");

    // anybody may have seen the path that word is sent to, and make up the rest
    let sent = run.trace.text();
    let word = sent.lines().rfind(|line| line.contains("datagram NOTIFY")).unwrap();
    let path = word.split("NOTIFY ").nth(1).unwrap().split(' ').next().unwrap().to_owned();
    let asked = polls(&run);
    for second in 0..60 {
        for ids in ["Subscription-id: 1\r\n", "Subscription-id: 77\r\n", "", "\u{1}:,,;\r\n"] {
            run.hear_word(format!("NOTIFY {path} HTTP/1.1\r\n{ids}").as_bytes());
        }
        run.hear_word(format!("NOTIFY httpu://callboard.example.com:34777/{second} HTTP/1.1\r\n").as_bytes());
        run.pass(Duration::from_secs(1));
    }
    let flooded = polls(&run) - asked;
    assert!((11..=13).contains(&flooded), "{flooded} in a minute: one every five seconds");

    let mut run = begin(DatagramManners { lost_per_mille: 1_000, ..kept });
    change(&mut run, "Lost on the way");
    run.pass(Duration::from_secs(15));
    assert!(!run.shown("berlin").iter().any(|(_, _, title)| title == "Lost on the way"));
    run.pass(Duration::from_mins(5));
    has_arrived(&mut run, "Lost on the way");

    let mut run = begin(kept);
    run.world.restart_store(run.now(), TimeDelta::zero());
    change(&mut run, "Told of by a store that stopped");
    run.pass(Duration::from_secs(30));
    has_arrived(&mut run, "Told of by a store that stopped");
}
