//! Webhooks: what is posted, and that it is signed.

use crate::{
    device, present,
    stage::{Stage, at},
    withheld,
};
use exchange_sim::server::Hook as StandIn;
use insta::assert_json_snapshot;
use meeting_model::display::Present;
use phone_push::{DeviceKind, Hook, Trust};
use serde_json::Value;
use sync_engine::Delivered;

fn stage(url: &str, secret: &str) -> Stage {
    Stage::of(DeviceKind::Webhook(Hook { url: url.to_owned(), secret: secret.into(), trust: Trust::System }))
        .unwrap()
}

#[tokio::test]
async fn a_room_s_meetings_are_posted_and_signed() {
    let hook = StandIn::serve("open sesame").await.unwrap();
    let stage = stage(hook.url(), "open sesame");
    let delivered = stage.deliver(None).await;
    let Delivered::Acknowledged { sent: true, next_change, .. } = delivered else { panic!("{delivered:?}") };
    assert_eq!(next_change, at("2026-11-21T08:15:00Z"), "when nobody would know any more, were it not read");
    let documents = hook.documents();
    assert_json_snapshot!(documents[0], @r#"
    {
      "at": "2026-11-21T08:00:00Z",
      "event": "meetings",
      "meetings": [
        {
          "all_day": null,
          "end": "2026-11-21T10:00:00Z",
          "key": "a1",
          "location": "Berlin",
          "organizer": "Kim Jones",
          "phase": "coming",
          "private": false,
          "start": "2026-11-21T09:00:00Z",
          "title": "R&D <weekly>"
        },
        {
          "all_day": null,
          "end": "2026-11-21T11:45:30Z",
          "key": "b2",
          "location": null,
          "organizer": null,
          "phase": "coming",
          "private": true,
          "start": "2026-11-21T11:00:00Z",
          "title": "Private meeting"
        },
        {
          "all_day": null,
          "end": "2026-11-22T10:00:00Z",
          "key": "c3",
          "location": "Berlin",
          "organizer": "Kim Jones",
          "phase": "coming",
          "private": false,
          "start": "2026-11-22T09:00:00Z",
          "title": "Sunday"
        }
      ],
      "name": "Berlin",
      "occupancy": "free",
      "rev": 7,
      "room": "berlin",
      "time_zone": "Europe/Berlin",
      "true_as_of": "2026-11-21T08:00:00Z",
      "until": "2026-11-21T09:00:00Z"
    }
    "#);
    assert!(
        !documents[0].to_string().contains("4711") && !documents[0].to_string().contains("0815"),
        "how a meeting is joined is for the dialling device alone"
    );
}

#[tokio::test]
async fn a_reminder_says_of_what_and_a_farewell_of_which_room() {
    let hook = StandIn::serve("open sesame").await.unwrap();
    let stage = stage(hook.url(), "open sesame");
    let Delivered::Acknowledged { digest, .. } = stage.deliver(None).await else { panic!("it answers") };
    let present = present_at("2026-11-21T08:50:00Z");
    let since = Some(at("2026-11-21T08:00:00Z"));
    stage.push.deliver(&device(), &present, &withheld(), Some(&digest), since).await;
    let reminder = hook.documents().pop().unwrap();
    assert_eq!(
        (&reminder["event"], &reminder["reminder_of"]),
        (&Value::from("reminder"), &Value::from("a1"))
    );
    assert_eq!(stage.push.empty(&device()).await, Ok(()));
    assert_eq!(hook.documents().pop().unwrap()["event"], "removed");
    assert_eq!(hook.documents().len(), 3);
}

#[tokio::test]
async fn what_is_signed_otherwise_is_not_taken() {
    let hook = StandIn::serve("open sesame").await.unwrap();
    let delivered = stage(hook.url(), "sesame").deliver(None).await;
    assert!(matches!(delivered, Delivered::Failed { .. }), "{delivered:?}");
    assert_eq!(hook.documents(), Vec::<Value>::new());
}

#[tokio::test]
async fn what_nobody_would_see_is_not_posted_again() {
    let hook = StandIn::serve("open sesame").await.unwrap();
    let stage = stage(hook.url(), "open sesame");
    let Delivered::Acknowledged { digest, .. } = stage.deliver(None).await else { panic!("it answers") };
    for (now, rev, posts) in [("08:30:00", 8, 1), ("09:00:00", 8, 2), ("09:30:00", 9, 2)] {
        let mut present = present_at(&format!("2026-11-21T{now}Z"));
        present.rev = meeting_model::id::Revision(rev);
        let has = if posts == 1 { digest.clone() } else { String::new() };
        let has = if now == "09:30:00" { digest_at(&stage, "2026-11-21T09:00:00Z").await } else { has };
        stage.push.deliver(&device(), &present, &withheld(), Some(&has), None).await;
        assert_eq!(hook.documents().len(), posts, "{now}");
        if now == "09:00:00" {
            assert_eq!(hook.documents()[1]["occupancy"], "occupied");
        }
    }
}

#[tokio::test]
async fn a_room_whose_calendar_is_not_read_is_unknown_and_looked_at_until_it_is() {
    let hook = StandIn::serve("open sesame").await.unwrap();
    let stage = stage(hook.url(), "open sesame");
    let mut has = String::new();
    for (now, as_of, occupancy, until, look_at) in [
        ("09:14:59", "09:00:00", "occupied", Value::from("2026-11-21T10:00:00Z"), "09:15:00"),
        ("09:15:00", "09:00:00", "unknown", Value::Null, "09:16:00"),
        ("09:16:00", "09:00:00", "unknown", Value::Null, "09:17:00"),
        ("09:17:00", "09:16:30", "occupied", Value::from("2026-11-21T10:00:00Z"), "09:31:30"),
    ] {
        let moment = |time: &str| at(&format!("2026-11-21T{time}Z"));
        let present = Present { now: moment(now), as_of: Some(moment(as_of)), ..present() };
        let delivered = stage.push.deliver(&device(), &present, &withheld(), Some(&has), None).await;
        let Delivered::Acknowledged { digest, next_change, .. } = delivered else { panic!("{delivered:?}") };
        let document = hook.documents().pop().unwrap();
        assert_eq!((&document["occupancy"], &document["until"]), (&Value::from(occupancy), &until), "{now}");
        assert_eq!(next_change, moment(look_at), "{now}");
        has = digest;
    }
    assert_eq!(hook.documents().len(), 3, "what is unknown still is not posted again");
}

fn present_at(moment: &str) -> Present {
    Present { now: at(moment), as_of: Some(at(moment)), ..present() }
}

/// The digest of what is shown at a moment, without telling anybody.
async fn digest_at(_: &Stage, moment: &str) -> String {
    let other = StandIn::serve("open sesame").await.unwrap();
    let present = present_at(moment);
    let delivered =
        stage(other.url(), "open sesame").push.deliver(&device(), &present, &withheld(), None, None).await;
    let Delivered::Acknowledged { digest, .. } = delivered else { panic!("{delivered:?}") };
    digest
}
