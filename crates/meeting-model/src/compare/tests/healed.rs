//! What becomes of a difference: what is gone is so at once, its item is read again, and then the server's instants are shown.

use super::*;

#[test]
fn t1_the_server_wins_until_the_series_changes() {
    let (_, daily) = two();
    let mut room = Room::with(std::slice::from_ref(&daily));
    let mut server = rows(&daily);
    // The second an hour earlier, the third not at all, and one that no pattern gives.
    server[1].start = Some(utc("2026-03-04T13:00:00Z"));
    server.pop();
    server.push(row(&daily, utc("2026-03-07T14:00:00Z")));
    let comparison = room.compare(&view(&server));
    assert_eq!(found(&comparison).0, ["moved", "missing", "ghost"]);
    room.heal(&view(&server), &[&daily]);
    assert_eq!(room.compare(&view(&server)), Comparison { compared: 3, ..Comparison::default() });
    let starts = |room: &Room| {
        room.spans().iter().map(|span| span.start.format("%d %H:%M").to_string()).collect::<Vec<_>>()
    };
    assert_eq!(starts(&room), ["03 14:00", "04 13:00", "07 14:00"]);
    // Their keys are those of their slots, whatever the server says of their times.
    let keys: Vec<String> = ["2026-03-03", "2026-03-04", "2026-03-07"]
        .map(|date| format!("{}/{date}", meeting_id(&daily).as_str()))
        .to_vec();
    assert!(room.known.occurrences.keys().map(MeetingKey::as_str).eq(keys.iter().map(String::as_str)));

    room.read(std::slice::from_ref(&daily)); // read again, as it was
    assert_eq!(starts(&room), ["03 14:00", "04 13:00", "07 14:00"]);
    room.read(&[CalendarItem { change_key: Some("2".to_owned()), ..daily }]);
    assert_eq!(starts(&room), ["03 14:00", "04 14:00", "05 14:00"]);
}

#[test]
fn t1_an_override_keeps_what_an_exception_says() {
    let (_, mut daily) = two();
    let own = CalendarItem { subject: Some("Special".to_owned()), series: None, ..meeting("own", THREE) };
    daily.series.as_mut().unwrap().exceptions = vec![Exception {
        original_start: utc(THREE),
        start: utc("2026-03-03T15:00:00Z"),
        end: utc("2026-03-03T16:00:00Z"),
        item: Some(Box::new(own)),
    }];
    let mut room = Room::with(std::slice::from_ref(&daily));
    let mut server = rows(&daily);
    (server[0].kind, server[0].subject) = (Some(RowKind::Exception), Some("Special".to_owned()));
    (server[0].start, server[0].end) = (Some(utc("2026-03-03T18:00:00Z")), Some(utc("2026-03-03T19:00:00Z")));
    let comparison = room.compare(&view(&server));
    assert_eq!(found(&comparison).0, ["moved"]);
    room.heal(&view(&server), &[&daily]);
    let first = room.known.occurrences.values().next().and_then(|one| one.displayed.clone()).unwrap();
    assert_eq!((first.start, first.title()), (utc("2026-03-03T18:00:00Z"), "Special"));
}

#[test]
fn t1_a_single_meeting_takes_the_servers_instants() {
    let (single, _) = two();
    let mut room = Room::with(std::slice::from_ref(&single));
    let moved = vec![row(&single, utc("2026-03-05T10:00:00Z"))];
    let comparison = room.compare(&view(&moved));
    assert_eq!(comparison.counts(), BTreeMap::from([(DifferenceKind::Moved, 1)]));
    room.heal(&view(&moved), &[&single]);
    assert_eq!(room.spans()[0].start, utc("2026-03-05T10:00:00Z"));
    assert_eq!(room.compare(&view(&moved)).differences, []);
}

#[test]
fn a4_a_new_time_that_the_room_has_not_accepted_is_not_shown_by_healing() {
    let (single, daily) = two();
    let mut room = Room::with(&[single.clone(), daily.clone()]);
    let before = room.spans();
    let mut said = [rows(&single), rows(&daily)].concat();
    for row in [0, 2] {
        said[row].start = said[row].start.map(|start| start - TimeDelta::minutes(30));
        said[row].response = Some(Response::NoResponseReceived);
    }
    let comparison = room.compare(&view(&said));
    let (kinds, reread) = found(&comparison);
    assert_eq!((kinds, reread.len()), (vec!["moved", "response", "moved", "response"], 2));
    room.heal(&view(&said), &[&single, &daily]);
    assert_eq!(room.spans(), before);
}

#[test]
fn t1_and_p5_a_new_time_comes_with_its_new_subject_and_secrecy() {
    let (single, daily) = two();
    let renamed: fn(&mut ViewRow) = |row| row.subject = Some("Another".to_owned());
    let hidden: fn(&mut ViewRow) = |row| row.sensitivity = Sensitivity::Private;
    for (change, kind) in [(renamed, "renamed"), (hidden, "private")] {
        let mut room = Room::with(&[single.clone(), daily.clone()]);
        let before = room.spans();
        let mut said = [rows(&single), rows(&daily)].concat();
        said.push(row(&daily, utc("2026-03-07T14:00:00Z")));
        for row in [0, 2, 4] {
            said[row].start = said[row].start.map(|start| start - TimeDelta::minutes(30));
            change(&mut said[row]);
        }
        let comparison = room.compare(&view(&said));
        let (kinds, reread) = found(&comparison);
        assert_eq!((kinds, reread.len()), (vec!["moved", kind, "moved", kind, "missing"], 2));
        room.heal(&view(&said), &[&single, &daily]);
        assert_eq!(room.spans(), before);
    }
}

#[test]
fn f_and_t1_a_new_time_comes_with_its_new_place_and_text() {
    let (single, daily) = two();
    let elsewhere = |item: &CalendarItem| CalendarItem {
        start: item.start - TimeDelta::minutes(30),
        end: item.end - TimeDelta::minutes(30),
        location: Some("Tower 9".to_owned()),
        change_key: Some("2".to_owned()),
        ..item.clone()
    };
    let mut room = Room::with(&[single.clone(), daily.clone()]);
    let before = room.spans();
    let said = view(&[rows(&elsewhere(&single)), rows(&elsewhere(&daily))].concat());
    assert_eq!(found(&room.compare(&said)).0, ["moved"; 4]);
    room.heal(&said, &[]);
    assert_eq!(room.spans(), before, "nobody has read yet where it is");
    room.read(&[elsewhere(&single), elsewhere(&daily)]);
    assert_eq!(room.compare(&said).differences, []);
    let mut shown = room.known.occurrences.values().filter_map(|one| one.displayed.as_ref());
    assert!(shown.all(|one| one.location() == Some("Tower 9")));
}

#[test]
fn p5_what_has_become_private_alone_is_read() {
    let (single, daily) = two();
    let mut room = Room::with(&[single.clone(), daily.clone()]);
    let mut said = [rows(&single), rows(&daily)].concat();
    assert_eq!(room.compare(&view(&said)).differences, []);
    (said[0].sensitivity, said[2].sensitivity) = (Sensitivity::Private, Sensitivity::Confidential);
    let (kinds, reread) = found(&room.compare(&view(&said)));
    assert_eq!((kinds, reread.len()), (vec!["private", "private"], 2));
    let hidden = [single, daily].map(|item| CalendarItem { sensitivity: Sensitivity::Private, ..item });
    room = Room::with(&hidden);
    for row in &mut said {
        row.sensitivity = Sensitivity::Normal;
    }
    assert_eq!(room.compare(&view(&said)).differences, [], "who says nothing of it calls it normal");
}
