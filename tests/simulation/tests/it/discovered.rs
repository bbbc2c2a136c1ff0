//! Servers whose addresses Autodiscover tells.

use crate::at;
use exchange_sim::{Account, Redirect, ServerProfile};
use simulation::{Run, Site};
use std::{collections::BTreeSet, time::Duration};

/// Three rooms with a meeting each, on a server that is looked for.
fn site(domains: &[&str]) -> Site {
    let mut site = Site::new(7).rooms(&["berlin", "oslo", "rome"]).discovered(domains);
    let world = site.world();
    world
        .organizer("kim")
        .invites("berlin")
        .and("oslo")
        .and("rome")
        .to("Review")
        .at(at(2), at(3))
        .send(at(0))
        .unwrap();
    site
}

fn in_step(run: &mut Run) {
    for room in ["berlin", "oslo", "rome"] {
        let truth = run.truth(room);
        assert!(!truth.is_empty(), "{room} has meetings");
        assert_eq!(run.shown(room), truth, "{room}: {:?}", run.trouble(room));
    }
}

#[test]
fn rooms_are_found_in_either_form_and_only_those_beside_each_other_share_a_stream() {
    for profile in [ServerProfile::Exchange2019, ServerProfile::Exchange2007Sp1] {
        let mut site = site(&[]);
        site.world().set_profile(profile);
        site.world().set_group("rome", "DAG-2").unwrap();
        let mut run = site.begin();
        run.until_quiet();
        in_step(&mut run);
        assert!(
            run.trace.count("https://autodiscover.rooms.example/autodiscover") >= 3,
            "each room is looked for"
        );
        let streams = if profile == ServerProfile::Exchange2019 { 2 } else { 0 };
        assert_eq!(
            run.trace.count("stream 0 says").min(1) + run.trace.count("stream 1 says").min(1),
            streams
        );
        assert_eq!(run.trace.count("stream 2 says"), 0);
    }
}

#[test]
fn a_server_that_has_moved_is_found_again_and_all_its_rooms_follow() {
    let mut run = site(&[]).begin();
    run.until_quiet();
    run.answers_at = BTreeSet::from(["rooms.example".to_owned()]);
    run.cut_off(true);
    run.cut_off(false);
    let told = run.trace.count(" says ");
    let now = run.now();
    run.world.organizer("kim").invites("oslo").to("Elsewhere").at(at(5), at(6)).send(now).unwrap();
    run.pass(Duration::from_mins(3));
    in_step(&mut run);
    assert_eq!(run.shown("oslo").len(), 2);
    assert!(run.trace.count(" says ") > told, "a stream stands again");
}

#[test]
fn redirections_are_followed_to_the_domains_that_are_configured_and_to_no_others() {
    let to = "https://autodiscover.partner.example/autodiscover/autodiscover.svc";
    for (domains, allowed) in [(["partner.example"], true), (["example"], false)] {
        let mut run = site(&domains).begin();
        run.leads_from.insert("rooms.example".to_owned(), to.to_owned());
        run.answers_at = BTreeSet::from(["autodiscover.partner.example".to_owned()]);
        run.until_quiet();
        assert_eq!(run.trace.count("partner.example/autodiscover") > 0, allowed, "{domains:?}");
        if allowed {
            in_step(&mut run);
        } else {
            assert_eq!(
                run.trouble("oslo").unwrap(),
                "room `oslo`: Autodiscover: expected to be told where the mailbox's web services are, found nobody who says so: https://rooms.example/autodiscover/autodiscover.svc: it names `https://autodiscover.partner.example/autodiscover/autodiscover.svc`, which is neither of the mailbox's domain nor configured, or not over TLS: not asked, then https://rooms.example/autodiscover/autodiscover.xml: it names `https://autodiscover.partner.example/autodiscover/autodiscover.svc`, which is neither of the mailbox's domain nor configured, or not over TLS: not asked, then https://autodiscover.rooms.example/autodiscover/autodiscover.svc: no answer: server `hq`: no connection; publish Autodiscover at `autodiscover.` and the mailbox's domain, name the domains it leads to in `autodiscover_domains`, or configure the address of Exchange Web Services as `url`"
            );
        }
    }
}

#[test]
fn what_is_not_over_tls_or_at_a_top_level_domain_is_never_asked() {
    for to in [
        "http://autodiscover.rooms.example/autodiscover/autodiscover.xml",
        "https://autodiscover.example/autodiscover/autodiscover.xml",
    ] {
        let mut site = site(&["example"]);
        site.world().redirect("oslo@rooms.example", Redirect::Url(to.to_owned()));
        let mut run = site.begin();
        run.until_quiet();
        let sentence = run.trouble("oslo").unwrap();
        assert!(sentence.contains(&format!("it names `{to}`, which is neither")), "{sentence}");
        assert_eq!(run.trace.count(to), 0, "it is named in no request");
        assert_eq!(run.trouble("berlin"), None, "that is oslo's matter");
        assert_eq!(run.shown("berlin").len(), 1);
    }
}

#[test]
fn a_mailbox_under_another_domain_is_a_matter_of_the_configuration_too() {
    let mut site = site(&[]);
    let to = Redirect::Address("oslo@example.mail.onmicrosoft.com".to_owned());
    site.world().redirect("oslo@rooms.example", to);
    let mut run = site.begin();
    run.until_quiet();
    assert!(
        run.trouble("oslo")
            .unwrap()
            .contains("it names `oslo@example.mail.onmicrosoft.com`, which is neither")
    );
    assert_eq!(run.shown("rome").len(), 1);
}

#[test]
fn a_refused_account_is_left_alone_by_autodiscover_too() {
    let mut site = site(&[]);
    site.world().add_account(Account::new("svc-callboard", "another"));
    let mut run = site.begin();
    run.pass(Duration::from_mins(14));
    assert_eq!(run.trace.count("-> 401"), 2);
    let sentence = run.trouble("rome").unwrap();
    assert!(
        sentence.contains("it does not let the account sign in; check the account's name and password"),
        "{sentence}"
    );
}
