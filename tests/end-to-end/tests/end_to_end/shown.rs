//! From a room's calendar to its phone and its feed.

use crate::CALLBOARD;
use chrono::TimeDelta;
use end_to_end::{Program, Row, Stage, exchange, schema, until};

/// Waits until feed and phone of a room show what Exchange says.
async fn converged(stage: &Stage, room: &str) -> Vec<Row> {
    let rows = until("the feed to agree with Exchange", async || {
        let truth = stage.truth().await.remove(room)?;
        stage.rows(room).await.filter(|rows| *rows == truth)
    });
    let rows = rows.await;
    stage.until_phone(room, &stage.phone_truth(room).await).await;
    rows
}

fn titles(rows: &[Row]) -> Vec<&str> {
    rows.iter().map(|row| row.title.as_str()).collect()
}

#[tokio::test]
async fn a_meeting_goes_from_the_calendar_to_the_phone_and_the_feed() {
    let stage = exchange().room("berlin").meeting("Review").at("+2h").room("oslo").run().await;
    let rows = converged(&stage, "berlin").await;
    let expected = Row { start: stage.at("+2h"), end: stage.at("+150m"), title: "Review".to_owned() };
    assert_eq!(rows, [expected]);
    stage.until_phone("oslo", &["No meetings today".to_owned()]).await;
    let shown = stage.phones().history("berlin");
    let menu = format!("http://{}/phone/berlin/menu.xml", stage.feed.addr());
    assert!(
        shown.iter().all(|page| page.url.starts_with(&menu)),
        "the phone was sent to the room's menu: {shown:?}"
    );

    let at = stage.at("+4h");
    stage.exchange().with(|world, now| {
        let sentence = world.organizer("lee").invites("oslo").to("Budget");
        sentence.at(at, at + TimeDelta::hours(1)).send(now).unwrap()
    });
    assert_eq!(titles(&converged(&stage, "oslo").await), ["Budget"]);
    stage.close().await;
}

#[tokio::test]
async fn what_is_moved_renamed_and_called_off_is_so_on_the_phone() {
    let plan = exchange().room("berlin").meeting("Review").at("+2h").meeting("Budget").at("+4h");
    let stage = plan.meeting("Demo").at("+6h").run().await;
    assert_eq!(titles(&converged(&stage, "berlin").await), ["Review", "Budget", "Demo"]);

    let (review, budget, demo) = (stage.meeting("Review"), stage.meeting("Budget"), stage.meeting("Demo"));
    let at = stage.at("+5h");
    stage.exchange().with(|world, now| {
        world.reschedule(review, at, at + TimeDelta::minutes(15), now).unwrap();
    });
    let rows = converged(&stage, "berlin").await;
    assert_eq!(titles(&rows), ["Budget", "Review", "Demo"]);
    assert_eq!((rows[1].start, rows[1].end), (at, at + TimeDelta::minutes(15)));

    stage.exchange().with(|world, now| world.rename(budget, "Budget, final", now).unwrap());
    assert_eq!(titles(&converged(&stage, "berlin").await), ["Budget, final", "Review", "Demo"]);

    stage.exchange().with(|world, now| world.cancel(demo, now).unwrap());
    assert_eq!(titles(&converged(&stage, "berlin").await), ["Budget, final", "Review"]);

    stage.exchange().with(|world, now| world.delete_from("berlin", budget, now).unwrap());
    assert_eq!(titles(&converged(&stage, "berlin").await), ["Review"]);
    stage.close().await;
}

#[tokio::test]
async fn every_day_of_a_series_is_listed_with_its_own_changes() {
    let stage = exchange().room("berlin").meeting("Stand-up").at("+2h").daily(5).run().await;
    assert_eq!(converged(&stage, "berlin").await.len(), 5);

    let series = stage.meeting("Stand-up");
    let (moved, renamed, off) = (stage.at("+26h"), stage.at("+50h"), stage.at("+2h"));
    stage.exchange().with(|world, now| {
        let later = moved + TimeDelta::hours(1);
        let end = later + TimeDelta::minutes(30);
        world.reschedule_occurrence(series, moved.date_naive(), later, end, now).unwrap();
        world.rename_occurrence(series, renamed.date_naive(), "Retrospective", now).unwrap();
        world.cancel_occurrence(series, off.date_naive(), now).unwrap();
    });
    let rows = converged(&stage, "berlin").await;
    assert_eq!(titles(&rows), ["Stand-up", "Retrospective", "Stand-up", "Stand-up"]);
    assert_eq!(rows[0].start, moved + TimeDelta::hours(1));
    stage.close().await;
}

#[tokio::test]
async fn what_is_tentative_is_on_no_display_until_it_is_accepted() {
    let stage =
        exchange().room("berlin").meeting("Perhaps").tentative().meeting("Sure").at("+3h").run().await;
    assert_eq!(titles(&converged(&stage, "berlin").await), ["Sure"]);
    assert!(!stage.feed.answers().contains("Perhaps"));
    let perhaps = stage.meeting("Perhaps");
    stage.exchange().with(|world, now| {
        world.answer("berlin", perhaps, exchange_sim::Answer::Accept, now).unwrap();
    });
    assert_eq!(titles(&converged(&stage, "berlin").await), ["Perhaps", "Sure"]);
    stage.close().await;
}

#[tokio::test]
async fn what_is_private_is_in_no_output_whatever() {
    const SECRETS: [&str; 3] = ["Takeover", "Layoffs", "Lee"];
    let plan = exchange().room("berlin").meeting("Takeover of Initech").private();
    let stage = plan.meeting("Lunch").at("+3h").open().await;
    let program = Program::on(CALLBOARD, &stage);
    let resync = program.run("resync-room berlin").await;
    assert_eq!(resync.code, Some(0), "{resync:?}");
    assert!(resync.out.contains("Private meeting"), "{}", resync.out);

    let daemon = program.daemon("trace");
    assert_eq!(titles(&converged(&stage, "berlin").await), ["Private meeting", "Lunch"]);
    let lunch = stage.meeting("Lunch");
    stage.exchange().with(|world, now| {
        let layoffs = world.organizer("lee").invites("berlin").to("Layoffs").private();
        layoffs.at(stage.at("+5h"), stage.at("+6h")).send(now).unwrap();
        // what was public once was seen by everybody, but is not shown any more
        world.set_sensitivity(lunch, exchange_sim::Sensitivity::Confidential, now).unwrap();
    });
    assert_eq!(titles(&converged(&stage, "berlin").await), ["Private meeting"; 3]);
    let meeting = {
        let menu = stage.get("/phone/berlin/menu.xml").await.unwrap();
        let urls = menu.split("/phone/berlin/meetings/").skip(1);
        urls.map(|rest| rest.split('<').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(meeting.len(), 3);
    for file in meeting {
        let page = stage.get(&format!("/phone/berlin/meetings/{file}")).await.unwrap();
        assert!(page.contains("Private meeting"), "{page}");
    }
    let asked = [
        program.run("status --json").await,
        program.run("status").await,
        program.run("resync-room berlin --dry-run").await,
        program.run("resync-room berlin").await,
        program.run("explain berlin").await,
        program.run("explain berlin --json --meeting a").await,
        program.run("explain berlin --at 00:00").await,
    ];
    let log = daemon.log();
    assert!(log.contains("committed") && log.contains("berlin"), "the log says what happens");
    let history = format!("{:?}", stage.phones().history("berlin"));
    let mut outputs = vec![log, history, stage.feed.answers(), resync.out, resync.err];
    outputs.extend(asked.into_iter().flat_map(|ended| [ended.out, ended.err]));
    for secret in SECRETS {
        for output in &outputs {
            assert!(!output.contains(secret), "`{secret}` in: {output}");
        }
    }
    daemon.terminate().await;
    stage.close().await;
}

#[tokio::test]
async fn everything_that_is_said_is_valid_by_its_schema() {
    let stage =
        exchange().room("berlin").meeting("R&D <\"so\">").meeting("Long").at("+2h").daily(3).run().await;
    let rows = converged(&stage, "berlin").await;
    let menu = stage.get("/phone/berlin/menu.xml").await.unwrap();
    let file = menu.split("/phone/berlin/meetings/").nth(1).unwrap().split('<').next().unwrap();
    assert!(stage.get(&format!("/phone/berlin/meetings/{file}")).await.unwrap().contains("R&amp;D"));
    assert_eq!(rows.len(), 4);
    let review = stage.meeting("Long");
    stage.exchange().with(|world, now| world.rename(review, "Longer", now).unwrap());
    converged(&stage, "berlin").await;

    let (asked, read) = (stage.ews.heard(), stage.feed.heard());
    for operation in ["GetFolder", "Subscribe", "SyncFolderItems", "GetItem", "GetStreamingEvents"] {
        let tag = format!("<m:{operation}>");
        let is_one = |sent: &[u8]| String::from_utf8_lossy(sent).contains(&tag);
        assert!(asked.iter().any(|exchange| is_one(&exchange.sent)), "{operation} was sent");
    }
    let bodies: Vec<Vec<u8>> = asked.into_iter().map(|exchange| exchange.sent).collect();
    let pages = read.into_iter().filter(|page| page.request.contains("/phone/"));
    let pages: Vec<Vec<u8>> = pages.map(|page| page.got).collect();
    assert!(bodies.len() > 5 && pages.len() > 2);
    if let Some(count) = schema::validate(schema::EWS, bodies) {
        assert!(count >= 5, "{count} different requests are valid");
    }
    if let Some(count) = schema::validate(schema::PHONE, pages) {
        assert!(count >= 3, "{count} different pages are valid");
    }
    stage.close().await;
}
