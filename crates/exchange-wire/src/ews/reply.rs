//! From a reply to the response messages in it, or to what is wrong with it.

use super::response_code::Failure;
use crate::{
    error::{Error, Problem, Unusable},
    http::{Operation, PLAIN_HTTP, Reply, without_query},
    xml::{self, Element},
};

/// The response messages of an operation, in order. The names of the messages are not trusted: servers invent them.
///
/// # Errors
///
/// When the status is not one of an answer, or the body is not this operation's answer.
pub(super) fn messages(operation: Operation, reply: &Reply<'_>) -> Result<Vec<Element>, Error> {
    within(operation, answer(operation, reply)?)
}

/// The element that answers an operation. Of some operations it is itself the response message.
///
/// # Errors
///
/// As [`messages`].
pub(super) fn answer(operation: Operation, reply: &Reply<'_>) -> Result<Element, Error> {
    read(operation, reply).map_err(|problem| Error { operation, problem })
}

/// The only response message of an operation that has one, and that it was a success.
///
/// # Errors
///
/// As [`messages`]; when there is not exactly one; and what the message itself says.
pub(super) fn message(operation: Operation, reply: &Reply<'_>) -> Result<Element, Error> {
    only(operation, messages(operation, reply)?)
}

fn within(operation: Operation, mut answer: Element) -> Result<Vec<Element>, Error> {
    let messages = take_child(&mut answer, "ResponseMessages");
    messages.map(|messages| messages.children).ok_or_else(|| missing(operation, "ResponseMessages"))
}

fn only(operation: Operation, messages: Vec<Element>) -> Result<Element, Error> {
    let problem = match <[Element; 1]>::try_from(messages) {
        Ok([message]) => match failure(&message) {
            None => return Ok(message),
            Some(failure) => failure.problem(),
        },
        Err(messages) => Problem::MessageCount { expected: 1, found: messages.len() },
    };
    Err(Error { operation, problem })
}

/// The only response message of what a server sends us unasked.
///
/// # Errors
///
/// When the body is no such thing; and what the message itself says.
pub(super) fn notice(body: &[u8]) -> Result<Element, Error> {
    let operation = Operation::SendNotification;
    let notice = content(body, operation.name()).map_err(|problem| Error { operation, problem })?;
    only(operation, within(operation, notice)?)
}

/// The answer of an operation that is itself the only response message, and that it was a success.
///
/// # Errors
///
/// As [`message`].
pub(super) fn bare_message(operation: Operation, reply: &Reply<'_>) -> Result<Element, Error> {
    only(operation, vec![answer(operation, reply)?])
}

/// What a response message says when it is not a success.
pub(super) fn failure(message: &Element) -> Option<Failure> {
    let code = message.value("ResponseCode").unwrap_or("NoError");
    if code == "NoError" && message.attribute("ResponseClass") != Some("Error") {
        return None;
    }
    Some(Failure::new(code, message.value("MessageText").unwrap_or_default(), message.child("MessageXml")))
}

/// A reply that leaves something out.
pub(super) fn missing(operation: Operation, element: &'static str) -> Error {
    Error { operation, problem: Problem::Missing { element } }
}

fn read(operation: Operation, reply: &Reply<'_>) -> Result<Element, Problem> {
    match reply.status {
        200 => content(reply.body, &format!("{operation}Response")),
        // A fault is an answer; a page of the web server is a failure.
        500 | 503 => content(reply.body, &format!("{operation}Response")).map_err(|problem| match problem {
            Problem::SignInPage
            | Problem::WebPage
            | Problem::Malformed { .. }
            | Problem::Truncated { .. }
            | Problem::Unexpected { .. }
            | Problem::Missing { .. } => server_failure(reply),
            said => said,
        }),
        status => Err(refusal(status, reply)),
    }
}

/// The one element of a body, which has the expected name.
fn content(body: &[u8], expected: &str) -> Result<Element, Problem> {
    let mut envelope = xml::parse(body)?;
    if envelope.name != "Envelope" {
        return Err(unexpected("Envelope", &envelope.name));
    }
    let body = take_child(&mut envelope, "Body").ok_or(Problem::Missing { element: "Body" })?;
    let answer = body.children.into_iter().next().ok_or(Problem::Missing { element: "Body" })?;
    if answer.name == "Fault" {
        return Err(fault(&answer));
    }
    if answer.name != expected {
        return Err(unexpected(expected, &answer.name));
    }
    Ok(answer)
}

/// A SOAP fault (SOAP 1.1 §4.4). Exchange puts the code into its detail, others into `faultcode`; Exchange 2007 sometimes
/// only names the exception that it met.
fn fault(fault: &Element) -> Problem {
    let text = fault.value("faultstring").unwrap_or_default();
    let faultcode = fault.value("faultcode").unwrap_or_default();
    let faultcode = faultcode.rsplit_once(':').map_or(faultcode, |(_, local)| local);
    let detail = fault.child("detail");
    let code = detail.and_then(|detail| detail.descendant("ResponseCode")).map(|code| code.text().trim());
    match code.filter(|code| !code.is_empty()) {
        Some(code) => {
            let message_xml = detail.and_then(|detail| detail.descendant("MessageXml"));
            Failure::new(code, text, message_xml).problem()
        }
        None if faultcode.starts_with("Error") => Failure::new(faultcode, text, None).problem(),
        None if text.contains("AccessDeniedException") => Failure::code("ErrorAccessDenied").problem(),
        None if text.contains("server version is invalid") => {
            Failure::code("ErrorInvalidServerVersion").problem()
        }
        None if faultcode == "Server" => Problem::Transient { found: format!("a fault by the {faultcode}") },
        None => Failure::new("ErrorInvalidRequest", text, None).problem(),
    }
}

/// What a status other than that of an answer asks for.
fn refusal(status: u16, reply: &Reply<'_>) -> Problem {
    match status {
        301 | 302 | 303 | 307 | 308 => redirection(status, reply.header("Location").unwrap_or_default()),
        401 if reply.says("locked out") => Problem::AccountUnusable { reason: Unusable::LockedOut },
        401 => Problem::Unauthorized { offered: reply.schemes() },
        403 => Problem::Forbidden,
        404 | 405 => Problem::WrongPath { status },
        400 if reply.says(PLAIN_HTTP) => Problem::PlainHttp,
        400 | 413 | 414 => Problem::RequestRefused { status },
        429 => Problem::Throttled { status, retry_after: reply.retry_after() },
        407 => Problem::ProxySignIn,
        440 => Problem::SessionEnded,
        456 => Problem::AccountUnusable { reason: Unusable::Policy },
        status => Problem::Transient { found: format!("status {status}") },
    }
}

/// A failure of the web server, or of what it runs: 500 or 503 without a fault.
fn server_failure(reply: &Reply<'_>) -> Problem {
    let status = reply.status;
    if reply.says("server version is invalid") {
        return Failure::code("ErrorInvalidServerVersion").problem();
    }
    if status == 503 {
        return Problem::Throttled { status, retry_after: reply.retry_after() };
    }
    Problem::Transient {
        found: match reply.header("X-CasErrorCode") {
            Some(code) => format!("status {status}, `X-CasErrorCode: {}`", short(code)),
            None => format!("status {status}"),
        },
    }
}

/// Exchange redirects to a page of its own when it stumbles, a proxy to its sign-in page.
fn redirection(status: u16, location: &str) -> Problem {
    let to = without_query(location);
    let path = to.to_ascii_lowercase();
    if path.contains("genericerrorpage") {
        Problem::Transient { found: format!("status {status} to its error page") }
    } else if ["/owa/", "logon", "login", "signin", "/adfs/"].iter().any(|sign| path.contains(sign)) {
        Problem::SignInPage
    } else {
        Problem::Redirected { status, to }
    }
}

fn unexpected(expected: &str, found: &str) -> Problem {
    Problem::Unexpected { expected: expected.to_owned(), found: short(found) }
}

/// A word of the server's, fit for a log.
fn short(word: &str) -> String {
    word.chars().filter(|character| !character.is_control()).take(100).collect()
}

fn take_child(element: &mut Element, name: &str) -> Option<Element> {
    let at = element.children.iter().position(|child| child.name == name)?;
    Some(element.children.swap_remove(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirections_are_told_apart_and_lose_their_query() {
        let elsewhere = |to: &str| Problem::Redirected { status: 302, to: to.to_owned() };
        let stumbled = Problem::Transient { found: "status 302 to its error page".to_owned() };
        for (location, expected) in [
            ("https://a.example.com/owa/auth/logon.aspx?url=x", Problem::SignInPage),
            ("https://login.example.com/common", Problem::SignInPage),
            ("/ews/genericerrorpage.htm?aspxerrorpath=/EWS/Exchange.asmx", stumbled),
            (
                "https://owa.example.com/EWS/Exchange.asmx?a=b#c",
                elsewhere("https://owa.example.com/EWS/Exchange.asmx"),
            ),
            ("", elsewhere("")),
        ] {
            assert_eq!(redirection(302, location), expected, "{location}");
        }
    }

    /// A wrong diagnosis is worse than none: each status has its own sentence, and its own next step where that differs.
    /// What keeps an account out has its own remedy, too: nothing else would lead an administrator to the right place.
    #[test]
    fn whatever_keeps_an_account_out_has_its_own_remedy() {
        let to_forms = ("Location", "https://mail.example.com/owa/auth/logon.aspx");
        let bearer = ("WWW-Authenticate", "Bearer client_id=\"x\"");
        let basic = ("WWW-Authenticate", "Basic realm=\"mail\"");
        let ntlm = ("WWW-Authenticate", "NTLM");
        let server = ("Server", "Microsoft-IIS/10.0");
        let table = [
            (302, to_forms, "", "let `/EWS/Exchange.asmx` through the proxy without forms-based sign-in"),
            (401, server, "", "check the account's name and password, and that the server offers"),
            (401, basic, "", "name or password is wrong: check both"),
            (
                401,
                ntlm,
                "",
                "name or password is wrong: check both, as `DOMAIN\\account` or `account@domain`; where `auth` is",
            ),
            (401, bearer, "", "the server takes tokens only: `auth = \"oauth2\"`"),
            (401, basic, "The account is currently locked out.", "unlock the service account"),
            (403, server, "", "allow Exchange Web Services for the account, the mailbox and this program"),
            (407, server, "", "let this machine through the proxy without a sign-in"),
            (440, server, "", "let `/EWS/Exchange.asmx` through the proxy with the account's own sign-in"),
            (456, server, "", "let the sign-in policies of its tenant"),
            (400, server, "The plain HTTP request was sent to HTTPS port", "write `https://` in `url`"),
        ];
        for (status, (name, value), body, remedy) in table {
            let headers = [(name.to_owned(), value.to_owned())];
            let problem = refusal(status, &Reply { status, headers: &headers, body: body.as_bytes() });
            let error = Error { operation: Operation::GetFolder, problem };
            let told = error.remedy().unwrap_or_default();
            assert!(told.starts_with(remedy), "{status} {body}: {told}");
        }
    }

    #[test]
    fn every_status_that_is_no_answer_is_told_apart() {
        let told: Vec<String> = [301, 401, 403, 404, 407, 413, 429, 440, 456, 502]
            .into_iter()
            .map(|status| refusal(status, &Reply { status, headers: &[], body: b"" }).to_string())
            .collect();
        assert_eq!(
            told,
            [
                "expected an answer, found a redirection (status 301) to ``",
                "expected to be signed in, found status 401, offering no way to sign in",
                "expected permission to use Exchange Web Services, found status 403",
                "expected Exchange Web Services at this path, found status 404",
                "expected an answer from Exchange, found a proxy that wants a sign-in of its own (status 407)",
                "the server did not take the request (status 413)",
                "the server is overloaded (status 429)",
                "expected an answer from Exchange Web Services, found that a sign-in form's session has ended (status 440)",
                "the account cannot sign in: a sign-in policy stops it (status 456)",
                "the server failed for the moment: status 502",
            ]
        );
    }
}
