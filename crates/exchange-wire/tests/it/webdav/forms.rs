//! Sign-in by a form: which form, which fields, which answers.

use super::Trace;
use exchange_wire::{
    Method, Operation,
    webdav::forms::{Credentials, SignIn, Step},
};

const WHO: Credentials<'_> = Credentials { username: r"CORP\svc rooms", password: "p&ä=+" };
const BACK: &str =
    "HTTP/1.1 302 Found\nLocation: https://mail/exchange/\nSet-Cookie: sessionid=1,0x409; path=/\n\n";

/// Plays a sign-in: what was asked, and how it ended.
fn played(replies: &[&str]) -> (Vec<String>, Result<Step, String>) {
    let (mut sign_in, mut request) = SignIn::begin("https://mail/exchange/", "berlin@example.test");
    let mut asked = Vec::new();
    for reply in replies {
        assert_eq!(request.affinity.as_deref(), Some("berlin@example.test"));
        assert!(request.headers.iter().all(|(name, _)| *name != "Translate"), "a form is no document");
        asked.push(format!("{} {}", request.operation, request.path.unwrap()));
        match sign_in.on_reply(&Trace::of(reply).reply(), WHO) {
            Ok(Step::Send(further, next)) => (sign_in, request) = (further, next),
            Ok(step) => return (asked, Ok(step)),
            Err(error) => return (asked, Err(error.to_string())),
        }
    }
    (asked, Err(format!("{request:?}")))
}

#[test]
fn each_version_has_its_form() {
    let page = "GET /exchange/";
    let inbox = "HTTP/1.1 200 OK\n\n<html>Inbox</html>";
    for (first, then, expected) in [
        (
            "302 Found\nLocation: https://mail/exchweb/bin/auth/owalogon.asp?url=x&reason=0\n\n",
            None,
            "POST /exchweb/bin/auth/owaauth.dll",
        ),
        (
            "302 Found\nLocation: https://mail/owa/auth/logon.aspx?url=x&reason=0\n\n",
            None,
            "POST /owa/auth/owaauth.dll",
        ),
        ("200 OK\n\n<html><form ACTION=\"owaauth.dll\" method=post>", None, "POST /owa/auth/owaauth.dll"),
        (
            "200 OK\n\n<html><form name=x action='/own/auth.dll?a=1&amp;b=2'>",
            None,
            "POST /own/auth.dll?a=1&b=2",
        ),
        ("200 OK\n\n<html><form action=\"\" method=post>", None, "POST /owa/auth.owa"),
        ("440 Login Timeout\nServer: Microsoft-IIS/6.0\n\n", None, "POST /exchweb/bin/auth/owaauth.dll"),
        ("440 Login Timeout\nServer: Microsoft-IIS/7.0\n\n", None, "POST /owa/auth/owaauth.dll"),
        (
            "302 Found\nLocation: /CookieAuth.dll?GetLogon\n\n",
            Some("200 OK\n\n<form action=\"/CookieAuth.dll?Logon\">"),
            "POST /CookieAuth.dll?Logon",
        ),
    ] {
        let mut replies = vec![first];
        replies.extend(then);
        replies.extend([BACK, inbox]);
        let (asked, outcome) = played(&replies);
        assert_eq!(outcome, Ok(Step::Done), "{first}");
        assert_eq!((asked[0].as_str(), asked[asked.len() - 1].as_str()), (page, page));
        assert_eq!(asked[asked.len() - 2], expected);
    }
}

#[test]
fn a_form_is_filled_in_with_its_fields() {
    let (sign_in, _) = SignIn::begin("https://mail:444/exchange", "berlin@example.test");
    let to_form = Trace::of("302 Found\nLocation: /owa/auth/logon.aspx\n\n");
    let Ok(Step::Send(_, request)) = sign_in.on_reply(&to_form.reply(), WHO) else { panic!() };
    assert_eq!(request.operation, Operation::Webdav(Method::Post));
    assert_eq!(
        request.body,
        "destination=https%3A%2F%2Fmail%3A444%2Fexchange%2F&flags=4&username=CORP%5Csvc+rooms&password=p%26%C3%A4%3D%2B\
         &SubmitCreds=Log+On&forcedownlevel=0&trusted=4"
    );
    assert!(!format!("{request:?}").contains("p%26"), "{request:?}");
}

#[test]
fn a_wrong_password_is_found_out_however_it_is_told() {
    let to_form = "302 Found\nLocation: /owa/auth/logon.aspx?url=x&reason=0\n\n";
    for replies in [
        vec![
            to_form,
            "302 Found\nLocation: /owa/auth/logon.aspx?url=x&reason=2\nSet-Cookie: sessionid=1\n\n",
        ],
        vec![to_form, "302 Found\nLocation: https://mail/exchange/\n\n"],
        vec![to_form, "200 OK\nSet-Cookie: sessionid=1\n\n<form action=''>"],
        vec![to_form, "302 Found\nLocation: https://mail/exchange/\nSet-Cookie: sessionid=; expires=x\n\n"],
        // taken as if it were right, and not remembered
        vec![to_form, BACK, to_form],
        vec![to_form, BACK, "440 Login Timeout\n\n"],
        vec![to_form, BACK, "200 OK\n\n<form action='/owa/auth/owaauth.dll'>"],
    ] {
        assert_eq!(played(&replies).1, Ok(Step::Refused), "{replies:?}");
    }
}

#[test]
fn name_and_password_go_to_this_server_alone() {
    // a path that begins with two slashes would be another host's to whoever resolves it
    let (sign_in, _) = SignIn::begin("https://mail/exchange/", "berlin@example.test");
    let led_on = Trace::of("302 Found\nLocation: https://mail//evil.test/form\n\n");
    let Ok(Step::Send(_, request)) = sign_in.on_reply(&led_on.reply(), WHO) else { panic!() };
    assert_eq!(request.path.as_deref(), Some("/evil.test/form"));
    for (reply, expected) in [
        (
            "302 Found\nLocation: https://evil.test/form?x\n\n",
            "GET: expected an answer, found a redirection (status 302) to `https://evil.test/form`",
        ),
        (
            "302 Found\nLocation: //evil.test/form\n\n",
            "GET: expected an answer, found a redirection (status 302) to `//evil.test/form`",
        ),
        (
            "302 Found\nLocation: https://mail.evil.test/form\n\n",
            "GET: expected an answer, found a redirection (status 302) to `https://mail.evil.test/form`",
        ),
        (
            "200 OK\n\n<form action='https://evil.test/'>",
            "GET: expected an answer, found a redirection (status 200) to `https://evil.test/`",
        ),
        (
            "302 Found\nLocation: /logon.asp\n\n",
            "GET: expected Exchange over WebDAV at this path, found status 302",
        ),
        (
            "401 Unauthorized\nWWW-Authenticate: Basic realm=x\n\n",
            "GET: expected to be signed in, found status 401, offering `Basic`",
        ),
    ] {
        let (asked, outcome) = played(&[reply]);
        assert_eq!((asked.len(), outcome), (1, Err(expected.to_owned())));
    }
}
