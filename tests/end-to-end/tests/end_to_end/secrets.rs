//! Rules P1 to P6, on everything that leaves the program: what is private is fed through every field that can hold it, and looked
//! for in every page, push, log, report and error, and so is what the program signs in with and is signed in to with.

use crate::{
    CALLBOARD,
    devices::{ADMIN, ENDPOINT_TOKEN, Others, SECRET},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use callboard::system_clock::SystemClock;
use chrono::{SecondsFormat, TimeDelta};
use end_to_end::{
    Program, Stage, exchange,
    stage::{ACCOUNT, PASSWORD, PHONE_PASSWORD},
    until,
};
use exchange_sim::{CalendarProcessing, Fault, Injection, Sensitivity};
use meeting_model::clock::Clock;
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use std::{env, fs};

/// What private meetings hold: a word of chance for each field that can hold one.
struct Secrets {
    subject: String,
    organizer: String,
    attendee: String,
    place: String,
    body: String,
    /// To dial.
    number: String,
    uid: String,
}

impl Secrets {
    /// The same for the same seed.
    fn drawn(seed: u64) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let chance = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let mut runner = TestRunner::new_with_rng(Config::default(), chance);
        let mut word = |pattern: &'static str| pattern.new_tree(&mut runner).unwrap().current();
        Self {
            subject: word("[A-Z][a-z]{9,13}"),
            organizer: word("[a-z]{10,14}"),
            attendee: word("[a-z]{10,14}"),
            place: word("[A-Z][a-z]{9,13}"),
            body: word("[A-Z][a-z]{9,13}"),
            number: word("[1-9][0-9]{10}"),
            uid: word("[a-z]{10,14}"),
        }
    }

    fn all(&self) -> [&str; 7] {
        let Self { subject, organizer, attendee, place, body, number, uid } = self;
        [subject, organizer, attendee, place, body, number, uid]
    }
}

/// What administrators sign in with.
const TOKEN: &str = "a-token-for-administrators";

/// Pages that only administrators see.
const ADMIN_PAGES: [&str; 5] =
    ["/", "/admin/rooms/berlin", "/admin/rooms/oslo", "/admin/servers", "/admin/clock"];

/// Pages that show meetings, and some that tell how the program is.
const PAGES: [&str; 15] = [
    "/api/rooms",
    "/api/rooms/berlin/meetings",
    "/api/rooms/oslo/meetings",
    "/api/rooms/berlin/calendar.ics",
    "/api/rooms/oslo/calendar.ics",
    "/api/openapi.json",
    "/rooms/berlin",
    "/rooms/berlin/panel.json",
    "/rooms/oslo/panel.json",
    "/phone/berlin/menu.xml",
    "/phone/oslo/menu.xml",
    "/phone/berlin/meetings/00000000000000000000000000000000.xml",
    "/livez",
    "/readyz",
    "/metrics",
];

/// Changes as they are committed, for whoever listens.
const STREAMS: [&str; 2] = ["/api/events", "/api/rooms/berlin/events"];

/// What administrators can have done on their pages.
const DEEDS: [[(&str, &str); 2]; 4] = [
    [("ask", "dry-run"), ("room", "berlin")],
    [("ask", "resync"), ("room", "oslo")],
    [("ask", "diff"), ("room", "berlin")],
    [("ask", "test"), ("server", "hq")],
];

/// What operators can ask; `MOMENT` is one of today, when everything was shown, and `SUBJECT` what private meetings are about.
const COMMANDS: [&str; 22] = [
    "check",
    "check --json",
    "clock",
    "clock --json",
    "rooms discover",
    "rooms discover --matching berlin",
    "status",
    "status --json",
    "reload",
    "reload --dry-run --json",
    "diff --all",
    "diff berlin",
    "explain berlin",
    "explain oslo --json",
    "explain berlin --meeting SUBJECT",
    "explain berlin --at MOMENT",
    "explain oslo --at MOMENT --json",
    "explain berlin --at MOMENT --meeting SUBJECT",
    "resync-room berlin --dry-run",
    "resync-room berlin",
    "resync-room --all",
    "explain nowhere",
];

/// Listens to the feed's events, which the tap hears, for as long as the answers are kept.
async fn listen(stage: &Stage) -> Vec<reqwest::Response> {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut answers = Vec::new();
    for stream in STREAMS {
        let answer = http.get(format!("http://{}{stream}", stage.feed.addr())).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{stream}");
        answers.push(answer);
    }
    answers
}

/// Private meetings of every kind, with a secret in every field.
fn meet_in_secret(stage: &Stage, secrets: &Secrets) {
    let Secrets { subject, organizer, attendee, place, body, number: to_dial, uid } = secrets;
    stage.exchange().with(|world, now| {
        // This room's attendant rewrites subjects and takes the private flag away, as a new room mailbox does.
        let at_once = CalendarProcessing::default().after(TimeDelta::zero());
        world.set_processing("oslo", at_once).unwrap();
        for (number, sensitivity) in [Sensitivity::Private, Sensitivity::Confidential].into_iter().enumerate()
        {
            for series in [false, true] {
                let at = stage.at(["+2h", "+5h"][number]) + TimeDelta::minutes(i64::from(series) * 40);
                let mut meeting = world
                    .organizer(organizer)
                    .invites("berlin")
                    .to(&format!("{subject} {number} {series}"))
                    .at(at, at + TimeDelta::minutes(30))
                    .with(attendee)
                    .located(place)
                    .saying(&format!("{body}\nhttps://zoom.us/j/{to_dial}\n"))
                    .sensitivity(sensitivity);
                if number == 0 && !series {
                    meeting = meeting.and("oslo").known_as(&format!("{uid}-1"));
                }
                if series {
                    meeting = meeting.daily().times(3);
                }
                let meeting = meeting.send(now).unwrap();
                if series {
                    let day = (at + TimeDelta::days(1)).date_naive();
                    world.rename_occurrence(meeting, day, &format!("{subject}, moved"), now).unwrap();
                }
            }
        }
    });
}

/// Looks at the administrator's pages and has things done there, which the tap hears.
async fn visit_as_administrator(stage: &Stage) {
    let nowhere = reqwest::redirect::Policy::none();
    let http = reqwest::Client::builder().no_proxy().redirect(nowhere).build().unwrap();
    let url = |page: &str| format!("http://{}{page}", stage.feed.addr());
    let form = [("secret", TOKEN), ("then", "/")];
    let answer = http.post(url("/sign-in")).form(&form).send().await.unwrap();
    let cookie = answer.headers().get("set-cookie").expect("an administrator is signed in").clone();
    let page = async |page: &str| {
        let answer = http.get(url(page)).header("cookie", &cookie).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{page}");
        answer.text().await.unwrap()
    };
    let mut token = String::new();
    for name in ADMIN_PAGES {
        let text = page(name).await;
        let field = text.split("name=\"form_token\" value=\"").nth(1);
        token = field.and_then(|rest| rest.split('"').next()).map_or(token, str::to_owned);
    }
    for deed in DEEDS {
        let form: Vec<_> = deed.into_iter().chain([("form_token", token.as_str())]).collect();
        let asked = http.post(url("/admin/ask")).header("cookie", &cookie).form(&form).send().await.unwrap();
        let answers = asked.headers().get("location").unwrap_or_else(|| panic!("{deed:?}")).to_str().unwrap();
        let done = async || (!page(answers).await.contains("This runs.")).then_some(());
        until(&format!("an answer to {deed:?}"), done).await;
    }
}

/// All that was said anywhere: on pages, to phones, by commands, in the log.
async fn everything(
    stage: &Stage,
    program: &Program,
    secrets: &Secrets,
    log: impl Fn() -> String,
) -> Vec<(String, String)> {
    let mut said = Vec::new();
    let moment = SystemClock::start().now().wall.to_rfc3339_opts(SecondsFormat::Millis, true);
    for page in PAGES {
        assert!(stage.get(page).await.is_some(), "{page}");
    }
    visit_as_administrator(stage).await;
    let menu = stage.get("/phone/berlin/menu.xml").await.unwrap();
    for rest in menu.split("/phone/berlin/meetings/").skip(1) {
        stage.get(&format!("/phone/berlin/meetings/{}", rest.split('<').next().unwrap())).await.unwrap();
    }
    for words in COMMANDS {
        let words = words.replace("MOMENT", &moment).replace("SUBJECT", &secrets.subject);
        let ended = program.run(&words).await;
        assert_eq!(ended.code == Some(2), words == "explain nowhere", "{words}: {ended:?}");
        said.push((words, ended.out + &ended.err));
    }
    let (copy, flight) = (stage.state_dir().path().join("copy"), stage.state_dir().flight());
    for (words, path) in [("backup", copy), ("replay", flight)] {
        let ended = program.run(&format!("{words} {}", path.display())).await;
        assert_eq!(ended.code, Some(0), "{words}: {ended:?}");
        said.push((words.to_owned(), ended.out + &ended.err));
    }
    said.push(("pages".to_owned(), stage.feed.answers()));
    for room in ["berlin", "oslo"] {
        said.push((format!("pushes to {room}"), format!("{:?}", stage.phones().history(room))));
        said.push((format!("the phone of {room}"), format!("{:?}", stage.phones().screen(room))));
    }
    said.push(("log".to_owned(), log()));
    let record = fs::read_to_string(stage.state_dir().flight()).unwrap();
    assert!(record.contains("<t:Subject>~"), "items were recorded");
    said.push(("flight record".to_owned(), record));
    said
}

/// Every spelling in which a secret could be found, in small letters: as it is, and in hex, as a GlobalObjectId holds it.
fn spellings(secret: &str) -> [String; 2] {
    let hex: Vec<String> = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    [secret.to_lowercase(), hex.concat()]
}

/// Every password and token of the site, and what stands for it in the header of who signs in (Basic, RFC 7617).
fn credentials() -> Vec<String> {
    let accounts = [(ACCOUNT, PASSWORD), (ACCOUNT, PHONE_PASSWORD), (ADMIN, SECRET)];
    let in_headers = accounts.map(|(name, password)| STANDARD.encode(format!("{name}:{password}")));
    let plain = [PASSWORD, PHONE_PASSWORD, SECRET, ENDPOINT_TOKEN, TOKEN].map(str::to_owned);
    in_headers.into_iter().chain(plain).collect()
}

/// Looks for every secret and all credentials in everything that was said.
fn no_secret_is_in(said: &[(String, String)], secrets: &Secrets) {
    let typed = format!("`{}`", secrets.subject.to_lowercase());
    let credentials = credentials();
    for secret in secrets.all().into_iter().chain(credentials.iter().map(String::as_str)) {
        for spelling in spellings(secret) {
            for (place, text) in said {
                // What was typed is repeated, where it matched nothing.
                let text = text.to_lowercase().replace(&typed, "");
                let found = text.find(&spelling).map(|at| {
                    let around = at.saturating_sub(200)..(at + 200).min(text.len());
                    text.get(around).unwrap_or(&text).to_owned()
                });
                assert_eq!(found, None, "`{secret}` in {place}");
            }
        }
    }
}

/// The dial string of a private meeting goes to the dialling device, and nothing else of it does.
async fn what_dials_knows_the_number(others: &Others, number: &str) {
    let dialled = format!("{number}@zoomcrc.com");
    for list in others.lists(9).await {
        let joined: Vec<_> = list.into_iter().filter(|meeting| meeting.number.is_some()).collect();
        assert_eq!(joined.len(), 8, "all but the lunch, which says no number");
        for meeting in joined {
            assert_eq!(meeting.number.as_deref(), Some(dialled.as_str()));
            assert_eq!((meeting.title.as_str(), meeting.organizer.as_str()), ("Private meeting", ""));
            assert!(meeting.private, "{meeting:?}");
        }
    }
}

#[tokio::test]
async fn p1_to_p6_secrets_fed_through_every_field_are_in_no_output() {
    let stage = exchange().room("berlin").meeting("Lunch").at("+9h").room("oslo").open().await;
    stage.write_secret("admin-token", TOKEN);
    let recorded =
        |text| format!("flight_record = \"64 MiB\"\n{text}\n[admin]\ntoken_file = \"admin-token\"\n");
    stage.reconfigure(recorded);
    let others = Others::of_first_room(&stage).await;
    let given = env::var("CALLBOARD_SEED").ok().map(|seed| seed.parse().expect("a seed is a number"));
    let now = SystemClock::start().now().wall.timestamp_micros();
    let seed = given.unwrap_or(now.cast_unsigned());
    println!("again with CALLBOARD_SEED={seed}");
    let secrets = Secrets::drawn(seed);
    meet_in_secret(&stage, &secrets);
    let program = Program::on(CALLBOARD, &stage);
    // what a room's own copy does not tell any more is known once the other room was read
    assert_eq!(program.run("resync-room berlin").await.code, Some(0));
    let daemon = program.daemon("trace");
    until("the feed", async || stage.get("/livez").await).await;
    let _listening = listen(&stage).await;
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
        world.rename(lunch, &format!("{} for lunch", secrets.subject), now).unwrap();
    });
    until("all to be masked", async || {
        let rows = stage.rows("berlin").await?;
        rows.iter().all(|row| row.title == "Private meeting").then_some(())
    })
    .await;

    let heard = stage.ews.answers().to_lowercase();
    for secret in secrets.all() {
        assert!(heard.contains(&secret.to_lowercase()), "Exchange told us `{secret}`");
    }
    what_dials_knows_the_number(&others, &secrets.number).await;
    let mut said = everything(&stage, &program, &secrets, || daemon.log()).await;
    said.push(("webhook and broker".to_owned(), others.told()));
    let events = stage.feed.answers().matches("event:").count();
    assert!(events > 2, "the events were told: {events}");
    // What is looked for can be found: whoever may read the mirror is told it, when they ask for it.
    let asked = format!("explain berlin --reveal --meeting {}", secrets.subject.to_lowercase());
    let revealed = program.run(&asked).await;
    assert!(revealed.out.contains(&format!("{} 0 false", secrets.subject)), "{revealed:?}");
    let all: usize = said.iter().map(|(_, text)| text.len()).sum();
    let masked = said.iter().filter(|(_, text)| text.contains("Private meeting")).count();
    assert!(all > 20_000 && masked > 5, "{all} bytes, {masked} of them with masked meetings");
    no_secret_is_in(&said, &secrets);
    daemon.terminate().await;
    stage.close().await;
}
