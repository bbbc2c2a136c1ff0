//! Devices that are removed, or belong to another room.

use super::*;

#[test]
fn a_removed_device_is_emptied_and_forgotten_when_it_has_answered() {
    let mut bench = Bench::of(site(3));
    bench.serve();
    let mut changed = site(3);
    changed.rooms.get_mut(&room(2)).unwrap().devices.clear();
    bench.reconfigure(changed, NOBODY);
    assert_eq!(bench.emptied(), [phone("room-2")]);
    assert_eq!(bench.devices(), ["room-0/phone", "room-1/phone"]);
    bench.on(Event::Emptied { device: phone("room-2"), result: Err(not_emptied()) });
    let (_, leaving) = bench.engine.leaving().next().unwrap();
    assert!(leaving.trouble().unwrap().contains("cannot connect") && leaving.attempts() == 1);
    bench.settle(Duration::from_secs(3));
    assert_eq!(bench.emptied(), [phone("room-2")], "it is tried again");
    bench.on(Event::Emptied { device: phone("room-2"), result: Ok(()) });
    assert_eq!(bench.engine.leaving().count(), 0);
}

#[test]
fn a_device_that_cannot_be_emptied_is_given_up_after_a_day() {
    let mut bench = Bench::of(site(1));
    bench.serve();
    bench.reconfigure(site(0), NOBODY);
    let (start, mut tries) = (bench.elapsed, 0);
    while bench.engine.leaving().count() > 0 {
        assert!(bench.elapsed < start + DAY + Duration::from_mins(3));
        for device in bench.emptied() {
            tries += 1;
            bench.on(Event::Emptied { device, result: Err(not_emptied()) });
        }
        bench.asked();
        bench.pass(Duration::from_mins(5));
    }
    assert!(bench.elapsed >= start + DAY, "it was given up too soon");
    assert!((700..2_000).contains(&tries), "every two minutes at most: {tries}");
}

#[test]
fn a_device_of_another_room_is_emptied_before_it_shows_that_rooms_meetings() {
    let mut bench = Bench::of(site(2));
    bench.serve();
    let mut changed = site(2);
    let moved = DeviceSettings { id: DeviceId::new("room-1/phone-of-0"), address: "10.0.0.0".into() };
    changed.rooms.get_mut(&room(0)).unwrap().devices.clear();
    changed.rooms.get_mut(&room(1)).unwrap().devices.push(moved);
    bench.reconfigure(changed, NOBODY);
    assert_eq!(bench.emptied(), [phone("room-0")]);
    assert!(!bench.delivered().contains(&"room-1/phone-of-0"), "{:?}", bench.todo);
    bench.on(Event::Emptied { device: phone("room-0"), result: Err(not_emptied()) });
    bench.settle(Duration::from_secs(3));
    assert!(!bench.delivered().contains(&"room-1/phone-of-0"));
    assert_eq!(bench.emptied(), [phone("room-0")]);
    bench.on(Event::Emptied { device: phone("room-0"), result: Ok(()) });
    assert!(bench.delivered().contains(&"room-1/phone-of-0"), "{:?}", bench.todo);
}

#[test]
fn a_delivery_under_way_is_waited_for_before_a_device_is_emptied() {
    let mut bench = Bench::of(site(1));
    for operation in [Operation::GetFolder, Operation::Subscribe, Operation::SyncFolderItems] {
        let (_, _, call) = bench.asked().pop().unwrap();
        bench.answer(call, 200, &healthy(operation));
    }
    bench.todo.clear();
    let applied = Applied { rev: Revision(1), ..Applied::default() };
    bench.on(Event::Applied { room: room(0), result: Ok(applied) });
    assert_eq!(bench.delivered(), ["room-0/phone"]);
    bench.reconfigure(site(0), NOBODY);
    assert_eq!(bench.emptied(), []);
    let result = taken(bench.wall() + TimeDelta::days(1));
    bench.on(Event::Delivered { device: phone("room-0"), result });
    assert_eq!(bench.emptied(), [phone("room-0")]);
    assert!(!bench.todo.iter().any(|action| matches!(action, Action::Settle(_))), "nobody knows it any more");
}
