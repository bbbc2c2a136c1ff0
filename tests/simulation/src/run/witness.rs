//! Sees to it, all the time, that nothing is shown that is not so, and that no display claims to be fresher than it is.
//!
//! What a calendar holds is noted whenever it changes, with what it held before and until when. Whatever a room shows with the
//! claim to be true as of an instant must have been so at that instant or later: what was there all the time since is shown,
//! and what is shown is there or was there then. So nothing is lost, nothing stays that went, a read that failed has removed
//! nothing, and no cursor is ahead of the rows that it covers: the claim would be ahead with it.

mod claims;
mod deceit;
mod expected;
mod finally;
mod pauses;
#[cfg(test)]
mod tests;
mod verdict;

pub(crate) use expected::Named;

use crate::scenario::{Said, Ways};
use chrono::{DateTime, TimeDelta, Utc};
use deceit::Deceits;
use exchange_sim::{Held, MeetingHandle};
use expected::Expected;
use meeting_model::{
    clock::Window,
    display::{Displayed, Present, PublicKey},
    id::{Revision, RoomId},
    join::Join,
};
use pauses::Asked;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use store::Committed;
use sync_engine::Settle;

/// How late word of Exchange may come: what a stream says is believed to be true when it arrives.
const WORD: TimeDelta = TimeDelta::milliseconds(20);

/// A clock that is corrected by less is not ahead, as displays have it.
const CREEPS: TimeDelta = TimeDelta::seconds(1);

/// For how long it is remembered what a calendar held: no claim is older.
const REMEMBERED: TimeDelta = TimeDelta::hours(72);

/// What private meetings are called in scenarios, so that their names are known wherever they turn up.
pub(crate) const SECRET: &str = "secret";

/// What must not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The rule that was broken, in a few words.
    pub rule: &'static str,
    /// When that was seen.
    pub at: DateTime<Utc>,
    /// What was seen.
    pub told: String,
}

/// A meeting, or one occurrence of it, in one room.
type Place = (Option<MeetingHandle>, Option<chrono::NaiveDate>);

/// What is known of meetings besides what calendars hold.
type Names = BTreeMap<MeetingHandle, Named>;

/// Whoever looks on.
#[derive(Debug, Default)]
pub(crate) struct Witness {
    rooms: BTreeMap<String, Watched>,
    /// What was noted of each calendar, in the world's order: its version, and when.
    noted: Vec<(u64, DateTime<Utc>)>,
    /// What was last judged of each room, in the engine's order, since something changed by which it would be judged otherwise.
    glances: Vec<Option<Glance>>,
    /// The rooms of which something changed since, by which they would be judged otherwise.
    changed: BTreeSet<String>,
    asked: Asked,
    /// How many strikes of faults were noted.
    strikes: u64,
    /// For how long rooms were not judged.
    unjudged: TimeDelta,
    pub(crate) named: Names,
    /// The ways to join a meeting that whoever wrote a text has put into it.
    ways: BTreeMap<String, Ways>,
    /// The first violation.
    pub(crate) broken: Option<Violation>,
}

/// One room.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    version: u64,
    /// What it should show, by place.
    expected: BTreeMap<Place, Expected>,
    /// What it should have shown, until when.
    gone: VecDeque<(Place, expected::Line, DateTime<Utc>)>,
    /// As of when its stored rows are true, by our clock.
    as_of: Option<DateTime<Utc>>,
    /// By how much our clock was wrong when that was stored.
    stored_by: TimeDelta,
    /// What was stored by a clock that was set back since, before the program could store it anew: it has died, and whoever is
    /// started knows nothing of that.
    unsure: Option<DateTime<Utc>>,
    judged: Option<Judged>,
    /// As of when it last claimed to be true, by the true clock.
    claimed: Option<DateTime<Utc>>,
    keys: BTreeMap<Place, PublicKey>,
    delivered: Revision,
    /// When it was switched to proxy acceptance, while it is.
    switched: Option<DateTime<Utc>>,
    /// Until when a stream may be believed that beats on though it has lost the room's subscription.
    pub(crate) deceived_until: Option<DateTime<Utc>>,
    deceits: Deceits,
    /// Since when it is not judged, while it is not.
    unjudged_since: Option<DateTime<Utc>>,
    /// Its attendant may change subjects, or take the private flag away.
    pub(crate) rewrites: bool,
}

/// What was judged last, and whether nothing can come of it later.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Judged {
    version: u64,
    rev: Revision,
    as_of: Option<DateTime<Utc>>,
    clean: bool,
}

/// A room as the engine has it: its revision, and as of when it is true. As long as no commit and no calendar changes anything
/// of it, and no clock is set, the same can be said of the same: until then.
type Glance = (Revision, Option<DateTime<Utc>>, DateTime<Utc>);

/// What a room shows, and as of when it claims that to be true.
pub(crate) struct Claim<'a> {
    rev: Revision,
    shown: &'a [Displayed],
    /// By the true clock.
    as_of: DateTime<Utc>,
}

impl Witness {
    pub(crate) fn room(&mut self, room: &RoomId) -> &mut Watched {
        self.rooms.entry(room.to_string()).or_default()
    }

    fn break_rule(&mut self, rule: &'static str, at: DateTime<Utc>, told: String) {
        self.broken.get_or_insert(Violation { rule, at, told });
    }

    /// Whether the calendar at this place is another one than was noted, or the window has moved far. It is noted from now on.
    fn is_news(&mut self, place: usize, version: u64, now: DateTime<Utc>) -> bool {
        let noted = self.noted.get(place);
        if noted.is_some_and(|(noted, at)| *noted == version && now - *at <= TimeDelta::hours(12)) {
            return false;
        }
        self.noted.resize(self.noted.len().max(place + 1), (u64::MAX, now));
        self.noted.splice(place..=place, [(version, now)]);
        true
    }

    /// Whatever was judged is to be judged anew.
    pub(crate) fn look_anew(&mut self) {
        self.glances.clear();
    }

    /// Whatever was judged of a room is to be judged anew.
    pub(crate) fn look_anew_at(&mut self, room: &RoomId) {
        self.changed.insert(room.to_string());
    }

    /// Somebody has written these.
    pub(crate) fn reads<'a>(&mut self, said: impl IntoIterator<Item = &'a Said>) {
        let with_ways = said.into_iter().filter(|said| said.ways != Ways::default());
        self.ways.extend(with_ways.map(|said| (said.text.clone(), said.ways.clone())));
    }

    /// A meeting, or an occurrence of it, is called by another subject from now on. A rewritten one follows it in every room that
    /// hears of it, also of what is gone by now, where the room has not heard of that (rule S4).
    pub(crate) fn is_called(&mut self, meeting: MeetingHandle, subject: &str) {
        self.named.entry(meeting).or_default().subjects.insert(subject.to_owned());
        let gone = self.rooms.values_mut().flat_map(|watched| &mut watched.gone);
        let of_it = gone.filter(|((of, _), ..)| *of == Some(meeting));
        of_it.for_each(|(_, line, _)| line.also_called(subject));
    }

    /// Notes what a calendar holds from now on.
    fn note(&mut self, room: &RoomId, version: u64, held: &[Held], now: DateTime<Utc>) {
        let watched = self.rooms.entry(room.to_string()).or_default();
        let mut before = std::mem::take(&mut watched.expected);
        for one in held {
            let place = (one.meeting, one.occurrence);
            let named = one.meeting.and_then(|meeting| self.named.get(&meeting));
            let ways = ways_of(one, &self.ways);
            let Some(fresh) = expected::of(one, ways, named, watched, before.get(&place)) else { continue };
            let same = before.remove(&place);
            let since = same.as_ref().filter(|before| before.says_the_same_as(&fresh)).map(|one| one.since);
            for line in same.into_iter().flat_map(|same| same.lines) {
                if !fresh.lines.contains(&line) {
                    watched.gone.push_back((place, line, now));
                }
            }
            watched.expected.insert(place, Expected { since: since.unwrap_or(now), ..fresh });
        }
        for (place, one) in before {
            watched.gone.extend(one.lines.into_iter().map(|line| (place, line, now)));
        }
        while watched.gone.front().is_some_and(|(.., until)| *until < now - REMEMBERED) {
            watched.gone.pop_front();
        }
        watched.version = version;
        self.look_anew_at(room);
    }

    /// A commit was made: the age of the stored rows moves with it, and rows of other rooms may have changed.
    pub(crate) fn committed(
        &mut self,
        room: &RoomId,
        as_of: Option<DateTime<Utc>>,
        clock_error: TimeDelta,
        committed: &Committed,
    ) {
        let watched = self.room(room);
        if as_of.is_some() {
            (watched.as_of, watched.stored_by) = (as_of, clock_error);
        }
        watched.judged = None;
        let masked = committed.masked.iter().map(|changed| &changed.room);
        for room in masked.chain(&committed.replan).chain([room, &committed.room]) {
            self.look_anew_at(room);
        }
    }

    /// The program is started again, after it has died, by a clock that is wrong by so much.
    pub(crate) fn starts_again(&mut self, clock_error: TimeDelta) {
        self.asked = Asked::default();
        for watched in self.rooms.values_mut() {
            watched.unsure = watched.as_of.filter(|_| clock_error < watched.stored_by);
        }
    }

    /// Our clock was set by so much.
    pub(crate) fn clock_was_set(&mut self, by: TimeDelta) {
        self.look_anew();
        for watched in self.rooms.values_mut() {
            watched.unsure = watched.unsure.map(|unsure| unsure + by.min(TimeDelta::zero()));
        }
    }

    /// A device is sent the present: never an older one than before, nothing secret, and no claim to be fresher than the rows of
    /// its room are, all of which may be judged by it.
    pub(crate) fn delivers(
        &mut self,
        present: &Present,
        rows: &[Displayed],
        told: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) {
        let watched = self.room(&present.room);
        let before = std::mem::replace(&mut watched.delivered, present.rev);
        if present.rev < before {
            let told = format!("{}: {:?} after {before:?}", present.room, present.rev);
            self.break_rule("a device is sent an older present than before", now, told);
        }
        // an older claim than the room's own is true where that is
        let claimed = self.room(&present.room).claimed;
        if let Some(as_of) = told.filter(|told| claimed.is_none_or(|claimed| *told > claimed)) {
            self.judge(&present.room, &Claim { rev: present.rev, shown: rows, as_of }, now);
        }
        self.keeps_secrets(&present.room, &present.meetings, now);
    }

    /// A delivery is settled: as the device answered, and nothing else.
    pub(crate) fn settles(&mut self, settle: &Settle, took: Option<Revision>, now: DateTime<Utc>) {
        if settle.digest.is_some() && took.is_none_or(|took| took < settle.rev) {
            let told = format!("{}: {:?}, though it took {took:?}", settle.device, settle.rev);
            self.break_rule("a revision is acknowledged that the device never took", now, told);
        }
    }

    /// Nothing is called what private meetings are called here.
    fn keeps_secrets(&mut self, room: &RoomId, meetings: &[Displayed], now: DateTime<Utc>) {
        let said = |meeting: &Displayed| {
            let words = [Some(meeting.title()), meeting.location()].into_iter().flatten();
            words.chain(meeting.join().into_iter().flat_map(addresses)).any(|words| words.contains(SECRET))
        };
        if meetings.iter().any(said) {
            self.break_rule("what is private is shown", now, format!("in {room}"));
        }
    }

    /// Judges what a room shows, and its claim, and says until when that holds: of a room that was told untruths nobody knows so
    /// long, and what it claims meanwhile is not held against it later.
    fn judge(&mut self, room: &RoomId, claim: &Claim<'_>, now: DateTime<Utc>) -> DateTime<Utc> {
        let always = DateTime::<Utc>::MAX_UTC;
        let watched = self.rooms.entry(room.to_string()).or_default();
        let judged =
            Judged { version: watched.version, rev: claim.rev, as_of: Some(claim.as_of), clean: false };
        let is_known = watched.judged.as_ref().is_some_and(|before| {
            (before.version, before.rev) == (judged.version, judged.rev)
                && (before.clean || before.as_of == judged.as_of)
        });
        let until = watched.deceived_until.filter(|until| now < *until);
        let deceived = until.or(watched.deceits.is_deceived().then_some(always));
        self.unjudged += watched.is_judged(deceived.is_none(), now);
        if deceived.is_none() {
            watched.claimed = Some(claim.as_of);
        }
        if claim.as_of > now + CREEPS {
            let told = format!("{room} claims {} at {now}", claim.as_of);
            self.break_rule("what is shown claims to be of the future", now, told);
            return always;
        }
        // what a clock that was ahead for a moment has noted is judged when its time has come
        if is_known || claim.as_of > now {
            return always;
        }
        if let Some(until) = deceived {
            if let Some(lost) = watched.lost_at_once(claim.shown) {
                let told = format!("{room} shows {lost:?} no more");
                self.break_rule("a calendar is believed to be empty at once", now, told);
            }
            self.keeps_secrets(room, claim.shown, now);
            return until;
        }
        let end = now + TimeDelta::days(58);
        let end = watched.deceits.compared_until.map_or(end, |until| until.min(end));
        let inner = Window { start: now - TimeDelta::days(6), end };
        let verdict = watched.verdict(claim, inner, &self.named);
        watched.judged = Some(Judged { clean: verdict == Ok(true), ..judged });
        let as_of = claim.as_of;
        if let Err((rule, told)) = verdict {
            self.break_rule(rule, now, format!("{room}, as of {as_of}: {told}"));
            return always;
        }
        self.keeps_secrets(room, claim.shown, now);
        always
    }
}

/// How a meeting can be joined, by what lies in a calendar: the server's own link comes before the location, and that before the
/// body (section F of the rules).
fn ways_of(held: &Held, ways: &BTreeMap<String, Ways>) -> Ways {
    let texts = [held.join_url.as_ref(), Some(&held.location), Some(&held.body)];
    let said = texts.into_iter().flatten().filter_map(|text| ways.get(text));
    said.fold(Ways::default(), Ways::or)
}

/// Every address to join by.
fn addresses(join: &Join) -> impl Iterator<Item = &str> {
    let Join { video, number, web } = join;
    [video, number, web].into_iter().flatten().map(|found| found.address.as_str())
}

impl Watched {
    /// It is switched to proxy acceptance, or back: then it shows again what that has hidden, as it was read last.
    pub(crate) fn switches(&mut self, proxy: bool, now: DateTime<Utc>) {
        let before = self.switched;
        self.switched = proxy.then(|| before.unwrap_or(now));
        if let Some(since) = before.filter(|_| !proxy) {
            let hidden = self.gone.iter_mut().filter(|(.., until)| *until >= since);
            hidden.for_each(|(.., until)| *until = now);
        }
    }

    /// What was so of a meeting since the last claim, and is no more: a room that has missed what came between shows it until
    /// that is answered (rule A7).
    fn missed(&self, place: Place) -> impl Iterator<Item = &expected::Line> {
        let is_missed = |until| self.claimed.is_none_or(|claimed| until + WORD >= claimed);
        let gone = self.gone.iter().filter(move |(of, _, until)| *of == place && is_missed(*until));
        gone.map(|(_, line, _)| line)
    }
}
