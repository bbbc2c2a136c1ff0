mod calendar;
mod calendars;
mod decided;
mod explained;
mod forgotten;
mod identity;
mod invariants;
mod properties;
mod subjects;
mod table;

use super::*;
use crate::{
    example::{carry_out, settings, utc},
    id::{CalendarNumber, ItemId, RoomId},
    identity::MeetingKey,
    item::{CalendarItem, ItemKind, Series},
    observed::Coverage,
    plan::Change,
    recurrence::{Pattern, RangeEnd, Recurrence},
    switch::{Switch, switch},
};

/// A room and its store, which does what plans say.
struct Room {
    known: Known,
    settings: RoomSettings,
    secret: SiteSecret,
    zones: ZoneDatabase,
    now: DateTime<Utc>,
}

impl Room {
    fn at(now: &str) -> Self {
        Self {
            known: Known::default(),
            settings: settings(),
            secret: SiteSecret::new([1; 32]),
            zones: ZoneDatabase::bundled(),
            now: utc(now),
        }
    }

    fn planned(&self, observed: Option<&Observed>) -> Plan {
        let site = Site { secret: &self.secret, zones: &self.zones };
        let now = Now { wall: self.now, mono: std::time::Duration::ZERO };
        plan(&RoomId::new("room"), &self.known, observed, &self.settings, site, now)
    }

    /// What the settings would hide and show by rule A5.
    fn switched(&self) -> Option<Switch> {
        let site = Site { secret: &self.secret, zones: &self.zones };
        let now = Now { wall: self.now, mono: std::time::Duration::ZERO };
        switch(&RoomId::new("room"), &self.known, &self.settings, site, now)
    }

    /// Plans and carries it out, and checks that nothing is left to do.
    fn take(&mut self, observed: Option<&Observed>) -> Plan {
        let plan = self.planned(observed);
        carry_out(&mut self.known, &plan);
        let again = self.planned(observed);
        assert!(again.is_empty() && again.changes.is_empty(), "planned twice: {again:?}");
        plan
    }

    fn delta(&mut self, items: &[CalendarItem]) -> Plan {
        self.take(Some(&observed(items, Coverage::Delta)))
    }

    fn complete(&mut self, items: &[CalendarItem]) -> Plan {
        let window = window(&self.settings, self.now);
        self.take(Some(&observed(items, Coverage::Complete { window, confirmed: false })))
    }

    fn replan(&mut self) -> Plan {
        self.take(None)
    }

    fn wait(&mut self, seconds: i64) -> &mut Self {
        self.now += TimeDelta::seconds(seconds);
        self
    }

    /// What the displays show: start and title, in order of their keys.
    fn shows(&self) -> Vec<String> {
        let shown = self.known.occurrences.values().filter_map(|one| one.displayed.as_ref());
        shown.map(|one| format!("{} {}", one.start.format("%d %H:%M"), one.title())).collect()
    }

    fn rules(&self) -> String {
        let rules = self.known.occurrences.values().map(|one| one.decision.rule.id());
        rules.collect::<Vec<_>>().join(" ")
    }
}

fn observed(items: &[CalendarItem], coverage: Coverage) -> Observed {
    Observed { items: items.to_vec(), ..Observed::nothing(coverage) }
}

fn deleted(name: &str) -> Observed {
    Observed { deleted: vec![ItemId::new(name)], ..observed(&[], Coverage::Delta) }
}

fn daily(first: CalendarItem) -> CalendarItem {
    let start_date = first.start.date_naive();
    let recurrence = Recurrence { pattern: Pattern::Daily { interval: 1 }, start_date, end: RangeEnd::Never };
    let series =
        Some(Series { recurrence, exceptions: Vec::new(), deleted: Vec::new(), overrides: Vec::new() });
    CalendarItem { kind: ItemKind::RecurringMaster, series, ..first }
}

fn said(changes: &[Change]) -> Vec<String> {
    changes.iter().map(|change| format!("{:?} {}", change.kind, change.displayed.title())).collect()
}
