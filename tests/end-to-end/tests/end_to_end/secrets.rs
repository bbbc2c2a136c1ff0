//! Rules P1 to P6, on everything that leaves the program: what is private is fed through every field that can hold it, and looked
//! for in every page, push, log, report and error.

use crate::{CALLBOARD, devices::Others};
use chrono::TimeDelta;
use end_to_end::{Program, Stage, exchange, until};
use exchange_sim::{CalendarProcessing, Fault, Injection, Sensitivity};

/// What private meetings hold, one word for each field that can hold one: subject, organizer, attendee, place, body, number to
/// dial, UID.
const SECRETS: [&str; 7] =
    ["Wolverine", "Quillfeather", "Ravenscroft", "Undercroft", "Periwinkle", "99912345678", "zanzibar"];

/// What administrators sign in with.
const TOKEN: &str = "a-token-for-administrators";

/// Pages that only administrators see.
const ADMIN_PAGES: [&str; 5] =
    ["/", "/admin/rooms/berlin", "/admin/rooms/oslo", "/admin/servers", "/admin/clock"];

/// Pages that show meetings, and two that tell how the program is.
const PAGES: [&str; 9] = [
    "/api/rooms",
    "/api/rooms/berlin/meetings",
    "/api/rooms/oslo/meetings",
    "/api/rooms/berlin/calendar.ics",
    "/rooms/berlin",
    "/rooms/berlin/panel.json",
    "/phone/berlin/menu.xml",
    "/readyz",
    "/metrics",
];

const COMMANDS: [&str; 13] = [
    "check",
    "rooms",
    "rooms --json",
    "status",
    "status --json",
    "diff --all",
    "diff --all --json",
    "explain berlin",
    "explain oslo --json",
    "explain berlin --meeting Wolverine",
    "resync-room berlin --dry-run",
    "resync-room berlin",
    "resync-room oslo --json",
];

/// Private meetings of every kind, with a secret in every field.
fn meet_in_secret(stage: &Stage) {
    stage.exchange().with(|world, now| {
        // This room's attendant rewrites subjects and takes the private flag away, as a new room mailbox does.
        let at_once = CalendarProcessing::default().after(TimeDelta::zero());
        world.set_processing("oslo", at_once).unwrap();
        for (number, sensitivity) in [Sensitivity::Private, Sensitivity::Confidential].into_iter().enumerate()
        {
            for series in [false, true] {
                let at = stage.at(["+2h", "+5h"][number]) + TimeDelta::minutes(i64::from(series) * 40);
                let mut meeting = world
                    .organizer("quillfeather")
                    .invites("berlin")
                    .to(&format!("Wolverine {number} {series}"))
                    .at(at, at + TimeDelta::minutes(30))
                    .with("ravenscroft")
                    .located("Undercroft")
                    .saying("Periwinkle\nhttps://zoom.us/j/99912345678\n")
                    .sensitivity(sensitivity);
                if number == 0 && !series {
                    meeting = meeting.and("oslo").known_as("zanzibar-1");
                }
                if series {
                    meeting = meeting.daily().times(3);
                }
                let meeting = meeting.send(now).unwrap();
                if series {
                    let day = (at + TimeDelta::days(1)).date_naive();
                    world.rename_occurrence(meeting, day, "Wolverine, moved", now).unwrap();
                }
            }
        }
    });
}

/// Looks at the administrator's pages, which the tap hears.
async fn visit_as_administrator(stage: &Stage) {
    let nowhere = reqwest::redirect::Policy::none();
    let http = reqwest::Client::builder().no_proxy().redirect(nowhere).build().unwrap();
    let url = |page: &str| format!("http://{}{page}", stage.feed.addr());
    let form = [("secret", TOKEN), ("then", "/")];
    let answer = http.post(url("/sign-in")).form(&form).send().await.unwrap();
    let cookie = answer.headers().get("set-cookie").expect("an administrator is signed in").clone();
    for page in ADMIN_PAGES {
        let answer = http.get(url(page)).header("cookie", &cookie).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{page}");
        answer.bytes().await.unwrap();
    }
}

/// All that was said anywhere: on pages, to phones, by commands, in the log.
async fn everything(stage: &Stage, program: &Program, log: impl Fn() -> String) -> Vec<(String, String)> {
    let mut said = Vec::new();
    for page in PAGES {
        assert!(stage.get(page).await.is_some(), "{page}");
    }
    visit_as_administrator(stage).await;
    let menu = stage.get("/phone/berlin/menu.xml").await.unwrap();
    for rest in menu.split("/phone/berlin/meetings/").skip(1) {
        stage.get(&format!("/phone/berlin/meetings/{}", rest.split('<').next().unwrap())).await.unwrap();
    }
    for words in COMMANDS {
        let ended = program.run(words).await;
        said.push((words.to_owned(), ended.out + &ended.err));
    }
    said.push(("pages".to_owned(), stage.feed.answers()));
    for room in ["berlin", "oslo"] {
        said.push((format!("pushes to {room}"), format!("{:?}", stage.phones().history(room))));
        said.push((format!("the phone of {room}"), format!("{:?}", stage.phones().screen(room))));
    }
    said.push(("log".to_owned(), log()));
    said
}

/// Every spelling in which a secret could be found: as it is, in small letters, and in hex, as a GlobalObjectId holds it.
fn spellings(secret: &str) -> [String; 2] {
    let hex: Vec<String> = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    [secret.to_lowercase(), hex.concat()]
}

/// The dial string of a private meeting goes to the dialling device, and nothing else of it does.
async fn what_dials_knows_the_number(others: &Others) {
    for list in others.lists(9).await {
        let joined: Vec<_> = list.into_iter().filter(|meeting| meeting.number.is_some()).collect();
        assert_eq!(joined.len(), 8, "all but the lunch, which says no number");
        for meeting in joined {
            assert_eq!(meeting.number.as_deref(), Some("99912345678@zoomcrc.com"));
            assert_eq!((meeting.title.as_str(), meeting.organizer.as_str()), ("Private meeting", ""));
            assert!(meeting.private, "{meeting:?}");
        }
    }
}

#[tokio::test]
async fn p1_to_p6_secrets_fed_through_every_field_are_in_no_output() {
    let stage = exchange().room("berlin").meeting("Lunch").at("+9h").room("oslo").open().await;
    stage.write_secret("admin-token", TOKEN);
    stage.reconfigure(|text| text + "\n[admin]\ntoken_file = \"admin-token\"\n");
    let others = Others::of_first_room(&stage).await;
    meet_in_secret(&stage);
    let program = Program::on(CALLBOARD, &stage);
    let daemon = program.daemon("trace");
    let shows = async |room: &str, count: usize| {
        let rows = async || stage.rows(room).await.filter(|rows| rows.len() == count);
        until(&format!("{count} meetings in {room}"), rows).await
    };
    let rows = shows("berlin", 9).await;
    assert_eq!(rows.iter().filter(|row| row.title == "Private meeting").count(), 8, "{rows:?}");
    assert_eq!(
        shows("oslo", 1).await[0].title,
        "Private meeting",
        "its flag is gone, and it is private all the same"
    );

    // Errors, while there is much to be said: replies that break off, and some that make no sense.
    for fault in [Fault::TruncatedBody, Fault::ItemCorrupt, Fault::InternalServerError] {
        stage.exchange().with(|world, _| world.inject(Injection::of(fault).next(1)).unwrap());
        program.run("resync-room berlin").await;
    }
    stage.exchange().with(|world, now| {
        let lunch = stage.meeting("Lunch");
        world.set_sensitivity(lunch, Sensitivity::Private, now).unwrap();
        world.rename(lunch, "Wolverine for lunch", now).unwrap();
    });
    until("all to be masked", async || {
        let rows = stage.rows("berlin").await?;
        rows.iter().all(|row| row.title == "Private meeting").then_some(())
    })
    .await;

    let heard = stage.ews.answers().to_lowercase();
    for secret in SECRETS {
        assert!(heard.contains(&secret.to_lowercase()), "Exchange told us `{secret}`");
    }
    what_dials_knows_the_number(&others).await;
    let mut said = everything(&stage, &program, || daemon.log()).await;
    said.push(("webhook and broker".to_owned(), others.told()));
    let all: usize = said.iter().map(|(_, text)| text.len()).sum();
    assert!(all > 20_000 && said.iter().any(|(_, text)| text.contains("Private meeting")), "{all} bytes");
    for secret in SECRETS {
        for spelling in spellings(secret) {
            for (place, text) in &said {
                // What was typed is repeated, where it matched nothing.
                let text = text.to_lowercase().replace("`wolverine`", "");
                let found = text.find(&spelling).map(|at| {
                    let around = at.saturating_sub(200)..(at + 200).min(text.len());
                    text.get(around).unwrap_or(&text).to_owned()
                });
                assert_eq!(found, None, "`{secret}` in {place}");
            }
        }
    }
    daemon.terminate().await;
    stage.close().await;
}
