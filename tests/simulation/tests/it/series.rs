//! Series as the stand-in expands them, which shares no code with ours: the forms that RFC 5545 has and those that only
//! Exchange has (rule T3), in zones whose clocks change within the window (rule T4).

use chrono::{Days, NaiveDate, NaiveTime, Weekday};
use exchange_sim::{DayIndex, DayKind, Pattern, Range, Recurrence, Zone};
use meeting_model::zone::{RoomZone, ZoneDatabase};
use simulation::{START, Site};

/// Zones of both hemispheres, by their Windows ids: clocks change there between March and May 2026, Lord Howe's by half an
/// hour; Kolkata's do not.
const ZONES: [&str; 7] = [
    "W. Europe Standard Time",
    "Eastern Standard Time",
    "Pacific SA Standard Time",
    "AUS Eastern Standard Time",
    "Lord Howe Standard Time",
    "Egypt Standard Time",
    "India Standard Time",
];

/// Local times of day, far enough apart for four series of one room: the first is one that clocks skip or show twice.
const TIMES: [(u32, u32); 4] = [(2, 15), (8, 0), (14, 30), (22, 45)];

fn patterns() -> Vec<Pattern> {
    use DayIndex::{First, Fourth, Last, Second, Third};
    use DayKind::{Day, One, WeekendDay};
    use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    let weekly =
        |interval, days: &[Weekday], first_day| Pattern::Weekly { interval, days: days.to_vec(), first_day };
    let absolute = |interval, day| Pattern::AbsoluteMonthly { interval, day };
    let relative = |day, index| Pattern::RelativeMonthly { interval: 1, day, index };
    let yearly = |month, day, index| Pattern::RelativeYearly { month, day, index };
    vec![
        Pattern::Daily { interval: 1 },
        Pattern::Daily { interval: 3 },
        weekly(1, &[Mon, Tue, Wed, Thu, Fri], Sun),
        weekly(2, &[Tue, Sun], Mon),
        weekly(2, &[Tue, Sun], Sun),
        weekly(3, &[Sat, Sun, Mon], Wed),
        // The last day of a shorter month, where RFC 5545 has none.
        absolute(1, 31),
        absolute(1, 30),
        absolute(2, 29),
        Pattern::AbsoluteYearly { month: 2, day: 29 },
        Pattern::AbsoluteYearly { month: 4, day: 31 },
        relative(One(Fri), Last),
        relative(One(Tue), Fourth),
        relative(Day, Last),
        relative(Day, Third),
        relative(DayKind::Weekday, First),
        relative(DayKind::Weekday, Last),
        relative(WeekendDay, Second),
        relative(WeekendDay, Last),
        yearly(3, DayKind::Weekday, Last),
        yearly(4, WeekendDay, First),
        yearly(3, Day, Last),
        yearly(3, One(Sun), Last),
    ]
}

/// Invites a room to a series of half an hour from its first date since a year before on.
fn invite(
    site: &mut Site,
    room: &str,
    zone: &str,
    (hour, minute): (u32, u32),
    number: usize,
    pattern: Pattern,
) {
    let start = NaiveDate::from_ymd_opt(2025, 1, 1).unwrap() + Days::new(number as u64 * 11 % 365);
    let all = Recurrence { pattern: pattern.clone(), start, range: Range::NoEnd };
    let first = all.dates().next().unwrap();
    let walls = RoomZone::named(&ZoneDatabase::bundled(), zone).unwrap();
    let at =
        |minutes| walls.instant(first.and_time(NaiveTime::from_hms_opt(hour, minute + minutes, 0).unwrap()));
    let subject = format!("{pattern:?} in {zone}");
    let invitation = site.world().organizer("kim");
    let invitation = invitation.invites(room).to(&subject).at(at(0), at(14));
    let invitation = invitation.in_zone(&Zone::windows(zone).unwrap()).every(pattern);
    // One of three ends by a date within the window, one after a count of occurrences, one never.
    let invitation = match number % 3 {
        0 => invitation,
        1 => invitation.until(NaiveDate::from_ymd_opt(2026, 4, 20).unwrap()),
        _ => invitation
            .times(u32::try_from(all.dates().take_while(|date| *date < until(number)).count()).unwrap()),
    };
    invitation.send(START.parse().unwrap()).unwrap();
}

/// Where a counted series stops.
fn until(number: usize) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 4, 1).unwrap() + Days::new(number as u64 % 30)
}

#[test]
fn t1_t3_t4_series_are_expanded_as_the_server_expands_them() {
    let patterns = patterns();
    let mut number = 0;
    let rooms: Vec<String> =
        (0..ZONES.len() * patterns.len().div_ceil(TIMES.len())).map(|n| format!("room-{n}")).collect();
    let aliases: Vec<&str> = rooms.iter().map(String::as_str).collect();
    let mut site = Site::new(11).rooms(&aliases);
    let mut room = aliases.iter();
    for zone in ZONES {
        for together in patterns.chunks(TIMES.len()) {
            let room = room.next().unwrap();
            for (pattern, time) in together.iter().zip(TIMES) {
                invite(&mut site, room, zone, time, number, pattern.clone());
                number += 1;
            }
        }
    }
    let mut run = site.begin();
    run.until_quiet();
    let truths = run.truths();
    let occurrences: usize = truths.values().map(Vec::len).sum();
    assert!(occurrences > number * 5, "{occurrences} occurrences of {number} series");
    for (room, truth) in &truths {
        assert_eq!(&run.shown(room), truth, "{room}");
    }
    run.compare_all();
    assert!(run.differences.is_empty(), "{:?}", run.differences);
}
