//! Calendar views, series, zones.

use exchange_sim::{DayIndex, DayKind, Pattern, Zone};

use crate::client::{
    BERLIN, ask, at, find, get_item, hours, ids, item_id, morning, request, seconds, sync, text, texts, world,
};

fn month(world: &mut exchange_sim::World, most: Option<usize>) -> String {
    ask(world, seconds(60), &find(BERLIN, "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z", most))
}

#[test]
fn a_view_expands_series_across_daylight_saving() {
    let mut world = world();
    let berlin = Zone::windows("W. Europe Standard Time").unwrap();
    let weekly = world.organizer("kim").invites("berlin").to("Team").in_zone(&berlin);
    weekly.at(hours(1), hours(2)).weekly().times(10).send(morning()).unwrap();
    let view = month(&mut world, None);
    assert_eq!(
        texts(&view, "t:Start"),
        [
            "2026-03-02T09:00:00Z",
            "2026-03-09T09:00:00Z",
            "2026-03-16T09:00:00Z",
            "2026-03-23T09:00:00Z",
            "2026-03-30T08:00:00Z"
        ]
    );
    assert_eq!(texts(&view, "t:CalendarItemType"), ["Occurrence"; 5]);
    assert!(!view.contains("<t:Recurrence>") && !view.contains("EmailAddress"), "a find is brief");

    let zoned = request(
        "<t:TimeZoneContext><t:TimeZoneDefinition Id=\"W. Europe Standard Time\"/></t:TimeZoneContext>",
        &find(BERLIN, "2026-03-30T00:00:00", "2026-03-31T00:00:00", None),
    );
    let zoned = world.handle(seconds(60), &zoned).text();
    assert_eq!(text(&zoned, "t:Start"), "2026-03-30T10:00:00+02:00");
}

#[test]
fn occurrences_and_masters_lead_to_each_other() {
    let mut world = world();
    let last_friday = Pattern::RelativeMonthly {
        interval: 1,
        day: DayKind::One(chrono::Weekday::Fri),
        index: DayIndex::Last,
    };
    let series = world.organizer("kim").invites("berlin").to("Figures").at(hours(1), hours(2));
    let series = series.every(last_friday).times(3).send(morning()).unwrap();
    let day = chrono::NaiveDate::from_ymd_opt(2026, 4, 24).unwrap();
    world.delete_occurrence("berlin", series, day, seconds(10)).unwrap();
    let occurrence = ids(&month(&mut world, None), "t:ItemId").remove(0);
    let master = get_item(&format!("<t:RecurringMasterItemId OccurrenceId=\"{occurrence}\"/>"));
    let master = ask(&mut world, seconds(60), &master);
    assert_eq!(text(&master, "t:CalendarItemType"), "RecurringMaster");
    assert_eq!(text(&master, "t:DayOfWeekIndex"), "Last");
    let master = ids(&master, "t:ItemId").remove(0);
    let instance = |index: u32| {
        get_item(&format!("<t:OccurrenceItemId RecurringMasterId=\"{master}\" InstanceIndex=\"{index}\"/>"))
    };
    let codes =
        [1, 2, 3, 4].map(|index| text(&ask(&mut world, seconds(60), &instance(index)), "m:ResponseCode"));
    assert_eq!(
        codes,
        [
            "NoError",
            "ErrorCalendarOccurrenceIsDeletedFromRecurrence",
            "NoError",
            "ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange"
        ]
    );
    let third = ask(&mut world, seconds(60), &instance(3));
    assert_eq!(text(&third, "t:RecurrenceId"), "2026-05-29T09:00:00Z");
    let values = texts(&third, "t:Value");
    assert_ne!(values[0], values[1], "the occurrence's id holds its date");
}

#[test]
fn views_have_limits() {
    let mut world = world();
    let daily = world.organizer("kim").invites("berlin").at(hours(1), hours(2));
    daily.daily().send(morning()).unwrap();
    let view = month(&mut world, Some(7));
    assert_eq!(ids(&view, "t:ItemId").len(), 7);
    assert!(view.contains("TotalItemsInView=\"30\" IncludesLastItemInRange=\"false\""));
    let wide = |until: &str| find(BERLIN, "2026-03-01T00:00:00Z", until, None);
    let too_wide = ask(&mut world, seconds(60), &wide("2028-03-02T00:00:00Z"));
    assert_eq!(text(&too_wide, "m:ResponseCode"), "ErrorCalendarViewRangeTooBig");
    let backwards = ask(&mut world, seconds(60), &wide("2026-02-01T00:00:00Z"));
    assert_eq!(text(&backwards, "m:ResponseCode"), "ErrorCalendarEndDateIsEarlierThanStartDate");
    for subject in ["a", "b"] {
        let also = world.organizer("lee").invites("berlin").to(subject).at(hours(3), hours(4));
        also.daily().send(morning()).unwrap();
    }
    let crowded = ask(&mut world, seconds(60), &wide("2028-03-01T00:00:00Z"));
    assert_eq!(text(&crowded, "m:ResponseCode"), "ErrorExceededFindCountLimit");
    let split = ask(
        &mut world,
        seconds(60),
        &find(BERLIN, "2026-03-01T00:00:00Z", "2028-03-01T00:00:00Z", Some(9999)),
    );
    assert_eq!(ids(&split, "t:ItemId").len(), 1000);
}

#[test]
fn all_day_is_midnight_to_midnight_of_the_meetings_zone() {
    let mut world = world();
    let berlin = Zone::windows("W. Europe Standard Time").unwrap();
    let day = chrono::NaiveDate::from_ymd_opt(2026, 3, 29).unwrap();
    let fair = world.organizer("kim").invites("berlin").to("Fair").in_zone(&berlin);
    fair.all_day(day, 1).send(morning()).unwrap();
    let view = month(&mut world, None);
    assert_eq!(text(&view, "t:Start"), "2026-03-28T23:00:00Z");
    assert_eq!(text(&view, "t:End"), "2026-03-29T22:00:00Z", "a day of 23 hours");
    assert_eq!(text(&view, "t:IsAllDayEvent"), "true");
}

#[test]
fn only_what_is_asked_for_is_written() {
    let mut world = world();
    let meeting = world.organizer("kim").invites("berlin").to("Review").at(hours(1), hours(2));
    meeting.send(morning()).unwrap();
    let id = ids(&ask(&mut world, seconds(9), &sync(BERLIN, None, 10)), "t:ItemId").remove(0);
    let two = format!(
        "<m:GetItem><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties>\
         <t:FieldURI FieldURI=\"calendar:Start\"/><t:FieldURI FieldURI=\"item:Subject\"/>\
         </t:AdditionalProperties></m:ItemShape><m:ItemIds>{}</m:ItemIds></m:GetItem>",
        item_id(&id)
    );
    let reply = ask(&mut world, seconds(9), &two);
    let item = text(&reply, "t:CalendarItem");
    assert!(
        item.ends_with("/><t:Subject>Review</t:Subject><t:Start>2026-03-02T09:00:00Z</t:Start>"),
        "{item}"
    );
    let old = two.replace("item:Subject", "calendar:StartTimeZone");
    let old = crate::client::envelope("", &old).replace("Exchange2013_SP1", "Exchange2007_SP1");
    let old = exchange_sim::Request::post("/EWS/Exchange.asmx", old).basic("svc", "secret");
    let refused = world.handle(at("2026-03-02T08:00:09Z"), &old).text();
    assert_eq!(text(&refused, "m:ResponseCode"), "ErrorInvalidPropertyRequest");
}
