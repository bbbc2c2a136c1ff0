//! One wish of the engine's, on its way through model and store.

use super::{Calendar, Planning, told};
use crate::room_signs::RoomSigns;
use control::Resynced;
use meeting_model::{
    clock::Now,
    compare::{self, Comparison, DifferenceKind},
    id::{CalendarNumber, Epoch, ItemId, RoomId},
    identity::MeetingId,
    known::Known,
    meeting_request,
    observed::Observed,
    plan::{self, Commit, Plan},
    settings::RoomSettings,
    signs::read_again,
};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use store::Committed;
use sync_engine::{Applied, Apply};

/// One wish of the engine's, on its way through model and store: what was read is planned and committed first, then what the
/// server makes of the calendar is compared with that, and what is gone taken away. Where they differed before it was read, what
/// the read has left as it was takes the server's instants.
///
/// Whoever has the store goes round: learn what is known ([`meetings`](Self::meetings)), [`plan`](Self::plan), commit what
/// that says, [`committed`](Self::committed); until there is no more. A commit that conflicts is a reason to go round
/// again.
#[derive(Debug)]
pub struct Applying<'a> {
    planning: &'a Planning,
    settings: &'a RoomSettings,
    epoch: Epoch,
    /// Of what was read, items are called as their room calls them.
    apply: Cow<'a, Apply>,
    calendar: &'a Calendar,
    stage: Option<Stage>,
    planned: Option<Planned>,
    applied: Applied,
    told: Option<Resynced>,
    counts: BTreeMap<DifferenceKind, usize>,
    signs: Vec<(RoomId, RoomSigns)>,
}

/// A plan that was made, and of what.
#[derive(Debug)]
struct Planned {
    known: Arc<Known>,
    plan: Plan,
    comparison: Option<Comparison>,
    now: Now,
}

/// What is being done.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stage {
    /// Planning what was read, or planning again.
    Plan,
    /// Comparing with what the server makes of the calendar.
    Compare,
    /// Taking the server's instants for these items: they were read since, and are as they were.
    Heal(BTreeSet<ItemId>),
}

/// What came of it.
#[derive(Debug)]
pub struct Done {
    /// For the engine.
    pub applied: Applied,
    /// For an operator.
    pub told: Result<Resynced, String>,
    /// How the mirror differed from the server's own expansion.
    pub differences: BTreeMap<DifferenceKind, usize>,
    /// What the room's meetings show of how Exchange treats it, for each of its calendars by what the engine calls that; nothing
    /// where nothing was carried out.
    pub signs: Vec<(RoomId, RoomSigns)>,
}

impl<'a> Applying<'a> {
    /// Begins. Nothing for a room that is not configured.
    pub fn begin(planning: &'a Planning, apply: &'a Apply) -> Option<Self> {
        let (calendar, settings, epoch) = planning.of(&apply.room)?;
        let plans = apply.observed.is_some() || apply.view.is_none();
        Some(Self {
            planning,
            settings,
            epoch,
            apply: of_calendar(apply, calendar.number),
            calendar,
            stage: Some(if plans { Stage::Plan } else { Stage::Compare }),
            planned: None,
            applied: Applied::default(),
            told: None,
            counts: BTreeMap::new(),
            signs: Vec::new(),
        })
    }

    /// The room that is planned.
    pub fn room(&self) -> &'a RoomId {
        &self.calendar.room
    }

    /// Whether there is more to do.
    pub fn goes_on(&self) -> bool {
        self.stage.is_some()
    }

    /// The meetings whose facts the plan will need, besides those of what is known.
    pub fn meetings(&self) -> BTreeSet<MeetingId> {
        let observed = self.apply.observed.as_ref().filter(|_| self.plans());
        observed.map(Observed::meeting_ids).unwrap_or_default()
    }

    /// Plans. What is to be committed of the plan, and in which epoch; nothing where that would change nothing: then the
    /// cursor waits in the engine for the next rows. What is known is copied only where it has to change and others have it too.
    pub fn plan(&mut self, known: impl Into<Arc<Known>>, now: Now) -> Option<(Epoch, Commit)> {
        let mut known = known.into();
        let room = self.room();
        let comparison = self.comparison(&known, now);
        let healing = match (&comparison, self.stage.as_ref()?) {
            (Some(comparison), Stage::Compare) => comparison.removal(&known),
            (Some(comparison), Stage::Heal(as_they_were)) => comparison.instants(&known, as_they_were),
            _ => None,
        };
        let observed = if self.plans() { self.apply.observed.as_ref() } else { healing.as_ref() };
        let heard = meeting_request::learned(room, &known, &self.apply.requests, self.settings);
        if !heard.is_empty() {
            Arc::make_mut(&mut known).facts.extend(heard.clone());
        }
        let mut plan = plan::plan(room, &known, observed, self.settings, self.planning.site(), now);
        // what the plan itself has learned stands on what was heard
        for (meeting, fact) in heard {
            plan.learned.entry(meeting).or_insert(fact);
        }
        let commit = self.commit(&known, &plan, now);
        self.planned = Some(Planned { known, plan, comparison, now });
        Some((self.epoch, commit?))
    }

    /// Whether what was read is being planned.
    fn plans(&self) -> bool {
        self.stage == Some(Stage::Plan)
    }

    fn comparison(&self, known: &Known, now: Now) -> Option<Comparison> {
        let view = match self.stage.as_ref()? {
            Stage::Plan => None,
            Stage::Compare => self.apply.view.as_ref(),
            Stage::Heal(_) => self.apply.differed.as_ref(),
        }?;
        let known = known.of_calendar(self.calendar.number);
        Some(compare::compare(&known, view, self.settings, &self.planning.zones, now))
    }

    fn commit(&self, known: &Known, plan: &Plan, now: Now) -> Option<Commit> {
        let plans = self.plans();
        // the cursor moves only with the rows it covers: of a read that is not believed, neither is kept
        let covered = plans && self.apply.observed.is_some() && !plan.suspicious;
        let source = self.planning.sources.get(&self.apply.room).filter(|_| covered);
        let elsewhere = source.is_some() && source != known.source.as_ref();
        let nothing_new = plan.is_empty() && !elsewhere && !(plans && self.apply.persist);
        if self.apply.dry_run || nothing_new {
            return None;
        }
        Some(Commit {
            plan: plan.clone(),
            cursor: self.apply.cursor.clone().filter(|_| covered),
            source: source.cloned(),
            // without a read: in place of one that a clock noted which was ahead
            as_of: self.apply.as_of.filter(|_| plans && !plan.suspicious),
            now: now.wall,
        })
    }

    /// Takes what the store says of the commit, where there was one.
    pub fn committed(&mut self, committed: Option<&Committed>) {
        let Some(Planned { mut known, plan, comparison, now }) = self.planned.take() else { return };
        self.learn(&known, &plan, committed);
        match comparison {
            None => {
                let told = told::of_plan(&plan, &known, committed, self.apply.dry_run);
                self.told = (!plan.suspicious).then_some(told);
                self.stage = self.after(&plan);
            }
            Some(_) if matches!(self.stage, Some(Stage::Heal(_))) => self.stage = self.then_compare(),
            Some(comparison) => {
                self.applied.reread |= !comparison.reread.is_empty();
                self.counts = comparison.counts();
                let told = self.told.get_or_insert_with(|| told::of_nothing(&plan, &known));
                told.rev = self.applied.rev.0;
                told.comparison = Some(Ok(told::of_comparison(&comparison, &known)));
                self.stage = None;
            }
        }
        if !self.apply.dry_run {
            if !plan.is_empty() {
                Arc::make_mut(&mut known).carry_out(&plan);
            }
            self.applied.unnamed = meeting_request::unnamed(&known, self.settings, now.wall);
            let calendars = self.planning.calendars.of_room(self.room());
            let signs = calendars.map(|(id, calendar)| {
                (id.clone(), RoomSigns::of(&known.of_calendar(calendar.number), self.settings, now))
            });
            self.signs = signs.collect();
            let due = self.signs.iter().filter_map(|(_, signs)| signs.due_at);
            self.applied.replan_at = due.chain(self.applied.replan_at).min();
        }
    }

    /// What follows upon the plan of what was read.
    fn after(&self, plan: &Plan) -> Option<Stage> {
        if plan.suspicious {
            return None;
        }
        let healed = self.apply.differed.as_ref().zip(self.apply.observed.as_ref()).map(|(_, observed)| {
            let changed: BTreeSet<&ItemId> = plan.items.iter().map(|item| &item.item_id).collect();
            let read = observed.items.iter().map(|item| &item.item_id);
            Stage::Heal(read.filter(|item| !changed.contains(item)).cloned().collect())
        });
        healed.or_else(|| self.then_compare())
    }

    fn then_compare(&self) -> Option<Stage> {
        self.apply.view.as_ref().map(|_| Stage::Compare)
    }

    fn learn(&mut self, known: &Known, plan: &Plan, committed: Option<&Committed>) {
        let applied = &mut self.applied;
        applied.rev = committed.map_or(plan.base, |committed| committed.rev);
        let masked = committed.into_iter().flat_map(|done| &done.masked);
        let (own, others): (Vec<_>, Vec<_>) = masked.partition(|masked| masked.room == plan.room);
        applied.display_changed |= plan.changes_display() || !own.is_empty();
        applied.masked.extend(others.into_iter().map(|masked| (masked.room.clone(), masked.rev)));
        applied.replan_at = plan.replan_at;
        applied.suspicious |= plan.suspicious;
        // what was read with other rules is read again, for bodies are not kept
        let before = known.calendars.get(&self.calendar.number).and_then(Option::as_ref);
        let read_with = plan.read_with.as_ref().or(before);
        applied.reread |= !plan.suspicious && read_with != Some(&self.settings.join.digest());
        applied.read_again |= self.apply.observed.is_some()
            && plan.items.iter().any(|item| read_again(item, self.settings).is_some());
        applied.has_series |= known.items.values().any(|item| item.series.is_some());
        applied.replan.extend(committed.into_iter().flat_map(|done| done.replan.iter().cloned()));
    }

    /// What came of it.
    pub fn end(self) -> Done {
        let Self { apply, applied, told, counts, signs, .. } = self;
        let told = told.map(|mut told| {
            if let Some(sentence) = &apply.view_failed {
                told.comparison = Some(Err(sentence.clone()));
            }
            told
        });
        Done { applied, told: told.ok_or_else(|| told::NOT_BELIEVED.to_owned()), differences: counts, signs }
    }
}

/// What was read of a room's calendar, as the room calls it.
fn of_calendar(apply: &Apply, calendar: CalendarNumber) -> Cow<'_, Apply> {
    if calendar == CalendarNumber::default() {
        return Cow::Borrowed(apply);
    }
    let mut apply = apply.clone();
    apply.observed = apply.observed.map(|observed| observed.of_calendar(calendar));
    apply.view = apply.view.map(|view| view.of_calendar(calendar));
    apply.differed = apply.differed.map(|view| view.of_calendar(calendar));
    Cow::Owned(apply)
}
