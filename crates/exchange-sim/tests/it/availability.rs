//! When mailboxes are taken, and who may know.

use exchange_sim::{Account, FreeBusy, MailboxState, Rights, Zone};

use crate::client::{BERLIN, hours, morning, request, seconds, text, texts, world};
use crate::valid::{Site, answer, ask, ask_as, fault};

const VIENNA: &str = "<t:TimeZone><t:Bias>-60</t:Bias>\
     <t:StandardTime><t:Bias>0</t:Bias><t:Time>03:00:00</t:Time><t:DayOrder>5</t:DayOrder><t:Month>10</t:Month>\
     <t:DayOfWeek>Sunday</t:DayOfWeek></t:StandardTime>\
     <t:DaylightTime><t:Bias>-60</t:Bias><t:Time>02:00:00</t:Time><t:DayOrder>5</t:DayOrder><t:Month>3</t:Month>\
     <t:DayOfWeek>Sunday</t:DayOfWeek></t:DaylightTime></t:TimeZone>";

/// A request; the first part is the zone, or nothing.
pub(crate) fn availability(
    zone: &str,
    addresses: &[&str],
    (from, until): (&str, &str),
    view: &str,
) -> String {
    let mailboxes = addresses.iter().map(|address| {
        format!(
            "<t:MailboxData><t:Email><t:Address>{address}</t:Address></t:Email>\
             <t:AttendeeType>Room</t:AttendeeType></t:MailboxData>"
        )
    });
    format!(
        "<m:GetUserAvailabilityRequest>{zone}<m:MailboxDataArray>{}</m:MailboxDataArray>\
         <t:FreeBusyViewOptions><t:TimeWindow><t:StartTime>{from}</t:StartTime><t:EndTime>{until}</t:EndTime>\
         </t:TimeWindow><t:MergedFreeBusyIntervalInMinutes>60</t:MergedFreeBusyIntervalInMinutes>\
         <t:RequestedView>{view}</t:RequestedView></t:FreeBusyViewOptions></m:GetUserAvailabilityRequest>",
        mailboxes.collect::<String>()
    )
}

/// Monday from 8 to 16 o'clock, UTC.
const MONDAY: (&str, &str) = ("2026-03-02T08:00:00", "2026-03-02T16:00:00");

/// A Monday with one meeting of every kind, and one that is private.
fn booked() -> Site {
    let mut world = world();
    let shown = [FreeBusy::Free, FreeBusy::Tentative, FreeBusy::Busy, FreeBusy::OutOfOffice];
    for (hour, show_as) in (1..).zip(shown.into_iter().chain([FreeBusy::WorkingElsewhere])) {
        let meeting = world.organizer("kim").invites("berlin").to("Review").at(hours(hour), hours(hour + 1));
        meeting.showing(show_as).send(morning()).unwrap();
    }
    let secret = world.organizer("lee").invites("berlin").to("Secret").private();
    secret.at(hours(6), hours(7)).send(morning()).unwrap();
    world.advance(seconds(9));
    world
}

fn asked(world: &mut Site, login: &str, view: &str) -> String {
    ask_as(world, login, seconds(10), &availability("", &[BERLIN], MONDAY, view))
}

#[test]
fn fact_5_5_availability_needs_no_more_than_free_busy_rights() {
    let mut world = booked();
    let all = [Rights::None, Rights::FreeBusy, Rights::Reviewer, Rights::Full];
    for (login, rights) in ["none", "free-busy", "reviewer", "full"].into_iter().zip(all) {
        world.add_account(Account::new(login, "secret").with_rights(rights));
    }
    let table = [
        ("none", "DetailedMerged", "ErrorNoFreeBusyAccess", "None", 0, 0),
        ("free-busy", "MergedOnly", "NoError", "MergedOnly", 0, 0),
        ("free-busy", "FreeBusy", "NoError", "FreeBusy", 6, 0),
        ("free-busy", "Detailed", "NoError", "FreeBusy", 6, 0),
        ("free-busy", "DetailedMerged", "NoError", "FreeBusyMerged", 6, 0),
        ("reviewer", "FreeBusyMerged", "NoError", "FreeBusyMerged", 6, 0),
        ("reviewer", "Detailed", "NoError", "Detailed", 6, 6),
        ("full", "DetailedMerged", "NoError", "DetailedMerged", 6, 6),
    ];
    for (login, view, code, told, events, details) in table {
        let reply = asked(&mut world, login, view);
        assert_eq!(text(&reply, "m:ResponseCode"), code, "{login} {view}");
        assert_eq!(text(&reply, "t:FreeBusyViewType"), told, "{login} {view}");
        assert_eq!(texts(&reply, "t:CalendarEvent").len(), events, "{login} {view}");
        assert_eq!(texts(&reply, "t:CalendarEventDetails").len(), details, "{login} {view}");
        assert_eq!(
            texts(&reply, "t:MergedFreeBusy").len(),
            usize::from(told.contains("Merged")),
            "{login} {view}"
        );
    }
}

#[test]
fn people_see_their_own_calendar_and_as_much_of_others_as_they_may() {
    let mut world = booked();
    world.add_person("lee", "secret").unwrap();
    let table = [
        (None, "ErrorNoFreeBusyAccess", "None"),
        (Some(Rights::FreeBusy), "NoError", "FreeBusy"),
        (Some(Rights::Reviewer), "NoError", "Detailed"),
    ];
    for (granted, code, view) in table {
        if let Some(rights) = granted {
            world.grant("lee", "berlin", rights).unwrap();
        }
        let body = availability("", &["lee@people.example", BERLIN], MONDAY, "Detailed");
        let reply = ask_as(&mut world, "lee", seconds(10), &body);
        assert_eq!(texts(&reply, "m:ResponseCode"), ["NoError", code], "{granted:?}");
        assert_eq!(texts(&reply, "t:FreeBusyViewType"), ["Detailed", view], "{granted:?}");
    }
}

#[test]
fn fact_5_5_the_merged_view_has_a_digit_for_every_interval() {
    let mut world = booked();
    let reply = asked(&mut world, "svc", "FreeBusyMerged");
    assert_eq!(text(&reply, "t:MergedFreeBusy"), "00123020");
    assert_eq!(texts(&reply, "t:BusyType"), ["Free", "Tentative", "Busy", "OOF", "WorkingElsewhere", "Busy"]);
}

#[test]
fn fact_5_5_details_do_not_tell_what_is_private() {
    let mut world = booked();
    let reply = asked(&mut world, "svc", "Detailed");
    assert_eq!(texts(&reply, "t:IsPrivate"), ["false", "false", "false", "false", "false", "true"]);
    assert_eq!(texts(&reply, "t:Subject"), ["Review"; 5]);
    assert!(!reply.contains("Secret"));
}

#[test]
fn fact_5_5_a_mailbox_fails_alone_inside_a_success() {
    let mut world = booked();
    let table = [
        (MailboxState::Healthy, "NoError"),
        (MailboxState::Full, "NoError"),
        (MailboxState::NeverOpened, "NoError"),
        (MailboxState::OtherSite, "ErrorProxyRequestNotAllowed"),
        (MailboxState::Moving, "ErrorFreeBusyGenerationFailed"),
        (MailboxState::StoreUnavailable, "ErrorFreeBusyGenerationFailed"),
        (MailboxState::Deleted, "ErrorMailRecipientNotFound"),
    ];
    let addresses = [BERLIN, "atlantis@rooms.example", "oslo@rooms.example"];
    for (state, code) in table {
        world.set_mailbox_state("oslo", state).unwrap();
        let reply = ask(&mut world, seconds(10), &availability("", &addresses, MONDAY, "FreeBusy"));
        assert_eq!(
            texts(&reply, "m:ResponseCode"),
            ["NoError", "ErrorMailRecipientNotFound", code],
            "{state:?}"
        );
    }
}

#[test]
fn fact_5_5_up_to_100_mailboxes_and_42_days() {
    let long = |until| ("2026-03-01T00:00:00", until);
    let table = [
        (1, long("2026-04-12T00:00:00"), None),
        (1, long("2026-04-12T00:00:01"), Some("ErrorTimeIntervalTooBig")),
        (1, long("2026-03-01T00:00:00"), Some("ErrorInvalidTimeInterval")),
        (100, MONDAY, None),
        (101, MONDAY, Some("ErrorMailboxDataArrayTooBig")),
        (0, MONDAY, Some("ErrorMailboxDataArrayEmpty")),
    ];
    let mut world = booked();
    for (mailboxes, window, refused) in table {
        let body = availability("", &vec![BERLIN; mailboxes], window, "FreeBusy");
        if let Some(code) = refused {
            assert_eq!(fault(&mut world, seconds(10), &body), code, "{mailboxes} {window:?}");
            continue;
        }
        let reply = ask(&mut world, seconds(10), &body);
        assert_eq!(texts(&reply, "m:FreeBusyResponse").len(), mailboxes, "{window:?}");
    }
}

#[test]
fn views_and_intervals_that_are_none_are_refused() {
    let mut world = booked();
    let valid = availability("", &[BERLIN], MONDAY, "DetailedMerged");
    let table = [
        ("DetailedMerged", "None", "ErrorInvalidFreeBusyViewType"),
        (">60<", ">4<", "ErrorInvalidMergedFreeBusyInterval"),
        (">60<", ">1441<", "ErrorInvalidMergedFreeBusyInterval"),
    ];
    for (part, other, code) in table {
        assert_eq!(fault(&mut world, seconds(10), &valid.replace(part, other)), code, "{other}");
    }
}

/// Walls are read and written by the rules of the request, else in the zone of its header, else in UTC.
#[test]
fn fact_5_5_times_are_those_of_the_zone_asked_in() {
    let mut world = world();
    let berlin = Zone::windows("W. Europe Standard Time").unwrap();
    let standup = world.organizer("kim").invites("berlin").to("Stand-up").in_zone(&berlin);
    standup.at(hours(1), hours(2)).daily().times(60).send(morning()).unwrap();
    world.advance(seconds(9));
    let context =
        |id: &str| format!("<t:TimeZoneContext><t:TimeZoneDefinition Id=\"{id}\"/></t:TimeZoneContext>");
    // Ten o'clock in Berlin, before and after its clocks changed and those of New York.
    let (winter, spring) =
        (("2026-03-02T00:00:00", "2026-03-03T00:00:00"), ("2026-04-01T00:00:00", "2026-04-02T00:00:00"));
    let table = [
        ("", String::new(), winter, "2026-03-02T09:00:00"),
        ("", String::new(), spring, "2026-04-01T08:00:00"),
        (VIENNA, String::new(), winter, "2026-03-02T10:00:00"),
        (VIENNA, String::new(), spring, "2026-04-01T10:00:00"),
        ("", context("Eastern Standard Time"), winter, "2026-03-02T04:00:00"),
        ("", context("Eastern Standard Time"), spring, "2026-04-01T04:00:00"),
        (VIENNA, context("Tokyo Standard Time"), spring, "2026-04-01T10:00:00"),
    ];
    for (zone, header, window, start) in table {
        let body = availability(zone, &[BERLIN], window, "FreeBusy");
        let reply = answer(&mut world, seconds(10), &request(&header, &body), 200);
        assert_eq!(text(&reply, "t:StartTime"), start, "{zone} {header}");
    }
}
