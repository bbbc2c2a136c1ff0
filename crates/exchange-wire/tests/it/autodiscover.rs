//! Autodiscover: other people's answers, and searches through networks that are tables.

use crate::{files, shared};
use exchange_wire::{
    Reply,
    autodiscover::{Ask, Discovery, Found, Policy, Said, Step, Trail, pox, soap},
};
use std::collections::BTreeMap;

/// What answers at an address.
#[derive(Clone, Copy)]
enum Answer {
    /// Status 200 with this body.
    Body(&'static str),
    /// A status without a body.
    Status(u16),
    /// Status 302 with this `Location`.
    Location(&'static str),
}

use Answer::{Body, Location, Status};

/// A search through a network in which only these addresses answer.
fn search(
    address: &str,
    domains: &[&str],
    network: &[(&str, Answer)],
) -> (Vec<String>, Option<Found>, Trail) {
    let network: BTreeMap<_, _> = network.iter().copied().collect();
    let domains = domains.iter().map(|domain| (*domain).to_owned()).collect();
    let mut asked = Vec::new();
    let mut step = Discovery::begin(address, Policy { domains });
    loop {
        let (search, url) = match step {
            Step::Ask(search, Ask { url, .. }) => (search, url),
            Step::Found(found, trail) => return (asked, Some(found), trail),
            Step::Failed(trail) => return (asked, None, trail),
        };
        assert!(asked.len() < 100, "the search does not end");
        let answer = network.get(url.as_str()).copied();
        asked.push(url);
        step = match answer {
            None => search.on_silence("nobody listens"),
            Some(Body(body)) => search.on_reply(&Reply { status: 200, headers: &[], body: body.as_bytes() }),
            Some(Status(status)) => search.on_reply(&Reply { status, headers: &[], body: b"" }),
            Some(Location(to)) => {
                let headers = [("Location".to_owned(), to.to_owned())];
                search.on_reply(&Reply { status: 302, headers: &headers, body: b"" })
            }
        };
    }
}

const SETTINGS: &str = "<Envelope><Header><ServerVersionInfo><MajorVersion>15</MajorVersion><MinorVersion>2</MinorVersion>\
    <MajorBuildNumber>1544</MajorBuildNumber></ServerVersionInfo></Header><Body><GetUserSettingsResponseMessage><Response>\
    <ErrorCode>NoError</ErrorCode><UserResponses><UserResponse><ErrorCode>NoError</ErrorCode><UserSettings>\
    <UserSetting><Name>InternalEwsUrl</Name><Value>https://inside.example.com/EWS/Exchange.asmx</Value></UserSetting>\
    <UserSetting><Name>ExternalEwsUrl</Name><Value>https://mail.example.com/EWS/Exchange.asmx</Value></UserSetting>\
    <UserSetting><Name>GroupingInformation</Name><Value>DAG-1</Value></UserSetting></UserSettings></UserResponse>\
    </UserResponses></Response></GetUserSettingsResponseMessage></Body></Envelope>";
const ELSEWHERE: &str = "<Envelope><Body><GetUserSettingsResponseMessage><Response><UserResponses><UserResponse>\
    <ErrorCode>NoError</ErrorCode><UserSettings><UserSetting><Name>ExternalEwsUrl</Name>\
    <Value>https://mail.evil.example/EWS/Exchange.asmx</Value></UserSetting></UserSettings></UserResponse></UserResponses>\
    </Response></GetUserSettingsResponseMessage></Body></Envelope>";
const POX_SETTINGS: &str = "<Autodiscover><Response><Account><Action>settings</Action><Protocol><Type>EXCH</Type>\
    <EwsUrl>http://inside.example.com/EWS/Exchange.asmx</EwsUrl><ServerVersion>72008287</ServerVersion></Protocol>\
    <Protocol><Type>EXPR</Type><ASUrl>https://mail.example.com/EWS/Exchange.asmx</ASUrl></Protocol></Account></Response>\
    </Autodiscover>";
const TO_CLOUD: &str = "<Autodiscover><Response><Account><Action>redirectAddr</Action>\
    <RedirectAddr>berlin@example.mail.onmicrosoft.com</RedirectAddr></Account></Response></Autodiscover>";
const TO_ITSELF: &str = "<Autodiscover><Response><Account><Action>redirectAddr</Action>\
    <RedirectAddr>Berlin@Example.com</RedirectAddr></Account></Response></Autodiscover>";

const SVC: &str = "https://example.com/autodiscover/autodiscover.svc";
const XML: &str = "https://example.com/autodiscover/autodiscover.xml";
const AUTO_SVC: &str = "https://autodiscover.example.com/autodiscover/autodiscover.svc";
const AUTO_XML: &str = "https://autodiscover.example.com/autodiscover/autodiscover.xml";

#[test]
fn everybody_is_asked_in_order_and_nobody_else() {
    let (asked, found, trail) = search("berlin@example.com", &[], &[]);
    assert_eq!(asked, [SVC, AUTO_SVC], "who does not answer is not asked in the other form");
    assert_eq!(found, None);
    let lines: Vec<_> = trail.to_string().lines().map(str::to_owned).collect();
    assert_eq!(lines[0], format!("{SVC}: no answer: nobody listens"));
    assert_eq!(lines.len(), 2, "{trail}");

    let nothing = [(SVC, Status(404)), (XML, Status(404)), (AUTO_SVC, Status(500)), (AUTO_XML, Body("<a/>"))];
    let (asked, found, trail) = search("berlin@example.com", &[], &nothing);
    assert_eq!(asked, [SVC, XML, AUTO_SVC, AUTO_XML]);
    assert_eq!(found, None);
    assert!(
        trail.to_string().contains("something else answers: expected `Autodiscover`, found `a`"),
        "{trail}"
    );
}

#[test]
fn what_is_found_is_told_with_its_group_and_version() {
    for (network, version, group) in [
        ([(SVC, Status(404)), (AUTO_SVC, Body(SETTINGS))], "15.2.1544", Some("DAG-1")),
        ([(SVC, Status(404)), (XML, Body(POX_SETTINGS))], "8.0.647", None),
    ] {
        let (_, found, trail) = search("berlin@example.com", &[], &network);
        let found = found.unwrap();
        assert_eq!(found.ews_url, "https://mail.example.com/EWS/Exchange.asmx");
        assert_eq!(found.address, "berlin@example.com");
        assert_eq!(found.group.as_deref(), group);
        assert_eq!(found.server_version.unwrap().to_string(), version);
        assert!(trail.to_string().ends_with("it says where the services are"), "{trail}");
    }
}

#[test]
fn credentials_are_shown_to_nobody_else() {
    let cloud = "https://example.mail.onmicrosoft.com/autodiscover/autodiscover.svc";
    for (address, domains, network, whom) in [
        // A host that answers names another's service.
        ("berlin@example.com", vec![], vec![(SVC, Body(ELSEWHERE))], "mail.evil.example"),
        // Redirections away from the domain, without TLS, to a top-level domain's host.
        (
            "berlin@example.com",
            vec![],
            vec![(SVC, Location("https://evil.example/autodiscover.svc"))],
            "evil.example",
        ),
        (
            "berlin@example.com",
            vec![],
            vec![(SVC, Location("http://example.com/autodiscover.svc"))],
            "http://example.com",
        ),
        (
            "berlin@example.com",
            vec!["com"],
            vec![(SVC, Location("https://autodiscover.com/a.svc"))],
            "autodiscover.com",
        ),
        ("berlin@example.com", vec!["example"], vec![(SVC, Location(""))], "``"),
        // The mailbox under another domain that is not configured.
        (
            "berlin@example.com",
            vec![],
            vec![(SVC, Status(404)), (XML, Body(TO_CLOUD))],
            "example.mail.onmicrosoft.com",
        ),
        // Addresses without a domain of their own.
        ("berlin@com", vec![], vec![], "berlin@com"),
        ("berlin@co.uk", vec![], vec![], "berlin@co.uk"),
        ("berlin@127.0.0.1", vec![], vec![], "berlin@127.0.0.1"),
    ] {
        let (asked, found, trail) = search(address, &domains, &network);
        assert_eq!(found, None, "{whom}");
        assert!(
            asked.iter().all(|asked| [SVC, XML, AUTO_SVC, AUTO_XML].contains(&asked.as_str())),
            "{asked:?}"
        );
        let line = trail.to_string().lines().find(|line| line.contains("not asked")).unwrap().to_owned();
        assert!(line.contains(whom), "{line} does not name {whom}");
    }
    // The same, where the administrator has configured it.
    let network = [(SVC, Status(404)), (XML, Body(TO_CLOUD)), (cloud, Body(SETTINGS))];
    let (asked, found, _) = search("berlin@example.com", &["onmicrosoft.com"], &network);
    assert_eq!(asked, [SVC, XML, cloud]);
    assert_eq!(found.unwrap().address, "berlin@example.mail.onmicrosoft.com");
}

#[test]
fn a_second_refusal_ends_the_search() {
    let first = [(SVC, Status(401)), (AUTO_SVC, Body(SETTINGS))];
    let (asked, found, _) = search("berlin@example.com", &[], &first);
    assert_eq!((asked, found.is_some()), (vec![SVC.to_owned(), AUTO_SVC.to_owned()], true));
    let both = [(SVC, Status(401)), (AUTO_SVC, Status(401))];
    let (asked, found, trail) = search("berlin@example.com", &[], &both);
    assert_eq!((asked.len(), found), (2, None), "a third attempt could lock the account out");
    assert!(trail.to_string().contains("does not let the account sign in"), "{trail}");
}

#[test]
fn redirections_end() {
    let circle = [
        (SVC, Location(AUTO_SVC)),
        (AUTO_SVC, Location(SVC)),
        (XML, Body(TO_ITSELF)),
        (AUTO_XML, Location("HTTPS://Example.com/Autodiscover/Autodiscover.svc")),
    ];
    let (asked, found, trail) = search("berlin@example.com", &[], &circle);
    assert_eq!(found, None);
    assert_eq!(asked, [SVC, AUTO_SVC, XML, AUTO_XML], "nobody is asked twice");
    assert_eq!(trail.to_string().matches("where we have been").count(), 3, "{trail}");

    let steps: Vec<(String, &'static str)> = (0..20)
        .map(|step| {
            let to: &'static str = format!("https://example.com/{}.svc", step + 1).leak();
            (if step == 0 { SVC.to_owned() } else { format!("https://example.com/{step}.svc") }, to)
        })
        .collect();
    let network: Vec<_> = steps.iter().map(|(from, to)| (from.as_str(), Location(to))).collect();
    let (asked, found, trail) = search("berlin@example.com", &[], &network);
    assert_eq!((asked.len(), found), (11, None), "ten redirections are followed");
    assert!(trail.to_string().ends_with("it leads on once too often"), "{trail}");
}

#[test]
fn a_redirection_names_the_form_by_its_page() {
    let page = "https://mail.example.com/autodiscover/autodiscover.xml?x=1";
    let (asked, found, _) =
        search("berlin@example.com", &[], &[(SVC, Location(page)), (page, Body(POX_SETTINGS))]);
    assert_eq!((asked, found.is_some()), (vec![SVC.to_owned(), page.to_owned()], true));
}

#[test]
fn requests_hold_the_address_whatever_its_characters() {
    let Step::Ask(_, Ask { url, request }) = Discovery::begin("o'neil&<sons>@example.com", Policy::default())
    else {
        panic!("nobody is asked")
    };
    assert_eq!(url, SVC);
    let written = "o&apos;neil&amp;&lt;sons&gt;@example.com";
    assert!(request.body.contains(&format!("<a:Mailbox>{written}</a:Mailbox>")), "{}", request.body);
    assert!(pox::request("o'neil&<sons>@example.com").contains(&format!("<EMailAddress>{written}<")));
}

#[test]
fn other_peoples_answers_mean_what_they_say() {
    let Some(samples) = shared("samples/ews/autodiscover") else { return };
    let found: Vec<_> = files(&samples, ".xml")
        .into_iter()
        .filter(|(name, _)| !name.contains("request"))
        .map(|(name, body)| {
            let said = if name.starts_with("pox") {
                pox::parse(body.as_bytes())
            } else {
                soap::parse(body.as_bytes())
            };
            (name, said.map_or_else(|problem| problem.to_string(), |said| summary(&said)))
        })
        .collect();
    assert!(found.len() > 10, "the samples are gone");
    crate::samples::check(&found, include_str!("samples/autodiscover.tsv"));
}

fn summary(said: &Said) -> String {
    match said {
        Said::Settings(settings) => format!(
            "{} {} {}",
            settings.ews_urls.join(" "),
            settings.group.as_deref().unwrap_or("-"),
            settings.server_version.map_or_else(|| "-".to_owned(), |version| version.to_string())
        ),
        Said::RedirectAddress(to) | Said::RedirectUrl(to) => format!("to {to}"),
        Said::Error { code } => code.clone(),
    }
}
