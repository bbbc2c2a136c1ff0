//! Whatever may answer where Autodiscover is looked for.

use crate::said::{fits_a_log, with_reply};
use exchange_wire::autodiscover::{Discovery, Found, Policy, Step, own_domain, pox, soap};

/// Both forms, and a search that hears the same again and again: it ends soon, and leads to nobody who is not allowed.
pub(crate) fn reply(bytes: &[u8]) {
    with_reply(bytes, 200, |reply| {
        for said in [pox::parse(reply.body), soap::parse(reply.body)] {
            said.err().iter().for_each(|problem| fits_a_log(&problem.to_string()));
        }
        let policy = Policy { domains: vec!["example.net".to_owned()] };
        let mut step = Discovery::begin("room@example.com", policy);
        for _ in 0..64 {
            match step {
                Step::Ask(search, ask) => {
                    assert!(is_ours(&ask.url), "`{}` is asked", ask.url);
                    step = search.on_reply(reply);
                }
                Step::Found(Found { ews_url, .. }, _) => {
                    assert!(is_ours(&ews_url), "`{ews_url}` is found");
                    return;
                }
                Step::Failed(trail) => {
                    let _ = format!("{trail:?}");
                    return;
                }
            }
        }
        panic!("the search goes on and on");
    });
    let _ = own_domain(&String::from_utf8_lossy(bytes));
}

/// Whether it is over TLS, and a host of the mailbox's own domain or of the one that is configured, by no code of ours.
fn is_ours(url: &str) -> bool {
    let authority = url.get(..8).filter(|scheme| scheme.eq_ignore_ascii_case("https://")).and(url.get(8..));
    let authority = authority.and_then(|rest| rest.split(['/', '?', '#', '\\']).next()).unwrap_or_default();
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host).to_ascii_lowercase();
    ["example.com", "example.net"].iter().any(|own| {
        host == *own
            || host.strip_suffix(own).is_some_and(|below| below.ends_with('.') && !below.contains('@'))
    })
}
