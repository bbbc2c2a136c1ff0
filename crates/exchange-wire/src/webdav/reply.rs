//! What a status other than 207 means. The SDK's list of status codes, and what clients have met.

use crate::{
    error::{Denied, Problem, Refused},
    http::{Method, PLAIN_HTTP, Reply, without_query},
    page,
};

/// The header by which an Exchange store betrays itself; it tells its build.
pub(super) const STORE: &str = "MS-WebStorage";

/// The store's build as `6.5.7638` or `8.1.10240`, where the reply tells it.
pub(super) fn version(reply: &Reply<'_>) -> Option<String> {
    let numbers: Option<Vec<u32>> =
        reply.header(STORE)?.trim().split('.').map(|one| one.parse().ok()).collect();
    Some(numbers?.iter().map(u32::to_string).collect::<Vec<_>>().join("."))
}

/// What a reply that is no multistatus asks for.
///
/// Status 440 has three meanings: no form was filled in, its session has ended, or this folder is refused. Who sends the
/// requests has filled a form in by the time it is seen here, if forms are what the account signs in by: see
/// [`Session`](super::Session).
pub(super) fn refusal(method: Method, reply: &Reply<'_>) -> Problem {
    let status = reply.status;
    let code = || format!("status {status}");
    let from_store = reply.header(STORE).is_some();
    if let Some(found) = later_exchange(reply) {
        return Problem::WebdavEnded { found };
    }
    match status {
        200 => page::problem(reply.body),
        301 | 302 | 303 | 307 | 308 => redirection(status, reply.header("Location").unwrap_or_default()),
        // a server may let the store refuse a wrong password, so that nothing tells that from a mailbox nobody has opened
        401 if from_store => Problem::MailboxUnauthorized,
        401 => Problem::Unauthorized { offered: reply.schemes() },
        403 => Problem::AccessDenied { denied: Denied::Read, code: code() },
        404 if from_store => Problem::MailboxNotFound { code: code() },
        404 | 405 => Problem::WrongPath { status },
        407 => Problem::ProxySignIn,
        412 => Problem::SubscriptionLost { code: code() },
        400 if reply.says(PLAIN_HTTP) => Problem::PlainHttp,
        400 | 413 | 414 | 415 => Problem::RequestRefused { status },
        422 => Problem::Rejected { code: code(), message: "it does not take this query".to_owned() },
        429 | 503 => Problem::Throttled { status, retry_after: reply.retry_after() },
        440 => Problem::SessionEnded,
        501 if method == Method::Subscribe => {
            Problem::SubscriptionRefused { refused: Refused::NotSupported, code: code() }
        }
        _ => Problem::Transient { found: code() },
    }
}

/// The signs of Exchange 2010 and later, which has no WebDAV: headers of its own, or that `/exchange` leads to its web mail.
fn later_exchange(reply: &Reply<'_>) -> Option<String> {
    if reply.header(STORE).is_some() {
        return None;
    }
    let version = reply.header("X-OWA-Version");
    let major = version.and_then(|version| version.split('.').next()?.trim().parse::<u32>().ok());
    if let Some((version, _)) = version.zip(major.filter(|major| *major >= 14)) {
        return Some(format!("version {}", version.trim()));
    }
    let sign = ["X-FEServer", "X-CalculatedBETarget", "X-DiagInfo"];
    if let Some(sign) = sign.into_iter().find(|sign| reply.header(sign).is_some()) {
        return Some(format!("header `{sign}`"));
    }
    let path = super::url::path_of(reply.header("Location").unwrap_or_default()).unwrap_or_default();
    let is_mail = ["/owa", "/owa/"].contains(&path.to_ascii_lowercase().as_str());
    (is_mail && (300..400).contains(&reply.status) && major.is_none())
        .then(|| "a redirection to `/owa`".to_owned())
}

fn redirection(status: u16, location: &str) -> Problem {
    let to = without_query(location);
    let path = to.to_ascii_lowercase();
    if ["logon", "login", "signin", "cookieauth", "/adfs/"].iter().any(|sign| path.contains(sign)) {
        Problem::SignInPage
    } else {
        Problem::Redirected { status, to }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: u16, header: &str) -> String {
        let headers: Vec<_> =
            header.split_once(": ").into_iter().map(|(n, v)| (n.into(), v.into())).collect();
        refusal(Method::Search, &Reply { status, headers: &headers, body: b"" }).to_string()
    }

    #[test]
    fn each_status_is_told_apart() {
        for (status, header, expected) in [
            (401, "WWW-Authenticate: NTLM", "found status 401, offering `NTLM`"),
            (401, "WWW-Authenticate: NTLM, Basic", "found status 401, offering `NTLM`"),
            (401, "WWW-Authenticate: \u{13}NTLM", "found status 401, offering no way to sign in"),
            (401, "MS-WebStorage: 6.5.7638", "status 401 from its store"),
            (403, "", "may not read this calendar: `status 403`"),
            (404, "MS-WebStorage: 6.5.7638", "no mailbox of this address: `status 404`"),
            (404, "", "at this path, found status 404"),
            (412, "", "the subscription is gone"),
            (422, "", "rejected the request"),
            (440, "", "session has ended"),
            (503, "Retry-After: 5", "overloaded"),
            (500, "", "failed for the moment: status 500"),
            (302, "Location: /CookieAuth.dll?GetLogon", "a page where people sign in"),
            (
                302,
                "Location: https://other/exchange/",
                "a redirection (status 302) to `https://other/exchange/`",
            ),
        ] {
            assert!(told(status, header).contains(expected), "{status} {header}: {}", told(status, header));
        }
    }

    #[test]
    fn later_versions_betray_themselves() {
        for (status, header, found) in [
            (302, "Location: https://mail/owa/", "a redirection to `/owa`"),
            (404, "X-OWA-Version: 14.3.123.4", "version 14.3.123.4"),
            (401, "X-FEServer: CAS1", "header `X-FEServer`"),
        ] {
            let expected = format!("WebDAV ended with Exchange 2007, found a later one by its {found}");
            assert_eq!(told(status, header), expected);
        }
        assert_eq!(told(404, "X-OWA-Version: 8.1.240.5"), told(404, ""));
    }

    #[test]
    fn a_build_is_told_without_its_zeros() {
        let headers = [("ms-webstorage".to_owned(), "08.01.10240".to_owned())];
        let reply = Reply { status: 207, headers: &headers, body: b"" };
        assert_eq!(version(&reply).as_deref(), Some("8.1.10240"));
    }
}
