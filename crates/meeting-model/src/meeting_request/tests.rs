use super::*;
use crate::{
    clock::Now,
    example::{meeting, settings, utc},
    plan::{Site, plan},
    privacy::SiteSecret,
    settings::SubjectSettings,
    zone::ZoneDatabase,
};
use std::time::Duration;

const NOW: &str = "2026-03-02T08:00:00Z";

fn seeking() -> RoomSettings {
    let subjects = SubjectSettings { recover_from_inbox: true, ..SubjectSettings::default() };
    RoomSettings { subjects, ..settings() }
}

fn copy(name: &str, subject: &str, hour: u32) -> CalendarItem {
    CalendarItem {
        subject: Some(subject.to_owned()),
        ..meeting(name, &format!("2026-03-02T{hour:02}:00:00Z"))
    }
}

/// What a room knows that has read these items, and these facts.
fn known(items: &[CalendarItem], facts: Facts, settings: &RoomSettings) -> Known {
    let items = items.iter().map(|item| (item.item_id.clone(), item.clone())).collect();
    let mut known = Known { items, facts, ..Known::default() };
    let (secret, zones) = (SiteSecret::new([1; 32]), ZoneDatabase::bundled());
    let site = Site { secret: &secret, zones: &zones };
    let now = Now { wall: utc(NOW), mono: Duration::ZERO };
    let plan = plan(&RoomId::new("room"), &known, None, settings, site, now);
    known.carry_out(&plan);
    known
}

fn request(name: &str, subject: &str, minute: u32) -> MeetingRequest {
    MeetingRequest {
        global_object_id: GlobalObjectId::from_uid(name),
        subject: Some(subject.to_owned()),
        sensitivity: Sensitivity::Normal,
        received: Some(utc(&format!("2026-03-01T08:{minute:02}:00Z"))),
    }
}

fn taught(known: &Known, requests: &[MeetingRequest]) -> Vec<(Option<String>, bool, Sensitivity)> {
    let learned = learned(&RoomId::new("room"), known, requests, &seeking());
    learned.into_values().map(|fact| (fact.subject, fact.by_request, fact.sensitivity)).collect()
}

#[test]
fn s4_only_what_is_shown_openly_without_a_subject_is_looked_for() {
    let private = CalendarItem { sensitivity: Sensitivity::Private, ..copy("private", "Kim Jones", 12) };
    let items = [
        copy("later", "", 11),
        copy("soon", "Kim Jones", 9),
        copy("over", "", 6),
        copy("named", "Budget", 10),
        private,
    ];
    let wanted =
        |settings: &RoomSettings| unnamed(&known(&items, Facts::new(), settings), settings, utc(NOW));
    assert_eq!(wanted(&seeking()), ["soon", "later"].map(GlobalObjectId::from_uid));
    let but = |subjects| RoomSettings { subjects, ..settings() };
    let seek = seeking().subjects;
    for settings in [
        settings(),
        but(SubjectSettings { recover: false, ..seek }),
        but(SubjectSettings { shown: SubjectPolicy::Organizer, ..seek }),
    ] {
        assert_eq!(wanted(&settings), []);
    }
}

#[test]
fn s4_the_last_request_names_a_meeting_and_the_strictest_of_all_masks_it() {
    let known = known(&[copy("m", "Kim Jones", 9)], Facts::new(), &seeking());
    let named = |subject: &str, sensitivity| vec![(Some(subject.to_owned()), true, sensitivity)];
    let both = [request("m", "Budget 2027", 2), request("m", "Budget", 1), request("other", "Not ours", 3)];
    assert_eq!(taught(&known, &both), named("Budget 2027", Sensitivity::Normal));
    let secret = MeetingRequest { sensitivity: Sensitivity::Private, ..request("m", "Budget", 1) };
    assert_eq!(taught(&known, &[secret, both[0].clone()]), named("Budget 2027", Sensitivity::Private));
    assert_eq!(taught(&known, &[request("m", "KIM JONES ", 1), request("m", "", 2)]), []);
}

#[test]
fn s3_a_request_replaces_no_subject_that_is_known() {
    let items = [copy("m", "Kim Jones", 9)];
    let fact = Fact { subject: Some("Review".to_owned()), ..Fact::default() };
    let facts = Facts::from([((meeting_id(&items[0]), Slot::Whole), fact)]);
    let known = known(&items, facts, &seeking());
    assert_eq!(taught(&known, &[request("m", "Budget", 1)]), []);
    let secret = MeetingRequest { sensitivity: Sensitivity::Private, ..request("m", "Budget", 1) };
    assert_eq!(taught(&known, &[secret]), [(Some("Review".to_owned()), false, Sensitivity::Private)]);
}
