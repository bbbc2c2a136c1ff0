use super::*;

/// A machine whose clocks are set by hand, in milliseconds since the start.
#[derive(Clone, Default)]
struct Machine(Arc<Mutex<Clocks>>);

#[derive(Debug, Clone, Copy, Default)]
struct Clocks {
    system: i64,
    mono: u64,
    uptime: u64,
}

fn start() -> DateTime<Utc> {
    "2026-11-21T09:00:00Z".parse().unwrap()
}

impl Machine {
    fn clock(&self) -> CorrectedClock {
        let (one, other) = (self.clone(), self.clone());
        let read = move || {
            let clocks = *one.0.lock().unwrap();
            Reading {
                system: start() + TimeDelta::milliseconds(clocks.system),
                mono: Duration::from_millis(clocks.mono),
            }
        };
        let uptime = move || Some(Duration::from_millis(other.0.lock().unwrap().uptime));
        let clock = CorrectedClock::reading(
            Arc::new(read),
            SystemClock::start().instant(Duration::ZERO),
            Slept::told_by(uptime),
        );
        assert_eq!(clock.look(), None);
        clock
    }

    fn passes(&self, seconds: u64) {
        let mut clocks = self.0.lock().unwrap();
        clocks.system += i64::try_from(seconds).unwrap() * 1000;
        clocks.mono += seconds * 1000;
        clocks.uptime += seconds * 1000;
    }

    fn sleeps(&self, seconds: u64) {
        let mut clocks = self.0.lock().unwrap();
        clocks.system += i64::try_from(seconds).unwrap() * 1000;
        clocks.uptime += seconds * 1000;
    }

    fn is_set(&self, seconds: i64) {
        self.0.lock().unwrap().system += seconds * 1000;
    }
}

fn wall(clock: &CorrectedClock) -> TimeDelta {
    clock.now().wall - start()
}

fn corrected(clock: &CorrectedClock, seconds: i64) {
    clock.correct(Correction { ahead: Some(TimeDelta::seconds(seconds)), ..Correction::default() });
}

#[test]
fn without_ntp_it_is_the_systems_clock() {
    let (machine, hour) = (Machine::default(), TimeDelta::hours(1));
    let clock = machine.clock();
    machine.passes(10);
    assert_eq!((wall(&clock), clock.look()), (TimeDelta::seconds(10), None));
    machine.is_set(3600);
    assert_eq!(wall(&clock), hour + TimeDelta::seconds(10));
    assert_eq!(clock.look(), Some(Step { by: hour, slept: Duration::ZERO }));
    assert_eq!(clock.look(), None, "once");
}

#[test]
fn t6_once_ntp_was_heard_a_step_of_the_systems_clock_changes_nothing() {
    let machine = Machine::default();
    let clock = machine.clock();
    // the system's clock is three hours fast
    corrected(&clock, -3 * 3600);
    machine.passes(60);
    for set in [3600, -7200, 86_400 * 30] {
        let before = wall(&clock);
        assert_eq!(before, TimeDelta::seconds(clock.now().mono.as_secs().cast_signed() - 3 * 3600));
        machine.is_set(set);
        assert_eq!(wall(&clock), before);
        assert_eq!(clock.look(), Some(Step { by: TimeDelta::seconds(set), slept: Duration::ZERO }));
        machine.passes(5);
    }
}

#[test]
fn c6_a_machine_that_slept_is_told_from_one_that_was_set() {
    let machine = Machine::default();
    let clock = machine.clock();
    corrected(&clock, 2);
    machine.passes(60);
    machine.sleeps(8 * 3600);
    let step = clock.look().unwrap();
    assert_eq!((step.by, step.slept), (TimeDelta::zero(), Duration::from_hours(8)));
    assert_eq!(wall(&clock), TimeDelta::seconds(62 + 8 * 3600));
    machine.passes(5);
    assert_eq!(clock.look(), None);
    assert_eq!(clock.system_ahead(), TimeDelta::zero());
}

#[test]
fn a_drifting_clock_is_not_stepped() {
    let machine = Machine::default();
    let clock = machine.clock();
    for _ in 0..100 {
        machine.passes(2);
        machine.0.lock().unwrap().system += 1; // 500 ppm
        assert_eq!(clock.look(), None);
    }
    assert_eq!(clock.system_ahead(), TimeDelta::milliseconds(100));
}

#[test]
fn each_room_has_its_own_linger() {
    let clock = Machine::default().clock();
    let (berlin, oslo) = (RoomId::new("berlin"), RoomId::new("oslo"));
    let minutes = TimeDelta::minutes;
    clock.correct(Correction { ahead: None, lingers: [(berlin.clone(), minutes(15))].into() });
    assert_eq!((clock.lingers(&berlin), clock.lingers(&oslo)), (minutes(15), minutes(0)));
    assert_eq!(clock.longest_linger(), minutes(15));
}
