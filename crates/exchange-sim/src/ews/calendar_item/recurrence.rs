//! What only a recurring master has ([MS-OXWSMTGS] RecurrenceType, OccurrenceInfoType).

use chrono::{DateTime, NaiveDate, NaiveTime, Utc, Weekday};

use super::Writer;
use crate::item::{CalendarItem, View};
use crate::recurrence::{DayIndex, DayKind, Pattern, Range, Recurrence};
use crate::xml::Xml;

/// The item, when it is a master and series data may be written.
fn master<'a>(w: &'a Writer<'_, '_>) -> Option<(&'a CalendarItem, &'a Recurrence)> {
    let item = w.view.item;
    let whole = w.view.date.is_none() && !w.brief;
    item.recurrence.as_ref().filter(|_| whole).map(|recurrence| (item, recurrence))
}

pub(super) fn recurrence(w: &Writer<'_, '_>, xml: &mut Xml) {
    let Some((item, recurrence)) = master(w) else { return };
    xml.within("t:Recurrence", |xml| {
        pattern(recurrence, xml);
        range(item, recurrence, xml);
    });
}

pub(super) fn first_occurrence(w: &Writer<'_, '_>, xml: &mut Xml) {
    let first = master(w).and_then(|(item, _)| item.occurrences().next());
    if let Some(view) = first {
        occurrence(w, "t:FirstOccurrence", &view, xml);
    }
}

pub(super) fn last_occurrence(w: &Writer<'_, '_>, xml: &mut Xml) {
    let Some((item, _)) = master(w).filter(|(_, recurrence)| recurrence.range != Range::NoEnd) else {
        return;
    };
    if let Some(view) = item.occurrences().last() {
        occurrence(w, "t:LastOccurrence", &view, xml);
    }
}

pub(super) fn modified_occurrences(w: &Writer<'_, '_>, xml: &mut Xml) {
    let Some((item, _)) = master(w).filter(|(item, _)| !item.exceptions.is_empty()) else { return };
    xml.within("t:ModifiedOccurrences", |xml| {
        for date in item.exceptions.keys() {
            occurrence(w, "t:Occurrence", &View::occurrence(item, *date), xml);
        }
    });
}

pub(super) fn deleted_occurrences(w: &Writer<'_, '_>, xml: &mut Xml) {
    let Some((item, _)) = master(w).filter(|(item, _)| !item.deleted.is_empty()) else { return };
    xml.within("t:DeletedOccurrences", |xml| {
        for date in &item.deleted {
            let (start, _) = item.slot(*date);
            xml.within("t:DeletedOccurrence", |xml| w.time("t:Start", start, xml));
        }
    });
}

fn occurrence(w: &Writer<'_, '_>, element: &str, view: &View<'_>, xml: &mut Xml) {
    xml.within(element, |xml| {
        w.item_id("t:ItemId", view, xml);
        w.time("t:Start", view.start(), xml);
        w.time("t:End", view.end(), xml);
        if let Some(date) = view.date {
            let (start, _) = view.item.slot(date);
            let told = if w.habits().tells_original_starts { start } else { midnight(view.item, date) };
            w.time("t:OriginalStart", told, xml);
        }
    });
}

fn pattern(recurrence: &Recurrence, xml: &mut Xml) {
    match &recurrence.pattern {
        Pattern::Daily { interval } => {
            xml.within("t:DailyRecurrence", |xml| xml.value("t:Interval", interval));
        }
        Pattern::Weekly { interval, days, first_day } => xml.within("t:WeeklyRecurrence", |xml| {
            use chrono::Datelike as _;
            let own = [recurrence.start.weekday()];
            let days = if days.is_empty() { own.as_slice() } else { days };
            let days: Vec<&str> = days.iter().map(|day| weekday(*day)).collect();
            xml.value("t:Interval", interval);
            xml.leaf("t:DaysOfWeek", &days.join(" "));
            xml.leaf("t:FirstDayOfWeek", weekday(*first_day));
        }),
        Pattern::AbsoluteMonthly { interval, day } => xml.within("t:AbsoluteMonthlyRecurrence", |xml| {
            xml.value("t:Interval", interval);
            xml.value("t:DayOfMonth", day);
        }),
        Pattern::RelativeMonthly { interval, day, index } => {
            xml.within("t:RelativeMonthlyRecurrence", |xml| {
                xml.value("t:Interval", interval);
                relative(*day, *index, xml);
            });
        }
        Pattern::AbsoluteYearly { month, day } => xml.within("t:AbsoluteYearlyRecurrence", |xml| {
            xml.value("t:DayOfMonth", day);
            xml.leaf("t:Month", month_name(*month));
        }),
        Pattern::RelativeYearly { month, day, index } => xml.within("t:RelativeYearlyRecurrence", |xml| {
            relative(*day, *index, xml);
            xml.leaf("t:Month", month_name(*month));
        }),
    }
}

fn relative(day: DayKind, index: DayIndex, xml: &mut Xml) {
    let day = match day {
        DayKind::One(day) => weekday(day),
        DayKind::Day => "Day",
        DayKind::Weekday => "Weekday",
        DayKind::WeekendDay => "WeekendDay",
    };
    let index = match index {
        DayIndex::First => "First",
        DayIndex::Second => "Second",
        DayIndex::Third => "Third",
        DayIndex::Fourth => "Fourth",
        DayIndex::Last => "Last",
    };
    xml.leaf("t:DaysOfWeek", day);
    xml.leaf("t:DayOfWeekIndex", index);
}

/// Exchange writes the dates of a range with the offset that the zone has on them.
fn range(item: &CalendarItem, recurrence: &Recurrence, xml: &mut Xml) {
    let date = |element: &str, date: NaiveDate, xml: &mut Xml| {
        let offset = item.zone.offset_form(midnight(item, date));
        xml.value(element, format_args!("{date}{}", offset.format("%:z")));
    };
    match recurrence.range {
        Range::NoEnd => xml.within("t:NoEndRecurrence", |xml| date("t:StartDate", recurrence.start, xml)),
        Range::Until(last) => xml.within("t:EndDateRecurrence", |xml| {
            date("t:StartDate", recurrence.start, xml);
            date("t:EndDate", last, xml);
        }),
        Range::Count(count) => xml.within("t:NumberedRecurrence", |xml| {
            date("t:StartDate", recurrence.start, xml);
            xml.value("t:NumberOfOccurrences", count);
        }),
    }
}

/// When a day begins in an item's zone.
fn midnight(item: &CalendarItem, date: NaiveDate) -> DateTime<Utc> {
    item.zone.instant(date.and_time(NaiveTime::MIN))
}

fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "Monday",
        Weekday::Tue => "Tuesday",
        Weekday::Wed => "Wednesday",
        Weekday::Thu => "Thursday",
        Weekday::Fri => "Friday",
        Weekday::Sat => "Saturday",
        Weekday::Sun => "Sunday",
    }
}

fn month_name(month: u32) -> &'static str {
    let month = u8::try_from(month).ok().and_then(|month| chrono::Month::try_from(month).ok());
    month.map_or("January", |month| month.name())
}
