//! Why a room shows what it shows: the model's explanations, with what history and devices say of them.

use crate::{
    daemon::DEVICE_HORIZON,
    planning::{Calendar, Planning},
    room_signs::{RoomSigns, for_room},
};
use chrono::{DateTime, Utc};
use control::{Explained, ExplainedMeeting, OnDevice, Question, Trouble};
use meeting_model::{
    clock::{Now, Window},
    decision::{ServerGeneration, Verdict},
    explain::{Asked, Explanation, Fate, SubjectSource, explain},
    id::{CalendarNumber, DeviceId, RoomId},
    identity::MeetingKey,
    known::Known,
    privacy::Policies,
    settings::RoomSettings,
};
use std::collections::{BTreeMap, BTreeSet};
use store::{HISTORY, ShownAt, Version};

/// What is stored of a room.
#[derive(Debug)]
pub(crate) struct Mirrored {
    /// All that is known of it.
    pub(crate) known: Known,
    /// What it showed at the moment that is asked about; absent where that is not remembered.
    pub(crate) shown: Option<ShownAt>,
    /// As of when it is true.
    pub(crate) as_of: Option<DateTime<Utc>>,
    /// What is wrong with it now.
    pub(crate) troubles: Vec<Trouble>,
    /// Its devices, and what is wrong with them now.
    pub(crate) devices: BTreeMap<DeviceId, Option<String>>,
}

/// One room, to be explained.
struct Room<'a> {
    settings: &'a RoomSettings,
    mirrored: &'a Mirrored,
    calendars: &'a [&'a Calendar],
}

/// What is not told of a moment that is gone.
const NOT_KEPT: &str =
    "of what has changed since then, it is not kept where its title and its join address came from";

/// The moment that is asked about, or why it cannot be told of.
///
/// # Errors
/// Where it is to come, or longer ago than is remembered.
pub(crate) fn moment(question: &Question, now: DateTime<Utc>) -> Result<DateTime<Utc>, String> {
    let Some(at) = question.at else { return Ok(now) };
    let said = at.format("%Y-%m-%d %H:%M UTC");
    if at > now {
        return Err(format!(
            "{said} is yet to come, and nobody knows what will be shown then: ask without a moment, which tells of every meeting to come"
        ));
    }
    if at < now - HISTORY {
        let days = HISTORY.num_days();
        return Err(format!("{said} is too long ago: what rooms showed is remembered for {days} days"));
    }
    Ok(at)
}

/// Answers a question.
///
/// # Errors
/// Where the room is not configured, or what it showed then is not remembered.
pub(crate) fn explained(
    question: &Question,
    planning: &Planning,
    server: Option<ServerGeneration>,
    mirrored: &Mirrored,
    now: Now,
) -> Result<Explained, String> {
    let id = RoomId::new(&question.room);
    let settings = planning.settings.get(&id).ok_or_else(|| format!("room `{id}` is not configured"))?;
    let asked = Asked { server, reveal: question.reveal };
    let lines = explain(&id, &mirrored.known, settings, planning.site(), asked, now);
    let calendars: Vec<&Calendar> = planning.calendars.of_room(&id).map(|(_, calendar)| calendar).collect();
    let room = Room { settings, mirrored, calendars: &calendars };
    let (rev, mut meetings) = match (question.at, &mirrored.shown) {
        (None, _) => (mirrored.known.rev, room.present(&lines, now.wall)),
        (Some(at), Some(shown)) => (shown.rev, room.past(&lines, shown, at, question.reveal)),
        (Some(_), None) => return Err(format!("what room `{id}` showed then is not remembered")),
    };
    if let Some(asked) = question.meeting.as_ref().map(|text| text.to_lowercase()) {
        meetings.retain(|one| one.title.as_ref().is_some_and(|title| title.to_lowercase().contains(&asked)));
    }
    let changed = mirrored.shown.iter().flat_map(|shown| &shown.versions).any(|version| !version.is_still);
    let notes = Vec::from_iter((question.at.is_some() && changed).then(|| NOT_KEPT.to_owned()));
    let (mut warnings, mut hints) = (Vec::new(), Vec::new());
    // Signs are of now: of the past they would mislead.
    let of_now = calendars.iter().filter(|_| question.at.is_none());
    for Calendar { number, mailbox, .. } in of_now {
        let signs = RoomSigns::of(&mirrored.known.of_calendar(*number), settings, now);
        warnings.extend(signs.warnings(&id, mailbox, server));
        hints.extend(signs.hints(&id, mailbox, server));
    }
    Ok(Explained {
        room: question.room.clone(),
        at: question.at.unwrap_or(now.wall),
        rev: rev.0,
        as_of: mirrored.as_of.filter(|_| question.at.is_none()),
        unread: question.at.is_none() && mirrored.as_of.is_none(),
        troubles: mirrored.troubles.clone(),
        warnings: [warnings, hints].concat(),
        notes,
        meetings,
    })
}

impl Room<'_> {
    fn present(&self, lines: &[Explanation], now: DateTime<Utc>) -> Vec<ExplainedMeeting> {
        let shown = self.mirrored.shown.as_ref();
        let versions: BTreeMap<&MeetingKey, &Version> = shown
            .into_iter()
            .flat_map(|shown| &shown.versions)
            .map(|version| (&version.key, version))
            .collect();
        let told = |line: &Explanation| {
            let version = versions.get(&line.meeting).copied().filter(|_| line.fate != Fate::Gone);
            self.now(line, version, now)
        };
        lines.iter().map(told).collect()
    }

    fn now(&self, line: &Explanation, version: Option<&Version>, now: DateTime<Utc>) -> ExplainedMeeting {
        let is_gone = line.fate == Fate::Gone;
        ExplainedMeeting {
            key: line.key.to_string(),
            start: line.start,
            end: line.end,
            all_day: line.all_day,
            title: line.title.clone(),
            concealed: line.concealed,
            fate: line.fate.words().to_owned(),
            rule: line.decision.map(|decision| decision.rule.to_string()),
            why: line.sentence.to_owned(),
            decided: version.and_then(|version| version.since),
            subject: line.subject.as_ref().map(SubjectSource::words),
            join: line.join.map(|(rule, place)| (rule.id().to_owned(), place.id().to_owned())),
            zone_stands_in: line.zone_stands_in,
            written: line.seen.filter(|_| !is_gone),
            seen: self.mirrored.as_of.filter(|_| !is_gone),
            gone: line.seen.filter(|_| is_gone),
            devices: version.map(|version| self.devices(version, now)).unwrap_or_default(),
            remedy: line.remedy.map(|remedy| self.remedy(remedy, line.calendar)),
            mailbox: self.calendar(line.calendar).and_then(|calendar| calendar.name.clone()),
        }
    }

    /// What was decided then, and what is known today of the same meetings.
    fn past(
        &self,
        lines: &[Explanation],
        shown: &ShownAt,
        at: DateTime<Utc>,
        reveal: bool,
    ) -> Vec<ExplainedMeeting> {
        let (gone, here): (Vec<_>, Vec<_>) = lines.iter().partition(|line| line.fate == Fate::Gone);
        let mut today: BTreeMap<&MeetingKey, &Explanation> = BTreeMap::new();
        today.extend(gone.iter().chain(&here).map(|line| (&line.meeting, *line)));
        let told = |version: &Version| self.then(version, today.get(&version.key).copied(), at, reveal);
        let then: BTreeSet<_> = shown.versions.iter().map(|version| &version.key).collect();
        let had_gone = gone
            .into_iter()
            .filter(|line| line.seen.is_some_and(|gone_at| gone_at <= at) && !then.contains(&line.meeting));
        let had_gone = had_gone.map(|line| self.now(line, None, at));
        let mut meetings: Vec<_> = shown.versions.iter().map(told).chain(had_gone).collect();
        meetings.sort_by(|one, other| (one.start, &one.key).cmp(&(other.start, &other.key)));
        meetings
    }

    fn then(
        &self,
        version: &Version,
        today: Option<&Explanation>,
        at: DateTime<Utc>,
        reveal: bool,
    ) -> ExplainedMeeting {
        let decision = version.decision;
        // Of what is as it was then, all that is known of it today holds.
        let same = today.filter(|line| version.is_still && line.fate != Fate::Gone);
        let gone = today.filter(|line| line.fate == Fate::Gone).and_then(|line| line.seen);
        // What was decided otherwise since needs no remedy any more.
        let still = today.filter(|line| line.decision == Some(decision));
        let calendar = today.and_then(|line| line.calendar);
        let policies = Policies { private: self.settings.private, subjects: self.settings.subjects.shown };
        let shown = version.seen(policies).map(|shown| shown.title().to_owned());
        let known = today.and_then(|line| line.title.clone());
        let key = version.displayed.as_ref().map(|shown| shown.key.to_string());
        ExplainedMeeting {
            key: key.or_else(|| today.map(|line| line.key.to_string())).unwrap_or_default(),
            start: version.start,
            end: version.end,
            all_day: match &version.displayed {
                Some(shown) => shown.all_day,
                None => same.and_then(|line| line.all_day),
            },
            title: if reveal { known.or(shown) } else { shown.or(known) },
            concealed: today.is_some_and(|line| line.concealed),
            fate: Fate::of(decision).words().to_owned(),
            rule: Some(decision.rule.to_string()),
            why: decision.sentence().to_owned(),
            decided: version.since,
            subject: same.and_then(|line| line.subject.as_ref()).map(SubjectSource::words),
            join: same
                .and_then(|line| line.join)
                .map(|(rule, place)| (rule.id().to_owned(), place.id().to_owned())),
            zone_stands_in: same.is_some_and(|line| line.zone_stands_in),
            written: same.and_then(|line| line.seen),
            seen: self.mirrored.as_of.filter(|_| today.is_some() && gone.is_none()),
            gone,
            devices: self.devices(version, at),
            remedy: still.and_then(|line| line.remedy).map(|remedy| self.remedy(remedy, calendar)),
            mailbox: self.calendar(calendar).and_then(|calendar| calendar.name.clone()),
        }
    }

    /// The calendar that an item lies in.
    fn calendar(&self, number: Option<CalendarNumber>) -> Option<&Calendar> {
        self.calendars.iter().find(|calendar| Some(calendar.number) == number).copied()
    }

    /// What to do about an item, in the mailbox that it lies in: of what is gone, in the room's first.
    fn remedy(&self, remedy: &str, number: Option<CalendarNumber>) -> String {
        let calendar = self.calendar(number).or_else(|| self.calendars.first().copied());
        calendar.map_or_else(|| remedy.to_owned(), |calendar| for_room(remedy, &calendar.mailbox))
    }

    /// The devices that should have had it at a moment: what is shown, and not too far ahead.
    fn devices(&self, version: &Version, at: DateTime<Utc>) -> Vec<OnDevice> {
        let today = meeting_model::day::local_day(&self.settings.zone, at).window;
        let told = Window { start: today.start, end: at + DEVICE_HORIZON };
        let shown = self.mirrored.shown.as_ref();
        let is_told = version.decision.verdict == Verdict::Shown && told.overlaps(version.start, version.end);
        let Some(shown) = shown.filter(|_| is_told) else { return Vec::new() };
        let devices = self.mirrored.devices.iter().map(|(device, trouble)| {
            let confirmed = shown.confirmed(device, version);
            OnDevice {
                device: device.to_string(),
                has_it: confirmed.is_some(),
                since: confirmed.and_then(|confirmed| confirmed.since),
                trouble: trouble.clone().filter(|_| confirmed.is_none()),
            }
        });
        devices.collect()
    }
}
