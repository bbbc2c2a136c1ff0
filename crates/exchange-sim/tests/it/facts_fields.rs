//! The fields of calendar items that nobody decides by: kept as they were written, told as each version tells them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, NaiveDate, Utc};
use exchange_sim::{Request, ServerProfile, Zone};

use crate::client::{
    BERLIN, LOGIN, PASSWORD, envelope, find, get_item, hours, ids, item_id, morning, seconds, sync, text,
    texts, world,
};
use crate::valid::{Site, answer, ask, ask_as, attribute, code, item};
use crate::writing::{create, set, update, with_kim};

const REVIEW: &str = "<t:Subject>Review</t:Subject>";
const TIMES: &str = "<t:Start>2026-03-02T09:00:00Z</t:Start><t:End>2026-03-02T10:00:00Z</t:End>";

/// Asks in a version of the schema.
fn ask_in(world: &mut Site, version: &str, login: &str, now: DateTime<Utc>, body: &str) -> String {
    let password = if login == LOGIN { PASSWORD } else { "secret" };
    let whole = envelope("", body).replace("Exchange2013_SP1", version);
    answer(world, now, &Request::post("/EWS/Exchange.asmx", whole).basic(login, password), 200)
}

/// What GetItem tells of an item in a version of the schema.
fn item_in(world: &mut Site, version: &str, login: &str, id: &str) -> String {
    let body = get_item(&item_id(id)).replace("<t:FieldURI FieldURI=\"item:TextBody\"/>", "");
    ask_in(world, version, login, seconds(9), &body)
}

fn named(uris: &[&str], id: &str) -> String {
    let uris: String = uris.iter().flat_map(|uri| ["<t:FieldURI FieldURI=\"", uri, "\"/>"]).collect();
    format!(
        "<m:GetItem><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties>{uris}\
         </t:AdditionalProperties></m:ItemShape><m:ItemIds>{}</m:ItemIds></m:GetItem>",
        item_id(id)
    )
}

/// Properties with the value that is written, and what else of it may be told.
const WRITTEN: [(&str, &str); 11] = [
    (
        "item:Categories",
        "<t:Categories><t:String>Blue</t:String><t:String>R &amp; D</t:String></t:Categories>",
    ),
    ("item:Importance", "<t:Importance>High</t:Importance>"),
    ("item:ReminderIsSet", "<t:ReminderIsSet>true</t:ReminderIsSet>"),
    ("item:ReminderMinutesBeforeStart", "<t:ReminderMinutesBeforeStart>45</t:ReminderMinutesBeforeStart>"),
    ("calendar:LegacyFreeBusyStatus", "<t:LegacyFreeBusyStatus>NoData</t:LegacyFreeBusyStatus>"),
    ("calendar:IsResponseRequested", "<t:IsResponseRequested>false</t:IsResponseRequested>"),
    ("calendar:ConferenceType", "<t:ConferenceType>2</t:ConferenceType>"),
    ("calendar:AllowNewTimeProposal", "<t:AllowNewTimeProposal>false</t:AllowNewTimeProposal>"),
    ("calendar:IsOnlineMeeting", "<t:IsOnlineMeeting>true</t:IsOnlineMeeting>"),
    (
        "calendar:MeetingWorkspaceUrl",
        "<t:MeetingWorkspaceUrl>http://files.example/a?b&amp;c</t:MeetingWorkspaceUrl>",
    ),
    ("calendar:NetShowUrl", "<t:NetShowUrl>mms://show.example/</t:NetShowUrl>"),
];

#[test]
fn fact_4_1_what_people_write_is_kept_and_can_be_changed_and_taken_away() {
    let mut world = with_kim();
    let created = ask_as(&mut world, "kim", morning(), &create("SendToNone", &format!("{REVIEW}{TIMES}")));
    let (id, key) = (attribute(&created, "t:ItemId", "Id"), attribute(&created, "t:ItemId", "ChangeKey"));
    let before = item_in(&mut world, "Exchange2013", "kim", &id);
    for (uri, value) in WRITTEN {
        let written = update(&id, &key, "AlwaysOverwrite", "SendToNone", &set(uri, value));
        assert_eq!(code(&ask_as(&mut world, "kim", seconds(1), &written)), "NoError", "{uri}");
        let told = item_in(&mut world, "Exchange2013", "kim", &id);
        assert!(told.contains(value), "{uri}: {told}");
        let view = find("kim@people.example", "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z", None);
        let view = ask_in(&mut world, "Exchange2013", "kim", seconds(2), &view);
        assert!(view.contains(value), "{uri} in a view: {view}");
        let away = format!("<t:DeleteItemField><t:FieldURI FieldURI=\"{uri}\"/></t:DeleteItemField>");
        let away = update(&id, &key, "AlwaysOverwrite", "SendToNone", &away);
        assert_eq!(code(&ask_as(&mut world, "kim", seconds(3), &away)), "NoError", "{uri}");
        assert!(!item_in(&mut world, "Exchange2013", "kim", &id).contains(value), "{uri} is gone");
    }
    let after = item_in(&mut world, "Exchange2013", "kim", &id);
    let field = |item: &str, name: &str| texts(item, name);
    for name in ["t:Importance", "t:ReminderIsSet", "t:LegacyFreeBusyStatus", "t:AllowNewTimeProposal"] {
        assert_eq!(field(&after, name), field(&before, name), "{name}");
    }
}

#[test]
fn fact_4_1_what_is_written_at_once_is_told_together() {
    let mut world = with_kim();
    let value = |part: &str| WRITTEN.iter().find(|(uri, _)| *uri == part).unwrap().1;
    let of_item =
        ["item:Categories", "item:Importance", "item:ReminderIsSet", "item:ReminderMinutesBeforeStart"];
    let before = of_item.map(value).concat();
    let after = WRITTEN.iter().skip(6).map(|(_, value)| *value).collect::<String>();
    let body = create("SendToNone", &format!("{REVIEW}{before}{TIMES}{after}"));
    let created = ask_as(&mut world, "kim", morning(), &body);
    let told = item_in(&mut world, "Exchange2013", "kim", &ids(&created, "t:ItemId").remove(0));
    assert_eq!(text(&told, "t:ReminderDueBy"), "2026-03-02T09:00:00Z");
    assert_eq!(text(&told, "t:ReminderNextTime"), "2026-03-02T08:15:00Z");
    for part in of_item.map(value).into_iter().chain(WRITTEN.iter().skip(6).map(|(_, value)| *value)) {
        assert!(told.contains(part), "{part}");
    }
    let newer = item_in(&mut world, "Exchange2013_SP1", "kim", &ids(&created, "t:ItemId").remove(0));
    assert!(!newer.contains("t:ConferenceType") && newer.contains("<t:DoNotForwardMeeting>false<"));
}

#[test]
fn fact_4_1_an_invitation_carries_what_is_not_of_one_mailbox_alone() {
    let mut world = with_kim();
    let own = "<t:Categories><t:String>Blue</t:String></t:Categories><t:Importance>High</t:Importance>\
         <t:ReminderIsSet>true</t:ReminderIsSet>";
    let room = format!(
        "<t:Resources><t:Attendee><t:Mailbox><t:EmailAddress>{BERLIN}</t:EmailAddress></t:Mailbox>\
         </t:Attendee></t:Resources><t:AllowNewTimeProposal>false</t:AllowNewTimeProposal>"
    );
    let body = create("SendToAllAndSaveCopy", &format!("{REVIEW}{own}{TIMES}{room}"));
    let created = ask_as(&mut world, "kim", morning(), &body);
    let received = item(&mut world, seconds(9), BERLIN);
    assert!(!received.contains("t:Categories"));
    let told =
        ["t:Importance", "t:ReminderIsSet", "t:AllowNewTimeProposal"].map(|name| text(&received, name));
    assert_eq!(told, ["High", "false", "false"]);

    // What the room's own people wrote outlives an update of the organizer's.
    world.grant(LOGIN, "berlin", exchange_sim::Rights::Full).unwrap();
    let mine = attribute(&received, "t:ItemId", "Id");
    let key = attribute(&received, "t:ItemId", "ChangeKey");
    let filed = set("item:Categories", "<t:Categories><t:String>Ours</t:String></t:Categories>");
    assert_eq!(
        code(&ask(&mut world, seconds(10), &update(&mine, &key, "AlwaysOverwrite", "SendToNone", &filed))),
        "NoError"
    );
    let (id, key) = (attribute(&created, "t:ItemId", "Id"), attribute(&created, "t:ItemId", "ChangeKey"));
    let renamed = set("item:Importance", "<t:Importance>Low</t:Importance>");
    let renamed = update(&id, &key, "AlwaysOverwrite", "SendToAllAndSaveCopy", &renamed);
    assert_eq!(code(&ask_as(&mut world, "kim", seconds(11), &renamed)), "NoError");
    let received = item(&mut world, seconds(20), BERLIN);
    assert_eq!((text(&received, "t:String"), text(&received, "t:Importance")), ("Ours".into(), "Low".into()));
}

#[test]
fn fact_4_1_an_occurrence_may_have_particulars_of_its_own() {
    let mut world = with_kim();
    let series = "<t:Recurrence><t:DailyRecurrence><t:Interval>1</t:Interval></t:DailyRecurrence>\
         <t:NumberedRecurrence><t:StartDate>2026-03-02</t:StartDate><t:NumberOfOccurrences>3\
         </t:NumberOfOccurrences></t:NumberedRecurrence></t:Recurrence>";
    let body = create("SendToNone", &format!("{REVIEW}{TIMES}{series}"));
    ask_as(&mut world, "kim", morning(), &body);
    let view = find("kim@people.example", "2026-03-01T00:00:00Z", "2026-03-09T00:00:00Z", None);
    let second = ids(&ask_as(&mut world, "kim", seconds(1), &view), "t:ItemId").remove(1);
    let key = attribute(&ask_as(&mut world, "kim", seconds(1), &view), "t:ItemId", "ChangeKey");
    let blue = set("item:Categories", "<t:Categories><t:String>Blue</t:String></t:Categories>");
    let blue = update(&second, &key, "AlwaysOverwrite", "SendToNone", &blue);
    assert_eq!(code(&ask_as(&mut world, "kim", seconds(2), &blue)), "NoError");
    let view = ask_as(&mut world, "kim", seconds(3), &view);
    assert_eq!(texts(&view, "t:String"), ["Blue"]);
    assert_eq!(texts(&view, "t:CalendarItemType"), ["Occurrence", "Exception", "Occurrence"]);
}

#[test]
fn fact_4_1_a_place_has_more_than_a_name() {
    let mut world = with_kim();
    let place = "<t:EnhancedLocation><t:DisplayName>Harbour</t:DisplayName><t:Annotation>Ring twice\
         </t:Annotation><t:PostalAddress><t:Street>Quay 7</t:Street><t:City>Oslo</t:City>\
         <t:Latitude>59.91</t:Latitude><t:LocationSource>PhonebookServices</t:LocationSource>\
         </t:PostalAddress></t:EnhancedLocation>";
    let created =
        ask_as(&mut world, "kim", morning(), &create("SendToNone", &format!("{REVIEW}{TIMES}{place}")));
    let (id, key) = (attribute(&created, "t:ItemId", "Id"), attribute(&created, "t:ItemId", "ChangeKey"));
    let told = item_in(&mut world, "Exchange2013", "kim", &id);
    assert!(told.contains(place), "{told}");
    assert_eq!(text(&told, "t:Location"), "Harbour");
    assert!(!item_in(&mut world, "Exchange2010", "kim", &id).contains("t:EnhancedLocation"));
    // A name alone is another place.
    let moved = set("calendar:Location", "<t:Location>Room 1</t:Location>");
    ask_as(&mut world, "kim", seconds(1), &update(&id, &key, "AlwaysOverwrite", "SendToNone", &moved));
    let told = text(&item_in(&mut world, "Exchange2013", "kim", &id), "t:EnhancedLocation");
    assert_eq!(told, "<t:DisplayName>Room 1</t:DisplayName>");
}

#[test]
fn fact_4_1_bodies_and_rows_came_in_another_form_with_2013() {
    let mut world = world();
    let meeting = world.organizer("kim").invites("berlin").saying("a < b").at(hours(1), hours(2));
    meeting.daily().times(2).send(morning()).unwrap();
    world.advance(seconds(9));
    let view = find(BERLIN, "2026-03-01T00:00:00Z", "2026-03-09T00:00:00Z", None);
    let found = ids(&ask(&mut world, seconds(9), &view), "t:ItemId");
    let both = ["item:InstanceKey", "item:NormalizedBody"];
    let told = [&found[0], &found[1], &found[0]].map(|id| ask(&mut world, seconds(9), &named(&both, id)));
    let keys = told.each_ref().map(|told| text(told, "t:InstanceKey"));
    assert!(keys[0] == keys[2] && keys[0] != keys[1], "{keys:?}");
    assert!(
        told[0].contains("<t:NormalizedBody BodyType=\"HTML\">a &amp;lt; b</t:NormalizedBody>"),
        "{}",
        told[0]
    );
    let plain = "<t:BaseShape>IdOnly</t:BaseShape><t:NormalizedBodyType>Text</t:NormalizedBodyType>";
    let plain = named(&both, &found[0]).replace("<t:BaseShape>IdOnly</t:BaseShape>", plain);
    let plain = ask(&mut world, seconds(9), &plain);
    assert!(plain.contains("<t:NormalizedBody BodyType=\"Text\">a &lt; b</t:NormalizedBody>"), "{plain}");
    let whole = ask(&mut world, seconds(9), &get_item(&item_id(&found[0])));
    assert!(!whole.contains("t:NormalizedBody"), "they come when they are asked for by name");
}

#[test]
fn fact_4_1_nobody_may_know_what_was_answered() {
    let mut world = world();
    world.set_unanswered_is_unknown(true);
    world.organizer("kim").invites("berlin").at(hours(1), hours(2)).send(morning()).unwrap();
    assert_eq!(text(&item(&mut world, seconds(1), BERLIN), "t:MyResponseType"), "Unknown");
    assert_eq!(text(&item(&mut world, seconds(9), BERLIN), "t:MyResponseType"), "Accept");
}

#[test]
fn fact_4_1_time_zones_are_told_as_people_read_them() {
    const DISPLAY: &str = "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna";
    let table = [
        (ServerProfile::Exchange2007Sp1, Some("W. Europe Standard Time"), "W. Europe Standard Time"),
        (ServerProfile::Exchange2010Sp1, Some(DISPLAY), DISPLAY),
        (ServerProfile::Exchange2013, Some(DISPLAY), DISPLAY),
        (ServerProfile::Exchange2016, None, DISPLAY),
        (ServerProfile::SubscriptionEdition, None, DISPLAY),
    ];
    for (profile, of_single, of_series) in table {
        let mut world = world();
        world.set_profile(profile);
        let zone = Zone::windows("W. Europe Standard Time").unwrap();
        for (room, times) in [("berlin", 0), ("oslo", 3)] {
            let meeting = world.organizer("kim").invites(room).in_zone(&zone).at(hours(1), hours(2));
            if times > 0 { meeting.daily().times(times) } else { meeting }.send(morning()).unwrap();
        }
        world.advance(seconds(9));
        let mut told = |room: &str| {
            let listed = ask_in(&mut world, "Exchange2007_SP1", LOGIN, seconds(9), &sync(room, None, 9));
            let id = ids(&listed, "t:ItemId").remove(0);
            texts(&item_in(&mut world, "Exchange2007_SP1", LOGIN, &id), "t:TimeZone").pop()
        };
        assert_eq!(told(BERLIN).as_deref(), of_single, "{profile:?}");
        assert_eq!(told("oslo@rooms.example").as_deref(), Some(of_series), "{profile:?}");
    }
}

#[test]
fn fact_4_1_meeting_time_zones_are_of_2007_alone() {
    let mut world = world();
    let zones = [
        ("W. Europe Standard Time", "-PT1H", "Last", "March", "02:00:00"),
        ("Pacific Standard Time", "PT8H", "Second", "March", "02:00:00"),
    ];
    for (zone, ..) in zones {
        let zone = Zone::windows(zone).unwrap();
        let meeting = world.organizer("kim").invites("berlin").in_zone(&zone).at(hours(1), hours(2));
        meeting.send(morning()).unwrap();
    }
    let still =
        world.organizer("kim").invites("berlin").in_zone(&Zone::windows("India Standard Time").unwrap());
    still.at(hours(5), hours(6)).send(morning()).unwrap();
    world.set_processing("berlin", exchange_sim::CalendarProcessing::preserving()).unwrap();
    world.advance(seconds(9));
    let listed = ask(&mut world, seconds(9), &sync(BERLIN, None, 9));
    let told: Vec<String> = ids(&listed, "t:ItemId")
        .iter()
        .map(|id| item_in(&mut world, "Exchange2007_SP1", LOGIN, id))
        .collect();
    let india = told.iter().find(|item| item.contains("India Standard Time")).unwrap();
    assert_eq!(text(india, "t:BaseOffset"), "-PT5H30M");
    assert!(!india.contains("t:Daylight"), "its clocks never change");
    let (zone, offset, index, month, time) = zones[0];
    let europe = told.iter().find(|item| item.contains(zone)).unwrap();
    let daylight = europe.split("<t:Daylight ").nth(1).unwrap().split("</t:Daylight>").next().unwrap();
    let parts = ["t:DayOfWeekIndex", "t:Month", "t:Time"].map(|name| text(daylight, name));
    assert_eq!(
        (text(europe, "t:BaseOffset").as_str(), parts),
        (offset, [index, month, time].map(Into::into))
    );
    let newer = item_in(&mut world, "Exchange2010", LOGIN, &ids(&listed, "t:ItemId").remove(0));
    assert!(!newer.contains("t:MeetingTimeZone") && newer.contains("t:StartTimeZone"));
}

#[test]
fn fact_4_1_a_meeting_time_zone_says_what_times_mean() {
    const RULES: &str = "<t:BaseOffset>PT8H</t:BaseOffset><t:Standard><t:Offset>PT0H</t:Offset>\
         <t:RelativeYearlyRecurrence><t:DaysOfWeek>Sunday</t:DaysOfWeek><t:DayOfWeekIndex>First\
         </t:DayOfWeekIndex><t:Month>November</t:Month></t:RelativeYearlyRecurrence>\
         <t:Time>02:00:00</t:Time></t:Standard><t:Daylight><t:Offset>-PT1H</t:Offset>\
         <t:RelativeYearlyRecurrence><t:DaysOfWeek>Sunday</t:DaysOfWeek><t:DayOfWeekIndex>Second\
         </t:DayOfWeekIndex><t:Month>March</t:Month></t:RelativeYearlyRecurrence>\
         <t:Time>02:00:00</t:Time></t:Daylight>";
    let table = [
        ("<t:MeetingTimeZone TimeZoneName=\"Pacific Standard Time\"/>".to_owned(), "2026-06-01T16:00:00Z"),
        (
            format!("<t:MeetingTimeZone TimeZoneName=\"Ours\">{RULES}</t:MeetingTimeZone>"),
            "2026-06-01T16:00:00Z",
        ),
        (String::new(), "2026-06-01T09:00:00Z"),
    ];
    for (zone, start) in table {
        let mut world = with_kim();
        let times = "<t:Start>2026-06-01T09:00:00</t:Start><t:End>2026-06-01T10:00:00</t:End>";
        let body = create("SendToNone", &format!("{REVIEW}{times}{zone}"));
        let created = ask_in(&mut world, "Exchange2007_SP1", "kim", morning(), &body);
        let told = item_in(&mut world, "Exchange2007_SP1", "kim", &ids(&created, "t:ItemId").remove(0));
        assert_eq!(text(&told, "t:Start"), start, "{zone}");
    }
    let mut world = with_kim();
    let unknown = create("SendToNone", &format!("{TIMES}<t:MeetingTimeZone TimeZoneName=\"Moon\"/>"));
    let refused = ask_in(&mut world, "Exchange2007_SP1", "kim", morning(), &unknown);
    assert_eq!(code(&refused), "ErrorTimeZone");
}

#[test]
fn fact_3_2_4_an_occurrence_is_found_by_any_number_at_once() {
    let mut world = world();
    let daily = world.organizer("kim").invites("berlin").at(hours(1), hours(2)).daily();
    daily.send(morning()).unwrap();
    let master = attribute(&item(&mut world, seconds(9), BERLIN), "t:ItemId", "Id");
    let numbered = |index: &str| {
        get_item(&format!("<t:OccurrenceItemId RecurringMasterId=\"{master}\" InstanceIndex=\"{index}\"/>"))
    };
    let later = ask(&mut world, seconds(9), &numbered("1000000"));
    let day = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap() + chrono::Days::new(999_999);
    assert_eq!(text(&later, "t:Start"), format!("{day}T09:00:00Z"));
    let beyond = ask(&mut world, seconds(9), &numbered("2147483647"));
    assert_eq!(code(&beyond), "ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange");
}

#[test]
fn fact_4_1_meetings_of_other_calendars_keep_their_uid() {
    let mut world = with_kim();
    let foreign = "7-\u{e9}@calendar.example";
    let sent = world.organizer("lee").invites("berlin").known_as(foreign).at(hours(1), hours(2));
    sent.daily().times(2).send(morning()).unwrap();
    let told = item(&mut world, seconds(9), BERLIN);
    assert_eq!(text(&told, "t:UID"), foreign);
    let wrapped = STANDARD.decode(&texts(&told, "t:Value")[1]).unwrap();
    let data = ["vCal-Uid\u{1}\0\0\0", foreign, "\0"].concat();
    assert_eq!(&wrapped[40..], data.as_bytes(), "[MS-OXCICAL] 2.1.3.1.1.20.26");
    let body = create("SendToNone", &format!("{REVIEW}<t:UID>1</t:UID>{TIMES}"));
    let created = ask_as(&mut world, "kim", morning(), &body);
    let told = item_in(&mut world, "Exchange2013", "kim", &ids(&created, "t:ItemId").remove(0));
    assert_eq!(text(&told, "t:UID"), "1");
}

#[test]
fn fact_4_1_attendees_say_when_they_answered() {
    let mut world = with_kim();
    let both = world.organizer("kim").invites("berlin").and("oslo").with("lee").at(hours(1), hours(2));
    both.send(morning()).unwrap();
    let answered = |item: &str, name: &str| {
        let attendees = texts(item, "t:Attendee");
        let told =
            attendees.into_iter().find(|attendee| attendee.contains(&format!("<t:Name>{name}<"))).unwrap();
        texts(&told, "t:LastResponseTime").pop()
    };
    let room = item(&mut world, seconds(9), BERLIN);
    assert_eq!(answered(&room, "Berlin"), Some(text(&room, "t:AppointmentReplyTime")));
    assert_eq!(answered(&room, "Oslo"), None, "a room does not know what another answered");
    let view = find("kim@people.example", "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z", None);
    let own = ids(&ask_as(&mut world, "kim", seconds(9), &view), "t:ItemId").remove(0);
    let own = ask_as(&mut world, "kim", seconds(9), &get_item(&item_id(&own)));
    assert!(answered(&own, "Oslo").is_some());
    assert_eq!(answered(&own, "Lee"), None);
}
