//! Phones, which are told to fetch their page: who is busy drops that, and is told again until the page was fetched.

use crate::bench::{Bench, healthy};
use chrono::TimeDelta;
use meeting_model::id::{DeviceId, Revision, RoomId};
use std::{mem, time::Duration};
use sync_engine::{Action, Applied, Delivered, Event, Page, Ticket, Wish, device::Device};

const MINUTE: Duration = Duration::from_mins(1);

/// A room with a phone that answers every push, and fetches nothing by itself.
struct Phone {
    bench: Bench,
    /// The revision of the room's calendar, and the one that was read.
    rev: Revision,
    applied: Revision,
    /// What it was told of last.
    told: Option<Page>,
}

impl Phone {
    fn busy() -> Self {
        Self { bench: Bench::new(1), rev: Revision(1), applied: Revision(0), told: None }
    }

    /// Lets time pass, and gives the moments at which it was told meanwhile.
    fn told_within(&mut self, span: Duration) -> Vec<Duration> {
        let (end, mut moments) = (self.bench.elapsed + span, Vec::new());
        loop {
            if self.bench.todo.is_empty() {
                self.bench.pass(end.saturating_sub(self.bench.elapsed));
            }
            let todo = mem::take(&mut self.bench.todo);
            if todo.is_empty() {
                return moments;
            }
            for action in todo {
                moments.extend(matches!(action, Action::Deliver(_)).then_some(self.bench.elapsed));
                self.perform(action);
            }
        }
    }

    fn perform(&mut self, action: Action) {
        match action {
            Action::Exchange { request, call, .. } => {
                self.bench.answer(call, 200, &healthy(request.operation));
            }
            Action::Apply(apply) => {
                let display_changed = mem::replace(&mut self.applied, self.rev) < self.rev;
                let applied = Applied { rev: self.rev, display_changed, ..Applied::default() };
                self.bench.on(Event::Applied { room: apply.room, result: Ok(applied) });
            }
            Action::Deliver(deliver) => {
                let page = Page { rev: self.rev, at: self.bench.wall() };
                self.told = Some(page);
                let result = Delivered::Told {
                    page,
                    digest: self.rev.0.to_string(),
                    next_change: self.bench.wall() + TimeDelta::days(9),
                    answered: true,
                    unfetched: "it never fetches".into(),
                };
                self.bench.on(Event::Delivered { device: deliver.device, result });
            }
            _ => {}
        }
    }

    fn device(&self) -> &Device {
        self.bench.engine.devices().next().unwrap().1
    }

    fn fetches(&mut self, page: Page) {
        self.bench.on(Event::Fetched { device: DeviceId::new("room-0/phone"), page });
    }

    /// Something changes in the room, and is read.
    fn changes(&mut self) {
        self.rev = Revision(self.rev.0 + 1);
        let wished = Event::Wished { room: RoomId::new("room-0"), ticket: Ticket(1), wish: Wish::Resync };
        self.bench.on(wished);
    }
}

#[test]
fn a_busy_phone_is_told_once_a_minute_until_it_has_fetched_the_page() {
    let mut phone = Phone::busy();
    let minutes: Vec<_> = (0..60).map(|n| n * MINUTE).collect();
    assert_eq!(phone.told_within(59 * MINUTE + Duration::from_secs(59)), minutes);
    assert_eq!(phone.device().trouble(), Some("it never fetches"));
    assert_eq!(phone.device().answered_at(), phone.told.map(|page| page.at), "it answers all the same");

    let stale = phone.told.unwrap();
    phone.changes();
    let at_once = phone.bench.elapsed;
    assert_eq!(phone.told_within(Duration::ZERO), [at_once], "what is new does not wait for the minute");
    phone.fetches(stale);
    assert_eq!(phone.told_within(MINUTE), [at_once + MINUTE], "the page of before is not the one");

    phone.fetches(phone.told.unwrap());
    assert_eq!((phone.device().acknowledged(), phone.device().trouble()), (Revision(2), None));
    assert_eq!(phone.device().answered_at(), Some(phone.bench.wall()));
    assert_eq!(phone.told_within(600 * MINUTE), [], "it has it, and is left in peace");
}
